package policy_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/config"
	"github.com/assaysec/assay/internal/exception"
	"github.com/assaysec/assay/internal/exception/native"
	"github.com/assaysec/assay/internal/exception/native/effect"
	"github.com/assaysec/assay/internal/exception/native/ignorefile"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/policy/celhost"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/risk"
)

// From findings to a verdict, in the order that a run takes: context, what is old, dates, marks, decision.
func TestFromFindingsToAVerdict(t *testing.T) {
	file, err := config.Parse(".assay.yaml", []byte(`
services:
  - {name: pay, tier: critical, exposure: internet, data: cardholder, paths: [pay]}
  - {name: lab, tier: low, exposure: isolated, data: public, paths: [lab]}
gate:
  pull-request: {deny: "new && risk >= high", warn: [new && risk >= medium, "!new && overdue"]}
`), []string{"secret"})
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Merge(file)
	if err != nil {
		t.Fatal(err)
	}
	gates, err := policy.Compile(policy.PullRequest, cfg.Gate(policy.PullRequest), celhost.New())
	if err != nil {
		t.Fatal(err)
	}
	owners, _ := profile.ParseOwners("CODEOWNERS", []byte("/pay/ @payments\n"))
	catalog := profile.NewCatalog(cfg.Services, owners)

	found := func(path string, line int) finding.Finding {
		return finding.Finding{
			Rule: "secret/key", Aliases: []string{"gitleaks:key"}, Severity: finding.High, Confidence: finding.HighConfidence,
			Place:        finding.Place{Kind: finding.InFile, Path: path, Start: finding.Position{Line: line, Column: 1}},
			Surroundings: path,
		}
	}
	findings := []finding.Finding{
		found("lab/a.go", 1), found("lab/b.go", 1), found("pay/a.go", 1), found("pay/b.go", 1), found("pay/c.go", 1), found("pay/d.go", 1),
	}
	finding.Number(findings)

	var risks []risk.Risk
	for _, f := range findings {
		risks = append(risks, risk.New(f, "t1", catalog))
	}
	leaks, _ := ignorefile.Parse(".gitleaksignore", []byte("pay/b.go:key:1\n"), ignorefile.Options{})
	effect.ApplyFiles(risks, "t1", []*ignorefile.File{leaks}, now)
	long := exception.Entry{Fingerprint: findings[4].Fingerprint, Rule: "secret/key", Path: "pay/c.go", FirstSeen: exception.DayOf(now.AddDate(0, -3, 0))}
	(&exception.Baseline{Entries: []exception.Entry{long}}).Apply(risks)
	services := catalog.Services()
	risk.SetDue(risks, cfg.Due, services, now)

	in := policy.Input{Gates: gates, Now: now, Risks: risks, Services: map[string][]profile.Service{"t1": services}, Required: []string{"secret"}}
	ignored := native.Found{Tool: native.Assay, Line: 1, Reach: []native.Reach{{First: 1, Last: 1}}, Rules: []string{"secret/key"}}
	marks := []effect.Mark{{Found: ignored, Target: "t1", Path: "pay/d.go"}, {Found: ignored, Target: "t1", Path: "lab/b.go"}}
	uses := effect.ApplyMarks(risks, marks, effect.Options{Now: now, Judge: in.Denies})
	verdict := policy.Decide(in)

	type row struct {
		Path, Service, Owner string
		Level                finding.Severity
		New                  risk.Novelty
		Status               risk.Status
		Decision             policy.Decision
	}
	decided := map[string]policy.Decision{}
	for _, r := range verdict.Rulings {
		decided[r.Fingerprint] = r.Decision
	}
	var got []row
	for _, r := range risks {
		d, ok := decided[r.Fingerprint]
		if !ok {
			d = policy.Allow
		}
		got = append(got, row{r.Place.Path, r.Service, r.Owner, r.Level.Level, r.New, r.Status, d})
	}
	want := []row{
		{"lab/a.go", "lab", "", finding.Low, risk.NewYes, risk.Open, policy.Allow},
		{"lab/b.go", "lab", "", finding.Low, risk.NewYes, risk.Suppressed, policy.Allow},
		{"pay/a.go", "pay", "@payments", finding.High, risk.NewYes, risk.Open, policy.Deny},
		{"pay/b.go", "pay", "@payments", finding.High, risk.NewYes, risk.Suppressed, policy.Allow},
		{"pay/c.go", "pay", "@payments", finding.High, risk.NewNo, risk.Baseline, policy.Warn}, // old, and late
		{"pay/d.go", "pay", "@payments", finding.High, risk.NewYes, risk.Open, policy.Deny},    // its mark hides nothing
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if uses[0].Problem == "" || uses[0].Hides != 0 || uses[1].Hides != 1 {
		t.Errorf("marks: %+v", uses)
	}
	wantServices := []policy.ServiceVerdict{
		{Service: "lab", Decision: policy.Allow, Allowed: 2},
		{Service: "pay", Decision: policy.Deny, Denied: 2, Warned: 1, Allowed: 1},
		{Service: profile.Unassigned, Decision: policy.Allow},
	}
	if diff := cmp.Diff(wantServices, verdict.Services); diff != "" {
		t.Errorf("services (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]policy.Unmet{{Engine: "secret", Reason: "secret did not run"}}, verdict.Incomplete); diff != "" {
		t.Errorf("incomplete (-want +got)\n%s", diff)
	}
	if again := policy.Decide(in); !cmp.Equal(again, verdict) {
		t.Error("the same input gives another verdict")
	}
	if risks[4].Due.Equal(time.Time{}) {
		t.Error("a finding of the baseline has no due date")
	}
}
