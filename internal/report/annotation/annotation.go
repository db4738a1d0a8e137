package annotation

import (
	"path"
	"strings"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/escape"
	"github.com/assaysec/assay/internal/risk"
)

// MaxEach is how many errors, and how many warnings, a CI system shows of one step.
const MaxEach = 10

// How much of a text is shown, in code points.
const (
	maxTitle = 200
	maxLine  = 500
	maxPaste = 40
	maxEach  = 5 // things of one kind that are said of the run
)

// An Annotation is one thing to say, at a place or at none. All its texts are safe to print.
type Annotation struct {
	Error  bool   // otherwise a warning
	Path   string // empty where no line of the tree is meant
	Start  finding.Position
	End    finding.Position // the last code point; zero where only a line is meant
	Code   string           // the rule; empty where it is about no finding
	Title  string
	Detail []string // lines
}

// A Set is what a run says, in the order it is to be said.
type Set struct {
	Shown   []Annotation
	Summary string // one line: the outcome, the counts, and how much is not shown
}

// Of chooses what to say about a document.
func Of(d *report.Document) Set {
	v, gaps := report.Look(d), report.Gaps(d)
	var all [2][]Annotation // errors, warnings
	add := func(a Annotation) {
		i := 1
		if a.Error {
			i = 0
		}
		all[i] = append(all[i], a)
	}
	for _, a := range ofRun(v, gaps) {
		add(a)
	}
	for i, list := range [][]*risk.Risk{Stopping(v), v.ByGroup[report.Warning]} {
		for _, r := range list {
			if len(all[i]) < MaxEach {
				add(of(v, r, i == 0))
			}
		}
	}
	s := Set{Shown: append(all[0], all[1]...)}
	s.Summary = summary(v, gaps, s.Shown)
	return s
}

// Stopping lists what stops the run: what the gate denies, and what fails it by severity alone.
func Stopping(v *report.View) []*risk.Risk {
	list := v.ByGroup[report.Stopping]
	for _, r := range v.Failing() {
		if v.Group(r) == report.Noted {
			list = append(list[:len(list):len(list)], r)
		}
	}
	return list
}

// ofRun is what there is to say about the run as a whole: each kind at once, so that it never pushes out all findings.
func ofRun(v *report.View, gaps []report.Gap) []Annotation {
	var list []Annotation
	if len(gaps) > 0 {
		list = append(list, gap(gaps))
	}
	rulings := v.RunRulings()
	denying := report.Denying(rulings)
	if len(denying) > 0 {
		list = append(list, together(true, "Denied by the policy", "ruling", len(denying), func(i int) string { return report.Said(denying[i]) }))
	}
	if warning := rulings[len(denying):]; len(warning) > 0 {
		list = append(list, together(false, "The policy warns", "ruling", len(warning), func(i int) string { return report.Said(warning[i]) }))
	}
	if lost := report.Lost(v.Standings()); len(lost) > 0 {
		list = append(list, together(false, "Exceptions that permit nothing", "exception", len(lost), func(i int) string { return lost[i].String() }))
	}
	return list
}

// gap tells of all gaps.
func gap(gaps []report.Gap) Annotation {
	title := "Not proven clean"
	if report.Complete(gaps) {
		title = "Not looked at"
	}
	return together(!report.Complete(gaps), title, "gap", len(gaps), func(i int) string {
		if g := gaps[i]; g.Hint != "" {
			return g.String() + "; to complete it: " + g.Hint
		}
		return gaps[i].String()
	})
}

// together says n things in one annotation without a place, and counts what it leaves out.
func together(isError bool, title, noun string, n int, text func(int) string) Annotation {
	a := Annotation{Error: isError, Title: title}
	for i := range min(n, maxEach) {
		a.Detail = append(a.Detail, line(text(i), maxLine))
	}
	if more := n - maxEach; more > 0 {
		a.Detail = append(a.Detail, "and "+report.Plural(more, "more "+noun))
	}
	return a
}

func of(v *report.View, r *risk.Risk, denied bool) Annotation {
	a := Annotation{Error: denied, Code: line(r.Rule, maxTitle), Title: line(r.Level.Level.String()+": "+r.Title, maxTitle)}
	where := place(&a, &r.Place)
	say := func(lead, text string) {
		if text != "" {
			a.Detail = append(a.Detail, lead+line(text, maxLine))
		}
	}
	say("", where)
	say("", r.Message)
	for i, passage := range report.Advice(r.Advice) {
		for _, l := range passage.Lines[:min(len(passage.Lines), maxPaste)] {
			say([]string{"Do: ", ""}[min(i, 1)], l)
		}
	}
	statements := v.Statements(r)
	for _, s := range statements[:min(len(statements), maxEach)] {
		say("Policy: ", string(s.Decision)+": "+report.Said(s))
	}
	if !r.Due.IsZero() {
		say("Due: ", report.Day(r.Due))
	}
	say("Rule: ", r.Rule)
	say("More: ", v.Explain(r))
	return a
}

// place sets an annotation's place. What cannot be one is told in words: a place in the history has another tree's line
// numbers, and a path that must be escaped would name another file.
func place(a *Annotation, p *finding.Place) (words string) {
	words = report.Where(p)
	if p.Commit != nil && p.Path != "" {
		return words + " in commit " + report.ShortID(p.Commit.ID)
	}
	file, _, member := strings.Cut(p.Path, "!/")
	if p.Path == "" || p.Layer != "" || p.Workload != "" || file == "" || !inTree(file) {
		return words
	}
	a.Path = file
	if member {
		return words
	}
	if p.Start.Line > 0 {
		a.Start, a.End = p.Start, last(p)
	}
	return ""
}

// inTree reports whether a path names a file of the tree in letters that need no escaping.
func inTree(file string) bool {
	return escape.Terminal(file) == file && strings.TrimSpace(file) == file && path.Clean(file) == file && !path.IsAbs(file) && file != ".." && !strings.HasPrefix(file, "../")
}

// last is the last code point of a place, where Place.End is the one after it.
func last(p *finding.Place) finding.Position {
	end := p.End
	if end.Line < p.Start.Line || end.Line == p.Start.Line && end.Column <= p.Start.Column {
		return finding.Position{}
	}
	if end.Column > 1 {
		end.Column--
	}
	return end
}

// summary is the outcome in one line.
func summary(v *report.View, gaps []report.Gap, shown []Annotation) string {
	words := []string{string(report.OutcomeOf(v.Document, gaps))}
	for g, noun := range []string{" stopped", " warned of", " noted", " kept"} {
		if n := v.Judged(report.Group(g)); n > 0 {
			words = append(words, report.Plural(n, "finding")+noun)
		}
	}
	if len(words) == 1 {
		words = append(words, report.Nothing(v, gaps))
	}
	if left := v.NotShown(); left != "" {
		words = append(words, "not shown: "+left)
	}
	said := 0
	for _, a := range shown {
		if a.Code != "" {
			said++
		}
	}
	if more := len(Stopping(v)) + len(v.ByGroup[report.Warning]) - said; more > 0 {
		words = append(words, report.Plural(more, "more finding")+" than is shown here")
	}
	return line(strings.Join(words, "; "), maxLine)
}

// line makes a text one line that is safe to print and not too long.
func line(s string, limit int) string {
	s = escape.Terminal(escape.Clip(s, limit))
	return escape.Clip(s, 2*limit) // escapes are longer than what they stand for
}
