package reporttest

import (
	"fmt"
	"time"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/risk"
)

// Recordings are the documents that every format has a golden file for.
var Recordings = []struct {
	Name string
	New  func() *report.Document
}{
	{"recorded", Recorded},
	{"filtered", Filtered},
	{"failed", Failed},
	{"clean", Clean},
	{"empty", Empty},
	{"hostile", Hostile},
}

var now = time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}

func document(targets ...finding.Target) *report.Document {
	return &report.Document{
		Schema:  report.Schema,
		Tool:    report.Tool{Name: "assay", Version: "0.1.0"},
		Now:     now,
		Targets: targets,
	}
}

var (
	tree    = finding.Target{ID: "t1", Kind: "directory", Name: "payments", Digest: "sha256:5f0c1d6a9be27c9d5b1f2aa1c1a0f0b8c6c5d7e4e3f2a1b0c9d8e7f6a5b4c3d2"}
	history = finding.Target{ID: "t2", Kind: "git-history", Name: "payments", Revision: "8d1f0c2b7a6e5d4c3b2a19080706050403020100"}
)

// at is a range on one line.
func at(path string, line, from, to int, first int, lines ...string) finding.Place {
	return finding.Place{
		Kind: finding.InFile, Path: path,
		Start: finding.Position{Line: line, Column: from}, End: finding.Position{Line: line, Column: to},
		Frame: &finding.Frame{First: first, Lines: lines},
	}
}

// number gives findings what depends on all of them: fingerprints and the order of reports.
func number(d *report.Document) {
	plain := make([]finding.Finding, len(d.Findings))
	for i := range d.Findings {
		d.Findings[i].Engine = finding.EngineOf(d.Findings[i].Rule)
		plain[i] = d.Findings[i].Finding
	}
	finding.Number(plain)
	for i := range plain {
		d.Findings[i].Finding = plain[i]
	}
}

// rule gives every finding named a ruling.
func ruleOn(d *report.Document, i int, decision policy.Decision, expr string, inputs map[string]string) {
	d.Verdict.Rulings = append(d.Verdict.Rulings, policy.Ruling{
		Target:      d.Findings[i].Target,
		Fingerprint: d.Findings[i].Fingerprint,
		Decision:    decision,
		By:          fmt.Sprintf("gate.pull-request.%s (.assay.yaml:7)", decision),
		Expr:        expr,
		Inputs:      inputs,
	})
}

