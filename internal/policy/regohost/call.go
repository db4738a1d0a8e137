package regohost

import (
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// call evaluates an expression that is a call: it holds for each result but false, and a last operand that stands for
// the result is made equal to it.
func (m *machine) call(terms []*ast.Term, where *ast.Location, k next) error {
	operator, operands := terms[0].Value.(ast.Ref), terms[1:]
	name := operator.String()
	if name == ast.Equality.Name || name == ast.Assign.Name {
		return m.equal(operands, k)
	}
	arity := m.arity(operator, len(operands))
	if name == ast.WalkBuiltin.Name && len(operands) == 2 {
		return m.relation(operands, where, k)
	}
	return m.result(operator, operands[:arity], where, func(v *ast.Term, d doubt) error {
		if len(operands) == arity {
			return m.truth(v, func(own doubt) error { return k(d.and(own)) })
		}
		return m.term(operands[arity], func(out *ast.Term, own doubt) error { return m.match(out, v, d.and(own), k) })
	})
}

// value yields the results of a call that stands in a term.
func (m *machine) value(call ast.Call, where *ast.Location, k yield) error {
	return m.result(call[0].Value.(ast.Ref), call[1:], where, k)
}

func (m *machine) equal(operands []*ast.Term, k next) error {
	return m.term(operands[0], func(a *ast.Term, d doubt) error {
		return m.term(operands[1], func(b *ast.Term, own doubt) error { return m.match(a, b, d.and(own), k) })
	})
}

func (m *machine) match(a, b *ast.Term, d doubt, k next) error {
	return m.try(func() error {
		if fits, own := m.unify(a, b); fits {
			return k(d.and(own))
		}
		return nil
	})
}

func (m *machine) arity(operator ast.Ref, given int) int {
	n := given
	if b := ast.BuiltinMap[operator.String()]; b != nil {
		if b.Decl.NamedFuncArgs().Variadic == nil {
			n = len(b.Decl.FuncArgs().Args)
		}
	} else if rules := m.program.functionRules(operator); len(rules) > 0 {
		n = len(rules[0].Head.Args)
	}
	return min(n, given)
}

func (m *machine) result(operator ast.Ref, operands []*ast.Term, where *ast.Location, k yield) error {
	return m.terms(operands, func(args []*ast.Term, d doubt) error {
		with := func(v *ast.Term, own doubt) error { return k(v, d.and(own)) }
		if other := m.frame.calls[operator.String()]; other != nil {
			if !m.isFunction(other) {
				return with(other, nil)
			}
			return m.standIn(other.Value.(ast.Ref), args, where, with)
		}
		return m.named(operator, args, where, with)
	})
}

// standIn calls a function that stands in for another one. In it nothing is replaced: it may well call the other one.
func (m *machine) standIn(operator ast.Ref, args []*ast.Term, where *ast.Location, k yield) error {
	outer := m.frame
	m.frame = &frame{input: outer.input, data: outer.data, docs: map[*ast.TreeNode]*document{}}
	err := m.named(operator, args, where, func(v *ast.Term, d doubt) error {
		inner := m.frame
		m.frame = outer
		err := k(v, d)
		m.frame = inner
		return err
	})
	m.frame = outer
	return err
}

func (m *machine) named(operator ast.Ref, args []*ast.Term, where *ast.Location, k yield) error {
	if rules := m.program.functionRules(operator); len(rules) > 0 {
		if err := m.step(1); err != nil {
			return err
		}
		return m.function(rules, append([]*ast.Term(nil), args...), k)
	}
	name := operator.String()
	if v, d, ok := m.lenient(name, args); ok {
		if v == nil {
			return nil
		}
		return k(v, d)
	}
	var d doubt
	for _, a := range args {
		d = d.and(m.inside(a))
	}
	if len(d) > 0 && !opaque(name, args) {
		return k(m.newUnknown(d), d)
	}
	value, err := m.builtin(name, args, where)
	if err != nil || value == nil {
		return err
	}
	return k(value, nil)
}

// builtin calls a built-in of OPA's, within the limits.
func (m *machine) builtin(name string, args []*ast.Term, where *ast.Location) (result *ast.Term, err error) {
	f := topdown.GetBuiltin(name)
	if f == nil || removed(name) {
		return nil, fmt.Errorf("%s is not available", name)
	}
	if err := m.admit(name, args); err != nil {
		return nil, err
	}
	defer func() {
		if r := recover(); r != nil {
			result, err = nil, fmt.Errorf("%s: %v", name, r)
		}
	}()
	err = f(m.context(where), append([]*ast.Term(nil), args...), func(v *ast.Term) error {
		result = v
		return nil
	})
	if err != nil {
		return nil, err
	}
	if result == nil {
		return nil, nil
	}
	if name == ast.JSONUnmarshal.Name || name == ast.YAMLUnmarshal.Name {
		if err := numbers(m, []*ast.Term{result}); err != nil {
			return nil, err
		}
	}
	return result, m.received(result)
}

func (m *machine) context(where *ast.Location) topdown.BuiltinContext {
	return topdown.BuiltinContext{
		Context: background, Cancel: topdown.NewCancel(), Time: m.now, Location: where, Cache: m.cache, Capabilities: m.program.capabilities,
	}
}

// relation is for walk, the one built-in that has several results.
func (m *machine) relation(operands []*ast.Term, where *ast.Location, k next) error {
	return m.terms(operands, func(args []*ast.Term, d doubt) error {
		args = append([]*ast.Term(nil), args...)
		if names := m.inside(args[0]); len(names) > 0 {
			return m.match(args[1], m.newUnknown(names), d.and(names), k)
		}
		f := topdown.GetBuiltin(ast.WalkBuiltin.Name)
		return f(m.context(where), args, func(v *ast.Term) error {
			if err := m.step(1 + depthOf(v)/8); err != nil {
				return err
			}
			return m.match(args[1], v, d, k)
		})
	})
}

// depthOf is how long the path is with which walk gives a value.
func depthOf(pair *ast.Term) int {
	if list, ok := pair.Value.(*ast.Array); ok && list.Len() == 2 {
		if path, ok := list.Elem(0).Value.(*ast.Array); ok {
			return path.Len()
		}
	}
	return 0
}
