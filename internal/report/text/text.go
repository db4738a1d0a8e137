package text

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/escape"
	"github.com/assaysec/assay/internal/risk"
)

// How many findings are shown at each length; beyond it they become shorter, and at last a count.
const (
	maxFrames = 50 // with their code, in each group
	maxNoted  = 20
	maxFolds  = 10
	maxKept   = 10

	maxRelated = 4
)

// Write writes the report.
func Write(w io.Writer, d *report.Document, o report.Options) error {
	p := newPrinter(w, o)
	v := report.Look(d)
	gaps := report.Gaps(d)
	p.head(v)
	p.coverage(v, gaps)
	p.group(v, report.Stopping, "Stop")
	p.group(v, report.Warning, "Warned")
	p.noted(v)
	p.kept(v)
	p.standings(v)
	p.alterations(v)
	p.verdict(v, gaps)
	return p.flush()
}

// head says which run this is.
func (p *printer) head(v *report.View) {
	words := []string{v.Tool.Name + " " + v.Tool.Version}
	if v.Verdict.Stage != "" {
		words = append(words, v.Verdict.Stage)
	}
	words = append(words, report.Day(v.Now))
	p.line(p.paint(bold, safe(strings.Join(words, " · "))))
}

// group shows the findings that a gate spoke about.
func (p *printer) group(v *report.View, g report.Group, title string) {
	risks := v.ByGroup[g]
	if len(risks) == 0 {
		return
	}
	p.title(groupColor[g], title+": "+report.Plural(len(risks), "finding"), report.Count(risks).String())
	p.policy(v, risks)
	for i, r := range risks {
		if i == maxFrames {
			p.blank()
		}
		if i >= maxFrames {
			p.heading("", r)
			continue
		}
		p.blank()
		p.finding(v, r, g == report.Stopping)
	}
}

// policy names each line of the policy that spoke about these findings, once.
func (p *printer) policy(v *report.View, risks []*risk.Risk) {
	const limit = 5
	var seen []string
	for _, r := range risks {
		ruling := v.Ruling(r)
		if ruling == nil {
			continue
		}
		line := report.Line(ruling)
		if !slices.Contains(seen, line) && len(seen) < limit {
			seen = append(seen, line)
			p.wrapped("  ", dim, safe(line))
		}
	}
}

// finding shows one finding in full; all says to show the lines around the place too.
func (p *printer) finding(v *report.View, r *risk.Risk, all bool) {
	p.heading(bold, r)
	p.wrapped("    ", "", safe(r.Message))
	p.frame(&r.Place, all)
	if c := r.Place.Commit; c != nil {
		p.field("commit", report.Origin(c))
	}
	if report.IsFlow(r) {
		p.field("via", report.Related(r, maxRelated))
	} else {
		p.field("also", report.Related(r, maxRelated))
	}
	p.field("why", strings.Join(v.Why(r), "; "))
	p.advice(r)
	if len(r.Fixes) > 0 {
		p.field("fix", r.Fixes[0].Title)
	}
	p.statements(v.Statements(r))
	p.field("who", strings.Join(facts(v, r), " · "))
	if r.Status != risk.Open {
		p.field("note", "not accepted here: "+report.Held(r))
	}
	p.field("id", r.Fingerprint)
}

// advice says what to do. What is to be pasted stands in lines of its own, once: other findings with the same advice name it.
func (p *printer) advice(r *risk.Risk) {
	passages := report.Advice(r.Advice)
	if len(passages) > 1 && p.advised[r.Advice] {
		p.field("do", strings.TrimRight(passages[0].Lines[0], ":.")+" (what to paste stands above)")
		return
	}
	p.advised[r.Advice] = true
	for i, passage := range passages {
		if !passage.Code {
			p.field(first(i, "do"), passage.Lines[0])
			continue
		}
		for _, line := range passage.Lines {
			p.line(strings.Repeat(" ", 14) + safe(line))
		}
	}
}