// Recorded is a run with findings of several engines in every state, with a partial engine and one that did not run.
func Recorded() *report.Document {
	d := document(tree, history)
	d.Findings = append(secrets(), pipelines()...)
	number(d)
	deny, warn := "new == 'yes' && risk >= high", "risk >= medium"
	for i := range d.Findings {
		f := &d.Findings[i]
		in := map[string]string{"new": string(f.New), "risk": f.Level.Level.String()}
		switch {
		case f.Status != risk.Open:
		case f.New == risk.NewYes && f.Level.Level >= finding.High:
			ruleOn(d, i, policy.Deny, deny, in)
		case report.Weight(f.Level.Level) >= finding.Medium:
			ruleOn(d, i, policy.Warn, warn, in)
		}
	}
	d.Coverage = []coverage.Record{
		{
			Target: "t1", Engine: "secret", Status: coverage.Partial, Files: 1284, Bytes: 9_812_044,
			Versions:  map[string]string{"engine": "0.1.0", "rules": "2026.11"},
			Digests:   map[string]string{"rules": "sha256:1b7e0c"},
			Classes:   map[string]int{"source": 401, "vendored": 880, "minified": 3},
			Skipped:   map[string]int{"binary": 41, "ignored": 12},
			Unchecked: []coverage.Unchecked{{Path: "data/dump.sql.zst", Reason: "larger than 64 MiB when expanded"}, {Path: "data/locked.bin", Reason: "permission denied"}},
			Capped:    []coverage.Capped{{Path: "test/fixtures/keys.txt", Rule: "secret/generic-token", Kept: 100}},
		},
		{Target: "t1", Engine: "pipeline", Status: coverage.Done, Files: 6, Bytes: 18_220, Versions: map[string]string{"engine": "0.1.0"}},
		{
			Target: "t1", Engine: "dependency", Status: coverage.NotRun,
			Reason: "there is no vulnerability database", Hint: "assay db update",
		},
		{Target: "t2", Engine: "secret", Status: coverage.Done, Files: 4410, Bytes: 61_200_112, Versions: map[string]string{"engine": "0.1.0", "rules": "2026.11"}},
	}
	d.Verdict.Stage, d.Verdict.Decision = "pull-request", policy.Deny
	d.Verdict.Services = []policy.ServiceVerdict{
		{Service: "mail", Decision: policy.Warn, Warned: 1},
		{Service: "payments", Decision: policy.Deny, Denied: 2, Warned: 4, Allowed: 2},
	}
	d.Verdict.Incomplete = []policy.Unmet{{
		Engine: "secret", Target: "t1",
		Reason: "secret on t1 is partial: 2 files could not be checked, such as data/dump.sql.zst (larger than 64 MiB when expanded)",
	}}
	d.Verdict.Reasons = []string{
		"2 findings denied at stage pull-request in payments",
		"A required check is not complete: " + d.Verdict.Incomplete[0].Reason,
		"4 findings to look at, which does not stop the change",
	}
	governed(d)
	d.Rules = []report.Rule{
		{ID: "pipeline/template-injection", Title: "Text from outside becomes part of a shell script", Advice: "Hand the value over in an environment variable and quote it", Aliases: []string{"CWE-94"}, Severity: finding.High},
		{ID: "secret/aws-access-key", Title: "AWS access key", Advice: "Revoke the key, then take it from the environment", Aliases: []string{"CWE-798", "CKV_SECRET_2"}, Severity: finding.Critical},
	}
	return d
}

// governed adds what exceptions do, how many suppressions there are, what the change alters of that, and what rules in Rego
// say: about the run, and about the first and the last finding.
func governed(d *report.Document) {
	exception := func(id, state, problem string, last time.Time, matches, covers int) {
		d.Exceptions = append(d.Exceptions, report.Exception{
			Target: "t1", ID: id, Kind: "accepted", Owner: "team-platform", Approver: "security@example.com", Approval: "claimed",
			State: state, Problem: problem, Expires: last, DaysLeft: int(last.Sub(day(2026, 11, 24)) / (24 * time.Hour)), Matches: matches, Covers: covers,
		})
	}
	exception("EX-7", "in force", "", day(2027, 1, 31), 1, 1)
	exception("EX-9", "void", "the control waf-rule-942 failed: the answer has status 200, and 403 is wanted", day(2026, 12, 24), 1, 0)
	exception("EX-3", "expired", "it expired on 2026-11-20", day(2026, 11, 20), 2, 0)
	exception("EX-12", "in force", "a credential known to be live is never excepted", day(2026, 11, 30), 1, 0)
	exception("EX-13", "unused", "", day(2027, 3, 1), 0, 0)
	exception("EX-14", "not yet", "it begins on 2026-12-01", day(2027, 3, 1), 0, 0)
	d.Exceptions[0].Approval, d.Exceptions[0].Renewals = "signed", 1
	d.Suppressions = &policy.SuppressionCounts{Count: 12, Unused: 2, Expired: 1, WithoutReason: 3, WithoutExpiry: 9, CannotTell: 1}
	d.Alterations = []report.Alteration{
		{Path: ".assay.yaml", Line: 7, Kind: "configuration", What: "lets gate.pull-request.warn speak of more: risk >= low"},
		{Path: ".assay/exceptions.yaml", Line: 31, Kind: "exceptions", What: "adds the exception EX-15", Loosens: true},
	}
	said := func(r policy.Ruling) {
		r.Expr, r.Inputs = "data.assay."+string(r.Decision), map[string]string{}
		d.Verdict.Rulings = append(d.Verdict.Rulings, r)
	}
	said(policy.Ruling{
		Target: d.Findings[0].Target, Fingerprint: d.Findings[0].Fingerprint, Decision: policy.Deny,
		By: "policy .assay/policies/keys.rego:4 deny", Message: "live keys are revoked before anything else is merged",
	})
	said(policy.Ruling{Decision: policy.Warn, By: "policy .assay/policies/release.rego:20 warn", Message: "the change touches 2 services"})
	said(policy.Ruling{Decision: policy.Deny, By: "policy .assay/policies/release.rego:12 deny", Message: "a release needs no finding that is overdue, and 2 are"})
	d.Verdict.Reasons = append(d.Verdict.Reasons,
		"policy .assay/policies/release.rego:12 deny: a release needs no finding that is overdue, and 2 are",
		"policy .assay/policies/release.rego:20 warn: the change touches 2 services")
}

