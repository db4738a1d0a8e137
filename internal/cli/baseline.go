package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/exception"
	"github.com/assaysec/assay/internal/finding"
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
			if !accept && by != (exception.Accept{}) {
				return hint(errors.New("--owner and --reason say who accepts new findings, and --accept is not given"), "add --accept, or leave them out")
			}
			f.makesBaseline = true
			p, err := a.performOnSomething(cmd.Context(), args, &f)
			if err != nil {
				return err
			}
			o := exception.Options{Now: p.document.Now, Looked: p.looked()}
			if accept {
				o.Accept = &by
			}
			return a.updateBaseline(p, args, &f, o)
		},
	}
	f.add(cmd, policy.PullRequest)
	withoutFlags(cmd, "a baseline is of the whole target, and no report", "format", "output", "severity", "stage", "show-suppressed", "staged", "diff-base")
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
		if file, err = placeOwn(root, filepath.FromSlash(exception.BaselineFile)); err != nil {
			return err
		}
	} else if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
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
	for _, unmet := range p.document.Verdict.Incomplete {
		say(a.Stdout, "  incomplete: "+unmet.Reason)
	}
	if err := a.tellLeft(change.Left); err != nil {
		return err
	}
	return incompleteCode(p)
}

// looked gives a function that reports whether the run, which is of one target, would have seen the fault of an entry.
func (p *performance) looked() func(exception.Entry) bool {
	target := p.document.Targets[0]
	sights := map[string]*coverage.Sight{} // by engine
	for i := range p.document.Coverage {
		r := &p.document.Coverage[i]
		// What could not be checked in a history is named by commits, not by paths.
		if target.Kind != "git-history" || r.Complete() {
			sights[r.Engine] = r.Sight()
		}
	}
	only := ""
	if target.Kind == "file" || target.Kind == "stdin" {
		only = filepath.Base(target.Name)
	}
	rules := p.rules()
	return func(e exception.Entry) bool {
		s := sights[finding.EngineOf(e.Rule)]
		return s != nil && rules[e.Rule] && (only == "" || only == e.Path) && s.Saw(e.Path, e.Rule)
	}
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
