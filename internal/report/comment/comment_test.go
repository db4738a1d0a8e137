package comment

import (
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/annotation"
	"github.com/assaysec/assay/internal/report/reporttest"
	"github.com/assaysec/assay/internal/risk"
)

const blob = "https://forge.example/acme/payments/blob/0123456789abcdef0123456789abcdef01234567"

func write(w io.Writer, d *report.Document, _ report.Options) error {
	_, err := io.WriteString(w, Body(d, Options{Blob: blob}))
	return err
}

func TestBody(t *testing.T) { reporttest.All(t, write, ".md") }

func TestLongBody(t *testing.T) {
	reporttest.Golden(t, "long.txt", Body(reporttest.Recorded(), Options{Long: true, Limit: 1_000_000}))
}

func BenchmarkBody(b *testing.B) { reporttest.Growth(b, write) }

// TestExample is a comment as most people see it.
func TestExample(t *testing.T) {
	d := reporttest.Clean()
	d.Asked = "--diff-base origin/main"
	d.Verdict.Decision = policy.Deny
	r := risk.Risk{
		Finding: finding.Finding{
			Rule: "pipeline/template-injection", Fingerprint: "a1:1", Title: "x", Message: "The title of an issue becomes part of a shell script",
			Advice: "Hand it over in an environment variable.", Place: finding.Place{Kind: finding.InFile, Path: ".github/workflows/ci.yml", Start: finding.Position{Line: 12, Column: 3}},
		},
		Target: "t1", Level: risk.Assessment{Level: finding.High}, Status: risk.Open,
	}
	d.Findings = []risk.Risk{r}
	d.Verdict.Rulings = []policy.Ruling{{Target: "t1", Fingerprint: "a1:1", Decision: policy.Deny}}
	want := `<!-- assay:gate v1 pull-request -->
### ⛔ Denied: 1 finding stops this change

#### To do

1. **high** [` + "`.github/workflows/ci.yml:12:3`](" + blob + "/.github/workflows/ci.yml#L12) The title of an issue becomes part of a shell script. `pipeline/template-injection`" + `
   **Do:** Hand it over in an environment variable.

#### The same at home

` + "```text" + `
assay gate --diff-base origin/main
assay explain a1:1 --diff-base origin/main
` + "```" + `

<sub>assay ` + "`0.1.0`" + `, 1,284 files looked at, 2026-11-24</sub>
`
	got := Body(d, Options{Blob: blob})
	if diff := cmp.Diff(want, strings.ReplaceAll(got, "assay 0.1.0", "assay `0.1.0`")); diff != "" {
		t.Errorf("comment (-want +got):\n%s", diff)
	}
}

func TestMarker(t *testing.T) {
	for key, want := range map[string]string{
		"pull-request": "<!-- assay:gate v1 pull-request -->",
		"a-->b\n/c":    "<!-- assay:gate v1 a__>b__c -->",
		"":             "<!-- assay:gate v1  -->",
	} {
		if got := Marker(key); got != strings.ReplaceAll(want, ">b", "_b") {
			t.Errorf("Marker(%q) = %s, want %s", key, got, want)
		}
	}
	for _, r := range reporttest.Recordings {
		d := r.New()
		if got := Body(d, Options{}); !strings.HasPrefix(got, Marker(Key(d, Options{}))+"\n") {
			t.Errorf("%s starts with %.80q", r.Name, got)
		}
	}
}

// TestSize holds the limit whatever grows, and that what has no room is counted.
func TestSize(t *testing.T) {
	many := reporttest.Huge(10_000)
	for i := range many.Findings {
		many.Findings[i].Message = strings.Repeat("<`> ", 2000)
		many.Findings[i].Advice = strings.Repeat("@x\u202e ", 2000)
		if i%5 == 1 {
			many.Findings[i].Status = risk.Excepted
			many.Findings[i].Suppression = &risk.Suppression{Kind: "exception", Source: strings.Repeat("@", i%100), Owner: strings.Repeat("\u202e", 400)}
		}
		if i%5 == 2 {
			many.Verdict.Rulings = append(many.Verdict.Rulings, policy.Ruling{Target: "t1", Fingerprint: many.Findings[i].Fingerprint, Decision: policy.Warn})
		}
	}
	long := strings.Repeat("@x\u202e ", 20_000)
	texts := reporttest.Hostile()
	texts.Asked, texts.Tool.Version = long, long
	texts.Verdict.Stage, texts.Verdict.Reasons = long, []string{long, long, long, long, long}
	for range 50 {
		texts.Coverage = append(texts.Coverage, texts.Coverage[0])
	}
	for i := range texts.Coverage {
		texts.Coverage[i].Engine, texts.Coverage[i].Reason, texts.Coverage[i].Hint = long, long, long
	}
	for name, d := range map[string]*report.Document{"many": many, "long texts": texts} {
		for _, o := range []Options{{}, {Blob: blob}, {Limit: 20_000}, {Limit: 1_000_000, Long: true}} {
			got := Body(d, o)
			if limit := max(o.Limit, 0); len(got) > MaxSize && limit == 0 || limit > 0 && len(got) > limit {
				t.Errorf("%s, %+v: %d bytes", name, o, len(got))
			}
			if strings.Count(got, "\n<details><summary>") != strings.Count(got, "\n</details>\n") || !strings.Contains(got, "The same at home") {
				t.Errorf("%s, %+v: a part is missing", name, o)
			}
			if name == "many" && !strings.Contains(got, "…and ") {
				t.Errorf("%+v: what was left out is not counted", o)
			}
		}
	}
}

