package secret

import "strings"

// wordShare is the part of a value's letters and digits that words must cover for it to be no random token.
const wordShare = 0.5

// partShare is the part of a long part between separators that they must cover as well.
const partShare = 0.3

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
	return w != nil && (w.covers(s) || w.covers(leet.Replace(strings.ToLower(s))))
}

// leet undoes the digits and marks that stand for letters in thought-up passwords.
var leet = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

func (w *wordList) covers(s string) bool {
	return w.cover(s) >= wordShare && everyPart(s, func(part string) bool { return w.cover(part) >= partShare })
}

// cover returns the share of the letters and digits of s that lie in words, choosing the words so that it is greatest.
// A word is written in one case, or with a capital first: "Token" and "TOKEN" count, "tOkEn" is taken for chance.
func (w *wordList) cover(s string) float64 {
	lower := strings.ToLower(s)
	if len(lower) != len(s) {
		return 0 // outside ASCII, where folding moves offsets
	}
	best := make([]int, len(s)+1) // by end: letters covered up to there
	total := 0
	for i := range len(s) {
		best[i+1] = max(best[i+1], best[i])
		if !isAlnum(s[i]) {
			continue
		}
		total++
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
