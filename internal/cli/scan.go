package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/risk"
	"github.com/spf13/cobra"
)

func scanCommand(a *app) *cobra.Command {
	var f lookFlags
	cmd := &cobra.Command{
		Use:   "scan [TARGET…]",
		Short: "Look at a target and tell what the gate would say",
		Long: "Scan looks and shows; it changes no file. A target is a path, git:PATH@REVISION, or - for standard input;\n" +
			"without one it is this folder.",
		Example: "  assay scan\n  assay scan --history\n  assay scan --staged\n  assay scan --format sarif --output assay.sarif .\n  git show HEAD:config.yml | assay scan -",
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := a.perform(cmd.Context(), args, &f)
			if err != nil {
				return err
			}
			a.tellBoth(p)
			p.document.Asked, p.document.Mends = f.asked(args, policy.PullRequest), f.mends(args)
			p.document.FailOn = severity(f.failOn)
			written := a.write(report.Filter(p.document, severity(f.severity)), &f)
			return told(&p.document.Verdict, written, a.scanCode(p))
		},
	}
	f.add(cmd, policy.PullRequest)
	cmd.Flags().StringVar(&f.failOn, "fail-on", "", "exit with 1 if an open finding has at least this severity")
	completeFlag(cmd, "fail-on", policy.LevelWords)
	return cmd
}

// tellBoth adds to the reasons what the gate would say if none of it were new, where nobody knows whether it is.
func (a *app) tellBoth(p *performance) {
	in := p.ruling.Input
	if p.based || len(in.Risks) == 0 {
		return
	}
	old := in
	old.Risks = make([]risk.Risk, len(in.Risks))
	for i, r := range in.Risks {
		r.New = risk.NewNo
		old.Risks[i] = r
	}
	v := &p.document.Verdict
	none := policy.Decide(old).Decision
	if none == v.Decision {
		return // the answer does not hang on it
	}
	both := fmt.Sprintf("Nobody knows what of this is new: if all of it is, the gate says %s; if none is, it says %s", v.Decision, none)
	v.Reasons = slices.Insert(v.Reasons, min(1, len(v.Reasons)), both)
}

// scanCode is 1 for a finding that --fail-on asks about, and 3 where something required was not checked.
func (a *app) scanCode(p *performance) error {
	if n := len(p.document.Failing()); n > 0 {
		a.note("assay: exit code 1: %s of at least %s (--fail-on)", report.Plural(n, "open finding"), p.document.FailOn)
		return errExit(Denied)
	}
	return incompleteCode(p)
}

// severity reads a word that validate has checked; unknown is none.
func severity(word string) (s finding.Severity) {
	if word != "" {
		_ = s.UnmarshalText([]byte(word))
	}
	return s
}

// incompleteCode is 3 where something required was not checked, and 2 where the change would end later gates.
func incompleteCode(p *performance) error {
	if err := p.broken.err(); err != nil {
		return err
	}
	if len(p.document.Verdict.Incomplete) > 0 {
		return errExit(Incomplete)
	}
	return nil
}

func gateCommand(a *app) *cobra.Command {
	var f lookFlags
	var other, since string
	cmd := &cobra.Command{
		Use:   "gate [TARGET…]",
		Short: "Decide whether a change may pass",
		Long: "Gate looks like scan and enforces what the policy says: exit code 1 is a denial, 3 a required check that is incomplete.\n" +
			"What could loosen the verdict is read from the base, never from the change. The policy alone decides: which levels fail\n" +
			"is written there, and not by a flag.",
		Example: "  assay gate --diff-base origin/main\n  assay gate --stage build --format json --output verdict.json\n" +
			"  assay gate --diff-base origin/main --receipt receipt.json\n  assay gate --what-if stricter.yaml --since v1.2.0",
		RunE: func(cmd *cobra.Command, args []string) error {
			if other != "" || since != "" {
				return a.whatIf(cmd.Context(), args, &f, other, since)
			}
			p, err := a.perform(cmd.Context(), args, &f)
			if err != nil {
				return err
			}
			p.document.Asked, p.document.Mends = f.asked(args, policy.PullRequest), f.mends(args)
			if policy.NeedsBase(f.stage) && !p.based {
				return hint(fmt.Errorf("stage %s judges what is new, and there is neither a base nor a baseline", f.stage),
					"add --diff-base REVISION (such as origin/main), or record a baseline with: assay baseline")
			}
			written := errors.Join(a.writeReceipt(p, &f), a.write(report.Filter(p.document, severity(f.severity)), &f))
			return told(&p.document.Verdict, written, gateCode(p))
		},
	}
	f.add(cmd, policy.PullRequest)
	flags := cmd.Flags()
	flags.StringVar(&f.receipt, "receipt", "", "write the record of the verdict, an in-toto statement, to this file")
	flags.StringArrayVar(&f.subjects, "subject", nil, "NAME@sha256:HEX of what was built from the target, for the receipt, repeatable")
	flags.StringVar(&other, "what-if", "", "decide what was merged --since a revision again, with the gate of this configuration or this policy in Rego")
	flags.StringVar(&since, "since", "", "where --what-if begins")
	cmd.MarkFlagsRequiredTogether("what-if", "since")
	flags.BoolVar(&f.probe, "probe", false, "ask the probes of compensating controls, at hosts that the base's policy names (uses the network)")
	return cmd
}

func gateCode(p *performance) error {
	if v := &p.document.Verdict; v.Decision == policy.Deny && !v.OnlyBroken() {
		return errExit(Denied)
	}
	return incompleteCode(p)
}
