package register

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/risk"
)

const waf = "  compensating:\n    - control: waf\n      check: {cel: \"yes: path\"}\n"

const probed = "  compensating:\n    - control: waf\n      check: {https: {url: \"https://pay.example.com/probe\", status: 403}}\n"

// The table of the issue: what each fault does to an exception that would cover one finding.
func TestStates(t *testing.T) {
	two := 2
	one := 1
	recorded := func(text string, age time.Duration, ok bool) []Answer {
		c := parse(t, text).Exceptions[0].Compensating[0]
		return []Answer{{ID: "EX-1", Control: "waf", Kind: HTTPSKind, Check: c.Check.Digest(), OK: ok, Detail: "status is 200, want 403", At: noon.Add(-age)}}
	}
	for _, tt := range []struct {
		name     string
		text     string
		in       Input
		answered bool // ask the checks, too
		risks    int
		state    State
		problem  string
		approval Approval
	}{
		{name: "valid", text: simple, state: InForce},
		{name: "first second", text: simple, in: Input{Now: at("2026-11-01T00:00:00Z")}, state: InForce},
		{name: "one second before", text: simple, in: Input{Now: at("2026-10-31T23:59:59Z")}, state: NotYet, problem: "it begins on 2026-11-01"},
		{name: "last second", text: simple, in: Input{Now: at("2026-11-30T23:59:59Z")}, state: InForce},
		{name: "last nanosecond", text: simple, in: Input{Now: at("2026-11-30T23:59:59.999999999Z")}, state: InForce},
		{name: "expired by a second", text: simple, in: Input{Now: at("2026-12-01T00:00:00Z")}, state: Expired, problem: "it expired on 2026-11-30"},
		{name: "in another time zone", text: simple, in: Input{Now: at("2026-12-01T13:00:00+14:00")}, state: InForce},
		{name: "expired in another time zone", text: simple, in: Input{Now: at("2026-11-30T12:00:00-12:00")}, state: Expired, problem: "it expired on 2026-11-30"},
		{name: "nothing matches", text: strings.Replace(simple, "secret/key", "secret/other", 1), state: Unused},

		{name: "control holds", text: simple + waf, answered: true, state: InForce},
		{name: "control fails", text: simple + strings.Replace(waf, "yes", "no", 1), answered: true, state: Void,
			problem: "the control waf failed: it does not hold for a1:0000000000000001"},
		{name: "control hangs on an unknown", text: simple + strings.Replace(waf, "yes", "unknown", 1), answered: true, state: Void,
			problem: "the control waf failed: it hangs on path, which is unknown"},
		{name: "control breaks", text: simple + strings.Replace(waf, "yes", "fails", 1), answered: true, state: Void, problem: "the control waf failed: it failed: too deep"},
		{name: "control holds for one of two", text: simple + "  max-findings: 2\n" + strings.Replace(waf, "yes", "path", 1), answered: true, risks: 2, state: Void,
			problem: "the control waf failed: it does not hold for a1:0000000000000002"},
		{name: "control was not checked", text: simple + waf, state: Void, problem: "the control waf was not checked"},
		{name: "probe without an answer", text: simple + probed, answered: true, state: Void, problem: "the control waf was not checked"},
		{name: "probe recorded", text: simple + probed, in: Input{Limits: Limits{MaxProbeAge: time.Hour}, Answers: recorded(simple+probed, time.Hour, true)}, state: InForce},
		{name: "probe of this run", text: simple + probed, in: Input{Answers: recorded(simple+probed, 0, true)}, state: InForce},
		{name: "probe too old", text: simple + probed, in: Input{Limits: Limits{MaxProbeAge: time.Hour}, Answers: recorded(simple+probed, time.Hour+1, true)}, state: Void,
			problem: "the control waf was last checked at 2026-11-24T10:59:59Z, which is too long ago"},
		{name: "no record counts unless said", text: simple + probed, in: Input{Answers: recorded(simple+probed, 1, true)}, state: Void,
			problem: "the control waf was last checked at 2026-11-24T11:59:59Z, which is too long ago"},
		{name: "probe from the future", text: simple + probed, in: Input{Limits: Limits{MaxProbeAge: time.Hour}, Answers: recorded(simple+probed, -time.Second, true)}, state: Void,
			problem: "the control waf was checked at a time that lies ahead, 2026-11-24T12:00:01Z"},
		{name: "probe failed", text: simple + probed, in: Input{Answers: recorded(simple+probed, 0, false)}, state: Void, problem: "the control waf failed: status is 200, want 403"},
		{name: "probe was changed since", text: simple + strings.Replace(probed, "403", "200", 1), in: Input{Answers: recorded(simple+probed, 0, true)}, state: Void,
			problem: "the control waf was not checked since its check was changed"},

		{name: "matches too much", text: simple, risks: 2, state: Void, problem: "it matches 2 findings, and max-findings is 1"},
		{name: "matches as much as it may", text: simple + "  max-findings: 2\n", risks: 2, state: InForce},
		{name: "asks for too much", text: simple + "  max-findings: 2\n", in: Input{Limits: Limits{MaxFindings: 1}}, state: Void, problem: "its max-findings is 2, and the policy allows 1"},
		{name: "as long as it may", text: simple, in: Input{Limits: Limits{MaxDays: 29}}, state: InForce},
		{name: "too long", text: simple, in: Input{Limits: Limits{MaxDays: 28}}, state: Void, problem: "it lasts 29 days, and the policy allows 28"},
		{name: "renewed as often as it may", text: simple, in: Input{Limits: Limits{MaxRenewals: &two}, Renewals: map[string]int{`{"rule":"secret/key"}`: 2}}, state: InForce},
		{name: "renewed too often", text: simple, in: Input{Limits: Limits{MaxRenewals: &one}, Renewals: map[string]int{`{"rule":"secret/key"}`: 2}}, state: Void,
			problem: "its match was renewed 2 times, and the policy allows 1"},
		{name: "renewed nobody knows how often", text: simple, in: Input{Limits: Limits{MaxRenewals: &two}, RenewalsCut: true}, state: Void,
			problem: "nobody knows how often its match was renewed"},
		{name: "renewed nobody knows how often, without a limit", text: simple, in: Input{RenewalsCut: true}, state: InForce},

		{name: "signed", text: approved(t, simple, 1, repository), state: InForce, approval: Signed},
		{name: "signature required and there", text: approved(t, simple, 1, repository), in: Input{Limits: Limits{RequireSignature: true}}, state: InForce, approval: Signed},
		{name: "signature missing", text: simple, in: Input{Limits: Limits{RequireSignature: true}}, state: Void, problem: "the approver's signature is missing, and the policy requires it"},
		{name: "signed by somebody else", text: approved(t, simple, 2, repository), state: Void, problem: "it is signed by eve@example.com, and the approver is bob@example.com"},
		{name: "signed by a stranger", text: approved(t, simple, 3, repository), state: Void, problem: "the signature is not allowed"},
		{name: "signed with a key of the owner too", text: approved(t, strings.Replace(simple, "owner: ann", "owner: carl", 1), 4, repository), state: Void,
			problem: "it is signed with a key that is also the owner's, carl"},
		{name: "signed for another repository", text: approved(t, simple, 1, "git.example.com/bank"), state: Void, problem: "the entry was changed after its approval"},
		{name: "changed after approval", text: strings.Replace(approved(t, simple, 1, repository), "2026-11-30", "2026-12-30", 1), state: Void, problem: "the entry was changed after its approval"},
		{name: "layout changed after approval", text: strings.Replace(approved(t, simple, 1, repository), "{rule: secret/key}", "\n    rule: 'secret/key'  # as found", 1), state: InForce, approval: Signed},
		{name: "signature is rubbish", text: simple + "  signature: yes, I did\n", state: Void, problem: "the signature cannot be read"},
		{name: "everything at once", text: simple, risks: 2, in: Input{Limits: Limits{MaxDays: 1, RequireSignature: true}}, state: Void,
			problem: "the approver's signature is missing, and the policy requires it; it lasts 29 days, and the policy allows 1; it matches 2 findings, and max-findings is 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			reg := parse(t, tt.text)
			in := tt.in
			in.Repository, in.Signers = repository, signers(t)
			if in.Now.IsZero() {
				in.Now = noon
			}
			risks := []risk.Risk{found(1, "secret/key", "a")}
			if tt.risks == 2 {
				risks = append(risks, found(2, "secret/key", "b"))
			}
			if tt.answered {
				checks, err := reg.Compile(evaluators)
				if err != nil {
					t.Fatal(err)
				}
				in.Answers = checks.Answer(t.Context(), risks, in.Now, nil)
			}
			before := append([]risk.Risk{}, risks...)
			use := reg.Apply(risks, in)[0]
			if use.State != tt.state || !strings.HasPrefix(use.Problem, tt.problem) || (use.Problem == "") != (tt.problem == "") {
				t.Errorf("%s: %q, want %s: %q", use.State, use.Problem, tt.state, tt.problem)
			}
			if want := tt.approval; want != "" && use.Approval != want || want == "" && use.Approval != Claimed {
				t.Errorf("the approval is %s", use.Approval)
			}
			if tt.state != InForce {
				if diff := cmp.Diff(before, risks); diff != "" {
					t.Errorf("an exception that is %s changes a risk (-want +got):\n%s", tt.state, diff)
				}
				return
			}
			for i := range risks {
				if risks[i].Status != risk.Excepted || !risks[i].Due.Equal(before[i].Due) {
					t.Errorf("risk %d is %s, due %v", i, risks[i].Status, risks[i].Due)
				}
			}
		})
	}
}

