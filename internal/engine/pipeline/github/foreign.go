package github

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// heads name the code of somebody else: a commit, a branch, or a repository. Their numbers serve as well, in refs/pull/N.
var heads = map[string]bool{
	"github.head_ref": true, "github.event.pull_request.head.sha": true, "github.event.pull_request.head.ref": true, "github.event.pull_request.head.label": true,
	"github.event.pull_request.head.repo.full_name": true, "github.event.pull_request.head.repo.clone_url": true, "github.event.pull_request.head.repo.html_url": true,
	"github.event.pull_request.head.repo.ssh_url": true, "github.event.pull_request.head.repo.git_url": true,
	"github.event.pull_request.merge_commit_sha": true, "github.event.workflow_run.head_sha": true, "github.event.workflow_run.head_branch": true,
	"github.event.workflow_run.head_commit.id": true, "github.event.workflow_run.head_repository.full_name": true,
	"github.event.workflow_run.pull_requests.*.head.sha": true, "github.event.workflow_run.pull_requests.*.head.ref": true, "github.event.review.commit_id": true,
	"github.event.check_suite.head_sha": true, "github.event.check_run.head_sha": true,
}

// mutable are the heads that their owner may move after somebody has looked at them.
var mutable = map[string]bool{
	"github.head_ref": true, "github.event.pull_request.head.ref": true, "github.event.pull_request.head.label": true, "github.event.workflow_run.head_branch": true,
}

// movable reports whether a name stands for what its owner may change: a branch, or all that a pull request is now.
func movable(name string) bool {
	return mutable[name] || numbers[name] || strings.HasPrefix(name, lookedUp)
}

// lookedUp is what the names of heads begin with that a step looks up: they are as new as the step.
const lookedUp = "the head that "

// pullReference finds references to pull requests.
var pullReference = lazyregexp.New(`^(?:refs/)?pull/.+/(?:head|merge)$`)

var numbers = map[string]bool{
	"github.event.number": true, "github.event.pull_request.number": true, "github.event.issue.number": true, "github.event.workflow_run.pull_requests.*.number": true,
}

// headsIn are the names of somebody's code that flow into a value, through environment and outputs, and the inputs by which
// a caller may give such a name.
func (c *context) headsIn(n *yaml.Node, sc scope) []Atom {
	c.seekHeads = true
	defer func() { c.seekHeads = false }()
	return slices.DeleteFunc(slices.Clone(c.treeTaint(n, sc)), func(a Atom) bool { return a.Origin != Outsider && a.Origin != Caller })
}

// headAtoms stands in for githubTaint while heads are sought.
func headAtoms(p string) []Atom {
	if heads[p] || numbers[p] {
		return []Atom{{Origin: Outsider, Name: p}}
	}
	return nil
}

// A foreignCheckout is a step that brings somebody else's code into the workspace.
type foreignCheckout struct {
	step    *Step
	span    fault.Span
	name    string // of what says whose code it is
	dir     string // where it is put, "" for the workspace itself
	mutable bool

	input string // the input by which a caller says whose code it is; "" where the place itself does
	by    *Ref   // the action of the repository that gets the code by that input
}

// foreignCheckouts are those of a job, whatever starts it.
func (c *context) foreignCheckouts(j *Job) []foreignCheckout {
	return remember(c.memo.checkouts, j, func() []foreignCheckout {
		var list []foreignCheckout
		for _, s := range j.Steps {
			if f, ok := c.foreignCheckout(s); ok && len(list) < maxCheckouts {
				list = append(list, f)
			}
		}
		return list
	})
}

// maxCheckouts bounds how many a job is asked for; after each one all later steps are looked at.
const maxCheckouts = 20

func (c *context) foreignCheckout(s *Step) (foreignCheckout, bool) {
	switch {
	case s.Is("actions/checkout"):
		return c.checkoutAction(s)
	case s.Run != nil:
		return c.checkoutScript(s)
	case s.Ref.Kind == Local:
		return c.checkoutCall(s)
	}
	return foreignCheckout{}, false
}

func (c *context) checkoutAction(s *Step) (foreignCheckout, bool) {
	at := scope{job: s.Job, step: s}
	ref := s.Input("ref")
	dir := folderOf(s, "path")
	for _, in := range []string{"ref", "repository"} {
		node := s.Input(in)
		for _, a := range c.headsIn(node, at) {
			if numbers[a.Name] && !strings.Contains(document.Text(node), "pull") && !strings.Contains(document.Text(node), "env.") {
				continue
			}
			f := foreignCheckout{step: s, span: c.span(node), name: a.Name, dir: dir, mutable: movable(a.Name) && in == "ref"}
			if a.Origin == Caller {
				f.input = strings.ToLower(a.Name)
			}
			return f, true
		}
	}
	if text := document.Text(ref); pullReference().MatchString(text) {
		return foreignCheckout{step: s, span: c.span(ref), name: "refs/pull", dir: dir, mutable: true}, true
	}
	return foreignCheckout{}, false
}

