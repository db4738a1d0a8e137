// Package html owns the report "html": one file that needs no network and no server. It opens with the verdict and
// pictures of it (risk by area, new and old, what is overdue, what was checked), then a table of findings that can be
// filtered and opened. It works without its script, with a keyboard, in the dark and on paper.
//
// It promises that nothing in it comes from elsewhere and that text from the target stays text: html/template escapes it,
// and a content security policy allows no script but the one whose hash it holds.
package html
