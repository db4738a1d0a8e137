// Package comment owns what a pull or merge request is told, in one comment for somebody who has little time: the verdict,
// what must be done, which exceptions end when, what was not checked, and how to see the same at home. The job summary of
// GitHub is the same text, longer. The report "markdown" holds more of each finding, for whoever asks for it.
//
// It promises that text from the target makes no link, image, mention, reference, markup or quick action, that a link leads
// only below the address that the caller knows, and that the comment is never longer than its limit; what does not fit is
// counted. Its first line is a hidden marker, by which a later run finds it. Who sends it is package forge's.
package comment
