package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// A guard says that a variable holds nothing dangerous within a range, because a test was passed. Only tests that are
// certain count: equality with a fixed text, a regular expression of [[ =~ ]] that is anchored on both ends and allows
// safe characters alone, and a case whose patterns are fixed texts. grep does not count: it looks at each line, and one
// that matches is enough. Neither does [ "$x" -gt 0 ]: it lets white space pass.
type guard struct {
	name     string
	within   Range
	patterns []Word // regular expressions that may have let it pass; what is in a variable is known only at the end
}

// trimGuards drops guards whose pattern is not safe, ends the others where their variable is set again, and joins what is
// left into ranges that can be searched.
func (s *Script) trimGuards() {
	if len(s.guards) == 0 {
		return
	}
	set := s.settings()
	s.proven = map[string][]Range{}
	for _, g := range s.guards {
		if slices.ContainsFunc(g.patterns, s.unsafePattern) {
			continue
		}
		if i, _ := slices.BinarySearch(set[g.name], g.within.Start); i < len(set[g.name]) {
			g.within.End = min(g.within.End, set[g.name][i])
		}
		if g.within.Start < g.within.End {
			s.proven[g.name] = append(s.proven[g.name], g.within)
		}
	}
	s.guards = nil
	for name, ranges := range s.proven {
		s.proven[name] = joinRanges(ranges)
	}
}

// settings are the places where variables get a value that the script does not hold itself, in order.
func (s *Script) settings() map[string][]int {
	set := map[string][]int{}
	for i := range s.Commands {
		s.sets(&s.Commands[i], func(name string, at int) { set[name] = append(set[name], at) })
	}
	for _, places := range set {
		slices.Sort(places)
	}
	return set
}

// sets gives the variables that a command sets to what may be foreign, with the place.
func (s *Script) sets(c *Command, visit func(name string, at int)) {
	for _, a := range c.Assigns {
		if !harmlessValue(a) {
			visit(a.Name, a.Range.Start)
		}
	}
	for _, name := range s.readNames(c) {
		visit(name, c.Range.Start)
	}
}

// harmlessValue says that a variable that is safe stays so: it gets a text of the script, or its own once more.
func harmlessValue(a Assign) bool {
	return !slices.ContainsFunc(a.Value.Parts, func(p Part) bool {
		return p.Kind != Literal && p.Kind != Number && !p.Clean && (p.Kind != Variable || p.Name != a.Name || p.Indirect)
	})
}

func (s *Script) unsafePattern(w Word) bool {
	pattern, ok := s.constant(w)
	return !ok || !safePattern(pattern)
}

func joinRanges(ranges []Range) []Range {
	slices.SortFunc(ranges, func(a, b Range) int { return a.Start - b.Start })
	out := ranges[:1]
	for _, r := range ranges[1:] {
		if last := &out[len(out)-1]; r.Start <= last.End {
			last.End = max(last.End, r.End)
		} else {
			out = append(out, r)
		}
	}
	return out
}

// guarded says that a variable is safe where it is used.
func (s *Script) guarded(name string, at int) bool {
	ranges := s.proven[name]
	i, _ := slices.BinarySearchFunc(ranges, at, func(r Range, at int) int { return r.End - at - 1 })
	return i < len(ranges) && contains(ranges[i], at)
}

// tests gives the guards that hold after a statement succeeded, or after it failed.
func (b *builder) tests(s *syntax.Stmt, success bool) []guard { return b.testsAt(s, success, 0) }

func (b *builder) testsAt(s *syntax.Stmt, success bool, depth int) []guard {
	if s.Negated {
		success = !success
	}
	switch c := s.Cmd.(type) {
	case *syntax.TestClause:
		return b.testGuards(c.X, success, 0)
	case *syntax.CallExpr:
		return b.classicGuards(c, success)
	case *syntax.BinaryCmd:
		if depth > 20 {
			return nil
		}
		switch x, y := b.testsAt(c.X, success, depth+1), b.testsAt(c.Y, success, depth+1); c.Op {
		case syntax.AndStmt:
			return combined(x, y, success)
		case syntax.OrStmt:
			return combined(x, y, !success)
		}
	}
	return nil
}

// combined are the guards of two tests: where both had that outcome, or where either had.
func combined(x, y []guard, both bool) []guard {
	if both {
		return append(x, y...)
	}
	return either(x, y)
}

