package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/risk"
	"github.com/spf13/cobra"
)

func explainCommand(a *app) *cobra.Command {
	var f lookFlags
	cmd := &cobra.Command{
		Use:   "explain FINGERPRINT [TARGET…]",
		Short: "Tell what led to the verdict on a finding, and what would change it",
		Long: "Explain looks at the target again and tells, for one finding, which inputs and which line of the policy led to the\n" +
			"verdict, and what would change it. The beginning of the fingerprint will do.",
		Example: "  assay explain a1:3f9c\n  assay explain --diff-base origin/main a1:3f9c",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := a.performOnSomething(cmd.Context(), args[1:], &f)
			if err != nil {
				return err
			}
			found, err := find(p.document.Findings, args[0])
			if err != nil {
				return err
			}
			for i, r := range found {
				if i > 0 {
					say(a.Stdout, "")
				}
				a.explain(r, policy.Explain(p.ruling.Input, *r, p.due(r.Target)), p.document.Now)
				a.explainExceptions(p, r)
			}
			explainRun(a.Stdout, p.document)
			return nil
		},
	}
	f.add(cmd, policy.PullRequest)
	withoutFlags(cmd, "explain writes no report", "format", "output", "severity", "show-suppressed")
	return cmd
}

// explainExceptions tells of exceptions that speak about a finding and do not permit it.
func (a *app) explainExceptions(p *performance, r *risk.Risk) {
	for i := range p.ruling.Exceptions {
		e := &p.ruling.Exceptions[i]
		if e.Target == r.Target && e.Problem != "" && e.Exception.Match.Fits(r) {
			say(a.Stdout, "")
			say(a.Stdout, a.hide(fmt.Sprintf("exception %s is %s: %s", e.ID, e.State, e.Problem)))
		}
	}
}

// find returns the finding whose fingerprint begins with text, with or without the scheme: once for each target that has it.
func find(findings []risk.Risk, text string) ([]*risk.Risk, error) {
	var found []*risk.Risk
	for i := range findings {
		_, digest, _ := strings.Cut(findings[i].Fingerprint, ":")
		if strings.HasPrefix(findings[i].Fingerprint, text) || strings.HasPrefix(digest, text) {
			found = append(found, &findings[i])
		}
	}
	several := func(r *risk.Risk) bool { return r.Fingerprint != found[0].Fingerprint }
	switch {
	case len(found) == 0:
		return nil, hint(fmt.Errorf("no finding here has a fingerprint that begins with %q", text), "assay scan --format json shows all of them; give the same flags as then")
	case slices.ContainsFunc(found, several):
		return nil, hint(fmt.Errorf("%d findings have a fingerprint that begins with %q", len(found), text), "give more of it")
	}
	return found, nil
}

func (a *app) explain(r *risk.Risk, e policy.Explanation, now time.Time) {
	line := func(format string, args ...any) { say(a.Stdout, a.hide(fmt.Sprintf(format, args...))) }
	line("%s  %s", report.Where(&r.Place), r.Title)
	line("  rule         %s", r.Rule)
	line("  fingerprint  %s", r.Fingerprint)
	if r.Status != risk.Open {
		line("  held back    %s", report.Held(r))
	}
	line("  first seen   %s", report.Day(r.FirstSeen))
	due := report.Day(r.Due)
	if report.Overdue(r, now) {
		due += ", overdue"
	}
	line("  due          %s", due)
	line("  decision     %s", e.Ruling.Decision)
	if e.Ruling.By != "" {
		line("  because of   %s", e.Ruling.By)
		line("               %s", e.Ruling.Expr)
	}
	if e.Ruling.Message != "" {
		line("  message      %s", e.Ruling.Message)
	}
	if e.Ruling.Error != "" {
		line("  error        %s", e.Ruling.Error)
	}
	a.whatToDo(r)
	line("")
	line("risk %s (%d of 100)", r.Level.Level, r.Level.Score)
	for _, reason := range e.Risk {
		line("  %s", reason)
	}
	line("")
	line("lines of the policy, in the order they are asked")
	for _, answer := range e.Lines {
		line("  %s: %s", answer.By, answer.Says)
		line("    %s", answer.Expr)
		for _, name := range slices.Sorted(maps.Keys(answer.Inputs)) {
			line("    %s = %s", name, answer.Inputs[name])
		}
	}
	if len(e.Changes) == 0 {
		line("")
		line("no single change of an input would lead to another decision")
		return
	}
	line("")
	line("what would change it")
	for _, c := range e.Changes {
		line("  %s: %s", c.If, c.Then)
	}
}

// whatToDo tells what was found, and the whole advice, with the lines to paste.
func (a *app) whatToDo(r *risk.Risk) {
	line := func(text string) { say(a.Stdout, a.hide(text)) }
	line("")
	line("what it is")
	line("  " + r.Message)
	if r.Advice != "" {
		line("")
		line("what to do")
	}
	for _, passage := range report.Advice(r.Advice) {
		indent := "  "
		if passage.Code {
			indent = "    "
		}
		for _, text := range passage.Lines {
			if text != "" {
				line(indent + text)
			}
		}
	}
	for _, f := range r.Fixes {
		line("  assay fix: " + f.Title)
	}
}

// explainRun tells what policies in Rego say about the run as a whole: it holds whatever is decided about a finding.
func explainRun(w io.Writer, d *report.Document) {
	list := report.Look(d).RunRulings()
	if len(list) == 0 {
		return
	}
	say(w, "")
	say(w, "what policies say about the run, whatever is decided about this finding")
	for _, r := range list {
		say(w, fmt.Sprintf("  %s: %s", r.By, r.Decision))
		say(w, "    "+report.Told(r))
	}
}
