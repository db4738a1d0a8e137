package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/assaysec/assay/internal/engine/secret"
	"github.com/assaysec/assay/internal/engines"
	"github.com/assaysec/assay/internal/nearest"
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
		&cobra.Command{Use: "test FILE…", Short: "Check rule files, and policies in Rego, with the examples and tests they hold",
			Long: "Test checks the syntax of rule files, and whether their rules find the examples and spare the near misses that they hold.\n" +
				"Policies in Rego are compiled together, and their tests run: rules whose names begin with test_. Of a folder the files that\n" +
				"lie in it are taken. The exit code is 1 where a test fails, and 2 where a file cannot be understood.",
			Example: "  assay rules test .gitleaks.toml\n  assay rules test .assay/policies",
			Args:    cobra.MinimumNArgs(1), RunE: func(_ *cobra.Command, args []string) error { return a.testRules(args) }},
	)
	return cmd
}

func (a *app) listRules() error {
	rules, err := engines.Rules()
	if err != nil {
		return err
	}
	return a.printRules(rules)
}

func (a *app) printRules(rules []engines.Rule) error {
	w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	for _, r := range rules {
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.ID, r.Severity, r.Finds)
	}
	return w.Flush()
}

// showRule tells of the rule with a name, or lists the rules where another tool's name stands for several.
func (a *app) showRule(name string) error {
	rules, err := engines.Rules()
	if err != nil {
		return err
	}
	switch called := rulesCalled(rules, name); len(called) {
	case 0:
		err = fmt.Errorf("rule %q is not known", name)
		if near := nearestRule(rules, name); near != "" {
			return hint(err, "did you mean %q?", near)
		}
		return hint(err, "assay rules list shows all of them")
	case 1:
		return a.printRule(&called[0])
	default:
		return a.printRules(called)
	}
}

// rulesCalled are the rules that go by a name. A rule's own name is that of no other.
func rulesCalled(rules []engines.Rule, name string) []engines.Rule {
	var called []engines.Rule
	for i := range rules {
		if isNamed(name, rules[i].ID, nil) {
			return rules[i : i+1]
		}
		if slices.Contains(rules[i].Names(), name) {
			called = append(called, rules[i])
		}
	}
	return called
}

func (a *app) printRule(r *engines.Rule) error {
	w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, escape.Terminal(value))
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

func nearestRule(rules []engines.Rule, id string) string {
	var known []string
	of := map[string]string{}
	for i := range rules {
		for _, name := range rules[i].Names() {
			known, of[name] = append(known, name), rules[i].ID
		}
	}
	return of[nearest.Word(id, known)]
}

func (a *app) testRules(args []string) error {
	files, err := readRuleFiles(args)
	if err != nil {
		return err
	}
	failed := false
	for _, name := range files.packs {
		bad, err := a.testPack(name)
		if err != nil {
			return err
		}
		failed = failed || bad
	}
	if len(files.rego) > 0 {
		bad, err := a.testRego(files.rego)
		if err != nil {
			return err
		}
		failed = failed || bad
	}
	if failed {
		return errExit(Denied)
	}
	return nil
}

// testPack proves the rules of one file with the examples and near misses that it holds.
func (a *app) testPack(name string) (failed bool, err error) {
	c, notes, err := secret.Load(os.ReadFile, name)
	if err != nil {
		return false, masked(err)
	}
	e, err := secret.New(c, secret.Options{Foreign: true})
	if err != nil {
		return false, fmt.Errorf("%s: %w", name, masked(err))
	}
	for _, n := range notes {
		say(a.Stdout, scan.MaskQuoted(n))
	}
	problems, proofs := e.Prove(c)
	for _, p := range problems {
		say(a.Stdout, name+": "+p)
	}
	say(a.Stdout, fmt.Sprintf("%s: %d rules, %d examples and near misses, %d failed", name, len(c.Rules), proofs, len(problems)))
	return len(problems) > 0, nil
}
