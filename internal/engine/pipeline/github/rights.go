package github

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/finding"
)

// permissionsMissing: nothing says what the token may do, so that the repository's default holds, which may be everything.
func permissionsMissing(c *context) {
	if c.workflow == nil || c.workflow.Permissions.Set() || len(c.workflow.Jobs) == 0 {
		return
	}
	var bare []*Job
	for _, j := range c.workflow.Jobs {
		if !j.Permissions.Set() {
			bare = append(bare, j)
		}
	}
	if len(bare) == len(c.workflow.Jobs) {
		key, _ := document.Entry(c.workflow.Node, "jobs")
		f := c.tellAt(key, "workflow", "the workflow does not say what its token may do")
		f.Severity, f.Fix = c.bareSeverity(bare), c.leastPermissions(bare)
		for _, j := range bare[:min(len(bare), maxSteps*2)] {
			f.Steps = append(f.Steps, fault.Step{Span: c.span(j.Key)})
		}
		return
	}
	for _, j := range bare {
		f := c.tellAt(j.Key, j.ID, fmt.Sprintf("job %q does not say what its token may do", j.ID))
		f.Severity, f.Fix = c.bareSeverity([]*Job{j}), c.leastOfJob(j)
	}
}

// bareSeverity is higher where outsiders start the jobs.
func (c *context) bareSeverity(jobs []*Job) finding.Severity {
	for _, j := range jobs {
		for _, e := range c.openTo(j, nil) {
			if powers[e] == privileged {
				return finding.Medium
			}
		}
	}
	return finding.Low
}

// weighty are the scopes whose write access lets others change code, releases or runs.
var weighty = map[string]bool{"contents": true, "packages": true, "actions": true, "id-token": true, "deployments": true, "pages": true, "attestations": true}

// permissionsBroad: all permissions at once, or a right to write that all jobs of a workflow get.
func permissionsBroad(c *context) {
	if c.workflow == nil {
		return
	}
	c.allAtOnce(c.workflow.Permissions, c.workflow.heirs(), "workflow", "the workflow's token")
	for _, j := range c.workflow.Jobs {
		c.allAtOnce(j.Permissions, []*Job{j}, j.ID, fmt.Sprintf("the token of job %q", j.ID))
	}
	inherit := 0
	for _, j := range c.workflow.Jobs {
		if !j.Permissions.Set() {
			inherit++
		}
	}
	for _, s := range c.workflow.Permissions.Scopes {
		if s.Access != "write" || inherit == 0 {
			continue
		}
		f := c.tellAt(s.Key, "workflow "+s.Name, fmt.Sprintf("all jobs of the workflow get %q: write", s.Name))
		f.Severity = finding.Low
		if inherit > 1 && weighty[s.Name] && !c.allNeed(s.Name) {
			f.Severity = finding.Medium
		}
	}
}

// allNeed reports whether each of the jobs that the workflow's permissions hold for may need to write.
func (c *context) allNeed(scope string) bool {
	for _, j := range c.workflow.Jobs {
		scopes, _, known := c.needs(j)
		if !j.Permissions.Set() && known && scopes[scope] != "write" {
			return false
		}
	}
	return true
}

func (c *context) allAtOnce(p Permissions, jobs []*Job, key, whose string) {
	switch p.All {
	case "write-all":
		f := c.tellAt(p.Node, key, whose+" may write everything")
		f.Severity, f.Fix = finding.Medium, c.narrower(p, jobs)
	case "read-all":
		f := c.tellAt(p.Node, key, whose+" may read everything")
		f.Severity, f.Fix = finding.Low, c.narrower(p, jobs)
	}
}

// permissionsUnused: a right to write that none of the steps uses.
func permissionsUnused(c *context) {
	c.unused(func(scope string) bool { return scope != "id-token" }, func(s Scope, where string) {
		f := c.tellAt(s.Key, where+" "+s.Name, fmt.Sprintf("no step seems to need %q: write, which %s grants", s.Name, where))
		f.Fix = c.file.Put(fmt.Sprintf("Grant %q for reading only", s.Name), s.Node, "read")
	})
}