func TestUse(t *testing.T) {
	reg := parse(t, simple)
	risks := []risk.Risk{found(1, "secret/key", "a"), found(1, "secret/key", "a"), found(3, "secret/other", "b")}
	risks[1].Target = "history"
	uses := reg.Apply(risks, Input{Now: noon, Renewals: map[string]int{reg.Exceptions[0].Match.Key(): 3}})
	want := []Use{{
		ID: "EX-1", Kind: FalsePositive, Owner: "ann", Approver: "bob@example.com", Approval: Claimed, State: InForce,
		Expires: at("2026-11-30T00:00:00Z"), DaysLeft: 6, Renewals: 3, Matches: 1, Covers: 1, Exception: &reg.Exceptions[0],
	}}
	if diff := cmp.Diff(want, uses); diff != "" {
		t.Errorf("uses (-want +got):\n%s", diff)
	}
	suppression := &risk.Suppression{Kind: "exception", Source: "EX-1", Reason: "It is the key of an example.", Owner: "ann", Expires: at("2026-11-30T00:00:00Z")}
	for i, want := range []*risk.Suppression{suppression, suppression, nil} {
		if diff := cmp.Diff(want, risks[i].Suppression); diff != "" {
			t.Errorf("suppression of risk %d (-want +got):\n%s", i, diff)
		}
	}
	for now, days := range map[string]int{"2026-11-30T23:59:59Z": 0, "2026-12-01T00:00:00Z": -1, "2026-11-29T23:59:59Z": 1, "2026-11-01T00:00:00Z": 29} {
		if got := reg.Exceptions[0].DaysLeft(at(now)); got != days {
			t.Errorf("at %s there are %d days left, want %d", now, got, days)
		}
	}
}

