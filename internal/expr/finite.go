package expr

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/assaysec/assay/internal/litscan"
)

const (
	maxStrings = 64 // in a set of literals
	maxLiteral = 24 // bytes; longer ones are no rarer in practice
	maxClass   = 12 // characters of a class that is written out
)

// finite returns the texts that a tree matches, as literals, if they are few and short, and nil if not. Assertions
// count as empty: the literals are then more than what matches, which costs time and loses nothing. So does a mixture
// of folding and other letters, which becomes a literal that folds.
//
// Folding in RE2 is Unicode's and in litscan ASCII's: under (?i) a 'k' is also matched by the Kelvin sign and an 's' by
// the long s. Such other forms become literals of their own.
func finite(re *syntax.Regexp) (set []litscan.Literal, ok bool) {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return []litscan.Literal{{}}, true
	case syntax.OpLiteral:
		set, ok = []litscan.Literal{{}}, true
		for _, r := range re.Rune {
			if set, ok = product(set, runeForms(r, re.Flags)); !ok {
				return nil, false
			}
		}
		return set, true
	case syntax.OpCharClass:
		return classForms(re.Rune)
	case syntax.OpConcat:
		set, ok = []litscan.Literal{{}}, true
		for _, sub := range re.Sub {
			if set, ok = productOf(set, sub); !ok {
				return nil, false
			}
		}
		return set, true
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			more, ok := finite(sub)
			if set = union(set, more); !ok || len(set) > maxStrings {
				return nil, false
			}
		}
		return set, true
	case syntax.OpQuest:
		if set, ok = finite(re.Sub[0]); !ok || len(set) == maxStrings {
			return nil, false
		}
		return union(set, []litscan.Literal{{}}), true
	case syntax.OpRepeat:
		return repeated(re)
	}
	return nil, false
}

func repeated(re *syntax.Regexp) (set []litscan.Literal, ok bool) {
	if re.Max < 0 || re.Max > maxLiteral {
		return nil, false
	}
	power := []litscan.Literal{{}}
	for i := 0; ; i++ {
		if i >= re.Min {
			set = union(set, power)
		}
		if len(set) > maxStrings {
			return nil, false
		}
		if i == re.Max {
			return set, true
		}
		if power, ok = productOf(power, re.Sub[0]); !ok {
			return nil, false
		}
	}
}

func productOf(set []litscan.Literal, re *syntax.Regexp) ([]litscan.Literal, bool) {
	more, ok := finite(re)
	if !ok {
		return nil, false
	}
	return product(set, more)
}

// product returns every text of a followed by every text of b.
func product(a, b []litscan.Literal) ([]litscan.Literal, bool) {
	if n := len(a) * len(b); n == 0 || n > maxStrings {
		return nil, false
	}
	set := make([]litscan.Literal, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			l := litscan.Literal{Text: x.Text + y.Text, Fold: x.Fold || y.Fold}
			if len(l.Text) > maxLiteral {
				return nil, false
			}
			set = append(set, l)
		}
	}
	return set, true
}

func union(a, b []litscan.Literal) []litscan.Literal {
	for _, l := range b {
		if !slices.Contains(a, l) {
			a = append(a, l)
		}
	}
	return a
}

// runeForms returns the ways in which a rune of a literal may be written.
func runeForms(r rune, flags syntax.Flags) []litscan.Literal {
	if flags&syntax.FoldCase == 0 {
		return forms([]rune{r})
	}
	orbit := []rune{r}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		orbit = append(orbit, f)
	}
	return forms(orbit)
}

func classForms(ranges []rune) ([]litscan.Literal, bool) {
	var runes []rune
	for i := 0; i < len(ranges); i += 2 {
		if int(ranges[i+1]-ranges[i])+len(runes) >= 2*maxClass {
			return nil, false
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			runes = append(runes, r)
		}
	}
	if set := forms(runes); len(set) > 0 && len(set) <= maxClass {
		return set, true
	}
	return nil, false
}

// forms makes literals of runes; the two cases of an ASCII letter together are one that folds. A rune without an
// encoding, or U+FFFD, which also stands for invalid bytes, has no literal, and then nothing has.
func forms(runes []rune) []litscan.Literal {
	var set []litscan.Literal
	for _, r := range runes {
		if r == utf8.RuneError || !utf8.ValidRune(r) {
			return nil
		}
		if other := r ^ 0x20; r < utf8.RuneSelf && unicode.IsLetter(r) && slices.Contains(runes, other) {
			if r > other { // lower case
				set = append(set, litscan.Literal{Text: string(r), Fold: true})
			}
			continue
		}
		set = append(set, litscan.Literal{Text: string(r)})
	}
	return set
}
