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
	if v.Verdict.Decision != policy.Allow {
		for _, reason := range v.Verdict.Reasons {
			say("note", "verdict: "+reason)
		}
	}
	return i
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
