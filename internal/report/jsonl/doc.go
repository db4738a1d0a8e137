// Package jsonl owns the report "jsonl", for tools that read line by line: a header, a line for each finding, a line for
// each coverage record, and the verdict as the last line, so that a file that was cut short shows that it was. Each line
// is an object whose "type" says what it is; the other fields are those of the report "json".
package jsonl
