package profile

import (
	"strings"
	"unicode/utf8"
)

// A pattern is a path pattern cut into its elements. "*" and "?" stay within an element; an element "**" stands for
// any number of elements, none included.
type pattern struct {
	elements []string
	below    bool // what lies below a match matches too
	atLeast  bool // and only what lies below does: the pattern ended in a slash
	syntax   syntax
}

// A syntax is what a pattern may hold beside "*" and "?".
type syntax struct {
	escapes bool // a backslash takes the next character as it is
	ranges  bool // "[a-z]" is one character of the range, "[!a-z]" one that is not
}

const globstar = "**"

// compilePath reads a pattern of .assay.yaml: always from the root; a folder stands for all that is in it.
func compilePath(p string) pattern {
	p = strings.Trim(strings.TrimPrefix(p, "./"), "/")
	if p == "" || p == "." {
		return pattern{elements: []string{globstar}}
	}
	return pattern{elements: split(p), below: true}
}

// literalLength counts the characters of p before its first wildcard.
func literalLength(p string) int {
	p = strings.Trim(strings.TrimPrefix(p, "./"), "/")
	if i := strings.IndexAny(p, "*?"); i >= 0 {
		return i
	}
	return len(p)
}

func split(p string) []string {
	var elements []string
	for e := range strings.SplitSeq(p, "/") {
		if e == globstar && len(elements) > 0 && elements[len(elements)-1] == globstar {
			continue // two in a row say no more than one, and cost twice
		}
		elements = append(elements, e)
	}
	return elements
}

// match reports whether the pattern takes in a path, given as its names. The work is at most the product of the two
// lengths, whatever the pattern, and for most far less.
func (p *pattern) match(names []string) bool {
	elements := p.elements
	for len(elements) > 0 && elements[0] != globstar {
		if len(names) == 0 || !matchElement(elements[0], names[0], p.syntax) {
			return false // which is how most patterns end
		}
		elements, names = elements[1:], names[1:]
	}
	switch {
	case len(elements) == 0:
		return p.takes(len(names))
	case len(elements) == 2 && elements[1] != globstar: // something at any depth
		for i, name := range names {
			if matchElement(elements[1], name, p.syntax) && p.takes(len(names)-i-1) {
				return true
			}
		}
		return false
	}
	return p.matchDeep(elements, names)
}

// takes reports whether the pattern takes in a path of which it has matched all but so many names at the end.
func (p *pattern) takes(left int) bool {
	if left == 0 {
		return !p.atLeast
	}
	return p.below
}

// matchDeep fills one row of a table for each element of the pattern.
func (p *pattern) matchDeep(elements, names []string) bool {
	var a, b [32]bool                                     // for most paths; append grows them for the others
	reach := append(a[:0], make([]bool, len(names)+1)...) // reach[i]: the elements so far can use up names[:i]
	next := append(b[:0], make([]bool, len(names)+1)...)
	reach[0] = true
	for _, e := range elements {
		clear(next)
		alive := false
		for i, ok := range reach {
			switch {
			case e == globstar && (ok || i > 0 && next[i-1]):
				next[i], alive = true, true
			case e != globstar && ok && i < len(names) && matchElement(e, names[i], p.syntax):
				next[i+1], alive = true, true
			}
		}
		if !alive {
			return false
		}
		reach, next = next, reach
	}
	for i, ok := range reach {
		if ok && p.takes(len(names)-i) {
			return true
		}
	}
	return false
}

// matchElement matches one element against one name. It goes back only to the last "*", which is enough for patterns
// without alternatives and keeps the work bounded by the product of the lengths.
func matchElement(e, name string, s syntax) bool {
	ei, ni := 0, 0
	star, mark := -1, 0
	for ni < len(name) {
		if ei < len(e) && e[ei] == '*' {
			star, mark = ei, ni
			ei++
			continue
		}
		if de, dn := matchOne(e[ei:], name[ni:], s); dn > 0 {
			ei, ni = ei+de, ni+dn
			continue
		}
		if star < 0 {
			return false
		}
		mark++
		ei, ni = star+1, mark
	}
	return strings.Trim(e[ei:], "*") == ""
}

// matchOne matches what an element begins with against the first character of a name, and gives the lengths of both;
// zero where they do not match.
func matchOne(e, name string, s syntax) (de, dn int) {
	switch {
	case e == "":
	case e[0] == '?':
		return 1, runeLength(name)
	case e[0] == '[' && s.ranges:
		return matchRange(e, name)
	case e[0] == '\\' && s.escapes:
		if len(e) > 1 && e[1] == name[0] {
			return 2, 1
		}
	case e[0] == name[0]:
		return 1, 1
	}
	return 0, 0
}

// matchRange matches "[…]". One that is not closed matches nothing.
func matchRange(e, name string) (de, dn int) {
	c, width := utf8.DecodeRuneInString(name)
	i, found := 1, false
	negated := len(e) > 1 && (e[1] == '!' || e[1] == '^')
	if negated {
		i++
	}
	for i < len(e) {
		if e[i] == ']' {
			if found == negated {
				return 0, 0
			}
			return i + 1, width
		}
		low, n := member(e[i:])
		i += n
		high := low
		if strings.HasPrefix(e[i:], "-") && !strings.HasPrefix(e[i:], "-]") {
			high, n = member(e[i+1:])
			i += 1 + n
		}
		found = found || low <= c && c <= high
	}
	return 0, 0
}

// member reads one character of a range, behind a backslash or not.
func member(e string) (c rune, length int) {
	escape := 0
	if len(e) > 1 && e[0] == '\\' {
		escape = 1
	}
	c, n := utf8.DecodeRuneInString(e[escape:])
	return c, escape + n
}

func runeLength(s string) int {
	_, n := utf8.DecodeRuneInString(s)
	return n
}
