package github

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/finding"
)

// eachCondition gives the conditions of jobs and steps; step is nil for a job's.
func (c *context) eachCondition(visit func(n *yaml.Node, j *Job, s *Step)) {
	for _, j := range c.jobs() {
		if document.Text(j.If) != "" {
			visit(document.Follow(j.If), j, nil)
		}
		for _, s := range j.Steps {
			if document.Text(s.If) != "" {
				visit(document.Follow(s.If), j, s)
			}
		}
	}
}

// labelOf names a job or one of its steps, and is the beginning of keys.
func labelOf(j *Job, s *Step) (label, key string) {
	if s == nil {
		return fmt.Sprintf("job %q", j.ID), j.ID
	}
	return fmt.Sprintf("step %q", s.Label()), s.Key()
}

// textCondition: a text beside the braces, be it a line's end, makes the whole condition a text, which is always true.
func textCondition(c *context) {
	c.eachCondition(func(n *yaml.Node, j *Job, s *Step) {
		if !c.isText(n) {
			return
		}
		label, key := labelOf(j, s)
		why := "has a text beside its braces"
		if c.condition(n) != nil {
			why = "has a space or a line's end beside its braces"
		}
		c.tellAt(n, key, fmt.Sprintf("the condition of %s %s, so it is always true", label, why)).Fix = c.oneExpression(n)
	})
}

// isText reports whether a condition with braces has anything else.
func (c *context) isText(n *yaml.Node) bool {
	list := c.exprs(n)
	return len(list) > 0 && (list[0].From != 0 || list[0].To != len(n.Value))
}

// oneExpression is the fix of a condition that is a text.
func (c *context) oneExpression(n *yaml.Node) *fault.Fix {
	if fix := c.stripBlock(n); fix != nil {
		return fix
	}
	return c.unbrace(n)
}

// stripBlock leaves the last line's end out of a block that holds an expression and nothing else.
func (c *context) stripBlock(n *yaml.Node) *fault.Fix {
	at := c.file.Start(n)
	list := c.exprs(n)
	if at+1 >= len(c.file.Text) || !strings.ContainsRune("|>", rune(c.file.Text[at])) || !strings.ContainsRune("\r\n", rune(c.file.Text[at+1])) {
		return nil
	}
	if len(list) != 1 || list[0].From != 0 || n.Value[list[0].To:] != "\n" {
		return nil
	}
	return replacement("Leave the end of the line out of the condition", fault.Span{Start: at + 1, End: at + 1}, "-")
}

// constantCondition: a condition has the same outcome whatever happens.
func constantCondition(c *context) {
	c.eachCondition(func(n *yaml.Node, j *Job, s *Step) {
		e := c.condition(n)
		if e == nil || e.Tree == nil || c.isText(n) || asksForStatus(e.Tree) {
			return
		}
		label, key := labelOf(j, s)
		if v := folder(nil).fold(e.Tree); v.known {
			f := c.tellAt(n, key+" "+e.Text, fmt.Sprintf("the condition “%s” of %s is always %v", short(e.Text), label, v.truthy()))
			if isLiteral(e.Tree) {
				f.Severity = finding.Info
			}
			return
		}
		if c.neverUnderTriggers(e.Tree) {
			c.tellAt(n, key+" "+e.Text, fmt.Sprintf("the condition “%s” of %s is false for every event that starts the workflow", short(e.Text), label))
		}
	})
}

func isLiteral(n actionlint.ExprNode) bool {
	_, ok := n.(*actionlint.BoolNode)
	return ok
}

// asksForStatus reports whether a condition calls always() or the like, which is there to run in any case.
func asksForStatus(n actionlint.ExprNode) bool {
	found := false
	walk(n, func(n actionlint.ExprNode) bool {
		if f, ok := n.(*actionlint.FuncCallNode); ok {
			switch strings.ToLower(f.Callee) {
			case "always", "failure", "cancelled", "success":
				found = true
			}
		}
		return !found
	})
	return found
}

// neverUnderTriggers reports whether a condition fails for each event of the workflow. The events of a called workflow are
// those of its callers, which nobody knows here.
func (c *context) neverUnderTriggers(tree actionlint.ExprNode) bool {
	if c.workflow == nil || len(c.workflow.Triggers) == 0 || !slices.Contains(paths(tree), "github.event_name") {
		return false
	}
	for _, t := range c.workflow.Triggers {
		if t.Name == "workflow_call" {
			return false
		}
		if v := folder(asEvent(t.Name)).fold(tree); !v.known || v.truthy() {
			return false
		}
	}
	return true
}