// Filtered is the recorded run as somebody sees it who asks for what is critical.
func Filtered() *report.Document { return report.Filter(Recorded(), finding.Critical) }

func secrets() []risk.Risk {
	return []risk.Risk{
		{
			Finding: finding.Finding{
				Rule: "secret/aws-access-key", Aliases: []string{"CWE-798", "CKV_SECRET_2"},
				Severity: finding.Critical, Confidence: finding.HighConfidence,
				Place: at("app/config.py", 12, 22, 42, 10,
					"# credentials",
					"AWS_REGION = 'eu-central-1'",
					"AWS_ACCESS_KEY_ID = 'AKIA****************'",
					"TIMEOUT = 30"),
				Title: "AWS access key", Message: "An AWS access key with its secret stands in the source",
				Advice: "Revoke the key in IAM, then read it from the environment",
				Fixes: []finding.Fix{{Title: "Read the key from the environment", Patch: "--- a/app/config.py\n+++ b/app/config.py\n@@ -12 +12 @@\n-AWS_ACCESS_KEY_ID = 'AKIA****************'\n+AWS_ACCESS_KEY_ID = os.environ['AWS_ACCESS_KEY_ID']\n",
					Edits: []finding.Edit{{Start: finding.Position{Line: 12, Column: 21}, End: finding.Position{Line: 12, Column: 43}, Text: "os.environ['AWS_ACCESS_KEY_ID']"}}}},
				Verification: finding.Live, Surroundings: "aws_access_key_id",
				Properties: map[string]any{"kind": "aws", "bits": 16},
			},
			Target: "t1", Service: "payments", Owner: "@acme/payments",
			Level:     risk.Assessment{Level: finding.Critical, Score: 97, Reasons: []string{"the key is live", "payments faces the internet", "tier critical"}},
			FirstSeen: day(2026, 11, 24), Due: day(2026, 11, 25), New: risk.NewYes, Status: risk.Open,
		},
		{
			Finding: finding.Finding{
				Rule: "secret/private-key", Aliases: []string{"CWE-321"}, Severity: finding.High, Confidence: finding.HighConfidence,
				Place: at("dist/bundle.zip!/keys/server.pem", 1, 1, 28, 1, "-----BEGIN **** KEY-----", "****"),
				Title: "Private key", Message: "A private key stands in an archive", Advice: "Make a new key and keep it out of the bundle",
				Surroundings: "pem",
			},
			Target: "t1", Service: "payments", Owner: "@acme/platform",
			Level:     risk.Assessment{Level: finding.High, Score: 71, Reasons: []string{"tier critical"}},
			FirstSeen: day(2026, 3, 2), Due: day(2026, 4, 2), New: risk.NewNo, Status: risk.Baseline,
			Suppression: &risk.Suppression{Kind: "baseline", Source: ".assay/baseline.json"},
		},
		{
			Finding: finding.Finding{
				Rule: "secret/ssh-key-file", Severity: finding.High, Confidence: finding.MediumConfidence,
				Place: finding.Place{Kind: finding.InPath, Path: "ops/id_ed25519"},
				Title: "SSH key file", Message: "A file has the name of a private SSH key", Advice: "Delete the file and make a new key",
			},
			Target: "t1", Service: "payments",
			Level: risk.Assessment{Level: finding.SeverityUnknown, Score: 50, Reasons: []string{"the exposure of ops is not known"}},
			New:   risk.NewUnknown, Status: risk.Open,
		},
		{
			Finding: finding.Finding{
				Rule: "secret/slack-webhook", Severity: finding.Medium, Confidence: finding.HighConfidence,
				Place: at("services/mail/send.go", 41, 13, 31, 40, "func notify() {", "\tpost(ctx, \"https://hooks.****\", text) // 日本語"),
				Title: "Slack webhook", Message: "A webhook URL that lets anyone post stands in the source", Advice: "Make a new webhook and keep it in the secret store",
				Verification: finding.Unknown,
			},
			Target: "t1", Service: "mail", Owner: "@acme/mail",
			Level:     risk.Assessment{Level: finding.Medium, Score: 48, Reasons: []string{"whether it is live is not known"}},
			FirstSeen: day(2026, 9, 1), Due: day(2026, 11, 1), New: risk.NewNo, Status: risk.Open,
		},
		{
			Finding: finding.Finding{
				Rule: "secret/generic-password", Severity: finding.Medium, Confidence: finding.LowConfidence,
				Place: at("tests/fixtures.yaml", 3, 14, 18, 3, "  password: \"****\" # gitleaks:allow"),
				Title: "Password", Message: "A password stands in a file", Advice: "Read it from the environment",
			},
			Target: "t1", Service: "payments",
			Level: risk.Assessment{Level: finding.Low, Score: 12, Reasons: []string{"a test file"}},
			New:   risk.NewNo, Status: risk.Suppressed,
			Suppression: &risk.Suppression{Kind: "inline", Source: "tests/fixtures.yaml:3", Reason: "gitleaks:allow"},
		},
		{
			Finding: finding.Finding{
				Rule: "secret/github-token", Aliases: []string{"CWE-798"}, Severity: finding.High, Confidence: finding.HighConfidence,
				Place: finding.Place{
					Kind: finding.InFile, Path: "deploy/old.sh", Start: finding.Position{Line: 7, Column: 15}, End: finding.Position{Line: 7, Column: 55},
					Commit: &finding.Commit{
						ID: "3f2a9c1d00e4b5a697887766554433221100ffee", Author: "Dana Doe", Email: "dana@example.com",
						Date: time.Date(2025, 6, 3, 9, 15, 0, 0, time.FixedZone("", 7200)), Summary: "deploy: quick fix", Last: "5ad0117e00e4b5a697887766554433221100ffee",
					},
					Frame: &finding.Frame{First: 6, Lines: []string{"set -e", "export TOKEN=\"ghp_************************************\""}},
				},
				Title: "GitHub token", Message: "A GitHub token stands in the history", Advice: "Revoke the token; rewriting history does not make it secret again",
				Verification: finding.Dead,
			},
			Target: "t2", Service: "payments", Owner: "@acme/platform",
			Level:     risk.Assessment{Level: finding.Medium, Score: 35, Reasons: []string{"the token is dead", "gone from HEAD"}},
			FirstSeen: day(2025, 6, 3), New: risk.NewNo, Status: risk.Open,
		},
		{
			Finding: finding.Finding{
				Rule: "secret/generic-token", Severity: finding.Medium, Confidence: finding.LowConfidence,
				Place: finding.Place{Kind: finding.InCommit, Commit: &finding.Commit{ID: "77aa9c1d00e4b5a697887766554433221100ffee", Author: "Sam", Email: "sam@example.com", Date: day(2024, 1, 9), Summary: "release with token ****", InHead: true}},
				Title: "Token", Message: "A token stands in a commit message", Advice: "Revoke the token",
			},
			Target: "t2", Service: "payments",
			Level: risk.Assessment{Level: finding.Low, Score: 20, Reasons: []string{"low confidence"}},
			New:   risk.NewNo, Status: risk.Open,
		},
	}
}

