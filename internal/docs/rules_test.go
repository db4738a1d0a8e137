package docs

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/engine/secret"
	"github.com/assaysec/assay/internal/report/escape"
)

const generated = "<!-- Written by \"make docs\" from the rule packs; a test fails when it is stale. -->\n\n"

// A page is a part of the reference: the rules of providers whose name begins with one of its letters.
type page struct{ file, letters string }

// pages are the parts of the reference, of some hundred rules each. The first is for what belongs to nobody in particular.
var pages = []page{
	{"general", ""}, {"a", "a"}, {"b", "b"}, {"c", "c"}, {"d-f", "def"}, {"g", "g"}, {"h-k", "hijk"}, {"l-m", "lm"},
	{"n-o", "no"}, {"p-r", "pqr"}, {"s", "s"}, {"t-z", "tuvwxyz"},
}

func (p page) holds(r *secret.RuleConfig) bool {
	if r.Provider == "" {
		return p.letters == ""
	}
	first := strings.ToLower(r.Provider[:1])
	if first < "a" || first > "z" {
		first = "a" // "1Password" stands before the letters
	}
	return strings.Contains(p.letters, first)
}

// TestRules compares the reference of rules with the packs.
func TestRules(t *testing.T) {
	c, err := secret.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(c.Rules, func(a, b secret.RuleConfig) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Provider), strings.ToLower(b.Provider)), strings.Compare(a.ID, b.ID))
	})
	index, left := indexHead(c), len(c.Rules)
	for _, p := range pages {
		var rules []*secret.RuleConfig
		for i := range c.Rules {
			if p.holds(&c.Rules[i]) {
				rules = append(rules, &c.Rules[i])
			}
		}
		left -= len(rules)
		index += fmt.Sprintf("| [%s](%s.md) | %d | %s |\n", title(p), p.file, len(rules), providers(rules))
		check(t, "docs/rules/"+p.file+".md", rulePage(p, rules))
	}
	if left != 0 {
		t.Errorf("%d rules are on no page or on several", left)
	}
	check(t, "docs/rules/README.md", index+pipelineIndex(t))
}

// TestPages fails when a page is there that nothing writes any more.
func TestPages(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "docs/rules/*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".md")
		if name != "README" && !slices.Contains(platformPages(), name) && !slices.ContainsFunc(pages, func(p page) bool { return p.file == name }) {
			t.Errorf("%s is not a page of the reference any more", filepath.Base(f))
			if *update {
				_ = os.Remove(f)
			}
		}
	}
}

func indexHead(c *secret.Config) string {
	severities := map[string]int{}
	for i := range c.Rules {
		severities[severity(&c.Rules[i])]++
	}
	var counts []string
	for _, s := range []string{"critical", "high", "medium", "low", "info"} {
		if severities[s] > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", severities[s], s))
		}
	}
	return "# Reference of rules\n\n" + generated +
		fmt.Sprintf("The secret engine has %d built-in rules: %s.\n"+
			"Each proves itself with an example that it must find and a near miss that it must pass over. The pages are sorted by the\n"+
			"provider whose credential it is.\n\n", len(c.Rules), strings.Join(counts, ", ")) +
		"`assay rules show RULE` prints all of one rule: what it looks for, and how to revoke what it found. `assay rules list`\n" +
		"prints every rule in a line.\n\n" +
		"- **Rule**: its ID. It never changes and is never used for anything else, so that baselines, exceptions and policies\n" +
		"  may name it.\n" +
		"- **Severity**: how bad the fault is by itself. How bad it is in your service is its [risk](../risk.md).\n" +
		"- **Confidence**: how sure the rule is that what it found is one. With the default policy only high confidence denies.\n" +
		"- **Checksum**: the value holds a check sum or another inner proof, and what does not pass it is no finding.\n" +
		"- **Also known as**: the names under which other tools and lists know it. A suppression comment under any of them\n" +
		"  works. Every rule is CWE-798, too.\n\n" +
		"| page | rules | providers |\n| --- | --- | --- |\n"
}

func title(p page) string {
	if p.letters == "" {
		return "general"
	}
	return strings.ReplaceAll(strings.ToUpper(p.file), "-", " to ")
}

// providers names the first and the last.
func providers(rules []*secret.RuleConfig) string {
	if len(rules) == 0 || rules[0].Provider == "" {
		return "keys, passwords and tokens that belong to no one provider"
	}
	return cell(rules[0].Provider) + " … " + cell(rules[len(rules)-1].Provider)
}

func rulePage(p page, rules []*secret.RuleConfig) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Rules: %s\n\n%sWhat the columns mean: [reference of rules](README.md).\n\n", title(p), generated)
	b.WriteString("| provider | rule | finds | severity | confidence | checksum | also known as |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	last := ""
	for _, r := range rules {
		provider := ""
		if r.Provider != last {
			provider, last = "**"+cell(r.Provider)+"**", r.Provider
		}
		fmt.Fprintf(&b, "| %s | `secret/%s` | %s | %s | %s | %s | %s |\n", provider, r.ID, cell(r.Description), severity(r),
			cmp.Or(r.Confidence, "high"), checksum(r), cell(strings.Join(r.Aliases, ", ")))
	}
	return b.String()
}

func severity(r *secret.RuleConfig) string { return cmp.Or(r.Severity, "high") }

func checksum(r *secret.RuleConfig) string {
	if r.Checksum == "" {
		return ""
	}
	return "yes"
}

// cell makes text fit for a cell of a table.
func cell(s string) string { return strings.ReplaceAll(escape.Line(s), "|", "\\|") }
