package github

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/finding"
)

// downloads reports whether a step fetches artifacts of another run, as a workflow_run does of the one before it.
func (c *context) downloads(s *Step) bool {
	switch {
	case s.Is("actions/download-artifact"):
		return s.Input("run-id") != nil
	case s.Is("dawidd6/action-download-artifact", "aochmann/actions-download-artifact", "redhat-actions/action-download-artifact", "bettermarks/action-artifact-download"):
		return true
	case s.Is("actions/github-script"):
		return strings.Contains(document.Text(s.Input("script")), "downloadArtifact")
	case s.Run != nil:
		text := document.Text(s.Run)
		return strings.Contains(text, "gh run download") || strings.Contains(text, "archive_download_url") || strings.Contains(text, "actions/artifacts/")
	}
	return false
}

// fileAtoms are the sources of the files that a step finds: somebody's code, or artifacts of a run that somebody started.
func (c *context) fileAtoms(s *Step) []Atom {
	if c.workflow == nil || c.seekHeads {
		return nil
	}
	return remember(c.memo.files, s, func() []Atom {
		var atoms []Atom
		first := remember(c.memo.downloads, s.Job, func() int { return firstStep(s.Job, c.downloads) })
		if first < s.Index && slices.Contains(c.openTo(s.Job, s), "workflow_run") {
			from := fault.Step{Span: c.span(s.Job.Steps[first].place())}
			atoms = append(atoms, Atom{Origin: Run, Name: "a file of the artifact", Event: "workflow_run", Steps: []fault.Step{from}})
		}
		for _, f := range c.foreignCheckouts(s.Job) {
			if open := c.openPrivileged(s); f.step.Index < s.Index && len(open) > 0 && f.input == "" {
				return append(atoms, Atom{Origin: Outsider, Name: "a file of the pull request", Event: open[0], Steps: []fault.Step{{Span: f.span}}})
			}
		}
		return atoms
	})
}

// foreignArtifact: a workflow with the repository's rights puts files of an outsider's run beside its own, and goes on to
// run what stands there.
func foreignArtifact(c *context) {
	if c.workflow == nil {
		return
	}
	for _, j := range c.workflow.Jobs {
		for _, s := range j.Steps {
			if !c.downloads(s) || !slices.Contains(c.openTo(j, s), "workflow_run") {
				continue
			}
			f := fault.Fault{
				Rule: c.rule, Span: c.span(s.place()), Key: s.Key(), Severity: finding.Low, Confidence: finding.MediumConfidence,
				Message: fmt.Sprintf("step %q takes artifacts of a run that outsiders may have started", s.Label()),
			}
			dir := folderOf(s, "path")
			if runner, tool := c.runsAfter(foreignCheckout{step: s, span: f.Span, dir: dir}); runner != nil && c.armed(j) && !strings.Contains(dir, "runner.temp") {
				f.Severity = finding.Medium
				f.Message += fmt.Sprintf(", and step %q runs %s among them", runner.Label(), tool)
			}
			c.pending = append(c.pending, Pending{Fault: f, Atoms: []Atom{{Origin: Run, Name: "the run's artifacts", Event: "workflow_run"}}, Foreign: true})
		}
	}
}