// TestOvergrown holds the limit, and that everything is counted, whatever the texts.
func TestOvergrown(t *testing.T) {
	for _, text := range []string{"x", strings.Repeat("@x\u202e ", 2000)} {
		for _, o := range []Options{{}, {Limit: 20_000}, {Limit: 1_000_000, Long: true}} {
			got := Body(reporttest.Overgrown(1000, text), o)
			if len(got) > max(o.Limit, MaxSize) {
				t.Errorf("%+v: %d bytes", o, len(got))
			}
			for _, want := range []string{"more exceptions\n", "more alterations\n", "more rulings\n", "1,000 suppressions", "The same at home"} {
				if !strings.Contains(got, want) {
					t.Errorf("%+v, %.8q: %q is missing", o, text, want)
				}
			}
		}
	}
}

// TestNotQuiet holds that a request hears of an exception that needs a word, and of what it alters.
func TestNotQuiet(t *testing.T) {
	d := reporttest.Clean()
	d.Exceptions = []report.Exception{{ID: "EX-1", State: "unused", Expires: d.Now.AddDate(1, 0, 0)}}
	d.Suppressions = &policy.SuppressionCounts{Count: 3}
	if !Quiet(d) {
		t.Error("speaks of what needs no word")
	}
	d.Exceptions[0].State = "void"
	if Quiet(d) {
		t.Error("a void exception is quiet")
	}
	d.Exceptions, d.Alterations = nil, []report.Alteration{{Path: "CODEOWNERS", What: "names owners of /web"}}
	if Quiet(d) {
		t.Error("an alteration is quiet")
	}
}

func TestGapsAreNeverClean(t *testing.T) {
	for _, d := range []*report.Document{reporttest.Failed(), reporttest.Empty()} {
		if got := Body(d, Options{}); !strings.Contains(got, "Not proven clean") || strings.Contains(got, "✅") || Quiet(d) {
			t.Errorf("looks clean:\n%s", got)
		}
	}
	if got := Body(reporttest.Clean(), Options{}); !strings.Contains(got, "✅ Allowed: nothing found") || !Quiet(reporttest.Clean()) {
		t.Errorf("clean is not allowed:\n%s", got)
	}
	if Quiet(reporttest.Recorded()) {
		t.Error("a denial is quiet")
	}
}

func TestTitle(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*report.Document)
		want   string
	}{
		{"as it is", func(*report.Document) {}, "### ✅ Allowed: nothing found"},
		{"denied by a line", func(d *report.Document) { d.Verdict.Decision = policy.Deny }, "### ⛔ Denied\n\n- Nothing was found"},
		{"an unknown decision", func(d *report.Document) { d.Verdict.Decision = "perhaps" }, "### ❔ No verdict"},
		{"warned by a line", func(d *report.Document) { d.Verdict.Decision = policy.Warn }, "### ⚠️ Allowed, with a warning"},
		{"a check is missing", func(d *report.Document) { d.Verdict.Incomplete = []policy.Unmet{{Reason: "x"}} }, "### ❔ Not decided: a required check is missing"},
		{"failed by severity", func(d *report.Document) {
			d.FailOn = finding.High
			d.Findings = []risk.Risk{{Finding: finding.Finding{Rule: "a/b", Severity: finding.Critical, Message: "x"}, Status: risk.Open}}
		}, "### ⛔ Stopped: 1 finding is of severity high or above"},
		{"only noted", func(d *report.Document) { d.Findings = []risk.Risk{{Status: risk.Open}} }, "### ✅ Allowed\n\nAlso: 1 below"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := reporttest.Clean()
			tt.change(d)
			if got := Body(d, Options{Long: true}); !strings.HasPrefix(got, tt.want) {
				t.Errorf("got %.200q, want %q", got, tt.want)
			}
			if n := len(annotation.Stopping(report.Look(d))); n > 0 != strings.Contains(Body(d, Options{}), "#### To do") {
				t.Errorf("%d findings stop", n)
			}
		})
	}
}

