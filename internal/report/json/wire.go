package json

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/risk"
)

// A Finding is a risk as it is written: its fields in the order of the schema, its lists never null.
type Finding struct {
	Target       string               `json:"target"`
	Service      string               `json:"service"`
	Rule         string               `json:"rule"`
	Engine       string               `json:"engine"`
	Aliases      []string             `json:"aliases"`
	Title        string               `json:"title"`
	Message      string               `json:"message"`
	Advice       string               `json:"advice"`
	Severity     finding.Severity     `json:"severity"`
	Confidence   finding.Confidence   `json:"confidence"`
	Risk         risk.Assessment      `json:"risk"`
	Location     finding.Place        `json:"location"`
	Related      []finding.Place      `json:"related"`
	Fixes        []finding.Fix        `json:"fixes"`
	Verification finding.Verification `json:"verification,omitempty"`
	Properties   json.RawMessage      `json:"properties,omitempty"`
	Fingerprint  string               `json:"fingerprint"`
	Trail        string               `json:"trail,omitempty"`
	Owner        string               `json:"owner,omitempty"`
	FirstSeen    time.Time            `json:"firstSeen,omitzero"`
	Due          time.Time            `json:"due,omitzero"`
	New          risk.Novelty         `json:"new"`
	Status       risk.Status          `json:"status"`
	Suppression  *risk.Suppression    `json:"suppression,omitempty"`
}

// A Record is a coverage record as it is written.
type Record struct {
	Target    string               `json:"target"`
	Engine    string               `json:"engine"`
	Status    coverage.Status      `json:"status"`
	Reason    string               `json:"reason,omitempty"`
	Hint      string               `json:"hint,omitempty"`
	Versions  map[string]string    `json:"versions"`
	Digests   map[string]string    `json:"digests"`
	Files     int                  `json:"files"`
	Bytes     int64                `json:"bytes"`
	Classes   map[string]int       `json:"classes"`
	Skipped   map[string]int       `json:"skipped"`
	Unchecked []coverage.Unchecked `json:"unchecked"`
	Capped    []coverage.Capped    `json:"capped"`
}

// A Verdict is a policy.Verdict as it is written.
type Verdict struct {
	Stage      string                  `json:"stage"`
	Decision   policy.Decision         `json:"decision"`
	Services   []policy.ServiceVerdict `json:"services"`
	Reasons    []string                `json:"reasons"`
	Incomplete []policy.Unmet          `json:"incomplete"`
	Rulings    []policy.Ruling         `json:"rulings"`
}

// A Filtered is a report.Filtered as it is written.
type Filtered struct {
	Below    finding.Severity `json:"below"`
	Stopping int              `json:"stopping"`
	Warned   int              `json:"warned"`
	Noted    int              `json:"noted"`
	Kept     int              `json:"kept"`
}

// FindingOf gives a risk in the form that is written.
func FindingOf(r *risk.Risk) (Finding, error) {
	properties, err := rawProperties(r.Properties)
	if err != nil {
		return Finding{}, fmt.Errorf("finding %s: properties: %w", r.Fingerprint, err)
	}
	f := Finding{
		Target: r.Target, Service: r.Service, Rule: r.Rule, Engine: r.Engine, Aliases: list(r.Aliases),
		Title: r.Title, Message: r.Message, Advice: r.Advice, Severity: r.Severity, Confidence: r.Confidence,
		Risk: r.Level, Location: place(r.Place), Related: make([]finding.Place, len(r.Related)), Fixes: list(r.Fixes),
		Verification: r.Verification, Properties: properties, Fingerprint: r.Fingerprint, Trail: r.Trail,
		Owner: r.Owner, FirstSeen: report.Time(r.FirstSeen), Due: report.Time(r.Due), New: r.New, Status: r.Status,
	}
	f.Risk.Reasons = list(f.Risk.Reasons)
	for i, p := range r.Related {
		f.Related[i] = place(p)
	}
	if r.Suppression != nil {
		s := *r.Suppression
		s.Expires = report.Time(s.Expires)
		f.Suppression = &s
	}
	return f, nil
}

// rawProperties encodes an engine's own type now, so that one that was read is written as the same bytes.
func rawProperties(v any) (json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	return report.JSON(v)
}

func place(p finding.Place) finding.Place {
	if p.Commit != nil {
		c := *p.Commit
		c.Date = report.Time(c.Date)
		p.Commit = &c
	}
	if p.Frame != nil {
		f := *p.Frame
		f.Lines = list(f.Lines)
		p.Frame = &f
	}
	return p
}

// RiskOf is the inverse of FindingOf.
func RiskOf(f *Finding) risk.Risk {
	r := risk.Risk{
		Finding: finding.Finding{
			Rule: f.Rule, Aliases: f.Aliases, Severity: f.Severity, Confidence: f.Confidence, Place: f.Location,
			Related: f.Related, Title: f.Title, Message: f.Message, Advice: f.Advice, Fixes: f.Fixes,
			Fingerprint: f.Fingerprint, Trail: f.Trail, Verification: f.Verification,
		},
		Target: f.Target, Service: f.Service, Engine: f.Engine, Level: f.Risk, Owner: f.Owner,
		FirstSeen: f.FirstSeen, Due: f.Due, New: f.New, Status: f.Status, Suppression: f.Suppression,
	}
	if f.Properties != nil {
		r.Properties = f.Properties
	}
	return r
}

// RecordOf gives a coverage record in the form that is written.
func RecordOf(r *coverage.Record) Record {
	return Record{
		Target: r.Target, Engine: r.Engine, Status: r.Status, Reason: r.Reason, Hint: r.Hint,
		Versions: dict(r.Versions), Digests: dict(r.Digests), Files: r.Files, Bytes: r.Bytes, Classes: dict(r.Classes), Skipped: dict(r.Skipped),
		Unchecked: list(r.Unchecked), Capped: list(r.Capped),
	}
}

// ExceptionOf gives an exception in the form that is written.
func ExceptionOf(e *report.Exception) report.Exception {
	w := *e
	w.Expires = report.Time(w.Expires)
	return w
}

// FilteredOf gives what is left out in the form that is written; nil where nothing is.
func FilteredOf(f *report.Filtered) *Filtered {
	if f == nil {
		return nil
	}
	return &Filtered{f.Below, f.Groups[report.Stopping], f.Groups[report.Warning], f.Groups[report.Noted], f.Groups[report.Kept]}
}

// filtered is the inverse of FilteredOf.
func (f *Filtered) filtered() *report.Filtered {
	if f == nil {
		return nil
	}
	return &report.Filtered{Below: f.Below, Groups: [report.Groups]int{f.Stopping, f.Warned, f.Noted, f.Kept}}
}

// VerdictOf gives a verdict in the form that is written.
func VerdictOf(v *policy.Verdict) Verdict {
	w := Verdict{
		Stage: v.Stage, Decision: v.Decision, Services: list(v.Services), Reasons: list(v.Reasons),
		Incomplete: list(v.Incomplete), Rulings: make([]policy.Ruling, len(v.Rulings)),
	}
	for i, r := range v.Rulings {
		r.Inputs = dict(r.Inputs)
		w.Rulings[i] = r
	}
	return w
}

// list makes nil an empty list, which is written as [].
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// dict makes nil an empty map, which is written as {}.
func dict[T any](m map[string]T) map[string]T {
	if m == nil {
		return map[string]T{}
	}
	return m
}