// identityUnused: the right to ask for an identity token, which none of the steps does.
func identityUnused(c *context) {
	c.unused(func(scope string) bool { return scope == "id-token" }, func(s Scope, where string) {
		f := c.tellAt(s.Key, where, fmt.Sprintf("no step seems to ask for an identity token, which %s allows", where))
		f.Fix = c.file.Put("Do not allow to ask for an identity token", s.Node, "none")
	})
}

func (c *context) unused(want func(scope string) bool, tell func(s Scope, where string)) {
	if c.workflow == nil {
		return
	}
	for _, s := range c.workflow.Permissions.Scopes {
		if want(s.Name) && s.Access == "write" && c.nobodyNeeds(s.Name) {
			tell(s, "the workflow")
		}
	}
	for _, j := range c.workflow.Jobs {
		scopes, _, known := c.needs(j)
		for _, s := range j.Permissions.Scopes {
			if want(s.Name) && s.Access == "write" && known && scopes[s.Name] != "write" {
				tell(s, fmt.Sprintf("job %q", j.ID))
			}
		}
	}
}

func (c *context) nobodyNeeds(scope string) bool {
	some := false
	for _, j := range c.workflow.Jobs {
		if j.Permissions.Set() {
			continue
		}
		some = true
		if scopes, _, known := c.needs(j); !known || scopes[scope] == "write" {
			return false
		}
	}
	return some
}

// permissionsUndocumented: a right without a word on what it is for.
func permissionsUndocumented(c *context) {
	if c.workflow == nil {
		return
	}
	each := func(p Permissions, where string) {
		for _, s := range p.Scopes {
			if s.Access != "write" && s.Access != "read" || s.Name == "contents" && s.Access == "read" {
				continue
			}
			if s.Key.HeadComment+s.Key.LineComment+s.Key.FootComment+s.Node.LineComment+s.Node.HeadComment == "" {
				c.tellAt(s.Key, where+" "+s.Name, fmt.Sprintf("nothing tells why %s grants %q: %s", where, s.Name, s.Access))
			}
		}
	}
	each(c.workflow.Permissions, "the workflow")
	for _, j := range c.workflow.Jobs {
		each(j.Permissions, fmt.Sprintf("job %q", j.ID))
	}
}

// persistedCredentials: the token stays in the workspace after the checkout, where all later steps and artifacts find it.
func persistedCredentials(c *context) {
	for _, s := range c.steps() {
		if !s.Is("actions/checkout") || document.Text(s.Input("persist-credentials")) == "false" {
			continue
		}
		f := c.tellAt(s.Uses, s.Key(), fmt.Sprintf("step %q leaves the token in the workspace", s.Label()))
		f.Severity, f.Confidence = finding.Low, finding.LowConfidence
		if c.pushes(s) {
			f.Severity = finding.Info
			f.Message += " for a later one that pushes"
		}
		if names := c.secretNames(s.Input("token")); len(names) > 0 && !c.pushes(s) {
			f.Severity, f.Confidence = finding.Medium, finding.MediumConfidence
			f.Message = fmt.Sprintf("step %q leaves the secret %s in the workspace", s.Label(), strings.ToUpper(names[0]))
		}
		if up := c.uploadsWorkspace(s); up != nil {
			f.Severity, f.Confidence = finding.Medium, finding.MediumConfidence
			f.Message += fmt.Sprintf(", which step %q uploads as an artifact", up.Label())
			f.Steps = []fault.Step{{Span: c.span(up.Uses)}}
		}
		if s.Input("token") == nil { // one that is given is there to be used
			f.Fix = c.keepNoCredentials(s)
		}
	}
}

// pushes reports whether a later step of the job seems to need the token that is kept: it talks to the remote.
func (c *context) pushes(s *Step) bool {
	return s.Index <= remember(c.memo.pushing, s.Job, func() int {
		for i := len(s.Job.Steps) - 1; i >= 0; i-- {
			if c.pushesItself(s.Job.Steps[i]) {
				return i
			}
		}
		return -1
	})
}

func (c *context) pushesItself(s *Step) bool {
	if pushers[s.Ref.Name()] {
		return true
	}
	sc := c.script(s)
	if sc.Shell == nil {
		return false
	}
	for i := range sc.Shell.Commands {
		if cmd := &sc.Shell.Commands[i]; cmd.Name == "git" && strings.Contains(" "+commandText(cmd), " push") {
			return true
		}
	}
	return false
}

