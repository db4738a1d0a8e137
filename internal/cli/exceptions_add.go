package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/exception/register"
	"github.com/assaysec/assay/internal/report"
	"github.com/spf13/cobra"
)

// addFlags say what a new exception says.
type addFlags struct {
	entry   register.Exception
	kind    string
	expires string
	control string
	cel     string
	rego    string
	url     string
	status  int
}

func exceptionsAddCommand(a *app) *cobra.Command {
	var f addFlags
	cmd := &cobra.Command{
		Use:   "add [FOLDER]",
		Short: "Ask for an exception",
		Long: "Add writes a new entry at the end of " + register.File + " and leaves all else there as it is. Who owns it asks, who\n" +
			"approves it grants. It permits through the day of --expires, in UTC.\n\n" +
			"accepted and fix-planned need a compensating control with a check that the gate asks: --check-cel, an expression over the\n" +
			"finding; --check-rego, a rule of the policies; or --check-https-url, what an address must answer.",
		Example: "  assay exceptions add --kind false-positive --fingerprint a1:1f0c63a2b7e95d48 --reason \"an example in the docs\" \\\n" +
			"    --owner team-payments --approver security@example.com --expires 2027-01-31\n" +
			"  assay exceptions add --kind accepted --rule secret/generic-password --path 'test/**' --max-findings 3 --reason \"test stand\" \\\n" +
			"    --owner team-payments --approver security@example.com --expires 2027-01-31 \\\n" +
			"    --control isolated-network --check-cel 'service.exposure == \"isolated\"'",
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.addException(args, &f) },
	}
	flags, e := cmd.Flags(), &f.entry
	flags.StringVar(&e.ID, "id", "", "its ID (default: the next free one)")
	flags.StringVar(&f.kind, "kind", "", "what it claims: "+strings.Join(kindWords(), ", "))
	flags.StringVar(&e.Match.Fingerprint, "fingerprint", "", "the finding it speaks about")
	flags.StringVar(&e.Match.Rule, "rule", "", "findings of this rule, by its ID or another of its names")
	flags.StringVar(&e.Match.Package, "package", "", "findings about this package URL")
	flags.StringVar(&e.Match.Path, "path", "", "findings in paths of this form, such as web/**")
	flags.StringVar(&e.Match.Service, "service", "", "findings of this service")
	flags.IntVar(&e.MaxFindings, "max-findings", 1, "it is void where it matches more")
	flags.StringVar(&e.Reason, "reason", "", "why; for a false positive, the evidence")
	flags.StringVar(&e.Owner, "owner", "", "who asks")
	flags.StringVar(&e.Approver, "approver", "", "who grants")
	flags.StringVar(&f.expires, "expires", "", "the last day on which it permits, as 2027-01-31")
	flags.StringVar(&f.control, "control", "", "name of what makes the risk bearable until then")
	flags.StringVar(&f.cel, "check-cel", "", "expression that says whether the control is there")
	flags.StringVar(&f.rego, "check-rego", "", "rule that says so, such as data.assay.controls.waf")
	flags.StringVar(&f.url, "check-https-url", "", "address that is asked; needs --status")
	flags.IntVar(&f.status, "status", 0, "status that the address must answer with")
	completeFlag(cmd, "kind", kindWords())
	return cmd
}

func kindWords() []string {
	var words []string
	for _, k := range register.Kinds {
		words = append(words, string(k))
	}
	return words
}

