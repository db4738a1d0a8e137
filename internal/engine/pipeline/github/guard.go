package github

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
)

// outsiderName is what the accounts and repositories of somebody without any right begin with here.
const outsiderName = "outsider"

// ours are names of the repository and its owner, whatever they are.
var ours = named(
	"github.repository", "github.repository_owner", "github.event.repository.full_name", "github.event.repository.owner.login", "github.event.repository.owner.name",
	"github.event.pull_request.base.repo.full_name", "github.event.pull_request.base.repo.owner.login", "github.event.pull_request.base.user.login",
	"github.event.workflow_run.repository.full_name", "github.event.organization.login", "github.repository_id", "github.event.repository.id",
)

// outsider is what other names of the github context hold when such a one starts a run from a fork.
var outsider = map[string]string{
	"github.event.pull_request.head.repo.full_name":         outsiderName + "/repo",
	"github.event.pull_request.head.repo.owner.login":       outsiderName,
	"github.event.pull_request.head.repo.id":                outsiderName,
	"github.event.pull_request.head.user.login":             outsiderName,
	"github.event.pull_request.user.login":                  outsiderName,
	"github.event.pull_request.user.type":                   "User",
	"github.event.workflow_run.head_repository.full_name":   outsiderName + "/repo",
	"github.event.workflow_run.head_repository.owner.login": outsiderName,
	"github.event.workflow_run.event":                       "pull_request",
	"github.event.workflow_run.actor.login":                 outsiderName,
	"github.event.workflow_run.triggering_actor.login":      outsiderName,
	"github.event.comment.user.login":                       outsiderName,
	"github.event.review.user.login":                        outsiderName,
	"github.event.issue.user.login":                         outsiderName,
	"github.event.sender.login":                             outsiderName,
	"github.event.sender.type":                              "User",
	"github.actor":                                          outsiderName,
	"github.triggering_actor":                               outsiderName,
	"github.event.label.name":                               "",
}

// associations are what somebody without any right may be to a repository. A contributor is one whose work was taken in once.
var associations = []string{"NONE", "FIRST_TIME_CONTRIBUTOR", "FIRST_TIMER"}

// An audience is who starts a run: anybody whose event it is, or an outsider.
type audience struct {
	event string
	kind  audienceKind
}

type audienceKind uint8

const (
	anybody  audienceKind = iota
	stranger              // one without any right
	labelled              // the same, after a member has set the label that is asked for
	merging               // the same, when a member merges the pull request
	pushing               // the same as labelled, when the stranger pushes again and the label is still there
)

func (a audience) folder() folder {
	switch a.kind {
	case stranger:
		return asOutsider(a.event)
	case merging:
		return func(path string) value {
			switch path {
			case merged:
				return truthOf(true)
			case "github.ref", "github.ref_name": // the branch that it was merged into
				return value{}
			}
			return asOutsider(a.event)(path)
		}
	case labelled, pushing:
		return func(path string) value {
			switch {
			case path == "github.event.action" && a.kind == pushing:
				return textOf("synchronize")
			case path == "github.event.label.name" && a.kind == pushing:
				return textOf("")
			case strings.Contains(path, "label"):
				return value{}
			}
			return asOutsider(a.event)(path)
		}
	}
	return asEvent(a.event)
}

// merged is true once a member has taken the pull request in.
const merged = "github.event.pull_request.merged"

// asOutsider answers for a run that an event and an outsider started.
func asOutsider(event string) folder {
	return func(path string) value {
		if path == "github.event_name" {
			return eventName(event)
		}
		if path == merged {
			return truthOf(false)
		}
		if ours[path] {
			return value{known: true, kind: textValue, ours: true}
		}
		if path == "github.event.pull_request.head.repo.fork" && event != "issue_comment" {
			return truthOf(true)
		}
		if strings.HasSuffix(path, ".labels.*.name") || strings.HasSuffix(path, ".labels") {
			return value{known: true, kind: listValue} // a label is a member's
		}
		if event == "workflow_run" && strings.HasPrefix(path, "github.event.workflow_run.pull_requests") {
			return value{}
		}
		if strings.HasSuffix(path, ".author_association") {
			return oneOf(associations)
		}
		if text, ok := outsider[path]; ok {
			return textOf(text)
		}
		if event == "pull_request" || event == "pull_request_review" || event == "pull_request_review_comment" {
			return pullRef(path)
		}
		return value{}
	}
}

