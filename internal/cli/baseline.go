package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/assaysec/assay/internal/exception"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/risk"
	"github.com/spf13/cobra"
)

func baselineCommand(a *app) *cobra.Command {
	var f lookFlags
	var accept bool
	var by exception.Accept
	cmd := &cobra.Command{
		Use:   "baseline [TARGET]",
		Short: "Record what is there today, so that only news is judged",
		Long: "Baseline writes .assay/baseline.json: a fingerprint, rule, path and date for each finding, and no secret. The first\n" +
			"one takes in everything. After that it shrinks by itself as faults go, and grows only with --accept, an owner and a\n" +
			"reason. What is in it stays due.",
		Example: "  assay baseline\n  assay baseline --accept --owner team-payments --reason \"third-party fixtures, replaced in Q1\"",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.staged || f.diffBase != "" {
				return errors.New("a baseline is of the whole target: --staged and --diff-base do not apply")
			}
			f.makesBaseline = true
			p, err := a.perform(cmd.Context(), args, &f)
			if err != nil {
				return err
			}
			o := exception.Options{Now: p.document.Now}
			if accept {
				o.Accept = &by
			}
			return a.updateBaseline(p, args, &f, o)
		},
	}
	f.add(cmd, policy.PullRequest)
	for _, name := range []string{"format", "output", "staged", "diff-base", "severity", "stage", "show-suppressed"} {
		_ = cmd.Flags().MarkHidden(name)
	}
	cmd.Flags().BoolVar(&accept, "accept", false, "let new findings in; needs --owner and --reason")
	cmd.Flags().StringVar(&by.Owner, "owner", "", "who accepts them")
	cmd.Flags().StringVar(&by.Reason, "reason", "", "why")
	return cmd
}

func (a *app) updateBaseline(p *performance, args []string, f *lookFlags, o exception.Options) error {
	next, change, err := exception.Update(p.baseline, p.document.Findings, o)
	if err != nil {
		return err
	}
	file := f.baseline
	if file == "" {
		root := "."
		if len(args) > 0 {
			root = args[0]
		}
		if info, err := os.Stat(root); err != nil || !info.IsDir() {
			return hint(fmt.Errorf("%s is not a folder", root), "name the file with --baseline FILE")
		}
		file = filepath.Join(root, filepath.FromSlash(exception.BaselineFile))
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	err = replace(file, func(w io.Writer) error {
		_, err := w.Write(next.Bytes())
		return err
	})
	if err != nil {
		return err
	}
	say(a.Stdout, fmt.Sprintf("%s: %s (%d added, %d gone, %d moved)", file, report.Plural(len(next.Entries), "finding"),
		len(change.Added), len(change.Removed), len(change.Moved)))
	return a.tellLeft(change.Left)
}

// tellLeft lists what is new and was not let in.
func (a *app) tellLeft(left []risk.Risk) error {
	if len(left) == 0 {
		return nil
	}
	for i := range left {
		say(a.Stdout, fmt.Sprintf("  not let in: %s %s", report.Where(&left[i].Place), left[i].Rule))
	}
	return &UserError{Err: fmt.Errorf("%s not in the baseline", report.Plural(len(left), "finding")),
		Hint: "fix them, or accept them with: assay baseline --accept --owner WHO --reason WHY", Code: Denied}
}
