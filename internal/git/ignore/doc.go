// Package ignore decides whether a path is left out by gitignore(5) patterns.
//
// It owns the pattern language: negation, anchoring, "**", directory-only patterns, escapes, trailing spaces and
// character classes, with the same answers that git check-ignore gives. A [Matcher] grows level by level with the
// caller's walk, so one instance per folder is enough and a folder without ignore files costs nothing.
//
// It promises bounded work on hostile patterns: a match takes time proportional to the length of the pattern times
// the length of the path, there is no regular expression and no recursion over input.
//
// It opens no file. Which files hold patterns (.gitignore, .git/info/exclude, a tool's own), how much of them is read
// and not descending into an ignored folder are the caller's affair.
package ignore
