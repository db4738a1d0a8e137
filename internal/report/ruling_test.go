package report_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/risk"
)

// A rulebook says what it is told to.
type rulebook []policy.Statement

func (b rulebook) Decide(map[string]any, time.Time) []policy.Statement { return b }

// TestReasonsAreNotToldTwice decides with rules about the run, and holds that the reasons that are left do not repeat them.
func TestReasonsAreNotToldTwice(t *testing.T) {
	var rules rulebook
	for i := range 5 {
		s := policy.Statement{Decision: policy.Deny, By: "policy x.rego:" + string(rune('1'+i)) + " deny", Rule: "data.assay.deny", Message: "two approvals are needed"}
		if i%2 == 0 {
			s.Error = "a name is missing"
		}
		if i == 4 {
			s.Message = ""
		}
		rules = append(rules, s)
	}
	rules = append(rules, policy.Statement{Decision: policy.Warn, By: "policy x.rego:9 warn", Message: "it is late"})
	v := report.Look(&report.Document{Verdict: policy.Decide(policy.Input{Gates: &policy.Gates{}, Now: noon, Rules: rules})})
	if n := len(v.RunRulings()); n != len(rules) {
		t.Fatalf("%d rulings on the run, want %d", n, len(rules))
	}
	if n := len(report.Denying(v.RunRulings())); n != 5 {
		t.Errorf("%d deny", n)
	}
	if got := v.Reasons(); len(got) > 0 {
		t.Errorf("besides the rulings: %q", got)
	}
	v.Verdict.Reasons = append(v.Verdict.Reasons, "Nothing was found")
	if diff := cmp.Diff([]string{"Nothing was found"}, v.Reasons()); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

func TestStatements(t *testing.T) {
	gate := policy.Ruling{Target: "t1", Fingerprint: "a1:1", Decision: policy.Warn, By: "gate.build.warn", Expr: "risk >= low"}
	rule := policy.Ruling{Target: "t1", Fingerprint: "a1:1", Decision: policy.Deny, By: "policy x.rego:3 deny", Expr: "data.assay.deny", Message: "no such key here"}
	failed := policy.Ruling{Target: "t1", Fingerprint: "a1:1", Decision: policy.Deny, By: "policy y.rego:1 deny", Error: "a name is missing"}
	run := policy.Ruling{Decision: policy.Deny, By: "policy z.rego:1 deny", Message: "not today"}
	d := &report.Document{
		Findings: []risk.Risk{{Finding: finding.Finding{Fingerprint: "a1:1"}, Target: "t1", Status: risk.Open}, {Status: risk.Open}},
		Verdict:  policy.Verdict{Rulings: []policy.Ruling{gate, rule, failed, run}},
	}
	v := report.Look(d)
	if got := v.Ruling(&d.Findings[0]); got.By != rule.By {
		t.Errorf("decided by %s", got.By)
	}
	var got []string
	for _, s := range v.Statements(&d.Findings[0]) {
		got = append(got, report.Said(s))
	}
	want := []string{"no such key here (x.rego:3)", "failed, which denies: a name is missing (y.rego:1)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
	if v.Ruling(&d.Findings[1]) != nil || v.Group(&d.Findings[1]) != report.Noted {
		t.Error("a ruling on the run is taken for one on a finding without a name")
	}
}

func TestTold(t *testing.T) {
	for _, tt := range []struct {
		r          policy.Ruling
		line, told string
	}{
		{policy.Ruling{By: "gate.build.deny", Expr: "risk >= high"}, "gate.build.deny: risk >= high", "risk >= high"},
		{policy.Ruling{By: "gate.build.deny", Expr: "x", Error: "no x"}, "gate.build.deny could not be evaluated, which denies: no x", "failed, which denies: no x"},
		{policy.Ruling{By: "policy x.rego:3 deny", Message: "stop", Error: "no x"}, "policy x.rego:3 deny could not be evaluated, which denies: no x", "failed, which denies: no x: stop"},
		{policy.Ruling{By: "policy x.rego:3 deny", Message: "stop"}, "policy x.rego:3 deny", "stop"},
	} {
		if diff := cmp.Diff([]string{tt.line, tt.told}, []string{report.Line(&tt.r), report.Told(&tt.r)}); diff != "" {
			t.Errorf("line and what is told (-want +got):\n%s", diff)
		}
	}
}
