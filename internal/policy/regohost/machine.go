package regohost

import (
	"errors"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown/builtins"
)

// A machine evaluates rules that package ast compiled. Every step of it yields solutions, each with its doubt: the
// unknown values that it hangs on. See doc.go for why this is not package topdown.
//
// Solutions are passed on to functions, as in a search that backtracks: what such a function returns ends the search.
type machine struct {
	budget
	program *Program
	now     *ast.Term
	frame   *frame
	vars    []binding
	depth   int // of rules that ask one another
	scope   int // where the variables of the present rule begin
	fresh   int // numbers unknown values
	cache   builtins.Cache
	closed  map[ast.Object]bool // those of the input, which have every name that there is
}

// A frame is the world that a rule sees; "with" makes another one for one expression.
type frame struct {
	input *ast.Term
	data  []replaced
	calls map[string]*ast.Term // functions that stand in for others
	docs  map[*ast.TreeNode]*document
}

type (
	yield func(*ast.Term, doubt) error
	next  func(doubt) error
)

// errStop ends a search whose first solutions settle the answer.
var errStop = errors.New("stop")

func stopped(err error) error {
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

func (m *machine) newUnknown(names doubt) *ast.Term {
	m.fresh++
	return unknown(m.fresh, names)
}

// within runs f in a scope of its own, in which no variable is bound yet.
func (m *machine) within(f func() error) error {
	if m.depth >= maxDepth {
		return errDepth
	}
	scope, mark, frame := m.scope, len(m.vars), m.frame
	m.scope = mark
	m.depth++
	err := f()
	m.depth--
	m.scope, m.vars, m.frame = scope, m.vars[:mark], frame
	return err
}

// guarded is within, for the outermost scope. What was charged last may have been too much.
func (m *machine) guarded(f func() error) error {
	world := m.frame
	err := guard(func() error { return m.within(f) })
	m.scope, m.vars, m.depth, m.frame = 0, m.vars[:0], 0, world // also after a panic
	if err == nil {
		err = m.step(0)
	}
	return err
}

// try runs f and takes back what it bound.
func (m *machine) try(f func() error) error {
	mark, frame := len(m.vars), m.frame
	err := f()
	m.vars, m.frame = m.vars[:mark], frame
	return err
}

func (m *machine) body(b ast.Body, d doubt, k next) error {
	if len(b) == 0 {
		return k(d)
	}
	if err := m.step(1); err != nil {
		return at(b[0].Location, err)
	}
	return m.expr(b[0], func(own doubt) error { return m.body(b[1:], d.and(own), k) })
}

// exists reports whether run finds any solution, and whether it is only perhaps one.
func (m *machine) exists(run func(next) error) (found bool, d doubt, err error) {
	err = m.try(func() error {
		return stopped(run(func(own doubt) error {
			found = true
			if len(own) == 0 {
				d = nil
				return errStop
			}
			d = d.and(own)
			return nil
		}))
	})
	return found, d, err
}

func (m *machine) expr(e *ast.Expr, k next) error {
	switch {
	case len(e.With) > 0:
		return m.with(e, k)
	case e.Negated:
		found, d, err := m.exists(func(k next) error { return m.positive(e, k) })
		if err != nil || found && len(d) == 0 {
			return err
		}
		return k(d)
	}
	return m.positive(e, k)
}

func (m *machine) positive(e *ast.Expr, k next) error {
	var err error
	switch t := e.Terms.(type) {
	case *ast.Term:
		err = m.truth(t, k)
	case []*ast.Term:
		err = m.call(t, e.Location, k)
	case *ast.Every:
		err = m.every(t, k)
	case *ast.SomeDecl:
		err = k(nil)
	default:
		err = fmt.Errorf("%T is not supported", t)
	}
	return at(e.Location, err)
}

// truth holds for every value but false.
func (m *machine) truth(t *ast.Term, k next) error {
	return m.term(t, func(v *ast.Term, d doubt) error {
		if v.Value.Compare(ast.Boolean(false)) == 0 {
			return nil
		}
		if names, ok := unknownNames(v.Value); ok {
			d = d.and(names)
		}
		return k(d)
	})
}

func (m *machine) every(e *ast.Every, k next) error {
	return m.term(e.Domain, func(domain *ast.Term, d doubt) error {
		if names, ok := unknownNames(domain.Value); ok {
			return k(d.and(names))
		}
		holds := true
		err := m.members(domain, func(key, value *ast.Term) error {
			found, own, err := m.exists(func(k next) error {
				if e.Key != nil {
					m.bind(e.Key.Value.(ast.Var), key)
				}
				m.bind(e.Value.Value.(ast.Var), value)
				return m.body(e.Body, nil, k)
			})
			if err == nil && !found {
				holds, err = false, errStop
			}
			d = d.and(own)
			return err
		})
		if err = stopped(err); err != nil || !holds || !iterable(domain.Value) {
			return err
		}
		return k(d)
	})
}

func iterable(v ast.Value) bool {
	switch v.(type) {
	case *ast.Array, ast.Object, ast.Set:
		return true
	}
	return false
}

// members goes through a value in its order. The key of a set's member is the member.
func (m *machine) members(t *ast.Term, f func(key, value *ast.Term) error) error {
	visit := func(key, value *ast.Term) error {
		if err := m.step(1); err != nil {
			return err
		}
		return f(key, value)
	}
	switch v := t.Value.(type) {
	case *ast.Array:
		for i := range v.Len() {
			if err := visit(ast.InternedTerm(i), v.Elem(i)); err != nil {
				return err
			}
		}
	case ast.Object:
		return v.Iter(visit)
	case ast.Set:
		return v.Iter(func(member *ast.Term) error { return visit(member, member) })
	}
	return nil
}
