package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/risk"
	"github.com/spf13/cobra"
)

func explainCommand(a *app) *cobra.Command {
	var f lookFlags
	cmd := &cobra.Command{
		Use:   "explain FINGERPRINT [TARGET]",
		Short: "Tell what led to the verdict on a finding, and what would change it",
		Long: "Explain looks at the target again and tells, for one finding, which inputs and which line of the policy led to the\n" +
			"verdict, and what would change it. The beginning of the fingerprint will do.",
		Example: "  assay explain a1:3f9c\n  assay explain --diff-base origin/main a1:3f9c",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := a.perform(cmd.Context(), args[1:], &f)
			if err != nil {
				return err
			}
			r, err := find(p.document.Findings, args[0])
			if err != nil {
				return err
			}
			explain(a.Stdout, r, policy.Explain(p.input, *r, p.due[r.Target]))
			return nil
		},
	}
	f.add(cmd, policy.PullRequest)
	return cmd
}

// find returns the finding whose fingerprint begins with text, with or without the scheme.
func find(findings []risk.Risk, text string) (*risk.Risk, error) {
	var found []*risk.Risk
	for i := range findings {
		_, digest, _ := strings.Cut(findings[i].Fingerprint, ":")
		if strings.HasPrefix(findings[i].Fingerprint, text) || strings.HasPrefix(digest, text) {
			found = append(found, &findings[i])
		}
	}
	switch {
	case len(found) == 0:
		return nil, hint(fmt.Errorf("no finding here has a fingerprint that begins with %q", text), "assay scan --format json shows all of them; give the same flags as then")
	case len(found) > 1:
		return nil, hint(fmt.Errorf("%d findings have a fingerprint that begins with %q", len(found), text), "give more of it")
	}
	return found[0], nil
}

func explain(w io.Writer, r *risk.Risk, e policy.Explanation) {
	line := func(format string, args ...any) { say(w, fmt.Sprintf(format, args...)) }
	line("%s  %s", report.Where(&r.Place), r.Title)
	line("  rule         %s", r.Rule)
	line("  fingerprint  %s", r.Fingerprint)
	line("  decision     %s", e.Ruling.Decision)
	if e.Ruling.By != "" {
		line("  because of   %s", e.Ruling.By)
		line("               %s", e.Ruling.Expr)
	}
	if e.Ruling.Error != "" {
		line("  error        %s", e.Ruling.Error)
	}
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