func TestLinks(t *testing.T) {
	at := func(path string, line int) *finding.Place {
		return &finding.Place{Kind: finding.InFile, Path: path, Start: finding.Position{Line: line}}
	}
	for _, tt := range []struct {
		name, base string
		place      *finding.Place
		want       string
	}{
		{"a line", blob, at("a/b.go", 3), "[`a/b.go:3`](" + blob + "/a/b.go#L3)"},
		{"a file", blob, at("a+b.go", 0), "[`a+b.go`](" + blob + "/a%2Bb.go)"},
		{"no address", "", at("a.go", 3), "`a.go:3`"},
		{"an address with a user", "https://u@forge.example/x", at("a.go", 3), "`a.go:3`"},
		{"an address that ends its link", "https://forge.example/x)", at("a.go", 3), "`a.go:3`"},
		{"a script", "javascript:alert(1)", at("a.go", 3), "`a.go:3`"},
		{"a step up in the address", "https://forge.example/x/..", at("a.go", 3), "`a.go:3`"},
		{"a step up", blob, at("../../x", 3), "`../../x:3`"},
		{"from the root", blob, at("/x", 3), "`/x:3`"},
		{"brackets", blob, at("a](http://evil.example)", 3), "`a](http://evil.example):3`"},
		{"a member of an archive", blob, at("a.zip!/b", 3), "`a.zip!/b:3`"},
		{"a bidirectional mark", blob, at("a\u202eb", 3), "`a\\u{202e}b:3`"},
		{"the history", blob, &finding.Place{Path: "a.go", Start: finding.Position{Line: 1}, Commit: &finding.Commit{ID: "abc"}}, "`a.go:1` in commit `abc`"},
		{"a package", blob, &finding.Place{Package: "pkg:npm/x"}, "`pkg:npm/x`"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, newLinker(tt.base).place(tt.place)); diff != "" {
				t.Errorf("place (-want +got):\n%s", diff)
			}
		})
	}
}

var (
	// ours is the markup that the comment itself writes.
	ours = regexp.MustCompile(`(?m)^<!-- assay:gate v1 [a-zA-Z0-9._-]* -->$|^<details><summary>[0-9,]+ findings? (that [a-z, ]+|for information)</summary>$|^</details>$|^<sub>|</sub>$|^ *> - |^> `)
	// active is what a forge would obey outside code.
	active = regexp.MustCompile(`[<>@#\[\]$&~]|![\[0-9]|://|\bwww\.\w|:[a-z]+:`)
	// list is what our lines begin with; a quick action would be a line that begins with a slash.
	begins = regexp.MustCompile(`^(### |#### |1\. \*\*|- |   \*\*(Do|Policy):\*\* |[0-9]+ alterations?, |   [A-Z]|> |Also: |…and |<|$|\*\*Not)`)
)

// checkHostile holds that outside code blocks and code spans nothing of the target has a meaning.
func checkHostile(t *testing.T, body string) {
	t.Helper()
	plain := reporttest.WithoutFences(body)
	for line := range strings.Lines(plain) {
		if !begins.MatchString(strings.TrimSuffix(line, "\n")) {
			t.Errorf("%.80q begins with text of the target", line)
		}
	}
	for line := range strings.Lines(ours.ReplaceAllString(plain, "")) {
		line = strings.TrimPrefix(strings.TrimPrefix(line, "#### "), "### ")
		if rest := reporttest.WithoutSpans(line); active.MatchString(rest) {
			t.Errorf("%.200q leaves %.80q", line, rest)
		}
	}
}

func TestHostile(t *testing.T) {
	for _, o := range []Options{{}, {Long: true, Limit: 1_000_000}} {
		checkHostile(t, Body(reporttest.Hostile(), o))
		d := reporttest.Hostile()
		d.Verdict.Rulings = nil // the reasons are then listed
		checkHostile(t, Body(d, o))
	}
	for _, a := range reporttest.Attacks {
		checkHostile(t, Body(reporttest.Hostile(), Options{Key: a, Blob: a, Gate: a}))
	}
}

func FuzzHostile(f *testing.F) {
	for _, a := range reporttest.Attacks {
		f.Add(a)
	}
	f.Add("/close")
	f.Add("00000!")
	f.Add("0www")
	f.Fuzz(func(t *testing.T, a string) {
		d := reporttest.Clean()
		r := risk.Risk{Finding: finding.Finding{Rule: a, Message: a, Advice: a, Place: finding.Place{Path: a, Package: a}}, Owner: a, Target: "t1", Status: risk.Open}
		r.Suppression = &risk.Suppression{Kind: a, Source: a, Reason: a}
		d.Findings = []risk.Risk{r}
		d.Verdict.Reasons, d.Verdict.Decision = []string{a}, policy.Deny
		d.Coverage[0].Status, d.Coverage[0].Reason, d.Coverage[0].Hint = "error", a, a
		d.Exceptions = []report.Exception{{ID: a, Target: a, State: "void", Problem: a, Owner: a, Approver: a, Approval: a}, {ID: a, State: a}}
		d.Alterations = []report.Alteration{{Path: a, What: a, Loosens: true}}
		checkHostile(t, Body(d, Options{Key: a, Gate: a}))
		d.Targets = append(d.Targets, finding.Target{ID: a, Name: a, Kind: a})
		d.Verdict.Rulings = []policy.Ruling{{Decision: policy.Deny, By: a, Message: a}, {Target: "t1", Decision: policy.Deny, By: a, Message: a}}
		checkHostile(t, Body(d, Options{}))
		d.Verdict.Rulings = []policy.Ruling{{Target: "t1", Decision: policy.Deny, Error: a}}
		checkHostile(t, Body(d, Options{}))
		d.Verdict.Rulings, d.Findings[0].Status = nil, risk.Excepted
		checkHostile(t, Body(d, Options{}))
	})
}