func TestWhatIsHeld(t *testing.T) {
	for _, tt := range []struct {
		name      string
		change    func(*risk.Risk)
		status    risk.Status
		covers    int
		use       string
		keepsMark bool
	}{
		{"open", func(*risk.Risk) {}, risk.Excepted, 1, "", false},
		{"in the baseline", func(r *risk.Risk) {
			r.Status, r.Suppression = risk.Baseline, &risk.Suppression{Kind: "baseline"}
		}, risk.Excepted, 1, "", false},
		{"marked", func(r *risk.Risk) {
			r.Status, r.Suppression = risk.Suppressed, &risk.Suppression{Kind: "inline"}
		}, risk.Suppressed, 0, "", true},
		{"live", func(r *risk.Risk) { r.Verification = finding.Live }, risk.Open, 0, "a credential known to be live is never excepted", false},
		{"dead", func(r *risk.Risk) { r.Verification = finding.Dead }, risk.Excepted, 1, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			risks := []risk.Risk{found(1, "secret/key", "a")}
			tt.change(&risks[0])
			use := parse(t, simple).Apply(risks, Input{Now: noon})[0]
			if risks[0].Status != tt.status || use.Covers != tt.covers || use.Problem != tt.use || use.Matches != 1 {
				t.Errorf("%s, %+v", risks[0].Status, use)
			}
			if tt.keepsMark && risks[0].Suppression.Kind != "inline" {
				t.Error("the mark is gone")
			}
		})
	}
}

// What was found to be live in one target is live in the other, where nobody asked.
func TestLiveElsewhere(t *testing.T) {
	risks := []risk.Risk{found(1, "secret/key", "a"), found(1, "secret/key", "a")}
	risks[1].Verification = finding.Live
	use := parse(t, simple).Apply(risks, Input{Now: noon})[0]
	if risks[0].Status != risk.Open || risks[1].Status != risk.Open || use.Covers != 0 || use.Problem == "" {
		t.Errorf("%s, %s, %+v", risks[0].Status, risks[1].Status, use)
	}
}

// The first exception in force holds a risk; a void one before it does not stand in the way.
func TestSeveral(t *testing.T) {
	second := strings.Replace(simple, "EX-1", "EX-2", 1)
	third := strings.Replace(strings.Replace(simple, "EX-1", "EX-3", 1), "secret/key", "CWE-798", 1)
	reg := parse(t, strings.Replace(simple, "2026-11-30", "2026-11-02", 1)+second+third)
	risks := []risk.Risk{found(1, "secret/key", "a")}
	uses := reg.Apply(risks, Input{Now: noon})
	if risks[0].Suppression == nil || risks[0].Suppression.Source != "EX-2" {
		t.Errorf("suppression %+v", risks[0].Suppression)
	}
	var covers []int
	for _, u := range uses {
		covers = append(covers, u.Covers)
	}
	if diff := cmp.Diff([]int{0, 1, 0}, covers); diff != "" {
		t.Errorf("covers (-want +got):\n%s", diff)
	}
}

// Twice the exceptions and findings take about twice the time.
func TestApplyGrows(t *testing.T) {
	took := func(n int) time.Duration {
		reg := &Register{}
		var risks []risk.Risk
		for i := range n {
			r := found(i, "secret/key", "a")
			reg.Exceptions = append(reg.Exceptions, Exception{ID: "EX", Match: Match{Fingerprint: r.Fingerprint}, MaxFindings: 1, Expires: noon})
			risks = append(risks, r)
		}
		begin := time.Now()
		reg.Apply(risks, Input{Now: noon})
		return time.Since(begin)
	}
	if short, long := took(2000), took(20_000); long > 60*short && long > 2*time.Second {
		t.Errorf("2,000 take %v, 20,000 take %v", short, long)
	}
}
