package expr

import (
	"fmt"
	"regexp/syntax"
	"sync"

	"github.com/assaysec/assay/internal/litscan"
)

// Limits of what a hostile rule can cost. Real rules stay a hundred times below them.
const (
	maxSize  = 50_000  // instructions
	maxSlots = 2 << 20 // instructions times groups, which is what a simulation has to remember
)

// Unbounded is the value of a bound where there is none.
const Unbounded = unbounded

// An Expr is an expression with the semantics of the standard library's regexp. It may be shared between goroutines.
// Automata are prepared on first use: most rules of a pack never meet a file that has their literals.
type Expr struct {
	pattern string
	Facts
	open func() // makes what follows; called before any of it is used

	tree   *syntax.Regexp
	groups int
	split  *split // nil when the expression has no useful literals

	main  func() *program    // the expression with its groups
	parts func() []automaton // of each branch
	loose func() []*program  // of each branch, the relaxed forward part
	whole func() automaton   // of the whole expression, searched anywhere
	sieve func() *program    // of the whole expression, searched anywhere, relaxed
}

// An automaton is a pair of programs: one that is run forward, and one that is run backward to find the start.
type automaton struct {
	forward, backward *program
}

// Facts are what can be known of an expression without running it. A pack of many expressions keeps them beside it, so
// that only those are parsed that meet their literals.
type Facts struct {
	// Groups is the number of groups, not counting the whole match.
	Groups int
	// Literals are literals of which every match contains at least one, nil when no useful set exists.
	Literals []litscan.Literal
	// Before and After say how far a match reaches at most from the position of a literal's hit: Before bytes to the left,
	// and After bytes to the right, the literal included. Either may be Unbounded.
	Before, After int
}

// Compile checks an expression and finds its literals. Errors name what RE2 does not have, where it stands, and what
// to write instead.
func Compile(pattern string) (*Expr, error) {
	e := &Expr{pattern: pattern}
	if err := e.analyse(); err != nil {
		return nil, err
	}
	e.Facts = e.facts()
	e.open = func() {}
	return e, nil
}

// Known is an expression that Compile has accepted, of which it has found the given facts. It is parsed when it is first
// run.
func Known(pattern string, f Facts) *Expr {
	e := &Expr{pattern: pattern, Facts: f}
	e.open = sync.OnceFunc(func() {
		if err := e.analyse(); err != nil {
			panic(fmt.Sprintf("expr: known expression %q: %v", pattern, err))
		}
	})
	return e
}

func (e *Expr) analyse() error {
	tree, err := syntax.Parse(e.pattern, syntax.Perl)
	if err != nil {
		return explain(e.pattern, err)
	}
	if size(tree, maxSize) > maxSize {
		return fmt.Errorf("expression is too large: its repetitions unfold to more than %d steps", maxSize)
	}
	e.tree, e.groups = tree, tree.MaxCap()
	if (e.groups+1)*size(tree, maxSize) > maxSlots {
		return fmt.Errorf("expression is too large: it has %d groups; write (?:…) where no group is wanted", e.groups)
	}
	e.split = usable(best(plain(tree)))
	e.main = sync.OnceValue(func() *program { return mustCompile(e.tree) })
	e.parts = sync.OnceValue(e.compileParts)
	e.loose = sync.OnceValue(e.compileLoose)
	e.whole = sync.OnceValue(func() automaton {
		return automaton{mustSearch(e.tree), mustCompile(reversed(e.tree))}
	})
	e.sieve = sync.OnceValue(func() *program { return mustSearch(relaxed(e.tree)) })
	return nil
}

func (e *Expr) facts() Facts {
	f := Facts{Groups: e.groups, Before: Unbounded, After: Unbounded}
	if e.split == nil {
		return f
	}
	f.Before, f.After = e.split.before, 0
	for _, b := range e.split.branches {
		f.Literals = union(f.Literals, b.literals)
		f.After = larger(f.After, maxLength(b.from))
	}
	return f
}

// usable refuses a split whose branches together would be much larger than the expression may be.
func usable(s *split) *split {
	if s == nil || len(s.branches) > maxBranches {
		return nil
	}
	total := 0
	for _, b := range s.branches {
		total += size(b.from, 2*maxSize) + size(b.pre, 2*maxSize)
	}
	if total > 2*maxSize {
		return nil
	}
	return s
}

func (e *Expr) compileParts() []automaton {
	parts := make([]automaton, len(e.split.branches))
	for i, b := range e.split.branches {
		parts[i].forward = mustCompile(b.from)
		if b.pre.Op != syntax.OpEmptyMatch {
			parts[i].backward = mustCompile(reversed(b.pre))
		}
	}
	return parts
}

func (e *Expr) compileLoose() []*program {
	programs := make([]*program, len(e.split.branches))
	for i, b := range e.split.branches {
		programs[i] = mustCompile(relaxed(b.from))
	}
	return programs
}

// mustCompile makes a program of a tree that the parser has accepted, or that was built from such a tree.
func mustCompile(re *syntax.Regexp) *program {
	p, err := compile(re)
	if err != nil {
		panic(err) // syntax.Compile has no errors to return
	}
	return p
}

func mustSearch(res ...*syntax.Regexp) *program {
	p, err := unanchored(res)
	if err != nil {
		panic(err) // as above
	}
	return p
}

// String returns the expression as it was written.
func (e *Expr) String() string { return e.pattern }