// either keeps what holds whichever of two ways was taken.
func either(x, y []guard) []guard {
	var out []guard
	for _, g := range x {
		for _, h := range y {
			if g.name == h.name && len(out) < maxGuards {
				out = append(out, guard{name: g.name, patterns: slices.Concat(g.patterns, h.patterns)})
			}
		}
	}
	return out
}

// maxGuards bounds how many guards of different ways are paired.
const maxGuards = 50

func (b *builder) testGuards(x syntax.TestExpr, success bool, depth int) []guard {
	if depth > 20 {
		return nil
	}
	switch e := x.(type) {
	case *syntax.ParenTest:
		return b.testGuards(e.X, success, depth+1)
	case *syntax.UnaryTest:
		if e.Op == syntax.TsNot {
			return b.testGuards(e.X, !success, depth+1)
		}
		if name, ok := b.loneVariable(e.X); ok && (e.Op == syntax.TsNempStr && !success || e.Op == syntax.TsEmpStr && success) {
			return []guard{{name: name}}
		}
	case *syntax.BinaryTest:
		return b.comparison(e, success, depth)
	}
	return nil
}

func (b *builder) comparison(e *syntax.BinaryTest, success bool, depth int) []guard {
	switch e.Op {
	case syntax.AndTest:
		return combined(b.testGuards(e.X, success, depth+1), b.testGuards(e.Y, success, depth+1), success)
	case syntax.OrTest:
		return combined(b.testGuards(e.X, success, depth+1), b.testGuards(e.Y, success, depth+1), !success)
	}
	name, ok := b.loneVariable(e.X)
	pattern, isWord := e.Y.(*syntax.Word)
	if !ok || !isWord {
		return nil
	}
	switch {
	case e.Op == syntax.TsReMatch && success:
		return []guard{{name: name, patterns: []Word{b.quiet(pattern)}}}
	case (e.Op == syntax.TsMatch || e.Op == syntax.TsMatchShort) && success, e.Op == syntax.TsNoMatch && !success:
		if b.fixedWord(pattern) {
			return []guard{{name: name}}
		}
	}
	return nil
}

// quiet reads a word without keeping the commands of its substitutions a second time.
func (b *builder) quiet(w *syntax.Word) Word {
	n := len(b.script.Commands)
	out := b.word(w, Bare)
	b.script.Commands = b.script.Commands[:n]
	for i := range out.Parts {
		if p := &out.Parts[i]; p.Kind == Literal && p.Quote == Bare {
			p.Text = b.script.Text[p.Range.Start:p.Range.End] // backslashes belong to the pattern
		}
	}
	out.render()
	return out
}

func (b *builder) loneVariable(x syntax.TestExpr) (string, bool) {
	w, ok := x.(*syntax.Word)
	if !ok {
		return "", false
	}
	return b.loneWord(w)
}

func (b *builder) loneWord(w *syntax.Word) (string, bool) {
	parts := w.Parts
	if len(parts) == 1 {
		if q, ok := parts[0].(*syntax.DblQuoted); ok {
			parts = q.Parts
		}
	}
	if len(parts) != 1 {
		return "", false
	}
	p, ok := parts[0].(*syntax.ParamExp)
	if !ok || p.Param == nil || p.Excl || p.Length || p.Index != nil || p.Slice != nil || p.Repl != nil {
		return "", false
	}
	if p.Exp != nil && p.Exp.Op != syntax.DefaultUnset && p.Exp.Op != syntax.DefaultUnsetOrNull {
		return "", false
	}
	return b.qualify(p.Param.Value), true
}

// fixedText says that a pattern matches one text only: nothing is expanded, and nothing is a glob outside of quotes.
func fixedText(w *syntax.Word) bool {
	for _, p := range w.Parts {
		switch x := p.(type) {
		case *syntax.Lit:
			if strings.ContainsAny(x.Value, "*?[") {
				return false
			}
		case *syntax.SglQuoted:
		case *syntax.DblQuoted:
			for _, q := range x.Parts {
				if _, ok := q.(*syntax.Lit); !ok {
					return false
				}
			}
		default:
			return false
		}
	}
	return true
}

