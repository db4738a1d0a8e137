package exception

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/risk"
)

// fp makes a fingerprint that a reader can tell from others.
func fp(c string) string { return "a1:" + strings.Repeat(c, 32) }

func open(rule, path, fingerprint, trail string) risk.Risk {
	return risk.Risk{
		Finding: finding.Finding{Rule: rule, Place: finding.Place{Path: path}, Fingerprint: fp(fingerprint), Trail: fp(trail)},
		Engine:  finding.EngineOf(rule), New: risk.NewUnknown, Status: risk.Open,
	}
}

func day(d int) time.Time { return time.Date(2026, 5, d, 0, 0, 0, 0, time.UTC) }

func TestBaselineLife(t *testing.T) {
	a, b, c := open("secret/x", "a.go", "a", "1"), open("secret/x", "b.go", "b", "2"), open("code/y", "c.go", "c", "3")
	a.FirstSeen = day(1).AddDate(-1, 0, 0).Add(5 * time.Hour)
	b.FirstSeen = day(30) // a commit dated after the run

	first, change, err := Update(nil, []risk.Risk{b, a}, Options{Now: day(10)})
	if err != nil || len(change.Added) != 2 {
		t.Fatalf("first: %v, %+v", err, change)
	}
	want := `{
  "schema": "assay-baseline/1",
  "entries": [
    {"fingerprint":"` + fp("a") + `","rule":"secret/x","path":"a.go","trail":"` + fp("1") + `","firstSeen":"2025-05-01"},
    {"fingerprint":"` + fp("b") + `","rule":"secret/x","path":"b.go","trail":"` + fp("2") + `","firstSeen":"2026-05-10"}
  ]
}
`
	if diff := cmp.Diff(want, string(first.Bytes())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}

	second, change, err := Update(first, []risk.Risk{a, c}, Options{Now: day(11)})
	if err != nil || len(second.Entries) != 1 || len(change.Removed) != 1 || len(change.Left) != 1 {
		t.Fatalf("without accept it must shrink and not grow: %v, %+v", err, change)
	}

	third, _, err := Update(second, []risk.Risk{a, c}, Options{Now: day(12), Accept: &Accept{"team", "old code"}})
	if err != nil || len(third.Entries) != 2 {
		t.Fatalf("accepted growth: %v, %+v", err, third)
	}
	grown := Entry{Fingerprint: fp("c"), Rule: "code/y", Path: "c.go", Trail: fp("3"), FirstSeen: Day{day(12)}, Owner: "team", Reason: "old code"}
	if diff := cmp.Diff(grown, third.Entries[1]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}

	moved := open("secret/x", "new/a.go", "d", "1")
	fourth, change, err := Update(third, []risk.Risk{moved, c}, Options{Now: day(13)})
	if err != nil || len(change.Moved) != 1 || len(change.Left) != 0 || len(change.Removed) != 0 {
		t.Fatalf("rename: %v, %+v", err, change)
	}
	if e := fourth.Entries[1]; e.Path != "new/a.go" || e.FirstSeen.Year() != 2025 {
		t.Errorf("the entry did not follow the rename: %+v", e)
	}

	again, err := ParseBaseline(BaselineFile, fourth.Bytes())
	if err != nil || !bytes.Equal(again.Bytes(), fourth.Bytes()) {
		t.Errorf("does not survive a round trip: %v", err)
	}
}

