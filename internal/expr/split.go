package expr

import (
	"regexp/syntax"

	"github.com/assaysec/assay/internal/litscan"
)

const (
	maxBranches = 16
	maxElements = 512  // of a sequence that are considered as the place of the literal
	maxRate     = 0.01 // literals more frequent than this select nothing
	rateFloor   = 1e-8
)

// A branch is one way to take an expression apart at a literal. What it matches is a match of pre that ends where a
// match of from begins, and every match of from begins with one of the literals.
type branch struct {
	pre, from *syntax.Regexp
	literals  []litscan.Literal
}

// A split is a list of branches whose union is exactly what the expression matches.
type split struct {
	branches []branch
	rate     float64 // expected occurrences of the literals per byte
	before   int     // how far a match reaches at most to the left of the literal
	count    int     // of literals
	at       int     // the part of the sequence under examination where it was found
}

// better says whether a makes for less work than b. A literal with unbounded room before it means a search of the
// whole text, so it is taken only where any other would be found all the time.
func (a *split) better(b *split) bool {
	if b == nil {
		return true
	}
	if (a.before == unbounded) != (b.before == unbounded) {
		if a.before == unbounded {
			return b.rate > maxRate/10 && a.rate < b.rate/10
		}
		return a.rate <= maxRate/10 || b.rate >= a.rate/10
	}
	if x, y := max(a.rate, rateFloor), max(b.rate, rateFloor); x != y {
		return x < y
	}
	if a.before != b.before {
		return a.before < b.before
	}
	if a.count != b.count {
		return a.count < b.count
	}
	return a.rate < b.rate
}

// best finds the best split of a tree without groups, nil when there is no useful one.
func best(re *syntax.Regexp) *split {
	t := &texts{parts: elements(re)}
	var found *split
	before := 0
	for i, part := range t.parts[:min(len(t.parts), maxElements)] {
		if found != nil && found.rate <= rateFloor && found.before != unbounded && before != 0 {
			break // what begins later can be rarer only where that makes no difference
		}
		for _, s := range []*split{t.run(i, before), inner(part, before)} {
			if s != nil && s.better(found) {
				found = s
				found.at = i
			}
		}
		before = plus(before, maxLength(part))
	}
	return found.around(t)
}

// texts are the parts of a sequence with what each of them matches, where that is finite.
type texts struct {
	parts []*syntax.Regexp
	known [][]litscan.Literal // of the first parts
}

func (t *texts) of(i int) []litscan.Literal {
	for len(t.known) <= i {
		set, _ := finite(t.parts[len(t.known)])
		t.known = append(t.known, set)
	}
	return t.known[i]
}

// around puts the sequence in which a split was found around its branches.
func (s *split) around(t *texts) *split {
	if s == nil {
		return nil
	}
	parts := t.parts
	pre, rest := sequence(parts[:s.at]...), sequence(parts[s.at+1:]...)
	s.rate, s.before, s.count = 0, 0, 0
	for i, b := range s.branches {
		switch {
		case b.from == nil: // found by run
			s.branches[i] = branch{pre, sequence(parts[s.at:]...), b.literals}
		case b.pre.Op == syntax.OpEmptyMatch:
			at, literals := t.leftward(s.at, b.literals)
			from := append(append([]*syntax.Regexp{}, parts[at:s.at]...), b.from, rest)
			s.branches[i] = branch{sequence(parts[:at]...), sequence(from...), literals}
		default:
			s.branches[i] = branch{sequence(pre, b.pre), sequence(b.from, rest), b.literals}
		}
		more, _ := rate(s.branches[i].literals)
		s.rate += more
		s.before = larger(s.before, maxLength(s.branches[i].pre))
		s.count += len(s.branches[i].literals)
	}
	return s
}

// leftward makes the literals at a part longer by the texts that stand before, and returns where they begin.
func (t *texts) leftward(at int, literals []litscan.Literal) (int, []litscan.Literal) {
	for ; at > 0; at-- {
		longer, ok := product(t.of(at-1), literals)
		if !ok {
			break
		}
		literals = longer
	}
	return at, literals
}

// run finds the best split at the parts from the i-th on that have few enough texts together.
func (t *texts) run(i, before int) *split {
	set := []litscan.Literal{{}}
	var found *split
	for ; i < len(t.parts); i++ {
		longer, ok := product(set, t.of(i))
		if !ok {
			break
		}
		set = longer
		s := &split{before: before, count: len(set)}
		if s.rate, ok = rate(set); ok && s.better(found) {
			s.branches = []branch{{literals: set}}
			found = s
		}
		if found != nil && found.rate < rateFloor/10 {
			break
		}
	}
	return found
}

// rate sums up how often the literals are to be expected, and refuses those that are of no use.
func rate(set []litscan.Literal) (sum float64, ok bool) {
	for _, l := range set {
		if len(l.Text) < 2 {
			return 0, false
		}
		sum += litscan.Rate(l)
	}
	return sum, sum <= maxRate
}

// inner finds a split inside a part, if that has parts of its own.
func inner(re *syntax.Regexp, before int) *split {
	var s *split
	switch re.Op {
	case syntax.OpAlternate:
		s = eachAlternative(re.Sub)
	case syntax.OpPlus:
		more := *re
		more.Op = syntax.OpStar
		s = first(re.Sub[0], &more)
	case syntax.OpRepeat:
		if re.Min < 1 {
			return nil
		}
		more := *re
		more.Min--
		if more.Max > 0 {
			more.Max--
		}
		s = first(re.Sub[0], &more)
	}
	if s != nil {
		s.before = plus(before, s.before)
	}
	return s
}

// first splits one repetition, which more follow.
func first(once, more *syntax.Regexp) *split {
	s := best(once)
	if s == nil {
		return nil
	}
	for j := range s.branches {
		s.branches[j].from = sequence(s.branches[j].from, more)
	}
	return s
}

// eachAlternative splits all alternatives; one without a useful literal spoils the others.
func eachAlternative(subs []*syntax.Regexp) *split {
	all := &split{}
	for _, sub := range subs {
		s := best(sub)
		if s == nil {
			return nil
		}
		all.rate += s.rate
		all.before = larger(all.before, s.before)
		all.count += s.count
		for _, b := range s.branches {
			all.add(b)
		}
		if all.rate > maxRate || all.count > 4*maxStrings || len(all.branches) > maxBranches {
			return nil
		}
	}
	return all
}

// add takes up a branch, and joins it with one that has nothing before the literal either: then one automaton serves
// both.
func (s *split) add(b branch) {
	for i := range s.branches {
		known := &s.branches[i]
		if known.pre.Op == syntax.OpEmptyMatch && b.pre.Op == syntax.OpEmptyMatch || known.pre.Equal(b.pre) {
			known.from = alternatives(known.from, b.from)
			known.literals = union(known.literals[:len(known.literals):len(known.literals)], b.literals)
			return
		}
	}
	s.branches = append(s.branches, b)
}
