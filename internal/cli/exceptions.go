package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/exception/register"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/escape"
	"github.com/assaysec/assay/internal/scan"
	"github.com/spf13/cobra"
)

func exceptionsCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "exceptions",
		Short: "Permit what cannot be fixed today: owned, approved and for a time",
		Long: "Exceptions stand in " + register.File + ". Each has an owner who asks, an approver who grants, a last day, and what makes\n" +
			"the risk bearable until then, which is checked at each gate. What a change says of exceptions holds after its merge.",
		Example: "  assay exceptions list\n  assay exceptions check --probe\n  assay exceptions renew EX-7 --expires 2027-03-31\n  assay exceptions census --format html --output census.html",
		Args:    onlyCommands,
		RunE:    showHelp,
	}
	cmd.AddCommand(exceptionsListCommand(a), exceptionsAddCommand(a), exceptionsCheckCommand(a), exceptionsRenewCommand(a),
		exceptionsApproveCommand(a), exceptionsCensusCommand(a))
	return cmd
}

// lookNames are the flags of scan that say what is looked at and how, for verbs that are not about one change.
var lookNames = []string{"engine", "rules", "include", "stage", "config", "baseline", "jobs", "no-ignore", "no-cache", "allow-empty"}

// addLook adds those flags.
func (f *lookFlags) addLook(cmd *cobra.Command) {
	var all cobra.Command
	f.add(&all, policy.PullRequest)
	for _, name := range lookNames {
		cmd.Flags().AddFlag(all.Flags().Lookup(name))
	}
}

// exceptionFormats are those of the lists of exceptions.
var exceptionFormats = []string{"text", "json"}

func addFormat(cmd *cobra.Command, format *string, known []string) {
	cmd.Flags().StringVarP(format, "format", "f", known[0], "how it is shown: "+strings.Join(known, ", "))
	completeFlag(cmd, "format", known)
}

func knownFormat(format string, known []string) error {
	if !slices.Contains(known, format) {
		return unknownWord("--format", format, known)
	}
	return nil
}

func exceptionsListCommand(a *app) *cobra.Command {
	var f lookFlags
	var format string
	cmd := &cobra.Command{
		Use:   "list [TARGET]",
		Short: "List the exceptions, with what each permits today",
		Long: "List looks at the target as scan does, and tells of each exception its state, the days that are left, how many findings\n" +
			"it covers, who asked, who granted, and why it permits nothing where that is so.",
		Example: "  assay exceptions list\n  assay exceptions list --format json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := knownFormat(format, exceptionFormats); err != nil {
				return err
			}
			p, err := a.performOnSomething(cmd.Context(), args, &f)
			if err != nil {
				return err
			}
			return errors.Join(a.writeExceptions(p, format), incompleteCode(p))
		},
	}
	f.addLook(cmd)
	addFormat(cmd, &format, exceptionFormats)
	return cmd
}

func exceptionsCheckCommand(a *app) *cobra.Command {
	var f lookFlags
	var format string
	var record bool
	cmd := &cobra.Command{
		Use:   "check [TARGET]",
		Short: "Check the file of exceptions and each compensating check",
		Long: "Check reads the file as the gate does, and asks each compensating check. Probes are asked with --probe, at the hosts that\n" +
			"exceptions.probe.hosts of the configuration names; without it their last recorded answer counts, for exceptions.max-probe-age.\n" +
			"--record keeps the answers in " + register.ProbesFile + ", to be committed.\n\n" +
			"Exit codes: 0 all is well, 1 an exception is void or expired, 2 the file is wrong.",
		Example: "  assay exceptions check\n  assay exceptions check --probe --record",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := knownFormat(format, exceptionFormats); err != nil {
				return err
			}
			if record && !f.probe {
				return hint(errors.New("--record keeps the answers of probes, and none is asked"), "add --probe")
			}
			p, err := a.performOnSomething(cmd.Context(), args, &f)
			if err != nil {
				return err
			}
			if record {
				if err := a.recordAnswers(p, append(args, ".")[0]); err != nil {
					return err
				}
			}
			return errors.Join(a.writeExceptions(p, format), checkCode(p))
		},
	}
	f.addLook(cmd)
	addFormat(cmd, &format, exceptionFormats)
	cmd.Flags().BoolVar(&f.probe, "probe", false, "ask the probes, at hosts that the configuration names (uses the network)")
	cmd.Flags().BoolVar(&record, "record", false, "keep the answers of probes in "+register.ProbesFile)
	return cmd
}

