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
	name    string
	within  Range
	pattern Word // of a regular expression; what is in a variable is known only at the end
	regex   bool
}

// trimGuards drops guards whose pattern is not safe, ends the others where their variable is set again, and joins what is
// left into ranges that can be searched.
func (s *Script) trimGuards() {
	if len(s.guards) == 0 {
		return
	}
	set := map[string][]int{}
	for i := range s.Commands {
		for _, a := range s.Commands[i].Assigns {
			set[a.Name] = append(set[a.Name], a.Range.Start)
		}
	}
	for _, places := range set {
		slices.Sort(places)
	}
	s.proven = map[string][]Range{}
	for _, g := range s.guards {
		if g.regex {
			if pattern, ok := s.constant(g.pattern); !ok || !safePattern(pattern) {
				continue
			}
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
func (b *builder) tests(s *syntax.Stmt, success bool) []guard {
	if s.Negated {
		success = !success
	}
	switch c := s.Cmd.(type) {
	case *syntax.TestClause:
		return b.testGuards(c.X, success, 0)
	case *syntax.CallExpr:
		return b.classicGuards(c, success)
	}
	return nil
}

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
	case *syntax.BinaryTest:
		return b.comparison(e, success, depth)
	}
	return nil
}

func (b *builder) comparison(e *syntax.BinaryTest, success bool, depth int) []guard {
	switch e.Op {
	case syntax.AndTest:
		if success {
			return append(b.testGuards(e.X, true, depth+1), b.testGuards(e.Y, true, depth+1)...)
		}
		return nil
	case syntax.OrTest:
		if !success {
			return append(b.testGuards(e.X, false, depth+1), b.testGuards(e.Y, false, depth+1)...)
		}
		return nil
	}
	name, ok := b.loneVariable(e.X)
	pattern, isWord := e.Y.(*syntax.Word)
	if !ok || !isWord {
		return nil
	}
	switch {
	case e.Op == syntax.TsReMatch && success:
		return []guard{{name: name, pattern: b.quiet(pattern), regex: true}}
	case (e.Op == syntax.TsMatch || e.Op == syntax.TsMatchShort) && success, e.Op == syntax.TsNoMatch && !success:
		if fixedText(pattern) {
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

// classicGuards reads [ "$x" = text ] and test "$x" = text.
func (b *builder) classicGuards(c *syntax.CallExpr, success bool) []guard {
	if len(c.Args) == 0 {
		return nil
	}
	args := c.Args[1:]
	switch c.Args[0].Lit() {
	case "[":
		if len(args) != 4 {
			return nil
		}
	case "test":
		if len(args) != 3 {
			return nil
		}
	default:
		return nil
	}
	name, ok := b.loneWord(args[0])
	op := args[1].Lit()
	if !ok || !literalWord(args[2]) || !(success && (op == "=" || op == "==") || !success && op == "!=") {
		return nil
	}
	return []guard{{name: name}}
}

// literalWord says that nothing in a word is expanded.
func literalWord(w *syntax.Word) bool { return fixedText(w) }

func (b *builder) hold(guards []guard, within Range) {
	for _, g := range guards {
		g.within = within
		b.script.guards = append(b.script.guards, g)
	}
}

// guardBinary reads TEST || exit, and TEST && COMMAND.
func (b *builder) guardBinary(c *syntax.BinaryCmd) {
	success := c.Op == syntax.AndStmt
	b.hold(b.tests(c.X, success), b.node(c.Y))
	if leaves(c.Y) {
		b.hold(b.tests(c.X, !success), Range{Start: b.node(c.Y).End, End: b.at.end})
	}
}

// guardIf reads if TEST; then …, and if ! TEST; then exit; fi.
func (b *builder) guardIf(c *syntax.IfClause) {
	if len(c.Cond) != 1 || len(c.Then) == 0 {
		return
	}
	then := Range{Start: b.node(c.Then[0]).Start, End: b.node(c.Then[len(c.Then)-1]).End}
	b.hold(b.tests(c.Cond[0], true), then)
	switch {
	case c.Else == nil && leaves(c.Then[len(c.Then)-1]):
		b.hold(b.tests(c.Cond[0], false), Range{Start: then.End, End: b.at.end})
	case c.Else != nil:
		b.hold(b.tests(c.Cond[0], false), Range{Start: then.End, End: b.node(c).End})
	}
}

// guardCase reads case "$x" in a|b) …;; *) exit;; esac.
func (b *builder) guardCase(c *syntax.CaseClause, subject Word) {
	name, ok := subject.lone()
	if !ok {
		return
	}
	closed := false
	all := true
	for _, item := range c.Items {
		fixed := true
		for _, p := range item.Patterns {
			fixed = fixed && fixedText(p)
		}
		last := len(item.Stmts) - 1
		switch {
		case fixed && item.Op != syntax.Break:
			all = false // ;& runs the next one's commands too
		case fixed && last >= 0:
			b.hold([]guard{{name: name}}, Range{Start: b.node(item.Stmts[0]).Start, End: b.node(item.Stmts[last]).End})
		case !fixed && last >= 0 && leaves(item.Stmts[last]):
			closed = closed || len(item.Patterns) == 1 && item.Patterns[0].Lit() == "*"
		case !fixed:
			all = false
		}
	}
	if closed && all {
		b.hold([]guard{{name: name}}, Range{Start: b.node(c).End, End: b.at.end})
	}
}

// leaves says that nothing after a statement runs.
func leaves(s *syntax.Stmt) bool {
	if s.Background || s.Negated {
		return false
	}
	switch c := s.Cmd.(type) {
	case *syntax.CallExpr:
		if len(c.Args) > 0 {
			switch c.Args[0].Lit() {
			case "exit", "return", "continue", "break":
				return true
			}
		}
	case *syntax.Block:
		return len(c.Stmts) > 0 && leaves(c.Stmts[len(c.Stmts)-1])
	}
	return false
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
