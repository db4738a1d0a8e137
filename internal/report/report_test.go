package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/reporttest"
	"github.com/assaysec/assay/internal/risk"
)

func TestGaps(t *testing.T) {
	one := []finding.Target{{ID: "t1", Name: "app"}}
	record := func(engine string, s coverage.Status) coverage.Record {
		return coverage.Record{Target: "t1", Engine: engine, Status: s, Reason: "why"}
	}
	tests := []struct {
		name     string
		d        report.Document
		want     []string
		complete bool
	}{
		{"all done", report.Document{Targets: one, Coverage: []coverage.Record{record("secret", coverage.Done)}}, nil, true},
		{"nothing at all", report.Document{}, []string{"not run, required: nothing was looked at"}, false},
		{"a target that nobody looked at", report.Document{Targets: one}, []string{"not run, required: no engine looked at app"}, false},
		{
			"an optional engine did not run",
			report.Document{Targets: one, Coverage: []coverage.Record{record("secret", coverage.Done), record("dependency", coverage.NotRun)}},
			[]string{"dependency: not run: why"}, true,
		},
		{
			"an optional engine failed",
			report.Document{Targets: one, Coverage: []coverage.Record{record("secret", coverage.Error)}},
			[]string{"secret: error: why"}, false,
		},
		{
			"a status that nobody knows",
			report.Document{Targets: one, Coverage: []coverage.Record{record("secret", ""), record("code", "fine"), record("infra", coverage.Stale)}},
			[]string{"code: fine: why", "secret: without a status: why", "infra: stale: why"}, false,
		},
		{
			"a required engine is stale",
			report.Document{
				Targets: one, Coverage: []coverage.Record{record("dependency", coverage.Stale)},
				Verdict: policy.Verdict{Incomplete: []policy.Unmet{{Engine: "dependency", Target: "t1", Reason: "dependency on t1 is stale: older than 7 days"}}},
			},
			[]string{"dependency: stale, required: why"}, false,
		},
		{
			"a required engine has no record",
			report.Document{
				Targets: one, Coverage: []coverage.Record{record("secret", coverage.Done)},
				Verdict: policy.Verdict{Incomplete: []policy.Unmet{{Engine: "code", Reason: "code did not run"}}},
			},
			[]string{"code: not run, required: there is no record of it"}, false,
		},
		{
			"a name that is only the start of another",
			report.Document{
				Targets: one, Coverage: []coverage.Record{record("code", coverage.NotRun)},
				Verdict: policy.Verdict{Incomplete: []policy.Unmet{{Engine: "codegen", Reason: "codegen did not run"}}},
			},
			[]string{"codegen: not run, required: there is no record of it", "code: not run: why"}, false,
		},
		{
			"a line of the policy does not hold",
			report.Document{
				Targets: one, Coverage: []coverage.Record{record("secret", coverage.Done)},
				Verdict: policy.Verdict{Incomplete: []policy.Unmet{{Reason: "gate.deploy.require (.assay.yaml:9) does not hold: false"}}},
			},
			[]string{"not met, required: gate.deploy.require (.assay.yaml:9) does not hold: false"}, false,
		},
		{
			"several targets",
			report.Document{
				Targets:  []finding.Target{{ID: "t1", Name: "app", Kind: "directory"}, {ID: "t2", Name: "app", Kind: "git-history"}},
				Coverage: []coverage.Record{record("secret", coverage.Error)},
			},
			[]string{"not run on app (git-history), required: no engine looked at app", "secret: error on app (directory): why"}, false,
		},
		{
			"a check that is required of one target",
			report.Document{
				Targets:  []finding.Target{{ID: "t1", Name: "app", Kind: "directory"}, {ID: "t2", Name: "app", Kind: "git-history"}},
				Coverage: []coverage.Record{record("secret", coverage.Error), {Target: "t2", Engine: "secret", Status: coverage.Error}},
				Verdict:  policy.Verdict{Incomplete: []policy.Unmet{{Engine: "secret", Target: "t2", Reason: "secret on t2 is error"}}},
			},
			[]string{"secret: error on app (git-history), required", "secret: error on app (directory): why"}, false,
		},
		{
			"unchecked files are the reason where none is given",
			report.Document{Targets: one, Coverage: []coverage.Record{{
				Target: "t1", Engine: "secret", Status: coverage.Partial, Unchecked: []coverage.Unchecked{{Path: "a", Reason: "b"}},
			}}},
			[]string{"secret: partial: 1 file could not be checked"}, false,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			gaps := report.Gaps(&tt.d)
			var got []string
			for _, g := range gaps {
				got = append(got, g.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if report.Complete(gaps) != tt.complete {
				t.Errorf("complete %v, want %v", !tt.complete, tt.complete)
			}
		})
	}
}

func TestOutcome(t *testing.T) {
	code := []policy.Unmet{{Engine: "code", Reason: "code did not run"}}
	for _, tt := range []struct {
		decision   policy.Decision
		incomplete []policy.Unmet
		want       report.Outcome
	}{
		{policy.Allow, nil, report.Allowed},
		{policy.Warn, nil, report.Warned},
		{policy.Deny, nil, report.Denied},
		{policy.Allow, code, report.Incomplete},
		{policy.Warn, code, report.Incomplete},
		{policy.Deny, code, report.Denied},
		{"", nil, report.Undecided},
		{"maybe", code, report.Undecided},
	} {
		d := reporttest.Clean()
		d.Verdict.Decision, d.Verdict.Incomplete = tt.decision, tt.incomplete
		if got := report.OutcomeOf(d, report.Gaps(d)); got != tt.want {
			t.Errorf("%q with %v: %s, want %s", tt.decision, tt.incomplete, got, tt.want)
		}
	}
}

func TestGroup(t *testing.T) {
	for _, tt := range []struct {
		name     string
		status   risk.Status
		decision []policy.Decision
		want     report.Group
	}{
		{"open without a ruling", risk.Open, nil, report.Noted},
		{"open and denied", risk.Open, []policy.Decision{policy.Deny}, report.Stopping},
		{"open and warned", risk.Open, []policy.Decision{policy.Warn}, report.Warning},
		{"open and allowed", risk.Open, []policy.Decision{policy.Allow}, report.Noted},
		{"excepted", risk.Excepted, nil, report.Kept},
		{"suppressed, and the mark is not accepted", risk.Suppressed, []policy.Decision{policy.Deny}, report.Stopping},
		{"in the baseline", risk.Baseline, nil, report.Kept},
		{"a status that is not known", "fine", nil, report.Noted},
		{"no status", "", nil, report.Noted},
		{"a decision that is not known", risk.Open, []policy.Decision{"perhaps"}, report.Stopping},
		{"two rulings, the stricter last", risk.Open, []policy.Decision{policy.Warn, policy.Deny}, report.Stopping},
		{"two rulings, the stricter first", risk.Open, []policy.Decision{policy.Deny, policy.Warn}, report.Stopping},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := &report.Document{Findings: []risk.Risk{{Finding: finding.Finding{Fingerprint: "a1:1"}, Status: tt.status}}}
			for _, decision := range tt.decision {
				d.Verdict.Rulings = append(d.Verdict.Rulings, policy.Ruling{Fingerprint: "a1:1", Decision: decision})
			}
			v := report.Look(d)
			if got := v.Group(&d.Findings[0]); got != tt.want {
				t.Errorf("group %d, want %d", got, tt.want)
			}
		})
	}
}

