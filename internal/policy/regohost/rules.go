package regohost

import (
	"errors"
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// extent gives all that the rules at and below a node define. It is worked out once in a frame.
func (m *machine) extent(node *ast.TreeNode, at ast.Ref) (*document, error) {
	if node == nil || m.frame.replacesBelow(at) {
		return m.makeExtent(node, at)
	}
	if doc, ok := m.frame.docs[node]; ok {
		return doc, nil
	}
	doc, err := m.makeExtent(node, at)
	if err != nil {
		return nil, err
	}
	m.frame.docs[node] = doc
	return doc, nil
}

func (m *machine) makeExtent(node *ast.TreeNode, at ast.Ref) (*document, error) {
	var doc *document
	if node != nil && len(node.Values) > 0 {
		if len(node.Values[0].Head.Args) > 0 {
			return nil, nil // a function is no value
		}
		var err error
		if doc, err = m.rules(node.Values, len(at)); err != nil {
			return nil, err
		}
		if len(node.Children) == 0 {
			return doc, nil
		}
	}
	if doc == nil {
		doc = &document{members: newCollection(false)}
	}
	for _, name := range m.frame.names(node, at) {
		path := append(at[:len(at):len(at)], name)
		below, err := m.below(node, name, path)
		if err != nil {
			return nil, err
		}
		if below != nil && doc.members != nil {
			if err := doc.members.add(m, name, below, below.doubt); err != nil {
				return nil, err
			}
		}
	}
	return doc, nil
}

func (m *machine) below(node *ast.TreeNode, name *ast.Term, path ast.Ref) (*document, error) {
	if value := m.frame.replacement(path); value != nil {
		return leaf(value), nil
	}
	return m.extent(child(node, name.Value), path)
}

// rules works out what rules of one name define together. depth is the length of the reference that leads to them; what
// their own references have beyond it are keys.
func (m *machine) rules(rules []*ast.Rule, depth int) (*document, error) {
	c := &complete{}
	doc := &document{}
	for _, r := range rules {
		if r.Default {
			c.otherwise = r
			continue
		}
		err := m.within(func() error {
			settled, err := m.chain(r, nil, func(r *ast.Rule, d doubt) error { return m.define(doc, c, r, depth, d) })
			c.settled = c.settled || settled
			return err
		})
		if err = stopped(err); err != nil {
			return nil, err
		}
	}
	if doc.members != nil {
		return doc, nil
	}
	if rules[0].Head.RuleKind() == ast.MultiValue || len(rules[0].Ref()) > depth {
		return &document{members: newCollection(rules[0].Head.RuleKind() == ast.MultiValue && len(rules[0].Ref()) == depth)}, nil
	}
	return c.document(m)
}

// chain goes through a rule and its else branches. A branch is reached in the worlds in which those before it failed. It
// is settled if one of them holds in each world.
func (m *machine) chain(r *ast.Rule, args []*ast.Term, k func(*ast.Rule, doubt) error) (settled bool, err error) {
	var reached doubt
	for ; r != nil; r = r.Else {
		certain, perhaps := false, doubt(nil)
		err := m.try(func() error {
			fits, d := m.takes(r, args)
			if !fits {
				return nil
			}
			return m.body(r.Body, d, func(d doubt) error {
				certain, perhaps = certain || len(d) == 0, perhaps.and(d)
				return k(r, reached.and(d))
			})
		})
		if err != nil || certain {
			return certain, err
		}
		reached = reached.and(perhaps)
	}
	return false, nil
}

// takes binds the parameters of a function.
func (m *machine) takes(r *ast.Rule, args []*ast.Term) (bool, doubt) {
	var all doubt
	for i, arg := range args {
		fits, d := m.unify(r.Head.Args[i], arg)
		if !fits {
			return false, nil
		}
		all = all.and(d)
	}
	return true, all
}

// define takes one solution of a rule's body.
func (m *machine) define(doc *document, c *complete, r *ast.Rule, depth int, d doubt) error {
	ref := r.Ref()
	keys := ref[min(depth, len(ref)):]
	if r.Head.RuleKind() == ast.MultiValue {
		return m.terms(append(append([]*ast.Term(nil), keys...), r.Head.Key), func(values []*ast.Term, own doubt) error {
			return doc.put(m, values, nil, d.and(own))
		})
	}
	return m.terms(append(append([]*ast.Term(nil), keys...), r.Head.Value), func(values []*ast.Term, own doubt) error {
		last := len(values) - 1
		if last == 0 {
			return c.add(r, values[0], d.and(own))
		}
		return doc.put(m, values[:last], leaf(values[last]), d.and(own))
	})
}

// put adds a member under a path of keys: to a set if no document is given.
func (doc *document) put(m *machine, path []*ast.Term, value *document, d doubt) error {
	set := len(path) == 1 && value == nil
	if doc.members == nil {
		doc.members = newCollection(set)
	}
	if doc.members.set != set {
		return errConflict
	}
	if len(path) == 1 {
		return doc.members.add(m, path[0], value, d)
	}
	it := doc.members.same(path[0])
	if it == nil {
		if err := doc.members.add(m, path[0], &document{}, d); err != nil {
			return err
		}
		it = doc.members.same(path[0])
	} else if len(d) == 0 {
		it.doubt = nil
	}
	if it.doc == nil || it.doc.value != nil {
		return errConflict
	}
	return it.doc.put(m, path[1:], value, d)
}

// complete collects the values of rules that define one value.
type complete struct {
	values    []answer
	settled   bool // a chain of branches gives a value in each world
	otherwise *ast.Rule
}

type answer struct {
	value *ast.Term
	doubt doubt
}

func (c *complete) add(r *ast.Rule, v *ast.Term, d doubt) error {
	for i, old := range c.values {
		if old.value.Value.Compare(v.Value) == 0 {
			if len(d) == 0 {
				c.values[i].doubt = nil
			} else if len(old.doubt) > 0 {
				c.values[i].doubt = old.doubt.and(d)
			}
			return stopIfSettled(r, d)
		}
		// If only one of them is certain, there is a world in which they conflict, which is an error there.
		if (len(old.doubt) == 0 || len(d) == 0) && old.value.Value.IsGround() && v.Value.IsGround() {
			return at(r.Location, errConflict)
		}
	}
	c.values = append(c.values, answer{v, d})
	return stopIfSettled(r, d)
}

// stopIfSettled ends the search for more solutions of a rule that can give no other value.
func stopIfSettled(r *ast.Rule, d doubt) error {
	if len(d) == 0 && ast.IsConstant(r.Head.Value.Value) {
		return errStop
	}
	return nil
}

// document settles on the one value. If several are possible it is unknown.
func (c *complete) document(m *machine) (*document, error) {
	var all doubt
	certain := c.settled && len(c.values) > 0
	for _, a := range c.values {
		all = all.and(a.doubt)
		certain = certain || len(a.doubt) == 0
	}
	if !certain && c.otherwise != nil {
		value, d, err := m.defaultValue(c.otherwise)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(c.values, func(a answer) bool { return a.value.Value.Compare(value.Value) == 0 }); i < 0 {
			c.values = append(c.values, answer{value, all.and(d)}) // it is there where the others are not, so they cannot conflict
		}
		certain = len(c.values) == 1
	}
	switch len(c.values) {
	case 0:
		return nil, nil
	case 1:
		if certain {
			all = nil
		}
		return &document{value: c.values[0].value, doubt: all}, nil
	}
	for _, a := range c.values {
		all = all.and(m.inside(a.value))
	}
	return &document{value: m.newUnknown(all), doubt: all}, nil
}

var errUndefined = errors.New("the value is not defined")

// defaultValue evaluates a default, which has a body only where its value is a comprehension.
func (m *machine) defaultValue(r *ast.Rule) (value *ast.Term, d doubt, err error) {
	err = m.within(func() error {
		return m.body(r.Body, nil, func(of doubt) error {
			return m.term(r.Head.Value, func(v *ast.Term, own doubt) error {
				value, d = v, of.and(own)
				return nil
			})
		})
	})
	if err == nil && value == nil {
		err = at(r.Location, errUndefined)
	}
	return value, d, err
}

// function calls a function that rules define.
func (m *machine) function(rules []*ast.Rule, args []*ast.Term, k yield) error {
	c := &complete{}
	for _, r := range rules {
		if r.Default {
			c.otherwise = r
			continue
		}
		if len(r.Head.Args) != len(args) {
			return fmt.Errorf("%v takes %d arguments", r.Ref(), len(r.Head.Args))
		}
		err := m.within(func() error {
			settled, err := m.chain(r, args, func(r *ast.Rule, d doubt) error {
				return m.term(r.Head.Value, func(v *ast.Term, own doubt) error { return c.add(r, v, d.and(own)) })
			})
			c.settled = c.settled || settled
			return err
		})
		if err = stopped(err); err != nil {
			return err
		}
	}
	doc, err := c.document(m)
	if err != nil || doc == nil {
		return err
	}
	return k(doc.value, doc.doubt)
}
