// Package escape makes text that came from a target safe for the place where it is shown (docs/architecture.md,
// "Assay is itself a target"): terminals, Markdown, logs of CI systems, XML, JSON, URIs. Paths, messages, branch
// and author names, commit summaries and code frames are all such text.
//
// It promises that no function fails, that what a reader could not see becomes visible as \u{…} (and a byte that is
// not UTF-8 as \x{…}), and that each function's result cannot be taken for syntax where it is meant to go. HTML is left
// to html/template, which gets its text through Terminal.
package escape
