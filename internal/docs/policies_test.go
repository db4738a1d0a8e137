package docs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/policy/celhost"
	"github.com/assaysec/assay/internal/policy/regohost"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/risk"
)

const policiesPage = "docs/policies.md"

// namedBlock is a block of text whose first line, a comment, is the name of a file.
var namedBlock = regexp.MustCompile("(?ms)^```(?:rego|yaml)\n# ([a-z./_-]+)\n(.*?)^```$")

// writing makes steps that write the files which a page shows.
func writing(text string) []step {
	list := []step{{command: "mkdir ../shop && cd ../shop && export ASSAY_NOW=2026-11-24"}}
	for _, block := range namedBlock.FindAllStringSubmatch(text, -1) {
		list = append(list, step{command: fmt.Sprintf("mkdir -p %q && cat > %q <<'END OF FILE'\n%sEND OF FILE", filepath.Dir(block[1]), block[1], block[2])})
	}
	return list
}

// TestPolicies writes the files of the page, runs its commands in one shell, and compares what they print.
func TestPolicies(t *testing.T) {
	for _, tool := range []string{"sh", "git"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the page needs %s", tool)
		}
	}
	text, err := os.ReadFile(filepath.Join(root, policiesPage))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	all, before := steps(lines), writing(string(text))
	if len(all) < 10 || len(before) < 6 {
		t.Fatalf("%s has %d commands and %d files: its blocks are not found", policiesPage, len(all), len(before)-1)
	}
	outputs := run(t, append(before, all...))
	compare(t, policiesPage, lines, all, outputs[len(before):])
}

// regoBlock is a block of Rego that names no file.
var regoBlock = regexp.MustCompile("(?ms)^```rego\n([^#].*?)^```$")

// TestPolicyBlocks compiles what the page shows in passing.
func TestPolicyBlocks(t *testing.T) {
	blocks := regoBlock.FindAllStringSubmatch(read(t, policiesPage), -1)
	if len(blocks) < 2 {
		t.Fatalf("%d blocks", len(blocks))
	}
	for _, b := range blocks {
		text := b[1]
		if !strings.HasPrefix(text, "package ") {
			text = "package x\n" + text
		}
		if _, err := regohost.Compile(map[string]string{"x.rego": text}); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	}
}

// row is one of the table that has both languages.
var row = regexp.MustCompile("(?m)^\\| `(.+?)` \\| `(.+?)` \\|$")

// TestSideBySide asks both languages about findings of many kinds. They must agree about each.
func TestSideBySide(t *testing.T) {
	_, table, _ := strings.Cut(read(t, policiesPage), "<!-- begin side-by-side -->")
	table, _, _ = strings.Cut(table, "<!-- end side-by-side -->")
	rows := row.FindAllStringSubmatch(table, -1)
	if len(rows) < 8 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, r := range rows {
		stage := policy.Build
		gates, err := policy.Compile(stage, []policy.Scope{{Text: policy.Text{Deny: []policy.Line{{Key: "deny", Expr: r[1]}}, Warn: []policy.Line{}}}}, celhost.New())
		if err != nil {
			t.Errorf("%s: %v", r[1], err)
			continue
		}
		none, _ := policy.Compile(stage, []policy.Scope{{Text: policy.Text{Deny: []policy.Line{}, Warn: []policy.Line{}}}}, celhost.New())
		rules, err := regohost.Compile(map[string]string{"x.rego": "package x\ndeny contains f.fingerprint if {\n\tsome f in input.findings\n\t" + r[2] + "\n}\n"})
		if err != nil {
			t.Errorf("%s: %v", r[2], err)
			continue
		}
		said := map[policy.Decision]int{}
		for _, in := range kinds() {
			in.Gates = gates
			cel := policy.Decide(in).Decision
			in.Gates, in.Rules = none, rules
			if rego := policy.Decide(in).Decision; cel != rego {
				t.Errorf("%s: %s, and %s: %s, about %+v of %+v", r[1], cel, r[2], rego, in.Risks[0], in.Services)
			}
			said[cel]++
		}
		if len(said) < 2 {
			t.Errorf("%s always gives %v", r[1], said)
		}
	}
}

// kinds are runs with one finding each.
func kinds() (list []policy.Input) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	services := []profile.Service{
		{Name: "shop", Tier: profile.TierCritical, Exposure: profile.Internet, Data: []profile.Data{"cardholder"}},
		{Name: "shop", Tier: profile.TierLow, Exposure: profile.Internal, Data: []profile.Data{"public"}, Owner: "team"},
		{Name: "shop"},
	}
	for i := range 96 {
		s := services[i%3]
		f := finding.Finding{Rule: "secret/x", Fingerprint: "a1:1", Severity: finding.Severity(1 + i%5), Confidence: finding.Confidence(1 + i/3%3)}
		f.Place = finding.Place{Kind: finding.InFile, Path: []string{"docs/a.md", "a.go"}[i/2%2]}
		f.Verification = []finding.Verification{"", finding.Live}[i/4%2]
		if i%4 == 1 {
			f.Aliases = []string{"CWE-798"}
		}
		r := risk.New(f, "t1", profile.NewCatalog(nil, nil))
		r.Service, r.Owner = "shop", []string{"", "@team"}[i/8%2]
		r.New = []risk.Novelty{risk.NewYes, risk.NewNo, risk.NewUnknown}[i/5%3]
		if i%3 > 0 {
			r.FirstSeen = now.AddDate(0, 0, -20*(i%3))
		}
		r.Level = risk.Assess(&r.Finding, &s)
		list = append(list, policy.Input{Now: now, Risks: []risk.Risk{r}, Services: map[string][]profile.Service{"t1": {s}}})
	}
	return list
}