// pullRef is what a run for a pull request stands on: no branch, whatever its number.
func pullRef(path string) value {
	switch path {
	case "github.ref":
		return textOf("refs/pull/0/merge")
	case "github.ref_name":
		return textOf("0/merge")
	}
	return value{}
}

// asEvent answers for a run that an event started, whoever did.
func asEvent(event string) folder {
	return func(path string) value {
		if path == "github.event_name" {
			return eventName(event)
		}
		return value{}
	}
}

// eventName is the name that a run has for the event that started it: a workflow that is called has its caller's.
func eventName(event string) value {
	if event == "workflow_call" {
		return value{}
	}
	return textOf(event)
}

// holds reports whether a condition may be true.
func (c *context) holds(n *yaml.Node, f folder) bool {
	e := c.condition(n)
	if e == nil || e.Tree == nil || c.isText(document.Follow(n)) {
		return true
	}
	v := f.fold(e.Tree)
	return !v.known || v.truthy()
}

// reached reports whether a job may run for an audience. A job that needs another runs only where that one does, unless
// it says otherwise.
func (c *context) reached(j *Job, who audience) bool {
	return !remember(c.memo.blocked, audienceKey{j, who}, func() bool {
		if !c.holds(j.If, c.folderFor(who, j, maxOutputs)) {
			return true
		}
		for _, need := range ancestors(j) {
			if c.stops(need, who) && !c.outlives(j, need) {
				return true
			}
		}
		if j.Workflow == nil || regardless(document.Text(j.If)) {
			return false
		}
		for _, id := range j.Needs {
			if need := j.Workflow.Job(id); need != nil && !c.reached(need, who) {
				return true
			}
		}
		return false
	})
}

// regardless reports whether a condition lets a job run although one that it needs did not.
func regardless(condition string) bool {
	return strings.Contains(condition, "always()") || strings.Contains(condition, "failure()") || strings.Contains(condition, "cancelled()")
}

// events are those that start the workflow and may lead to a step; to the job, where step is nil. In an action there are
// none: its callers know.
func (c *context) events(j *Job, s *Step) []string {
	if c.workflow == nil {
		return nil
	}
	return remember(c.memo.events, place{j, s}, func() []string {
		var list []string
		for _, t := range c.workflow.Triggers {
			if who := (audience{event: t.Name}); c.reached(j, who) && (s == nil || c.holds(s.If, c.folderFor(who, j, maxOutputs))) {
				list = append(list, t.Name)
			}
		}
		return list
	})
}

// openTo are the events by which an outsider may get to a step, without a gate on the way: a label, a comparison of
// repositories or accounts, an approval of a protected environment.
func (c *context) openTo(j *Job, s *Step) []string {
	open := remember(c.memo.open, place{j, s}, func() []string {
		var list []string
		for _, e := range c.events(j, s) {
			who := audience{e, stranger}
			if !outsiders(e) || !c.reached(j, who) || s != nil && !c.holds(s.If, c.folderFor(who, j, maxOutputs)) || c.onlyLabelled(e) || c.approved(j) {
				continue
			}
			if !c.checkedBefore(j, s) {
				list = append(list, e)
			}
		}
		return list
	})
	return slices.Clone(open)
}

// onlyLabelled reports whether the event comes only from what members do.
func (c *context) onlyLabelled(event string) bool {
	t, _ := c.workflow.Trigger(event)
	types := t.Filter("types")
	for _, name := range types {
		switch name {
		case "labeled", "unlabeled", "assigned", "unassigned", "milestoned", "demilestoned", "pinned", "locked", "unlocked", "transferred",
			"review_requested", "auto_merge_enabled", "enqueued", "dequeued":
		default:
			return false
		}
	}
	return len(types) > 0
}

// approved reports whether a job, or one that it needs, stands in an environment, which may ask for an approval.
func (c *context) approved(j *Job) bool {
	if j.Environment != nil {
		return true
	}
	return remember(c.memo.approved, j, func() bool {
		if j.Workflow == nil || regardless(document.Text(j.If)) {
			return false
		}
		for _, id := range j.Needs {
			if need := j.Workflow.Job(id); need != nil && c.approved(need) {
				return true
			}
		}
		return false
	})
}

