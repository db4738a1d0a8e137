package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/risk"
)

// An Input is all that a verdict depends on.
type Input struct {
	Gates    *Gates
	Now      time.Time
	Risks    []risk.Risk
	Coverage []coverage.Record

	// Services are those that the risks name, by the ID of their target: two targets may each have a service of one name.
	// See profile.Catalog.Services.
	Services map[string][]profile.Service

	// Rules are asked besides the gates, at every stage; nil: there are none. The stricter of all answers wins.
	Rules Rulebook

	// Counts are for requirements and rules that limit what holds findings back.
	Counts Counts

	// Required lists the engines that must be done where the gate does not say: those that need no database.
	Required []string

	// Empty are the targets that hold nothing to look at, and should. Nothing says of others, in sentences, why there was
	// nothing to judge.
	Empty   []Unmet
	Nothing []string

	// Broken are the files that judge, as far as the change leaves them such that nobody could judge by them.
	Broken []Broken
}

// Decide gives the verdict. It changes nothing of its input.
func Decide(in Input) Verdict {
	v := Verdict{Stage: in.Gates.stage, Decision: Allow}
	j := newJudge(&in)
	t := &tally{input: &in}
	services := in.serviceVerdicts()
	rules := in.state()
	for i := range in.Risks {
		ruling := j.rule(&in.Risks[i])
		if ruling.Decision != Allow {
			v.Rulings = append(v.Rulings, ruling)
		}
		v.Rulings = append(v.Rulings, rules.risks[i]...)
		ruling = strictest(ruling, rules.risks[i])
		services[in.Risks[i].Service].count(ruling.Decision)
		v.Decision = stricter(v.Decision, ruling.Decision)
		t.add(&in.Risks[i], ruling)
	}
	t.run = append(in.brokenRulings(), rules.run...)
	for _, ruling := range t.run {
		v.Decision = stricter(v.Decision, ruling.Decision)
	}
	v.Rulings = append(v.Rulings, t.run...)
	for _, name := range slices.Sorted(maps.Keys(services)) {
		v.Services = append(v.Services, *services[name])
	}
	v.Incomplete = in.incomplete()
	v.Reasons = t.reasons(&v)
	return v
}

// Denies reports whether the gate would deny a risk if nothing held it back.
func (in *Input) Denies(r risk.Risk) bool {
	r.Status, r.Suppression = risk.Open, nil
	return newJudge(in).rule(&r).Decision == Deny || in.deniesAlone(r)
}

// A judge asks the gates about one risk after another.
type judge struct {
	gates    *Gates
	now      time.Time
	services map[serviceKey]*profile.Service
}

type serviceKey struct{ target, name string }

func newJudge(in *Input) *judge {
	j := &judge{gates: in.Gates, now: in.Now, services: map[serviceKey]*profile.Service{}}
	for target, services := range in.Services {
		for i := range services {
			j.services[serviceKey{target, services[i].Name}] = &services[i]
		}
	}
	return j
}

func (j *judge) ask(r *risk.Risk) *asked {
	s := j.services[serviceKey{r.Target, r.Service}]
	if s == nil {
		s = &profile.Service{Name: r.Service} // about which nothing is known
	}
	return &asked{risk: r, service: s, stage: j.gates.stage, now: j.now}
}

// serviceVerdicts has an entry for each name of a service, whether or not anything was found in it.
func (in *Input) serviceVerdicts() map[string]*ServiceVerdict {
	m := map[string]*ServiceVerdict{}
	for _, services := range in.Services {
		for _, s := range services {
			m[s.Name] = &ServiceVerdict{Service: s.Name, Decision: Allow}
		}
	}
	for i := range in.Risks {
		if name := in.Risks[i].Service; m[name] == nil {
			m[name] = &ServiceVerdict{Service: name, Decision: Allow}
		}
	}
	return m
}

func (s *ServiceVerdict) count(d Decision) {
	s.Decision = stricter(s.Decision, d)
	switch d {
	case Deny:
		s.Denied++
	case Warn:
		s.Warned++
	default:
		s.Allowed++
	}
}

func stricter(a, b Decision) Decision {
	order := []Decision{Allow, Warn, Deny}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}

