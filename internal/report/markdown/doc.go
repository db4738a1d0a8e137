// Package markdown owns the report "markdown": a comment on a pull request. The verdict first, then what must stop with
// its code, then what warns and what is held back, folded, then what was looked at. Its first line is a hidden marker, by
// which a later run finds its own comment and replaces it.
//
// It promises that text from the target makes no link, image, mention, reference or markup, and that the comment is never
// longer than MaxSize; what does not fit is counted.
package markdown
