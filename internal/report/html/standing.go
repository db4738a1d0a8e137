package html

import (
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
)

// How many are listed; what permits nothing any more is never left out.
const (
	maxStandings   = 50
	maxAlterations = 50
	maxStatements  = 10
)

// A standing is what one exception does today.
type standing struct{ Name, Where, Does, Detail, State, Class string }

var toneClass = map[report.Tone]string{report.Broken: "error", report.Soon: "partial", report.Steady: "done"}

func (p *pageData) standing(v *report.View) {
	list := v.Standings()
	shown := min(len(list), max(maxStandings, len(report.Lost(list))))
	for _, s := range list[:shown] {
		p.Standings = append(p.Standings, standing{
			Name: safe(s.Name), Where: safe(s.Where), Does: safe(s.Does), Detail: safe(s.Detail), State: safe(s.State), Class: toneClass[s.Tone],
		})
	}
	p.MoreStandings = more(len(list)-shown, "exception")
	p.Marks, p.Census = v.Marks(), report.Census
}

// An alteration is one thing that the change does to what judges it.
type alteration struct {
	Where, What string
	Loosens     bool
}

func (p *pageData) altered(v *report.View) {
	list := v.Altered()
	if len(list) == 0 {
		return
	}
	p.AltersTitle = report.AltersTitle
	p.Altered = report.Loosening(list) + "; " + report.AltersNote
	for i := range list[:min(len(list), maxAlterations)] {
		p.Alterations = append(p.Alterations, alteration{safe(list[i].Where()), safe(list[i].What), list[i].Loosens})
	}
	p.MoreAltered = more(len(list)-len(p.Alterations), "alteration")
}

// A statement is what a rule of .assay/policies says.
type statement struct{ Decision, Told, Source string }

func statementsOf(rulings []*policy.Ruling) []statement {
	var out []statement
	for _, r := range rulings {
		out = append(out, statement{safe(string(r.Decision)), safe(report.Told(r)), safe(report.Source(r))})
	}
	return out
}
