package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/escape"
	"github.com/assaysec/assay/internal/report/frame"
	"github.com/assaysec/assay/internal/risk"
)

type suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Skipped  int      `xml:"skipped,attr"`
	Suites   []*suite `xml:"testsuite"`
}

type suite struct {
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Skipped  int        `xml:"skipped,attr"`
	Cases    []testCase `xml:"testcase"`
}

type testCase struct {
	Name      string   `xml:"name,attr"`
	Class     string   `xml:"classname,attr"`
	File      string   `xml:"file,attr,omitempty"`
	Line      int      `xml:"line,attr,omitempty"`
	Failure   *outcome `xml:"failure"`
	Error     *outcome `xml:"error"`
	Skipped   *skipped `xml:"skipped"`
	SystemOut string   `xml:"system-out,omitempty"`
}

type outcome struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

type skipped struct {
	Message string `xml:"message,attr"`
}

// Write writes the report.
func Write(w io.Writer, d *report.Document, _ report.Options) error {
	v := report.Look(d)
	all := suites{Name: safe(v.Tool.Name)}
	for _, s := range append(engines(v), verdict(v)) {
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
		all.Skipped += s.Skipped
		all.Suites = append(all.Suites, s)
	}
	b, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("junit: %w", err)
	}
	_, err = io.WriteString(w, xml.Header+string(b)+"\n")
	return err
}

// engines makes a suite for each engine that has a record, a finding or a gap, by name.
func engines(v *report.View) []*suite {
	byName := map[string]*suite{}
	of := func(name string) *suite {
		if byName[name] == nil {
			byName[name] = &suite{Name: safe(name)}
		}
		return byName[name]
	}
	for _, g := range report.Gaps(v.Document) {
		if g.Engine != "" {
			of(g.Engine).add(gap(g))
		}
	}
	for _, r := range v.Coverage {
		if r.Complete() {
			of(r.Engine).add(complete(&r))
		}
	}
	for _, r := range v.ByRisk {
		of(r.Engine).add(testOf(v, r))
	}
	var all []*suite
	for _, s := range byName {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *suite) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func (s *suite) add(c testCase) {
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

func gap(g report.Gap) testCase {
	c := testCase{Name: "coverage", Class: safe(g.Engine)}
	if g.Target != "" {
		c.Name += " of " + safe(g.Target)
	}
	lines := []string{g.String()}
	for _, u := range g.Unchecked {
		lines = append(lines, u.Path+": "+u.Reason)
	}
	if g.Hint != "" {
		lines = append(lines, "to complete it: "+g.Hint)
	}
	c.Error = &outcome{Message: safe(g.String()), Type: safe(string(g.Status)), Text: block(lines)}
	return c
}

func complete(r *coverage.Record) testCase {
	return testCase{
		Name: "coverage of " + safe(r.Target), Class: safe(r.Engine), SystemOut: report.Plural(r.Files, "file") + " looked at",
	}
}

func testOf(v *report.View, r *risk.Risk) testCase {
	c := testCase{
		Name: safe(r.Rule + " at " + report.Where(&r.Place)), Class: safe(r.Engine), File: safe(r.Place.Path), Line: max(r.Place.Start.Line, 0),
	}
	switch v.Group(r) {
	case report.Stopping:
		c.Failure = &outcome{Message: safe(heading(r)), Type: safe(r.Level.Level.String()), Text: block(story(v, r))}
	case report.Kept:
		c.Skipped = &skipped{Message: safe(report.Held(r))}
	default:
		c.SystemOut = block(append([]string{heading(r)}, story(v, r)...))
	}
	return c
}

func heading(r *risk.Risk) string {
	return fmt.Sprintf("%s %d: %s", r.Level.Level, r.Level.Score, r.Message)
}

// story is what a reader of the test's output needs, line by line.
func story(v *report.View, r *risk.Risk) []string {
	lines := []string{report.Where(&r.Place)}
	lines = append(lines, code(&r.Place)...)
	if len(r.Level.Reasons) > 0 {
		lines = append(lines, "why: "+strings.Join(r.Level.Reasons, "; "))
	}
	lines = append(lines, "do: "+r.Advice)
	if r.Owner != "" {
		lines = append(lines, "owner: "+r.Owner)
	}
	if !r.Due.IsZero() {
		lines = append(lines, "due: "+report.Day(r.Due))
	}
	if ruling := v.Ruling(r); ruling != nil {
		lines = append(lines, string(ruling.Decision)+" by "+ruling.By+": "+ruling.Expr)
	}
	return append(lines, "id: "+r.Fingerprint)
}

func code(p *finding.Place) []string {
	var lines []string
	for _, l := range frame.Of(p) {
		mark := " "
		if l.Hit {
			mark = ">"
		}
		lines = append(lines, fmt.Sprintf("%s %d | %s", mark, l.Number, strings.ReplaceAll(l.Before+l.Marked+l.After, "\t", "    ")))
	}
	return lines
}

// verdict is the suite of the decision. A missing one is an error, and so is a gap that belongs to no engine.
func verdict(v *report.View) *suite {
	s := &suite{Name: "verdict"}
	for _, g := range report.Gaps(v.Document) {
		if g.Engine == "" {
			s.add(gap(g))
		}
	}
	c := testCase{Name: strings.TrimSpace("verdict " + safe(v.Verdict.Stage)), Class: "verdict"}
	reasons := block(v.Verdict.Reasons)
	switch v.Verdict.Decision {
	case policy.Allow, policy.Warn:
		c.SystemOut = reasons
	case policy.Deny:
		c.Failure = &outcome{Message: "denied", Type: "deny", Text: reasons}
	default:
		c.Error = &outcome{Message: "no verdict was given", Type: "none", Text: reasons}
	}
	s.add(c)
	return s
}

// block joins lines, each made safe on its own.
func block(lines []string) string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = safe(l)
	}
	return strings.Join(out, "\n")
}

// safe makes target text legal in XML and harmless in a log.
func safe(s string) string { return escape.XML(s) }
