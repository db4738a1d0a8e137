package secret

import (
	"slices"
	"strings"
)

// wordShare is the part of a value's letters and digits that words must cover for it to be no random token.
const wordShare = 0.5

// partShare is the part of a long part between separators that they must cover as well.
const partShare = 0.3

// wordShareBesideRuns is the part that they must cover where runs such as 123 make up the rest of wordShare.
const wordShareBesideRuns = 0.25

const (
	shortWord = 3 // counts only where it fills a part of a name
	longWord  = 12
)

// A wordList tells how much of a value is made of words. A nil one knows none.
type wordList struct{ set map[string]bool }

func newWordList(text string) *wordList {
	all := strings.Fields(text)
	if len(all) == 0 {
		return nil
	}
	w := &wordList{set: make(map[string]bool, len(all))}
	for _, word := range all {
		w.set[word] = true
	}
	return w
}

// tells reports whether words cover so much of a value that it is no random token.
func (w *wordList) tells(s string) bool {
	return w != nil && (w.covers(s) || w.covers(leet.Replace(strings.ToLower(s))) || w.covers(reversed(s)))
}

// reversed turns what somebody wrote backwards, in small letters: a capital would end a word, not begin it.
func reversed(s string) string {
	b := []byte(strings.ToLower(s))
	slices.Reverse(b)
	return string(b)
}

// leet undoes the digits and marks that stand for letters in thought-up passwords.
var leet = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

// spelt is a thought-up password as its words are spelt: without the year and the marks behind them that rules for
// passwords ask for, and with letters for the digits that stand for them. It is empty where no year stands there.
func spelt(s string) string {
	word := strings.TrimRight(s, "!@#$%&*.?")
	cut := len(word) - len("2000")
	if cut < shortWord || word[cut:cut+2] != "20" && word[cut:cut+2] != "19" || strings.Trim(word[cut:], "0123456789") != "" {
		return ""
	}
	return leet.Replace(word[:cut])
}

func (w *wordList) covers(s string) bool {
	share := w.cover(s, false)
	if share >= wordShareBesideRuns {
		share = w.cover(s, true)
	}
	return share >= wordShare && everyPart(s, func(part string) bool { return w.cover(part, true) >= partShare })
}

// cover returns the share of the letters and digits of s that lie in words, choosing the words so that it is greatest.
// A word is written in one case, or with a capital first: "Token" and "TOKEN" count, "tOkEn" is taken for chance. Runs
// such as 123 count as words if asked for.
func (w *wordList) cover(s string, withRuns bool) float64 {
	lower := strings.ToLower(s)
	if len(lower) != len(s) {
		return 0 // outside ASCII, where folding moves offsets
	}
	best := make([]int, len(s)+1) // by end: letters covered up to there
	total := 0
	runs := make([]bool, len(s))
	if withRuns {
		markRuns(runs, lower, 1, shortRunLength)
	}
	for i := range len(s) {
		best[i+1] = max(best[i+1], best[i])
		if !isAlnum(s[i]) {
			continue
		}
		total++
		if runs[i] {
			best[i+1] = max(best[i+1], best[i]+1)
		}
		for n := shortWord; n <= longWord && i+n <= len(s) && oneCase(s[i:i+n]); n++ {
			if w.set[lower[i:i+n]] && (n > shortWord || isPart(s, i, i+n)) {
				best[i+n] = max(best[i+n], best[i]+n)
			}
		}
	}
	if total == 0 {
		return 0
	}
	return float64(best[len(s)]) / float64(total)
}

// oneCase reports whether s is letters of one case, or a capital and small letters.
func oneCase(s string) bool {
	last := s[len(s)-1]
	if !isLower(last) && !isUpper(last) || !isLower(s[0]) && !isUpper(s[0]) {
		return false
	}
	for i := 1; i < len(s); i++ {
		if isLower(s[i]) != isLower(last) || isUpper(s[i]) != isUpper(last) {
			return false
		}
	}
	return isLower(last) || isUpper(s[0])
}

// isPart reports whether s[from:to] fills a part of a name: what stands beside it is no letter, or begins the next part.
func isPart(s string, from, to int) bool {
	before := from == 0 || !isLetter(s[from-1]) || isLower(s[from-1]) && isUpper(s[from])
	after := to == len(s) || !isLetter(s[to]) || isLower(s[to-1]) && isUpper(s[to])
	return before && after
}

func isLower(c byte) bool  { return 'a' <= c && c <= 'z' }
func isUpper(c byte) bool  { return 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return isLower(c) || isUpper(c) }
func isAlnum(c byte) bool  { return isLetter(c) || isDigit(c) }
