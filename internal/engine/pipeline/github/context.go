package github

import (
	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

// A context is one file under check. Of workflow, action and dependabot one is set.
type context struct {
	path       string
	kind       kind
	file       *document.File
	workflow   *Workflow
	action     *Action
	dependabot *Dependabot

	rule    string // of the check that runs
	faults  []fault.Fault
	pending []Pending

	memo      memo
	seekHeads bool
	depth     int
}

func newContext(path string, file *document.File) *context {
	c := &context{path: path, kind: kindOf(path), file: file, memo: newMemo()}
	top := document.Follow(file.Top())
	if !document.IsMap(top) {
		return c
	}
	switch c.kind {
	case workflowFile:
		c.workflow = newWorkflow(top)
	case actionFile:
		c.action = newAction(top)
	case dependabotFile:
		c.dependabot = newDependabot(top)
	}
	return c
}

// jobs are those of a workflow, or the one that holds a composite action's steps.
func (c *context) jobs() []*Job {
	switch {
	case c.workflow != nil:
		return c.workflow.Jobs
	case c.action != nil:
		return []*Job{c.action.Job}
	}
	return nil
}

// steps are the steps of all jobs.
func (c *context) steps() []*Step {
	var list []*Step
	for _, j := range c.jobs() {
		list = append(list, j.Steps...)
	}
	return list
}

// span is the place of a value; of a key and value, give the key.
func (c *context) span(n *yaml.Node) fault.Span {
	if n == nil {
		return fault.Span{}
	}
	return remember(c.memo.spans, n, func() fault.Span { return c.file.Span(n) })
}

// tell adds a fault of the rule whose check runs. What is known better than the rule is set in what it returns, which
// holds until the next fault is told.
func (c *context) tell(span fault.Span, key, message string) *fault.Fault {
	c.faults = append(c.faults, fault.Fault{Rule: c.rule, Span: span, Key: key, Message: message})
	return &c.faults[len(c.faults)-1]
}

// tellAt tells a fault of a value's place.
func (c *context) tellAt(n *yaml.Node, key, message string) *fault.Fault {
	return c.tell(c.span(n), key, message)
}
