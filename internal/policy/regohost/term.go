package regohost

import (
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

// term yields the values of a term: several where a reference goes through a collection, none where it leads nowhere. A
// pattern keeps the variables that are not bound yet.
func (m *machine) term(t *ast.Term, k yield) error {
	switch v := t.Value.(type) {
	case ast.Null, ast.Boolean, ast.Number, ast.String:
		return k(t, nil)
	case ast.Var:
		if v == ast.InputRootDocument.Value || v == ast.DefaultRootDocument.Value {
			return m.ref(ast.Ref{t}, k)
		}
		return k(m.bound(t), nil)
	case ast.Ref:
		return m.ref(v, k)
	case *ast.Array, ast.Object, ast.Set:
		if m.program.isConstant(t) {
			return k(t, nil)
		}
		return m.composite(t, k)
	case *ast.ArrayComprehension, *ast.SetComprehension, *ast.ObjectComprehension:
		value, err := m.comprehension(v)
		if err != nil {
			return err
		}
		return k(value, nil)
	case ast.Call:
		return m.value(v, t.Location, k)
	}
	return fmt.Errorf("%T is not supported", t.Value)
}

// terms yields the values of several terms together.
func (m *machine) terms(list []*ast.Term, k func([]*ast.Term, doubt) error) error {
	return m.termsFrom(list, make([]*ast.Term, 0, len(list)), nil, k)
}

func (m *machine) termsFrom(list, values []*ast.Term, d doubt, k func([]*ast.Term, doubt) error) error {
	if len(values) == len(list) {
		return k(values, d)
	}
	return m.term(list[len(values)], func(v *ast.Term, own doubt) error {
		return m.termsFrom(list, append(values, v), d.and(own), k)
	})
}

func (m *machine) composite(t *ast.Term, k yield) error {
	var parts []*ast.Term
	switch v := t.Value.(type) {
	case *ast.Array:
		v.Foreach(func(e *ast.Term) { parts = append(parts, e) })
	case ast.Set:
		v.Foreach(func(e *ast.Term) { parts = append(parts, e) })
	case ast.Object:
		v.Foreach(func(key, value *ast.Term) { parts = append(parts, key, value) })
	}
	return m.terms(parts, func(values []*ast.Term, d doubt) error {
		made := m.compose(t.Value, values)
		if err := m.made(made); err != nil {
			return err
		}
		return k(made, d)
	})
}

// compose puts values together. An object must have keys that are known, or else it is unknown as a whole.
func (m *machine) compose(like ast.Value, values []*ast.Term) *ast.Term {
	values = append([]*ast.Term(nil), values...) // the caller uses its slice for the next solution
	switch like.(type) {
	case *ast.Array:
		return ast.ArrayTerm(values...)
	case ast.Set:
		return ast.SetTerm(values...)
	}
	pairs := make([][2]*ast.Term, 0, len(values)/2)
	var d doubt
	for i := 0; i < len(values); i += 2 {
		pairs = append(pairs, [2]*ast.Term{values[i], values[i+1]})
		if !values[i].Value.IsGround() {
			d = d.and(m.inside(values[i])).and(m.inside(values[i+1]))
		}
	}
	if len(d) > 0 {
		return m.newUnknown(d)
	}
	return ast.ObjectTerm(pairs...)
}

// comprehension collects all solutions. If only perhaps some are, the collection as a whole is unknown.
func (m *machine) comprehension(v ast.Value) (*ast.Term, error) {
	var list []*ast.Term
	var all doubt
	c := newCollection(false)
	collect := func(b ast.Body, terms ...*ast.Term) error {
		return m.try(func() error {
			return m.body(b, nil, func(d doubt) error {
				return m.terms(terms, func(values []*ast.Term, own doubt) error {
					if err := m.step(1); err != nil {
						return err
					}
					all = all.and(d).and(own)
					if len(values) == 2 {
						return c.add(m, values[0], leaf(values[1]), nil)
					}
					list = append(list, values[0])
					return nil
				})
			})
		})
	}
	var made *ast.Term
	var err error
	switch v := v.(type) {
	case *ast.ArrayComprehension:
		err = collect(v.Body, v.Term)
		made = ast.ArrayTerm(list...)
	case *ast.SetComprehension:
		err = collect(v.Body, v.Term)
		made = ast.SetTerm(list...)
	case *ast.ObjectComprehension:
		if err = collect(v.Body, v.Key, v.Value); err == nil {
			made, err = c.whole(m)
		}
	}
	if err != nil {
		return nil, err
	}
	if len(all) > 0 {
		return m.newUnknown(all), nil
	}
	return made, m.made(made)
}
