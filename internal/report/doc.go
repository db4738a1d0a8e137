// Package report owns the document that every report format is made from, and what the formats share: the order of
// findings by risk, their groups by what a reader has to do, counts by level, and the list of what was not checked. Each
// format is a package of its own below this one: a plain function from a Document to bytes, without a look at disk,
// clock or network, so that the same document gives the same bytes.
//
// It promises that a gap in coverage is found here once, so that no format can take it for clean (Gaps), and that text
// from a target is escaped by each format for where it goes (package escape). It judges nothing: decisions are those of
// the verdict in the document.
package report
