package policy_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/policy/celhost"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/risk"
)

var now = time.Date(2026, 5, 10, 12, 0, 0, 0, time.UTC)

func lines(key string, exprs ...string) []policy.Line {
	list := []policy.Line{}
	for i, e := range exprs {
		list = append(list, policy.Line{Key: key, Expr: e, At: diagnostic.Position{File: ".assay.yaml", Line: 5 + i, Column: 9}})
	}
	return list
}

func gates(t *testing.T, stage string, scopes ...policy.Scope) *policy.Gates {
	t.Helper()
	g, err := policy.Compile(stage, scopes, celhost.New())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// at makes an open risk of a level, in a service without a profile.
func at(level finding.Severity, change ...func(*risk.Risk)) risk.Risk {
	r := risk.Risk{
		Finding: finding.Finding{
			Rule: "secret/aws-access-key", Title: "AWS access key", Severity: level, Confidence: finding.HighConfidence,
			Place: finding.Place{Kind: finding.InFile, Path: "app/config.go", Start: finding.Position{Line: 3, Column: 1}}, Fingerprint: "a1:0",
		},
		Engine: "secret", Service: profile.Unassigned, New: risk.NewYes, Status: risk.Open,
	}
	r.Level = risk.Assess(&r.Finding, &profile.Service{})
	for _, f := range change {
		f(&r)
	}
	return r
}

func novelty(n risk.Novelty) func(*risk.Risk)    { return func(r *risk.Risk) { r.New = n } }
func status(s risk.Status) func(*risk.Risk)      { return func(r *risk.Risk) { r.Status = s } }
func sure(c finding.Confidence) func(*risk.Risk) { return func(r *risk.Risk) { r.Confidence = c } }
func path(p string) func(*risk.Risk)             { return func(r *risk.Risk) { r.Place.Path = p } }
func due(d time.Time) func(*risk.Risk)           { return func(r *risk.Risk) { r.Due = d } }

func TestDefaultPolicy(t *testing.T) {
	tests := []struct {
		name string
		risk risk.Risk
		want policy.Decision
	}{
		{"new, high, sure", at(finding.High), policy.Deny},
		{"new, critical, sure", at(finding.Critical), policy.Deny},
		{"new, high, less sure", at(finding.High, sure(finding.MediumConfidence)), policy.Warn},
		{"new, high, sureness unknown", at(finding.High, sure(finding.ConfidenceUnknown)), policy.Deny},
		{"new, medium", at(finding.Medium), policy.Warn},
		{"new, low", at(finding.Low), policy.Allow},
		{"old, critical", at(finding.Critical, novelty(risk.NewNo)), policy.Allow},
		{"unknown whether new, high", at(finding.High, novelty(risk.NewUnknown)), policy.Deny},
		{"unknown whether new, low", at(finding.Low, novelty(risk.NewUnknown)), policy.Allow},
		{"severity unknown", at(finding.SeverityUnknown), policy.Warn},
		{"in the baseline", at(finding.Critical, status(risk.Baseline)), policy.Allow},
		{"excepted", at(finding.Critical, status(risk.Excepted)), policy.Allow},
		{"suppressed", at(finding.Critical, status(risk.Suppressed)), policy.Allow},
	}
	for _, stage := range policy.Stages {
		g := gates(t, stage)
		for _, test := range tests {
			v := policy.Decide(policy.Input{Gates: g, Now: now, Risks: []risk.Risk{test.risk}})
			if v.Decision != test.want {
				t.Errorf("%s, %s: %s, want %s", stage, test.name, v.Decision, test.want)
			}
		}
	}
}

func TestRuling(t *testing.T) {
	g := gates(t, policy.PullRequest, policy.Scope{Text: policy.Text{
		Deny: lines("gate.pull-request.deny", "risk.score > 99", "new && service.tier >= high"),
	}})
	v := policy.Decide(policy.Input{Gates: g, Now: now, Risks: []risk.Risk{at(finding.Medium)},
		Services: map[string][]profile.Service{"": {{Name: profile.Unassigned}, {Name: "web"}}}})
	want := policy.Verdict{
		Stage: "pull-request", Decision: policy.Deny,
		Services: []policy.ServiceVerdict{
			{Service: profile.Unassigned, Decision: policy.Deny, Denied: 1},
			{Service: "web", Decision: policy.Allow},
		},
		Reasons: []string{
			"1 finding denied at stage pull-request in unassigned",
			"AWS access key in app/config.go:3 is a medium risk: gate.pull-request.deny (.assay.yaml:6), because service.tier is unknown",
		},
		Rulings: []policy.Ruling{{
			Fingerprint: "a1:0", Decision: policy.Deny, By: "gate.pull-request.deny (.assay.yaml:6)",
			Expr:     "new && service.tier >= high",
			Inputs:   map[string]string{"new": "true", "service.tier": "unknown"},
			Unknowns: []string{"service.tier"},
		}},
	}
	if diff := cmp.Diff(want, v); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A stage that says something only about one of deny, warn and require keeps the default for the others; an empty list
// says that there is nothing.
func TestWhatIsLeftOutIsTheDefault(t *testing.T) {
	for name, test := range map[string]struct {
		text policy.Text
		risk risk.Risk
		want policy.Decision
	}{
		"only warn":     {policy.Text{Warn: lines("w", "false")}, at(finding.Critical), policy.Deny},
		"only deny":     {policy.Text{Deny: lines("d", "false")}, at(finding.Critical), policy.Warn},
		"nothing, said": {policy.Text{Deny: lines("d"), Warn: lines("w")}, at(finding.Critical), policy.Allow},
		"only require":  {policy.Text{Require: lines("r", "true")}, at(finding.Critical), policy.Deny},
		"only engines":  {policy.Text{Engines: []string{}}, at(finding.Critical), policy.Deny},
	} {
		v := policy.Decide(policy.Input{Gates: gates(t, policy.Build, policy.Scope{Text: test.text}), Now: now, Risks: []risk.Risk{test.risk}})
		if v.Decision != test.want {
			t.Errorf("%s: %s, want %s", name, v.Decision, test.want)
		}
	}
}

// A folder's gate is asked in addition: it can make a verdict stricter, never milder.
func TestFolderTightens(t *testing.T) {
	root := policy.Scope{Text: policy.Text{Deny: lines("root", "risk >= critical"), Warn: lines("root", "false")}}
	web := policy.Scope{Folder: "web", Text: policy.Text{Deny: lines("web", "risk >= medium")}}
	lax := policy.Scope{Folder: "lax", Text: policy.Text{Deny: lines("lax"), Warn: lines("lax"), Engines: []string{}}}
	g := gates(t, policy.Build, root, web, lax)
	for name, test := range map[string]struct {
		risk risk.Risk
		want policy.Decision
	}{
		"folder is stricter":     {at(finding.Medium, path("web/a.js")), policy.Deny},
		"outside of it":          {at(finding.Medium, path("website/a.js")), policy.Allow},
		"archive in the folder":  {at(finding.Medium, path("web/a.zip!/x")), policy.Deny},
		"archive named alike":    {at(finding.Medium, path("x.zip!/web/a")), policy.Allow},
		"folder cannot be laxer": {at(finding.Critical, path("lax/a.js")), policy.Deny},
	} {
		if v := policy.Decide(policy.Input{Gates: g, Now: now, Risks: []risk.Risk{test.risk}}); v.Decision != test.want {
			t.Errorf("%s: %s, want %s", name, v.Decision, test.want)
		}
	}
	v := policy.Decide(policy.Input{Gates: g, Now: now, Required: []string{"secret"}})
	if diff := cmp.Diff([]policy.Unmet{{Engine: "secret", Reason: "secret did not run"}}, v.Incomplete); diff != "" {
		t.Errorf("a folder takes away a required engine (-want +got)\n%s", diff)
	}
}

// The baseline keeps a fault from being news, not from being late.
func TestHeldBack(t *testing.T) {
	late := due(now.AddDate(0, 0, -1))
	for expr, want := range map[string]map[risk.Status]policy.Decision{
		"risk >= high":      {risk.Baseline: policy.Allow, risk.Excepted: policy.Allow, risk.Suppressed: policy.Allow},
		"overdue":           {risk.Baseline: policy.Deny, risk.Excepted: policy.Allow, risk.Suppressed: policy.Allow},
		"status != 'open'":  {risk.Baseline: policy.Deny, risk.Excepted: policy.Deny, risk.Suppressed: policy.Deny},
		"due < now && !new": {risk.Baseline: policy.Deny, risk.Excepted: policy.Allow, risk.Suppressed: policy.Allow},
	} {
		g := gates(t, policy.Scheduled, policy.Scope{Text: policy.Text{Deny: lines("d", expr), Warn: lines("w")}})
		for s, decision := range want {
			r := at(finding.High, status(s), late, novelty(risk.NewNo))
			if v := policy.Decide(policy.Input{Gates: g, Now: now, Risks: []risk.Risk{r}}); v.Decision != decision {
				t.Errorf("%s, %s: %s, want %s", expr, s, v.Decision, decision)
			}
		}
	}
}

// An input that is unknown never gives a milder decision than any value it could have, whatever the expression says.
func TestUnknownIsNeverMilder(t *testing.T) {
	exprs := []string{
		policy.DefaultDeny, "!new", "new ? risk < high : risk >= high", "service.tier < high", "service.tier != critical && !overdue",
		"service.exposure == 'isolated' || due > now", "!('public' in service.data)", "service.data.all(d, d == 'public')",
		"service.data.size() == 1", "age < duration('24h') && confidence != high", "severity <= low || !(severity >= medium)",
		"firstSeen.getFullYear() < 2026", "path.startsWith('app') && (overdue || new)", "status == 'open' ? overdue : new",
	}
	type setter struct {
		unknown func(*risk.Risk, *profile.Service)
		known   []func(*risk.Risk, *profile.Service)
	}
	var setters []setter
	add := func(unknown func(*risk.Risk, *profile.Service), known ...func(*risk.Risk, *profile.Service)) {
		setters = append(setters, setter{unknown, known})
	}
	add(func(r *risk.Risk, _ *profile.Service) { r.New = risk.NewUnknown },
		func(r *risk.Risk, _ *profile.Service) { r.New = risk.NewYes }, func(r *risk.Risk, _ *profile.Service) { r.New = risk.NewNo })
	var tiers, exposures, data, levels, confidences []func(*risk.Risk, *profile.Service)
	for _, v := range profile.Tiers {
		tiers = append(tiers, func(_ *risk.Risk, s *profile.Service) { s.Tier = v })
	}
	for _, v := range profile.Exposures {
		exposures = append(exposures, func(_ *risk.Risk, s *profile.Service) { s.Exposure = v })
	}
	for _, v := range profile.DataClasses {
		data = append(data, func(_ *risk.Risk, s *profile.Service) { s.Data = []profile.Data{v} })
	}
	for _, v := range risk.Levels {
		levels = append(levels, func(r *risk.Risk, _ *profile.Service) { r.Severity = v })
	}
	for _, v := range []finding.Confidence{finding.LowConfidence, finding.MediumConfidence, finding.HighConfidence} {
		confidences = append(confidences, func(r *risk.Risk, _ *profile.Service) { r.Confidence = v })
	}
	add(func(_ *risk.Risk, s *profile.Service) { s.Tier = "" }, tiers...)
	add(func(_ *risk.Risk, s *profile.Service) { s.Exposure = "" }, exposures...)
	add(func(_ *risk.Risk, s *profile.Service) { s.Data = nil }, data...)
	add(func(r *risk.Risk, _ *profile.Service) { r.Severity = finding.SeverityUnknown }, levels...)
	add(func(r *risk.Risk, _ *profile.Service) { r.Confidence = finding.ConfidenceUnknown }, confidences...)
	add(func(r *risk.Risk, _ *profile.Service) { r.FirstSeen, r.Due = time.Time{}, time.Time{} },
		func(r *risk.Risk, _ *profile.Service) {
			r.FirstSeen, r.Due = now.AddDate(0, 0, -9), now.AddDate(0, 0, -1)
		},
		func(r *risk.Risk, _ *profile.Service) { r.FirstSeen, r.Due = now.Add(-time.Hour), now.AddDate(0, 0, 9) })
	denies := func(g *policy.Gates, set ...func(*risk.Risk, *profile.Service)) bool {
		r, s := at(finding.High), profile.Service{Name: profile.Unassigned}
		for _, f := range set {
			f(&r, &s)
		}
		in := policy.Input{Gates: g, Now: now, Services: map[string][]profile.Service{"": {s}}}
		return in.Denies(r)
	}
	compared := 0
	for _, expr := range exprs {
		g := gates(t, policy.Build, policy.Scope{Text: policy.Text{Deny: lines("d", expr), Warn: lines("w")}})
		for i, unknown := range setters {
			for j, other := range setters {
				if i == j {
					continue
				}
				for _, context := range append(other.known, other.unknown) {
					for _, known := range unknown.known {
						compared++
						if denies(g, context, known) && !denies(g, context, unknown.unknown) {
							t.Errorf("%s: input %d unknown is milder than known, in context %d", expr, i, j)
						}
					}
				}
			}
		}
	}
	t.Logf("%d comparisons", compared)
}

func TestDeniesLooksBehindWhatHoldsBack(t *testing.T) {
	in := policy.Input{Gates: gates(t, policy.PullRequest), Now: now}
	if !in.Denies(at(finding.High, status(risk.Suppressed))) {
		t.Error("a suppressed finding is judged as suppressed")
	}
	if in.Denies(at(finding.Medium)) {
		t.Error("a warning is taken for a denial")
	}
}

func TestALineThatFailsDenies(t *testing.T) {
	for _, text := range []policy.Text{
		{Deny: lines("d", "path.matches(path)"), Warn: lines("w")},
		{Deny: lines("d"), Warn: lines("w", "path.matches(path)")},
	} {
		r := at(finding.Info, path("app/(")) // not a regular expression
		v := policy.Decide(policy.Input{Gates: gates(t, policy.Build, policy.Scope{Text: text}), Now: now, Risks: []risk.Risk{r}})
		if v.Decision != policy.Deny || !strings.Contains(v.Rulings[0].Error, "missing closing )") {
			t.Errorf("%+v", v)
		}
		if want := "A line of the policy failed for 1 finding, and what fails denies"; v.Reasons[1] != want {
			t.Errorf("reasons: %q", v.Reasons)
		}
	}
}

func TestRequire(t *testing.T) {
	records := []coverage.Record{
		{Target: "t1", Engine: "secret", Status: coverage.Done},
		{Target: "t2", Engine: "secret", Status: coverage.Partial, Unchecked: []coverage.Unchecked{{Path: "a.bin", Reason: "too large"}}},
		{Target: "t1", Engine: "dependency", Status: coverage.NotRun, Reason: "there is no database"},
	}
	for name, test := range map[string]struct {
		text policy.Text
		want []policy.Unmet
	}{
		"default": {policy.Text{}, []policy.Unmet{
			{Engine: "secret", Target: "t2", Reason: "secret on t2 is partial: 1 file could not be checked, such as a.bin (too large)"}, {Engine: "code", Target: "", Reason: "code did not run"}}},
		"list": {policy.Text{Engines: []string{"dependency"}}, []policy.Unmet{{Engine: "dependency", Target: "t1", Reason: "dependency on t1 is not run: there is no database"}}},
		"none": {policy.Text{Engines: []string{}}, nil},
		"expression": {policy.Text{Require: lines("gate.build.require", "coverage.all(c, c.status == 'done')")},
			[]policy.Unmet{{Reason: "gate.build.require (.assay.yaml:5) does not hold: coverage.all(c, c.status == 'done')"}}},
		"an expression that fails": {policy.Text{Require: lines("gate.build.require", "coverage[7].files > 0")},
			[]policy.Unmet{{Reason: "gate.build.require (.assay.yaml:5) cannot be answered: index out of bounds: 7"}}},
	} {
		g := gates(t, policy.Build, policy.Scope{Text: test.text})
		v := policy.Decide(policy.Input{Gates: g, Now: now, Coverage: records, Required: []string{"secret", "code"}})
		if diff := cmp.Diff(test.want, v.Incomplete); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestReasons(t *testing.T) {
	var risks []risk.Risk
	for range 7 {
		risks = append(risks, at(finding.High, novelty(risk.NewUnknown)))
	}
	risks = append(risks, at(finding.Medium), at(finding.Low), at(finding.Critical, status(risk.Baseline)), at(finding.Low, status(risk.Suppressed)))
	v := policy.Decide(policy.Input{Gates: gates(t, policy.PullRequest), Now: now, Risks: risks, Required: []string{"secret"}})
	one := "AWS access key in app/config.go:3 is a high risk: default policy, pull-request, deny, because new is unknown"
	want := []string{
		"7 findings denied at stage pull-request",
		"A required check is not complete: secret did not run",
		"Whether the change brought it in is unknown for 7 findings, and unknown counts as new: there is neither a base nor a baseline",
		"1 finding to look at, which does not stop the change",
		"1 finding kept and allowed at this stage",
		"1 finding held back by the baseline",
		"1 finding held back by marks and files of tools",
		one, one, one, "4 findings denied besides",
	}
	if diff := cmp.Diff(want, v.Reasons); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	looked := []coverage.Record{{Engine: "secret", Status: coverage.Done, Files: 1}}
	if v := policy.Decide(policy.Input{Gates: gates(t, policy.Build), Now: now, Coverage: looked}); v.Reasons[0] != "Nothing was found" {
		t.Errorf("nothing found: %q", v.Reasons)
	}
	looked[0].Files = 0
	if v := policy.Decide(policy.Input{Gates: gates(t, policy.Build), Now: now, Coverage: looked}); v.Reasons[0] != "Nothing was looked at" {
		t.Errorf("nothing looked at: %q", v.Reasons)
	}
}

func TestCompileErrors(t *testing.T) {
	_, err := policy.Compile(policy.Build, []policy.Scope{{Text: policy.Text{
		Deny: lines("d", "riks >= high", "nwe"), Require: lines("r", "new"),
	}}}, celhost.New())
	var e *diagnostic.Error
	if !errors.As(err, &e) || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("want all three errors: %v", err)
	}
}

func TestExplain(t *testing.T) {
	in := policy.Input{Gates: gates(t, policy.PullRequest), Now: now, Services: map[string][]profile.Service{"": {{Name: profile.Unassigned}}}}
	r := at(finding.High, novelty(risk.NewUnknown))
	in.Risks = []risk.Risk{r}
	got := policy.Explain(in, r, risk.DefaultDue())
	inputs := map[string]string{"new": "unknown", "risk": "high", "confidence": "high"}
	want := policy.Explanation{
		Ruling: policy.Ruling{Fingerprint: "a1:0", Decision: policy.Deny, By: "default policy, pull-request, deny",
			Expr: policy.DefaultDeny, Inputs: inputs, Unknowns: []string{"new"}},
		Risk: r.Level.Reasons,
		Lines: []policy.Answer{
			{By: "default policy, pull-request, deny", Expr: policy.DefaultDeny, Says: "holds, because new is unknown", Inputs: inputs},
			{By: "default policy, pull-request, warn", Expr: policy.DefaultWarn, Says: "holds, because new is unknown",
				Inputs: map[string]string{"new": "unknown", "risk": "high"}},
		},
		Changes: []policy.Change{
			{"the provider said that the credential is dead", policy.Allow},
			{"it were known not to be new", policy.Allow},
			{"it were in the baseline", policy.Allow},
			{"an exception permitted it", policy.Allow},
			{"the confidence were low", policy.Allow},
			{"the confidence were medium", policy.Warn},
			{"the tier of the service were low", policy.Warn},
			{"the tier of the service were medium", policy.Warn},
			{"the exposure of the service were isolated", policy.Warn},
			{"the exposure of the service were internal", policy.Warn},
			{"the service held only public data", policy.Warn},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := policy.Explain(in, at(finding.Medium, status(risk.Baseline)), nil); got.Lines[0].Says != "not asked: baseline" || got.Ruling.Decision != policy.Allow {
		t.Errorf("held back: %+v", got)
	}
}

// What is in the baseline would be judged as new if it left it.
func TestExplainBaseline(t *testing.T) {
	in := policy.Input{Gates: gates(t, policy.PullRequest), Now: now}
	got := policy.Explain(in, at(finding.Critical, status(risk.Baseline)), nil).Changes
	want := policy.Change{If: "it left the baseline and counted as new", Then: policy.Deny}
	if !slices.Contains(got, want) {
		t.Errorf("%+v, want %+v among them", got, want)
	}
}

// Nothing that a baseline would not do is offered.
func TestExplainLive(t *testing.T) {
	in := policy.Input{Gates: gates(t, policy.PullRequest), Now: now}
	live := at(finding.Critical)
	live.Verification = finding.Live
	for _, c := range policy.Explain(in, live, nil).Changes {
		if c.If == "it were in the baseline" {
			t.Error("a live credential could go into the baseline")
		}
	}
	want := policy.Change{If: "the provider said that the credential is live", Then: policy.Deny}
	old := at(finding.High, status(risk.Baseline))
	if got := policy.Explain(in, old, nil).Changes; !slices.Contains(got, want) {
		t.Errorf("a finding of the baseline: %+v, want %+v among them", got, want)
	}
}

// Of two targets with a service of one name each is judged by its own.
func TestServicesOfTwoTargets(t *testing.T) {
	g := gates(t, policy.Build, policy.Scope{Text: policy.Text{Deny: lines("d", "service.tier == critical"), Warn: lines("w")}})
	in := policy.Input{Gates: g, Now: now, Services: map[string][]profile.Service{
		"t1": {{Name: "pay", Tier: profile.TierCritical}},
		"t2": {{Name: "pay", Tier: profile.TierLow}},
	}}
	var got []policy.Decision
	for _, target := range []string{"t1", "t2", "t3"} {
		r := at(finding.High)
		r.Target, r.Service = target, "pay"
		in.Risks = []risk.Risk{r}
		v := policy.Decide(in)
		got = append(got, v.Decision)
		if v.Decision == policy.Deny && v.Rulings[0].Target != target {
			t.Errorf("the ruling on %s names %q", target, v.Rulings[0].Target)
		}
	}
	if diff := cmp.Diff([]policy.Decision{policy.Deny, policy.Allow, policy.Deny}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Targets of one policy are judged by it once, however many they are.
func TestSameScopesAreOne(t *testing.T) {
	said := policy.Scope{Text: policy.Text{Deny: lines("d", "new")}}
	g := gates(t, policy.Build, policy.Scope{}, said, policy.Scope{}, said, policy.Scope{Text: policy.Text{Deny: []policy.Line{}}})
	var got []string
	for _, l := range policy.Explain(policy.Input{Gates: g, Now: now}, at(finding.Low), nil).Lines {
		got = append(got, l.Expr)
	}
	want := []string{policy.DefaultDeny, policy.DefaultWarn, "new", policy.DefaultWarn, policy.DefaultWarn}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func BenchmarkDecide(b *testing.B) {
	g, err := policy.Compile(policy.PullRequest, nil, celhost.New())
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{1_000, 10_000, 20_000} {
		risks := make([]risk.Risk, n)
		for i := range risks {
			risks[i] = at(risk.Levels[i%len(risk.Levels)])
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				policy.Decide(policy.Input{Gates: g, Now: now, Risks: risks})
			}
		})
	}
}
