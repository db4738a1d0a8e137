package regohost

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/policy"
)

// checkWords refuses a comparison of a part of the input with a word that it can never be, such as f.status == "opne". Rego
// takes it, and it would quietly never hold. It looks at references to input, and at variables of the same body that
// stand for one.
func checkWords(m *ast.Module) error {
	var first error
	schema := policy.DocumentSchema()
	ast.WalkBodies(m, func(b ast.Body) bool {
		w := words{schema: schema, refs: map[ast.Var]ast.Ref{}}
		for _, e := range b {
			w.note(e)
		}
		for _, e := range b {
			if err := w.check(e); err != nil && first == nil {
				first = err
			}
		}
		return false
	})
	return first
}

type words struct {
	schema map[string]any
	refs   map[ast.Var]ast.Ref
}

// note remembers which variable stands for which reference.
func (w *words) note(e *ast.Expr) {
	if !e.IsEquality() || e.Negated {
		return
	}
	for i, t := range []*ast.Term{e.Operand(0), e.Operand(1)} {
		if v, ok := t.Value.(ast.Var); ok {
			if ref, ok := e.Operand(1 - i).Value.(ast.Ref); ok {
				w.refs[v] = ref
			}
		}
	}
}

func (w *words) check(e *ast.Expr) error {
	if !e.IsCall() || len(e.Operands()) != 2 {
		return nil
	}
	switch e.Operator().String() {
	case ast.Equality.Name, ast.Equal.Name, ast.NotEqual.Name, ast.Member.Name:
	default:
		return nil
	}
	for i, t := range e.Operands() {
		name, allowed := w.allowed(t, 0)
		if len(allowed) == 0 {
			continue
		}
		for _, word := range literals(e.Operand(1 - i)) {
			if !slices.Contains(allowed, word) {
				return neverThat(e.Location, name, word, allowed)
			}
		}
	}
	return nil
}

func neverThat(where *ast.Location, name, word string, allowed []string) error {
	err := &diagnostic.Error{At: position(where), Problem: fmt.Sprintf("%s is never %q", name, word), Hint: name + " is one of " + strings.Join(allowed, ", ")}
	err.Problem += diagnostic.DidYouMean(word, allowed)
	return err
}

func literals(t *ast.Term) []string {
	var list []string
	collect := func(t *ast.Term) {
		if s, ok := t.Value.(ast.String); ok {
			list = append(list, string(s))
		}
	}
	switch v := t.Value.(type) {
	case *ast.Array:
		v.Foreach(collect)
	case ast.Set:
		v.Foreach(collect)
	default:
		collect(t)
	}
	return list
}

// allowed gives the words that a term can be, where the schema lists them.
func (w *words) allowed(t *ast.Term, depth int) (name string, list []string) {
	at := w.at(t, depth)
	if at == nil {
		return "", nil
	}
	enum, _ := at["enum"].([]any)
	for _, word := range enum {
		list = append(list, word.(string))
	}
	if v, ok := t.Value.(ast.Var); ok {
		return lastWord(w.refs[v]), list
	}
	ref, _ := t.Value.(ast.Ref)
	return lastWord(ref), list
}

// lastWord names what a reference leads to: its last word, which for a member of a list is the list's.
func lastWord(ref ast.Ref) string {
	for _, t := range slices.Backward(ref) {
		if s, ok := t.Value.(ast.String); ok {
			return string(s)
		}
	}
	return "it"
}

// at finds the part of the schema that a term stands for.
func (w *words) at(t *ast.Term, depth int) map[string]any {
	if depth > 8 {
		return nil
	}
	switch v := t.Value.(type) {
	case ast.Var:
		if ref := w.refs[v]; ref != nil {
			return w.at(ast.NewTerm(ref), depth+1)
		}
	case ast.Ref:
		at := w.schema
		if v[0].Value.Compare(ast.InputRootDocument.Value) != 0 {
			at = w.at(v[0], depth+1)
		}
		for _, part := range v[1:] {
			if at == nil {
				return nil
			}
			at = member(at, part.Value)
		}
		return at
	}
	return nil
}

func member(schema map[string]any, key ast.Value) map[string]any {
	if items, ok := schema["items"].(map[string]any); ok {
		return items
	}
	name, _ := key.(ast.String)
	properties, _ := schema["properties"].(map[string]any)
	at, _ := properties[string(name)].(map[string]any)
	return at
}