// checkedBefore reports whether an earlier step of the job, or a job that it needs, asks what the account may do.
func (c *context) checkedBefore(j *Job, s *Step) bool {
	if s != nil && c.firstAsking(j) < s.Index {
		return true
	}
	return c.checkedByNeeds(j)
}

// checkedByNeeds reports whether a job that a job needs, or that those need, asks what the account may do.
func (c *context) checkedByNeeds(j *Job) bool {
	return remember(c.memo.checked, j, func() bool {
		if j.Workflow == nil || regardless(document.Text(j.If)) {
			return false
		}
		for _, id := range j.Needs {
			need := j.Workflow.Job(id)
			if need != nil && (c.firstAsking(need) < len(need.Steps) || namesRights(need.Ref.Text) || c.checkedByNeeds(need)) {
				return true
			}
		}
		return false
	})
}

// maxOutputs bounds through how many jobs an output is followed that a condition asks for.
const maxOutputs = 3

// folderFor answers as the audience does, and for outputs: a step that asks for the rights of a stranger's account is
// told that there are none, and jobs hand that on.
func (c *context) folderFor(who audience, j *Job, depth int) folder {
	base := who.folder()
	if who.kind == anybody || depth == 0 {
		return base
	}
	return func(path string) value {
		if v := base(path); v.known {
			return v
		}
		first, rest, _ := strings.Cut(path, ".")
		id, rest, _ := strings.Cut(rest, ".")
		output, ok := strings.CutPrefix(rest, "outputs.")
		switch {
		case !ok:
		case first == "steps":
			if s := j.Step(id); s != nil && asksForRights(s) {
				return textOf("false")
			}
		case first == "needs" && j.Workflow != nil:
			return c.outputFor(who, j.Workflow.Job(id), output, depth-1)
		}
		return value{}
	}
}

// outputFor is a job's output as text, where the audience decides it.
func (c *context) outputFor(who audience, j *Job, output string, depth int) value {
	if j == nil {
		return value{}
	}
	e := c.whole(c.entry(j.Outputs, output))
	if e == nil || e.Tree == nil {
		return value{}
	}
	v := c.folderFor(who, j, depth).fold(e.Tree)
	if v.asCondition {
		return value{}
	}
	if v.known && v.kind == boolValue {
		return textOf(map[bool]string{true: "true", false: "false"}[v.truth])
	}
	return v
}

// firstAsking is the index of the first step of a job that asks for rights, or the number of steps.
func (c *context) firstAsking(j *Job) int {
	return remember(c.memo.asking, j, func() int { return firstStep(j, asksForRights) })
}

// firstStep is the index of the first step that is of a kind, or the number of steps.
func firstStep(j *Job, is func(*Step) bool) int {
	if i := slices.IndexFunc(j.Steps, is); i >= 0 {
		return i
	}
	return len(j.Steps)
}

// asksForRights reports whether a step looks up the rights of an account: by the interface of the forge, or an action
// made for it.
func asksForRights(s *Step) bool {
	if namesRights(s.Ref.Name()) {
		return true
	}
	script := document.Text(s.Run) + document.Text(s.Input("script"))
	for _, word := range []string{
		"getCollaboratorPermissionLevel", "checkCollaborator", "checkMembershipForUser", "getMembershipForUser", "getMembershipForOrg", "/permission",
		"/memberships/", "/collaborators/", "author_association", "authorAssociation", "getMembershipForUserInOrg",
	} {
		if strings.Contains(script, word) {
			return true
		}
	}
	return strings.Contains(script, "/members") && (strings.Contains(script, "orgs/") || strings.Contains(script, "teams/"))
}

// namesRights reports whether an action or workflow is made to look up rights, by its name.
func namesRights(name string) bool {
	for _, word := range []string{"permission", "member", "authoriz", "collaborator", "check-user"} {
		if strings.Contains(strings.ToLower(name), word) {
			return true
		}
	}
	return false
}

// condition is the expression of an `if`, read once.
func (c *context) condition(n *yaml.Node) *Expr {
	n = document.Follow(n)
	if n == nil {
		return nil
	}
	return remember(c.memo.ifs, n, func() *Expr { return condition(n) })
}
