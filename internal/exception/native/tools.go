package native

import (
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/finding"
)

// The tools whose marks and files are read.
const (
	Assay      = "assay"
	Gitleaks   = "gitleaks"
	Trufflehog = "trufflehog"
	Semgrep    = "semgrep"
	Gosec      = "gosec"
	Bandit     = "bandit"
	Sonar      = "sonar"
	Checkov    = "checkov"
	Tfsec      = "tfsec"
	Trivy      = "trivy"
	Terrascan  = "terrascan"
	KICS       = "kics"
	Zizmor     = "zizmor"
	CodeQL     = "codeql"
	Hadolint   = "hadolint"
	Shellcheck = "shellcheck"
	Snyk       = "snyk"
	Grype      = "grype"
	VEX        = "vex"
)

// A touch says which of a finding's lines has to be among those that a mark speaks about.
type touch uint8

// The ways to touch.
const (
	onStart  touch = iota // the line on which it begins
	onAny                 // any of its lines
	anywhere              // any of its lines or of its related places
)

// A naming says by which aliases a tool knows findings, and how a rule in its marks names one of them.
type naming struct {
	tool     string
	prefixes []string    // before the tool's own name, such as "gosec:"
	form     *expression // names that are the tool's without a prefix
	touch    touch
	same     func(rule, name string) bool
	all      []string // rules that mean every one
	whole    bool     // our engines look for every kind of fault that the tool does
}

// advisories are the identifiers of public vulnerability databases.
const advisories = `(?:CVE|GHSA|GO|PYSEC|RUSTSEC|OSV|MAL|ALAS|ALAS2|ELSA|RHSA|DSA|DLA|USN|TEMP)-[A-Za-z0-9][A-Za-z0-9:.-]*`

// names is the one table of whose name is whose. A mark of one tool does not hold a finding that has no name of it.
var names = []naming{
	{tool: Gitleaks, prefixes: []string{"gitleaks:"}, touch: onAny, same: equal, whole: true},
	{tool: Trufflehog, prefixes: []string{"trufflehog:"}, touch: onAny, same: equal, whole: true},
	{tool: Semgrep, prefixes: []string{"semgrep:", "opengrep:"}, touch: onStart, same: dotted},
	{tool: Gosec, prefixes: []string{"gosec:"}, form: whole(`G[1-9]\d\d`), touch: onStart, same: equal},
	{tool: Bandit, prefixes: []string{"bandit:"}, form: whole(`B[1-9]\d\d`), touch: onAny, same: equal},
	{tool: Sonar, prefixes: []string{"sonar:", "sonarqube:"}, form: whole(`[a-z]+:S\d+`), touch: onStart, same: sonarRule},
	{tool: Checkov, prefixes: []string{"checkov:"}, form: whole(`(?:CKV\d?|BC)_[A-Z0-9_]+`), touch: onStart, same: equal},
	{tool: Tfsec, prefixes: []string{"tfsec:"}, form: whole(`AVD-[A-Z]+-\d{4}`), touch: onStart, same: avd, all: []string{"*"}},
	{tool: Trivy, prefixes: []string{"trivy:", "tfsec:"}, form: whole(`AVD-[A-Z]+-\d{4}|` + advisories), touch: onStart, same: avd, all: []string{"*"}},
	{tool: Terrascan, prefixes: []string{"terrascan:"}, form: whole(`AC_[A-Z0-9]+_\d+`), touch: onStart, same: equal},
	{tool: KICS, prefixes: []string{"kics:"}, touch: onStart, same: strings.EqualFold},
	{tool: Zizmor, prefixes: []string{"zizmor:"}, touch: anywhere, same: equal, whole: true},
	{tool: CodeQL, prefixes: []string{"codeql:", "lgtm:"}, touch: onStart, same: strings.EqualFold},
	{tool: Hadolint, prefixes: []string{"hadolint:"}, form: whole(`(?:DL|SC)\d{4}`), touch: onStart, same: equal},
	{tool: Shellcheck, prefixes: []string{"shellcheck:"}, form: whole(`SC\d{4}`), touch: onStart, same: shellCode, all: []string{"all"}},
	{tool: Snyk, prefixes: []string{"snyk:"}, form: whole(`SNYK-[A-Z0-9-]+`), touch: onStart, same: strings.EqualFold},
	{tool: Grype, prefixes: []string{"grype:"}, form: whole(advisories), touch: onStart, same: strings.EqualFold},
	{tool: VEX, form: whole(advisories), touch: onStart, same: strings.EqualFold},
}

