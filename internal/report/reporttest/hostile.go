package reporttest

import (
	"strings"
	"time"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/risk"
)

// Attacks are texts that a target could hold, each made to be obeyed by some reader of a report.
var Attacks = []string{
	"<script>alert(1)</script>",
	"\"><img src=x onerror=alert(1)>",
	"</pre></details><h1>clean</h1>",
	"]]><failure/>",
	"<!-- -->--><b>x</b>",
	"\x1b[2J\x1b]0;title\x07",
	"\u009b31m",
	"a\u202etxt.exe\u2066\u2069",
	"zero\u200bwidth\ufeff",
	"tag\U000e0041\U000e0042",
	"\n::error file=x::owned",
	"::error::owned",
	" ::set-output name=x::y",
	"##[error]owned",
	"##vso[task.complete result=Succeeded]",
	"##teamcity[buildStatus status='SUCCESS']",
	"@everyone @here",
	"![x](http://evil.example/x.png)",
	"[x](javascript:alert(1))",
	"https://evil.example/ www.evil.example mailto:a@evil.example",
	"#1 GH-1 org/repo#2 deadbeefcafe !3 ~label %4 &5 $6",
	"$x$ $`y`$ :tada: **b** __i__ ~~s~~",
	"a|b|c",
	"`` ``` ````",
	"line\r\nbreak\u2028sep\u0085nel",
	"=cmd()",
	"\xff\xfe\x80 bad",
	"\ufffe\uffff",
	"%00%2e%2e/../../etc/passwd",
	"C:\\x\\y?z#w",
	"{{.}} {0} {{{x}}}",
	"]]>&lt;&#x1b;",
	"\x00\x01\x7f",
}

// Hostile is a run over a target whose every text is an attack: one finding for each, with it in every field that can
// come from a target.
func Hostile() *report.Document {
	d := document(finding.Target{ID: "t1", Kind: "directory", Name: Attacks[0] + Attacks[5], Revision: Attacks[10]})
	for i, a := range Attacks {
		d.Findings = append(d.Findings, attack(a, i))
	}
	number(d)
	for i := range d.Findings {
		switch i % 3 {
		case 0:
			ruleOn(d, i, policy.Deny, "risk >= high", map[string]string{"path": Attacks[i]})
		case 1:
			ruleOn(d, i, policy.Warn, "risk >= low", map[string]string{"path": Attacks[i]})
		}
	}
	all := strings.Join(Attacks, " ")
	record := coverage.Record{
		Target: "t1", Engine: "secret", Status: coverage.Error, Reason: all, Hint: "assay rules test FILE", Files: 3, Bytes: 900,
		Classes: map[string]int{"<b>source</b>\x1b[2J": 1}, Skipped: map[string]int{"<b>ignored</b>\x1b[2J": 1},
	}
	for _, a := range Attacks {
		record.Unchecked = append(record.Unchecked, coverage.Unchecked{Path: a, Reason: a})
		record.Capped = append(record.Capped, coverage.Capped{Path: a, Rule: "secret/x", Kept: 1})
	}
	d.Coverage = []coverage.Record{record}
	d.Verdict.Stage, d.Verdict.Decision = "pull-request", policy.Deny
	d.Verdict.Services = []policy.ServiceVerdict{{Service: Attacks[0], Decision: policy.Deny, Denied: 11}, {Service: Attacks[5], Decision: policy.Warn}}
	d.Verdict.Reasons = []string{all}
	standing(d)
	d.Verdict.Incomplete = []policy.Unmet{{Engine: "secret", Target: "t1", Reason: "secret on t1 is error"}, {Reason: all}}
	return d
}

// standing adds an exception, an alteration and three rulings for each attack.
func standing(d *report.Document) {
	d.Suppressions = &policy.SuppressionCounts{Count: 3, CannotTell: 3}
	for i, a := range Attacks {
		d.Exceptions = append(d.Exceptions, report.Exception{
			Target: "t1", ID: a, Kind: a, Owner: a, Approver: a, Approval: a, Problem: a, Matches: 2, Covers: i % 3,
			State: report.States[i%len(report.States)], Expires: time.Date(2026+i%3, 1, 1, 0, 0, 0, 0, time.UTC),
		})
		d.Alterations = append(d.Alterations, report.Alteration{Path: a, Line: i, Kind: a, What: a, Loosens: i%2 == 0})
		ruling := policy.Ruling{Decision: policy.Deny, By: a, Expr: a, Inputs: map[string]string{a: a}, Message: a}
		if i%2 == 0 {
			ruling.Error = a
		}
		on := ruling
		on.Target, on.Fingerprint = "t1", d.Findings[i].Fingerprint
		warning := ruling
		warning.Decision, warning.Error = policy.Warn, ""
		d.Verdict.Rulings = append(d.Verdict.Rulings, ruling, warning)
		if i%3 == 0 { // the others keep their groups
			d.Verdict.Rulings = append(d.Verdict.Rulings, on)
		}
	}
	d.Exceptions[0].Expires = time.Date(292277026596, 1, 1, 0, 0, 0, 0, time.UTC)
}

func attack(a string, i int) risk.Risk {
	place := finding.Place{
		Kind: finding.InFile, Path: a,
		Start: finding.Position{Line: 2, Column: 2}, End: finding.Position{Line: 3, Column: 3},
		Package: a, Layer: a, Workload: a,
		Commit: &finding.Commit{ID: a, Author: a, Email: a, Summary: a, Last: a, Date: time.Date(292277026596, 1, 1, 0, 0, 0, 0, time.UTC)},
		Frame:  &finding.Frame{First: 1, Lines: []string{a, a, a + a}},
	}
	related := place
	related.Frame = nil
	if i%2 == 0 {
		related.Commit = nil // a step of a flow
	}
	r := risk.Risk{
		Finding: finding.Finding{
			Rule: "secret/hostile", Aliases: []string{a}, Severity: finding.High, Confidence: finding.HighConfidence,
			Place: place, Related: []finding.Place{related}, Title: a, Message: a, Advice: a,
			Fixes: []finding.Fix{{Title: a, Patch: a, Edits: []finding.Edit{{Start: place.Start, End: place.End, Text: a}}}}, Surroundings: a, Properties: map[string]any{"text": a},
		},
		Target: "t1", Service: a, Owner: a,
		Level: risk.Assessment{Level: finding.Severity(i % 6), Score: i, Reasons: []string{a}},
		New:   risk.NewYes, Status: risk.Open,
	}
	if i%3 == 2 {
		r.Status = risk.Excepted
		r.Suppression = &risk.Suppression{Kind: "exception", Source: a, Reason: a, Owner: a}
	}
	return r
}