// The same fault in two targets is judged in each.
func TestRulingsOfTwoTargets(t *testing.T) {
	d := &report.Document{}
	for target, decision := range map[string]policy.Decision{"t1": policy.Deny, "t2": policy.Warn} {
		d.Findings = append(d.Findings, risk.Risk{Finding: finding.Finding{Fingerprint: "a1:1"}, Target: target, Status: risk.Open})
		d.Verdict.Rulings = append(d.Verdict.Rulings, policy.Ruling{Target: target, Fingerprint: "a1:1", Decision: decision})
	}
	v := report.Look(d)
	if len(v.ByGroup[report.Stopping]) != 1 || v.ByGroup[report.Stopping][0].Target != "t1" || len(v.ByGroup[report.Warning]) != 1 {
		t.Errorf("%+v", v.ByGroup)
	}
}

func TestByRisk(t *testing.T) {
	make := func(fp string, level finding.Severity, score int, n risk.Novelty) risk.Risk {
		return risk.Risk{Finding: finding.Finding{Fingerprint: fp}, Level: risk.Assessment{Level: level, Score: score}, New: n}
	}
	d := &report.Document{Findings: []risk.Risk{
		make("low", finding.Low, 90, risk.NewYes),
		make("medium old", finding.Medium, 40, risk.NewNo),
		make("unknown", finding.SeverityUnknown, 50, risk.NewNo),
		make("medium new", finding.Medium, 40, risk.NewYes),
		make("critical", finding.Critical, 1, risk.NewNo),
		make("medium not known", finding.Medium, 40, risk.NewUnknown),
	}}
	var got []string
	for _, r := range report.Look(d).ByRisk {
		got = append(got, r.Fingerprint)
	}
	want := []string{"critical", "unknown", "medium new", "medium not known", "medium old", "low"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCount(t *testing.T) {
	v := report.Look(reporttest.Huge(12_000))
	n := report.Count(v.ByRisk)
	if want := "2,000 critical, 2,000 high, 2,000 medium, 2,000 unknown, 2,000 low, 2,000 info"; n.String() != want {
		t.Errorf("got %s", n)
	}
	if n.Total() != 12_000 {
		t.Errorf("total %d", n.Total())
	}
}

func TestWhere(t *testing.T) {
	for _, tt := range []struct {
		place finding.Place
		want  string
	}{
		{finding.Place{Path: "a/b.go", Start: finding.Position{Line: 3, Column: 4}}, "a/b.go:3:4"},
		{finding.Place{Path: "a/b.go", Start: finding.Position{Line: 3}}, "a/b.go:3"},
		{finding.Place{Path: "a/b.go"}, "a/b.go"},
		{finding.Place{Package: "pkg:npm/x@1"}, "pkg:npm/x@1"},
		{finding.Place{Workload: "deployment/x"}, "deployment/x"},
		{finding.Place{Commit: &finding.Commit{ID: "0123456789abcdef"}}, "commit 0123456789ab"},
		{finding.Place{}, "the whole target"},
	} {
		if got := report.Where(&tt.place); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestTime(t *testing.T) {
	zone := time.FixedZone("", 2*60*60)
	for _, tt := range []struct {
		in   time.Time
		want string
	}{
		{time.Date(2026, 1, 1, 1, 0, 0, 0, zone), "2025-12-31"},
		{time.Time{}, "unknown"},
		{time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC), "unknown"},
		{time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC), "unknown"},
	} {
		if got := report.Day(tt.in); got != tt.want {
			t.Errorf("Day(%v) = %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestNumber(t *testing.T) {
	for in, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 25_000: "25,000", 1_234_567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		if got := report.Number(in); got != want {
			t.Errorf("Number(%d) = %s, want %s", in, got, want)
		}
	}
}

func TestNext(t *testing.T) {
	asked := reporttest.Recorded()
	asked.Asked = "--history ."
	for _, tt := range []struct {
		d    *report.Document
		want []string
	}{
		{reporttest.Clean(), nil},
		{reporttest.Failed(), []string{"assay rules test FILE"}},
		{reporttest.Empty(), []string{"assay scan --format json"}},
		{asked, []string{"assay explain " + report.Look(asked).ByRisk[0].Fingerprint + " --history .", "assay db update"}},
	} {
		if diff := cmp.Diff(tt.want, report.Next(report.Look(tt.d), report.Gaps(tt.d))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestArea(t *testing.T) {
	d := reporttest.Recorded()
	v := report.Look(d)
	areas := map[string]string{}
	for i := range d.Findings {
		areas[d.Findings[i].Rule] = v.Area(&d.Findings[i], v.Root())
	}
	want := map[string]string{"secret/aws-access-key": "app", "secret/generic-token": "(no file)", "pipeline/no-timeout": ".github"}
	for rule, area := range want {
		if areas[rule] != area {
			t.Errorf("%s is in %q, want %q", rule, areas[rule], area)
		}
	}
	for range 4 {
		d.Verdict.Services = append(d.Verdict.Services, policy.ServiceVerdict{Service: "x"})
	}
	if got := v.Area(&d.Findings[0], ""); got != "payments" {
		t.Errorf("with many services the area is %q", got)
	}
}

func TestRoot(t *testing.T) {
	for _, tt := range []struct {
		paths []string
		root  string
		areas []string
	}{
		{nil, "", nil},
		{[]string{""}, "", []string{"(no file)"}},
		{[]string{"a.go", "src/b.go"}, "", []string{"(top folder)", "src"}},
		{[]string{"src/a/b.go", "src/ab/c.go", ""}, "src", []string{"a", "ab", "(no file)"}},
		{[]string{"src/main/a.go", "src/main/b/c.go"}, "src/main", []string{"(top folder)", "b"}},
		{[]string{"src/a/x.go", "src.go"}, "", []string{"src", "(top folder)"}},
		{[]string{"../x/a", "../y/b"}, "..", []string{"x", "y"}},
		{[]string{"/a/b", "c/d"}, "", []string{"a", "c"}},
	} {
		d := &report.Document{}
		for _, p := range tt.paths {
			d.Findings = append(d.Findings, risk.Risk{Finding: finding.Finding{Place: finding.Place{Path: p}}})
		}
		v := report.Look(d)
		root := v.Root()
		if root != tt.root {
			t.Errorf("root of %q is %q, want %q", tt.paths, root, tt.root)
		}
		var areas []string
		for i := range d.Findings {
			areas = append(areas, v.Area(&d.Findings[i], root))
		}
		if diff := cmp.Diff(tt.areas, areas); diff != "" {
			t.Errorf("areas of %q (-want +got):\n%s", tt.paths, diff)
		}
	}
}

func TestRelated(t *testing.T) {
	step := finding.Place{Path: "a", Start: finding.Position{Line: 1}}
	again := step
	again.Commit = &finding.Commit{ID: "12"}
	for _, tt := range []struct {
		related []finding.Place
		flow    bool
		want    string
	}{
		{nil, false, ""},
		{[]finding.Place{step, step}, true, "a:1 → a:1"},
		{[]finding.Place{step, step, step}, true, "a:1 → a:1 → 1 more step"},
		{[]finding.Place{again, again, again, again}, false, "a:1, a:1, 2 more places"},
	} {
		r := &risk.Risk{Finding: finding.Finding{Related: tt.related}}
		if got := report.Related(r, 2); got != tt.want || report.IsFlow(r) != tt.flow {
			t.Errorf("got %q, flow %v; want %q", got, report.IsFlow(r), tt.want)
		}
	}
}

// TestFilter holds that what a reader does not want to see stays counted, and that no step is lost with it.
func TestFilter(t *testing.T) {
	d := reporttest.Recorded()
	whole := report.Look(d)
	if got := report.Filter(d, finding.SeverityUnknown); got != d {
		t.Error("a document of which nothing is left out is another one")
	}
	for least := finding.Info; least <= finding.Critical; least++ {
		f := report.Filter(d, least)
		v := report.Look(f)
		for g := range report.Group(report.Groups) {
			if got, want := v.Judged(g), len(whole.ByGroup[g]); got != want {
				t.Errorf("%v: %d findings of group %d, want %d", least, got, g, want)
			}
		}
		left := len(d.Findings) - len(f.Findings)
		if (left > 0) != (f.NotShown() != "") || left > 0 && !strings.HasPrefix(f.NotShown(), report.Plural(left, "finding")+" ") {
			t.Errorf("%v: %d findings left out: %q", least, left, f.NotShown())
		}
	}
	f := report.Filter(d, finding.Critical)
	f.Findings = nil
	f.Asked = "app"
	if got := report.Next(report.Look(f), nil); !cmp.Equal(got, []string{"assay scan app"}) {
		t.Errorf("next steps %q", got)
	}
}
