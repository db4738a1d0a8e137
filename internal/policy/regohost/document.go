package regohost

import (
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

// A document is what the rules of one name define: a value, or members that each have their own doubt.
type document struct {
	value   *ast.Term
	doubt   doubt // whether it is there at all
	members *collection
}

func leaf(v *ast.Term) *document { return &document{value: v} }

// A collection is a set, or an object, whose members may be there only perhaps.
type collection struct {
	set     bool
	items   []*item
	index   map[int][]*item // by the key's hash
	unknown []*item         // those with an unknown value in the key
	made    *ast.Term
}

type item struct {
	key   *ast.Term
	doc   *document // of an object's member
	doubt doubt
}

func newCollection(set bool) *collection { return &collection{set: set, index: map[int][]*item{}} }

func (c *collection) same(key *ast.Term) *item {
	for _, it := range c.index[key.Value.Hash()] {
		if it.key.Value.Compare(key.Value) == 0 {
			return it
		}
	}
	return nil
}

func (c *collection) add(m *machine, key *ast.Term, doc *document, d doubt) error {
	m.charge(key)
	if old := c.same(key); old != nil {
		return old.merge(m, doc, d)
	}
	it := &item{key, doc, d}
	c.items = append(c.items, it)
	c.index[key.Value.Hash()] = append(c.index[key.Value.Hash()], it)
	if !key.Value.IsGround() {
		c.unknown = append(c.unknown, it)
	}
	return m.step(1)
}

// merge takes a second statement about a member.
func (it *item) merge(m *machine, doc *document, d doubt) error {
	if it.doc != nil {
		both, err := it.doc.join(m, doc, it.doubt.and(d))
		if err != nil {
			return err
		}
		it.doc = both
	}
	if len(d) == 0 || len(it.doubt) == 0 {
		it.doubt = nil
	} else {
		it.doubt = it.doubt.and(d)
	}
	return nil
}

// join makes one document of two with the same name. Two values must be equal; where one of them may not be there, the
// value is unknown instead.
func (doc *document) join(m *machine, other *document, d doubt) (*document, error) {
	switch {
	case doc.members != nil && other.members != nil && doc.members.set == other.members.set:
		for _, it := range other.members.items {
			if err := doc.members.add(m, it.key, it.doc, it.doubt); err != nil {
				return nil, err
			}
		}
		return doc, nil
	case doc.members != nil || other.members != nil:
		return nil, errConflict
	case doc.value.Value.Compare(other.value.Value) == 0:
		return doc, nil
	}
	d = d.and(m.inside(doc.value)).and(m.inside(other.value))
	if len(d) == 0 {
		return nil, errConflict
	}
	return leaf(m.newUnknown(d)), nil
}

var errConflict = fmt.Errorf("rules give different values for one name")

// find gives the members that a key stands for.
func (c *collection) find(m *machine, key *ast.Term, k func(*item, doubt) error) error {
	candidates := c.items
	if key.Value.IsGround() {
		m.charge(key)
		if it := c.same(key); it != nil && (len(it.doubt) == 0 || len(c.unknown) == 0) {
			return k(it, nil)
		} else if candidates = c.unknown; it != nil {
			candidates = append([]*item{it}, c.unknown...)
		}
	}
	for _, it := range candidates {
		err := m.try(func() error {
			if err := m.step(1); err != nil {
				return err
			}
			if fits, d := m.unify(key, it.key); fits {
				return k(it, d)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// whole gives the collection as a value, which is unknown if only perhaps a member is there.
func (c *collection) whole(m *machine) (*ast.Term, error) {
	if c.made != nil {
		return c.made, nil
	}
	var d doubt
	keys, values := make([]*ast.Term, len(c.items)), make([]*ast.Term, len(c.items))
	for i, it := range c.items {
		keys[i], d = it.key, d.and(it.doubt)
		if c.set {
			continue
		}
		value := it.doc.value
		if it.doc.members != nil {
			var err error
			if value, err = it.doc.members.whole(m); err != nil {
				return nil, err
			}
		}
		values[i], d = value, d.and(it.doc.doubt).and(m.inside(it.key))
	}
	if len(d) > 0 {
		c.made = m.newUnknown(d)
		return c.made, nil
	}
	if c.set {
		c.made = ast.SetTerm(keys...)
	} else {
		pairs := make([][2]*ast.Term, len(keys))
		for i := range keys {
			pairs[i] = [2]*ast.Term{keys[i], values[i]}
		}
		c.made = ast.ObjectTerm(pairs...)
	}
	return c.made, m.made(c.made)
}
