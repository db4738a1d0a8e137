package sarif

import (
	"fmt"
	"io"
	"time"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/risk"
)

// MaxResults is the number of results that code scanning services take in one run.
const MaxResults = 25_000

// The lengths of lists that a target could make long; services show no more of them.
const (
	maxRelated   = 100 // of one result
	maxUnchecked = 100 // of one engine, each with a notification of its own
	maxCapped    = 100 // of one engine and target
	maxStanding  = 100 // exceptions, alterations, and rulings
)

const schemaURI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// Write writes the report.
func Write(w io.Writer, d *report.Document, _ report.Options) error {
	o := report.NewObjectWriter(w)
	o.Field("$schema", schemaURI)
	o.Field("version", "2.1.0")
	o.Field("runs", []run{runOf(report.Look(d))})
	return o.Close()
}

func runOf(v *report.View) run {
	shown := v.ByRisk[:min(len(v.ByRisk), MaxResults)]
	rules, index := rulesOf(v, shown)
	r := run{
		Tool:               tool{driver{Name: v.Tool.Name, Version: v.Tool.Version, InformationURI: v.Tool.URI, Rules: rules}},
		Invocations:        []invocation{invocationOf(v)},
		OriginalURIBaseIDs: bases(v.Targets),
		Results:            make([]result, len(shown)),
		AutomationDetails:  automationDetails{ID: "assay/" + line(v.Verdict.Stage)},
		ColumnKind:         "unicodeCodePoints",
		Properties:         map[string]any{"decision": v.Verdict.Decision, "outcome": report.OutcomeOf(v.Document, report.Gaps(v.Document))},
	}
	for i, f := range shown {
		r.Results[i] = resultOf(v, f, index[f.Rule])
	}
	return r
}

// bases names what the URIs of each target are relative to. Where a target lies on this machine is nobody's business,
// so they have a description and no URI (§3.14.14).
func bases(targets []finding.Target) map[string]artifactLocation {
	m := map[string]artifactLocation{}
	for _, t := range targets {
		m[base(targets, t.ID)] = artifactLocation{Description: message(t.Kind + " " + t.Name)}
	}
	return m
}

// base is the name of a target's base: the usual one for the first target, so that services find its files.
func base(targets []finding.Target, id string) string {
	if len(targets) == 0 || targets[0].ID == id || id == "" {
		return "%SRCROOT%"
	}
	return "%SRCROOT_" + line(id) + "%"
}

func resultOf(v *report.View, f *risk.Risk, index int) result {
	place := locationOf(v, f.Target, &f.Place)
	score := min(max(f.Level.Score, 0), 100)
	r := result{
		RuleID: line(f.Rule), RuleIndex: index, Kind: "fail", Level: level(f.Level.Level), Message: *message(sentence(f)),
		Locations:           []location{place},
		PartialFingerprints: map[string]string{"assay/v1": f.Fingerprint},
		BaselineState:       map[risk.Novelty]string{risk.NewYes: "new", risk.NewNo: "unchanged"}[f.New],
		Rank:                &score,
		Suppressions:        suppressions(v, f),
		Properties:          properties(v, f),
	}
	isFlow := report.IsFlow(f)
	for i := range f.Related[:min(len(f.Related), maxRelated)] {
		related := locationOf(v, f.Target, &f.Related[i])
		id, words := i+1, "the same fault"
		if isFlow {
			words = fmt.Sprintf("step %d of %d", id, len(f.Related))
		}
		related.ID, related.Message = &id, message(words)
		r.RelatedLocations = append(r.RelatedLocations, related)
	}
	if isFlow {
		r.CodeFlows = flow(f, r.RelatedLocations, place)
	}
	return r
}

// flow shows the related places as the way to the fault, where each of them is a place in a file and none is left out.
func flow(f *risk.Risk, steps []location, end location) []codeFlow {
	if len(steps) < len(f.Related) {
		return nil
	}
	for i := range f.Related {
		if f.Related[i].Path == "" || f.Related[i].Start.IsZero() {
			return nil
		}
	}
	var locations []threadFlowLocation
	for _, s := range append(steps[:len(steps):len(steps)], end) {
		s.ID = nil // IDs are unique among the related locations alone (§3.28.2)
		locations = append(locations, threadFlowLocation{s})
	}
	return []codeFlow{{[]threadFlow{{locations}}}}
}

func sentence(f *risk.Risk) string {
	s := f.Message
	if f.Advice != "" {
		s += ". " + f.Advice
	}
	if s == "" {
		s = f.Rule
	}
	return s
}

// statements is what rules of .assay/policies say.
func statements(list []*policy.Ruling) []string {
	var out []string
	for _, r := range list[:min(len(list), maxStanding)] {
		out = append(out, line(string(r.Decision)+": "+report.Said(r)))
	}
	return out
}

// suppressions is empty for a finding that nothing holds back, which says that suppressions were looked for (§3.27.23).
func suppressions(v *report.View, f *risk.Risk) []suppression {
	if v.Group(f) != report.Kept {
		return []suppression{}
	}
	s := suppression{Kind: "external", Status: "accepted", Justification: line(report.Held(f))}
	if f.Suppression != nil && f.Suppression.Kind == "inline" {
		s.Kind = "inSource"
	}
	s.Properties = holdProperties(f.Suppression)
	return []suppression{s}
}

// holdProperties tells a program what the justification tells a person.
func holdProperties(s *risk.Suppression) map[string]any {
	if s == nil {
		return nil
	}
	p := map[string]any{}
	for name, value := range map[string]string{"kind": s.Kind, "source": s.Source, "owner": s.Owner} {
		if value != "" {
			p[name] = line(value)
		}
	}
	if !report.Time(s.Expires).IsZero() {
		p["lastDay"] = report.Day(s.Expires)
	}
	return p
}

func properties(v *report.View, f *risk.Risk) map[string]any {
	p := map[string]any{
		"engine": f.Engine, "service": line(f.Service), "riskLevel": f.Level.Level, "riskScore": f.Level.Score,
		"riskReasons": lines(f.Level.Reasons), "confidence": f.Confidence, "new": f.New, "status": f.Status,
	}
	if ruling := v.Ruling(f); ruling != nil {
		p["decision"], p["decidedBy"] = ruling.Decision, line(ruling.By)
	}
	if list := v.Statements(f); len(list) > 0 {
		p["policy"] = statements(list)
	}
	if len(f.Related) > maxRelated {
		p["related"] = len(f.Related)
	}
	if f.Owner != "" {
		p["owner"] = line(f.Owner)
	}
	if f.Verification != "" {
		p["verification"] = f.Verification
	}
	if t := report.Time(f.FirstSeen); !t.IsZero() {
		p["firstSeen"] = t
	}
	if t := report.Time(f.Due); !t.IsZero() {
		p["due"] = t
	}
	if c := f.Place.Commit; c != nil {
		p["commit"], p["inHead"] = line(c.ID), c.InHead
	}
	return p
}

// utc writes a time as SARIF wants it (§3.9).
func utc(t time.Time) string {
	if t = report.Time(t); t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02T15:04:05Z")
}

// level is the level of a result; unknown is a warning, as medium is.
func level(s finding.Severity) string {
	switch report.Weight(s) {
	case finding.Critical, finding.High:
		return "error"
	case finding.Medium:
		return "warning"
	}
	return "note"
}
