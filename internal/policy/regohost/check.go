package regohost

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/policy"
)

// A check is a rule that says whether a compensating control works.
type check struct {
	program *Program
	ref     ast.Ref
	reads   []string
}

// Check finds the rule that a compensating check of an exception names, such as data.assay.controls.waf. It must have a
// truth value and read the input, whose only finding is the one that the exception permits. Where its answer hangs on an
// unknown value it does not hold.
func (p *Program) Check(l policy.Line) (policy.FindingProgram, error) {
	refuse := func(hint, format string, args ...any) error {
		return &diagnostic.Error{At: l.At, Problem: fmt.Sprintf(format, args...), Hint: hint}
	}
	const form = "write the name of a rule in .assay/policies, such as data.assay.controls.waf"
	ref, err := ast.ParseRef(l.Expr)
	if err != nil || ref[0].Value.Compare(ast.DefaultRootDocument.Value) != 0 || !ref.IsGround() {
		return nil, refuse(form, "%.60q is not the name of a rule", l.Expr)
	}
	rules := p.rulesAt(ref)
	if len(rules) == 0 {
		return nil, refuse(form, "no rule defines %v", ref)
	}
	if len(rules[0].Head.Args) > 0 || rules[0].Head.RuleKind() == ast.MultiValue {
		return nil, refuse("", "%v is not a rule that is true or false", ref)
	}
	c := &check{program: p, ref: ref}
	if !c.readsInput(rules) {
		return nil, refuse("let it ask about input, else it says the same for ever", "%v reads nothing of input, so it cannot fail", ref)
	}
	if policy.IsConstant(c) {
		return nil, refuse("let it ask about something that would change if the control failed", "%v gives the same answer whatever it reads", ref)
	}
	return policy.Checking(c), nil
}

func (p *Program) rulesAt(ref ast.Ref) []*ast.Rule {
	node := p.root
	for _, t := range ref[1:] {
		if node = child(node, t.Value); node == nil {
			return nil
		}
	}
	return node.Values
}

// readsInput goes through all rules that the answer may hang on. The names that it may read are those whose last word
// stands in a reference there.
func (c *check) readsInput(rules []*ast.Rule) bool {
	reads, words := false, map[string]bool{}
	for _, r := range append(slices.Clone(rules), c.program.askedBy(rules...)...) {
		ast.WalkTerms(r, func(t *ast.Term) bool {
			ref, ok := t.Value.(ast.Ref)
			if !ok {
				return false
			}
			reads = reads || ref[0].Value.Compare(ast.InputRootDocument.Value) == 0
			for _, part := range ref {
				if s, ok := part.Value.(ast.String); ok {
					words[string(s)] = true
				}
			}
			return false
		})
	}
	for _, n := range policy.FindingNames {
		if words[n.Name[strings.LastIndexByte(n.Name, '.')+1:]] {
			c.reads = append(c.reads, n.Name)
		}
	}
	slices.Sort(c.reads)
	return reads
}

// below gives the rules that a reference may lead to.
func (p *Program) below(ref ast.Ref) []*ast.Rule {
	if ref[0].Value.Compare(ast.DefaultRootDocument.Value) != 0 || p.root == nil {
		return nil
	}
	node := p.root
	for _, t := range ref[1:] {
		if len(node.Values) > 0 || !t.Value.IsGround() {
			break
		}
		next := child(node, t.Value)
		if next == nil {
			return nil
		}
		node = next
	}
	var rules []*ast.Rule
	node.DepthFirst(func(n *ast.TreeNode) bool {
		rules = append(rules, n.Values...)
		return false
	})
	return rules
}

func (c *check) Reads() []string { return c.reads }

// Eval asks the rule. What does not hold where its values are known, and is not false either, is false.
func (c *check) Eval(look policy.Lookup) policy.Outcome {
	now := time.Time{}
	if v, known := look("now"); known {
		now, _ = v.(time.Time)
	}
	m := c.program.machine(policy.FindingDocument(look), now)
	var o policy.Outcome
	var unknowns doubt
	err := m.guarded(func() error {
		return m.term(ast.NewTerm(c.ref), func(v *ast.Term, d doubt) error {
			names, open := unknownNames(v.Value)
			truth, ok := v.Value.(ast.Boolean)
			if !ok && !open {
				return fmt.Errorf("%v gives %s, want true or false", c.ref, ast.ValueName(v.Value))
			}
			o.Holds = bool(truth) || open
			unknowns = d.and(names)
			return nil
		})
	})
	o.Unknowns = unknowns
	if err != nil {
		return policy.Outcome{Err: err}
	}
	return o
}
