package github

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/finding"
)

// anonymous: a workflow or a job has no name, so lists of runs and required checks show its file or its ID.
func anonymous(c *context) {
	if c.workflow == nil {
		return
	}
	if document.Get(c.workflow.Node, "name") == nil {
		c.tell(c.file.LineSpan(c.workflow.Node.Line), "workflow", "the workflow has no name")
	}
	for _, j := range c.workflow.Jobs {
		if document.Get(j.Node, "name") == nil {
			c.tellAt(j.Key, j.ID, fmt.Sprintf("job %q has no name", j.ID))
		}
	}
}

// noConcurrency: runs of a workflow may overtake one another. Where something is deployed, an older state may come last.
func noConcurrency(c *context) {
	if c.workflow == nil || c.workflow.Concurrency != nil || c.onlyCalled() {
		return
	}
	var bare []*Job
	for _, j := range c.workflow.Jobs {
		if j.Concurrency == nil {
			bare = append(bare, j)
		}
	}
	if len(bare) == 0 {
		return
	}
	key, _ := document.Entry(c.workflow.Node, "on")
	for _, j := range bare {
		if d := c.firstDeploy(j); d != nil {
			c.tellAt(j.Key, j.ID, fmt.Sprintf("runs of job %q, which deploys with %s, may overtake one another", j.ID, d.what))
			return
		}
	}
	if key != nil {
		f := c.tellAt(key, "on", "runs of the workflow may overlap, since it has no concurrency group")
		f.Severity, f.Confidence = finding.Info, finding.LowConfidence
	}
}

// onlyCalled reports whether other workflows alone start this one.
func (c *context) onlyCalled() bool {
	return len(c.workflow.Triggers) > 0 && !slices.ContainsFunc(c.workflow.Triggers, func(t Trigger) bool { return t.Name != "workflow_call" })
}

// superfluous are actions that do what a program on every hosted runner does, with what to write instead.
var superfluous = map[string]string{
	"ncipollo/release-action": "gh release", "softprops/action-gh-release": "gh release", "elgohr/github-release-action": "gh release",
	"svenstaro/upload-release-action": "gh release upload", "marvinpinto/action-automatic-releases": "gh release", "actions/create-release": "gh release",
	"actions/upload-release-asset": "gh release upload", "ghaction/release": "gh release",
	"peter-evans/create-pull-request": "gh pr create", "peter-evans/create-or-update-comment": "gh pr comment", "thollander/actions-comment-pull-request": "gh pr comment",
	"addnab/docker-run-action": "docker run", "dtolnay/rust-toolchain": "rustup", "actions-rust-lang/setup-rust-toolchain": "rustup", "actions-rs/toolchain": "rustup",
	"actions-rs/cargo": "cargo", "stefanzweifel/git-auto-commit-action": "git commit and git push", "endbug/add-and-commit": "git commit and git push",
	"ad-m/github-push-action": "git push", "actions-ecosystem/action-add-labels": "gh issue edit", "actions-ecosystem/action-remove-labels": "gh issue edit",
	"peter-evans/close-issue": "gh issue close", "peter-evans/close-pull": "gh pr close", "hmarr/auto-approve-action": "gh pr review", "jacobtomlinson/gha-find-replace": "sed",
	"dacbd/create-issue-action": "gh issue create", "jasonetco/create-an-issue": "gh issue create",
}

// superfluousAction: code of somebody else runs for what a program at hand does.
func superfluousAction(c *context) {
	for _, s := range c.steps() {
		if instead := superfluous[s.Ref.Name()]; instead != "" {
			c.tellAt(s.Uses, s.Key(), fmt.Sprintf("%s does what %s does", s.Ref.Name(), instead))
		}
	}
}

// workspaceAction: an action or workflow of the repository is named by its place in the workspace. Whatever an earlier step
// put there runs.
func workspaceAction(c *context) {
	for _, j := range c.jobs() {
		if strings.HasPrefix(j.Ref.Text, "./") {
			c.tellAt(j.Uses, j.ID, fmt.Sprintf("%q is looked up by a path", j.Ref.Text))
		}
		for _, s := range j.Steps {
			if strings.HasPrefix(s.Ref.Text, "./") {
				c.tellAt(s.Uses, s.Key(), fmt.Sprintf("%q is looked up in the workspace, which earlier steps fill", s.Ref.Text))
			}
		}
	}
}
