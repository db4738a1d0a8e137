package secret

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/assaysec/assay/internal/litscan"
)

// maxCased bounds how many letters of a keyword that are not ASCII are looked for in either case. What follows the last
// of them is left out, which wakes a rule too often rather than too seldom.
const maxCased = 4

// keywordLiterals are the literals of which each occurrence of a keyword, in any case, holds one. litscan folds ASCII
// letters and no others, so other letters are spelt out in all their cases.
func keywordLiterals(keyword string) []litscan.Literal {
	if isASCII(keyword) {
		if keyword == "" { // matches nowhere, in gitleaks as well
			return nil
		}
		return []litscan.Literal{{Text: keyword[:min(len(keyword), litscan.MaxLen-utf8.UTFMax+1)], Fold: true}}
	}
	spelt, cased := []string{""}, 0
	for _, r := range keyword {
		forms := lowerForms(r)
		if len(forms) > 1 {
			if cased++; cased > maxCased {
				break
			}
		}
		if len(spelt[0])+utf8.UTFMax > litscan.MaxLen {
			break
		}
		var longer []string
		for _, s := range spelt {
			for _, f := range forms {
				longer = append(longer, s+string(f))
			}
		}
		spelt = longer
	}
	out := make([]litscan.Literal, len(spelt))
	for i, s := range spelt {
		out[i] = litscan.Literal{Text: s, Fold: true}
	}
	return out
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// lowerForms are the letters whose lower case is r. ASCII letters stand for themselves.
func lowerForms(r rune) []rune {
	if r < utf8.RuneSelf {
		return []rune{r}
	}
	forms := []rune{r}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		if unicode.ToLower(f) == r && f >= utf8.RuneSelf {
			forms = append(forms, f)
		}
	}
	return forms
}

// calls reports whether one of a rule's keywords stands in a text.
func (r *rule) calls(text []byte) bool {
	if len(r.keywords) == 0 {
		return true
	}
	lower := strings.ToLower(string(text))
	return slices.ContainsFunc(r.keywords, func(k string) bool { return k != "" && strings.Contains(lower, k) })
}

// lowerASCII folds what litscan folds, and no other letters.
func lowerASCII(s string) string {
	var b []byte
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			if b == nil {
				b = []byte(s)
			}
			b[i] += 'a' - 'A'
		}
	}
	if b == nil {
		return s
	}
	return string(b)
}
