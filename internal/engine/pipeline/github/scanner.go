package github

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
)

// scanners are actions that look for secrets, weaknesses and vulnerable dependencies and fail where they find some, each
// with the input, if there is one, that keeps it from failing.
var scanners = map[string]string{
	"gitleaks/gitleaks-action": "", "trufflesecurity/trufflehog": "", "aquasecurity/trivy-action": "exit-code=0", "anchore/scan-action": "fail-build=false",
	"snyk/actions": "", "returntocorp/semgrep-action": "", "semgrep/semgrep-action": "", "bridgecrewio/checkov-action": "soft_fail=true",
	"google/osv-scanner-action/osv-scanner-action": "", "actions/dependency-review-action": "warn-only=true", "pypa/gh-action-pip-audit": "", "golang/govulncheck-action": "",
	"securego/gosec": "", "aquasecurity/tfsec-action": "soft_fail=true", "zizmorcore/zizmor-action": "", "checkmarx/kics-github-action": "ignore_on_exit=all",
	"tenable/terrascan-action": "only_warn=true", "dependency-check/dependency-check_action": "", "rustsec/audit-check": "", "actions-rust-lang/audit": "",
	"embarkstudios/cargo-deny-action": "", "secretscanner/action": "", "gitguardian/ggshield-action": "", "gitguardian/ggshield/actions/secret": "", "shiftleftsecurity/scan-action": "",
	"boostsecurityio/poutine-action": "", "veracode/veracode-pipeline-scan-action": "fail_build=false", "aquasecurity/trivy": "", "docker/scout-action": "exit-code=false",
	"presidentbeef/brakeman-action": "", "pycqa/bandit-action": "", "mdelapenya/gosec": "",
}

// scannerOf names the scanner that a step is, and the input that keeps it from failing where that is set.
func scannerOf(s *Step) (tool, lenient string) {
	name := s.Ref.Name()
	input, ok := scanners[name]
	if !ok {
		input, ok = scanners[s.Ref.Repository()]
	}
	if !ok {
		return "", ""
	}
	key, value, _ := strings.Cut(input, "=")
	if key != "" && document.Text(s.Input(key)) == value {
		lenient = key + ": " + value
	}
	if strings.Contains(document.Text(s.Input("args")), "-no-fail") {
		lenient = "-no-fail"
	}
	return name, lenient
}

// ignoredScanner: a scan finds something, and the pipeline goes on as if it had not.
func ignoredScanner(c *context) {
	for _, s := range c.steps() {
		if tool, lenient := scannerOf(s); tool != "" {
			c.toldIgnored(s, tool, lenient)
			continue
		}
		sc := c.script(s)
		tool := scannerIn(sc)
		if tool == "" || c.resultsKept(s) {
			continue
		}
		for _, r := range sc.Shell.IgnoredScanners() {
			if handedOn(&sc.Shell.Commands[r.Command]) || c.countsElsewhere(s, r.Tool) {
				continue
			}
			f := c.tell(sc.Span(r.Range), s.Key()+" "+r.Tool, fmt.Sprintf("what %s finds in step %q changes nothing: %s", r.Tool, s.Label(), r.Detail))
			f.Fix = c.letCommandFail(sc, r.Range)
		}
		if s.Tolerant || s.Job.Tolerant {
			c.toldIgnored(s, tool, "")
		}
	}
}

func (c *context) toldIgnored(s *Step, tool, why string) {
	lenient := why
	switch {
	case s.Tolerant:
		why = "continue-on-error"
	case s.Job.Tolerant:
		why = "continue-on-error of the job"
	}
	if why == "" || c.resultsKept(s) || c.outcomeRead(s) {
		return
	}
	f := c.tell(c.span(s.place()), s.Key()+" "+tool, fmt.Sprintf("what %s finds in step %q changes nothing: %s", tool, s.Label(), why))
	f.Fix = c.letFail(s, lenient)
}