func pipelines() []risk.Risk {
	return []risk.Risk{
		{
			Finding: finding.Finding{
				Rule: "pipeline/template-injection", Aliases: []string{"CWE-94", "zizmor/template-injection"}, Severity: finding.High, Confidence: finding.HighConfidence,
				Place: at(".github/workflows/ci.yml", 23, 17, 55, 21,
					"      - name: greet", "        run: |", "          echo \"${{ github.event.pull_request.title }}\"", "          make test"),
				Related: []finding.Place{
					{Kind: finding.InFile, Path: ".github/workflows/ci.yml", Start: finding.Position{Line: 3, Column: 3}, End: finding.Position{Line: 3, Column: 22}},
					{Kind: finding.InFile, Path: ".github/workflows/ci.yml", Start: finding.Position{Line: 22, Column: 9}, End: finding.Position{Line: 22, Column: 15}},
				},
				Title: "Text from outside becomes part of a shell script", Message: "${{ github.event.pull_request.title }} is chosen by whoever opens a pull request and is run by the shell",
				Advice: "Hand the value over in an environment variable and quote it",
			},
			Target: "t1", Service: "payments", Owner: "@acme/platform",
			Level:     risk.Assessment{Level: finding.High, Score: 84, Reasons: []string{"anyone can open a pull request", "the job can write to the repository"}},
			FirstSeen: day(2026, 11, 24), Due: day(2026, 12, 1), New: risk.NewYes, Status: risk.Open,
		},
		{
			Finding: finding.Finding{
				Rule: "pipeline/unpinned-action", Aliases: []string{"CWE-829"}, Severity: finding.Medium, Confidence: finding.HighConfidence,
				Place: at(".github/workflows/ci.yml", 9, 15, 34, 8, "    steps:", "      - uses: actions/checkout@v4"),
				Title: "Action is not pinned", Message: "actions/checkout@v4 can change under the same name", Advice: "Pin the action to a full commit ID",
			},
			Target: "t1", Service: "payments", Owner: "@acme/platform",
			Level: risk.Assessment{Level: finding.Medium, Score: 41, Reasons: []string{"a tag can be moved"}},
			New:   risk.NewUnknown, Status: risk.Open,
		},
		{
			Finding: finding.Finding{
				Rule: "pipeline/no-timeout", Severity: finding.Info, Confidence: finding.HighConfidence,
				Place: at(".github/workflows/ci.yml", 6, 3, 8, 6, "  build:", "    runs-on: ubuntu-latest"),
				Title: "Job without a time limit", Message: "The job build can run for six hours", Advice: "Set timeout-minutes",
			},
			Target: "t1", Service: "payments", Owner: "@acme/platform",
			Level: risk.Assessment{Level: finding.Info, Score: 3, Reasons: []string{}},
			New:   risk.NewNo, Status: risk.Open,
		},
		{
			Finding: finding.Finding{
				Rule: "pipeline/self-hosted-runner", Severity: finding.High, Confidence: finding.MediumConfidence,
				Place: at(".github/workflows/nightly.yml", 5, 14, 25, 5, "    runs-on: self-hosted"),
				Title: "Self-hosted runner", Message: "The job runs on a machine that keeps its state", Advice: "Use a runner that is made fresh for each job",
			},
			Target: "t1", Service: "payments", Owner: "@acme/platform",
			Level:     risk.Assessment{Level: finding.High, Score: 66, Reasons: []string{"the runner keeps its state"}},
			FirstSeen: day(2026, 10, 2), Due: day(2026, 12, 2), New: risk.NewNo, Status: risk.Excepted,
			Suppression: &risk.Suppression{Kind: "exception", Source: "EX-7", Reason: "Replaced with the next release", Owner: "team-platform", Expires: day(2027, 1, 31)},
		},
	}
}

