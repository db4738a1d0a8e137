package comment

import (
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/escape"
	"github.com/assaysec/assay/internal/risk"
)

// standings says what exceptions do today, and how many suppressions there are.
func (t *text) standings(v *report.View, o *Options) {
	list, marks := v.Standings(), v.Marks()
	if len(list) == 0 && marks == "" || !t.add("#### Exceptions\n\n") {
		return
	}
	if marks != "" {
		t.add("Also: " + marks + "; " + code(report.Census) + " lists them.\n\n")
	}
	t.list(len(list), o.mostOthers(), "exception", "- ", func(i int) string { return "- " + list[i].Markdown(code, prose) + "\n" })
	t.add("\n")
}

// alterations lists what the change does to what judges it.
func (t *text) alterations(v *report.View, o *Options) {
	list := v.Altered()
	if len(list) == 0 || !t.add("#### "+report.AltersTitle+"\n\n"+report.Loosening(list)+"; "+report.AltersNote+".\n\n") {
		return
	}
	t.list(len(list), o.mostOthers(), "alteration", "- ", func(i int) string { return "- " + alteration(&list[i]) + "\n" })
	t.add("\n")
}

func alteration(a *report.Alteration) string {
	out := escape.Code(escape.Middle(a.Where(), maxText)) + " " + prose(a.What)
	if a.Loosens {
		return "⚠️ **loosens:** " + out
	}
	return out
}

// maxStatements is how many rules may speak about one finding here.
const maxStatements = 3

// statements is what rules of .assay/policies say about a finding.
func statements(v *report.View, r *risk.Risk) []string {
	var out []string
	for _, s := range v.Statements(r) {
		if len(out) < maxStatements {
			out = append(out, ruling(s))
		}
	}
	return out
}

func ruling(r *policy.Ruling) string {
	return "**" + prose(string(r.Decision)) + "** " + sentence(report.Told(r)) + " " + code(escape.Clip(report.Source(r), maxText))
}
