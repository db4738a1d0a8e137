package receipt_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/exception/native"
	"github.com/assaysec/assay/internal/exception/native/effect"
	"github.com/assaysec/assay/internal/exception/register"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/judge"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/policy/celhost"
	"github.com/assaysec/assay/internal/policy/regohost"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/receipt"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/risk"
)

func hosts() judge.Hosts {
	cel := celhost.New()
	return judge.Hosts{CEL: cel, Check: cel.Check, Rego: func(modules map[string]string) (judge.Rulebook, error) {
		p, err := regohost.Compile(modules)
		if err != nil {
			return nil, err
		}
		return p, nil
	}}
}

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

const exceptionsFile = `- id: EX-1
  kind: accepted
  match: {rule: secret/b}
  reason: The value is that of a test account.
  owner: team-payments
  approver: security@example.com
  created: 2026-11-01
  expires: 2026-11-30
  compensating:
    - control: low
      check: {cel: "severity <= high"}
- id: EX-2
  kind: false-positive
  match: {path: "x/**"}
  reason: It is a sample.
  owner: team-payments
  approver: security@example.com
  created: 2026-01-01
  expires: 2026-01-31
`

func found(target, path, rule string, severity finding.Severity, isNew risk.Novelty) risk.Risk {
	return risk.Risk{Finding: finding.Finding{
		Rule: rule, Aliases: []string{"CWE-798", "gitleaks:key"}, Severity: severity, Confidence: finding.HighConfidence, Title: "a key", Message: "a key stands there",
		Place:       finding.Place{Kind: finding.InFile, Path: path, Start: finding.Position{Line: 3, Column: 1}, End: finding.Position{Line: 3, Column: 9}},
		Fingerprint: "a1:" + target + path + rule, Properties: map[string]any{"big": json.Number("12345678901234567890"), "text": "<\u202e>"},
	}, Target: target, Service: "pay", Engine: "secret", New: isNew, Status: risk.Open, FirstSeen: noon.Add(-100 * time.Hour).In(time.FixedZone("", 3*3600))}
}

// example is a case with something of everything.
func example() *judge.Case {
	three := 3
	mark := func(path, tool, text string, line int) effect.Mark {
		return effect.Mark{Found: native.Found{Tool: tool, Word: text, Line: line, Column: 1, Text: text, Reach: []native.Reach{{First: line, Last: line}}}, Target: "t1", Path: path}
	}
	service := profile.Service{Name: "pay", Tier: profile.TierHigh, Exposure: "internet", Source: ".assay.yaml", Paths: []string{"**"}}
	return &judge.Case{
		Stage: policy.PullRequest, Now: noon, Required: []string{"secret"},
		Policy: policy.Explicit(policy.PullRequest, []policy.Scope{{Text: policy.Text{
			Warn:    []policy.Line{{Key: "gate.pull-request.warn", Expr: "risk >= low && path != 'x'", At: diagnostic.Position{File: ".assay.yaml", Line: 3, Column: 4}}},
			Require: []policy.Line{{Key: "gate.pull-request.require", Expr: "suppressions.count <= 10", At: diagnostic.Position{File: ".assay.yaml", Line: 4, Column: 4}}},
		}}}),
		Rego: map[string]string{".assay/policies/a.rego": "package assay\nwarn contains msg if { some f in input.findings; f.status == \"open\"; msg := sprintf(\"%s of %s\", [f.path, time.format(time.now_ns())]) }\n"},
		Targets: []judge.Target{
			{Target: finding.Target{ID: "t1", Kind: "directory", Name: "shop", Revision: strings.Repeat("ab", 20)}, Services: []profile.Service{service}, Due: risk.DefaultDue(), Keep: judge.Keep{
				Exceptions: exceptionsFile, Repository: "example/shop", Limits: register.Limits{MaxDays: 90, MaxRenewals: &three, MaxProbeAge: 24 * time.Hour},
				Renewals: map[string]int{`{"rule":"secret/b"}`: 1}, Answers: []register.Answer{{ID: "EX-9", Control: "waf", Kind: "https", Check: "sha256:00", OK: true, At: noon.Add(-time.Hour)}},
			}},
			{Target: finding.Target{ID: "t2", Kind: "stdin", Name: "-"}, Due: risk.DefaultDue()},
		},
		Coverage: []coverage.Record{
			{Target: "t1", Engine: "secret", Status: coverage.Done, Versions: map[string]string{"engine": "1"}, Files: 7},
			{Target: "t2", Engine: "secret", Status: coverage.Partial, Reason: "one file", Unchecked: []coverage.Unchecked{{Path: "a", Reason: "unreadable"}}},
		},
		Risks: []risk.Risk{
			found("t1", "a.go", "secret/a", finding.Critical, risk.NewYes), found("t1", "b.go", "secret/b", finding.High, risk.NewYes),
			found("t1", "c.go", "secret/c", finding.Low, risk.NewUnknown), found("t2", "-", "secret/a", finding.Medium, risk.NewNo),
		},
		Marks:   []effect.Mark{mark("a.go", native.Gitleaks, "gitleaks:allow", 3), mark("c.go", native.Gitleaks, "gitleaks:allow", 3), mark("d.go", native.Semgrep, "nosemgrep", 1)},
		Brought: []judge.Brought{{Mark: 0, Target: "t1", Fingerprint: "a1:t1a.gosecret/a"}},
		Files:   []effect.Use{{Kind: "file", Tool: native.Gitleaks, Target: "t1", Path: ".gitleaksignore", Line: 1, Text: "x"}},
		Told:    []judge.Told{{Tool: native.Gitleaks, Told: true}, {Tool: native.Semgrep}}, Unlooked: []judge.Place{{Target: "t1", Path: "d.go"}},
	}
}

