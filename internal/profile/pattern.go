package profile

import "strings"

// A pattern is a path pattern cut into its elements. "*" and "?" stay within an element; an element "**" stands for
// any number of elements, none included.
type pattern struct {
	elements []string
	below    bool // what lies below a match matches too
	atLeast  bool // and only what lies below does: the pattern ended in a slash
	escapes  bool // a backslash takes the next character as it is
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

// match reports whether the pattern takes in a path, given as its names. It fills one row of a table for each element of
// the pattern, so the work is the product of the two lengths whatever the pattern.
func (p *pattern) match(names []string) bool {
	if len(p.elements) > 0 && p.elements[0] != globstar && !matchElement(p.elements[0], names[0], p.escapes) {
		return false // which is how most patterns end
	}
	var a, b [32]bool                                     // for most paths; append grows them for the others
	reach := append(a[:0], make([]bool, len(names)+1)...) // reach[i]: the elements so far can use up names[:i]
	next := append(b[:0], make([]bool, len(names)+1)...)
	reach[0] = true
	for _, e := range p.elements {
		clear(next)
		alive := false
		for i, ok := range reach {
			switch {
			case e == globstar && (ok || i > 0 && next[i-1]):
				next[i], alive = true, true
			case e != globstar && ok && i < len(names) && matchElement(e, names[i], p.escapes):
				next[i+1], alive = true, true
			}
		}
		if !alive {
			return false
		}
		reach, next = next, reach
	}
	if reach[len(names)] && !p.atLeast {
		return true
	}
	if !p.below {
		return false
	}
	for _, ok := range reach[:len(names)] {
		if ok {
			return true
		}
	}
	return false
}

// matchElement matches one element against one name. It goes back only to the last "*", which is enough for patterns
// without alternatives and keeps the work bounded by the product of the lengths.
func matchElement(e, name string, escapes bool) bool {
	ei, ni := 0, 0
	star, mark := -1, 0
	for ni < len(name) {
		switch {
		case ei < len(e) && e[ei] == '*':
			star, mark = ei, ni
			ei++
		case ei < len(e) && e[ei] == '?':
			ei++
			ni += runeLength(name[ni:])
		case ei < len(e) && escapes && e[ei] == '\\' && ei+1 < len(e) && e[ei+1] == name[ni]:
			ei += 2
			ni++
		case ei < len(e) && (!escapes || e[ei] != '\\') && e[ei] == name[ni]:
			ei++
			ni++
		case star >= 0:
			mark++
			ei, ni = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(e[ei:], "*") == ""
}

func runeLength(s string) int {
	for i := range s {
		if i > 0 {
			return i
		}
	}
	return len(s)
}