// checkoutCall is a call of an action of the repository that gets the name of somebody's code: whether it fetches that is for
// Join to say.
func (c *context) checkoutCall(s *Step) (foreignCheckout, bool) {
	for k, v := range document.Pairs(s.With) {
		for _, a := range c.headsIn(v, scope{job: s.Job, step: s}) {
			if a.Origin == Outsider && !numbers[a.Name] {
				return foreignCheckout{step: s, span: c.span(v), name: a.Name, input: strings.ToLower(k.Value), by: &s.Ref, mutable: movable(a.Name)}, true
			}
		}
	}
	return foreignCheckout{}, false
}

// checkoutScript finds git and gh commands that fetch a pull request or a head.
func (c *context) checkoutScript(s *Step) (foreignCheckout, bool) {
	sc := c.script(s)
	if sc.Shell == nil {
		return foreignCheckout{}, false
	}
	for i := range sc.Shell.Commands {
		cmd := &sc.Shell.Commands[i]
		words := commandText(cmd)
		switch {
		case cmd.Name == "gh" && strings.HasPrefix(words, "gh pr checkout"), cmd.Name == "hub" && strings.HasPrefix(words, "hub pr checkout"):
			return foreignCheckout{step: s, span: sc.Span(cmd.Range), name: "gh pr checkout", mutable: true}, true
		case cmd.Name == "git" && strings.Contains(words, " fetch ") && !c.takesUp(s, i):
		case cmd.Name == "git" && gitGets(words):
			if name := c.headIn(sc, cmd); name != "" {
				return foreignCheckout{step: s, span: sc.Span(cmd.Range), name: name, mutable: movable(name)}, true
			}
			if strings.Contains(words, "pull/") && (strings.Contains(words, "/head") || strings.Contains(words, "/merge")) && strings.Contains(words, " fetch ") {
				return foreignCheckout{step: s, span: sc.Span(cmd.Range), name: "refs/pull", mutable: true}, true
			}
		}
	}
	return foreignCheckout{}, false
}

// takesUp reports whether the workspace is changed after a fetch: by a later command of the script, or a later step.
func (c *context) takesUp(s *Step, after int) bool {
	for _, later := range s.Job.Steps[s.Index:min(len(s.Job.Steps), s.Index+maxLooks)] {
		sc := c.script(later)
		if sc.Shell == nil {
			continue
		}
		for i := range sc.Shell.Commands {
			cmd := &sc.Shell.Commands[i]
			if cmd.Name != "git" || later == s && i <= after {
				continue
			}
			switch verb := cmd.Operands("-C", "-c"); {
			case len(verb) == 0:
			case changesTree[verb[0].Text]:
				return true
			}
		}
	}
	return false
}

// changesTree are the commands of git that put other files into the workspace.
var changesTree = named("checkout", "switch", "reset", "merge", "rebase", "worktree", "cherry-pick", "restore", "pull", "read-tree", "checkout-index", "apply", "am")

func gitGets(words string) bool {
	for _, verb := range []string{" checkout ", " fetch ", " clone ", " pull ", " switch ", " reset ", " merge ", " worktree "} {
		if strings.Contains(words, verb) {
			return true
		}
	}
	return false
}

// headIn is the head that flows into the arguments of a command.
func (c *context) headIn(sc *Script, cmd *shell.Command) string {
	c.seekHeads = true
	defer func() { c.seekHeads = false }()
	for _, a := range cmd.Args {
		for _, atom := range c.partsTaint(sc, a.Parts) {
			if heads[atom.Name] || strings.HasPrefix(atom.Name, lookedUp) {
				return atom.Name
			}
		}
	}
	return ""
}

// commandText is a command in one line, with marks for what is known only at run time.
func commandText(cmd *shell.Command) string {
	words := []string{cmd.Name}
	for _, a := range cmd.Args {
		words = append(words, a.Text)
	}
	return strings.Join(words, " ")
}

// openPrivileged are the events with the repository's rights by which an outsider gets to a step.
func (c *context) openPrivileged(s *Step) []string {
	return slices.DeleteFunc(c.openTo(s.Job, s), func(e string) bool { return powers[e] != privileged })
}

