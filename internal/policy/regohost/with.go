package regohost

import (
	"maps"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// replaced is a part of data that stands in for another one.
type replaced struct {
	path  ast.Ref
	value *ast.Term
}

// replacement is what stands in for the whole of a path.
func (f *frame) replacement(path ast.Ref) *ast.Term {
	for i := len(f.data) - 1; i >= 0; i-- {
		if f.data[i].path.Equal(path) {
			return f.data[i].value
		}
	}
	return nil
}

func (f *frame) replacesBelow(path ast.Ref) bool {
	return slices.ContainsFunc(f.data, func(r replaced) bool { return len(r.path) > len(path) && r.path.HasPrefix(path) })
}

// names are the names below a node, sorted.
func (f *frame) names(node *ast.TreeNode, at ast.Ref) []*ast.Term {
	var list []*ast.Term
	if node != nil {
		for _, key := range node.Sorted {
			list = append(list, ast.NewTerm(key))
		}
	}
	for _, r := range f.data {
		if len(r.path) > len(at) && r.path.HasPrefix(at) {
			list = append(list, r.path[len(at)])
		}
	}
	slices.SortFunc(list, ast.TermValueCompare)
	return slices.CompactFunc(list, func(a, b *ast.Term) bool { return a.Value.Compare(b.Value) == 0 })
}

// with evaluates an expression in another world; what comes after it sees the present one.
func (m *machine) with(e *ast.Expr, k next) error {
	values := make([]*ast.Term, len(e.With))
	for i, w := range e.With {
		values[i] = w.Value
		if m.isFunction(w.Value) {
			values[i] = ast.NullTerm() // it is named, not evaluated
		}
	}
	return m.terms(values, func(values []*ast.Term, d doubt) error {
		outer := m.frame
		inner := &frame{input: outer.input, data: slices.Clone(outer.data), calls: maps.Clone(outer.calls), docs: map[*ast.TreeNode]*document{}}
		if inner.calls == nil {
			inner.calls = map[string]*ast.Term{}
		}
		for i, w := range e.With {
			if m.isFunction(w.Value) {
				values[i] = w.Value
			}
			m.replace(inner, w.Target.Value.(ast.Ref), values[i])
		}
		plain := *e
		plain.With = nil
		m.frame = inner
		err := m.expr(&plain, func(own doubt) error {
			m.frame = outer
			err := k(d.and(own))
			m.frame = inner
			return err
		})
		m.frame = outer
		return err
	})
}

func (m *machine) replace(f *frame, target ast.Ref, value *ast.Term) {
	switch {
	case target[0].Value.Compare(ast.InputRootDocument.Value) == 0:
		f.input = m.set(f.input, target[1:], value)
	case m.isFunction(ast.NewTerm(target)):
		f.calls[target.String()] = value
	default:
		m.replaceData(f, target, value)
	}
}

func (m *machine) replaceData(f *frame, target ast.Ref, value *ast.Term) {
	for i, r := range f.data {
		if len(r.path) < len(target) && target.HasPrefix(r.path) {
			f.data[i].value = m.set(r.value, target[len(r.path):], value)
			return
		}
	}
	f.data = slices.DeleteFunc(f.data, func(r replaced) bool { return r.path.HasPrefix(target) })
	f.data = append(f.data, replaced{target, value})
}

// set puts a value into a copy of an object.
func (m *machine) set(t *ast.Term, path ast.Ref, value *ast.Term) *ast.Term {
	if len(path) == 0 {
		return value
	}
	object := ast.NewObject()
	var member *ast.Term
	if t != nil {
		if old, ok := t.Value.(ast.Object); ok {
			m.steps -= old.Len() / 4
			old.Foreach(func(key, value *ast.Term) { object.Insert(key, value) })
			member = old.Get(path[0])
		}
	}
	object.Insert(path[0], m.set(member, path[1:], value))
	return ast.NewTerm(object)
}

// isFunction reports whether a term names a built-in or a function that rules define.
func (m *machine) isFunction(t *ast.Term) bool {
	ref, ok := t.Value.(ast.Ref)
	if !ok {
		return false
	}
	if ref[0].Value.Compare(ast.DefaultRootDocument.Value) != 0 {
		return ast.BuiltinMap[ref.String()] != nil
	}
	return len(m.program.functionRules(ref)) > 0
}
