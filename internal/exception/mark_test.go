package exception

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/risk"
)

// brings says which marks of these tests a change brings in.
func brings(m *Mark, _ *risk.Risk) bool { return m.Text == "brought" }

func TestApplyMarks(t *testing.T) {
	const rule, alias = "secret/x", "gitleaks:key"
	now := time.Date(2026, 5, 10, 23, 59, 59, 0, time.UTC)
	denies := func(r risk.Risk) bool { return r.Severity >= finding.High }
	found := func(severity finding.Severity, aliases ...string) risk.Risk {
		r := leak("a.go", 5, "", aliases...)
		r.Severity, r.Place.End.Line = severity, 6
		return r
	}
	tests := []struct {
		name    string
		mark    Mark
		risk    risk.Risk
		hidden  bool
		problem string
	}{
		{"ours, below the gate", Mark{Line: 5, Tool: Assay, Rules: []string{rule}}, found(finding.Low), true, ""},
		{"ours, by an alias", Mark{Line: 5, Tool: Assay, Rules: []string{"CWE-798"}}, found(finding.Low, "CWE-798"), true, ""},
		{"ours, at the gate", Mark{Line: 5, Tool: Assay, Rules: []string{rule}}, found(finding.High), false,
			"it cannot hide secret/x, which the gate would deny"},
		{"ours, another rule", Mark{Line: 5, Tool: Assay, Rules: []string{"secret/y"}}, found(finding.Low), false, ""},
		{"ours, no rule", Mark{Line: 5, Tool: Assay}, found(finding.Low), false, "it names no rule"},
		{"ours, through its last day", Mark{Line: 5, Tool: Assay, Rules: []string{rule}, Until: "2026-05-10"}, found(finding.Low), true, ""},
		{"ours, expired", Mark{Line: 5, Tool: Assay, Rules: []string{rule}, Until: "2026-05-09"}, found(finding.Low), false, "it expired on 2026-05-09"},
		{"ours, no date", Mark{Line: 5, Tool: Assay, Rules: []string{rule}, Until: "soon"}, found(finding.Low), false,
			`until="soon" is not a date such as 2027-01-31`},
		{"alone in the line before", Mark{Line: 4, Next: true, Tool: Assay, Rules: []string{rule}}, found(finding.Low), true, ""},
		{"the line before", Mark{Line: 4, Tool: Assay, Rules: []string{rule}}, found(finding.Low), false, ""},
		{"the last line", Mark{Line: 6, Tool: "gitleaks"}, found(finding.High, alias), true, ""},
		{"gitleaks, at the gate, already in the base", Mark{Line: 5, Tool: "gitleaks"}, found(finding.High, alias), true, ""},
		{"gitleaks, at the gate, brought in", Mark{Line: 5, Tool: "gitleaks", Text: "brought"}, found(finding.High, alias), false,
			"it cannot hide secret/x, which the gate would deny"},
		{"gitleaks, below the gate, brought in", Mark{Line: 5, Tool: "gitleaks", Text: "brought"}, found(finding.Low, alias), true, ""},
		{"gitleaks, not its finding", Mark{Line: 5, Tool: "gitleaks"}, found(finding.Low, "CWE-798"), false, ""},
		{"gitleaks, another rule", Mark{Line: 5, Tool: "gitleaks", Rules: []string{"other"}}, found(finding.Low, alias), false, ""},
		{"another target", Mark{Line: 5, Tool: "gitleaks", Target: "t2"}, found(finding.Low, alias), false, ""},
		{"another commit", Mark{Line: 5, Tool: "gitleaks", Commit: "c"}, found(finding.Low, alias), false, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.mark.Path = "a.go"
			risks := []risk.Risk{test.risk}
			uses := ApplyMarks(risks, []Mark{test.mark}, now, denies, brings)
			if got := risks[0].Status == risk.Suppressed; got != test.hidden || (uses[0].Hides == 1) != test.hidden {
				t.Errorf("hidden: %v, hides %d; want %v", got, uses[0].Hides, test.hidden)
			}
			if uses[0].Problem != test.problem {
				t.Errorf("problem %q, want %q", uses[0].Problem, test.problem)
			}
		})
	}
}

func TestApplyMarksSuppression(t *testing.T) {
	risks := []risk.Risk{leak("a.go", 5, "")}
	m := Mark{Path: "a.go", Line: 5, Tool: Assay, Rules: []string{"secret/x"}, Until: "2026-05-10", Reason: "a sample"}
	ApplyMarks(risks, []Mark{m}, day(1), func(risk.Risk) bool { return false }, brings)
	want := &risk.Suppression{Kind: "inline", Source: "a.go:5", Reason: "a sample", Expires: day(11)}
	if diff := cmp.Diff(want, risks[0].Suppression); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	again := []risk.Risk{leak("a.go", 5, "")}
	if ApplyMarks(again, []Mark{m}, day(1), nil, brings); again[0].Status != risk.Open {
		t.Error("without a judge the mark has an effect")
	}
}
