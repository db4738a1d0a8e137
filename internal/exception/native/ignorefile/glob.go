package ignorefile

import (
	"errors"
	"path"
	"strings"

	"github.com/assaysec/assay/internal/wildcard"
)

// A glob is a pattern of slash-separated paths: *, ? and [a-z] within an element, ** for any number of elements, {a,b} for
// alternatives.
type glob [][]string // alternatives, each in elements

const maxAlternatives = 64

var errPattern = errors.New("not a pattern of paths")

func parseGlob(pattern string) (glob, error) {
	list, err := expand(strings.TrimPrefix(pattern, "./"), nil)
	if err != nil {
		return nil, err
	}
	g := make(glob, len(list))
	for i, p := range list {
		g[i] = strings.Split(p, "/")
		for _, element := range g[i] {
			if _, err := path.Match(element, ""); err != nil {
				return nil, errPattern
			}
		}
	}
	return g, nil
}

// expand writes out alternatives, one within another too.
func expand(pattern string, done []string) ([]string, error) {
	work := []string{pattern}
	for len(work) > 0 {
		p := work[len(work)-1]
		work = work[:len(work)-1]
		open := strings.IndexByte(p, '{')
		if open < 0 {
			if done = append(done, p); len(done) > maxAlternatives {
				return nil, errPattern
			}
			continue
		}
		parts, rest, ok := alternatives(p[open+1:])
		if !ok || len(work)+len(parts) > maxAlternatives || len(p) > maxText {
			return nil, errPattern
		}
		for _, part := range parts {
			work = append(work, p[:open]+part+rest)
		}
	}
	return done, nil
}

// alternatives splits what follows an opening brace at the commas of its own level.
func alternatives(s string) (parts []string, rest string, ok bool) {
	depth, from := 0, 0
	for i := range len(s) {
		switch {
		case s[i] == '{':
			depth++
		case s[i] == ',' && depth == 0:
			parts = append(parts, s[from:i])
			from = i + 1
		case s[i] == '}' && depth == 0:
			return append(parts, s[from:i]), s[i+1:], true
		case s[i] == '}':
			depth--
		}
	}
	return nil, "", false
}

func (g glob) match(name string) bool {
	elements := strings.Split(strings.TrimPrefix(name, "./"), "/")
	for _, pattern := range g {
		if wildcard.Match(pattern, elements, "**", matchOne) {
			return true
		}
	}
	return false
}

func matchOne(pattern, element string) bool {
	ok, err := path.Match(pattern, element)
	return ok && err == nil
}