// rule asks the lines about one risk: first all that deny, then all that warn; the first that holds decides.
func (j *judge) rule(r *risk.Risk) Ruling {
	a := j.ask(r)
	for _, d := range []Decision{Deny, Warn} {
		for _, g := range j.gates.over(r.Place.Path) {
			lines := g.deny
			if d == Warn {
				lines = g.warn
			}
			for i := range lines {
				if ruling, holds := lines[i].ask(a, d); holds {
					return ruling
				}
			}
		}
	}
	return Ruling{Target: r.Target, Fingerprint: r.Fingerprint, Decision: Allow}
}

// over gives the gates that speak about a path.
func (g *Gates) over(path string) []*gate {
	path, _, _ = strings.Cut(path, "!/") // the member of an archive lies where the archive does
	var list []*gate
	for i := range g.gates {
		folder := g.gates[i].folder
		if folder == "" || path == folder || strings.HasPrefix(path, folder+"/") {
			list = append(list, &g.gates[i])
		}
	}
	return list
}

// ask evaluates one line. A line that fails denies, whatever it was for: it cannot say that all is well.
func (l *findingLine) ask(a *asked, d Decision) (Ruling, bool) {
	reads := l.Reads()
	if heldBack(a.risk, reads) {
		return Ruling{}, false
	}
	outcome := l.Eval(func(name string) (any, bool) { return byName[name].get(a) })
	if !outcome.Holds && outcome.Err == nil {
		return Ruling{}, false
	}
	ruling := Ruling{
		Target: a.risk.Target, Fingerprint: a.risk.Fingerprint, Decision: d, By: l.By(), Expr: l.Expr,
		Inputs: make(map[string]string, len(reads)), Unknowns: outcome.Unknowns,
	}
	for _, name := range reads {
		ruling.Inputs[name] = byName[name].show(byName[name].get(a))
	}
	if outcome.Err != nil {
		ruling.Decision, ruling.Error = Deny, outcome.Err.Error()
	}
	return ruling, true
}

// incomplete lists the requirements that are not met.
func (in *Input) incomplete() []Unmet {
	list := slices.Clone(in.Empty)
	for _, engine := range in.requiredEngines() {
		list = append(list, in.gaps(engine)...)
	}
	a := &asked{stage: in.Gates.stage, now: in.Now, counts: &in.Counts}
	look := func(name string) (any, bool) { return byRunName[name].get(a) }
	for _, g := range in.Gates.gates {
		for i := range g.require {
			l := &g.require[i]
			switch o := l.Eval(look, in.Coverage); {
			case o.Err != nil:
				list = append(list, Unmet{Reason: fmt.Sprintf("%s cannot be answered: %v", l.By(), o.Err)})
			case len(o.Unknowns) > 0:
				list = append(list, Unmet{Reason: fmt.Sprintf("%s cannot be answered: %s is unknown", l.By(), strings.Join(o.Unknowns, ", "))})
			case !o.Holds:
				list = append(list, Unmet{Reason: fmt.Sprintf("%s does not hold: %s", l.By(), l.Expr)})
			}
		}
	}
	return list
}

// requiredEngines puts the lists of all gates together. The root's list stands in place of the default; a folder's can
// only add to it.
func (in *Input) requiredEngines() []string {
	var list []string
	for _, g := range in.Gates.gates {
		engines := g.engines
		if g.folder == "" && !g.given {
			engines = in.Required
		}
		for _, e := range engines {
			if !slices.Contains(list, e) {
				list = append(list, e)
			}
		}
	}
	return list
}

// gaps says for one engine what is not done. No record at all is the largest gap.
func (in *Input) gaps(engine string) []Unmet {
	var list []Unmet
	found := false
	for i := range in.Coverage {
		r := &in.Coverage[i]
		if r.Engine != engine {
			continue
		}
		found = true
		if !r.Complete() {
			list = append(list, Unmet{Engine: engine, Target: r.Target, Reason: gap(r)})
		}
	}
	if !found {
		list = append(list, Unmet{Engine: engine, Reason: engine + " did not run"})
	}
	return list
}

func gap(r *coverage.Record) string {
	text := fmt.Sprintf("%s on %s is %s", r.Engine, r.Target, cmp.Or(string(r.Status), "without a status"))
	if r.Reason != "" {
		text += ": " + r.Reason
	}
	if n := len(r.Unchecked); n > 0 {
		text += fmt.Sprintf(": %s could not be checked, such as %s (%s)",
			plural(n, "file"), r.Unchecked[0].Path, r.Unchecked[0].Reason)
	}
	return text
}
