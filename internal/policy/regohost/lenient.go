package regohost

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// lenient answers a call itself where that can be more exact about unknown values than calling the built-in: those that
// compare, and those that look at how a collection is made rather than at what is in it.
func (m *machine) lenient(name string, args []*ast.Term) (*ast.Term, doubt, bool) {
	if f := comparisons[name]; f != nil {
		m.charge(args[0])
		m.charge(args[1])
		if !args[0].Value.IsGround() || !args[1].Value.IsGround() {
			return m.compareUnknown(name, args)
		}
		return ast.InternedTerm(f(args[0].Value.Compare(args[1].Value))), nil, true
	}
	if args == nil || !slices.ContainsFunc(args, func(a *ast.Term) bool { return !a.Value.IsGround() }) {
		return nil, nil, false
	}
	switch name {
	case ast.Member.Name:
		return m.memberOf(args[1], nil, args[0])
	case ast.MemberWithKey.Name:
		return m.memberOf(args[2], args[0], args[1])
	case ast.Count.Name:
		return m.count(args[0])
	case ast.ObjectGet.Name:
		return m.objectGet(args)
	}
	return nil, nil, false
}

var comparisons = map[string]func(int) bool{
	ast.Equal.Name:         func(c int) bool { return c == 0 },
	ast.NotEqual.Name:      func(c int) bool { return c != 0 },
	ast.LessThan.Name:      func(c int) bool { return c < 0 },
	ast.LessThanEq.Name:    func(c int) bool { return c <= 0 },
	ast.GreaterThan.Name:   func(c int) bool { return c > 0 },
	ast.GreaterThanEq.Name: func(c int) bool { return c >= 0 },
}

// compareUnknown settles at least whether two values can be equal. Their order is left open.
func (m *machine) compareUnknown(name string, args []*ast.Term) (*ast.Term, doubt, bool) {
	names := m.inside(args[0]).and(m.inside(args[1]))
	if name == ast.Equal.Name || name == ast.NotEqual.Name {
		fits, d := m.unify(args[0], args[1])
		if !fits || len(d) == 0 {
			return ast.InternedTerm(fits == (name == ast.Equal.Name)), nil, true
		}
	}
	return m.newUnknown(names), nil, true
}

func (m *machine) memberOf(in, key, value *ast.Term) (*ast.Term, doubt, bool) {
	names, ok := unknownNames(in.Value)
	if ok {
		return m.newUnknown(names), nil, true
	}
	answer := ast.InternedTerm(false)
	m.members(in, func(at, member *ast.Term) error {
		fits, d := m.unify(value, member)
		if fits && key != nil {
			var own doubt
			fits, own = m.unify(key, at)
			d = d.and(own)
		}
		if fits && len(d) == 0 {
			answer = ast.InternedTerm(true)
			return errStop
		}
		if fits {
			names = names.and(d)
			answer = m.newUnknown(names)
		}
		return nil
	})
	return answer, nil, true
}

func (m *machine) count(t *ast.Term) (*ast.Term, doubt, bool) {
	switch v := t.Value.(type) {
	case *ast.Array:
		return ast.InternedTerm(v.Len()), nil, true
	case ast.Object:
		return ast.InternedTerm(v.Len()), nil, true
	case ast.Set:
		if distinct(v) {
			return ast.InternedTerm(v.Len()), nil, true
		}
	}
	return nil, nil, false
}

// distinct reports whether the members of a set differ whatever their unknown values are: all are objects, and no two
// agree in what all of them know.
func distinct(s ast.Set) bool {
	var objects []ast.Object
	s.Foreach(func(t *ast.Term) {
		if o, ok := t.Value.(ast.Object); ok {
			objects = append(objects, o)
		}
	})
	if len(objects) != s.Len() {
		return false
	}
	keys := objects[0].Keys()
	for _, o := range objects {
		keys = slices.DeleteFunc(slices.Clone(keys), func(k *ast.Term) bool {
			v := o.Get(k)
			return v == nil || !v.Value.IsGround()
		})
	}
	seen := ast.NewSet()
	for _, o := range objects {
		known := make([]*ast.Term, len(keys))
		for i, k := range keys {
			known[i] = o.Get(k)
		}
		seen.Add(ast.ArrayTerm(known...))
	}
	return seen.Len() == s.Len()
}

// objectGet looks up a key, or a path of keys, that is known. What is unknown there is not absent: the default does not
// stand in for it.
func (m *machine) objectGet(args []*ast.Term) (*ast.Term, doubt, bool) {
	if _, ok := args[0].Value.(ast.Object); !ok || !args[1].Value.IsGround() {
		return nil, nil, false
	}
	path := []*ast.Term{args[1]}
	if list, ok := args[1].Value.(*ast.Array); ok {
		path = nil
		list.Foreach(func(t *ast.Term) { path = append(path, t) })
	}
	at := args[0]
	for _, key := range path {
		if names, ok := unknownNames(at.Value); ok {
			return m.newUnknown(names), nil, true
		}
		switch v := at.Value.(type) {
		case ast.Object:
			at = v.Get(key)
		case *ast.Array:
			at = v.Get(key)
		case ast.Set:
			if !v.IsGround() {
				return nil, nil, false
			}
			if !v.Contains(key) {
				return args[2], nil, true
			}
			at = key
		default:
			at = nil
		}
		if at == nil {
			return args[2], nil, true
		}
	}
	return at, nil, true
}

// opaque reports whether a built-in only moves the members of its operands about, so that it does not matter whether
// they are known.
func opaque(name string, args []*ast.Term) bool {
	switch name {
	case "array.concat", "array.slice", "array.reverse", "object.keys":
		for _, a := range args {
			if _, ok := unknownNames(a.Value); ok {
				return false
			}
		}
		return true
	}
	return false
}
