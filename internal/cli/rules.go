package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/assaysec/assay/internal/engine/secret"
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
	c, err := secret.Builtin()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	for i := range c.Rules {
		r := &c.Rules[i]
		fmt.Fprintf(w, "secret/%s\t%s\t%s\n", r.ID, r.Severity, r.Description)
	}
	return w.Flush()
}

func (a *app) showRule(id string) error {
	c, err := secret.Builtin()
	if err != nil {
		return err
	}
	for i := range c.Rules {
		r := &c.Rules[i]
		if !slices.Contains(namesOf(r), id) {
			continue
		}
		w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
		row := func(name, value string) {
			if value != "" {
				fmt.Fprintf(w, "%s\t%s\n", name, escape.Line(value))
			}
		}
		row("rule", "secret/"+r.ID)
		row("finds", r.Description)
		row("provider", r.Provider)
		row("severity", r.Severity)
		row("confidence", r.Confidence)
		row("also known as", strings.Join(r.Aliases, ", "))
		row("advice", r.Advice)
		row("keywords", strings.Join(r.Keywords, ", "))
		row("expression", r.Regex)
		row("path", r.Path)
		return w.Flush()
	}
	err = fmt.Errorf("rule %q is not known", id)
	if near := nearestRule(c, id); near != "" {
		return hint(err, "did you mean %q?", near)
	}
	return hint(err, "assay rules list shows all of them")
}

// namesOf are the names that one rule alone goes by: its own and those of others, with and without the tool's, but no CWE,
// which many share.
func namesOf(r *secret.RuleConfig) []string {
	names := []string{"secret/" + r.ID, r.ID}
	for _, a := range r.Aliases {
		if tool, name, ok := strings.Cut(a, ":"); ok {
			names = append(names, tool+":"+name, name)
		}
	}
	return names
}

func nearestRule(c *secret.Config, id string) string {
	var known []string
	of := map[string]string{}
	for i := range c.Rules {
		for _, name := range namesOf(&c.Rules[i]) {
			known, of[name] = append(known, name), "secret/"+c.Rules[i].ID
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