// handedOn reports whether what a scanner prints goes to a later step, or to where the run is summed up.
func handedOn(cmd *shell.Command) bool {
	return cmd.Stdout != nil && (strings.Contains(cmd.Stdout.Target.Text, "GITHUB_OUTPUT") || strings.Contains(cmd.Stdout.Target.Text, "GITHUB_STEP_SUMMARY"))
}

// countsElsewhere reports whether another step of the job runs the scanner and fails by what it finds, so that this one is
// for the report.
func (c *context) countsElsewhere(s *Step, tool string) bool {
	return remember(c.memo.releases.judging, s.Job, func() map[string]bool {
		judging := map[string]bool{}
		for _, other := range s.Job.Steps {
			sc := c.script(other)
			tool := scannerIn(sc)
			if tool != "" && !other.Tolerant && !slices.ContainsFunc(sc.Shell.IgnoredScanners(), func(r shell.Remark) bool { return r.Tool == tool }) {
				judging[tool] = true
			}
		}
		return judging
	})[tool]
}

// scannerIn names the first scanner that a script starts.
func scannerIn(sc *Script) string {
	if sc.Shell == nil {
		return ""
	}
	for i := range sc.Shell.Commands {
		if tool := sc.Shell.Commands[i].Scanner(); tool != "" {
			return tool
		}
	}
	return ""
}

// resultsKept reports whether a later step of the job hands a scan's results to where people look at them.
func (c *context) resultsKept(s *Step) bool {
	return s.Index <= remember(c.memo.releases.kept, s.Job, func() int {
		last := -1
		for _, later := range s.Job.Steps {
			run := document.Text(later.Run)
			if later.Is("github/codeql-action/upload-sarif") || strings.Contains(later.Ref.Name(), "reviewdog") || strings.Contains(run, "reviewdog") || strings.Contains(run, "code-scanning/sarifs") {
				last = later.Index
			}
		}
		return last
	})
}

// outcomeRead reports whether another place of the workflow looks at how a step ended or what it put out.
func (c *context) outcomeRead(s *Step) bool {
	read := remember(c.memo.releases.outcomes, c.file.Top(), func() map[string]bool {
		read := map[string]bool{}
		for _, e := range c.allExprs() {
			for _, p := range paths(e.Tree) {
				if parts := strings.SplitN(p, ".", 4); len(parts) > 2 && parts[0] == "steps" && (parts[2] == "outcome" || parts[2] == "outputs") {
					read[parts[1]] = true
				}
			}
		}
		return read
	})
	return s.ID != "" && read[strings.ToLower(s.ID)]
}

// allExprs are all expressions of the file, conditions without braces too.
func (c *context) allExprs() []*Expr {
	var list []*Expr
	c.eachExpr(func(e *Expr) { list = append(list, e) })
	c.eachCondition(func(n *yaml.Node, _ *Job, _ *Step) {
		if e := c.condition(n); e != nil && e.Bare {
			list = append(list, e)
		}
	})
	return list
}

// sleepingScanner: a scan stands in the workflow and never runs.
func sleepingScanner(c *context) {
	for _, s := range c.steps() {
		tool, _ := scannerOf(s)
		if tool == "" {
			tool = scannerIn(c.script(s))
		}
		if tool == "" {
			continue
		}
		for _, n := range []*yaml.Node{s.If, s.Job.If} {
			if e := c.condition(n); e != nil && e.Tree != nil && c.neverHolds(e.Tree) {
				c.tellAt(n, s.Key()+" "+tool, fmt.Sprintf("%s in step %q never runs: “%s” is false", tool, s.Label(), short(e.Text)))
				break
			}
		}
	}
}

// neverHolds reports whether a condition is false whatever starts the workflow.
func (c *context) neverHolds(tree actionlint.ExprNode) bool {
	v := folder(nil).fold(tree)
	return v.known && !v.truthy() || c.neverUnderTriggers(tree)
}
