package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/risk"
)

func found(rule string, level finding.Severity, reasons ...string) risk.Risk {
	return risk.Risk{
		Finding: finding.Finding{Rule: rule, Title: "Title of " + rule}, Status: risk.Open, New: risk.NewUnknown,
		Level: risk.Assessment{Level: level, Reasons: reasons},
	}
}

func TestFoldInfo(t *testing.T) {
	v := Look(&Document{Findings: []risk.Risk{
		found("a", finding.Info), found("b", finding.Info), found("a", finding.Low), found("b", finding.Info), found("c", finding.SeverityUnknown),
		found("b", finding.Info), found("b", finding.Info), found("b", finding.Info),
	}})
	listed, folds := FoldInfo(v.ByGroup[Noted])
	var rules []string
	for _, r := range listed {
		rules = append(rules, r.Rule)
	}
	if diff := cmp.Diff([]string{"c", "a"}, rules); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
	if len(folds) != 2 || folds[0].Rule != "b" || len(folds[0].Risks) != 5 || folds[1].Title != "Title of a" || Folded(folds) != 6 {
		t.Errorf("folded %+v", folds)
	}
	if listed, folds = FoldInfo(v.ByGroup[Noted][:7]); len(listed) != 7 || len(folds) != 0 {
		t.Errorf("a few are folded: %+v", folds)
	}
}

func TestUnknown(t *testing.T) {
	const tier, data, exposure = "tier is unknown and weighs as critical", "data is unknown and weighs as cardholder (+4)", "exposure is unknown and weighs as internet"
	v := Look(&Document{Findings: []risk.Risk{
		found("a", finding.Low, "severity is low (+30)", exposure, tier, data), found("b", finding.Low, "severity is low (+30)", tier, data),
	}})
	want := "tier (weighs as critical), data (weighs as cardholder (+4)): say it in .assay.yaml, under service; owners, due dates, and what of it is new"
	if diff := cmp.Diff(want, v.Unknown()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"severity is low (+30)", exposure}, v.Why(v.ByRisk[0])); diff != "" {
		t.Errorf("of one finding (-want +got):\n%s", diff)
	}
	if len(v.Findings[0].Level.Reasons) != 4 {
		t.Error("the document lost a reason")
	}
	own := found("c", finding.Low, "tier is low")
	own.Owner = "@acme"
	if v = Look(&Document{Findings: []risk.Risk{own, found("a", finding.Low, tier)}}); v.Unknown() != "" || len(v.Why(v.ByRisk[0])) != 1 {
		t.Errorf("what one finding knows is said to be unknown: %s", v.Unknown())
	}
}

func TestAdvice(t *testing.T) {
	want := []Passage{{[]string{"Do this:"}, false}, {[]string{"a:", "  - b: C"}, true}, {[]string{"Then that"}, false}}
	if diff := cmp.Diff(want, Advice("Do this:\na:\n  - b: C\nThen that\n")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Passage{{[]string{"in one line"}, false}}, Advice("in one line")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestNextNamesFix holds that the command is named where it mends something, and only there.
func TestNextNamesFix(t *testing.T) {
	fixed := found("a", finding.Info)
	fixed.Fixes = []finding.Fix{{Title: "Mend it", Edits: []finding.Edit{{Text: "x"}}}}
	held, old, was := fixed, fixed, fixed
	held.Status, was.New = risk.Suppressed, risk.NewNo
	old.Place.Commit = &finding.Commit{ID: "0123"}
	d := &Document{Mends: "assay fix app", Findings: []risk.Risk{fixed, fixed, held, old, was, found("b", finding.Info)}}
	if got := Next(Look(d), nil); len(got) != 1 || got[0] != "assay fix app  # prints a patch that removes 2 findings" {
		t.Errorf("next: %q", got)
	}
	d.Mends = ""
	if got := strings.Join(Next(Look(d), nil), ""); strings.Contains(got, "fix") {
		t.Errorf("next: %q, where nothing can be changed", got)
	}
}
