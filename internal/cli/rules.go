package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/assaysec/assay/internal/engine/secret"
	"github.com/assaysec/assay/internal/engines"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report/escape"
	"github.com/assaysec/assay/internal/scan"
	"github.com/spf13/cobra"
)

func rulesCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List, show and test rules",
		Args:  onlyCommands,
		RunE:  showHelp,
	}
	cmd.AddCommand(
		&cobra.Command{Use: "list", Short: "List the built-in rules", Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error { return a.listRules() }},
		&cobra.Command{Use: "show RULE", Short: "Show one built-in rule", Args: cobra.ExactArgs(1),
			RunE: func(_ *cobra.Command, args []string) error { return a.showRule(args[0]) }},
		&cobra.Command{Use: "test FILE…", Short: "Check rule files: their syntax, and the examples and near misses they hold",
			Args: cobra.MinimumNArgs(1), RunE: func(_ *cobra.Command, args []string) error { return a.testRules(args) }},
	)
	return cmd
}

func (a *app) listRules() error {
	rules, err := engines.Rules()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	for _, r := range rules {
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.ID, r.Severity, r.Finds)
	}
	return w.Flush()
}

func (a *app) showRule(id string) error {
	rules, err := engines.Rules()
	if err != nil {
		return err
	}
	for i := range rules {
		r := &rules[i]
		if !slices.Contains(r.Names(), id) {
			continue
		}
		w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
		row := func(name, value string) {
			if value != "" {
				fmt.Fprintf(w, "%s\t%s\n", name, escape.Line(value))
			}
		}
		row("rule", r.ID)
		row("finds", r.Finds)
		row("severity", r.Severity)
		row("confidence", r.Confidence)
		row("also known as", strings.Join(r.Aliases, ", "))
		row("advice", r.Advice)
		for _, m := range r.More {
			row(m[0], m[1])
		}
		return w.Flush()
	}
	err = fmt.Errorf("rule %q is not known", id)
	if near := nearestRule(rules, id); near != "" {
		return hint(err, "did you mean %q?", near)
	}
	return hint(err, "assay rules list shows all of them")
}

func nearestRule(rules []engines.Rule, id string) string {
	var known []string
	of := map[string]string{}
	for i := range rules {
		for _, name := range rules[i].Names() {
			known, of[name] = append(known, name), rules[i].ID
		}
	}
	return of[policy.Nearest(id, known)]
}

func (a *app) testRules(files []string) error {
	failed := false
	for _, name := range files {
		c, notes, err := secret.Load(os.ReadFile, name)
		if err != nil {
			return masked(err)
		}
		e, err := secret.New(c, secret.Options{Foreign: true})
		if err != nil {
			return fmt.Errorf("%s: %w", name, masked(err))
		}
		for _, n := range notes {
			say(a.Stdout, scan.MaskQuoted(n))
		}
		problems, proofs := e.Prove(c)
		for _, p := range problems {
			failed = true
			say(a.Stdout, name+": "+p)
		}
		say(a.Stdout, fmt.Sprintf("%s: %d rules, %d examples and near misses, %d failed", name, len(c.Rules), proofs, len(problems)))
	}
	if failed {
		return errExit(Denied)
	}
	return nil
}
