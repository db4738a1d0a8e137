package regohost

import "github.com/open-policy-agent/opa/v1/ast"

// ref yields the values that a reference leads to.
func (m *machine) ref(r ast.Ref, k yield) error {
	switch head := r[0].Value; {
	case head.Compare(ast.InputRootDocument.Value) == 0:
		if m.frame.input == nil {
			return nil
		}
		return m.walk(m.frame.input, r[1:], nil, k)
	case head.Compare(ast.DefaultRootDocument.Value) == 0:
		return m.data(m.program.root, r, ast.Ref{r[0]}, nil, k)
	}
	return m.term(r[0], func(v *ast.Term, d doubt) error { return m.walk(v, r[1:], d, k) })
}

// walk follows a path into a value.
func (m *machine) walk(v *ast.Term, path []*ast.Term, d doubt, k yield) error {
	if len(path) == 0 {
		return k(v, d)
	}
	if err := m.step(1); err != nil {
		return err
	}
	if names, ok := unknownNames(v.Value); ok {
		return m.walkUnknown(names, path, d, k)
	}
	return m.term(path[0], func(key *ast.Term, own doubt) error {
		return m.walkKey(v, key, path[1:], d.and(own), k)
	})
}

// walkUnknown goes on where nobody knows what there is: something unknown, or nothing.
func (m *machine) walkUnknown(names doubt, path []*ast.Term, d doubt, k yield) error {
	return m.terms(path, func(keys []*ast.Term, own doubt) error {
		return m.try(func() error {
			for _, key := range keys {
				if isOpen(key) {
					m.perhaps(names, m.newUnknown(names), key)
				}
			}
			return k(m.newUnknown(names), d.and(own).and(names))
		})
	})
}

func (m *machine) walkKey(v, key *ast.Term, path []*ast.Term, d doubt, k yield) error {
	if !key.Value.IsGround() {
		return m.search(v, key, path, d, k)
	}
	m.charge(key)
	var member *ast.Term
	switch c := v.Value.(type) {
	case *ast.Array:
		member = c.Get(key)
	case ast.Object:
		if member = c.Get(key); member == nil && m.closed[c] {
			return unknownKey(c, key)
		}
	case ast.Set:
		if !c.Contains(key) {
			if !c.IsGround() {
				return m.search(v, key, path, d, k)
			}
			return nil
		}
		member = key
	}
	if member == nil {
		return nil
	}
	return m.walk(member, path, d, k)
}

// search goes through a collection for the keys that a pattern, or one that is unknown, may stand for.
func (m *machine) search(v, key *ast.Term, path []*ast.Term, d doubt, k yield) error {
	return m.members(v, func(at, member *ast.Term) error {
		return m.try(func() error {
			if fits, own := m.unify(key, at); fits {
				return m.walk(member, path, d.and(own), k)
			}
			return nil
		})
	})
}

// data follows a reference into the tree of rules: done is the part that led to node.
func (m *machine) data(node *ast.TreeNode, r, done ast.Ref, d doubt, k yield) error {
	if value := m.frame.replacement(done); value != nil {
		return m.walk(value, r[len(done):], d, k)
	}
	if node == nil && !m.frame.replacesBelow(done) {
		return nil
	}
	if len(done) == len(r) || node != nil && len(node.Values) > 0 {
		doc, err := m.extent(node, done)
		if err != nil {
			return err
		}
		return m.document(doc, r[len(done):], d, k)
	}
	return m.term(r[len(done)], func(key *ast.Term, own doubt) error {
		if key.Value.IsGround() {
			return m.data(child(node, key.Value), r, append(done[:len(done):len(done)], key), d.and(own), k)
		}
		for _, name := range m.frame.names(node, done) {
			err := m.try(func() error {
				fits, more := m.unify(key, name)
				if !fits {
					return nil
				}
				return m.data(child(node, name.Value), r, append(done[:len(done):len(done)], name), d.and(own).and(more), k)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func child(node *ast.TreeNode, key ast.Value) *ast.TreeNode {
	if node == nil {
		return nil
	}
	switch key.(type) {
	case ast.String, ast.Number, ast.Boolean, ast.Null: // the others cannot be compared as keys of a map
		return node.Children[key]
	}
	return nil
}

// document follows a path into what rules define.
func (m *machine) document(doc *document, path []*ast.Term, d doubt, k yield) error {
	switch {
	case doc == nil:
		return nil
	case doc.members == nil:
		if doc.value == nil {
			return nil
		}
		return m.walk(doc.value, path, d.and(doc.doubt), k)
	case len(path) == 0:
		value, err := doc.members.whole(m)
		if err != nil {
			return err
		}
		return k(value, d.and(doc.doubt))
	}
	return m.term(path[0], func(key *ast.Term, own doubt) error {
		return doc.members.find(m, key, func(it *item, more doubt) error {
			all := d.and(doc.doubt).and(own).and(more).and(it.doubt)
			if doc.members.set {
				return m.walk(it.key, path[1:], all, k)
			}
			return m.document(it.doc, path[1:], all, k)
		})
	})
}
