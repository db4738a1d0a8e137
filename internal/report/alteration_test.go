package report_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
)

func TestAltered(t *testing.T) {
	d := &report.Document{Alterations: []report.Alteration{
		{Path: "a", Line: 1, What: "adds x"}, {Path: "b", Line: 2, What: "removes y", Loosens: true}, {Path: "c", What: "adds z"},
	}}
	list := report.Look(d).Altered()
	var got []string
	for i := range list {
		got = append(got, list[i].String())
	}
	want := []string{"the change removes y (b:2), which loosens what judges it", "the change adds x (a:1)", "the change adds z (c)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("alterations (-want +got):\n%s", diff)
	}
	if d.Alterations[0].Path != "a" {
		t.Error("the document was changed")
	}
	for n, want := range map[int]string{1: "1 alteration, 1 loosens", 3: "3 alterations, 1 loosens"} {
		if got := report.Loosening(list[:n]); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got, want := report.Loosening(list[1:]), "2 alterations, none loosens"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := report.Loosening(append(list, list[0])), "4 alterations, 2 loosen"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMarks(t *testing.T) {
	for want, counts := range map[string]*policy.SuppressionCounts{
		"": nil,
		"1 suppression by marks and ignore files":                                                         {Count: 1, WithoutExpiry: 1},
		"1,200 suppressions by marks and ignore files: 3 without a reason, 2 unused, 1 expired":           {Count: 1200, Unused: 2, Expired: 1, WithoutReason: 3},
		"2 suppressions by marks and ignore files: 1 of which nobody can tell whether it hides anything":  {Count: 2, CannotTell: 1},
		"2 suppressions by marks and ignore files: 2 of which nobody can tell whether they hide anything": {Count: 2, CannotTell: 2},
	} {
		if got := (&report.Document{Suppressions: counts}).Marks(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := (&report.Document{Suppressions: &policy.SuppressionCounts{}}).Marks(); got != "" {
		t.Errorf("nothing is counted as %q", got)
	}
}
