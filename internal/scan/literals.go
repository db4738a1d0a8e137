package scan

import (
	"fmt"
	"slices"
	"sync"

	"github.com/assaysec/assay/internal/litscan"
)

// Literals keeps the set of the literals of some engines for the next run with the same ones: to make it takes longer than
// to look at a few files. The zero value is ready, and may serve several runs at the same time.
type Literals struct {
	mu      sync.Mutex
	engines []Engine
	made    *literalSet
}

// A literalSet is the literals of engines, one after the other, and those of marks.
type literalSet struct {
	set   *litscan.Set
	first []int // engine's first literal in the set; one more than engines, the last for marks
}

// of gives the set of engines. A nil receiver keeps none.
func (l *Literals) of(engines []Engine) (*literalSet, error) {
	if l == nil {
		return newLiteralSet(engines)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.made != nil && slices.Equal(l.engines, engines) {
		return l.made, nil
	}
	made, err := newLiteralSet(engines)
	if err == nil {
		l.engines, l.made = slices.Clone(engines), made
	}
	return made, err
}

func newLiteralSet(engines []Engine) (*literalSet, error) {
	s := &literalSet{}
	var all []litscan.Literal
	for _, e := range engines {
		s.first = append(s.first, len(all))
		if l, ok := e.(Literalist); ok {
			all = append(all, l.Literals()...)
		}
	}
	s.first = append(s.first, len(all))
	all = append(all, markLiterals()...)
	var err error
	if s.set, err = litscan.New(all); err != nil {
		return nil, fmt.Errorf("literals of the rules: %w", err)
	}
	return s, nil
}
