package sarif

import (
	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
)

// invocationOf says how the run went. It was successful only if everything that had to be checked was.
func invocationOf(v *report.View) invocation {
	gaps := report.Gaps(v.Document)
	i := invocation{
		ExecutionSuccessful:        report.Complete(gaps) && v.Verdict.Decision != "",
		ToolExecutionNotifications: []notification{},
		EndTimeUTC:                 utc(v.Now),
	}
	say := func(level, words string, places ...location) {
		i.ToolExecutionNotifications = append(i.ToolExecutionNotifications, notification{level, *message(words), places})
	}
	for _, g := range gaps {
		say(gapLevel(g), g.String())
		for _, u := range g.Unchecked[:min(len(g.Unchecked), maxUnchecked)] {
			say("warning", g.Engine+" could not check "+u.Path+": "+u.Reason, uncheckedPlace(v, g.Target, u.Path))
		}
		if more := len(g.Unchecked) - maxUnchecked; more > 0 {
			say("warning", g.Engine+" could not check "+report.Plural(more, "more file"))
		}
	}
	for _, r := range v.Coverage {
		for _, c := range r.Capped[:min(len(r.Capped), maxCapped)] {
			say("note", c.Rule+" found more than the "+report.Plural(c.Kept, "finding")+" reported in "+c.Path)
		}
		if more := len(r.Capped) - maxCapped; more > 0 {
			say("note", "rules of "+r.Engine+" found more than is reported in "+report.Plural(more, "more place"))
		}
	}
	if left := v.NotShown(); left != "" {
		say("note", "not shown: "+left)
	}
	if more := len(v.ByRisk) - MaxResults; more > 0 {
		say("warning", report.Plural(more, "finding")+" of lower risk left out: "+report.Count(v.ByRisk[MaxResults:]).String())
	}
	standings(v, say)
	alterations(v, say)
	for _, words := range statements(v.RunRulings()) {
		say("note", "policy: "+words)
	}
	if v.Verdict.Decision != policy.Allow {
		for _, reason := range v.Reasons() {
			say("note", "verdict: "+reason)
		}
	}
	return i
}

type sayer func(level, words string, places ...location)

// standings tells what exceptions do today, and how many suppressions there are.
func standings(v *report.View, say sayer) {
	list := v.Standings()
	for _, s := range list[:min(len(list), maxStanding)] {
		level := "note"
		if s.Tone == report.Broken {
			level = "warning"
		}
		say(level, "exceptions: "+s.String())
	}
	if more := len(list) - maxStanding; more > 0 {
		say("note", "exceptions: "+report.Plural(more, "more exception"))
	}
	if marks := v.Marks(); marks != "" {
		say("note", marks+"; "+report.Census+" lists them")
	}
}

// alterations tells what the change does to what judges it. Its place is told where it can only be in one target.
func alterations(v *report.View, say sayer) {
	list := v.Altered()
	for i := range list[:min(len(list), maxStanding)] {
		a, level := &list[i], "note"
		if a.Loosens {
			level = "warning"
		}
		say(level, a.String(), alterationPlaces(v, a)...)
	}
	if more := len(list) - maxStanding; more > 0 {
		say("note", report.Plural(more, "more alteration")+" of what judges the change")
	}
}

func alterationPlaces(v *report.View, a *report.Alteration) []location {
	if len(v.Targets) != 1 || a.Path == "" {
		return nil
	}
	p := finding.Place{Kind: finding.InFile, Path: a.Path, Start: finding.Position{Line: max(a.Line, 1), Column: 1}}
	return []location{locationOf(v, v.Targets[0].ID, &p)}
}

func gapLevel(g report.Gap) string {
	switch {
	case g.Required || g.Status == coverage.Error:
		return "error"
	case g.Status == coverage.Partial:
		return "warning"
	}
	return "note"
}

func uncheckedPlace(v *report.View, target, path string) location {
	return locationOf(v, target, &finding.Place{Kind: finding.InPath, Path: path})
}
