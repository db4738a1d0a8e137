package regohost

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/assaysec/assay/internal/diagnostic"
)

// checkNames refuses a reference into data that no rule defines: there is no other data, so it would quietly never hold.
// What a file of tests defines is there for tests alone, and what they put in by "with" is there besides.
func (p *Program) checkNames() error {
	var errs []error
	gate := withoutTests(p.root)
	for _, path := range slices.Sorted(maps.Keys(p.modules)) {
		m := p.modules[path]
		errs = append(errs, checkWords(m))
		targets := replacedIn(m)
		replaced := func(t *ast.Term, ref ast.Ref) bool {
			return slices.ContainsFunc(targets, func(target *ast.Term) bool { return target == t || isTest(path) && leads(ref, target.Value.(ast.Ref)) })
		}
		ast.WalkTerms(m, func(t *ast.Term) bool {
			ref, ok := t.Value.(ast.Ref)
			if !ok || ref[0].Value.Compare(ast.DefaultRootDocument.Value) != 0 || replaced(t, ref) {
				return false
			}
			err := checkRef(p.root, ref, t.Location)
			if err == nil && !isTest(path) && checkRef(gate, ref, t.Location) != nil {
				err = &diagnostic.Error{At: position(t.Location), Problem: fmt.Sprintf("only a file of tests defines %v", ref)}
			}
			errs = append(errs, err)
			return false
		})
	}
	return errors.Join(errs...)
}

// replacedIn lists what a module puts other values in for.
func replacedIn(m *ast.Module) []*ast.Term {
	var targets []*ast.Term
	ast.WalkExprs(m, func(e *ast.Expr) bool {
		for _, w := range e.With {
			if _, ok := w.Target.Value.(ast.Ref); ok {
				targets = append(targets, w.Target)
			}
		}
		return false
	})
	return targets
}

// leads reports whether a reference leads to, or through, what is replaced.
func leads(ref, replaced ast.Ref) bool { return ref.HasPrefix(replaced) || replaced.HasPrefix(ref) }

func checkRef(node *ast.TreeNode, ref ast.Ref, where *ast.Location) error {
	for i, t := range ref[1:] {
		if node != nil && len(node.Values) > 0 {
			return nil
		}
		if _, constant := t.Value.(ast.String); !constant {
			return nil
		}
		next := child(node, t.Value)
		if next == nil {
			return unknownData(ref[:i+2], node, where)
		}
		node = next
	}
	return nil
}

func unknownData(ref ast.Ref, node *ast.TreeNode, where *ast.Location) error {
	var known []string
	if node != nil {
		for _, key := range node.Sorted {
			if s, ok := key.(ast.String); ok {
				known = append(known, string(s))
			}
		}
	}
	word, _ := ref[len(ref)-1].Value.(ast.String)
	err := &diagnostic.Error{At: position(where), Problem: fmt.Sprintf("no rule defines %v", ref)}
	err.Problem += diagnostic.DidYouMean(string(word), known)
	return err
}

// withoutTests is a tree of rules without those of files of tests; nil where nothing is left.
func withoutTests(node *ast.TreeNode) *ast.TreeNode {
	if node == nil {
		return nil
	}
	left := &ast.TreeNode{Key: node.Key, Hide: node.Hide, Children: map[ast.Value]*ast.TreeNode{}}
	for _, r := range node.Values {
		if !isTest(r.Location.File) {
			left.Values = append(left.Values, r)
		}
	}
	for _, key := range node.Sorted {
		if below := withoutTests(node.Children[key]); below != nil {
			left.Children[key] = below
			left.Sorted = append(left.Sorted, key)
		}
	}
	if len(left.Values)+len(left.Children) == 0 {
		return nil
	}
	return left
}