// checkCode is 1 where an exception permits nothing that seems to permit something.
func checkCode(p *performance) error {
	for _, e := range p.document.Exceptions {
		if s := register.State(e.State); s == register.Void || s == register.Expired {
			return errExit(Denied)
		}
	}
	return incompleteCode(p)
}

// recordAnswers keeps what probes answered. Answers to exceptions that are gone go with them.
func (a *app) recordAnswers(p *performance, folder string) error {
	k := &p.list.Targets[0].Keep
	reg, err := register.Parse(register.File, []byte(k.Exceptions))
	if err != nil {
		return masked(err)
	}
	answers := slices.DeleteFunc(register.Record(nil, k.Answers), func(r register.Answer) bool {
		e := reg.Find(r.ID)
		return e == nil || !slices.ContainsFunc(e.Compensating, func(c register.Control) bool { return c.Control == r.Control })
	})
	file, err := placeOwn(folder, filepath.FromSlash(register.ProbesFile))
	if err != nil {
		return err
	}
	for _, r := range answers {
		if r.At.Equal(p.document.Now) {
			a.note("assay: %s %s: %s", r.ID, r.Control, answered(&r))
		}
	}
	err = replace(file, func(w io.Writer) error {
		_, err := w.Write(register.WriteAnswers(answers))
		return err
	})
	if err == nil {
		a.note("assay: %s written to %s; commit it, since the gate reads the one of the base", report.Plural(len(answers), "answer"), file)
	}
	return err
}

func answered(r *register.Answer) string {
	switch {
	case r.OK:
		return "the probe holds"
	case r.Detail == "":
		return "the probe failed"
	}
	return "the probe failed: " + r.Detail
}

// writeExceptions shows what the exceptions of a target do. What people wrote in them goes through hide, as in reports.
func (a *app) writeExceptions(p *performance, format string) error {
	list := slices.Clone(p.document.Exceptions)
	for i := range list {
		e := &list[i]
		for _, text := range []*string{&e.Owner, &e.Approver, &e.Problem} {
			*text = a.hide(*text)
		}
	}
	if format == "json" {
		return a.writeExceptionsJSON(list, p.document.Now)
	}
	for i := range list {
		for _, line := range exceptionLines(&list[i]) {
			say(a.Stdout, line)
		}
	}
	if len(list) > 0 {
		say(a.Stdout, "")
	}
	say(a.Stdout, exceptionSum(list))
	return nil
}

// exceptionsSchema is the version of the list of exceptions in JSON.
const exceptionsSchema = "assay-exceptions/1"

func (a *app) writeExceptionsJSON(list []report.Exception, now time.Time) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(struct {
		Schema     string             `json:"schema"`
		Now        time.Time          `json:"now"`
		Exceptions []report.Exception `json:"exceptions"`
	}{exceptionsSchema, now, append([]report.Exception{}, list...)}); err != nil {
		return err
	}
	_, err := a.Stdout.Write(escape.JSON(b.Bytes()))
	return err
}

// exceptionLines tells of one exception, the state first.
func exceptionLines(e *report.Exception) []string {
	covers := "covers " + report.Plural(e.Covers, "finding")
	if e.Matches != e.Covers {
		covers += " of " + fmt.Sprint(e.Matches) + " that it matches"
	}
	lines := []string{
		fmt.Sprintf("%-8s  %s, %s", e.ID, stateWords(e), covers),
		fmt.Sprintf("          %s, through %s; asked by %s, granted by %s (%s)", e.Kind, e.Expires.Format(time.DateOnly), e.Owner, e.Approver, e.Approval),
	}
	if e.Renewals > 0 {
		lines = append(lines, fmt.Sprintf("          renewed %s", report.Plural(e.Renewals, "time")))
	}
	if e.Problem != "" {
		lines = append(lines, "          "+scan.MaskQuoted(e.Problem))
	}
	return lines
}

func stateWords(e *report.Exception) string {
	switch {
	case register.State(e.State) == register.Expired:
		return fmt.Sprintf("expired %s ago", report.Plural(-e.DaysLeft, "day"))
	case e.DaysLeft == 0:
		return e.State + ", last day"
	}
	return fmt.Sprintf("%s, %s left", e.State, report.Plural(e.DaysLeft, "day"))
}

// exceptionSum counts exceptions by their states.
func exceptionSum(list []report.Exception) string {
	if len(list) == 0 {
		return "No exceptions."
	}
	var parts []string
	for _, state := range []register.State{register.InForce, register.Unused, register.NotYet, register.Void, register.Expired} {
		n := 0
		for i := range list {
			if list[i].State == string(state) {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	return fmt.Sprintf("%s: %s.", report.Plural(len(list), "exception"), strings.Join(parts, ", "))
}
