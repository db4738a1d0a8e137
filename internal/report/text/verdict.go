package text

import (
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
)

const maxReasons = 8

// verdict ends the report: the answer, why, and what to type next.
func (p *printer) verdict(v *report.View, gaps []report.Gap) {
	p.blank()
	p.line(p.paint(dim, strings.Repeat("─", p.width)))
	outcome := report.OutcomeOf(v.Document, gaps)
	title := strings.ToUpper(string(outcome))
	if v.Verdict.Stage != "" {
		title += " " + safe(v.Verdict.Stage)
	}
	p.wrappedAfter(p.paint(outcomeColor[outcome], title), title, ": "+counts(v, gaps))
	if left := v.NotShown(); left != "" {
		p.wide("not shown", left)
	}
	if len(v.Verdict.Services) > 1 {
		for i, s := range v.Verdict.Services {
			p.wide(first(i, "services"), p.service(s))
		}
	}
	p.runRulings(v.RunRulings())
	reasons := v.Reasons()
	for i, reason := range reasons[:min(len(reasons), maxReasons)] {
		p.wide(first(i, "because"), safe(reason))
	}
	if more := len(reasons) - maxReasons; more > 0 {
		p.wide("", "and "+report.Plural(more, "more reason"))
	}
	if !report.Complete(gaps) {
		p.wide("unproven", safe(unproven(gaps)))
	}
	steps := report.Next(v, gaps)
	for i, step := range steps {
		p.command(first(i, "next"), safe(step))
	}
	switch {
	case len(steps) > 0:
	case v.Verdict.OnlyBroken():
		p.wide("next", "repair what the change breaks, and judge again")
	case len(report.Denying(v.RunRulings())) > 0:
		p.wide("next", "do what the policy asks for")
	default:
		p.wide("next", "nothing to do")
	}
}

// counts says how many findings there are in each group.
func counts(v *report.View, gaps []report.Gap) string {
	var words []string
	for g, name := range []string{"stop it", "warned", "noted", "kept"} {
		if n := v.Judged(report.Group(g)); n > 0 {
			words = append(words, report.Number(n)+" "+name)
		}
	}
	if n := v.Overdue(); n > 0 {
		words = append(words, report.Number(n)+" overdue")
	}
	if len(words) == 0 {
		return report.Nothing(v, gaps)
	}
	return strings.Join(words, ", ")
}

func (p *printer) service(s policy.ServiceVerdict) string {
	return p.paint(decisionColor(s.Decision), safe(string(s.Decision))) + strings.Repeat(" ", max(0, 6-len(s.Decision))) + safe(s.Service)
}

// decisionColor paints what is neither allow nor warn as a denial.
func decisionColor(d policy.Decision) string {
	if color := map[policy.Decision]string{policy.Allow: green, policy.Warn: yellow}[d]; color != "" {
		return color
	}
	return red
}

// unproven names the engines whose silence proves nothing.
func unproven(gaps []report.Gap) string {
	var names []string
	for _, g := range gaps {
		if g.Failed() && g.Engine != "" && !slices.Contains(names, g.Engine) {
			names = append(names, g.Engine)
		}
	}
	if len(names) == 0 {
		return "not all was checked, and nobody knows what is in the rest"
	}
	return strings.Join(names, ", ") + ": not all was checked, and nobody knows what is in the rest"
}
