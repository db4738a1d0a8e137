package regohost

import "github.com/open-policy-agent/opa/v1/ast"

type binding struct {
	name  ast.Var
	value *ast.Term
}

// lookUp finds what a variable of the present scope is bound to. Scopes are short, and the newest is asked for most.
func (m *machine) lookUp(v ast.Var) *ast.Term {
	for i := len(m.vars) - 1; i >= m.scope; i-- {
		if m.vars[i].name == v {
			return m.vars[i].value
		}
	}
	return nil
}

func (m *machine) bind(v ast.Var, value *ast.Term) { m.vars = append(m.vars, binding{v, value}) }

// unify makes two resolved terms equal, and binds variables to do so. With a doubt they may be equal or not. What was
// bound stays bound also where the answer is no: whoever asks goes back to a mark.
func (m *machine) unify(a, b *ast.Term) (bool, doubt) {
	if v, ok := m.open(a); ok {
		if w, ok := m.open(b); !ok || v != w {
			m.bind(v, b)
		}
		return true, nil
	}
	if v, ok := m.open(b); ok {
		m.bind(v, a)
		return true, nil
	}
	a, b = m.bound(a), m.bound(b)
	if a.Value.IsGround() && b.Value.IsGround() {
		m.charge(a)
		m.charge(b)
		return a.Value.Compare(b.Value) == 0, nil
	}
	if names, ok := unknownNames(a.Value); ok {
		return m.perhaps(names, a, b)
	}
	if names, ok := unknownNames(b.Value); ok {
		return m.perhaps(names, b, a)
	}
	return m.unifyMembers(a, b)
}

func (m *machine) open(t *ast.Term) (ast.Var, bool) {
	v, ok := t.Value.(ast.Var)
	if !ok {
		return "", false
	}
	if _, known := unknownNames(v); known || m.lookUp(v) != nil {
		return "", false
	}
	return v, true
}

func (m *machine) bound(t *ast.Term) *ast.Term {
	if v, ok := t.Value.(ast.Var); ok {
		if value := m.lookUp(v); value != nil {
			return value
		}
	}
	return t
}

// perhaps answers for an unknown value and another one. The variables of a pattern are then unknown as well.
func (m *machine) perhaps(names doubt, unknown, other *ast.Term) (bool, doubt) {
	if isOpen(other) {
		ast.WalkVars(other, func(v ast.Var) bool {
			if _, ok := m.open(ast.NewTerm(v)); ok {
				m.bind(v, m.newUnknown(names))
			}
			return false
		})
	} else if unknown.Value.Compare(other.Value) == 0 {
		return true, nil
	}
	return true, names.and(m.inside(other))
}

func (m *machine) unifyMembers(a, b *ast.Term) (bool, doubt) {
	switch a := a.Value.(type) {
	case *ast.Array:
		if b, ok := b.Value.(*ast.Array); ok && a.Len() == b.Len() {
			return m.unifyEach(a.Len(), func(i int) (*ast.Term, *ast.Term) { return a.Elem(i), b.Elem(i) })
		}
	case ast.Object:
		if b, ok := b.Value.(ast.Object); ok && a.Len() == b.Len() {
			keys := a.Keys()
			return m.unifyEach(len(keys), func(i int) (*ast.Term, *ast.Term) { return a.Get(keys[i]), b.Get(keys[i]) })
		}
	case ast.Set:
		if b, ok := b.Value.(ast.Set); ok {
			if a.Compare(b) == 0 {
				return true, nil
			}
			return true, m.inside(ast.NewTerm(a)).and(m.inside(ast.NewTerm(b)))
		}
	}
	return false, nil
}

func (m *machine) unifyEach(n int, pair func(int) (*ast.Term, *ast.Term)) (bool, doubt) {
	var all doubt
	for i := range n {
		a, b := pair(i)
		if a == nil || b == nil {
			return false, nil
		}
		equal, d := m.unify(a, b)
		if !equal {
			return false, nil
		}
		all = all.and(d)
	}
	return true, all
}
