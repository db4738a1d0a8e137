package regohost

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/policy"
)

const library = `package assay

live(f) if f.verification == "live"

deny contains f.path if {
	some f in input.findings
	live(f)
}

test_here if live({"verification": "live"})
`

const tests = `package assay_test

import data.assay

test_denies_live if {
	assay.deny["a"] with input as {"findings": [{"path": "a", "verification": "live"}]}
}

test_leaves_dead_alone if count(assay.deny) == 0 with input as {"findings": [{"path": "a", "verification": "dead"}]}

test_time if time.now_ns() == 1778414400000000000

test_wrong if assay.deny["b"] with input as {"findings": []}

test_false := false

test_mocked if assay.deny["a"] with input as {"findings": [{"path": "a"}]} with assay.live as true

test_fails_within if to_number("x") == 1

test_endless if count([1 | some a in numbers.range(1, 10000); some b in numbers.range(1, 10000); a == b]) > 0

todo_test_later if false

test_set contains "x" if false

test_text := "passed"
`

func TestTest(t *testing.T) {
	got, err := Test(map[string]string{"x.rego": library, "x_test.rego": tests}, fixed)
	if err != nil {
		t.Fatal(err)
	}
	at := func(file string, line int) diagnostic.Position {
		return diagnostic.Position{File: file, Line: line, Column: 1}
	}
	want := []Result{
		{"data.assay.test_here", at("x.rego", 10), Pass, ""},
		{"data.assay_test.test_denies_live", at("x_test.rego", 5), Pass, ""},
		{"data.assay_test.test_leaves_dead_alone", at("x_test.rego", 9), Pass, ""},
		{"data.assay_test.test_time", at("x_test.rego", 11), Pass, ""},
		{"data.assay_test.test_wrong", at("x_test.rego", 13), Fail, "it does not hold"},
		{"data.assay_test.test_false", at("x_test.rego", 15), Fail, "it does not hold"},
		{"data.assay_test.test_mocked", at("x_test.rego", 17), Pass, ""},
		{"data.assay_test.test_fails_within", at("x_test.rego", 19), Failure, `x_test.rego:19:22: to_number: strconv.ParseFloat: parsing "x": invalid syntax`},
		{"data.assay_test.test_endless", at("x_test.rego", 21), Failure, "x_test.rego:21:73: the rules take more than 2000000 steps"},
		{"data.assay_test.todo_test_later", at("x_test.rego", 23), Skipped, ""},
		{"data.assay_test.test_set", at("x_test.rego", 25), Fail, "it gives set, want true"},
		{"data.assay_test.test_text", at("x_test.rego", 27), Fail, "it gives string, want true"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if _, err := Test(map[string]string{"x_test.rego": "package x\ntest_a if cuont([])"}, fixed); err == nil {
		t.Error("a test that does not compile passes")
	}
}

// A file of tests adds nothing to what a gate decides, and hides no name that is missing.
func TestFilesOfTestsStandApart(t *testing.T) {
	const deny = "package assay\ndeny contains f.path if { some f in input.findings; not spared(f) }\n"
	const spares = "spared(f) if f.rule == \"nowhere\"\n"
	both := func(rules, tests string) map[string]string {
		return map[string]string{"x.rego": rules, "x_test.rego": tests}
	}
	p, err := Compile(both(deny+spares, "package assay\nspared(_) := true\ntest_a if spared({})"))
	if err != nil {
		t.Fatal(err)
	}
	in := input(t, found("a", 4))
	if diff := cmp.Diff([]string{"deny app/a"}, says(p.Decide(in.Document(), in.Now))); diff != "" {
		t.Errorf("a file of tests spares a finding (-want +got)\n%s", diff)
	}
	for name, test := range map[string]struct {
		texts map[string]string
		want  string
	}{
		"a function of tests":   {both(deny, "package assay\n"+spares), "x.rego:2:57: only a file of tests defines data.assay.spared"},
		"a rule of tests":       {both("package assay\ndeny contains \"x\" if data.other.on", "package other\non := true"), "x.rego:2:22: only a file of tests defines data.other.on"},
		"a mistyped rule":       {both(deny+spares, "package assay_test\ntest_a if not data.assay.dney.x with input as {}"), `x_test.rego:2:15: no rule defines data.assay.dney, did you mean "deny"?`},
		"a decision":            {both(deny+spares, "package assay\nwarn contains \"x\""), "x_test.rego:2:1: warn in a file of tests is never asked"},
		"a name that is put in": {both(deny+spares, "package assay_test\ntest_a if data.here.x == 1 with data.here as {\"x\": 1}"), ""},
		"a part of it":          {both(deny+spares, "package assay_test\ntest_a if data.here with data.here.x as 1"), ""},
	} {
		if _, err := Test(test.texts, fixed); fmt.Sprint(err) != test.want && (err != nil || test.want != "") {
			t.Errorf("%s, tests: %v, want %s", name, err, test.want)
		}
		if _, err := Compile(test.texts); fmt.Sprint(err) != test.want && (err != nil || test.want != "") {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

type values map[string]any

func (v values) look(name string) (any, bool) {
	value, known := v[name]
	return value, known
}

const controls = `package assay.controls

waf if {
	some f in input.findings
	f.service.exposure != "internet"
	input.levels[f.risk.level] < input.levels.critical
}

guard contains "x"

constant if input.stage == input.stage

mild if { some f in input.findings; f.risk.level in ["info", "low", "medium", "high", "critical"] }

blind if count([1]) == 1

text := input.stage

deny contains "x" if false
`

func TestCheck(t *testing.T) {
	p, err := Compile(map[string]string{"controls.rego": controls})
	if err != nil {
		t.Fatal(err)
	}
	line := func(ref string) policy.Line {
		return policy.Line{Key: "check", Expr: ref, At: diagnostic.Position{File: ".assay/exceptions.yaml", Line: 9, Column: 12}}
	}
	waf, err := p.Check(line("data.assay.controls.waf"))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		values values
		want   policy.Outcome
	}{
		"holds":    {values{"service.exposure": "internal", "risk": 4}, policy.Outcome{Holds: true}},
		"fails":    {values{"service.exposure": "internet", "risk": 4}, policy.Outcome{}},
		"too high": {values{"risk": 5}, policy.Outcome{}},
		"unknown":  {values{"risk": 4}, policy.Outcome{Unknowns: []string{"service.exposure"}}},
	} {
		if diff := cmp.Diff(test.want, waf.Eval(test.values.look)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	if !strings.Contains(strings.Join(waf.Reads(), " "), "service.exposure") {
		t.Errorf("reads %q", waf.Reads())
	}
	for ref, want := range map[string]string{
		"data.assay.controls.wfa":      "no rule defines data.assay.controls.wfa",
		"data.assay.controls.guard":    "data.assay.controls.guard is not a rule that is true or false",
		"data.assay.controls.blind":    "data.assay.controls.blind reads nothing of input, so it cannot fail",
		"data.assay.controls.mild":     "data.assay.controls.mild gives the same answer whatever it reads",
		"data.assay.controls.constant": "data.assay.controls.constant gives the same answer whatever it reads",
		"input.stage":                  `"input.stage" is not the name of a rule`,
		"1 +":                          `"1 +" is not the name of a rule`,
	} {
		_, err := p.Check(line(ref))
		var e *diagnostic.Error
		if !errors.As(err, &e) || err.Error() != ".assay/exceptions.yaml:9:12: "+want {
			t.Errorf("%s: %v, want %s", ref, err, want)
		}
	}
	text, err := p.Check(line("data.assay.controls.text"))
	if err != nil {
		t.Fatal(err)
	}
	if o := text.Eval(values{"stage": "build"}.look); o.Holds || o.Err == nil {
		t.Errorf("a text counts as an answer: %+v", o)
	}
}

// Whatever the text, it is refused or evaluated: it never ends the program, and gives the same again.
func FuzzModule(f *testing.F) {
	for _, seed := range []string{
		typical, library, controls, "deny contains x if some x in input.findings", "deny contains $\"{input.now}\"", "p[x].y contains 1 if x := 2\ndeny contains data.assay.p",
		"default f(_) := 1\nf(x) := x if x.y\ndeny contains sprintf(\"%v\", [f(input)])", "deny contains \"x\" if walk(input, [p, v])", "deny contains x if x := input.findings[_][_][_]",
		"deny contains \"x\" if not every f in input.findings { f.new with input as 3 }", "deny contains {\"msg\": m} if { [m, _] = [input.services[i].tier, i] }", "p.q.r := 1\np.q.s contains 2\ndeny contains \"a\" if data.assay.p.q == data.assay[x]",
	} {
		f.Add(seed)
	}
	in := input(f, found("a", 4, novelty("unknown")), found("b", 2))
	doc := in.Document()
	f.Fuzz(func(t *testing.T, text string) {
		if !strings.HasPrefix(text, "package") {
			text = "package assay\n" + text
		}
		p, err := Compile(map[string]string{file: text})
		if err != nil {
			return
		}
		p.steps, p.memory = 100_000, 1<<20
		got := p.Decide(doc, fixed)
		if again := p.Decide(doc, fixed); !cmp.Equal(got, again) {
			t.Errorf("not the same again: %s", cmp.Diff(got, again))
		}
	})
}
