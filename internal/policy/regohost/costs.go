package regohost

import (
	"fmt"
	"regexp/syntax"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

const (
	perPair         = 256    // comparisons of a member of one operand with one of another for one step
	maxInstructions = 10_000 // of an expression
	maxGroups       = 100    // in it: where the groups are asked for, each instruction that is tried has a place for each
	maxTemplate     = 1_000  // bytes of one, which becomes an expression
)

// squared is for those that go through one operand for each member of another.
func squared(m *machine, args []*ast.Term) error {
	w := 1
	for _, a := range args {
		w = max(w, m.weigh(a.Value)/perStep)
	}
	return m.step(w * (1 + memberCount(args[len(args)-1].Value)))
}

// thorough is for those that make a table of all that goes in.
func thorough(m *machine, args []*ast.Term) error {
	for _, a := range args {
		if err := m.step(3 * m.weigh(a.Value) / perStep); err != nil {
			return err
		}
	}
	return nil
}

// pairwise is for those that may compare each part of the first operand with each of the second.
func pairwise(m *machine, args []*ast.Term) error {
	return m.step(m.parts(args[0]) * m.parts(args[1]) / perPair)
}

// parts is how many bytes a text has, or members, all in all, a collection.
func (m *machine) parts(t *ast.Term) int {
	if s, ok := t.Value.(ast.String); ok {
		return len(s)
	}
	return m.weigh(t.Value) / 16
}

// small is for patterns that are compiled at each call.
func small(m *machine, args []*ast.Term) error {
	for _, a := range args {
		if err := m.step(text(a) / 8); err != nil {
			return err
		}
	}
	return nil
}

func template(m *machine, args []*ast.Term) error {
	if text(args[0]) > maxTemplate {
		return fmt.Errorf("a template of more than %d bytes", maxTemplate)
	}
	return m.step(text(args[0]) * (1 + text(args[1])) / perStep)
}

// expression accounts for making an expression, and for matching a text: each of its instructions may be tried at each
// byte.
func expression(m *machine, pattern, in *ast.Term) error {
	s, ok := pattern.Value.(ast.String)
	if !ok {
		return nil
	}
	re, err := syntax.Parse(string(s), syntax.Perl)
	if err != nil {
		return nil // which the built-in tells
	}
	n := instructions(re)
	if n > maxInstructions {
		return fmt.Errorf("an expression of more than %d instructions", maxInstructions)
	}
	if re.MaxCap() > maxGroups {
		return fmt.Errorf("an expression of more than %d groups", maxGroups)
	}
	cost := n / 16
	if in != nil {
		cost += n * text(in) / perStep
	}
	return m.step(cost)
}

// instructions is about how long the program of an expression is.
func instructions(re *syntax.Regexp) int {
	n := 1
	if re.Op == syntax.OpLiteral {
		n = len(re.Rune)
	}
	for _, sub := range re.Sub {
		n += instructions(sub)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min, re.Max, 1)
	}
	return min(n, 1<<30)
}

// groups is expression for a built-in that gives the text of each group of each match, of which there may be one at each
// byte.
func groups(m *machine, args []*ast.Term) error {
	if s, ok := args[0].Value.(ast.String); ok {
		if err := fits((1 + strings.Count(string(s), "(")) * (1 + text(args[1]))); err != nil {
			return err
		}
	}
	return expression(m, args[0], args[1])
}

// replaceMatches bounds what becomes of a text in which an expression matches at each byte, and what of it the
// replacement repeats.
func replaceMatches(m *machine, args []*ast.Term) error {
	in, with := text(args[0]), text(args[2])
	if s, ok := args[2].Value.(ast.String); ok {
		if err := fits(in + (in+1)*with + strings.Count(string(s), "$")*in); err != nil {
			return err
		}
	}
	return expression(m, args[1], args[0])
}

// indented bounds a text in which each member of a value has a line of its own, as far in as it is deep.
func indented(m *machine, args []*ast.Term) error {
	options, ok := args[1].Value.(ast.Object)
	if !ok {
		return nil
	}
	option := func(name string) int {
		if t := options.Get(ast.StringTerm(name)); t != nil {
			return text(t)
		}
		return 1
	}
	lines, depth := extentOf(args[0].Value)
	return fits(m.weigh(args[0].Value) + (2*lines+1)*(option("prefix")+depth*option("indent")))
}

// extentOf counts the members of a value, all in all, and how deep it is.
func extentOf(v ast.Value) (members, depth int) {
	each := func(t *ast.Term) {
		n, d := extentOf(t.Value)
		members, depth = members+1+n, max(depth, 1+d)
	}
	switch v := v.(type) {
	case *ast.Array:
		v.Foreach(each)
	case ast.Set:
		v.Foreach(each)
	case ast.Object:
		v.Foreach(func(_, value *ast.Term) { each(value) })
	}
	return members, depth
}