func TestBaselineAccept(t *testing.T) {
	a := open("secret/x", "a.go", "a", "1")
	for name, accept := range map[string]Accept{"owner": {"", "why"}, "reason": {"team", "  "}} {
		_, _, err := Update(&Baseline{}, []risk.Risk{a}, Options{Now: day(1), Accept: &accept})
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
	a.Verification = finding.Live
	_, _, err := Update(nil, []risk.Risk{a}, Options{Now: day(1)})
	if err == nil || !strings.Contains(err.Error(), "secret/x in a.go is a live credential") {
		t.Errorf("a live credential enters: %v", err)
	}
	old := &Baseline{[]Entry{{Fingerprint: fp("a"), Rule: "secret/x", Path: "a.go", FirstSeen: Day{day(1)}}}}
	next, change, err := Update(old, []risk.Risk{a}, Options{Now: day(2)})
	if err != nil || len(next.Entries) != 0 || len(change.Removed) != 1 {
		t.Errorf("a credential that turned out live stays: %v %+v", err, next)
	}
}

func TestBaselineKeepsWhatWasNotLookedAt(t *testing.T) {
	old := &Baseline{[]Entry{
		{Fingerprint: fp("a"), Rule: "secret/x", Path: "a", FirstSeen: Day{day(1)}},
		{Fingerprint: fp("b"), Rule: "code/x", Path: "a", FirstSeen: Day{day(1)}},
	}}
	next, change, err := Update(old, nil, Options{Now: day(2), Looked: func(e Entry) bool { return e.Rule == "secret/x" }})
	if err != nil || len(next.Entries) != 1 || next.Entries[0].Rule != "code/x" || len(change.Removed) != 1 {
		t.Errorf("%v %+v %+v", err, next, change)
	}
}

// A copy of a fault is not taken for the fault itself as long as nobody could look whether that is still there.
func TestBaselineDoesNotFollowFromWhereNobodyLooked(t *testing.T) {
	old := &Baseline{[]Entry{{Fingerprint: fp("a"), Rule: "secret/x", Path: "a", Trail: fp("1"), FirstSeen: Day{day(1)}}}}
	next, change, err := Update(old, []risk.Risk{open("secret/x", "b", "b", "1")}, Options{Now: day(2), Looked: func(Entry) bool { return false }})
	if err != nil || len(next.Entries) != 1 || next.Entries[0].Path != "a" || len(change.Left) != 1 {
		t.Errorf("%v %+v %+v", err, next, change)
	}
}

func TestBaselineApply(t *testing.T) {
	b := &Baseline{[]Entry{
		{Fingerprint: fp("a"), Rule: "secret/x", Path: "a", Trail: fp("1"), FirstSeen: Day{day(1)}, Owner: "team", Reason: "old"},
		{Fingerprint: fp("b"), Rule: "secret/x", Path: "b", Trail: fp("2"), FirstSeen: Day{day(2)}},
		{Fingerprint: fp("e"), Rule: "secret/x", Path: "e", Trail: fp("5"), FirstSeen: Day{day(3)}},
	}}
	risks := []risk.Risk{
		open("secret/x", "a", "a", "1"),
		open("secret/x", "copy", "c", "1"), // a copy: the old place is still there
		open("secret/x", "moved", "d", "2"),
		open("secret/x", "moved/too", "f", "2"), // one entry, one fault
		open("secret/x", "e", "e", "5"),
		open("code/z", "z", "9", "9"),
	}
	risks[4].Verification = finding.Live
	risks[5].New = risk.NewNo // a comparison with a base said so
	b.Apply(risks)
	type row struct {
		New       risk.Novelty
		Status    risk.Status
		FirstSeen time.Time
		Why       *risk.Suppression
	}
	var got []row
	for _, r := range risks {
		got = append(got, row{r.New, r.Status, r.FirstSeen, r.Suppression})
	}
	why := risk.Suppression{Kind: "baseline", Source: BaselineFile}
	owned := why
	owned.Owner, owned.Reason = "team", "old"
	want := []row{
		{risk.NewNo, risk.Baseline, day(1), &owned},
		{risk.NewYes, risk.Open, time.Time{}, nil},
		{risk.NewNo, risk.Baseline, day(2), &why},
		{risk.NewYes, risk.Open, time.Time{}, nil},
		{risk.NewNo, risk.Open, day(3), nil},
		{risk.NewNo, risk.Open, time.Time{}, nil},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestParseBaselineErrors(t *testing.T) {
	entry := func(more string) string {
		return `{"schema":"assay-baseline/1","entries":[{"rule":"a/b"` + more + `}]}`
	}
	good := `,"fingerprint":"` + fp("a") + `","firstSeen":"2026-01-02"`
	if _, err := ParseBaseline("b.json", []byte(entry(good))); err != nil {
		t.Fatal(err)
	}
	for content, want := range map[string]string{
		"":                            "b.json:1: the file is empty",
		`{"schema":"x","entries":[]}`: `b.json: schema is "x", want "assay-baseline/1"`,
		entry(good + `,"secret":"x"`): `b.json:1: unknown key "secret": there is schema, entries, and in an entry fingerprint, rule, path, trail, firstSeen, owner, reason`,
		entry(``):                     `b.json: entry 1: "" is not a fingerprint`,
		entry(`,"fingerprint":"` + fp("a") + `"`):                          "b.json: entry 1: firstSeen is missing",
		entry(`,"fingerprint":"` + fp("a") + `","firstSeen":"2026-02-30"`): "b.json:1: ",
		entry(good) + "{}": "b.json:1: something follows the baseline",
	} {
		if _, err := ParseBaseline("b.json", []byte(content)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", content, err, want)
		}
	}
}

func FuzzParseBaseline(f *testing.F) {
	f.Add([]byte(`{"schema":"assay-baseline/1","entries":[]}`))
	f.Add([]byte(`{"schema":"assay-baseline/1","entries":[{"rule":"a/b","path":"<&>","fingerprint":"` + fp("a") + `","firstSeen":"2026-01-02"}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		b, err := ParseBaseline("b.json", content)
		if err != nil {
			return
		}
		again, err := ParseBaseline("b.json", b.Bytes())
		if err != nil || !bytes.Equal(again.Bytes(), b.Bytes()) {
			t.Errorf("does not survive a round trip: %v\n%s", err, b.Bytes())
		}
	})
}
