// Package wildcard matches patterns whose stars stand for any run of what is matched: bytes and characters of a word, or
// the parts of a path. What a star looks like and what else a pattern may hold is the caller's, since tools differ.
package wildcard

// Match reports whether all of text fits the pattern, member by member; a member of the pattern that is star fits any run
// of members, none included. It goes back to the last star only, since an earlier one could not match more, so its work is
// bounded by the product of the lengths.
func Match[T comparable](pattern, text []T, star T, fits func(pattern, member T) bool) bool {
	p, n, last, from := 0, 0, -1, 0
	for n < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == star:
			last, from = p, n
			p++
		case p < len(pattern) && fits(pattern[p], text[n]):
			p++
			n++
		case last >= 0:
			from++
			p, n = last+1, from
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == star {
		p++
	}
	return p == len(pattern)
}
