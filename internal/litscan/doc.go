// Package litscan finds thousands of literals in one pass over bytes.
//
// Engines declare the literals their rules cannot do without; one Set holds those of all engines, and Append answers where
// each of them stands (design.md §7). The package owns the search and the estimate of how often a literal occurs in
// source text. It promises that every occurrence is reported, overlapping ones included, in order of position, up to a
// limit where the caller sets one; that folding is ASCII folding of letters and nothing else; and that time is linear in
// the text but for the hits themselves.
// It knows nothing of rules, files or windows: callers cut long texts and carry the overlap.
//
// How it works: of each literal a probe of three bytes is chosen, the one least common in source text. The text's
// three-byte windows, coarsely folded, are hashed into a bitmap that fits the first-level cache. Most windows end
// there. The few that remain look up a bucket of literals with that hash, which are compared exactly. On amd64 a filter
// that looks at 64 windows in one step stands in front of the bitmap; it only ever spares work, and the build tag
// purego leaves it out.
package litscan