// wrongRef: a reference is compared with what it never is: github.ref begins with refs/.
func wrongRef(c *context) {
	for n := range document.Scalars(c.file.Top()) {
		for _, e := range c.exprs(n) {
			c.wrongRefIn(e)
		}
	}
	c.eachCondition(func(n *yaml.Node, _ *Job, _ *Step) {
		if e := c.condition(n); e != nil && e.Bare {
			c.wrongRefIn(e)
		}
	})
}

func (c *context) wrongRefIn(e *Expr) {
	walk(e.Tree, func(n actionlint.ExprNode) bool {
		var ref, text actionlint.ExprNode
		switch n := n.(type) {
		case *actionlint.CompareOpNode:
			ref, text = n.Left, n.Right
		case *actionlint.FuncCallNode:
			if strings.EqualFold(n.Callee, "startsWith") && len(n.Args) == 2 {
				ref, text = n.Args[0], n.Args[1]
			}
		}
		s, ok := text.(*actionlint.StringNode)
		if ok && pathOf(ref) == "github.ref" && s.Value != "" && !strings.HasPrefix("refs/", s.Value) && !strings.HasPrefix(strings.ToLower(s.Value), "refs/") {
			c.tell(c.exprSpan(e), e.Text, fmt.Sprintf("github.ref begins with refs/, and is compared with %q", s.Value))
			return false
		}
		return true
	})
}

// chosen are names whose values an author of a pull request or of a branch picks.
var chosen = map[string]bool{
	"github.head_ref": true, "github.ref": true, "github.ref_name": true, "github.base_ref": true, "github.actor": true, "github.triggering_actor": true,
	"github.event.pull_request.head.ref": true, "github.event.pull_request.head.label": true, "github.event.pull_request.user.login": true,
	"github.event.comment.user.login": true, "github.event.issue.user.login": true, "github.event.sender.login": true, "github.repository_owner": true,
	"github.event.pull_request.head.repo.owner.login": true,
}

// unsoundContains: a value is sought in a text, where a part of a name is found as well as the whole.
func unsoundContains(c *context) {
	c.eachCondition(func(n *yaml.Node, j *Job, s *Step) {
		e := c.condition(n)
		if e == nil || e.Tree == nil {
			return
		}
		label, key := labelOf(j, s)
		walk(e.Tree, func(n actionlint.ExprNode) bool {
			whole, part := containsText(n)
			if part == "" {
				return true
			}
			f := c.tell(c.exprSpan(e), key+" "+part, fmt.Sprintf("the condition of %s looks for %s in the text “%s”, where a part of a name is found too", label, part, short(whole)))
			f.Fix = c.listInstead(e, whole)
			if !chosen[part] {
				f.Severity = finding.Info
			}
			return false
		})
	})
}

// containsText are the text and the name of a call of contains that looks for the value of a name in a text.
func containsText(n actionlint.ExprNode) (whole, part string) {
	f, ok := n.(*actionlint.FuncCallNode)
	if !ok || !strings.EqualFold(f.Callee, "contains") || len(f.Args) != 2 {
		return "", ""
	}
	text, ok := f.Args[0].(*actionlint.StringNode)
	if !ok {
		return "", ""
	}
	return text.Value, pathOf(f.Args[1])
}

// unsoundTernary: A && B || C gives C whenever B is empty, false or 0.
func unsoundTernary(c *context) {
	seen := map[*Expr]bool{}
	check := func(e *Expr) {
		if e == nil || e.Tree == nil || seen[e] {
			return
		}
		seen[e] = true
		walk(e.Tree, func(n actionlint.ExprNode) bool {
			or, ok := n.(*actionlint.LogicalOpNode)
			if !ok || or.Kind != actionlint.LogicalOpNodeKindOr {
				return true
			}
			and, ok := or.Left.(*actionlint.LogicalOpNode)
			if !ok || and.Kind != actionlint.LogicalOpNodeKindAnd {
				return true
			}
			if v := folder(nil).fold(and.Right); !v.known || v.truthy() {
				return true
			}
			c.tell(c.exprSpan(e), e.Text, fmt.Sprintf("“%s” never gives the value between && and ||, which counts as false", short(e.Text)))
			return false
		})
	}
	for n := range document.Scalars(c.file.Top()) {
		for _, e := range c.exprs(n) {
			check(e)
		}
	}
	c.eachCondition(func(n *yaml.Node, _ *Job, _ *Step) { check(c.condition(n)) })
}

// short cuts a long expression for a message.
func short(s string) string {
	const most = 120
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