func subjects() []receipt.Subject {
	return []receipt.Subject{{Name: "shop", Digest: map[string]string{"gitCommit": strings.Repeat("ab", 20)}}}
}

// written is the receipt of a case as a file.
func written(t testing.TB, c *judge.Case) []byte {
	t.Helper()
	r, err := judge.Judge(c, hosts())
	if err != nil {
		t.Fatal(err)
	}
	s, err := receipt.New(subjects(), report.Tool{Name: "assay", Version: "1.0.0"}, c, r)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := s.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func replay(t testing.TB, text []byte) *receipt.Replay {
	t.Helper()
	s, err := receipt.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Again(hosts())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReplayIsTheSame(t *testing.T) {
	c := example()
	text := written(t, c)
	r := replay(t, text)
	if !r.Same() {
		t.Errorf("changed %v, %v", r.Changed, r.Difference)
	}
	if r.Ruling.Verdict.Decision != policy.Deny || len(r.Ruling.Exceptions) != 2 || r.Ruling.Exceptions[0].State != register.InForce || r.Ruling.Exceptions[1].State != register.Expired {
		t.Errorf("the case is not what the test thinks: %s, %+v", r.Ruling.Verdict.Decision, r.Ruling.Exceptions)
	}
	if diff := cmp.Diff(string(text), string(written(t, r.Case))); diff != "" {
		t.Errorf("a case that was read gives another receipt (-want +got)\n%s", diff)
	}
	if !slices.Equal(text, written(t, example())) {
		t.Error("two receipts of one case differ")
	}
}

func TestEmptyCase(t *testing.T) {
	c := &judge.Case{Stage: policy.Build, Now: noon, Policy: policy.Explicit(policy.Build, nil)}
	if r := replay(t, written(t, c)); !r.Same() {
		t.Errorf("changed %v, %v", r.Changed, r.Difference)
	}
}

// Each input is changed in turn, by as little as can be, in the text itself. The receipt names it.
func TestChangedInputIsNamed(t *testing.T) {
	text := string(written(t, example()))
	for _, tt := range []struct{ name, old, new string }{
		{"stage", `"stage": "pull-request",` + "\n      \"now\"", `"stage": "build",` + "\n      \"now\""},
		{"now", `"now": "2026-11-24T12:00:00Z"`, `"now": "2026-11-24T12:00:01Z"`},
		{"required", `"required": [` + "\n        \"secret\"", `"required": [` + "\n        \"pipeline\""},
		{"policy", "suppressions.count <= 10", "suppressions.count <= 11"},
		{"rego", "some f in input.findings", "some  f in input.findings"},
		{"targets", `"tier": "high"`, `"tier": "low"`},
		{"targets", "It is a sample.", "It is a Sample."},
		{"targets", `\"rule\":\"secret/b\"}": 1`, `\"rule\":\"secret/b\"}": 0`},
		{"targets", `"ok": true`, `"ok": false`},
		{"targets", `"maxProbeAge": "24h0m0s"`, `"maxProbeAge": "25h0m0s"`},
		{"coverage", `"files": 7`, `"files": 8`},
		{"findings", `"new": "no"`, `"new": "yes"`},
		{"findings", `"message": "a key stands there"`, `"message": "nothing"`},
		{"marks", `"word": "nosemgrep"`, `"word": "nosec"`},
		{"brought", `"mark": 0`, `"mark": 1`},
		{"files", `"path": ".gitleaksignore"`, `"path": ".gitleaksIgnore"`},
		{"told", `"told": false`, `"told": true`},
		{"unlooked", `"path": "d.go"` + "\n        }\n      ]\n    },", `"path": "e.go"` + "\n        }\n      ]\n    },"},
		{"subject", `"name": "shop",` + "\n      \"digest\"", `"name": "shop2",` + "\n      \"digest\""},
		{"tool", `"version": "1.0.0"`, `"version": "1.0.1"`},
	} {
		changed := strings.Replace(text, tt.old, tt.new, 1)
		if changed == text {
			t.Errorf("%s: %q is not there", tt.name, tt.old)
			continue
		}
		if r := replay(t, []byte(changed)); !slices.Equal(r.Changed, []string{tt.name}) || r.Same() {
			t.Errorf("%s to %q: changed %v", tt.name, tt.new, r.Changed)
		}
	}
	var doc struct {
		Predicate struct{ Inputs map[string]any }
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil || len(doc.Predicate.Inputs) != 13 {
		t.Errorf("%d inputs, and the test knows 13 (%v)", len(doc.Predicate.Inputs), err)
	}
}

// A digest that is left out, or of nothing that is there, is a change as well.
func TestChangedDigests(t *testing.T) {
	text := string(written(t, example()))
	for _, tt := range []struct{ name, old, new string }{
		{"rego", `"rego": "sha256:`, `"rigo": "sha256:`},
		{"rigo", `"rego": "sha256:`, `"rigo": "sha256:`},
		{"other", `"digests": {` + "\n      \"brought\"", `"digests": {"other": "x", "brought"`},
		{"told", `"told": "sha256:`, `"told": "md5:`},
	} {
		changed := strings.Replace(text, tt.old, tt.new, 1)
		if r := replay(t, []byte(changed)); !slices.Contains(r.Changed, tt.name) {
			t.Errorf("%s: %v", tt.name, r.Changed)
		}
	}
}

// Whatever is changed in the decision, the first place is named. Only what leads to it counts.
func TestAlteredDecision(t *testing.T) {
	text := string(written(t, example()))
	cut := strings.Index(text, `"decision": {`)
	for _, tt := range []struct{ old, new, at string }{
		{`"decision": "deny"`, `"decision": "allow"`, "verdict.decision"},
		{`"status": "excepted"`, `"status": "open"`, "findings[1].status"},
		{`"denied": 1`, `"denied": 0`, "verdict.services[0].denied"},
		{`"state": "expired"`, `"state": "in force"`, "exceptions[1].state"},
		{`"withoutExpiry": 4`, `"withoutExpiry": 3`, "suppressions.withoutExpiry"},
		{`"exceptions": [`, `"surprise": 1, "exceptions": [`, "surprise"},
		{`"services": [`, `"services": [{}, `, "verdict.services[0].allowed"},
	} {
		changed := text[:cut] + strings.Replace(text[cut:], tt.old, tt.new, 1)
		if changed == text {
			t.Errorf("%q is not there in %s", tt.old, text[cut:])
			continue
		}
		r := replay(t, []byte(changed))
		if r.Same() || r.Difference == nil || r.Difference.At != tt.at || len(r.Changed) != 0 {
			t.Errorf("%q for %q: %v, changed %v; want %s", tt.new, tt.old, r.Difference, r.Changed, tt.at)
		}
	}
	// the same in other bytes
	changed := text[:cut] + strings.Replace(text[cut:], `"decision": "deny"`, `"decision": "\u0064eny"`, 1)
	if r := replay(t, []byte(changed)); r.Same() || r.Difference.At != "decision" {
		t.Errorf("another spelling of the same: %v", r.Difference)
	}
	for _, whole := range []string{"null", "{}", "[]", `"deny"`, "1"} {
		if r := replay(t, []byte(text[:cut]+`"decision": `+whole+"\n  }\n}\n")); r.Same() || r.Difference.At == "" {
			t.Errorf("the decision %s is the same", whole)
		}
	}
}

// An input that cannot be decided about any more is named as well.
func TestBrokenInputIsNamed(t *testing.T) {
	text := string(written(t, example()))
	broken := strings.Replace(text, "some f in input.findings", "some f in in in", 1)
	s, err := receipt.Read([]byte(broken))
	if err != nil || broken == text {
		t.Fatal(err)
	}
	if _, err := s.Again(hosts()); err == nil || !strings.Contains(err.Error(), "changed since the receipt was written: rego") {
		t.Errorf("got %v", err)
	}
}

func TestRefused(t *testing.T) {
	text := string(written(t, example()))
	for _, tt := range []struct{ name, old, new, want string }{
		{"nothing", text, "", "not a receipt"},
		{"no JSON", "{", "", "not a receipt"},
		{"a list", text, "[]", "not a receipt"},
		{"another statement", "in-toto.io/Statement/v1", "in-toto.io/Statement/v0.1", "its _type is"},
		{"another predicate", receipt.PredicateType, "https://slsa.dev/provenance/v1", "its predicateType is"},
		{"no format", `"format": 1`, `"format": 0`, "its format is 0"},
		{"a newer format", `"format": 1`, `"format": 2`, "newer"},
		{"a newer type", "/verdict/v1", "/verdict/v2", "newer"},
		{"a newer type, and what it says", `"_type"`, `"future": {}, "_type"`, "future is no field"},
		{"an unknown input", `"stage"`, `"weather": "fine", "stage"`, "predicate.inputs.weather is no field of this format"},
		{"an unknown field of a finding", `"message"`, `"mesage": "x", "message"`, "predicate.inputs.findings[0].mesage is no field"},
		{"a name in other letters", `"confidence"`, `"Confidence"`, "predicate.inputs.findings[0].Confidence is no field"},
		{"a name twice", `"stage"`, `"stage": "build", "stage"`, "predicate.inputs.stage stands there twice"},
		{"a name twice below", `"severity"`, `"severity": "low", "severity"`, "predicate.inputs.findings[0].severity stands there twice"},
		{"a name twice in a decision", `"rulings"`, `"rulings": [], "rulings"`, "predicate.decision.verdict.rulings stands there twice"},
		{"two receipts", "\n}\n", "\n}\n{}", "invalid character"},
		{"a stage that is none", `"stage": "pull-request"`, `"stage": "lunch"`, `stage "lunch" is not known`},
		{"no time", "2026-11-24T12:00:00Z", "0001-01-01T00:00:00Z", "no time"},
		{"a status that is none", `"status": "open"`, `"status": "fine"`, `findings[0].status: "fine" is not known`},
		{"coverage that is none", `"status": "partial"`, `"status": "good"`, `coverage[1].status: "good" is not known`},
		{"a severity that is none", `"severity": "critical"`, `"severity": "dire"`, `dire`},
		{"no subject", `"gitCommit": "` + strings.Repeat("ab", 20) + `"`, "", "subject[0]: it has no digest"},
		{"a digest that is none", strings.Repeat("ab", 20), strings.Repeat("AB", 20), "no gitCommit digest"},
		{"an unknown algorithm", "gitCommit", "md5", `a digest called "md5" is not known`},
		{"deep", `"big"`, `"deep": ` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `, "big"`, "nested deeper"},
		{"very deep", `"big"`, `"deep": ` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `, "big"`, "exceeded max depth"},
		{"a flood of objects", `"rego": {`, `"marks": [` + strings.Repeat("{},", 1<<20+1) + `{}], "rego": {`, "more than 1048576 objects"},
	} {
		changed := strings.Replace(text, tt.old, tt.new, 1)
		if changed == text {
			t.Errorf("%s: %.60q is not there", tt.name, tt.old)
			continue
		}
		_, err := receipt.Read([]byte(changed))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %.200v, want %q", tt.name, err, tt.want)
		}
		if newer := strings.HasPrefix(tt.want, "newer"); errors.Is(err, receipt.ErrNewer) != newer {
			t.Errorf("%s: ErrNewer is %v", tt.name, !newer)
		}
		if err != nil && len(err.Error()) > 600 {
			t.Errorf("%s: an error of %d bytes", tt.name, len(err.Error()))
		}
	}
}

// The order of what is decided does not depend on where or when.
func TestReplayElsewhere(t *testing.T) {
	local := time.Local
	defer func() { time.Local = local }()
	text := written(t, example())
	for _, hours := range []int{-12, 9, 14} {
		time.Local = time.FixedZone("", hours*3600)
		if r := replay(t, text); !r.Same() {
			t.Errorf("%d hours away: changed %v, %v", hours, r.Changed, r.Difference)
		}
		if !slices.Equal(text, written(t, example())) {
			t.Errorf("%d hours away another receipt is written", hours)
		}
	}
}

// The receipts of the first version. They are kept for good: NEVER make these files again. Where this test fails, the
// program must learn to read them, and to decide as it did then.
func TestFirstVersion(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "v1-*.json"))
	if err != nil || len(files) < 8 {
		t.Fatalf("%d receipts of the first version, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if r := replay(t, text); !r.Same() {
			t.Errorf("%s: changed %v, %v", file, r.Changed, r.Difference)
		}
	}
}

