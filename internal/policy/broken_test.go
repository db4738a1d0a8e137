package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/policy"
)

// A change that breaks what judges is denied whatever else there is, and OnlyBroken tells whether that is all.
func TestBroken(t *testing.T) {
	broken := []policy.Broken{{Target: "t1", Problem: ".assay.yaml:1:8: unknown stage \"x\""}}
	v := policy.Decide(policy.Input{Gates: gates(t, policy.PullRequest), Now: now, Broken: broken})
	if v.Decision != policy.Deny || !v.OnlyBroken() {
		t.Errorf("decision %s, only broken %v", v.Decision, v.OnlyBroken())
	}
	want := []policy.Ruling{{Decision: policy.Deny, By: policy.BrokenBy, Inputs: map[string]string{},
		Message: ".assay.yaml:1:8: unknown stage \"x\": after the merge it would end every gate, that of its repair included"}}
	if diff := cmp.Diff(want, v.Rulings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	v.Rulings = append(v.Rulings, policy.Ruling{Decision: policy.Warn, By: "policy x"})
	if !v.OnlyBroken() {
		t.Error("a warning is taken for a denial")
	}
	v.Rulings = append(v.Rulings, policy.Ruling{Decision: policy.Deny, By: "policy x"})
	if v.OnlyBroken() {
		t.Error("a denial by a policy is passed over")
	}
	if v := policy.Decide(policy.Input{Gates: gates(t, policy.PullRequest), Now: now}); v.OnlyBroken() {
		t.Error("what is allowed is taken for broken")
	}
}