// Failed is a run whose only required engine broke: nothing was found, and nothing is clean.
func Failed() *report.Document {
	d := document(tree)
	d.Coverage = []coverage.Record{
		{Target: "t1", Engine: "secret", Status: coverage.Error, Reason: "stopped after 3 files: rule pack \"house\": out of memory", Hint: "assay rules test FILE", Files: 3, Bytes: 900},
		{Target: "t1", Engine: "pipeline", Status: coverage.Done, Files: 2, Bytes: 1200},
	}
	d.Verdict = policy.Verdict{
		Stage: "pull-request", Decision: policy.Allow, Incomplete: []policy.Unmet{{Engine: "secret", Target: "t1", Reason: "secret on t1 is error: out of memory"}},
		Services: []policy.ServiceVerdict{{Service: "payments", Decision: policy.Allow}},
		Reasons:  []string{"A required check is not complete: secret on t1 is error: out of memory"},
	}
	return d
}

// Clean is a run that looked at everything and found nothing.
func Clean() *report.Document {
	d := document(tree)
	d.Coverage = []coverage.Record{
		{Target: "t1", Engine: "secret", Status: coverage.Done, Files: 1284, Bytes: 9_812_044, Classes: map[string]int{"source": 404, "vendored": 880}, Skipped: map[string]int{"binary": 41, "ignored": 12}},
		{Target: "t1", Engine: "pipeline", Status: coverage.Done, Files: 6, Bytes: 18_220},
	}
	d.Verdict = policy.Verdict{
		Stage: "pull-request", Decision: policy.Allow,
		Services: []policy.ServiceVerdict{{Service: "payments", Decision: policy.Allow}},
		Reasons:  []string{"Nothing was found"},
	}
	return d
}

