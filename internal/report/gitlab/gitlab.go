package gitlab

import (
	"cmp"
	"io"
	"time"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/risk"
)

const formatVersion = "15.0.2"

// How many get a message of their own: unchecked files of one engine, and exceptions, alterations and rulings.
const (
	maxUnchecked = 100
	maxStanding  = 50
)

// A kind is one of GitLab's report types and the engines that it speaks for.
type kind struct {
	scanType string
	speaks   func(engine string) bool
	secret   bool // its locations name a commit, and its patches are redacted
}

var (
	secretDetection = kind{"secret_detection", func(engine string) bool { return engine == "secret" }, true}
	sast            = kind{"sast", func(engine string) bool { return engine != "secret" }, false}
)

// WriteSecretDetection writes the findings of the secret engine.
func WriteSecretDetection(w io.Writer, d *report.Document, _ report.Options) error {
	return write(w, d, secretDetection)
}

// WriteSAST writes the findings of all other engines.
func WriteSAST(w io.Writer, d *report.Document, _ report.Options) error { return write(w, d, sast) }

func write(w io.Writer, d *report.Document, k kind) error {
	v := report.Look(d)
	s := scanOf(v, k)
	shown := k.findings(v, &s)
	o := report.NewObjectWriter(w)
	o.Field("version", formatVersion)
	o.Field("scan", s)
	o.Array("vulnerabilities", len(shown), func(i int) (any, error) { return vulnerabilityOf(v, shown[i], k), nil })
	if fixes := remediations(v, shown); len(fixes) > 0 && !k.secret {
		o.Field("remediations", fixes)
	}
	return o.Close()
}

// findings are those that the report lists, worst first. What is left out is counted in the scan's messages.
func (k kind) findings(v *report.View, s *scan) []*risk.Risk {
	var shown []*risk.Risk
	held := 0
	for _, f := range v.ByRisk {
		switch {
		case !k.speaks(f.Engine):
		case v.Group(f) == report.Kept && f.Status != risk.Baseline:
			held++
		default:
			shown = append(shown, f)
		}
	}
	s.standing(v)
	if left := v.NotShown(); left != "" {
		s.say("info", "not shown: "+left)
	}
	if held > 0 {
		s.say("info", report.Plural(held, "finding")+" left out: held back by an exception or a suppression")
	}
	return shown
}

func scanOf(v *report.View, k kind) scan {
	tool := analyzer{ID: "assay", Name: cmp.Or(line(v.Tool.Name), "assay"), Version: cmp.Or(line(v.Tool.Version), "unknown"), Vendor: vendor{"Assay"}}
	now := report.Time(v.Now).Format("2006-01-02T15:04:05")
	s := scan{
		Analyzer: tool, Scanner: tool, Type: k.scanType, StartTime: now, EndTime: now, Status: "success",
		Messages: []scanMessage{},
	}
	for _, g := range report.Gaps(v.Document) {
		if g.Engine != "" && !k.speaks(g.Engine) {
			continue
		}
		if g.Failed() {
			s.Status = "failure"
		}
		s.say(messageLevel(g), g.String())
		for _, u := range g.Unchecked[:min(len(g.Unchecked), maxUnchecked)] {
			s.say("warn", g.Engine+" could not check "+u.Path+": "+u.Reason)
		}
		if more := len(g.Unchecked) - maxUnchecked; more > 0 {
			s.say("warn", g.Engine+" could not check "+report.Plural(more, "more file"))
		}
	}
	if n := v.Capped(k.speaks); n > 0 {
		s.say("info", report.Plural(n, "file")+" with more findings of one rule than are reported")
	}
	if !looked(v, k) {
		s.Status = "failure"
		s.say("fatal", "no engine of this report was run")
	}
	return s
}

func (s *scan) say(level, value string) {
	s.Messages = append(s.Messages, scanMessage{level, line(value)})
}

// standing tells what exceptions do, what the change alters of that, and what the policy says of the run.
func (s *scan) standing(v *report.View) {
	told := func(n int, noun string, say func(int)) {
		for i := range min(n, maxStanding) {
			say(i)
		}
		if more := n - maxStanding; more > 0 {
			s.say("info", report.Plural(more, "more "+noun))
		}
	}
	rulings, list, altered := v.RunRulings(), v.Standings(), v.Altered()
	told(len(rulings), "ruling", func(i int) {
		s.say("warn", "policy: "+statement(rulings[i]))
	})
	told(len(list), "exception", func(i int) {
		s.say(warnIf(list[i].Tone == report.Broken), "exceptions: "+list[i].String())
	})
	if marks := v.Marks(); marks != "" {
		s.say("info", marks+"; "+report.Census+" lists them")
	}
	told(len(altered), "alteration", func(i int) {
		s.say(warnIf(altered[i].Loosens), altered[i].String())
	})
}

func warnIf(serious bool) string {
	if serious {
		return "warn"
	}
	return "info"
}

func statement(r *policy.Ruling) string { return string(r.Decision) + ": " + report.Said(r) }

// looked reports whether any engine that the report speaks for has a record.
func looked(v *report.View, k kind) bool {
	for _, r := range v.Coverage {
		if k.speaks(r.Engine) && r.Status != coverage.NotRun {
			return true
		}
	}
	return false
}

func messageLevel(g report.Gap) string {
	switch {
	case g.Status == coverage.Error:
		return "fatal"
	case g.Failed():
		return "warn"
	}
	return "info"
}

// timestamp writes a commit's date.
func timestamp(t time.Time) string {
	if t = report.Time(t); t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}
