package comment

import (
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/annotation"
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
	t.list(len(list), o.mostOthers(), "exception", "- ", func(i int) string { return "- " + standing(list[i]) + "\n" })
	t.add("\n")
}

func standing(s report.Standing) string {
	out := code(s.Name)
	if s.Where != "" {
		out += " on " + prose(s.Where)
	}
	does := prose(s.Does)
	switch s.Tone {
	case report.Broken:
		out = "⚠️ " + out + " **" + does + "**"
	case report.Soon:
		out = "⏳ " + out + " " + does
	default:
		out += " " + does
	}
	if s.Detail != "" {
		out += ": " + prose(s.Detail)
	}
	return out
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
	out := escape.Code(middle(a.Where(), maxText)) + " " + prose(a.What)
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
	return "**" + prose(string(r.Decision)) + "** " + sentence(report.Told(r)) + " " + code(annotation.Clip(report.Source(r), maxText))
}
