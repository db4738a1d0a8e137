package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/risk"
)

// A Gap is something that was not checked. Formats must show every gap where they would otherwise say "clean".
type Gap struct {
	Engine    string // empty where no single engine is meant
	Target    string // empty where all targets are meant
	Where     string // the target in words, where there are several
	Status    coverage.Status
	Required  bool // the gate asked for it
	Reason    string
	Hint      string // what would close the gap
	Unchecked []coverage.Unchecked
}

// String says what the gap is in one sentence without a period. Parts of it come from the target.
func (g Gap) String() string {
	s := string(g.Status)
	if g.Engine != "" {
		s = g.Engine + ": " + s
	}
	if g.Where != "" {
		s += " on " + g.Where
	}
	if g.Required {
		s += ", required"
	}
	if g.Reason != "" {
		s += ": " + g.Reason
	}
	return s
}

// Failed reports whether the gap is more than an optional check that was left out.
func (g Gap) Failed() bool {
	return g.Required || g.Status != coverage.NotRun && g.Status != coverage.Stale
}

// Gaps lists what was not checked, the worst first: engines that are not done, required checks without a record, targets
// that no engine looked at, and a document that holds no coverage at all.
func Gaps(d *Document) []Gap {
	var gaps []Gap
	looked := map[string]bool{}
	for i := range d.Coverage {
		r := &d.Coverage[i]
		looked[r.Target] = true
		if r.Complete() {
			continue
		}
		required := slices.ContainsFunc(d.Verdict.Incomplete, func(u policy.Unmet) bool { return u.Engine == r.Engine && u.Target == r.Target })
		gaps = append(gaps, recordGap(r, required))
	}
	for _, u := range d.Verdict.Incomplete {
		if !slices.ContainsFunc(gaps, func(g Gap) bool { return u.Engine != "" && u.Engine == g.Engine && u.Target == g.Target }) {
			gaps = append(gaps, unmetGap(u))
		}
	}
	for _, t := range d.Targets {
		if !looked[t.ID] {
			gaps = append(gaps, Gap{Target: t.ID, Status: coverage.NotRun, Required: true, Reason: "no engine looked at " + t.Name})
		}
	}
	if len(d.Coverage) == 0 && len(gaps) == 0 {
		gaps = append(gaps, Gap{Status: coverage.NotRun, Required: true, Reason: "nothing was looked at"})
	}
	if len(d.Targets) > 1 {
		name(gaps, d.Targets)
	}
	slices.SortStableFunc(gaps, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(severity(a), severity(b)), cmp.Compare(a.Engine, b.Engine), cmp.Compare(a.Target, b.Target))
	})
	return gaps
}

// unmet is the status of a requirement that is not about one engine, such as a line of the policy.
const unmet coverage.Status = "not met"

// unmetGap is a requirement that no record explains: an engine without a record, or a line of the policy.
func unmetGap(u policy.Unmet) Gap {
	if u.Engine != "" {
		return Gap{Engine: u.Engine, Target: u.Target, Status: coverage.NotRun, Required: true, Reason: "there is no record of it", Hint: "leave --engine out, or add --engine " + u.Engine}
	}
	if u.Target != "" {
		return Gap{Target: u.Target, Status: coverage.NotRun, Required: true, Reason: u.Reason, Hint: u.Hint}
	}
	return Gap{Status: unmet, Required: true, Reason: u.Reason, Hint: u.Hint}
}

// name says in words which target each gap is about.
func name(gaps []Gap, targets []finding.Target) {
	for i := range gaps {
		for _, t := range targets {
			if t.ID == gaps[i].Target {
				gaps[i].Where = t.Name + " (" + t.Kind + ")"
			}
		}
	}
}

func recordGap(r *coverage.Record, required bool) Gap {
	g := Gap{
		Engine: r.Engine, Target: r.Target, Status: cmp.Or(r.Status, "without a status"), Required: required,
		Reason: r.Reason, Hint: r.Hint, Unchecked: r.Unchecked,
	}
	if n := len(r.Unchecked); n > 0 && g.Reason == "" {
		g.Reason = Plural(n, "file") + " could not be checked"
	}
	return g
}

func severity(g Gap) int {
	switch {
	case g.Required:
		return 0
	case g.Status == coverage.Error:
		return 1
	case g.Failed():
		return 2
	}
	return 3
}

// Complete reports whether everything that had to be checked was. A document without it is never clean.
func Complete(gaps []Gap) bool {
	return !slices.ContainsFunc(gaps, Gap.Failed)
}

// An Outcome is a verdict and its completeness in one word.
type Outcome string

// The outcomes.
const (
	Denied     Outcome = "denied"
	Incomplete Outcome = "incomplete" // nothing was denied, but a required check is missing
	Warned     Outcome = "warned"
	Allowed    Outcome = "allowed"
	Undecided  Outcome = "no verdict"
)

// OutcomeOf is the outcome of a document. What the gate did not decide, or could not see, is never allowed.
func OutcomeOf(d *Document, gaps []Gap) Outcome {
	switch {
	case d.Verdict.Decision == policy.Deny:
		return Denied
	case d.Verdict.Decision != policy.Allow && d.Verdict.Decision != policy.Warn:
		return Undecided
	case slices.ContainsFunc(gaps, func(g Gap) bool { return g.Required }):
		return Incomplete
	case d.Verdict.Decision == policy.Warn:
		return Warned
	}
	return Allowed
}

// Next is what to type or to do next, most important first; at most three steps.
func Next(v *View, gaps []Gap) []string {
	var steps []string
	add := func(step string) {
		if step != "" && !slices.Contains(steps, step) && len(steps) < 3 {
			steps = append(steps, step)
		}
	}
	for _, g := range []Group{Stopping, Warning} {
		if len(v.ByGroup[g]) > 0 && len(steps) == 0 {
			add(v.Explain(v.ByGroup[g][0]))
		}
	}
	if failing := v.Failing(); len(failing) > 0 && len(steps) == 0 {
		add(v.Explain(failing[0]))
	}
	if v.hidesWork() && len(steps) == 0 {
		add(v.again("assay scan"))
	}
	for _, g := range gaps {
		add(g.Hint)
	}
	if len(steps) == 0 && !Complete(gaps) {
		add(v.again("assay scan --format json")) // lists all that was not checked
	}
	add(v.Repair())
	return steps
}

// Explain is the command that tells more of a finding.
func (v *View) Explain(r *risk.Risk) string { return v.again("assay explain " + r.Fingerprint) }

// again is a command with what makes it look where this run looked.
func (v *View) again(command string) string { return strings.TrimSuffix(command+" "+v.Asked, " ") }

// Number writes a count in groups of three, such as "25,000".
func Number(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Plural writes a count with its noun.
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Number(n) + " " + noun + "s"
}