// pushers are actions that push with the token that the checkout has kept.
var pushers = named(
	"stefanzweifel/git-auto-commit-action", "peaceiris/actions-gh-pages", "endbug/add-and-commit", "jamesives/github-pages-deploy-action", "ad-m/github-push-action",
	"peter-evans/create-pull-request", "changesets/action", "cycjimmy/semantic-release-action", "helm/chart-releaser-action",
)

// maxLooks is for how many of the first steps of a job all later ones are looked at.
const maxLooks = 100

// uploadsWorkspace is a later step that stores all of the workspace, hidden files included.
func (c *context) uploadsWorkspace(s *Step) *Step {
	dir := strings.Trim(strings.TrimPrefix(document.Text(s.Input("path")), "./"), "/")
	if s.Index >= maxLooks {
		return nil
	}
	for _, later := range s.Job.Steps[s.Index:] {
		if later.Is("actions/upload-artifact") && c.storesAll(later, dir) {
			return later
		}
	}
	return nil
}

// storesAll reports whether an upload takes in a folder of the workspace with its hidden files. Versions before 4.4 took
// them unasked.
func (c *context) storesAll(s *Step, dir string) bool {
	hidden := document.Text(s.Input("include-hidden-files"))
	if hidden == "false" || hidden == "" && !oldUpload(s.Ref.Rev) {
		return false
	}
	for line := range strings.SplitSeq(document.Text(s.Input("path")), "\n") {
		line = strings.Trim(strings.TrimPrefix(strings.TrimSpace(line), "./"), "/")
		switch line {
		case ".", "*", "**", "**/*", "${{ github.workspace }}", "${{github.workspace}}", ".git", dir + "/.git":
			return true
		case "":
			return strings.TrimSpace(document.Text(s.Input("path"))) == "./"
		}
		if dir != "" && line == dir {
			return true
		}
	}
	return false
}

func oldUpload(rev string) bool {
	for _, old := range []string{"v1", "v2", "v3.0", "v3.1", "v4.0", "v4.1", "v4.2", "v4.3"} {
		if rev == old || strings.HasPrefix(rev, old+".") {
			return true
		}
	}
	return false
}

// keepNoCredentials is the edit that adds persist-credentials: false, where no later script talks to the remote.
func (c *context) keepNoCredentials(s *Step) *fault.Fix {
	if s.Index >= maxLooks {
		return nil
	}
	for _, later := range s.Job.Steps[s.Index:] {
		if strings.Contains(document.Text(later.Run), "git ") || later.Ref.Kind == Local {
			return nil
		}
		if _, known := actionNeeds[later.Ref.Name()]; later.Ref.Kind == Remote && !known {
			return nil // it may talk to the remote
		}
	}
	return c.addInput(s, "persist-credentials", "false", "Do not keep the token after the checkout")
}

// addInput is the edit that gives an action another input.
func (c *context) addInput(s *Step, name, text, title string) *fault.Fix {
	if s.Input(name) != nil {
		return nil
	}
	if s.Node.Style&yaml.FlowStyle != 0 {
		return c.addInputInLine(s, name, text, title)
	}
	key, with := document.Entry(s.Node, "with")
	if with != nil && !owns(s.Node, "with") {
		return nil
	}
	if with == nil {
		key, _ = document.Entry(s.Node, "uses")
		if key == nil {
			return nil
		}
		indent := strings.Repeat(" ", key.Column-1)
		end := c.file.LineSpan(c.file.Line(c.span(s.Uses).End)).End
		return &fault.Fix{Title: title, Edits: []fault.Edit{{Span: fault.Span{Start: end, End: end}, Text: "\n" + indent + "with:\n" + indent + "  " + name + ": " + text}}}
	}
	if document.IsMap(with) && with.Style&yaml.FlowStyle != 0 {
		return c.addInputInLine(s, name, text, title)
	}
	if !document.IsMap(with) || len(with.Content) == 0 || with.Line == key.Line || with.Content[0].Tag == "!!merge" {
		return nil
	}
	at := c.file.Start(with.Content[0])
	indent := strings.Repeat(" ", with.Content[0].Column-1)
	return &fault.Fix{Title: title, Edits: []fault.Edit{{Span: fault.Span{Start: at, End: at}, Text: name + ": " + text + "\n" + indent}}}
}