// Empty is a document in which nothing was looked at and nothing decided.
func Empty() *report.Document { return document() }

// Overgrown is a run with n of everything that is told besides findings, each with this text in it.
func Overgrown(n int, text string) *report.Document {
	d := Clean()
	d.Verdict.Decision = policy.Deny
	for i := range n {
		d.Exceptions = append(d.Exceptions, report.Exception{
			Target: "t1", ID: fmt.Sprintf("EX-%d %s", i, text), State: []string{"void", "in force"}[i%2], Problem: text, Owner: text, Approver: text, Expires: day(2027, 1, 31),
		})
		d.Alterations = append(d.Alterations, report.Alteration{Path: text, Line: i, What: text, Loosens: i%2 == 0})
		d.Verdict.Rulings = append(d.Verdict.Rulings, policy.Ruling{Decision: policy.Deny, By: text, Message: text, Inputs: map[string]string{}})
	}
	d.Suppressions = &policy.SuppressionCounts{Count: n, CannotTell: n}
	return d
}

// Huge is a run with n findings in n/10 files; every fifth is denied.
func Huge(n int) *report.Document {
	d := document(tree)
	d.Findings = make([]risk.Risk, n)
	for i := range d.Findings {
		level := finding.Severity(i % 6)
		d.Findings[i] = risk.Risk{
			Finding: finding.Finding{
				Rule: fmt.Sprintf("secret/rule-%d", i%40), Severity: level, Confidence: finding.HighConfidence,
				Place: at(fmt.Sprintf("src/module%d/file%d.go", i%97, i/10), i%10*20+2, 5, 12, i%10*20+1, "func a() {", "	x := \"********\"", "}"),
				Title: "Token", Message: "A token stands in the source", Advice: "Revoke the token",
			},
			Target: "t1", Service: "payments", Owner: "@acme/payments",
			Level: risk.Assessment{Level: level, Score: i % 101, Reasons: []string{"tier critical"}},
			New:   risk.NewYes, Status: risk.Open,
		}
	}
	number(d)
	for i := range d.Findings {
		if i%5 == 0 {
			ruleOn(d, i, policy.Deny, "risk >= high", map[string]string{"risk": "high"})
		}
	}
	d.Coverage = []coverage.Record{{Target: "t1", Engine: "secret", Status: coverage.Done, Files: n / 10, Bytes: int64(n) * 100}}
	d.Verdict.Stage, d.Verdict.Decision = "build", policy.Deny
	d.Verdict.Services = []policy.ServiceVerdict{{Service: "payments", Decision: policy.Deny, Denied: n / 5}}
	d.Verdict.Reasons = []string{fmt.Sprintf("%d findings denied at stage build", (n+4)/5)}
	return d
}
