package report_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/reporttest"
	"github.com/assaysec/assay/internal/risk"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// in is the day that is n days after noon's.
func in(n int) time.Time { return time.Date(2026, 11, 24+n, 0, 0, 0, 0, time.UTC) }

func TestStandings(t *testing.T) {
	const signed, claimed = "signed", "claimed"
	for _, tt := range []struct {
		name string
		e    report.Exception
		want string // empty: not told
		tone report.Tone
	}{
		{"in force", report.Exception{State: "in force", Matches: 1, Covers: 1, Expires: in(68), Approver: "a@b", Approval: signed, Owner: "team"},
			"EX-1 permits 1 finding: 68 days left, until 2027-01-31; approved by a@b (signed); owner team", report.Steady},
		{"ends soon", report.Exception{State: "in force", Matches: 2, Covers: 2, Expires: in(14), Approver: "a@b", Approval: claimed},
			"EX-1 permits 2 findings: 14 days left, until 2026-12-08; approved by a@b (claimed)", report.Soon},
		{"a day more", report.Exception{State: "in force", Matches: 2, Covers: 2, Expires: in(15)}, "EX-1 permits 2 findings: 15 days left, until 2026-12-09", report.Steady},
		{"tomorrow", report.Exception{State: "in force", Matches: 1, Covers: 1, Expires: in(1)}, "EX-1 permits 1 finding: 1 day left, until 2026-11-25", report.Soon},
		{"its last day", report.Exception{State: "in force", Matches: 1, Covers: 1, Expires: in(0)}, "EX-1 permits 1 finding: until the end of today, 2026-11-24", report.Soon},
		{"not all", report.Exception{State: "in force", Matches: 3, Covers: 2, Expires: in(99), Problem: "one is live"},
			"EX-1 permits 2 of 3 findings: one is live; 99 days left, until 2027-03-03", report.Soon},
		{"nothing", report.Exception{State: "in force", Matches: 1, Expires: in(99), Problem: "it is live"}, "EX-1 permits nothing: it is live; 99 days left, until 2027-03-03", report.Soon},
		{"no end that can be", report.Exception{State: "in force", Matches: 1, Covers: 1, Expires: time.Date(292277026596, 1, 1, 0, 0, 0, 0, time.UTC)},
			"EX-1 permits 1 finding: it has no end that is known", report.Steady},
		{"void", report.Exception{State: "void", Matches: 2, Expires: in(9), Problem: "the control x failed", Owner: "team"},
			"EX-1 is void: the control x failed; 2 findings are judged without it, with their original due dates; owner team", report.Broken},
		{"void without a match", report.Exception{State: "void", Problem: "the owner approves"}, "EX-1 is void: the owner approves", report.Broken},
		{"void, and nobody says why", report.Exception{State: "void"}, "EX-1 is void", report.Broken},
		{"expired", report.Exception{State: "expired", Matches: 1, Expires: in(-1), Problem: "it expired on 2026-11-23"},
			"EX-1 expired on 2026-11-23: 1 finding is judged without it, with its original due date", report.Broken},
		{"expired, and matches nothing", report.Exception{State: "expired", Expires: in(-1)}, "EX-1 expired on 2026-11-23: it matches nothing", report.Steady},
		{"unused", report.Exception{State: "unused", Expires: in(99)}, "", 0},
		{"unused, and ends soon", report.Exception{State: "unused", Expires: in(2)}, "EX-1 matches nothing today: 2 days left, until 2026-11-26", report.Steady},
		{"not yet", report.Exception{State: "not yet", Expires: in(2)}, "", 0},
		{"a state that nobody knows", report.Exception{State: "perhaps", Matches: 1}, "EX-1 is perhaps: 1 finding is judged without it, with its original due date", report.Broken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.e.ID = "EX-1"
			list := report.Look(&report.Document{Now: noon, Exceptions: []report.Exception{tt.e}}).Standings()
			switch {
			case tt.want == "" && len(list) > 0:
				t.Errorf("%s is told", list[0])
			case tt.want != "" && (len(list) != 1 || list[0].String() != tt.want || list[0].Tone != tt.tone):
				t.Errorf("got %+v, want %q with tone %d", list, tt.want, tt.tone)
			}
		})
	}
}

// TestEndingMarks holds that what holds findings back until a day is told once, with its findings, and that an exception
// that the document lists is not told again.
func TestEndingMarks(t *testing.T) {
	held := func(status risk.Status, s risk.Suppression) risk.Risk {
		return risk.Risk{Finding: finding.Finding{Rule: "a/b"}, Target: "t1", Status: status, Suppression: &s}
	}
	mark := risk.Suppression{Kind: "inline", Source: "a.go:3", Expires: in(2)}
	d := &report.Document{
		Now:        noon,
		Exceptions: []report.Exception{{ID: "EX-1", Target: "t1", State: "in force", Matches: 1, Covers: 1, Expires: in(30)}},
		Findings: []risk.Risk{
			held(risk.Suppressed, mark), held(risk.Suppressed, mark), held(risk.Suppressed, risk.Suppression{Kind: "inline", Source: "b.go:1"}),
			held(risk.Excepted, risk.Suppression{Kind: "exception", Source: "EX-1", Expires: in(30)}),
			held(risk.Excepted, risk.Suppression{Kind: "exception", Source: "EX-2", Owner: "team"}),
			{Status: risk.Excepted},
		},
	}
	var got []string
	for _, s := range report.Look(d).Standings() {
		got = append(got, s.String())
	}
	want := []string{
		"a.go:3 holds back 2 findings: 2 days left, until 2026-11-26",
		"EX-2 holds back 1 finding: it has no end that is known; owner team",
		"EX-1 permits 1 finding: 30 days left, until 2026-12-24",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("standings (-want +got):\n%s", diff)
	}
}

func TestStandingsOrder(t *testing.T) {
	var got []string
	list := report.Look(reporttest.Recorded()).Standings()
	for _, s := range list {
		got = append(got, s.Subject())
	}
	want := []string{"EX-3 on payments (directory)", "EX-9 on payments (directory)", "EX-12 on payments (directory)", "EX-7 on payments (directory)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("standings (-want +got):\n%s", diff)
	}
	if n := len(report.Lost(list)); n != 2 {
		t.Errorf("%d permit nothing", n)
	}
}
