package report

import (
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/risk"
)

// onRun reports whether a ruling is about the run as a whole.
func onRun(r *policy.Ruling) bool { return r.Target == "" && r.Fingerprint == "" }

// RunRulings lists what rules of .assay/policies say about the run as a whole, denials first.
func (v *View) RunRulings() []*policy.Ruling {
	var list []*policy.Ruling
	for i := range v.Verdict.Rulings {
		if r := &v.Verdict.Rulings[i]; onRun(r) && r.Decision != policy.Allow {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b *policy.Ruling) int { return strictness(b.Decision) - strictness(a.Decision) })
	return list
}

// Denying are the run's rulings that deny.
func Denying(list []*policy.Ruling) []*policy.Ruling {
	n := slices.IndexFunc(list, func(r *policy.Ruling) bool { return r.Decision == policy.Warn })
	if n < 0 {
		return list
	}
	return list[:n]
}

// Told is what a rule says, or why it gave no answer. It is target text.
func Told(r *policy.Ruling) string {
	switch {
	case r.Error != "" && r.Message != "":
		return "failed, which denies: " + r.Error + ": " + r.Message
	case r.Error != "":
		return "failed, which denies: " + r.Error
	case r.Message != "":
		return r.Message
	}
	return r.Expr
}

// Said is what a rule says, with its place, as in "two approvals are needed (.assay/policies/release.rego:12)". It is target
// text.
func Said(r *policy.Ruling) string { return Told(r) + " (" + Source(r) + ")" }

// Source names the rule that a ruling of .assay/policies comes from. It is target text.
func Source(r *policy.Ruling) string {
	return strings.TrimSuffix(strings.TrimPrefix(r.By, "policy "), " "+string(r.Decision))
}

// Line names the line of a policy that decided, with what it says. It is target text.
func Line(r *policy.Ruling) string {
	switch {
	case r.Error != "":
		return r.By + " could not be evaluated, which denies: " + r.Error
	case r.Expr == "":
		return r.By
	}
	return r.By + ": " + r.Expr
}

// Statements lists the rulings on a finding that say something of their own, beside the one that decides: what rules of
// .assay/policies say about it.
func (v *View) Statements(r *risk.Risk) []*policy.Ruling {
	decides := v.Ruling(r)
	var list []*policy.Ruling
	for _, s := range v.stated[ruled{r.Target, r.Fingerprint}] {
		if s.Message != "" || s != decides {
			list = append(list, s)
		}
	}
	return list
}

// Reasons are the verdict's, without those that only repeat a ruling on the run: these are told beside them, all of them.
func (v *View) Reasons() []string {
	said := map[string]bool{}
	for _, r := range v.RunRulings() {
		said[r.By+": "+Told(r)] = true
	}
	var list []string
	for _, reason := range v.Verdict.Reasons {
		if !said[reason] && !(len(said) > 0 && strings.HasSuffix(reason, " on the run besides")) {
			list = append(list, reason)
		}
	}
	return list
}
