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

// selfHosted: a job runs on a machine of one's own, which keeps what a job leaves behind. Code of a stranger's pull request
// that runs there may stay.
func selfHosted(c *context) {
	if c.workflow == nil {
		return
	}
	for _, j := range c.workflow.Jobs {
		group := document.Get(j.RunsOn, "group") != nil // it may hold hosted machines too
		if j.RunsOn == nil || !group && !c.mayBeOwn(j, nil) {
			c.handsOwnMachine(j)
			continue
		}
		event := ""
		for _, e := range c.openTo(j, nil) {
			if (runsForeignCode(e) || c.fetchesForeign(j, e)) && c.mayBeOwn(j, elsewhere(e)) {
				event = e
			}
		}
		own := fmt.Sprintf("job %q may run on a machine of one's own", j.ID)
		f := fault.Fault{Rule: c.rule, Span: c.span(j.RunsOn), Key: j.ID}
		switch {
		case event != "":
			f.Message = fmt.Sprintf("%s lets code of outsiders run on the machine of one's own that job %q asks for", event, j.ID)
			if gates := c.gates(j); len(gates) > 0 {
				c.pending = append(c.pending, Pending{Fault: f, Gates: gates, Event: event, Guarded: own})
				continue
			}
			c.faults = append(c.faults, f)
		case c.openToCallers(j, nil) && c.mayBeOwn(j, elsewhere(byCall)):
			f.Message = fmt.Sprintf("code of outsiders runs on the machine of one's own that job %q asks for", j.ID)
			c.pending = append(c.pending, Pending{Fault: f, Call: &callFault{Event: byCall, Runs: true, Else: own}})
		default:
			f := c.tellAt(j.RunsOn, j.ID, own)
			f.Severity, f.Confidence = finding.Info, finding.LowConfidence
		}
	}
}

// handsOwnMachine tells of a call that names a machine of one's own for what the called workflow does.
func (c *context) handsOwnMachine(j *Job) {
	for _, e := range c.openTo(j, nil) {
		for n := range document.Scalars(document.Follow(j.With)) {
			if runsForeignCode(e) && c.namesOwn(n, elsewhere(e)) {
				c.tellAt(n, j.ID, fmt.Sprintf("%s lets code of outsiders run on the machine of one's own that job %q names for %s", e, j.ID, j.Ref.Text))
				return
			}
		}
	}
}

// fetchesForeign reports whether a job fetches somebody's code under an event that brings none by itself.
func (c *context) fetchesForeign(j *Job, event string) bool {
	return slices.ContainsFunc(c.foreignCheckouts(j), func(f foreignCheckout) bool {
		return f.input == "" && slices.Contains(c.openPrivileged(f.step), event)
	})
}

// elsewhere is asOutsider in a repository of any name: where own machines serve another one, such as a private twin, nothing
// is known of this one.
func elsewhere(event string) folder {
	outside := asOutsider(event)
	return func(path string) value {
		switch path {
		case "github.repository":
			return textOf("owner/repo")
		case "github.repository_owner":
			return textOf("owner")
		}
		return outside(path)
	}
}

// runsForeignCode reports whether the code of an event's run is the outsider's by itself.
func runsForeignCode(event string) bool { return event == "pull_request" }

// mayBeOwn reports whether one of a job's labels may be self-hosted, under what the folder knows.
func (c *context) mayBeOwn(j *Job, f folder) bool {
	nodes := []*yaml.Node{j.RunsOn}
	for _, e := range c.exprs(document.Follow(j.RunsOn)) {
		if anyBelow(paths(e.Tree), "matrix.") {
			nodes = append(nodes, j.Matrix)
		}
	}
	for _, at := range nodes {
		for n := range document.Scalars(document.Follow(at)) {
			if c.namesOwn(n, f) {
				return true
			}
		}
	}
	return false
}

// selfHostedLabel is what every machine of one's own has.
const selfHostedLabel = "self-hosted"

// namesOwn reports whether a text may be the label of machines of one's own, or a list in JSON with it.
func (c *context) namesOwn(n *yaml.Node, f folder) bool {
	list := c.exprs(n)
	if len(list) == 0 {
		return strings.EqualFold(n.Value, selfHostedLabel) || strings.Contains(strings.ToLower(n.Value), `"`+selfHostedLabel+`"`)
	}
	return slices.ContainsFunc(list, func(e *Expr) bool { return mayYield(e.Tree, f, selfHostedLabel) })
}

func anyBelow(paths []string, prefix string) bool {
	for _, p := range paths {
		if strings.HasPrefix(p, prefix) {
			return true
		}
	}
	return false
}

// mayYield reports whether the value of an expression may hold a word that it writes itself.
func mayYield(n actionlint.ExprNode, f folder, word string) bool {
	switch n := n.(type) {
	case *actionlint.StringNode:
		return strings.Contains(strings.ToLower(n.Value), word)
	case *actionlint.LogicalOpNode:
		left := f.fold(n.Left)
		if n.Kind == actionlint.LogicalOpNodeKindAnd {
			return (!left.known || left.truthy()) && mayYield(n.Right, f, word)
		}
		if left.known && left.truthy() {
			return mayYield(n.Left, f, word)
		}
		return mayYield(n.Left, f, word) || mayYield(n.Right, f, word)
	case *actionlint.CompareOpNode, *actionlint.NotOpNode:
		return false
	case *actionlint.FuncCallNode:
		if strings.EqualFold(n.Callee, "contains") || strings.EqualFold(n.Callee, "startsWith") || strings.EqualFold(n.Callee, "endsWith") {
			return false
		}
		for _, a := range n.Args {
			if mayYield(a, f, word) {
				return true
			}
		}
	}
	return false
}
