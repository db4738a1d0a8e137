package text

import (
	"strings"

	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
)

// How much is shown of what may be long: what permits nothing any more is never left out.
const (
	maxStandings   = 10
	maxAlterations = 20
	maxStatements  = 5
	maxRunRulings  = 10
)

var toneColor = map[report.Tone]string{report.Broken: "1;31", report.Soon: "1;33"}

// standings says what exceptions do today, and how many suppressions there are.
func (p *printer) standings(v *report.View) {
	list, marks := v.Standings(), v.Marks()
	if len(list) == 0 && marks == "" {
		return
	}
	p.blank()
	p.line(p.paint(bold, "Exceptions and suppressions"))
	shown := max(maxStandings, len(report.Lost(list)))
	for _, s := range list[:min(len(list), shown)] {
		p.standing(s)
	}
	if more := len(list) - shown; more > 0 {
		p.wrapped("  ", "", "and "+report.Number(more)+" more (all: --format json)")
	}
	if marks != "" {
		p.wrapped("  ", "", marks+" ("+report.Census+" lists them)")
	}
}

func (p *printer) standing(s report.Standing) {
	does := safe(s.Does)
	if s.Tone == report.Broken {
		does = strings.ToUpper(does)
	}
	words := strings.Fields(does)
	for i, w := range words { // each on its own, since a line may be broken between them
		words[i] = p.paint(toneColor[s.Tone], w)
	}
	text := safe(s.Subject()) + " " + strings.Join(words, " ")
	if s.Detail != "" {
		text += ": " + safe(s.Detail)
	}
	p.hanging(text)
}

// hanging is an item whose further lines stand a little deeper.
func (p *printer) hanging(text string) {
	for i, l := range wrap(text, p.width-4) {
		if i == 0 {
			p.line("  " + l)
			continue
		}
		p.line("    " + l)
	}
}

// alterations lists what the change does to what judges it, what loosens first.
func (p *printer) alterations(v *report.View) {
	list := v.Altered()
	if len(list) == 0 {
		return
	}
	p.title("", report.AltersTitle, report.Loosening(list))
	p.wrapped("  ", dim, report.AltersNote)
	for _, a := range list[:min(len(list), maxAlterations)] {
		mark := ""
		if a.Loosens {
			mark = p.paint("1;33", "LOOSENS") + " "
		}
		p.hanging(mark + safe(a.Where()) + ": " + safe(a.What))
	}
	if more := list[min(len(list), maxAlterations):]; len(more) > 0 {
		p.wrapped("  ", "", "and "+report.Number(len(more))+" more: "+report.Loosening(more)+" (all: --format json)")
	}
}

// statements shows what rules of .assay/policies say about a finding.
func (p *printer) statements(list []*policy.Ruling) {
	for i, r := range list[:min(len(list), maxStatements)] {
		p.field(first(i, "policy"), string(r.Decision)+": "+report.Said(r))
	}
	if more := len(list) - maxStatements; more > 0 {
		p.field("", "and "+report.Number(more)+" more")
	}
}

// runRulings shows what rules of .assay/policies say about the run as a whole.
func (p *printer) runRulings(list []*policy.Ruling) {
	for i, r := range list[:min(len(list), maxRunRulings)] {
		word := safe(string(r.Decision))
		p.wide(first(i, "policy"), p.paint(decisionColor(r.Decision), word)+"  "+safe(report.Said(r)))
	}
	if more := len(list) - maxRunRulings; more > 0 {
		p.wide("", "and "+report.Plural(more, "more ruling")+" on the run")
	}
}
