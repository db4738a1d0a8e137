package regohost

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown/builtins"

	"github.com/assaysec/assay/internal/policy"
)

// Limits on what one rule says.
const (
	maxMessages    = 10_000
	maxMessageText = 4_000 // bytes
)

var _ policy.Rulebook = (*Program)(nil)

func (p *Program) machine(doc map[string]any, now time.Time) *machine {
	m := &machine{program: p, now: timeTerm(now), cache: builtins.Cache{}, closed: map[ast.Object]bool{}}
	var input *ast.Term
	if doc != nil {
		input = m.toTerm(doc)
	}
	m.frame = &frame{input: input, docs: map[*ast.TreeNode]*document{}}
	m.budget = newBudget(p.steps, p.memory, input)
	return m
}

func timeTerm(t time.Time) *ast.Term {
	return ast.NumberTerm(json.Number(strconv.FormatInt(t.UnixNano(), 10)))
}

// toTerm makes a value of a part of a document. Each unknown value is one of its own.
func (m *machine) toTerm(v any) *ast.Term {
	switch v := v.(type) {
	case map[string]any:
		object := ast.NewObject()
		for _, key := range slices.Sorted(maps.Keys(v)) {
			object.Insert(ast.InternedTerm(key), m.toTerm(v[key]))
		}
		m.closed[object] = true
		return ast.NewTerm(object)
	case []any:
		list := make([]*ast.Term, len(v))
		for i := range v {
			list[i] = m.toTerm(v[i])
		}
		return ast.ArrayTerm(list...)
	case []string:
		list := make([]*ast.Term, len(v))
		for i := range v {
			list[i] = ast.StringTerm(v[i])
		}
		return ast.ArrayTerm(list...)
	case policy.Unknown:
		return m.newUnknown(doubt{string(v)})
	case string:
		return ast.StringTerm(v)
	case bool:
		return ast.InternedTerm(v)
	case int:
		return ast.InternedTerm(v)
	}
	return ast.NumberTerm(json.Number(fmt.Sprint(v))) // the other numbers
}

// Decide asks each deny and warn rule of every module, in the order of their places, and sorts what each says.
func (p *Program) Decide(doc map[string]any, now time.Time) []policy.Statement {
	m := p.machine(doc, now)
	var list []policy.Statement
	for _, path := range slices.Sorted(maps.Keys(p.modules)) {
		for _, r := range p.modules[path].Rules {
			if _, ok := decision(r); ok && !isTest(path) {
				list = append(list, m.statements(r)...)
			}
		}
	}
	return list
}

// statements asks one rule. If it fails, that is all it says: what it said before may not be the whole.
func (m *machine) statements(r *ast.Rule) []policy.Statement {
	s := speaker{m: m, rule: r, like: statementOf(r)}
	err := m.guarded(func() error {
		_, err := m.chain(r, nil, func(r *ast.Rule, d doubt) error {
			if r.Head.RuleKind() == ast.MultiValue {
				return m.term(r.Head.Key, func(v *ast.Term, own doubt) error { return s.say(v, d.and(own)) })
			}
			return m.term(r.Head.Value, func(v *ast.Term, own doubt) error { return s.all(v, d.and(own)) })
		})
		return err
	})
	if err != nil {
		failed := s.like
		failed.Decision, failed.Error = policy.Deny, err.Error()
		return []policy.Statement{failed}
	}
	return s.sorted()
}

func statementOf(r *ast.Rule) policy.Statement {
	name, _ := decision(r)
	return policy.Statement{
		Decision: policy.Decision(name),
		By:       fmt.Sprintf("policy %s:%d %s", r.Location.File, r.Location.Row, name),
		Rule:     r.Module.Package.Path.String() + "." + name,
	}
}

// A speaker collects what one rule says, each statement once: the certain one, if there is one.
type speaker struct {
	m    *machine
	rule *ast.Rule
	like policy.Statement
	said []policy.Statement
	seen map[[3]string]int
}

// all takes the members of a set that a rule gives as a whole.
func (s *speaker) all(v *ast.Term, d doubt) error {
	if names, ok := unknownNames(v.Value); ok {
		return s.say(v, d.and(names))
	}
	if _, object := v.Value.(ast.Object); object || !iterable(v.Value) {
		return at(s.rule.Location, fmt.Errorf("%s gives %s, want a set of messages", s.like.Rule, ast.ValueName(v.Value)))
	}
	return s.m.members(v, func(_, member *ast.Term) error { return s.say(member, d) })
}

var errMessage = errors.New(`a message is a text, or an object with "msg" and perhaps "fingerprint" and "target"`)

func (s *speaker) say(v *ast.Term, d doubt) error {
	st := s.like
	st.Unknowns = d
	var err error
	switch v := v.Value.(type) {
	case ast.String:
		st.Message = string(v)
	case ast.Object:
		err = s.read(v, &st)
	case ast.Var:
		names, _ := unknownNames(v)
		st.Unknowns = d.and(names)
	default:
		err = errMessage
	}
	if err == nil && len(s.said) >= maxMessages {
		err = fmt.Errorf("more than %d messages", maxMessages)
	}
	if err != nil {
		return at(s.rule.Location, err)
	}
	if len(st.Unknowns) > 0 {
		st.Decision = policy.Deny
		st.Error = "the answer hangs on " + strings.Join(st.Unknowns, ", ") + ", which is unknown"
	}
	s.add(st)
	return nil
}

// read takes the parts of a message object.
func (s *speaker) read(v ast.Object, st *policy.Statement) error {
	given := false
	for _, field := range []struct {
		key string
		to  *string
	}{{"message", &st.Message}, {"msg", &st.Message}, {"fingerprint", &st.Fingerprint}, {"target", &st.Target}} {
		part := v.Get(ast.StringTerm(field.key))
		if part == nil {
			continue
		}
		given = given || field.to == &st.Message
		if names, ok := unknownNames(part.Value); ok {
			st.Unknowns = doubt(st.Unknowns).and(names)
		} else if text, ok := part.Value.(ast.String); ok {
			*field.to = string(text)
		} else {
			return errMessage
		}
	}
	if !given {
		return errMessage
	}
	return nil
}

func (s *speaker) add(st policy.Statement) {
	if len(st.Message) > maxMessageText {
		st.Message = strings.ToValidUTF8(st.Message[:maxMessageText], "") + "…"
	}
	if s.seen == nil {
		s.seen = map[[3]string]int{}
	}
	key := [3]string{st.Message, st.Fingerprint, st.Target}
	i, ok := s.seen[key]
	switch {
	case !ok:
		s.seen[key] = len(s.said)
		s.said = append(s.said, st)
	case len(st.Unknowns) == 0:
		s.said[i] = st
	case len(s.said[i].Unknowns) > 0:
		s.said[i].Unknowns = doubt(s.said[i].Unknowns).and(st.Unknowns)
		s.said[i].Error = "the answer hangs on " + strings.Join(s.said[i].Unknowns, ", ") + ", which is unknown"
	}
}

func (s *speaker) sorted() []policy.Statement {
	slices.SortFunc(s.said, func(a, b policy.Statement) int {
		return cmp.Or(cmp.Compare(a.Message, b.Message), cmp.Compare(a.Target, b.Target), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	return s.said
}
