package github

import (
	"slices"
	"strings"

	"github.com/rhysd/actionlint"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
)

// asMember answers for a run that an event and an owner of the repository started, from a branch of it.
func asMember(event string) folder {
	return func(path string) value {
		switch {
		case path == "github.event_name":
			return textOf(event)
		case path == "github.event.pull_request.head.repo.fork":
			return truthOf(false)
		case strings.HasSuffix(path, ".author_association"):
			return textOf("OWNER")
		case !ours[path] && outsider[path] == "":
			return value{}
		case path == "github.repository" || strings.HasSuffix(path, "repo.full_name") || strings.HasSuffix(path, "repository.full_name"):
			return textOf("owner/repo")
		case path == "github.repository_owner" || strings.HasSuffix(path, ".owner.login"):
			return textOf("owner")
		}
		return value{}
	}
}

// stops reports whether a job fails for an audience by a step that members never come to: such as one that ends the job
// where the pull request is from a fork.
func (c *context) stops(j *Job, who audience) bool {
	if who.kind == anybody || document.Get(j.Node, "continue-on-error") != nil {
		return false
	}
	return remember(c.memo.stops, audienceKey{j, who}, func() bool {
		return slices.ContainsFunc(j.Steps, func(s *Step) bool {
			e := c.condition(s.If)
			if e == nil || e.Tree == nil || document.Get(s.Node, "continue-on-error") != nil || !c.fails(s) {
				return false
			}
			v := asMember(who.event).fold(e.Tree)
			return v.known && !v.truthy() && c.holds(s.If, c.folderFor(who, j, maxOutputs))
		})
	})
}

// fails reports whether a step's script ends with exit and a number that is not 0.
func (c *context) fails(s *Step) bool {
	sc := c.script(s)
	if sc.Shell == nil || len(sc.Shell.Commands) == 0 {
		return false
	}
	last := &sc.Shell.Commands[len(sc.Shell.Commands)-1]
	return last.Name == "exit" && len(last.Args) == 1 && word(last, 0) != "" && word(last, 0) != "0"
}

// maxAncestors bounds how many jobs are asked that one needs, directly or not.
const maxAncestors = 100

// ancestors are the jobs that a job needs, directly or not.
func ancestors(j *Job) []*Job {
	list := []*Job{j}
	for i := 0; i < len(list) && j.Workflow != nil; i++ {
		for _, id := range list[i].Needs {
			if need := j.Workflow.Job(id); need != nil && len(list) <= maxAncestors && !slices.Contains(list, need) {
				list = append(list, need)
			}
		}
	}
	return list[1:]
}

// outlives reports whether a job may run after one that it needs has failed.
func (c *context) outlives(j, need *Job) bool {
	e := c.condition(j.If)
	if e == nil || e.Tree == nil || !asksForStatus(e.Tree) {
		return false
	}
	v := folder(func(path string) value {
		switch path {
		case "failure()":
			return truthOf(true)
		case "success()", "cancelled()":
			return truthOf(false)
		case "needs." + strings.ToLower(need.ID) + ".result":
			return textOf("failure")
		}
		return value{}
	}).fold(e.Tree)
	return !v.known || v.truthy()
}

// gates are the workflows of the repository that must succeed before a job runs.
func (c *context) gates(j *Job) []string {
	var list []string
	for _, need := range ancestors(j) {
		if need.Ref.Kind == Local && !c.outlives(j, need) {
			list = append(list, root(c.path)+need.Ref.Path)
		}
	}
	return list
}

// stopping are the events for which a called workflow fails when an outsider starts its caller.
func (c *context) stopping() []string {
	if t, ok := c.workflow.Trigger("workflow_call"); !ok || t.Name == "" {
		return nil
	}
	var list []string
	for event := range powers {
		if outsiders(event) && slices.ContainsFunc(c.workflow.Jobs, func(j *Job) bool {
			who := audience{event, stranger}
			return c.stops(j, who) && c.holds(j.If, who.folder())
		}) {
			list = append(list, event)
		}
	}
	slices.Sort(list)
	return list
}

// status is what failure(), success() and cancelled() come to, where a folder knows.
func (f folder) status(n *actionlint.FuncCallNode) value {
	if f == nil {
		return value{}
	}
	return f(strings.ToLower(n.Callee) + "()")
}
