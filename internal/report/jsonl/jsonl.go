package jsonl

import (
	"bufio"
	"io"
	"time"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/json"
)

type header struct {
	Type    string           `json:"type"`
	Schema  string           `json:"schema"`
	Tool    report.Tool      `json:"tool"`
	Now     time.Time        `json:"now"`
	Targets []finding.Target `json:"targets"`
}

type findingLine struct {
	Type string `json:"type"`
	json.Finding
}

type coverageLine struct {
	Type string `json:"type"`
	json.Record
}

type exceptionLine struct {
	Type string `json:"type"`
	report.Exception
}

type suppressionsLine struct {
	Type string `json:"type"`
	policy.SuppressionCounts
}

type alterationLine struct {
	Type string `json:"type"`
	report.Alteration
}

type verdictLine struct {
	Type     string         `json:"type"`
	Findings int            `json:"findings"` // how many lines came before, for a reader that counts
	Filtered *json.Filtered `json:"filtered,omitempty"`
	json.Verdict
}

// Write writes the report.
func Write(w io.Writer, d *report.Document, _ report.Options) error {
	l := lines{w: bufio.NewWriter(w)}
	targets := d.Targets
	if targets == nil {
		targets = []finding.Target{}
	}
	l.line(header{"header", d.Schema, d.Tool, report.Time(d.Now), targets})
	for i := range d.Findings {
		f, err := json.FindingOf(&d.Findings[i])
		if err != nil {
			return err
		}
		l.line(findingLine{"finding", f})
	}
	for i := range d.Coverage {
		l.line(coverageLine{"coverage", json.RecordOf(&d.Coverage[i])})
	}
	l.standing(d)
	l.line(verdictLine{"verdict", len(d.Findings), json.FilteredOf(d.Filtered), json.VerdictOf(&d.Verdict)})
	if l.err != nil {
		return l.err
	}
	return l.w.Flush()
}

// standing writes what holds findings back, and what a change does to it.
func (l *lines) standing(d *report.Document) {
	for i := range d.Exceptions {
		l.line(exceptionLine{"exception", json.ExceptionOf(&d.Exceptions[i])})
	}
	if d.Suppressions != nil {
		l.line(suppressionsLine{"suppressions", *d.Suppressions})
	}
	for i := range d.Alterations {
		l.line(alterationLine{"alteration", d.Alterations[i]})
	}
}

// lines writes values, one a line. After an error it writes nothing more.
type lines struct {
	w   *bufio.Writer
	err error
}

func (l *lines) line(v any) {
	if l.err != nil {
		return
	}
	b, err := report.JSON(v)
	if err != nil {
		l.err = err
		return
	}
	_, l.err = l.w.Write(append(b, '\n'))
}