func FuzzRead(f *testing.F) {
	text := written(f, example())
	f.Add(text)
	f.Add(written(f, &judge.Case{Stage: policy.Build, Now: noon, Policy: policy.Explicit(policy.Build, nil)}))
	f.Add([]byte(`{"_type":"https://in-toto.io/Statement/v1","predicateType":"` + receipt.PredicateType + `","predicate":{"format":1}}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		s, err := receipt.Read(in)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := s.Write(&b); err != nil {
			t.Fatal(err)
		}
		again, err := receipt.Read(b.Bytes())
		if err != nil {
			t.Fatalf("what was read is refused once it is written: %v", err)
		}
		if err := s.Write(io.Discard); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s.Predicate.Inputs, again.Predicate.Inputs, cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// FuzzAgain decides from a receipt that somebody made up: what a policy, a module and a file of exceptions say may be
// anything, and the work stays bounded.
func FuzzAgain(f *testing.F) {
	f.Add("path != 'x'", "package assay\ndeny contains \"x\" if count(numbers.range(1, 100000000)) > 0", exceptionsFile)
	f.Add("[1,2,3].all(x, [1,2,3].all(y, x < y))", "", "- &a [*a, *a]")
	f.Add("path.matches('(a*)*b')", "package assay\nimport data.x", strings.Replace(exceptionsFile, "severity <= high", "title.matches(title)", 1))
	f.Fuzz(func(t *testing.T, expr, module, exceptions string) {
		c := &judge.Case{Stage: policy.Build, Now: noon, Risks: example().Risks, Targets: example().Targets[:1], Coverage: example().Coverage}
		c.Policy = policy.Explicit(policy.Build, []policy.Scope{{Text: policy.Text{Warn: []policy.Line{{Key: "warn", Expr: expr}}}}})
		c.Targets[0].Keep.Exceptions = exceptions
		if module != "" {
			c.Rego = map[string]string{".assay/policies/a.rego": module}
		}
		c.Hide(func(s string) string { return s })
		r, err := judge.Judge(c, hosts())
		if err != nil || !utf8.ValidString(expr+module+exceptions) {
			return
		}
		s, err := receipt.New(subjects(), report.Tool{Name: "assay"}, c, r)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := s.Write(&b); err != nil {
			t.Fatal(err)
		}
		if r := replay(t, b.Bytes()); !r.Same() {
			t.Errorf("changed %v, %v", r.Changed, r.Difference)
		}
	})
}

// Whichever value of a receipt is altered, by as little as can be: it is refused, or what was altered is named.
func TestEveryValueCounts(t *testing.T) {
	text := written(t, example())
	refused, named := 0, 0
	for _, v := range valuesOf(t, text) {
		altered := slices.Concat(text[:v.from], []byte(v.other), text[v.to:])
		s, err := receipt.Read(altered)
		if err != nil {
			refused++
			continue
		}
		r, err := s.Again(hosts())
		switch {
		case err != nil && strings.HasPrefix(err.Error(), "changed since the receipt was written: "+v.part):
			refused++
		case err != nil:
			t.Errorf("%s for %s in %s: %v", v.other, text[v.from:v.to], v.part, err)
		case v.part == "decision" && (r.Difference == nil || len(r.Changed) > 0), v.part != "decision" && !slices.Equal(r.Changed, []string{v.part}):
			t.Errorf("%s for %s in %s: changed %v, %v", v.other, text[v.from:v.to], v.part, r.Changed, r.Difference)
		default:
			named++
		}
	}
	if refused < 20 || named < 300 {
		t.Errorf("%d values are refused and %d named, and the test knows of more", refused, named)
	}
}

// A value is a piece of a receipt, the input or other part that it belongs to, and what else could stand there.
type value struct {
	from, to    int
	part, other string
}

// valuesOf are the texts, numbers and truth values of a receipt, in their order.
func valuesOf(t *testing.T, text []byte) (list []value) {
	t.Helper()
	var path []string // a name at each depth, empty in a list
	isName := false
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	for {
		token, err := dec.Token()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		to := int(dec.InputOffset())
		switch x := token.(type) {
		case json.Delim:
			if x == '{' || x == '[' {
				path = append(path, map[json.Delim]string{'{': "?"}[x])
			} else {
				path = path[:len(path)-1]
			}
			isName = len(path) > 0 && path[len(path)-1] != ""
			continue
		case string:
			raw, err := report.JSON(x)
			if err != nil {
				t.Fatal(err)
			}
			if isName {
				path[len(path)-1], isName = x, false
				continue
			}
			list = append(list, value{to - len(raw), to, partOf(path), string(raw[:len(raw)-1]) + `x"`})
		case json.Number:
			list = append(list, value{to - len(x), to, partOf(path), x.String() + "1"})
		case bool:
			list = append(list, value{to - len(fmt.Sprint(x)), to, partOf(path), fmt.Sprint(!x)})
		}
		isName = path[len(path)-1] != ""
	}
}

// partOf is the name under which a change at a path is told.
func partOf(path []string) string {
	switch {
	case len(path) > 2 && path[1] == "inputs", len(path) > 2 && path[1] == "digests":
		return path[2]
	case len(path) > 1 && path[0] == "predicate":
		return path[1]
	}
	return path[0]
}
