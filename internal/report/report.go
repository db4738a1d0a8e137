package report

import (
	"time"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/risk"
)

// Schema identifies the JSON report's format. Within one version fields are only added.
const Schema = "assay-report/1"

// A Document is one run, as it is reported. Findings are sorted by finding.Compare within their target.
type Document struct {
	Schema   string            `json:"schema"`
	Tool     Tool              `json:"tool"`
	Now      time.Time         `json:"now"`
	Targets  []finding.Target  `json:"targets"`
	Findings []risk.Risk       `json:"findings"`
	Coverage []coverage.Record `json:"coverage"`
	Verdict  policy.Verdict    `json:"verdict"`

	// Exceptions are those of the repositories, whatever they do, in the order of their files.
	Exceptions []Exception `json:"exceptions,omitempty"`

	// Suppressions counts marks and entries of ignore files; nil where there are none.
	Suppressions *policy.SuppressionCounts `json:"suppressions,omitempty"`

	// Alterations is what a change does to the files that judge it. None of it has an effect before the merge.
	Alterations []Alteration `json:"alterations,omitempty"`

	// Filtered counts what Findings leaves out; nil for nothing.
	Filtered *Filtered `json:"filtered,omitempty"`

	// Asked is how a command asks for the same look again: flags and targets, as they are typed. Empty for a plain look.
	Asked string `json:"-"`

	// Mends is the command that removes what can be removed from what was looked at; empty where nothing can be changed there.
	Mends string `json:"-"`

	// FailOn is the least severity of an open finding that fails the run whatever the verdict; unknown where none does.
	FailOn finding.Severity `json:"-"`

	// Rules describes each rule that a finding names, so that formats that list rules can.
	Rules []Rule `json:"-"`
}

// An Exception is what one exception does today.
type Exception struct {
	Target   string    `json:"target"`
	ID       string    `json:"id"`
	Kind     string    `json:"kind"` // accepted, false-positive, fix-planned
	Owner    string    `json:"owner"`
	Approver string    `json:"approver"`
	Approval string    `json:"approval"` // signed or claimed
	State    string    `json:"state"`    // in force, expired, void, unused, not yet
	Problem  string    `json:"problem,omitempty"`
	Expires  time.Time `json:"expires"`  // the last day
	DaysLeft int       `json:"daysLeft"` // 0 on the last day
	Renewals int       `json:"renewals"`
	Matches  int       `json:"matches"` // findings
	Covers   int       `json:"covers"`  // those it holds back
}

// An Alteration is one thing that a change does to a file that can loosen a verdict.
type Alteration struct {
	Path    string `json:"path"`
	Line    int    `json:"line"` // after the change; 1 for what is gone
	Kind    string `json:"kind"` // configuration, policy, owners, baseline, exceptions, signers, rules, suppressions, pins
	What    string `json:"what"` // in a sentence without a subject
	Loosens bool   `json:"loosens"`
}

// A Tool names the program that made a report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	URI     string `json:"uri,omitempty"`
}

// A Rule is what reports say about a rule.
type Rule struct {
	ID       string
	Title    string
	Advice   string
	Aliases  []string
	Severity finding.Severity
}

// Options are what a reader can choose about a report. The zero value suits a file.
type Options struct {
	Color bool // use terminal colours
	Width int  // columns to fill; 0 means 80

	// ShowSuppressed lists every finding that is held back, where the format would only count some.
	ShowSuppressed bool
}
