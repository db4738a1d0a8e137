package github

import (
	"strings"
	"sync"
)

// An Origin tells who writes a value, as far as one file can tell.
type Origin uint8

// The origins, the weakest first. Caller, Output, Context and Run are known only when other files are: Caller is an input
// of this action or called workflow, Output one of an action or workflow of the repository that is called here, Context a
// value of the github context whose event is that of the caller, and Run one of the run that a workflow_run follows.
// Member may push or start the workflow. Merged is text that somebody else wrote and a member took or let in. Outsider is
// anybody.
const (
	Nobody Origin = iota
	Caller
	Output
	Context
	Run
	Member
	Merged
	Outsider
)

var originNames = [...]string{"nobody", "caller", "output", "context", "run", "member", "merged", "outsider"}

func (o Origin) String() string { return originNames[min(int(o), len(originNames)-1)] }

// A source is a value of the github context that people write freely. A star stands for one name, two at the end for all
// that lies below.
type source struct {
	path   string
	who    Origin
	events string
}

const (
	pullRequestEvents = "pull_request pull_request_target pull_request_review pull_request_review_comment"
	pushEvents        = "push create delete workflow_dispatch release registry_package deployment deployment_status page_build status"
)

// sources are the values that hold whatever somebody likes. What is not here is a number, a digest, a date, or a name of
// letters, digits, dots, dashes and underscores, such as an account's or a repository's.
var sources = []source{
	{"github.event.issue.title", Outsider, "issues issue_comment"},
	{"github.event.issue.body", Outsider, "issues issue_comment"},
	{"github.event.issue.labels.*.name", Member, "issues issue_comment"},
	{"github.event.issue.milestone.title", Member, "issues issue_comment"},
	{"github.event.comment.body", Outsider, "issue_comment pull_request_review_comment discussion_comment commit_comment"},
	{"github.event.comment.path", Outsider, "pull_request_review_comment"},
	{"github.event.comment.diff_hunk", Outsider, "pull_request_review_comment"},
	{"github.event.review.body", Outsider, "pull_request_review"},
	{"github.event.review_comment.body", Outsider, "pull_request_review_comment"},
	{"github.event.discussion.title", Outsider, "discussion discussion_comment"},
	{"github.event.discussion.body", Outsider, "discussion discussion_comment"},
	{"github.event.answer.body", Outsider, "discussion"},
	{"github.event.changes.title.from", Outsider, "issues discussion " + pullRequestEvents},
	{"github.event.changes.body.from", Outsider, "issues issue_comment discussion discussion_comment " + pullRequestEvents},
	{"github.event.pages.*.page_name", Outsider, "gollum"},
	{"github.event.pages.*.title", Outsider, "gollum"},
	{"github.event.pages.*.summary", Outsider, "gollum"},
	{"github.event.forkee.description", Outsider, "fork"},
	{"github.event.forkee.homepage", Outsider, "fork"},
	{"github.event.forkee.default_branch", Outsider, "fork"},
	{"github.event.pull_request.title", Outsider, pullRequestEvents},
	{"github.event.pull_request.body", Outsider, pullRequestEvents},
	{"github.event.pull_request.head.ref", Outsider, pullRequestEvents},
	{"github.event.pull_request.head.label", Outsider, pullRequestEvents},
	{"github.event.pull_request.head.repo.default_branch", Outsider, pullRequestEvents},
	{"github.event.pull_request.head.repo.description", Outsider, pullRequestEvents},
	{"github.event.pull_request.head.repo.homepage", Outsider, pullRequestEvents},
	{"github.event.pull_request.labels.*.name", Member, pullRequestEvents},
	{"github.event.pull_request.milestone.title", Member, pullRequestEvents},
	{"github.event.pull_request.base.ref", Member, pullRequestEvents},
	{"github.event.pull_request.base.label", Member, pullRequestEvents},
	{"github.event.pull_request.base.repo.default_branch", Member, pullRequestEvents},
	{"github.head_ref", Outsider, "pull_request pull_request_target"},
	{"github.base_ref", Member, "pull_request pull_request_target"},
	{"github.event.head_commit.message", Merged, "push"},
	{"github.event.head_commit.author.name", Merged, "push"},
	{"github.event.head_commit.author.email", Merged, "push"},
	{"github.event.head_commit.committer.name", Merged, "push"},
	{"github.event.head_commit.committer.email", Merged, "push"},
	{"github.event.commits.*.message", Merged, "push"},
	{"github.event.commits.*.author.name", Merged, "push"},
	{"github.event.commits.*.author.email", Merged, "push"},
	{"github.event.commits.*.committer.name", Merged, "push"},
	{"github.event.commits.*.committer.email", Merged, "push"},
	{"github.event.merge_group.head_commit.message", Merged, "merge_group"},
	{"github.event.merge_group.head_commit.author.name", Merged, "merge_group"},
	{"github.event.merge_group.head_ref", Member, "merge_group"},
	{"github.event.merge_group.base_ref", Member, "merge_group"},
	{"github.event.pusher.name", Member, "push"},
	{"github.event.pusher.email", Member, "push"},
	{"github.event.workflow_run.head_branch", Run, "workflow_run"},
	{"github.event.workflow_run.display_title", Run, "workflow_run"},
	{"github.event.workflow_run.head_commit.message", Run, "workflow_run"},
	{"github.event.workflow_run.head_commit.author.name", Run, "workflow_run"},
	{"github.event.workflow_run.head_commit.author.email", Run, "workflow_run"},
	{"github.event.workflow_run.head_commit.committer.name", Run, "workflow_run"},
	{"github.event.workflow_run.head_commit.committer.email", Run, "workflow_run"},
	{"github.event.workflow_run.head_repository.description", Run, "workflow_run"},
	{"github.event.workflow_run.pull_requests.*.head.ref", Run, "workflow_run"},
	{"github.event.check_suite.head_branch", Member, "check_suite"},
	{"github.event.check_suite.pull_requests.*.head.ref", Member, "check_suite"},
	{"github.event.check_run.check_suite.head_branch", Member, "check_run"},
	{"github.event.check_run.output.title", Member, "check_run"},
	{"github.event.check_run.output.summary", Member, "check_run"},
	{"github.event.check_run.output.text", Member, "check_run"},
	{"github.event.client_payload.**", Member, "repository_dispatch"},
	{"github.event.release.name", Member, "release"},
	{"github.event.release.body", Member, "release"},
	{"github.event.release.tag_name", Member, "release"},
	{"github.event.release.target_commitish", Member, "release"},
	{"github.event.label.name", Member, "label issues discussion " + pullRequestEvents},
	{"github.event.label.description", Member, "label issues discussion " + pullRequestEvents},
	{"github.event.milestone.title", Member, "milestone issues " + pullRequestEvents},
	{"github.event.milestone.description", Member, "milestone issues " + pullRequestEvents},
	{"github.event.deployment.ref", Member, "deployment deployment_status"},
	{"github.event.deployment.environment", Member, "deployment deployment_status"},
	{"github.event.deployment.description", Member, "deployment deployment_status"},
	{"github.event.deployment.payload.**", Member, "deployment deployment_status"},
	{"github.event.status.description", Member, "status"},
	{"github.event.ref", Member, "push create delete workflow_dispatch"},
	{"github.event.base_ref", Member, "push"},
	{"github.ref_name", Member, pushEvents},
	{"github.ref", Member, pushEvents},
}

