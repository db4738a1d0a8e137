package github

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/finding"
)

// Gates that do not hold what they promise: approved code that moves, bots that others pass for, orders from anybody.

// mutableHead: a gate looks at code, and what runs after it is fetched by a name that its owner may move meanwhile.
func mutableHead(c *context) {
	if c.workflow == nil {
		return
	}
	for _, j := range c.workflow.Jobs {
		for _, f := range c.foreignCheckouts(j) {
			if len(c.openPrivileged(f.step)) > 0 || f.input != "" {
				continue
			}
			if c.labelOutlasts(j, f.step) {
				c.tell(f.span, f.step.Key()+" "+f.name+" label", fmt.Sprintf("step %q fetches the code by %s, and the label that lets it stays when the author pushes again (event pull_request_target)", f.step.Label(), f.name))
				continue
			}
			if !f.mutable {
				continue
			}
			event := ""
			for _, e := range c.events(j, f.step) {
				if powers[e] == privileged && e != "workflow_run" && !c.holdsForMembers(j, f.step, e) {
					event = e
				}
			}
			if event == "" {
				continue
			}
			g := c.tell(f.span, f.step.Key()+" "+f.name, fmt.Sprintf("step %q fetches the code by %s, which may have moved since it was approved (event %s)", f.step.Label(), f.name, event))
			if event == "issue_comment" {
				g.Severity = finding.Low
			}
		}
	}
}

// labelOutlasts reports whether a label of a pull request lets in what its author pushes afterwards.
func (c *context) labelOutlasts(j *Job, s *Step) bool {
	const event = "pull_request_target"
	t, ok := c.workflow.Trigger(event)
	types := t.Filter("types")
	return ok && (len(types) == 0 || slices.Contains(types, "synchronize")) && !c.approved(j) && !c.checkedBefore(j, s) &&
		c.lets(audience{event, pushing}, scope{job: j, step: s})
}

// holdsForMembers reports whether the gate is one that lets no outsider's code in at all, such as a comparison of
// repositories: then there is nothing to approve.
func (c *context) holdsForMembers(j *Job, s *Step, event string) bool {
	who := audience{event, labelled}
	return event != "issue_comment" && (!c.reached(j, who) || !c.holds(s.If, who.folder()))
}

// botCondition: a bot is recognised by the last actor of the event, which an outsider can arrange.
func botCondition(c *context) {
	if c.workflow == nil {
		return
	}
	for _, j := range c.workflow.Jobs {
		c.botConditionIn(j.If, j, nil, j.ID)
		for _, s := range j.Steps {
			c.botConditionIn(s.If, j, s, s.Key())
		}
	}
}

func (c *context) botConditionIn(n *yaml.Node, j *Job, s *Step, key string) {
	e := c.condition(n)
	if e == nil || e.Tree == nil {
		return
	}
	name := trustsActor(e)
	if name == "" || c.othersPass(e, j, s) {
		return
	}
	f := fault.Fault{Span: c.exprSpan(e), Key: key + " " + name, Message: fmt.Sprintf("“%s” takes the last actor for the author", short(e.Text))}
	f.Severity, f.Fix = finding.Low, c.askAuthor(e)
	for _, event := range c.events(j, s) {
		if (event == "pull_request_target" || event == "workflow_run") && c.armed(j) { // elsewhere the actor is the author
			f.Severity, f.Message = finding.High, f.Message+" in a workflow with the rights of the repository (event "+event+")"
			break
		}
	}
	f.Rule = c.rule
	c.faults = append(c.faults, f)
}

// othersPass reports whether the bot's name is but one more way into what outsiders get to by another: then it guards
// nothing.
func (c *context) othersPass(e *Expr, j *Job, s *Step) bool {
	pass := false
	for _, event := range c.events(j, s) {
		if !outsiders(event) {
			continue
		}
		if f := c.folderFor(audience{event, stranger}, j, maxOutputs); f.decidedByActor(e.Tree) {
			return false
		}
		pass = true
	}
	return pass
}

// openChatOps: whoever may comment gives orders to a job that has secrets.
func openChatOps(c *context) {
	if c.workflow == nil {
		return
	}
	for _, j := range c.workflow.Jobs {
		e := c.condition(j.If)
		if e == nil || !slices.ContainsFunc(paths(e.Tree), func(p string) bool { return p == "github.event.comment.body" }) || !c.armed(j) {
			continue
		}
		open := c.openTo(j, nil)
		if !slices.Contains(open, "issue_comment") || c.asks(j) {
			continue
		}
		c.tell(c.exprSpan(e), j.ID, fmt.Sprintf("anybody who comments starts job %q, which has rights to write or secrets", j.ID))
	}
}

// asks reports whether one of the job's steps looks up the rights of an account.
func (c *context) asks(j *Job) bool {
	if slices.ContainsFunc(j.Steps, asksForRights) {
		return true
	}
	for _, s := range j.Steps {
		if e := c.condition(s.If); e != nil && slices.ContainsFunc(paths(e.Tree), func(p string) bool {
			return strings.Contains(p, "author_association") || strings.HasSuffix(p, ".login")
		}) {
			return true
		}
	}
	return false
}
