package junit

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/escape"
	"github.com/assaysec/assay/internal/report/frame"
	"github.com/assaysec/assay/internal/risk"
)

// The types are what a reader takes that checks against a schema, Jenkins' xUnit: more attributes, such as a test's file
// and line, would make it refuse the whole report.

type suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Suites   []*suite `xml:"testsuite"`
}

type suite struct {
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Skipped  int        `xml:"skipped,attr"`
	Cases    []testCase `xml:"testcase"`

	named map[string]int // how many cases have a name
}

type testCase struct {
	Name      string   `xml:"name,attr"`
	Class     string   `xml:"classname,attr"`
	Failure   *outcome `xml:"failure"`
	Error     *outcome `xml:"error"`
	Skipped   *outcome `xml:"skipped"`
	SystemOut string   `xml:"system-out,omitempty"`
}

type outcome struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// Write writes the report.
func Write(w io.Writer, d *report.Document, _ report.Options) error {
	v := report.Look(d)
	all := suites{Name: safe(v.Tool.Name)}
	for _, s := range slices.Concat(engines(v), exceptions(v), []*suite{verdict(v)}) {
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
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
			byName[name] = newSuite(name)
		}
		return byName[name]
	}
	for _, g := range report.Gaps(v.Document) {
		if g.Engine != "" {
			of(g.Engine).add(gap(v, g))
		}
	}
	for _, r := range v.Coverage {
		if r.Complete() {
			of(r.Engine).add(complete(v, &r))
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

func newSuite(name string) *suite { return &suite{Name: safe(name), named: map[string]int{}} }

// add adds a case under a name of its own: readers keep one case for each name.
func (s *suite) add(c testCase) {
	s.named[c.Name]++
	if n := s.named[c.Name]; n > 1 {
		c.Name += fmt.Sprintf(" (%d)", n)
	}
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

// gap is an error where it leaves the answer open. What was only left out is skipped: neither passed nor broken.
func gap(v *report.View, g report.Gap) testCase {
	c := testCase{Name: coverageOf(v, g.Target), Class: safe(cmp.Or(g.Engine, "verdict"))}
	var lines []string
	for _, u := range g.Unchecked {
		lines = append(lines, u.Path+": "+u.Reason)
	}
	if g.Hint != "" {
		lines = append(lines, "to complete it: "+g.Hint)
	}
	told := &outcome{Message: safe(g.String()), Type: safe(string(g.Status)), Text: block(lines)}
	if g.Failed() {
		c.Error = told
	} else {
		c.Skipped = told
	}
	return c
}

func complete(v *report.View, r *coverage.Record) testCase {
	return testCase{
		Name: coverageOf(v, r.Target), Class: safe(r.Engine), SystemOut: report.Plural(r.Files, "file") + " looked at",
	}
}

func coverageOf(v *report.View, target string) string {
	if target == "" {
		return "coverage"
	}
	t := v.Target(target)
	return safe(strings.TrimSuffix("coverage of "+t.Name+" ("+t.Kind+")", " ()"))
}

func testOf(v *report.View, r *risk.Risk) testCase {
	c := testCase{Name: safe(r.Rule + " at " + place(r)), Class: safe(r.Engine)}
	switch v.Group(r) {
	case report.Stopping:
		c.Failure = &outcome{Message: safe(heading(r)), Type: safe(r.Level.Level.String()), Text: block(story(v, r))}
	case report.Kept:
		c.Skipped = &outcome{Message: safe(report.Held(r)), Type: safe(string(r.Status))}
	default:
		c.SystemOut = block(append([]string{heading(r)}, story(v, r)...))
	}
	return c
}

// place names the commit too, since one place of a history may hold several faults.
func place(r *risk.Risk) string {
	s := report.Where(&r.Place)
	if c := r.Place.Commit; c != nil && c.ID != "" && r.Place.Path != "" {
		s += " in commit " + report.ShortID(c.ID)
	}
	return s
}

func heading(r *risk.Risk) string {
	return fmt.Sprintf("%s %d: %s", r.Level.Level, r.Level.Score, r.Message)
}

// story is what a reader of the test's output needs, line by line.
func story(v *report.View, r *risk.Risk) []string {
	lines := []string{report.Where(&r.Place)}
	lines = append(lines, frame.Text(&r.Place)...)
	if len(r.Level.Reasons) > 0 {
		lines = append(lines, "why: "+strings.Join(r.Level.Reasons, "; "))
	}
	for i, passage := range report.Advice(r.Advice) {
		for _, l := range passage.Lines {
			lines = append(lines, []string{"do: ", ""}[min(i, 1)]+l)
		}
	}
	if r.Owner != "" {
		lines = append(lines, "owner: "+r.Owner)
	}
	if !r.Due.IsZero() {
		lines = append(lines, "due: "+report.Day(r.Due))
	}
	if ruling := v.Ruling(r); ruling != nil {
		lines = append(lines, string(ruling.Decision)+" by "+report.Line(ruling))
	}
	for _, s := range v.Statements(r) {
		lines = append(lines, "policy: "+string(s.Decision)+": "+report.Said(s))
	}
	return append(lines, "id: "+r.Fingerprint)
}

// verdict is the suite of the decision. A missing one is an error, and so is a gap that belongs to no engine.
func verdict(v *report.View) *suite {
	s := newSuite("verdict")
	for _, g := range report.Gaps(v.Document) {
		if g.Engine == "" {
			s.add(gap(v, g))
		}
	}
	c := testCase{Name: strings.TrimSpace("verdict " + safe(v.Verdict.Stage)), Class: "verdict"}
	for _, r := range v.RunRulings() {
		s.add(runRuling(r))
	}
	reasons := block(besides(v))
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

// besides is what is told with the decision.
func besides(v *report.View) []string {
	lines := v.Reasons()
	if left := v.NotShown(); left != "" {
		lines = append(lines, "not shown: "+left)
	}
	if marks := v.Marks(); marks != "" {
		lines = append(lines, marks+"; "+report.Census+" lists them")
	}
	list := v.Altered()
	if len(list) > 0 {
		lines = append(lines, report.AltersTitle+": "+report.Loosening(list)+"; "+report.AltersNote)
	}
	for i := range list {
		lines = append(lines, list[i].String())
	}
	return lines
}

// runRuling is what a rule says about the run: it fails where it denies.
func runRuling(r *policy.Ruling) testCase {
	c := testCase{Name: safe("policy " + report.Source(r)), Class: "verdict"}
	if r.Decision == policy.Warn {
		c.SystemOut = safe(report.Said(r))
	} else {
		c.Failure = &outcome{Message: safe(report.Told(r)), Type: safe(string(r.Decision)), Text: safe(report.Said(r))}
	}
	return c
}

// exceptions makes a suite of what exceptions do today. One that permits nothing any more has not passed, and has not failed
// either: whether its findings stop the change is theirs to say.
func exceptions(v *report.View) []*suite {
	list := v.Standings()
	if len(list) == 0 {
		return nil
	}
	s := newSuite("exceptions")
	for _, e := range list {
		c := testCase{Name: safe("exception " + e.Subject()), Class: "exceptions"}
		if e.Tone == report.Broken {
			c.Skipped = &outcome{Message: safe(e.String()), Type: safe(e.State)}
		} else {
			c.SystemOut = safe(e.String())
		}
		s.add(c)
	}
	return []*suite{s}
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