// facts are owner, novelty, age and what a provider said.
func facts(v *report.View, r *risk.Risk) []string {
	var words []string
	if !v.Anonymous {
		words = who(v, r)
	}
	if said := map[finding.Verification]string{
		finding.Live: "its provider says it is LIVE", finding.Dead: "its provider says it is dead",
		finding.Unknown: "its provider gave no clear answer",
	}[r.Verification]; said != "" {
		words = append(words, said)
	}
	return words
}

// who are owner, novelty and age.
func who(v *report.View, r *risk.Risk) []string {
	words := []string{cmp.Or(r.Owner, "no owner"), map[risk.Novelty]string{risk.NewYes: "new", risk.NewNo: "not new"}[r.New]}
	if words[1] == "" {
		words[1] = "new or not: unknown"
	}
	switch {
	case report.Overdue(r, v.Now):
		words = append(words, "OVERDUE since "+report.Day(r.Due))
	case !r.Due.IsZero():
		words = append(words, "due "+report.Day(r.Due))
	default:
		words = append(words, "due date unknown")
	}
	return words
}

// noted shows what is open and below what the gate speaks of.
func (p *printer) noted(v *report.View) {
	risks := v.ByGroup[report.Noted]
	if len(risks) == 0 {
		return
	}
	p.title("", "Noted: "+report.Plural(len(risks), "finding"), report.Count(risks).String())
	listed, folds := report.FoldInfo(risks)
	for _, r := range listed[:min(len(listed), maxNoted)] {
		p.heading("", r)
	}
	if more := listed[min(len(listed), maxNoted):]; len(more) > 0 {
		p.wrapped("  ", "", "and "+report.Number(len(more))+" more: "+report.Count(more).String()+" (all: --format json)")
	}
	p.folds(folds)
}

// folds counts what only informs, by rule.
func (p *printer) folds(folds []report.Fold) {
	limit := maxFolds
	if len(folds) == limit+1 {
		limit++ // a line that counts one more is no shorter
	}
	for _, f := range folds[:min(len(folds), limit)] {
		count := report.Number(len(f.Risks))
		p.line("  " + p.paint(levelColor[finding.Info], "info") + strings.Repeat(" ", max(1, 9-len(count))) + count + " × " + p.paint(dim, safe(f.Rule)))
	}
	rest := ""
	if more := folds[min(len(folds), limit):]; len(more) > 0 {
		rest = "and " + report.Number(report.Folded(more)) + " of " + report.Plural(len(more), "more rule") + " "
	}
	if len(folds) > 0 {
		p.wrapped("  ", dim, rest+"(each with its place: --format json, or html)")
	}
}

// kept counts what is held back, and shows what the reader may have to renew.
func (p *printer) kept(v *report.View) {
	risks := v.ByGroup[report.Kept]
	if len(risks) == 0 {
		return
	}
	counts := map[risk.Status]int{}
	var shown []*risk.Risk
	for _, r := range risks {
		counts[r.Status]++
		if r.Status != risk.Baseline || p.all {
			shown = append(shown, r)
		}
	}
	var words []string
	for _, s := range []risk.Status{risk.Baseline, risk.Excepted, risk.Suppressed} {
		if counts[s] > 0 {
			words = append(words, report.Number(counts[s])+" "+string(s))
		}
	}
	p.title("", "Kept: "+report.Plural(len(risks), "finding"), strings.Join(words, ", "))
	limit := maxKept
	if p.all {
		limit = len(shown)
	}
	for _, r := range shown[:min(len(shown), limit)] {
		p.heading("", r)
		p.wrapped("    ", dim, safe(report.Held(r)))
	}
	if more := len(shown) - limit; more > 0 {
		p.line("  and " + report.Number(more) + " more that are excepted or suppressed (all: --show-suppressed)")
	}
}

// safe makes target text fit for a terminal and a log.
func safe(s string) string { return escape.Terminal(s) }
