package sshsig

import "strings"

// matchList reports whether a word fits a list of patterns with commas between, as OpenSSH matches them: one pattern
// must fit, and none that begins with an exclamation mark may.
func matchList(list, word string) bool {
	fits := false
	for pattern := range strings.SplitSeq(list, ",") {
		pattern, negated := strings.CutPrefix(pattern, "!")
		if !match(pattern, word) {
			continue
		}
		if negated {
			return false
		}
		fits = true
	}
	return fits
}

// match knows * for any text and ? for one byte. It goes back to the last star only, so that its work is bounded by the
// product of the lengths.
func match(pattern, word string) bool {
	p, w, star, from := 0, 0, -1, 0
	for w < len(word) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, w
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == word[w]):
			p++
			w++
		case star >= 0:
			from++
			p, w = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
