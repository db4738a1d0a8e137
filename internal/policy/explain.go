package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/risk"
)

// An Explanation says what led to a ruling and what would lead to another one.
type Explanation struct {
	Ruling  Ruling   `json:"ruling"` // without By where no line holds
	Risk    []string `json:"risk"`   // why the risk has its level
	Lines   []Answer `json:"lines"`  // every line that speaks about the finding, in the order they are asked
	Changes []Change `json:"changes,omitempty"`
}

// An Answer is what one line says about a finding.
type Answer struct {
	By     string            `json:"by"`
	Expr   string            `json:"expr"`
	Says   string            `json:"says"` // holds, does not hold, failed, not asked
	Inputs map[string]string `json:"inputs"`
}

// A Change is one thing that, were it otherwise, would change the decision.
type Change struct {
	If   string   `json:"if"`
	Then Decision `json:"then"`
}

// Explain looks at the ruling about one risk. What would change it is found by deciding again with one input changed at
// a time, so it is true by construction. due is for changes that move the due date.
func Explain(in Input, r risk.Risk, due risk.DueTable) Explanation {
	j := newJudge(&in)
	said := in.state()
	rules := said.about(&in, &r)
	again := (*Input).focused
	if said.failed() {
		again = (*Input).unfocused
	}
	e := Explanation{Ruling: strictest(j.rule(&r), rules), Risk: r.Level.Reasons, Lines: j.answers(&r)}
	for i := range rules {
		e.Lines = append(e.Lines, Answer{By: rules[i].By, Expr: rules[i].Expr, Says: rules[i].says(), Inputs: rules[i].Inputs})
	}
	service := *j.ask(&r).service
	for _, c := range changes(&r, &service) {
		changed := in.changed(r, service, c.apply, due, again)
		if changed != e.Ruling.Decision {
			e.Changes = append(e.Changes, Change{c.what, changed})
		}
	}
	return e
}

func (j *judge) answers(r *risk.Risk) []Answer {
	var list []Answer
	a := j.ask(r)
	for _, g := range j.gates.over(r.Place.Path) {
		for _, lines := range [][]findingLine{g.deny, g.warn} {
			for i := range lines {
				list = append(list, lines[i].answer(a))
			}
		}
	}
	return list
}

func (l *findingLine) answer(a *asked) Answer {
	answer := Answer{By: l.By(), Expr: l.Expr, Inputs: map[string]string{}, Says: "does not hold"}
	for _, name := range l.Reads() {
		answer.Inputs[name] = byName[name].show(byName[name].get(a))
	}
	switch ruling, holds := l.ask(a, Warn); {
	case heldBack(a.risk, l.Reads()):
		answer.Says = "not asked: " + string(a.risk.Status)
	case ruling.Error != "":
		answer.Says = "failed: " + ruling.Error
	case holds && len(ruling.Unknowns) > 0:
		answer.Says = "holds, because " + strings.Join(ruling.Unknowns, ", ") + " is unknown"
	case holds:
		answer.Says = "holds"
	}
	return answer
}

// changed decides about a risk that differs in one thing. Its level and its due date follow from that.
func (in *Input) changed(r risk.Risk, s profile.Service, apply func(*risk.Risk, *profile.Service), due risk.DueTable, ask func(*Input, *risk.Risk) []Ruling) Decision {
	apply(&r, &s)
	r.Level = risk.Assess(&r.Finding, &s)
	if due != nil {
		r.Due = due.Due(s.Tier, r.Level.Level, r.FirstSeen)
	}
	j := &judge{gates: in.Gates, now: in.Now, services: map[serviceKey]*profile.Service{{r.Target, r.Service}: &s}}
	ruling := j.rule(&r)
	if in.Rules != nil && ruling.Decision != Deny {
		other := in.replacing(&r, s)
		ruling = strictest(ruling, ask(&other, &r))
	}
	return ruling.Decision
}

type change struct {
	what  string
	apply func(*risk.Risk, *profile.Service)
}

// changes lists what could be otherwise about a risk: each input of the risk and of the default policy, in each of its
// other values.
func changes(r *risk.Risk, s *profile.Service) []change {
	var list []change
	add := func(differs bool, apply func(*risk.Risk, *profile.Service), format string, args ...any) {
		if differs {
			list = append(list, change{fmt.Sprintf(format, args...), apply})
		}
	}
	if r.Engine == "secret" || r.Verification != "" {
		for _, v := range []finding.Verification{finding.Dead, finding.Live} {
			add(r.Verification != v, func(r *risk.Risk, _ *profile.Service) { verified(r, v) },
				"the provider said that the credential is %s", v)
		}
	}
	add(r.New != risk.NewNo, func(r *risk.Risk, _ *profile.Service) { r.New = risk.NewNo }, "it were known not to be new")
	add(r.New != risk.NewYes, func(r *risk.Risk, _ *profile.Service) { r.New = risk.NewYes }, "the change had brought it in")
	add(r.Status != risk.Baseline && r.Verification != finding.Live, func(r *risk.Risk, _ *profile.Service) { r.Status, r.New = risk.Baseline, risk.NewNo }, "it were in the baseline")
	add(r.Status != risk.Excepted, func(r *risk.Risk, _ *profile.Service) { r.Status = risk.Excepted }, "an exception permitted it")
	add(r.Status == risk.Baseline, func(r *risk.Risk, _ *profile.Service) { r.Status, r.New = risk.Open, risk.NewYes }, "it left the baseline and counted as new")
	add(r.Status != risk.Open && r.Status != risk.Baseline, func(r *risk.Risk, _ *profile.Service) { r.Status = risk.Open }, "nothing held it back")
	for _, c := range []finding.Confidence{finding.LowConfidence, finding.MediumConfidence, finding.HighConfidence} {
		add(r.Confidence != c, func(r *risk.Risk, _ *profile.Service) { r.Confidence = c }, "the confidence were %v", c)
	}
	for _, t := range profile.Tiers {
		add(s.Tier != t, func(_ *risk.Risk, s *profile.Service) { s.Tier = t }, "the tier of the service were %s", t)
	}
	for _, x := range profile.Exposures {
		add(s.Exposure != x, func(_ *risk.Risk, s *profile.Service) { s.Exposure = x }, "the exposure of the service were %s", x)
	}
	for _, d := range profile.DataClasses {
		add(!slices.Equal(s.Data, []profile.Data{d}), func(_ *risk.Risk, s *profile.Service) { s.Data = []profile.Data{d} },
			"the service held only %s data", d)
	}
	return list
}

// verified sets what the provider said. A baseline does not hold back a credential that is live.
func verified(r *risk.Risk, v finding.Verification) {
	r.Verification = v
	if v == finding.Live && r.Status == risk.Baseline {
		r.Status = risk.Open
	}
}
