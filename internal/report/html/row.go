package html

import (
	"strings"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/frame"
	"github.com/assaysec/assay/internal/risk"
)

// Limits on one code frame.
const (
	maxLines   = 40
	maxColumns = 400
	maxRelated = 8

	// maxOpen is how many findings that stop the change are shown whole from the start.
	maxOpen = 25
)

// A row is one finding in the table.
type row struct {
	ID                         int
	Open                       bool // shown whole from the start
	Group                      groupCount
	Level                      string
	Score                      int
	Title, Rule, Where         string
	Message                    string
	Advice                     []report.Passage
	Owner, Service, New        string
	Due                        string
	Overdue                    bool
	Reasons                    []string
	Frame                      []frame.Line
	Facts                      []fact
	Held, Decision, Expression string
	Statements                 []statement
	Patches                    []patch
	Fingerprint                string
}

type fact struct{ Name, Value string }

type patch struct {
	Title string
	Lines []string
}

func rowOf(v *report.View, r *risk.Risk, g report.Group, id int) row {
	out := row{
		ID: id, Open: g == report.Stopping && id <= maxOpen, Group: groupNames[g], Level: r.Level.Level.String(), Score: r.Level.Score,
		Title: safe(r.Title), Rule: safe(r.Rule), Where: safe(report.Where(&r.Place)),
		Message: safe(r.Message), Advice: adviceOf(r.Advice), Owner: safe(r.Owner), Service: safe(r.Service),
		New: string(r.New), Overdue: report.Overdue(r, v.Now), Fingerprint: safe(r.Fingerprint),
		Frame: frameOf(&r.Place), Facts: facts(v, r),
	}
	if out.Title == "" {
		out.Title = out.Rule
	}
	if !r.Due.IsZero() {
		out.Due = report.Day(r.Due)
	}
	for _, reason := range v.Why(r) {
		out.Reasons = append(out.Reasons, safe(reason))
	}
	if r.Status != risk.Open {
		out.Held = safe(report.Held(r))
	}
	if ruling := v.Ruling(r); ruling != nil {
		out.Decision, out.Expression = safe(string(ruling.Decision)+" by "+ruling.By), safe(ruling.Expr)
		if ruling.Error != "" {
			out.Expression = safe(report.Told(ruling))
		}
	}
	statements := v.Statements(r)
	out.Statements = statementsOf(statements[:min(len(statements), maxStatements)])
	for _, f := range r.Fixes {
		out.Patches = append(out.Patches, patchOf(f))
	}
	return out
}

func adviceOf(text string) []report.Passage {
	if text == "" {
		return nil
	}
	passages := report.Advice(text)
	for _, p := range passages {
		for i := range p.Lines {
			p.Lines[i] = code(p.Lines[i])
		}
	}
	return passages
}

func frameOf(p *finding.Place) []frame.Line {
	lines := frame.Of(p)
	lines = lines[:min(len(lines), maxLines)]
	for i := range lines {
		l := &lines[i]
		l.Before, l.Marked, l.After = code(l.Before), code(l.Marked), code(l.After)
	}
	return lines
}

// code makes a piece of code safe and not too long. No CI command can lie across pieces: our markup stands between them.
func code(s string) string {
	s = safe(strings.ReplaceAll(s, "\t", "    "))
	if short := frame.Crop(s, maxColumns); len(short) < len(s) {
		return short + "…"
	}
	return s
}

func patchOf(f finding.Fix) patch {
	p := patch{Title: safe(f.Title)}
	for line := range strings.Lines(f.Patch) {
		if len(p.Lines) == maxLines {
			p.Lines = append(p.Lines, "…")
			break
		}
		p.Lines = append(p.Lines, code(strings.TrimRight(line, "\r\n")))
	}
	return p
}

// facts is what only some findings have.
func facts(v *report.View, r *risk.Risk) []fact {
	var all []fact
	add := func(name, value string) {
		if value != "" {
			all = append(all, fact{name, safe(value)})
		}
	}
	add("Provider says", map[finding.Verification]string{
		finding.Live: "the credential is live", finding.Dead: "the credential is dead", finding.Unknown: "no clear answer",
	}[r.Verification])
	if c := r.Place.Commit; c != nil {
		add("Commit", report.Origin(c))
	}
	if report.IsFlow(r) {
		add("By way of", report.Related(r, maxRelated))
	} else {
		add("Also in", report.Related(r, maxRelated))
	}
	add("Package", r.Place.Package)
	add("Workload", r.Place.Workload)
	add("Layer", r.Place.Layer)
	add("Also known as", strings.Join(r.Aliases, ", "))
	add("Confidence", r.Confidence.String())
	if !r.FirstSeen.IsZero() {
		add("First seen", report.Day(r.FirstSeen))
	}
	if len(v.Targets) > 1 {
		t := v.Target(r.Target)
		add("Target", t.Name+" ("+t.Kind+")")
	}
	return all
}
