package markdown

import (
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
)

// list adds items as long as there is room, no more than most, and counts the rest.
func (c *comment) list(n, most int, noun string, item func(int) string) {
	c.limit -= roomForRest
	shown := 0
	for shown < min(n, most) && c.add("- "+item(shown)+"\n") {
		shown++
	}
	c.limit += roomForRest
	if n > shown {
		c.add("- and " + report.Plural(n-shown, "more "+noun) + "\n")
	}
}

// standings says what exceptions do today, and how many suppressions there are.
func (c *comment) standings(v *report.View) {
	list, marks := v.Standings(), v.Marks()
	if len(list) == 0 && marks == "" {
		return
	}
	c.add("#### Exceptions and suppressions\n\n")
	if marks != "" {
		c.add(marks + "; " + code(report.Census) + " lists them.\n\n")
	}
	c.list(len(list), maxStandings, "exception", func(i int) string { return list[i].Markdown(code, prose) })
	c.add("\n")
}

// alterations lists what the change does to what judges it.
func (c *comment) alterations(v *report.View) {
	list := v.Altered()
	if len(list) == 0 {
		return
	}
	c.add("#### " + report.AltersTitle + "\n\n" + capital(report.Loosening(list)) + ". " + capital(report.AltersNote) + ".\n\n")
	c.list(len(list), maxAltered, "alteration", func(i int) string {
		a := &list[i]
		out := code(a.Where()) + " " + prose(a.What)
		if a.Loosens {
			return "⚠️ **loosens:** " + out
		}
		return out
	})
	c.add("\n")
}

// runRuling is what a rule of .assay/policies says.
func runRuling(r *policy.Ruling) string {
	return "**" + prose(string(r.Decision)) + "** " + prose(report.Told(r)) + " " + code(report.Source(r))
}
