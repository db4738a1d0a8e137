package json

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/risk"
)

// MaxSize is the largest report that Read takes, in bytes: room for some 400,000 findings.
const MaxSize = 1 << 30

// document is a report as it is read.
type document struct {
	Schema   string           `json:"schema"`
	Tool     report.Tool      `json:"tool"`
	Now      time.Time        `json:"now"`
	Targets  []finding.Target `json:"targets"`
	Findings []Finding        `json:"findings"`
	Coverage []Record         `json:"coverage"`
	Filtered *Filtered        `json:"filtered"`
	Verdict  Verdict          `json:"verdict"`

	Exceptions   []report.Exception        `json:"exceptions"`
	Suppressions *policy.SuppressionCounts `json:"suppressions"`
	Alterations  []report.Alteration       `json:"alterations"`
}

// Read reads a report that Write wrote, of this version or a later one of the same schema. A value that it does not know
// is an error: a status that nobody understands must not be taken for a harmless one.
func Read(r io.Reader) (*report.Document, error) {
	limited := &io.LimitedReader{R: r, N: MaxSize + 1}
	decoder := json.NewDecoder(limited)
	var w document
	err := decoder.Decode(&w)
	switch {
	case limited.N == 0:
		return nil, fmt.Errorf("report: larger than %d bytes", MaxSize)
	case err != nil:
		return nil, fmt.Errorf("report: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("report: more text after byte %d", decoder.InputOffset())
	}
	if err := w.validate(); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return w.document(), nil
}

func (w *document) document() *report.Document {
	d := &report.Document{
		Schema: w.Schema, Tool: w.Tool, Now: w.Now, Targets: w.Targets,
		Findings: make([]risk.Risk, len(w.Findings)),
		Coverage: make([]coverage.Record, len(w.Coverage)),
		Filtered: w.Filtered.filtered(),
		Verdict: policy.Verdict{
			Stage: w.Verdict.Stage, Decision: w.Verdict.Decision, Services: w.Verdict.Services,
			Reasons: w.Verdict.Reasons, Incomplete: w.Verdict.Incomplete, Rulings: w.Verdict.Rulings,
		},
		Exceptions: w.Exceptions, Suppressions: w.Suppressions, Alterations: w.Alterations,
	}
	for i := range w.Findings {
		d.Findings[i] = RiskOf(&w.Findings[i])
	}
	for i := range w.Coverage {
		d.Coverage[i] = coverage.Record(w.Coverage[i])
	}
	return d
}

func (w *document) validate() error {
	if w.Schema != report.Schema {
		return fmt.Errorf("schema %q: want %s", w.Schema, report.Schema)
	}
	if err := known("verdict.decision", w.Verdict.Decision, "", policy.Allow, policy.Warn, policy.Deny); err != nil {
		return err
	}
	for i := range w.Findings {
		if err := w.Findings[i].validate(); err != nil {
			return fmt.Errorf("findings[%d].%w", i, err)
		}
	}
	for i, r := range w.Coverage {
		err := known("status", r.Status, coverage.Done, coverage.Partial, coverage.Stale, coverage.NotRun, coverage.Error)
		if err != nil {
			return fmt.Errorf("coverage[%d].%w", i, err)
		}
	}
	for i, r := range w.Verdict.Rulings {
		if err := known("decision", r.Decision, policy.Allow, policy.Warn, policy.Deny); err != nil {
			return fmt.Errorf("verdict.rulings[%d].%w", i, err)
		}
	}
	for i, s := range w.Verdict.Services {
		if err := known("decision", s.Decision, policy.Allow, policy.Warn, policy.Deny); err != nil {
			return fmt.Errorf("verdict.services[%d].%w", i, err)
		}
	}
	for i, e := range w.Exceptions {
		if err := known("state", e.State, report.States...); err != nil {
			return fmt.Errorf("exceptions[%d].%w", i, err)
		}
	}
	return nil
}

func (f *Finding) validate() error {
	if f.Rule == "" {
		return errors.New("rule: missing")
	}
	if f.Fingerprint == "" {
		return errors.New("fingerprint: missing")
	}
	if err := known("status", f.Status, risk.Open, risk.Suppressed, risk.Excepted, risk.Baseline); err != nil {
		return err
	}
	if err := known("verification", f.Verification, "", finding.Live, finding.Dead, finding.Unknown); err != nil {
		return err
	}
	return known("new", f.New, risk.NewYes, risk.NewNo, risk.NewUnknown)
}

func known[T ~string](field string, value T, values ...T) error {
	if slices.Contains(values, value) {
		return nil
	}
	var words []string
	for _, v := range values {
		if v != "" {
			words = append(words, string(v))
		}
	}
	return fmt.Errorf("%s %q: want one of %s", field, string(value), strings.Join(words, ", "))
}
