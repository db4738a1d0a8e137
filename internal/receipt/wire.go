package receipt

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/exception/native/effect"
	"github.com/assaysec/assay/internal/exception/register"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/judge"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/report"
	wire "github.com/assaysec/assay/internal/report/json"
	"github.com/assaysec/assay/internal/risk"
)

// The types of the statement.
const (
	StatementType = "https://in-toto.io/Statement/v1"
	PredicateType = "https://github.com/assaysec/assay/verdict/v1"

	// Format is that of the inputs and the decision. A program refuses what is newer than itself.
	Format = 1
)

// A Statement is a receipt as it is written.
type Statement struct {
	Type          string    `json:"_type"`
	Subject       []Subject `json:"subject"`
	PredicateType string    `json:"predicateType"`
	Predicate     Predicate `json:"predicate"`

	found map[string]string // what the digests are
}

// A Subject is what was judged, or what was made of it.
type Subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"` // by algorithm, as in-toto names them: gitCommit, gitTree, sha256
}

// A Predicate is what was known and what was decided.
type Predicate struct {
	Format   int               `json:"format"`
	Tool     report.Tool       `json:"tool"`
	Inputs   Inputs            `json:"inputs"`
	Digests  map[string]string `json:"digests"` // of the subjects, the tool and each input, by its name
	Decision json.RawMessage   `json:"decision"`
}

// Inputs is a judge.Case as it is written.
type Inputs struct {
	Stage    string            `json:"stage"`
	Now      time.Time         `json:"now"`
	Required []string          `json:"required"`
	Policy   []scope           `json:"policy"`
	Rego     map[string]string `json:"rego"`
	Targets  []target          `json:"targets"`
	Coverage []wire.Record     `json:"coverage"`
	Findings []wire.Finding    `json:"findings"` // before exceptions and marks
	Marks    []effect.Mark     `json:"marks"`
	Brought  []judge.Brought   `json:"brought"` // by the change: its marks
	Files    []effect.Use      `json:"files"`   // entries of ignore files
	Told     []judge.Told      `json:"told"`
	Unlooked []judge.Place     `json:"unlooked"`
	Empty    []policy.Unmet    `json:"empty,omitempty"`   // targets that hold nothing
	Nothing  []string          `json:"nothing,omitempty"` // why there was nothing to judge
	Broken   []policy.Broken   `json:"broken,omitempty"`  // of the files that judge, by the change
}

// A scope is a policy.Scope. A list that is null was not said, and has the default.
type scope struct {
	Folder  string   `json:"folder"`
	Deny    []line   `json:"deny"`
	Warn    []line   `json:"warn"`
	Require []line   `json:"require"`
	Engines []string `json:"engines"`
}