func (a *app) addException(args []string, f *addFlags) error {
	if err := f.validate(); err != nil {
		return err
	}
	r, err := a.openRegister(args)
	if err != nil {
		return err
	}
	defer r.close()
	e := &f.entry
	if e.ID == "" {
		e.ID = r.NextID()
	}
	foreign, err := r.foreign(e.Match.Rule)
	if err != nil {
		return err
	}
	if err := f.complete(r.now); err != nil {
		return err
	}
	for i := range r.Exceptions {
		if id := r.Exceptions[i].ID; strings.EqualFold(id, e.ID) {
			return hint(fmt.Errorf("there is an exception %s already", id), "leave --id out for %s, or renew the one that is there: assay exceptions renew %s", r.NextID(), id)
		}
	}
	alone, err := register.Add(register.File, nil, *e) // to tell its faults from those of the file
	if err == nil {
		err = r.provable(alone)
	}
	if err != nil {
		return entryErrors(err)
	}
	if err := r.limit(e); err != nil {
		return err
	}
	text, err := register.Add(register.File, r.content, *e)
	if err != nil {
		return masked(err)
	}
	if err := r.write(text); err != nil {
		return err
	}
	say(a.Stdout, a.hide(fmt.Sprintf("%s is written to %s: %s, %s", e.ID, register.File, e.Kind, span(e, r.now))))
	say(a.Stdout, a.hide(fmt.Sprintf("  it speaks about %s, %s at most", matchWords(&e.Match), report.Plural(e.MaxFindings, "finding"))))
	if foreign != "" {
		say(a.Stdout, a.hide("  "+foreign))
	}
	a.tellAfter(r, e)
	return nil
}

// foreign says of a rule that nothing here can make a finding of it, and refuses one that is mistyped.
func (r *registerFile) foreign(rule string) (string, error) {
	if rule == "" {
		return "", nil
	}
	names, err := ruleNames(r.engines)
	if err != nil {
		return "", err
	}
	return checkRule(rule, names)
}

// validate tells all that is missing at once.
func (f *addFlags) validate() error {
	e := &f.entry
	var missing []string
	for _, need := range []struct{ flag, value string }{
		{"--kind", f.kind}, {"--reason", e.Reason}, {"--owner", e.Owner}, {"--approver", e.Approver}, {"--expires", f.expires},
	} {
		if need.value == "" {
			missing = append(missing, need.flag)
		}
	}
	if e.Match == (register.Match{}) {
		missing = append(missing, "--fingerprint (or any of --rule, --package, --path, --service)")
	}
	if len(missing) > 0 {
		return hint(fmt.Errorf("missing: %s", strings.Join(missing, ", ")), "every exception says all of it; assay exceptions add --help shows one")
	}
	return f.validateCheck()
}

func (f *addFlags) validateCheck() error {
	given := 0
	for _, check := range []string{f.cel, f.rego, f.url} {
		if check != "" {
			given++
		}
	}
	switch {
	case given > 1:
		return errors.New("--check-cel, --check-rego and --check-https-url exclude each other: a control has one check")
	case given == 1 && f.control == "":
		return hint(errors.New("--control is missing"), "name what is checked, such as --control waf-rule-942")
	case given == 0 && f.control != "":
		return hint(fmt.Errorf("the control %s has no check", f.control), "add --check-cel, --check-rego or --check-https-url")
	case f.url != "" && f.status == 0:
		return hint(errors.New("--status is missing"), "say what the address must answer with, such as --status 403")
	case f.url == "" && f.status != 0:
		return errors.New("--status is what --check-https-url must answer with, and there is none")
	case given == 0 && f.kind != string(register.FalsePositive):
		return hint(fmt.Errorf("an exception of the kind %s needs a compensating control", f.kind),
			"add --control NAME and --check-cel, --check-rego or --check-https-url; only a false-positive may do without")
	}
	return nil
}

// complete makes the entry from the flags.
func (f *addFlags) complete(now time.Time) (err error) {
	e := &f.entry
	e.Kind, e.Created = register.Kind(f.kind), now.Truncate(24*time.Hour)
	if e.Expires, err = dayOf("expires", f.expires); err != nil || f.control == "" {
		return err
	}
	check := register.Check{CEL: f.cel, Rego: f.rego}
	if f.url != "" {
		check.HTTPS = &register.HTTPS{URL: f.url, Status: f.status}
	}
	e.Compensating = []register.Control{{Control: f.control, Check: check}}
	return nil
}