// fixedWord says so of a word that no value is pasted into.
func (b *builder) fixedWord(w *syntax.Word) bool {
	r := b.node(w)
	i, _ := slices.BinarySearchFunc(b.script.Holes, r.Start, func(h Range, at int) int { return h.End - at - 1 })
	return fixedText(w) && (i == len(b.script.Holes) || b.script.Holes[i].Start >= r.End)
}

// classicGuards reads [ "$x" = text ], test "$x" = text, and those that ask whether it is empty. Without the quotes the
// variable could bring operators of its own.
func (b *builder) classicGuards(c *syntax.CallExpr, success bool) []guard {
	args := c.Args
	switch {
	case len(args) == 0:
		return nil
	case args[0].Lit() == "[" && args[len(args)-1].Lit() == "]":
		args = args[1 : len(args)-1]
	case args[0].Lit() == "test":
		args = args[1:]
	default:
		return nil
	}
	negated := len(args) > 0 && args[0].Lit() == "!"
	if negated {
		args = args[1:]
	}
	if name, ok := b.classicTest(args, success != negated); ok {
		return []guard{{name: name}}
	}
	return nil
}

func (b *builder) classicTest(args []*syntax.Word, success bool) (name string, ok bool) {
	switch len(args) {
	case 2:
		op := args[0].Lit()
		if op == "-z" && success || op == "-n" && !success {
			return b.quotedVariable(args[1])
		}
	case 3:
		op := args[1].Lit()
		if b.fixedWord(args[2]) && (success && (op == "=" || op == "==") || !success && op == "!=") {
			return b.quotedVariable(args[0])
		}
	}
	return "", false
}

func (b *builder) quotedVariable(w *syntax.Word) (string, bool) {
	if len(w.Parts) != 1 {
		return "", false
	}
	if _, ok := w.Parts[0].(*syntax.DblQuoted); !ok {
		return "", false
	}
	return b.loneWord(w)
}

func (b *builder) hold(guards []guard, within Range) {
	for _, g := range guards {
		g.within = within
		b.script.guards = append(b.script.guards, g)
	}
}

// safePattern says that a regular expression is anchored and matches words of safe characters only. What it does not
// know it refuses.
func safePattern(p string) bool {
	p, start := strings.CutPrefix(p, "^")
	p, end := strings.CutSuffix(p, "$")
	if !start || !end || strings.HasSuffix(p, `\`) {
		return false
	}
	depth := 0
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c == '\\' && i+1 < len(p) && strings.IndexByte(".-/+_@", p[i+1]) >= 0:
			i++
		case c == '[':
			n := classEnd(p[i:])
			if n < 0 || !safeClass(p[i+1:i+n]) {
				return false
			}
			i += n
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == '|' && depth > 0, c == '?', c == '*', c == '+', c == '{', c == '}', c == ',':
		case !safeByte(c) || c == '.':
			return false
		}
	}
	return depth == 0
}

// classEnd is where a bracket expression ends.
func classEnd(s string) int {
	for i := 1; i < len(s); i++ {
		if strings.HasPrefix(s[i:], "[:") {
			n := strings.Index(s[i:], ":]")
			if n < 0 {
				return -1
			}
			i += n + 1
			continue
		}
		if s[i] == ']' && i > 1 {
			return i
		}
	}
	return -1
}

// safeClass says that a bracket expression's inside allows safe characters only.
func safeClass(s string) bool {
	if s == "" || s[0] == '^' || s[0] == '!' {
		return false
	}
	for _, name := range []string{"[:alnum:]", "[:digit:]", "[:alpha:]", "[:upper:]", "[:lower:]", "[:xdigit:]"} {
		s = strings.ReplaceAll(s, name, "a")
	}
	for i := 0; i < len(s); i++ {
		if i+2 < len(s) && s[i+1] == '-' {
			if !word(s[i]) || !word(s[i+2]) || kind(s[i]) != kind(s[i+2]) {
				return false
			}
			i += 2
			continue
		}
		if s[i] == '\\' && i+1 < len(s) && safeByte(s[i+1]) {
			continue
		}
		if !safeByte(s[i]) {
			return false
		}
	}
	return true
}

func safeText(s string) bool {
	for i := range len(s) {
		if !safeByte(s[i]) {
			return false
		}
	}
	return true
}

func kind(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return 1
	case c >= 'a' && c <= 'z':
		return 2
	}
	return 3
}

func word(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func safeByte(c byte) bool { return word(c) || strings.IndexByte("_-./:@+=,%", c) >= 0 }
