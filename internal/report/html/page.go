package html

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/escape"
)

// Limits on lists that could be long without being read.
const (
	maxReasons   = 8
	maxStops     = 12
	maxUnchecked = 50
)

// A pageData is what the template shows. Every text in it is safe to read; the template makes it safe as HTML.
type pageData struct {
	CSP    string
	Style  template.CSS
	Script template.JS

	Tool, Stage, Day string
	Outcome          report.Outcome
	Class, Sign      string
	Targets          []string
	Counts           []groupCount
	Summary          string
	Reasons          []string
	MoreReasons      string
	Rulings          []statement // of rules, on the run
	MoreRulings      string
	Services         []policy.ServiceVerdict
	Complete         bool
	Gaps             []gap
	Next             []string

	Standings     []standing
	MoreStandings string
	Marks, Census string
	Alterations   []alteration
	AltersTitle   string
	Altered       string // how many there are
	MoreAltered   string

	Areas    areaChart
	Novelty  donut
	Due      columns
	Coverage []engineRow
	Skipped  string
	Uncheck  []coverage.Unchecked
	MoreUn   int
	Capped   string

	Stops     []row
	MoreStops string // how many more there are
	Rows      []row
	Left      string // what the table leaves out
	Unknown   string // what nobody said of any finding
	Anonymous bool   // owner, age and due date are among that
	Quiet     string // how many findings only inform
	Folds     []fold
}

type groupCount struct {
	Name, Label, Class, Count string // Count is empty for none
}

type gap struct {
	What, Status, Reason, Hint, Class string
	Required                          bool
}

var groupNames = [report.Groups]groupCount{
	{Name: "stop", Label: "stop it", Class: "stop"}, {Name: "warned", Label: "warned", Class: "warn"},
	{Name: "noted", Label: "noted", Class: "note"}, {Name: "kept", Label: "kept", Class: "kept"},
}

var outcomes = map[report.Outcome][2]string{
	report.Denied: {"deny", "✕"}, report.Incomplete: {"gap", "?"}, report.Undecided: {"gap", "?"},
	report.Warned: {"warn", "!"}, report.Allowed: {"allow", "✓"},
}

func pageOf(v *report.View) *pageData {
	gaps := report.Gaps(v.Document)
	outcome := report.OutcomeOf(v.Document, gaps)
	p := &pageData{
		CSP: csp(), Style: template.CSS(style), Script: template.JS(script),
		Tool: safe(strings.TrimSpace(v.Tool.Name + " " + v.Tool.Version)), Stage: safe(v.Verdict.Stage), Day: report.Day(v.Now),
		Outcome: outcome, Class: outcomes[outcome][0], Sign: outcomes[outcome][1],
		Complete: report.Complete(gaps),
		Areas:    areasOf(v), Novelty: noveltyOf(v), Due: dueOf(v), Coverage: enginesOf(v, gaps),
	}
	for _, t := range v.Targets {
		p.Targets = append(p.Targets, safe(t.Name+" ("+t.Kind+")"))
	}
	for g, c := range groupNames {
		if n := len(v.ByGroup[g]); n > 0 {
			c.Count = report.Number(n)
		}
		p.Counts = append(p.Counts, c)
	}
	p.Summary, p.Unknown = summary(v, p.Complete), safe(v.Unknown())
	p.Anonymous = v.Anonymous
	p.verdict(v, gaps)
	p.Skipped = safe(v.Skipped())
	if n := v.Capped(report.AnyEngine); n > 0 {
		p.Capped = report.Plural(n, "file")
	}
	p.standing(v)
	p.altered(v)
	p.findings(v)
	return p
}

func summary(v *report.View, complete bool) string {
	var s string
	switch {
	case len(v.ByRisk) > 0:
		s = report.Plural(len(v.ByRisk), "finding") + ": " + report.Count(v.ByRisk).String() + "."
	case v.NotShown() != "":
	case v.LookedAt() == 0:
		s = "Nothing was looked at."
	case !complete:
		s = "Nothing was found in what was checked."
	default:
		s = "Nothing was found, and everything that had to be checked was."
	}
	if left := v.NotShown(); left != "" {
		s += " Not shown: " + left + "."
	}
	return strings.TrimSpace(s)
}

