package policy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/policy/celhost"
	"github.com/assaysec/assay/internal/policy/regohost"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/risk"
)

func rulebook(t *testing.T, text string) policy.Rulebook {
	t.Helper()
	p, err := regohost.Compile(map[string]string{".assay/policies/x.rego": "package assay\n" + text})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func called(fingerprint string) func(*risk.Risk) {
	return func(r *risk.Risk) { r.Fingerprint, r.Title = fingerprint, fingerprint }
}

const onFinding = `deny contains {"msg": "no keys", "fingerprint": f.fingerprint} if { some f in input.findings; f.rule == "secret/aws-access-key"; f.status == "open" }`

// The stricter of all answers wins, whoever gives it.
func TestStricterWins(t *testing.T) {
	for name, test := range map[string]struct {
		deny, rego string
		want       policy.Decision
	}{
		"only the rules deny":   {"false", onFinding, policy.Deny},
		"only the gate denies":  {"true", `warn contains "x"`, policy.Deny},
		"the rules warn":        {"false", `warn contains "x"`, policy.Warn},
		"neither":               {"false", `deny contains "x" if false`, policy.Allow},
		"a rule fails":          {"false", `warn contains "x" if to_number("x") > 1`, policy.Deny},
		"an unknown finding":    {"false", `deny contains {"msg": "x", "fingerprint": "a1:nowhere"}`, policy.Deny},
		"what is not known yet": {"false", `deny contains "x" if input.findings[_].service.tier == "critical"`, policy.Deny},
	} {
		g := gates(t, policy.Build, policy.Scope{Text: policy.Text{Deny: lines("d", test.deny), Warn: lines("w")}})
		v := policy.Decide(policy.Input{Gates: g, Now: now, Risks: []risk.Risk{at(finding.High)}, Rules: rulebook(t, test.rego)})
		if v.Decision != test.want {
			t.Errorf("%s: %s, want %s", name, v.Decision, test.want)
		}
	}
}

func TestRulingsOfRules(t *testing.T) {
	in := policy.Input{
		Gates: gates(t, policy.Build), Now: now, Risks: []risk.Risk{at(finding.Low, called("a")), at(finding.High, called("b")), at(finding.Low, called("c"), status(risk.Excepted))},
		Rules: rulebook(t, onFinding+"\nwarn contains \"three findings\" if count(input.findings) == 3\nwarn contains \"unsure\" if input.findings[0].service.tier == \"high\""),
	}
	v := policy.Decide(in)
	on := func(fingerprint string) policy.Ruling {
		return policy.Ruling{Fingerprint: fingerprint, Decision: policy.Deny, By: "policy .assay/policies/x.rego:2 deny", Expr: "data.assay.deny",
			Inputs: map[string]string{}, Message: "no keys"}
	}
	gate := policy.Ruling{Fingerprint: "b", Decision: policy.Deny, By: "default policy, build, deny", Expr: policy.DefaultDeny,
		Inputs: map[string]string{"new": "true", "risk": "high", "confidence": "high"}}
	want := policy.Verdict{
		Stage: "build", Decision: policy.Deny,
		Services: []policy.ServiceVerdict{{Service: profile.Unassigned, Decision: policy.Deny, Denied: 2, Allowed: 1}},
		Reasons: []string{
			"2 findings denied at stage build",
			"policy .assay/policies/x.rego:4 warn: failed, which denies: the answer hangs on service.tier, which is unknown: unsure",
			"policy .assay/policies/x.rego:3 warn: three findings",
			"1 finding held back by exceptions",
			"b in app/config.go:3 is a high risk: default policy, build, deny, because new && risk >= high && confidence >= high",
			"a in app/config.go:3 is a low risk: policy .assay/policies/x.rego:2 deny, no keys",
		},
		Rulings: []policy.Ruling{
			on("a"), gate, on("b"),
			{Decision: policy.Warn, By: "policy .assay/policies/x.rego:3 warn", Expr: "data.assay.warn", Inputs: map[string]string{}, Message: "three findings"},
			{Decision: policy.Deny, By: "policy .assay/policies/x.rego:4 warn", Expr: "data.assay.warn", Inputs: map[string]string{}, Message: "unsure",
				Unknowns: []string{"service.tier"}, Error: "the answer hangs on service.tier, which is unknown"},
		},
	}
	if diff := cmp.Diff(want, v); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if again := policy.Decide(in); !cmp.Equal(v, again) {
		t.Error("the same input gives another verdict")
	}
}

// A mark may hide nothing that a rule would deny.
func TestRulesLookBehindWhatHoldsBack(t *testing.T) {
	g := gates(t, policy.Build, policy.Scope{Text: policy.Text{Deny: lines("d"), Warn: lines("w")}})
	in := policy.Input{Gates: g, Now: now, Rules: rulebook(t, onFinding+"\ndeny contains \"always\"")}
	if !in.Denies(at(finding.Low, status(risk.Suppressed))) {
		t.Error("a suppressed finding is judged as suppressed")
	}
	if in.Denies(at(finding.Low, func(r *risk.Risk) { r.Rule = "secret/other" })) {
		t.Error("what is denied in any case is taken for a denial of the finding")
	}
}

func TestExplainRules(t *testing.T) {
	in := policy.Input{Gates: gates(t, policy.Build), Now: now, Risks: []risk.Risk{at(finding.Low, called("a"))}, Rules: rulebook(t, onFinding)}
	got := policy.Explain(in, in.Risks[0], nil)
	want := policy.Answer{By: "policy .assay/policies/x.rego:2 deny", Expr: "data.assay.deny", Says: "denies: no keys", Inputs: map[string]string{}}
	if diff := cmp.Diff(want, got.Lines[len(got.Lines)-1]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got.Ruling.Decision != policy.Deny || got.Ruling.Message != "no keys" {
		t.Errorf("ruling: %+v", got.Ruling)
	}
	if change := (policy.Change{If: "an exception permitted it", Then: policy.Allow}); !slices.Contains(got.Changes, change) {
		t.Errorf("changes: %+v", got.Changes)
	}
}

// A requirement about what nobody counted is not met.
func TestCounts(t *testing.T) {
	counts := policy.Counts{Suppressions: &policy.SuppressionCounts{Count: 7, WithoutReason: 2, CannotTell: 1}, Exceptions: &policy.ExceptionCounts{Count: 3, Expiring: 1}}
	for expr, want := range map[string][2]string{
		"suppressions.count <= 10":                                     {"", "is unknown"},
		"suppressions.without_reason == 0":                             {"does not hold", "is unknown"},
		"suppressions.cannot_tell < 2 && suppressions.expired == 0":    {"", "is unknown"},
		"suppressions.unused == 0 || suppressions.without_expiry == 0": {"", "is unknown"},
		"exceptions.expiring + exceptions.void > 1":                    {"does not hold", "is unknown"},
		"!(exceptions.expired > 0) && exceptions.count == 3":           {"", "is unknown"},
		"stage == 'build' || exceptions.count == 0":                    {"", ""},
	} {
		g := gates(t, policy.Build, policy.Scope{Text: policy.Text{Require: lines("gate.build.require", expr)}})
		for i, c := range []policy.Counts{counts, {}} {
			v := policy.Decide(policy.Input{Gates: g, Now: now, Counts: c, Coverage: []coverage.Record{}})
			got := ""
			if len(v.Incomplete) > 0 {
				got = v.Incomplete[0].Reason
			}
			if (got == "") != (want[i] == "") || !strings.Contains(got, want[i]) {
				t.Errorf("%s: %q, want %q", expr, got, want[i])
			}
		}
	}
}

// A check that could not fail is refused.
func TestCELCheck(t *testing.T) {
	line := func(expr string) policy.Line { return lines("compensating", expr)[0] }
	p, err := celhost.New().Check(line("service.exposure != 'internet' && risk < critical"))
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]any{"risk": 4}
	look := func(name string) (any, bool) { v, ok := values[name]; return v, ok }
	if o := p.Eval(look); o.Holds || len(o.Unknowns) != 1 {
		t.Errorf("an unknown exposure passes: %+v", o)
	}
	if values["service.exposure"] = "internal"; !p.Eval(look).Holds {
		t.Error("the check fails")
	}
	in := policy.Input{Gates: gates(t, policy.Build), Now: now, Services: map[string][]profile.Service{"": {{Name: profile.Unassigned, Exposure: profile.Internal}}}}
	for level, want := range map[finding.Severity]bool{finding.High: true, finding.Critical: false} {
		r := at(level)
		if got := p.Eval(in.Lookup(&r)); got.Holds != want || got.Err != nil {
			t.Errorf("%v: %+v, want %v", level, got, want)
		}
	}
	for expr, want := range map[string]string{
		"true":                          "the check reads nothing",
		"1 + 1 == 2":                    "the check reads nothing",
		"risk >= info":                  "the check gives the same answer",
		"new || !new":                   "the check gives the same answer",
		"path == 'x' || true":           "the check gives the same answer",
		"severity < low && risk > info": "",
		"path.startsWith('web/')":       "",
		"riks > low":                    `unknown name "riks", did you mean "risk"?`,
		"risk":                          "the expression gives level",
	} {
		_, err := celhost.New().Check(line(expr))
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), ".assay.yaml:5:9: "+want)) {
			t.Errorf("%s: %v, want %q", expr, err, want)
		}
	}
}