// sourceEvents are the events of each source, made on first use.
var sourceEvents = sync.OnceValue(func() []map[string]bool {
	list := make([]map[string]bool, len(sources))
	for i, s := range sources {
		list[i] = map[string]bool{}
		for e := range strings.FieldsSeq(s.events) {
			list[i][e] = true
		}
	}
	return list
})

// matches reports whether a path is the source. Deep asks whether the source lies in what the path names, as in
// toJSON(github.event).
func (s source) matches(path string, deep bool) bool {
	pattern := s.path
	for {
		head, rest, more := strings.Cut(pattern, ".")
		phead, prest, pmore := strings.Cut(path, ".")
		switch {
		case head == "**":
			return true
		case head != "*" && phead != "*" && head != phead && !number(head, phead):
			return false
		case !more && !pmore:
			return true
		case !pmore:
			return deep || rest == "**"
		case !more:
			return false
		}
		pattern, path = rest, prest
	}
}

// number reports whether one is a star and the other a member's number.
func number(pattern, name string) bool { return pattern == "*" && name != "" }

// classify tells who writes a value of the github context under an event, and by which source.
func classify(path, event string, deep bool) (Origin, string) {
	best, name := Nobody, ""
	events := sourceEvents()
	for i, s := range sources {
		if events[i][event] && s.who > best && s.matches(path, deep) {
			best, name = s.who, s.path
		}
	}
	return best, name
}

// foreign reports whether any event may put somebody's text there.
func foreign(path string, deep bool) bool {
	for _, s := range sources {
		if s.who != Member && s.matches(path, deep) {
			return true
		}
	}
	return false
}

// A power is what a workflow has in its hands when an event starts it.
type power uint8

const (
	trusted    power = iota // only members start it
	limited                 // outsiders start it, with a token that reads and without secrets
	privileged              // outsiders start it, and it has the repository's token and secrets
)

var powers = map[string]power{
	"pull_request": limited, "pull_request_review": limited, "pull_request_review_comment": limited,
	"pull_request_target": privileged, "issues": privileged, "issue_comment": privileged, "discussion": privileged,
	"discussion_comment": privileged, "commit_comment": privileged, "fork": privileged, "watch": privileged, "gollum": privileged,
	"workflow_run": privileged,
}

// outsiders reports whether one who is not a member can start a workflow by the event.
func outsiders(event string) bool { return powers[event] != trusted }
