package regohost

import (
	"maps"
	"slices"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/types"

	"github.com/assaysec/assay/internal/policy"
)

var _ policy.Focuser = (*Program)(nil)

// About asks the rules that may speak about a single finding: those that look at one finding at a time are given alone,
// a document with that finding only, and the others the whole one.
func (p *Program) About(alone map[string]any, whole func() map[string]any, now time.Time) []policy.Statement {
	narrow := p.machine(alone, now)
	var wide *machine
	var list []policy.Statement
	for _, path := range slices.Sorted(maps.Keys(p.modules)) {
		for _, r := range p.modules[path].Rules {
			if _, ok := decision(r); !ok || isTest(path) || onlyText(r) {
				continue
			}
			if p.oneByOne(r) {
				list = append(list, narrow.statements(r)...)
				continue
			}
			if wide == nil {
				wide = p.machine(whole(), now)
			}
			list = append(list, wide.statements(r)...)
		}
	}
	return list
}

// onlyText reports whether all that a rule says are texts, which are about the run.
func onlyText(r *ast.Rule) bool {
	if r.Else != nil || r.Head.Key == nil {
		return false
	}
	switch v := r.Head.Key.Value.(type) {
	case ast.String:
		return true
	case ast.Var:
		return slices.ContainsFunc(r.Body, func(e *ast.Expr) bool { return makesText(e, v) || makesText(e, sameAs(r.Body, v)) })
	}
	return false
}

// sameAs gives the variable that another one is made equal to, as in message := sprintf(…); without one, that one itself.
func sameAs(body ast.Body, v ast.Var) ast.Var {
	for _, e := range body {
		if e.IsEquality() && !e.Negated && len(e.With) == 0 && e.Operand(0).Value.Compare(v) == 0 {
			if other, ok := e.Operand(1).Value.(ast.Var); ok {
				return other
			}
		}
	}
	return v
}

// makesText reports whether an expression is a call of a built-in that binds a text to a variable.
func makesText(e *ast.Expr, v ast.Var) bool {
	if !e.IsCall() || e.Negated || len(e.With) > 0 {
		return false
	}
	b, operands := ast.BuiltinMap[e.Operator().String()], e.Operands()
	if b == nil || len(operands) != len(b.Decl.FuncArgs().Args)+1 || types.Compare(b.Decl.Result(), types.S) != 0 {
		return false
	}
	return operands[len(operands)-1].Value.Compare(v) == 0
}

// oneByOne reports whether each solution of a rule's body is about one finding, and the same whichever others there are:
// the findings are named once, where the body goes through them, and in no rule that it asks.
func (p *Program) oneByOne(r *ast.Rule) bool {
	if r.Else != nil || r.Head.RuleKind() != ast.MultiValue || countFindings(r) != 1 {
		return false
	}
	if !slices.ContainsFunc(r.Body, func(e *ast.Expr) bool { return goesThrough(e, r) }) {
		return false
	}
	others := p.askedBy(r)
	return !slices.ContainsFunc(others, func(other *ast.Rule) bool { return countFindings(other) > 0 })
}

// goesThrough reports whether an expression binds each of the findings in turn, at a place that nothing else looks at.
func goesThrough(e *ast.Expr, r *ast.Rule) bool {
	if !e.IsEquality() || e.Negated || len(e.With) > 0 {
		return false
	}
	return slices.ContainsFunc(e.Operands(), func(t *ast.Term) bool {
		ref, ok := t.Value.(ast.Ref)
		if !ok || len(ref) < 3 || !seesFindings(ref) {
			return false
		}
		index, ok := ref[2].Value.(ast.Var)
		return ok && occurrences(r, index) == 1
	})
}

func occurrences(r *ast.Rule, v ast.Var) int {
	n := 0
	ast.WalkVars(r, func(other ast.Var) bool {
		if other == v {
			n++
		}
		return false
	})
	return n
}

// countFindings counts where a rule refers to the findings, or to more that holds them. What sees another world counts
// as two.
func countFindings(r *ast.Rule) int {
	n := 0
	ast.WalkTerms(r, func(t *ast.Term) bool {
		if ref, ok := t.Value.(ast.Ref); ok && seesFindings(ref) {
			n++
		}
		return false
	})
	ast.WalkExprs(r, func(e *ast.Expr) bool {
		n += 2 * len(e.With)
		return false
	})
	return n
}

func seesFindings(ref ast.Ref) bool {
	if ref[0].Value.Compare(ast.InputRootDocument.Value) != 0 {
		return false
	}
	if len(ref) == 1 {
		return true
	}
	name, constant := ref[1].Value.(ast.String)
	return !constant || name == "findings"
}

// askedBy lists the other rules that the answers of some may hang on.
func (p *Program) askedBy(rules ...*ast.Rule) []*ast.Rule {
	var list []*ast.Rule
	seen := map[*ast.Rule]bool{}
	for _, r := range rules {
		seen[r] = true
	}
	for next := rules; len(next) > 0; next = next[1:] {
		ast.WalkTerms(next[0], func(t *ast.Term) bool {
			ref, ok := t.Value.(ast.Ref)
			if !ok {
				return false
			}
			for _, other := range p.below(ref) {
				if !seen[other] {
					seen[other] = true
					list, next = append(list, other), append(next, other)
				}
			}
			return false
		})
	}
	return list
}