func (p *pageData) verdict(v *report.View, gaps []report.Gap) {
	rulings, reasons := v.RunRulings(), v.Reasons()
	p.Rulings = statementsOf(rulings[:min(len(rulings), maxReasons)])
	p.MoreRulings = more(len(rulings)-len(p.Rulings), "ruling")
	for _, reason := range reasons[:min(len(reasons), maxReasons)] {
		p.Reasons = append(p.Reasons, safe(reason))
	}
	p.MoreReasons = more(len(reasons)-len(p.Reasons), "reason")
	for _, s := range v.Verdict.Services {
		s.Service, s.Decision = safe(s.Service), policy.Decision(safe(string(s.Decision)))
		p.Services = append(p.Services, s)
	}
	for _, step := range report.Next(v, gaps) {
		p.Next = append(p.Next, safe(step))
	}
	for _, g := range gaps {
		what := g.Engine
		if g.Where != "" {
			what = strings.TrimSpace(what + " on " + g.Where)
		}
		p.Gaps = append(p.Gaps, gap{
			What: safe(what), Status: safe(string(g.Status)), Reason: safe(g.Reason), Hint: safe(g.Hint),
			Class: statusClass(g.Status), Required: g.Required,
		})
		for _, u := range g.Unchecked {
			if len(p.Uncheck) == maxUnchecked {
				p.MoreUn++
				continue
			}
			p.Uncheck = append(p.Uncheck, coverage.Unchecked{Path: safe(u.Path), Reason: safe(u.Reason)})
		}
	}
}

// more counts what a list leaves out, empty where that is nothing.
func more(n int, noun string) string {
	if n <= 0 {
		return ""
	}
	return report.Plural(n, "more "+noun)
}

func (p *pageData) findings(v *report.View) {
	listed, folds := report.FoldInfo(v.ByGroup[report.Noted])
	shown := v.ByGroup
	shown[report.Noted] = listed
	for g, risks := range shown {
		for _, r := range risks {
			if len(p.Rows) == MaxFindings {
				break
			}
			p.Rows = append(p.Rows, rowOf(v, r, report.Group(g), len(p.Rows)+1))
		}
	}
	if n := len(v.ByRisk) - report.Folded(folds) - len(p.Rows); n > 0 {
		p.Left = fmt.Sprintf("The table holds the first %s findings; %s are left out. All are in the report “json”.", report.Number(len(p.Rows)), report.Number(n))
	}
	p.fold(folds)
	stopping := len(v.ByGroup[report.Stopping])
	p.Stops = p.Rows[:min(stopping, maxStops, len(p.Rows))]
	if n := stopping - len(p.Stops); n > 0 {
		p.MoreStops = report.Number(n)
	}
}

// A fold is findings of one rule that only inform.
type fold struct {
	Rule, Title, Count string
	Items              []item
	More               string
}

type item struct{ Where, Message string }

// maxFolded is how many findings that only inform are listed in all.
const maxFolded = 2_000

func (p *pageData) fold(folds []report.Fold) {
	room := maxFolded
	for _, f := range folds {
		out := fold{Rule: safe(f.Rule), Title: safe(f.Title), Count: report.Number(len(f.Risks))}
		for _, r := range f.Risks[:min(len(f.Risks), room)] {
			out.Items = append(out.Items, item{safe(report.Where(&r.Place)), safe(r.Message)})
		}
		room -= len(out.Items)
		out.More = more(len(f.Risks)-len(out.Items), "finding")
		p.Folds = append(p.Folds, out)
	}
	if len(folds) > 0 {
		p.Quiet = report.Plural(report.Folded(folds), "finding")
	}
}

// safe makes target text one line in which everything can be seen, also where the page is printed to a log.
func safe(s string) string { return escape.Terminal(s) }