type line struct {
	Key    string `json:"key"`
	Expr   string `json:"expr"`
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

func scopesOf(list []policy.Scope) []scope {
	out := make([]scope, len(list))
	for i, s := range list {
		out[i] = scope{s.Folder, linesOf(s.Text.Deny), linesOf(s.Text.Warn), linesOf(s.Text.Require), s.Text.Engines}
	}
	return out
}

func linesOf(list []policy.Line) []line {
	if list == nil {
		return nil
	}
	out := make([]line, len(list))
	for i, l := range list {
		out[i] = line{l.Key, l.Expr, l.At.File, l.At.Line, l.At.Column}
	}
	return out
}

func (s *scope) policy() policy.Scope {
	return policy.Scope{Folder: s.Folder, Text: policy.Text{
		Deny: policyLines(s.Deny), Warn: policyLines(s.Warn), Require: policyLines(s.Require), Engines: s.Engines,
	}}
}

func policyLines(list []line) []policy.Line {
	if list == nil {
		return nil
	}
	out := make([]policy.Line, len(list))
	for i, l := range list {
		out[i] = policy.Line{Key: l.Key, Expr: l.Expr, At: diagnostic.Position{File: l.File, Line: l.Line, Column: l.Column}}
	}
	return out
}

// A target is a judge.Target.
type target struct {
	finding.Target
	Services []profile.Service `json:"services"`
	Due      risk.DueTable     `json:"due"`
	Keep     keep              `json:"keep"`
}

// keep is what exceptions are and what they must keep to.
type keep struct {
	Exceptions    string            `json:"exceptions,omitempty"`
	Repository    string            `json:"repository,omitempty"`
	Signers       string            `json:"signers,omitempty"`
	Limits        limits            `json:"limits,omitzero"`
	Answers       []register.Answer `json:"answers,omitempty"`
	Renewals      map[string]int    `json:"renewals,omitempty"`
	RenewalsCut   bool              `json:"renewalsCut,omitempty"`
	AcceptBrought bool              `json:"acceptBrought,omitempty"`
}

type limits struct {
	MaxDays          int    `json:"maxDays,omitempty"`
	MaxRenewals      *int   `json:"maxRenewals,omitempty"`
	MaxFindings      int    `json:"maxFindings,omitempty"`
	RequireSignature bool   `json:"requireSignature,omitempty"`
	MaxProbeAge      string `json:"maxProbeAge,omitempty"` // as 24h0m0s
}

func targetOf(t *judge.Target) target {
	k, l := &t.Keep, &t.Keep.Limits
	out := target{t.Target, t.Services, t.Due, keep{
		Exceptions: k.Exceptions, Repository: k.Repository, Signers: k.Signers, Answers: k.Answers, Renewals: k.Renewals, RenewalsCut: k.RenewalsCut, AcceptBrought: k.AcceptBrought,
		Limits: limits{MaxDays: l.MaxDays, MaxRenewals: l.MaxRenewals, MaxFindings: l.MaxFindings, RequireSignature: l.RequireSignature},
	}}
	if l.MaxProbeAge > 0 {
		out.Keep.Limits.MaxProbeAge = l.MaxProbeAge.String()
	}
	return out
}

func (t *target) judge() (judge.Target, error) {
	k, l := &t.Keep, &t.Keep.Limits
	out := judge.Target{Target: t.Target, Services: t.Services, Due: t.Due, Keep: judge.Keep{
		Exceptions: k.Exceptions, Repository: k.Repository, Signers: k.Signers, Answers: k.Answers, Renewals: k.Renewals, RenewalsCut: k.RenewalsCut, AcceptBrought: k.AcceptBrought,
		Limits: register.Limits{MaxDays: l.MaxDays, MaxRenewals: l.MaxRenewals, MaxFindings: l.MaxFindings, RequireSignature: l.RequireSignature},
	}}
	var err error
	if l.MaxProbeAge != "" {
		if out.Keep.Limits.MaxProbeAge, err = time.ParseDuration(l.MaxProbeAge); err != nil {
			err = fmt.Errorf("keep.limits.maxProbeAge of the target %.40q: %w", t.ID, err)
		}
	}
	return out, err
}

// inputsOf writes a case down.
func inputsOf(c *judge.Case) (Inputs, error) {
	in := Inputs{
		Stage: c.Stage, Now: report.Time(c.Now), Required: c.Required, Policy: scopesOf(c.Policy), Rego: c.Rego,
		Marks: c.Marks, Brought: c.Brought, Files: c.Files, Told: c.Told, Unlooked: c.Unlooked, Broken: c.Broken, Empty: c.Empty, Nothing: c.Nothing,
	}
	for i := range c.Targets {
		in.Targets = append(in.Targets, targetOf(&c.Targets[i]))
	}
	for i := range c.Coverage {
		in.Coverage = append(in.Coverage, wire.RecordOf(&c.Coverage[i]))
	}
	for i := range c.Risks {
		f, err := wire.FindingOf(&c.Risks[i])
		if err != nil {
			return in, err
		}
		in.Findings = append(in.Findings, f)
	}
	return in, nil
}

// judge reads a case.
func (in *Inputs) judge() (*judge.Case, error) {
	c := &judge.Case{
		Stage: in.Stage, Now: in.Now, Required: in.Required, Rego: in.Rego,
		Marks: in.Marks, Brought: in.Brought, Files: in.Files, Told: in.Told, Unlooked: in.Unlooked, Broken: in.Broken, Empty: in.Empty, Nothing: in.Nothing,
	}
	for i := range in.Policy {
		c.Policy = append(c.Policy, in.Policy[i].policy())
	}
	for i := range in.Targets {
		t, err := in.Targets[i].judge()
		if err != nil {
			return nil, err
		}
		c.Targets = append(c.Targets, t)
	}
	for i := range in.Coverage {
		c.Coverage = append(c.Coverage, coverage.Record(in.Coverage[i]))
	}
	for i := range in.Findings {
		c.Risks = append(c.Risks, wire.RiskOf(&in.Findings[i]))
	}
	return c, nil
}

// decision is what came of a case.
type decision struct {
	Verdict      wire.Verdict              `json:"verdict"`
	Findings     []decided                 `json:"findings"`
	Exceptions   []report.Exception        `json:"exceptions"`
	Suppressions *policy.SuppressionCounts `json:"suppressions"`
}

// decided is what the decision says of one finding.
type decided struct {
	Target      string            `json:"target"`
	Fingerprint string            `json:"fingerprint"`
	Risk        risk.Assessment   `json:"risk"`
	Due         time.Time         `json:"due,omitzero"`
	Status      risk.Status       `json:"status"`
	Suppression *risk.Suppression `json:"suppression,omitempty"`
}

func decisionOf(r *judge.Ruling) decision {
	d := decision{Verdict: wire.VerdictOf(&r.Verdict), Findings: []decided{}, Exceptions: []report.Exception{}, Suppressions: r.Input.Counts.Suppressions}
	for i := range r.Risks {
		x := &r.Risks[i]
		level := x.Level
		level.Reasons = append([]string{}, level.Reasons...) // never null
		d.Findings = append(d.Findings, decided{x.Target, x.Fingerprint, level, report.Time(x.Due), x.Status, x.Suppression})
	}
	for i := range r.Exceptions {
		d.Exceptions = append(d.Exceptions, Exception(&r.Exceptions[i]))
	}
	return d
}

// Exception is what a report says of an exception.
func Exception(e *judge.Exception) report.Exception {
	return report.Exception{
		Target: e.Target, ID: e.ID, Kind: string(e.Kind), Owner: e.Owner, Approver: e.Approver, Approval: string(e.Approval),
		State: string(e.State), Problem: e.Problem, Expires: e.Expires, DaysLeft: e.DaysLeft, Renewals: e.Renewals, Matches: e.Matches, Covers: e.Covers,
	}
}
