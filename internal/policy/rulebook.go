package policy

import (
	"slices"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/risk"
)

// A Rulebook is a set of rules that see the whole run at once, as Document gives it. Package regohost has them from
// Rego. The same document and time give the same statements, in the same order.
type Rulebook interface {
	Decide(doc map[string]any, now time.Time) []Statement
}

// A Focuser is a rulebook that can leave out what says nothing about a single finding. alone is the document with that
// finding only, and whole the one with all. What it states about the finding is what Decide states.
type Focuser interface {
	About(alone map[string]any, whole func() map[string]any, now time.Time) []Statement
}

// A Statement is what a rule says: Deny or Warn. A rule that failed, or whose answer hangs on something unknown, denies.
type Statement struct {
	Decision    Decision
	By          string // "policy .assay/policies/x.rego:12 deny"
	Rule        string // "data.assay.deny"
	Message     string
	Fingerprint string // of the finding that it is about; empty where it is about the run
	Target      string // of the finding, where the rule says so; else it is about that finding in every target
	Unknowns    []string
	Error       string
}

// ruling is the statement about one risk, or about the run.
func (s *Statement) ruling(target, fingerprint string) Ruling {
	return Ruling{
		Target: target, Fingerprint: fingerprint, Decision: s.Decision, By: s.By, Expr: s.Rule, Inputs: map[string]string{},
		Message: s.Message, Unknowns: s.Unknowns, Error: s.Error,
	}
}

func (s *Statement) names(r *risk.Risk) bool {
	return s.Fingerprint != "" && s.Fingerprint == r.Fingerprint && (s.Target == "" || s.Target == r.Target)
}

// stated is what the rulebook says about each risk, by its place in the input, and about the run.
type stated struct {
	risks map[int][]Ruling
	run   []Ruling
}

// state asks the rulebook.
func (in *Input) state() stated {
	if in.Rules == nil {
		return stated{}
	}
	s := stated{risks: map[int][]Ruling{}}
	places := map[string][]int{}
	for i := range in.Risks {
		places[in.Risks[i].Fingerprint] = append(places[in.Risks[i].Fingerprint], i)
	}
	for _, said := range in.Rules.Decide(in.Document(), in.Now) {
		found := false
		for _, i := range places[said.Fingerprint] {
			if r := &in.Risks[i]; said.names(r) {
				found = true
				s.risks[i] = append(s.risks[i], said.ruling(r.Target, r.Fingerprint))
			}
		}
		if !found { // a finding that is not there takes nothing from what is said
			s.run = append(s.run, said.ruling("", ""))
		}
	}
	return s
}

// strictest gives the ruling that decides: the first of the strictest.
func strictest(first Ruling, others []Ruling) Ruling {
	for _, r := range others {
		if stricter(first.Decision, r.Decision) != first.Decision {
			first = r
		}
	}
	return first
}

// deniesAlone reports whether the rulebook would deny a run that had only this risk, and would not deny it without.
func (in *Input) deniesAlone(r risk.Risk) bool {
	if in.Rules == nil {
		return false
	}
	alone := *in
	alone.Risks = []risk.Risk{r}
	with := alone.Rules.Decide(alone.Document(), in.Now)
	alone.Risks = nil
	without := alone.Rules.Decide(alone.Document(), in.Now)
	return slices.ContainsFunc(with, func(s Statement) bool {
		return s.Decision == Deny && !slices.ContainsFunc(without, s.equal)
	})
}

func (s *Statement) equal(other Statement) bool {
	return s.By == other.By && s.Message == other.Message && s.Fingerprint == other.Fingerprint && s.Error == other.Error
}

// replacing is the input with one risk, and its service, in another state.
func (in *Input) replacing(r *risk.Risk, s profile.Service) Input {
	changed := *in
	changed.Risks = slices.Clone(in.Risks)
	for i := range changed.Risks {
		if old := &changed.Risks[i]; old.Fingerprint == r.Fingerprint && old.Target == r.Target {
			changed.Risks[i] = *r
		}
	}
	changed.Services = map[string][]profile.Service{}
	for target, services := range in.Services {
		changed.Services[target] = slices.Clone(services)
	}
	list := changed.Services[r.Target]
	i := slices.IndexFunc(list, func(old profile.Service) bool { return old.Name == s.Name })
	if i < 0 {
		changed.Services[r.Target] = append(list, s)
	} else {
		list[i] = s
	}
	return changed
}

// focused gives the statements on one risk, without those on others where that can be.
func (in *Input) focused(r *risk.Risk) []Ruling {
	f, ok := in.Rules.(Focuser)
	if !ok {
		return in.unfocused(r)
	}
	alone := *in
	alone.Risks = []risk.Risk{*r}
	var list []Ruling
	for _, said := range f.About(alone.Document(), in.Document, in.Now) {
		if said.names(r) {
			list = append(list, said.ruling(r.Target, r.Fingerprint))
		}
	}
	return list
}

// unfocused gives the statements on one risk out of all.
func (in *Input) unfocused(r *risk.Risk) []Ruling { return in.state().about(in, r) }

// failed reports whether a rule failed, and so said nothing of what it has to say about findings.
func (s stated) failed() bool {
	return slices.ContainsFunc(s.run, func(r Ruling) bool { return r.Error != "" })
}

// about gives the statements on one risk.
func (s stated) about(in *Input, r *risk.Risk) []Ruling {
	for i := range in.Risks {
		if old := &in.Risks[i]; old.Fingerprint == r.Fingerprint && old.Target == r.Target {
			return s.risks[i]
		}
	}
	return nil
}

// says puts a ruling of a rulebook into words.
func (r *Ruling) says() string {
	switch {
	case len(r.Unknowns) > 0:
		return "denies, because " + strings.Join(r.Unknowns, ", ") + " is unknown"
	case r.Error != "":
		return "failed: " + r.Error
	case r.Decision == Warn:
		return "warns: " + r.Message
	}
	return "denies: " + r.Message
}