// foreignExecution: a workflow with the repository's rights runs code that an outsider sent.
func foreignExecution(c *context) {
	c.eachForeign(func(f foreignCheckout, open []string, runner *Step, tool string) {
		if runner == nil {
			return
		}
		severity := finding.High
		if c.armed(runner.Job) {
			severity = finding.Critical
		}
		c.foreign(fault.Fault{
			Span: c.span(runner.place()), Key: runner.Key() + " " + tool, Severity: severity,
			Message: fmt.Sprintf("step %q runs %s in code of others, which step %q checked out by %s", runner.Label(), tool, f.step.Label(), f.name),
			Steps:   []fault.Step{{Span: f.span}},
		}, open, f)
	})
}

// foreignCode: a workflow with the repository's rights checks out code that an outsider sent, and does not seem to run it.
func foreignCode(c *context) {
	c.eachForeign(func(f foreignCheckout, open []string, runner *Step, _ string) {
		if runner != nil {
			return
		}
		c.foreign(fault.Fault{
			Span: f.span, Key: f.step.Key() + " " + f.name, Severity: finding.Medium,
			Message: fmt.Sprintf("step %q checks out code of others by %s, with the rights of the repository", f.step.Label(), f.name),
		}, open, f)
	})
}

// foreign tells at once, or leaves it to Join where only a workflow that runs before can tell.
func (c *context) foreign(f fault.Fault, open []string, checkout foreignCheckout) {
	if f.Confidence == 0 {
		f.Confidence = finding.HighConfidence
	}
	f.Rule = c.rule
	if open[0] == byCall || checkout.by != nil {
		c.pending = append(c.pending, c.called(f, open[0], checkout))
		return
	}
	f.Message += fmt.Sprintf(" (event %s)", open[0])
	if slices.Equal(open, []string{"workflow_run"}) {
		c.pending = append(c.pending, Pending{Fault: f, Atoms: []Atom{{Origin: Run, Name: checkout.name, Event: "workflow_run", Steps: f.Steps}}, Foreign: true})
		return
	}
	c.faults = append(c.faults, f)
}

func (c *context) eachForeign(visit func(f foreignCheckout, open []string, runner *Step, tool string)) {
	for _, j := range c.jobs() {
		for _, f := range c.foreignCheckouts(j) {
			open := c.openForeign(f.step)
			if f.input != "" && f.by == nil {
				open = slices.DeleteFunc(open, func(e string) bool { return e != byCall })
			}
			if len(open) == 0 {
				continue
			}
			runner, tool := c.runsAfter(f)
			visit(f, open, runner, tool)
		}
	}
}

// runsAfter is the first step that runs what was checked out, and how.
func (c *context) runsAfter(f foreignCheckout) (*Step, string) {
	first := f.step.Index
	if f.step.Uses != nil {
		first++
	}
	for _, s := range f.step.Job.Steps[first:] {
		if len(c.openForeign(s)) == 0 {
			continue
		}
		if tool := c.executes(s, &f); tool != "" {
			return s, tool
		}
	}
	return nil, ""
}

func (c *context) executes(s *Step, f *foreignCheckout) string {
	if s.Ref.Kind == Local && (f.dir == "" || within(strings.ReplaceAll(s.Ref.Path, "/", "."), strings.ReplaceAll(f.dir, "/", "."))) {
		if strings.HasPrefix(s.Ref.Text, "$/") {
			return ""
		}
		return "the action " + s.Ref.Text
	}
	if s.Run != nil {
		return c.scriptExecutes(s, f)
	}
	if how, ok := builders[s.Ref.Name()]; ok && how.applies(s) {
		return s.Ref.Name()
	}
	return ""
}

// place is where a step's work is written.
func (s *Step) place() *yaml.Node {
	if s.Run != nil {
		k, _ := document.Entry(s.Node, "run")
		return k
	}
	return s.Uses
}

// armed reports whether a job has rights to write, or secrets: what the attack is about.
func (c *context) armed(j *Job) bool {
	return remember(c.memo.armed, j, func() bool {
		p := j.Granted()
		if !p.Set() || p.Writes() || p.Access("id-token") == "write" {
			return true
		}
		for n := range document.Scalars(j.Node) {
			if strings.Contains(n.Value, "secrets.") && !strings.Contains(n.Value, "secrets.GITHUB_TOKEN") {
				return true
			}
		}
		return false
	})
}

// dangerousTrigger: a workflow is started by outsiders and has the repository's rights, whatever it does with them.
func dangerousTrigger(c *context) {
	if c.workflow == nil {
		return
	}
	for _, t := range c.workflow.Triggers {
		if t.Name == "pull_request_target" || t.Name == "workflow_run" || t.Name == "issue_comment" {
			c.tellAt(t.Key, t.Name, fmt.Sprintf("%s starts the workflow for outsiders with the rights of the repository", t.Name))
		}
	}
}
