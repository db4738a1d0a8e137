package sshsig

import (
	"strings"

	"github.com/assaysec/assay/internal/wildcard"
)

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

// match knows * for any text and ? for one byte.
func match(pattern, word string) bool {
	return wildcard.Match([]byte(pattern), []byte(word), '*', func(p, b byte) bool { return p == '?' || p == b })
}