// kicsQuery is the form of KICS' rules, which look like values and are public.
var kicsQuery = whole(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`)

func equal(rule, name string) bool { return rule == name }

// dotted reports whether a rule is a name or its last parts: my-rule for rules.python.my-rule.
func dotted(rule, name string) bool {
	before, ok := strings.CutSuffix(name, rule)
	return ok && rule != "" && (before == "" || strings.HasSuffix(before, "."))
}

// sonarRule compares with or without the repository of a rule: java:S2068 and S2068.
func sonarRule(rule, name string) bool {
	if strings.Contains(rule, ":") && strings.Contains(name, ":") {
		return strings.EqualFold(rule, name)
	}
	return strings.EqualFold(afterColon(rule), afterColon(name))
}

func afterColon(s string) string { return s[strings.LastIndexByte(s, ':')+1:] }

var shortCheck = lazy(`^(DS|KSV|KCV)-?(\d{3})$`)

// avd compares the identifiers of checks in the forms that Trivy and tfsec print: AVD-AWS-0086, AWS-0086, DS002.
// Stars stand for any text, and letters match in either case (trivy.dev, "Filtering by inline comments", "Wildcards").
func avd(rule, name string) bool {
	return rule == name || avdForm(rule) == avdForm(name) || fitsStars(strings.ToLower(rule), strings.ToLower(name))
}

func fitsStars(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	last := len(parts) - 1
	name, ok := strings.CutPrefix(name, parts[0])
	for _, part := range parts[1:last] {
		if !ok {
			return false
		}
		_, name, ok = strings.Cut(name, part)
	}
	return ok && strings.HasSuffix(name, parts[last])
}

func avdForm(id string) string {
	id = strings.TrimPrefix(id, "AVD-")
	if m := shortCheck.get().FindStringSubmatch(id); m != nil {
		return m[1] + "-0" + m[2]
	}
	return id
}

// shellCode compares a code with one or with a range: SC2086, or SC3000-SC4000, of which the end is not part.
func shellCode(rule, name string) bool {
	from, to, isRange := strings.Cut(rule, "-")
	if !isRange {
		return rule == name
	}
	return len(from) == len(name) && len(to) == len(name) && from <= name && name < to
}

// Canonical brings the forms of one rule of a tool to one.
func Canonical(tool, rule string) string {
	if n := namingOf(tool); n != nil {
		if own := n.name(rule); own != "" {
			rule = own
		}
	}
	if tool == Trivy || tool == Tfsec {
		return avdForm(rule)
	}
	return rule
}

func namingOf(tool string) *naming {
	i := slices.IndexFunc(names, func(n naming) bool { return n.tool == tool })
	if i < 0 {
		return nil
	}
	return &names[i]
}

// touchOf is how the marks of a tool meet findings.
func touchOf(tool string) touch {
	if n := namingOf(tool); n != nil {
		return n.touch
	}
	return onAny
}

// name is an alias as the tool writes it, empty where the alias is not one of the tool.
func (n *naming) name(alias string) string {
	for _, p := range n.prefixes {
		if name, ok := strings.CutPrefix(alias, p); ok {
			return name
		}
	}
	if n.form != nil && n.form.get().MatchString(alias) {
		return alias
	}
	return ""
}

// Names is a finding's names that are a tool's, as the tool writes them.
func Names(f *finding.Finding, tool string) []string {
	if tool == Assay {
		return append([]string{f.Rule}, f.Aliases...)
	}
	n := namingOf(tool)
	if n == nil {
		return nil
	}
	var out []string
	for _, alias := range f.Aliases {
		if name := n.name(alias); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// Carries reports whether a finding has a name of a tool, and one of the rules where any is given. A rule of ours has to
// be named.
func Carries(f *finding.Finding, tool string, rules []string) bool {
	if tool == Assay {
		return slices.ContainsFunc(rules, func(rule string) bool {
			return rule == f.Rule || slices.Contains(f.Aliases, rule)
		})
	}
	found := Names(f, tool)
	return len(found) > 0 && (len(rules) == 0 || slices.ContainsFunc(found, func(name string) bool { return Named(tool, rules, name) }))
}

// Named reports whether one of the rules in a mark of a tool names what the tool knows by name.
func Named(tool string, rules []string, name string) bool {
	n := namingOf(tool)
	return slices.ContainsFunc(rules, func(rule string) bool {
		if n == nil {
			return rule == name
		}
		if own := n.name(rule); own != "" {
			rule = own
		}
		return slices.Contains(n.all, rule) || n.same(rule, name)
	})
}

// A Teller reports whether an engine in the binary could make a finding that a rule of a tool names; without a rule, all
// that the tool has names for.
type Teller func(tool, rule string) bool

// TellerOf makes a Teller from all names, rules and aliases, that findings of the engines in the binary may carry.
func TellerOf(known []string) Teller {
	f := finding.Finding{Aliases: known}
	byTool := map[string][]string{}
	for i := range names {
		byTool[names[i].tool] = Names(&f, names[i].tool)
	}
	return func(tool, rule string) bool {
		switch {
		case tool == Assay:
			return slices.Contains(known, rule)
		case rule == "":
			n := namingOf(tool)
			return n != nil && n.whole && len(byTool[tool]) > 0
		}
		return slices.ContainsFunc(byTool[tool], func(name string) bool { return Named(tool, []string{rule}, name) })
	}
}
