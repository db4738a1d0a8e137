package regohost

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/policy/celhost"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/risk"
)

var fixed = time.Date(2026, 5, 10, 12, 0, 0, 0, time.UTC)

const file = ".assay/policies/x.rego"

// rules puts bodies into a module of package assay.
func rules(text string) map[string]string { return map[string]string{file: "package assay\n" + text} }

func program(t testing.TB, text string) *Program {
	t.Helper()
	p, err := Compile(rules(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func gates(t testing.TB) *policy.Gates {
	t.Helper()
	nothing := policy.Text{Deny: []policy.Line{}, Warn: []policy.Line{}}
	g, err := policy.Compile(policy.Build, []policy.Scope{{Text: nothing}}, celhost.New())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// found makes a risk; its service has no profile, so that tier, exposure and data are unknown.
func found(id string, level finding.Severity, change ...func(*risk.Risk)) risk.Risk {
	r := risk.Risk{
		Finding: finding.Finding{
			Rule: "secret/key", Title: "key", Severity: level, Confidence: finding.HighConfidence, Fingerprint: id, Aliases: []string{"CWE-798"},
			Place: finding.Place{Kind: finding.InFile, Path: "app/" + id, Start: finding.Position{Line: 3, Column: 1}},
		},
		Engine: "secret", Target: "t1", Service: "pay", New: risk.NewYes, Status: risk.Open,
	}
	r.Level = risk.Assess(&r.Finding, &profile.Service{})
	for _, f := range change {
		f(&r)
	}
	return r
}

func novelty(n risk.Novelty) func(*risk.Risk) { return func(r *risk.Risk) { r.New = n } }

func input(t testing.TB, risks ...risk.Risk) *policy.Input {
	return &policy.Input{Gates: gates(t), Now: fixed, Risks: risks, Services: map[string][]profile.Service{"t1": {{Name: "pay"}}}}
}

// says gives the statements in short: decision, message and unknowns or error.
func says(list []policy.Statement) []string {
	short := []string{}
	for _, s := range list {
		text := string(s.Decision) + " " + s.Message
		if s.Fingerprint != "" {
			text += " @" + s.Fingerprint
		}
		if len(s.Unknowns) > 0 {
			text += " ?" + strings.Join(s.Unknowns, ",")
		} else if s.Error != "" {
			text += " !" + s.Error
		}
		short = append(short, text)
	}
	return short
}

func TestDecide(t *testing.T) {
	in := input(t, found("a", finding.Critical), found("b", finding.Low, func(r *risk.Risk) { r.Status = risk.Excepted }))
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"texts, sorted": {`deny contains sprintf("%s in %s", [f.rule, f.path]) if some f in input.findings`,
			[]string{"deny secret/key in app/a", "deny secret/key in app/b"}},
		"objects": {`warn contains {"msg": "look", "fingerprint": f.fingerprint} if { some f in input.findings; f.risk.level == "critical" }`,
			[]string{"warn look @a"}},
		"a set as a value":     {`deny := {f.path | some f in input.findings; f.status == "open"}`, []string{"deny app/a"}},
		"levels have an order": {`deny contains f.path if { some f in input.findings; input.levels[f.risk.level] >= input.levels.high }`, []string{"deny app/a"}},
		"what holds back is visible": {`deny contains f.path if { some f in input.findings; f.status == "excepted" }`,
			[]string{"deny app/b"}},
		"the verdict's time":   {`deny contains msg if msg := time.format(time.now_ns())`, []string{"deny 2026-05-10T12:00:00Z"}},
		"helpers and negation": {"low(f) if f.risk.level == \"info\"\nlow(f) if f.risk.level == \"low\"\ndeny contains f.path if { some f in input.findings; not low(f) }", []string{"deny app/a"}},
		"stage and now":        {`deny contains concat(" ", [input.stage, input.now])`, []string{"deny build 2026-05-10T12:00:00Z"}},
		"every":                {`deny contains "all" if every f in input.findings { startswith(f.path, "app/") }`, []string{"deny all"}},
		"services":             {`deny contains s.name if { some s in input.services; "tier" in s.unknowns }`, []string{"deny pay"}},
		"nothing":              {`deny contains "x" if count(input.findings) > 2`, []string{}},
		"an error denies": {`warn contains "x" if to_number(input.stage) > 1`,
			[]string{`deny  !.assay/policies/x.rego:2:22: to_number: strconv.ParseFloat: parsing "build": invalid syntax`}},
		"no message": {`deny contains 7`, []string{`deny  !.assay/policies/x.rego:2:1: a message is a text, or an object with "msg" and perhaps "fingerprint" and "target"`}},
		"no set":     {`deny := input.stage`, []string{"deny  !.assay/policies/x.rego:2:1: data.assay.deny gives string, want a set of messages"}},
		"a conflict": {"p := 1 if input.stage\np := 2 if input.now\ndeny contains \"x\" if p == 1", []string{"deny  !.assay/policies/x.rego:3:1: rules give different values for one name"}},
		"a missing name": {`warn contains f.path if { some f in input.findings; some name in ["sevrity"]; f[name] == "critical" }`,
			[]string{`deny  !.assay/policies/x.rego:2:79: unknown name "sevrity", did you mean "severity"?`}},
		"a missing name, negated": {`warn contains "x" if { some name in ["findngs"]; not input[name] }`,
			[]string{`deny  !.assay/policies/x.rego:2:50: unknown name "findngs", did you mean "findings"?`}},
		"a name in another input": {`deny contains "x" if { some name in ["findngs"]; not input[name] with input as {"findings": []} }`, []string{"deny x"}},
		"one time zone":           {`deny contains "x" if time.clock([0, "Europe/Paris"])[0] > 0`, []string{`deny  !.assay/policies/x.rego:2:22: time zone "Europe/Paris": want UTC, the one that is the same everywhere`}},
		"nobody counted":          {`deny contains "x" if input.suppressions.without_reason > 0`, []string{"deny x ?suppressions.without_reason"}},
	} {
		got := says(program(t, test.text).Decide(in.Document(), in.Now))
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

const each = "some f in input.findings; "

// unknownRules are asked about three findings: of app/a nobody knows whether it is new, app/b is, app/c is not.
var unknownRules = map[string]struct {
	text string
	want []string
}{
	"asked":           {`deny contains f.path if { ` + each + `f.new }`, []string{"deny app/a ?new", "deny app/b"}},
	"compared":        {`deny contains f.path if { ` + each + `f.new == true }`, []string{"deny app/a ?new", "deny app/b"}},
	"negated":         {`deny contains f.path if { ` + each + `not f.new }`, []string{"deny app/a ?new", "deny app/c"}},
	"negated equal":   {`deny contains f.path if { ` + each + `f.new != true }`, []string{"deny app/a ?new", "deny app/c"}},
	"settled before":  {`deny contains f.path if { ` + each + `f.risk.level == "low"; f.new }`, []string{}},
	"settled after":   {`deny contains f.path if { ` + each + `f.new; f.risk.level == "low" }`, []string{}},
	"guarded":         {`deny contains f.path if { ` + each + `not "new" in f.unknowns; f.new }`, []string{"deny app/b"}},
	"guarded, denied": {`deny contains f.path if { ` + each + `"new" in f.unknowns }`, []string{"deny app/a"}},
	"the other rule settles": {"bad(f) if f.new\nbad(f) if f.risk.level == \"critical\"\ndeny contains f.path if { " + each + "bad(f) }",
		[]string{"deny app/a", "deny app/b", "deny app/c"}},
	"a default is no answer": {"default fresh(_) := false\nfresh(f) if f.new\ndeny contains f.path if { " + each + "not fresh(f) }",
		[]string{"deny app/a ?new", "deny app/c"}},
	"an else is reached in doubt": {"kind(f) := \"new\" if { f.new } else := \"old\"\ndeny contains f.path if { " + each + "kind(f) == \"old\" }",
		[]string{"deny app/a ?new", "deny app/c"}},
	"an else that says the same": {"kind(f) := 1 if { f.new } else := 1\ndeny contains f.path if { " + each + "kind(f) == 1 }",
		[]string{"deny app/a", "deny app/b", "deny app/c"}},
	"count hangs on it":           {`deny contains "many" if count([f | ` + each + `f.new]) > 1`, []string{"deny many ?new"}},
	"count is settled":            {`deny contains "many" if count([f | ` + each + `f.new; f.risk.level == "low"]) > 1`, []string{}},
	"count of what is known":      {`deny contains "many" if count([f | ` + each + `f.confidence == "high"]) == 3`, []string{"deny many"}},
	"count of a set":              {`deny contains "many" if count({f | ` + each + `f.confidence == "high"}) == 3`, []string{"deny many"}},
	"a set rule, by member":       {"fresh contains f.path if { " + each + "f.new }\ndeny contains p if some p in fresh", []string{"deny app/a ?new", "deny app/b"}},
	"a set rule, as a whole":      {"fresh contains f.path if { " + each + "f.new }\ndeny contains \"x\" if count(fresh) == 1", []string{"deny x ?new"}},
	"a set rule, looked up":       {"fresh contains f.path if { " + each + "f.new }\ndeny contains \"x\" if fresh[\"app/b\"]\ndeny contains \"y\" if fresh[\"app/a\"]\ndeny contains \"z\" if not fresh[\"app/c\"]", []string{"deny x", "deny y ?new", "deny z"}},
	"an object rule":              {"by[f.path] := f.new if { " + each + "true }\ndeny contains p if by[p]", []string{"deny app/a ?new", "deny app/b"}},
	"every, certainly not":        {`deny contains "x" if every f in input.findings { f.new }`, []string{}},
	"every, perhaps":              {`deny contains "x" if every f in input.findings { not f.path == "app/c" ; f.new }`, []string{}},
	"every, settled":              {`deny contains "x" if every f in input.findings { f.confidence == "high" }`, []string{"deny x"}},
	"in a message":                {`deny contains sprintf("%v", [f.new]) if { ` + each + `f.path == "app/a" }`, []string{"deny  ?new"}},
	"in a message's object":       {`deny contains {"msg": sprintf("%v", [f.service.tier]), "fingerprint": f.fingerprint} if { ` + each + `f.path == "app/b" }`, []string{"deny  @b ?service.tier"}},
	"a default of object.get":     {`deny contains f.path if { ` + each + `object.get(f, "new", false) }`, []string{"deny app/a ?new", "deny app/b"}},
	"object.get of what is known": {`deny contains f.path if { ` + each + `object.get(f, ["risk", "level"], "") == "low" }`, []string{}},
	"as a key":                    {`deny contains f.path if { ` + each + `input.levels[f.service.tier] > 3 }`, []string{"deny app/a ?service.tier", "deny app/b ?service.tier", "deny app/c ?service.tier"}},
	"a member of the unknown":     {`deny contains f.path if { ` + each + `"cardholder" in f.service.data; f.new == false }`, []string{"deny app/a ?new,service.data", "deny app/c ?service.data"}},
	"iterated":                    {`deny contains f.path if { some f in input.findings; some d in f.service.data; d == "personal"; f.path == "app/b" }`, []string{"deny app/b ?service.data"}},
	"in a pattern":                {`deny contains f.path if { ` + each + `[x, "app/a"] = [f.new, f.path]; x }`, []string{"deny app/a ?new"}},
	"with another input":          {"fresh if input.findings[0].new\ndeny contains \"x\" if fresh\ndeny contains \"y\" if fresh with input as {\"findings\": [{\"new\": true}]}", []string{"deny x ?new", "deny y"}},
	"with, negated":               {"fresh if input.findings[0].new\ndeny contains \"y\" if not fresh with input.findings as []", []string{"deny y"}},
	"all fields":                  {`deny contains "x" if { ` + each + `some k; f[k] == "app/b" }`, []string{"deny x"}},
	"walked":                      {`deny contains "x" if { ` + each + `walk(f, [_, "nowhere"]) }`, []string{"deny x ?age,due,firstSeen,new,overdue,service.data,service.exposure,service.tier"}},
	"two unknowns are not one":    {`deny contains "x" if { some f in input.findings; f.path != "app/c"; f.new != input.findings[0].new }`, []string{"deny x ?new"}},
}

// Where the known values settle the answer it is certain; where it hangs on an unknown one, that denies.
func TestUnknown(t *testing.T) {
	in := input(t, found("a", finding.Critical, novelty(risk.NewUnknown)), found("b", finding.Critical), found("c", finding.Critical, novelty(risk.NewNo)))
	for name, test := range unknownRules {
		got := says(program(t, test.text).Decide(in.Document(), in.Now))
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

// Whatever the unknown values are, the answer that leaves them open covers it: what is certain holds in each world, and
// what holds in any world is at least in doubt.
func TestUnknownIsNeverMilder(t *testing.T) {
	for name, test := range unknownRules {
		if strings.Contains(test.text, "unknowns") {
			continue // the rule itself says what it makes of not knowing
		}
		covers(t, name, program(t, test.text))
	}
}

// worlds gives every unknown value of those findings some values.
func worlds(t *testing.T) []*policy.Input {
	var list []*policy.Input
	seen := fixed.AddDate(0, 0, -9)
	for _, n := range []risk.Novelty{risk.NewYes, risk.NewNo} {
		for _, tier := range []profile.Tier{profile.TierLow, profile.TierCritical} {
			for _, data := range [][]profile.Data{{profile.PublicData}, {profile.PersonalData, profile.CardholderData}} {
				for _, due := range []time.Time{fixed.AddDate(0, 0, -1), fixed.AddDate(0, 0, 1)} {
					dated := func(r *risk.Risk) { r.FirstSeen, r.Due = seen, due }
					in := input(t, found("a", finding.Critical, novelty(n), dated), found("b", finding.Critical, dated), found("c", finding.Critical, novelty(risk.NewNo), dated))
					in.Services["t1"] = []profile.Service{{Name: "pay", Tier: tier, Exposure: profile.Internet, Data: data}}
					list = append(list, in)
				}
			}
		}
	}
	return list
}

func TestCompileErrors(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"a mistyped name":  {"deny contains f.path if {\n\tf := input.findings[_]\n\tinput.findings[_].sevrity == \"high\"\n}", `.assay/policies/x.rego:4:20: unknown name "sevrity", did you mean "severity"?`},
		"through a local":  {"deny contains f.path if {\n\tsome f in input.findings\n\tf.risk.leve == \"high\"\n}", `.assay/policies/x.rego:4:9: unknown name "leve", did you mean "level"?`},
		"at the root":      {`deny contains "x" if input.findngs[_].new`, `.assay/policies/x.rego:2:28: unknown name "findngs", did you mean "findings"?`},
		"a missing rule":   {`deny contains "x" if data.assay.hepler`, `.assay/policies/x.rego:2:22: no rule defines data.assay.hepler`},
		"a mistyped word":  {"deny contains f.path if {\n\tsome f in input.findings\n\tf.status == \"opne\"\n}", `.assay/policies/x.rego:4:2: status is never "opne", did you mean "open"?`},
		"one of a list":    {"deny contains f.path if {\n\tsome f in input.findings\n\tf.risk.level in {\"high\", \"crit\"}\n}", `.assay/policies/x.rego:4:2: level is never "crit"`},
		"a negated word":   {`deny contains "x" if not input.stage == "biuld"`, `.assay/policies/x.rego:2:22: stage is never "biuld", did you mean "build"?`},
		"of a record":      {`deny contains c.engine if { some c in input.coverage; c.status != "doen" }`, `.assay/policies/x.rego:2:55: status is never "doen", did you mean "done"?`},
		"network":          {`deny contains "x" if http.send({"method": "get", "url": "x"})`, `.assay/policies/x.rego:2:22: http.send is not available: rules reach no network, environment, randomness or program`},
		"environment":      {`deny contains "x" if opa.runtime().env.HOME`, `.assay/policies/x.rego:2:22: opa.runtime is not available`},
		"randomness":       {`deny contains "x" if rand.intn("a", 3) == 1`, `.assay/policies/x.rego:2:22: rand.intn is not available`},
		"identifiers":      {`deny contains "x" if uuid.rfc4122("a")`, `.assay/policies/x.rego:2:22: uuid.rfc4122 is not available`},
		"names":            {`deny contains "x" if net.lookup_ip_addr("a")`, `.assay/policies/x.rego:2:22: net.lookup_ip_addr is not available`},
		"no such function": {`deny contains "x" if cuont([]) > 1`, `.assay/policies/x.rego:2:22: unknown function "cuont", did you mean "count"?`},
		"no decision":      {`allow if true`, `.assay/policies/x.rego:1:1: the file defines neither deny nor warn`},
		"a truth value":    {`deny if input.stage == "x"`, `.assay/policies/x.rego:2:1: deny is not a set of messages`},
		"a function":       {`deny(x) := x`, `.assay/policies/x.rego:2:1: deny is not a set of messages`},
		"an object":        {`deny[x] := 1 if x := input.stage`, `.assay/policies/x.rego:2:1: deny is not a set of messages`},
		"before version 1": {"deny[msg] { msg := \"x\" }", `.assay/policies/x.rego:2:1: `},
		"unsafe":           {`deny contains x if not input.stage == x`, `.assay/policies/x.rego:2:20: var x is unsafe`},
		"a number":         {`deny contains "x" if 1e5000 + 1 > 2`, `.assay/policies/x.rego:2:22: a number beyond all measure`},
		"recursion":        {"p if q\nq if p\ndeny contains \"x\" if p", `.assay/policies/x.rego:2:1: rego_recursion_error: `},
		"code points":      {`deny contains "é" if input.findngs`, `.assay/policies/x.rego:2:28: unknown name "findngs"`},
		"types":            {`deny contains "x" if startswith(input.findings[_].new, "x")`, `.assay/policies/x.rego:2:22: `},
	} {
		_, err := Compile(rules(test.text))
		var e *diagnostic.Error
		if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), strings.Replace(test.want, "rego_recursion_error: ", "", 1)) {
			t.Errorf("%s\n got %v\nwant %s", name, err, test.want)
		}
	}
	_, err := Compile(rules(`deny[msg] { msg := "x" }`))
	var e *diagnostic.Error
	if !errors.As(err, &e) || !strings.Contains(e.Hint, "deny contains message if") {
		t.Errorf("the hint for old syntax: %+v", e)
	}
}

// What is unbounded ends after the same steps each time, and denies.
func TestBounds(t *testing.T) {
	in := input(t)
	for i := range 1000 {
		in.Risks = append(in.Risks, found(fmt.Sprint(i), finding.High))
	}
	doc := in.Document()
	const long = "s := concat(\"\", [f.path | some f in input.findings; some i in [1, 2, 3, 4]])\n"
	for name, text := range map[string]string{
		"steps":      `deny contains "x" if { some c in input.findings; some d in input.findings; some e in input.findings; c.path == d.rule; e }`,
		"range":      `deny contains "x" if count(numbers.range(1, 1000000000)) > 3`,
		"width":      `deny contains sprintf("%1000000000d", [1])`,
		"width arg":  `deny contains sprintf("%*d", [1000000000, 1])`,
		"shift":      `deny contains "x" if bits.lsh(1, 1000000000) > 3`,
		"power":      "a := 10000000000 * 10000000000\nb := a*a\nc := b*b\nd := c*c\ne := d*d\nf := e*e\ng := f*f\nh := g*g\ni := h*h\nj := i*i\ndeny contains \"x\" if j > 1",
		"replace":    `deny contains "x" if { t := concat("", [f.path | some f in input.findings]); contains(replace(t, "a", concat("", [t, t, t])), "y") }`,
		"doubling":   doubling(`[%s, %s]`, `json.marshal(%s) == ""`),
		"texts":      doubling(`concat("", [%s, %s])`, `%s == ""`),
		"yaml":       `deny contains "x" if yaml.unmarshal("a: &a [1]\nb: *a").b`,
		"read":       `deny contains "x" if json.unmarshal("[{\"a\": 1e100000000}]")[0].a + 1 > 3`,
		"exponent":   `deny contains "x" if to_number("1e100000000") > 1`,
		"far range":  `deny contains "x" if count(numbers.range(1, 1e999)) > 3`,
		"high range": `deny contains "x" if count(numbers.range(1e300, 1e300 + 1e280)) > 3`,
		"unified":    "l := [[a.path, b.path] | some a in input.findings; some b in input.findings]\nr := array.concat(l, [1])\nk := array.concat(l, [2])\ndeny contains \"x\" if { some i in l; [r, i] = [k, i] }",
		"indent":     long + `deny contains "x" if contains(json.marshal_with_options(input.findings, {"indent": s}), "y")`,
		"prefix":     long + `deny contains "x" if contains(json.marshal_with_options(input.findings, {"prefix": s}), "y")`,
		"pattern":    long + `deny contains "x" if contains(regex.replace(s, ".", s), "y")`,
		"captures":   long + `deny contains "x" if contains(regex.replace(s, "(.*)", replace(s, "a", "$1")), "y")`,
		"submatches": long + `deny contains "x" if count(regex.find_all_string_submatch_n(replace(substring(s, 0, 5000), "a", "()"), s, -1)) == 1`,
		"automaton":  long + `deny contains "x" if regex.match("(?:a?p?p?/?0?1?2?){1000}y", s)`,
		"splitting":  long + `deny contains "x" if count(regex.split("(?:a?p?p?/?0?1?2?){1000}y", s)) == 7`,
		"template":   long + `deny contains "x" if regex.template_match(replace(s, "a", "{a?}"), s, "{", "}")`,
		"groups":     long + `deny contains "x" if regex.replace(s, replace(substring(s, 0, 2000), "a", "()"), "$1") == "y"`,
		"program":    `deny contains "x" if regex.is_valid("(?:a?b?c?d?e?f?g?h?){1000}")`,
		"widths":     long + `deny contains "x" if contains(sprintf(replace(concat("", [s, s]), "a", "%999d"), [1]), "y")`,
		"indexof":    long + `deny contains "x" if { t := replace(s, "a", "é"); indexof(concat("", [t, t]), concat("", [t, "x"])) > 3 }`,
		"cutset":     long + `deny contains "x" if { t := replace(s, "a", "é"); trim(t, concat("", [s, "é"])) == "y" }`,
		"subset":     `deny contains "x" if { l := [1 | some a in input.findings; some b in [1, 2, 3, 4, 5, 6, 7, 8]]; k := array.concat(l, l); object.subset(array.concat(k, k), array.concat(l, [2])) }`,
		"depth":      long + `deny contains "x" if { t := substring(s, 0, 5000); v := json.unmarshal(concat("", [regex.replace(t, ".", "["), regex.replace(t, ".", "]")])); some a in input.findings; walk(v, [_, x]); x == a.path }`,
		"worlds":     "p if input.now == \"x\"\no := {sprintf(\"%s %s\", [a.path, b]): 1 | some a in input.findings; some b in [1, 2, 3, 4, 5]}\n" + `deny contains "x" if { some a in input.findings; p with input as o with input.now as a }`,
		"reachable":  `deny contains "x" if { g := {a.path: [b.path | some b in input.findings] | some a in input.findings}; some a in input.findings; count(graph.reachable(g, {a.path})) == 3 }`,
		"digits":     `deny contains "x" if { some a in input.findings; some b in input.findings; x := count(a.path); (1e999 + x) * (3e999 + x) == 1 }`,
		"long keys":  long + `deny contains "x" if { o := {s: 1}; some a in input.findings; some b in input.findings; o[s] == 2 }`,
		"comparison": "l := [[a.path, b.path] | some a in input.findings; some b in input.findings]\ndeny contains \"x\" if { some x in l; some y in l; x == y; false }",
	} {
		p := program(t, text)
		p.steps, p.memory = maxSteps/10, maxMemory/10
		start := time.Now()
		got := p.Decide(doc, fixed)
		t.Logf("%s: %v", name, time.Since(start))
		if len(got) != 1 || got[0].Error == "" || got[0].Decision != policy.Deny {
			t.Errorf("%s: %+v", name, says(got))
		}
		if again := p.Decide(doc, fixed); !cmp.Equal(got, again) {
			t.Errorf("%s: not the same again", name)
		}
	}
}

// What is spent by the last thing that a rule does is not let pass.
func TestSpentAtTheEnd(t *testing.T) {
	in := input(t, found("a", finding.High), found("b", finding.High))
	p := program(t, `deny contains "x" if input.findings < []`)
	m := p.machine(in.Document(), fixed)
	m.steps = 3
	got := m.statements(p.modules[file].Rules[0])
	if len(got) != 1 || got[0].Decision != policy.Deny || !strings.Contains(got[0].Error, "steps") {
		t.Errorf("%+v", got)
	}
}

// doubling makes rules of which each has the one before it twice.
func doubling(twice, use string) string {
	var b strings.Builder
	b.WriteString("a0 := \"xxxxxxxxxxxxxxxx\"\n")
	for i := range 40 {
		name := fmt.Sprintf("a%d", i)
		fmt.Fprintf(&b, "a%d := "+twice+"\n", i+1, name, name)
	}
	fmt.Fprintf(&b, "deny contains \"x\" if "+use+"\n", "a40")
	return b.String()
}
