package expr

import (
	"regexp/syntax"
	"unicode"
	"unicode/utf8"
)

// unbounded stands for a length without limit.
const unbounded = -1

// plain returns the tree without its groups, as far as sequences, alternatives and repetitions reach.
func plain(re *syntax.Regexp) *syntax.Regexp {
	if re.Op == syntax.OpCapture {
		return plain(re.Sub[0])
	}
	return withSubs(re, plain)
}

// withSubs returns re with f applied to its parts; re itself stays as it is.
func withSubs(re *syntax.Regexp, f func(*syntax.Regexp) *syntax.Regexp) *syntax.Regexp {
	if len(re.Sub) == 0 {
		return re
	}
	c := *re
	c.Sub = make([]*syntax.Regexp, len(re.Sub))
	for i, sub := range re.Sub {
		c.Sub[i] = f(sub)
	}
	return &c
}

// reversed returns the tree that matches the same texts read backward. Groups are dropped.
func reversed(re *syntax.Regexp) *syntax.Regexp {
	switch re.Op {
	case syntax.OpCapture:
		return reversed(re.Sub[0])
	case syntax.OpBeginText:
		return &syntax.Regexp{Op: syntax.OpEndText}
	case syntax.OpEndText:
		return &syntax.Regexp{Op: syntax.OpBeginText}
	case syntax.OpBeginLine:
		return &syntax.Regexp{Op: syntax.OpEndLine}
	case syntax.OpEndLine:
		return &syntax.Regexp{Op: syntax.OpBeginLine}
	case syntax.OpLiteral:
		c := *re
		c.Rune = make([]rune, len(re.Rune))
		for i, r := range re.Rune {
			c.Rune[len(re.Rune)-1-i] = r
		}
		return &c
	case syntax.OpConcat:
		c := *re
		c.Sub = make([]*syntax.Regexp, len(re.Sub))
		for i, sub := range re.Sub {
			c.Sub[len(re.Sub)-1-i] = reversed(sub)
		}
		return &c
	}
	return withSubs(re, reversed)
}

// sequence joins trees. Literals of one kind that follow each other become one.
func sequence(parts ...*syntax.Regexp) *syntax.Regexp {
	var subs []*syntax.Regexp
	for _, part := range parts {
		if part.Op == syntax.OpEmptyMatch {
			continue
		}
		if part.Op == syntax.OpConcat {
			subs = append(subs, part.Sub...)
			continue
		}
		subs = append(subs, part)
	}
	switch len(subs) {
	case 0:
		return &syntax.Regexp{Op: syntax.OpEmptyMatch}
	case 1:
		return subs[0]
	}
	return &syntax.Regexp{Op: syntax.OpConcat, Sub: subs}
}

func alternatives(subs ...*syntax.Regexp) *syntax.Regexp {
	if len(subs) == 1 {
		return subs[0]
	}
	return &syntax.Regexp{Op: syntax.OpAlternate, Sub: subs}
}

// elements cuts a tree without groups into what follows each other, literals into single runes.
func elements(re *syntax.Regexp) []*syntax.Regexp {
	switch re.Op {
	case syntax.OpConcat:
		var all []*syntax.Regexp
		for _, sub := range re.Sub {
			all = append(all, elements(sub)...)
		}
		return all
	case syntax.OpLiteral:
		all := make([]*syntax.Regexp, len(re.Rune))
		for i := range re.Rune {
			c := *re
			c.Rune = re.Rune[i : i+1]
			all[i] = &c
		}
		return all
	}
	return []*syntax.Regexp{re}
}

// maxLength returns how many bytes a match has at most, or unbounded. A rune that has no encoding is matched by no text
// or, U+FFFD, by a single byte.
func maxLength(re *syntax.Regexp) int {
	return longest(re, func(r rune) int { return max(1, utf8.RuneLen(r)) })
}

// maxCharacters returns how many characters a match has at most, or unbounded.
func maxCharacters(re *syntax.Regexp) int {
	return longest(re, func(rune) int { return 1 })
}

func longest(re *syntax.Regexp, width func(rune) int) int {
	switch re.Op {
	case syntax.OpLiteral:
		n := 0
		for _, r := range re.Rune {
			n += widest(r, re.Flags, width)
		}
		return n
	case syntax.OpCharClass:
		if len(re.Rune) == 0 {
			return 0
		}
		return width(re.Rune[len(re.Rune)-1])
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return width(utf8.MaxRune)
	case syntax.OpStar, syntax.OpPlus:
		return times(longest(re.Sub[0], width), -1)
	case syntax.OpRepeat:
		return times(longest(re.Sub[0], width), re.Max)
	case syntax.OpConcat:
		n := 0
		for _, sub := range re.Sub {
			n = plus(n, longest(sub, width))
		}
		return n
	case syntax.OpAlternate, syntax.OpCapture, syntax.OpQuest:
		n := 0
		for _, sub := range re.Sub {
			n = larger(n, longest(sub, width))
		}
		return n
	}
	return 0
}

// widest is the width of the widest rune that a rune of a literal stands for.
func widest(r rune, flags syntax.Flags, width func(rune) int) int {
	n := width(r)
	if flags&syntax.FoldCase != 0 {
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			n = max(n, width(f))
		}
	}
	return n
}

func plus(a, b int) int {
	if a == unbounded || b == unbounded {
		return unbounded
	}
	return a + b
}

func larger(a, b int) int {
	if a == unbounded || b == unbounded {
		return unbounded
	}
	return max(a, b)
}

// times multiplies a length; more is negative for any number of times.
func times(n, more int) int {
	if n == 0 {
		return 0
	}
	if n == unbounded || more < 0 {
		return unbounded
	}
	return n * more
}

// size estimates how many instructions the program of a tree will have, and stops counting at limit.
func size(re *syntax.Regexp, limit int) int {
	n := 1
	if re.Op == syntax.OpLiteral {
		n = len(re.Rune)
	}
	for _, sub := range re.Sub {
		n += size(sub, limit)
		if n > limit {
			return limit + 1
		}
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Max, re.Min+1, 1)
	}
	return min(n, limit+1)
}

// fewCounts is up to which number repetitions are counted by a relaxed tree.
const fewCounts = 12

// relaxed returns a tree that matches at least what re does and needs few states: repetitions with high numbers lose
// their upper limit. Counting is what makes an automaton large when a repetition overlaps with what follows it.
func relaxed(re *syntax.Regexp) *syntax.Regexp {
	re = withSubs(re, relaxed)
	if re.Op != syntax.OpRepeat || re.Max >= 0 && re.Max <= fewCounts {
		return re
	}
	c := *re
	c.Min, c.Max = min(c.Min, fewCounts), -1
	return &c
}
