package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// A branch is one of the ways through a construct: what was tested on entering it, and what runs then.
type branch struct {
	guards []guard
	body   []*syntax.Stmt
}

// conditional reads TEST || exit, TEST || x="", and TEST && COMMAND.
func (b *builder) conditional(c *syntax.BinaryCmd) {
	first := len(b.script.Commands)
	b.within(func() {
		if c.Op == syntax.OrStmt && b.at.ignored == "" {
			b.at.ignored = swallows(c.Y)
		}
		b.at.condition = true
		b.stmt(c.X)
	})
	b.stmt(c.Y)
	success := c.Op == syntax.AndStmt
	taken := branch{b.tests(c.X, success), []*syntax.Stmt{c.Y}}
	b.hold(taken.guards, b.node(c.Y))
	b.rejoin([]branch{taken, {guards: b.tests(c.X, !success)}}, first, b.node(c).End)
}

func (b *builder) ifs(c *syntax.IfClause) {
	first, end := len(b.script.Commands), b.node(c).End
	var ways []branch
	var failed []guard // what holds where the tests so far have failed
	for n := 0; c != nil; n++ {
		b.cond(c.Cond)
		b.list(c.Then)
		way := branch{guards: failed, body: c.Then}
		if last := len(c.Cond) - 1; last >= 0 {
			way.guards = append(failed[:len(failed):len(failed)], b.tests(c.Cond[last], true)...)
			failed = append(failed, b.tests(c.Cond[last], false)...)
			failed = failed[:min(len(failed), maxGuards)] // to know less is safe
		}
		b.hold(way.guards, b.around(c.Then))
		ways = append(ways, way)
		if c.Else == nil && len(c.Cond) > 0 {
			ways = append(ways, branch{guards: failed})
		}
		c = c.Else
		if n > maxBranches {
			b.deep = true
			return
		}
	}
	b.rejoin(ways, first, end)
}

// maxBranches bounds how many branches of one construct are read.
const maxBranches = 2000

// around is the range of a list of statements.
func (b *builder) around(list []*syntax.Stmt) Range {
	if len(list) == 0 {
		return Range{}
	}
	return Range{Start: b.node(list[0]).Start, End: b.node(list[len(list)-1]).End}
}

// cases reads case "$x" in a|b) …;; *) exit;; esac.
func (b *builder) cases(c *syntax.CaseClause) {
	first := len(b.script.Commands)
	subject := b.word(c.Word, Bare)
	cmd := Command{Kind: Case, Args: []Word{subject}, Range: subject.Range}
	for _, item := range c.Items {
		for _, p := range item.Patterns {
			cmd.Args = append(cmd.Args, b.word(p, Bare))
		}
	}
	b.add(cmd)
	for _, item := range c.Items {
		b.list(item.Stmts)
	}
	if name, ok := subject.lone(); ok {
		b.matched(c, name, first)
	}
}

// matched holds what the patterns of a case say of its subject.
func (b *builder) matched(c *syntax.CaseClause, name string, first int) {
	var ways []branch
	safe, all := false, false // what no pattern so far has matched is safe; nothing is left
	for n, item := range c.Items {
		if n > maxBranches || item.Op != syntax.Break {
			return // ;& runs the next one's commands too
		}
		way := branch{body: item.Stmts}
		fixed := true
		for _, p := range item.Patterns {
			fixed = fixed && b.fixedWord(p)
		}
		if fixed || safe {
			way.guards = []guard{{name: name}}
		}
		b.hold(way.guards, b.around(item.Stmts))
		ways = append(ways, way)
		for _, p := range item.Patterns {
			safe, all = safe || catchesUnsafe(p.Lit()), all || p.Lit() == "*"
		}
	}
	if rest := (branch{}); !all {
		if safe {
			rest.guards = []guard{{name: name}}
		}
		ways = append(ways, rest)
	}
	b.rejoin(ways, first, b.node(c).End)
}

// catchesUnsafe says that a pattern matches each text with a character that is not safe, as *[!0-9]* does.
func catchesUnsafe(pattern string) bool {
	class, ok := strings.CutPrefix(pattern, "*")
	class, closed := strings.CutSuffix(class, "*")
	if !ok || !closed || len(class) < 4 || class[0] != '[' || class[1] != '!' && class[1] != '^' {
		return false
	}
	end := len(class) - 1
	return classEnd(class) == end && safeClass(class[2:end])
}

// rejoin holds, behind a construct, what is true on all ways through it that do not leave. Its commands begin with the
// one given.
func (b *builder) rejoin(ways []branch, first, after int) {
	var held []guard
	guarded, reached := false, false
	for _, way := range ways {
		guarded = guarded || len(way.guards) > 0
	}
	if !guarded {
		return
	}
	foreign := b.settingsSince(first)
	for _, way := range ways {
		if len(way.body) > 0 && leaves(way.body[len(way.body)-1]) {
			continue
		}
		kept := b.kept(way, foreign)
		if reached {
			kept = either(held, kept)
		}
		held, reached = kept, true
	}
	b.hold(held, Range{Start: after, End: b.at.end})
}

// settingsSince are the places of the last commands where variables get what may be foreign, by name.
func (b *builder) settingsSince(first int) map[string][]int {
	set := map[string][]int{}
	for i := first; i < len(b.script.Commands); i++ {
		b.script.sets(&b.script.Commands[i], func(name string, at int) { set[name] = append(set[name], at) })
	}
	return set
}

// kept are the guards at the end of a way: those of its beginning, where its commands leave the variable alone, and the
// variables that it sets to a fixed text.
func (b *builder) kept(way branch, foreign map[string][]int) []guard {
	within := b.around(way.body)
	last := func(name string) int {
		end := -1
		for _, at := range foreign[name] {
			if contains(within, at) {
				end = max(end, at)
			}
		}
		return end
	}
	var out []guard
	for _, g := range way.guards {
		if last(g.name) < 0 {
			out = append(out, g)
		}
	}
	b.resets(way.body, func(name string, at int) {
		if at > last(name) {
			out = append(out, guard{name: name})
		}
	})
	return out
}

// resets gives the variables that statements set to a fixed text, or unset, whatever else happens.
func (b *builder) resets(list []*syntax.Stmt, visit func(name string, at int)) {
	for _, s := range list {
		if s.Background {
			continue
		}
		switch c := s.Cmd.(type) {
		case *syntax.Block:
			b.resets(c.Stmts, visit)
		case *syntax.DeclClause:
			b.constants(c.Args, visit)
		case *syntax.CallExpr:
			switch {
			case len(c.Args) == 0:
				b.constants(c.Assigns, visit)
			case c.Args[0].Lit() == "unset":
				for _, w := range c.Args[1:] {
					visit(b.qualify(w.Lit()), b.node(w).Start)
				}
			}
		}
	}
}

func (b *builder) constants(assigns []*syntax.Assign, visit func(name string, at int)) {
	for _, a := range assigns {
		if a.Name != nil && !a.Naked && !a.Append && a.Index == nil && a.Array == nil && (a.Value == nil || fixedText(a.Value)) {
			visit(a.Name.Value, b.node(a).Start)
		}
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
