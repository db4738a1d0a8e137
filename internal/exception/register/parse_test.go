package register

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/diagnostic"
)

func TestParse(t *testing.T) {
	want := &Register{File: File, Exceptions: []Exception{{
		ID: "EX-7", Kind: Accepted, MaxFindings: 1,
		Match:  Match{Rule: "dependency/GHSA-xxxx", Package: "pkg:npm/lodash", Path: "web/**"},
		Reason: "The vulnerable function is not called; replaced with the next release.",
		Owner:  "team-payments", Approver: "security@example.com",
		Created: at("2026-11-23T00:00:00Z"), Expires: at("2027-01-31T00:00:00Z"),
		Compensating: []Control{{
			Control: "waf-rule-942", Check: Check{HTTPS: &HTTPS{URL: "https://pay.example.com/probe", Status: 403}},
			At: diagnostic.Position{File: File, Line: 10, Column: 57},
		}},
		At: diagnostic.Position{File: File, Line: 2, Column: 3},
	}}}
	if diff := cmp.Diff(want, parse(t, sample)); diff != "" {
		t.Errorf("register (-want +got):\n%s", diff)
	}
	for _, empty := range []string{"", "# nothing yet\n", "[]\n", "---\n"} {
		if reg, err := Parse(File, []byte(empty)); err != nil && empty != "---\n" || err == nil && len(reg.Exceptions) > 0 {
			t.Errorf("%q: %v %v", empty, reg, err)
		}
	}
}

// Each case changes one line of the sample; the error is at its place.
func TestParseErrors(t *testing.T) {
	for _, tt := range []struct{ name, old, new, want string }{
		{"unknown field", "  owner: team-payments", "  owner: team-payments\n  onwer: x",
			`7:3: unknown key of an exception "onwer", did you mean "owner"?`},
		{"field twice", "  owner: team-payments", "  owner: team-payments\n  owner: x", `7:3: "EX-7.owner" is given twice`},
		{"impossible date", "2027-01-31", "2027-02-30", `9:12: EX-7.expires: "2027-02-30" is not a date`},
		{"impossible date in quotes", "2027-01-31", `"2027-13-01"`, `9:12: EX-7.expires: "2027-13-01" is not a date`},
		{"date with a time", "2027-01-31", "2027-01-31T10:00:00Z", `9:12: EX-7.expires: "2027-01-31T10:00:00Z" is not a date`},
		{"date in another order", "2027-01-31", "31.01.2027", `9:12: EX-7.expires: "31.01.2027" is not a date`},
		{"year that is a joke", "2027-01-31", "9999-01-31", `9:12: EX-7.expires: "9999-01-31" is not a date`},
		{"date that is a number", "2027-01-31", "20270131", "9:12: EX-7.expires is a number: want a date such as 2026-11-23"},
		{"never", "2027-01-31", "never", `9:12: EX-7.expires: "never" is not a date`},
		{"no date", "2027-01-31", "", "9:11: EX-7.expires is empty: want a date such as 2026-11-23"},
		{"expires before it is created", "2027-01-31", "2026-11-22",
			"9:12: EX-7: it expires on 2026-11-22, before it was created on 2026-11-23"},
		{"owner as approver", "security@example.com", "' Team-Payments '", "7:13: EX-7: the approver Team-Payments is the owner"},
		{"owner in other letters", "security@example.com", "ｔｅａｍ-payments", "7:13: EX-7: the approver ｔｅａｍ-payments is the owner"},
		{"owner with a sign that cannot be seen", "security@example.com", `"team-payments\u200b"`, `7:13: EX-7.approver has a sign that cannot be seen: '\u200b'`},
		{"approver of two lines", "security@example.com", `"a\nb"`, `7:13: EX-7.approver has a sign that cannot be seen: '\n'`},
		{"empty reason", "The vulnerable function is not called; replaced with the next release.", `"  "`, "5:11: EX-7.reason is empty"},
		{"reason that is a number", "The vulnerable function is not called; replaced with the next release.", "5", "5:11: EX-7.reason is a number: want text"},
		{"id that is a number", "EX-7", "7", "2:7: [0].id is a number: want text"},
		{"form of the id", "EX-7", "EX 7", `2:7: [0].id: "EX 7" is not an id`},
		{"unknown kind", "accepted ", "acepted ", `3:9: unknown kind of an exception "acepted", did you mean "accepted"?`},
		{"matches anything", `{rule: dependency/GHSA-xxxx, package: "pkg:npm/lodash", path: "web/**"}`, "{}", "4:10: EX-7.match matches anything"},
		{"match is text", `{rule: dependency/GHSA-xxxx, package: "pkg:npm/lodash", path: "web/**"}`, "all", "4:10: EX-7.match is text: want a mapping of keys to values"},
		{"unknown match", "rule:", "rules:", `4:11: unknown key of a match "rules", did you mean "rule"?`},
		{"fingerprint and more", `rule: dependency/GHSA-xxxx`, `fingerprint: "a1:00112233445566778899"`, "4:10: EX-7.match: a fingerprint stands alone"},
		{"not a fingerprint", `{rule: dependency/GHSA-xxxx, package: "pkg:npm/lodash", path: "web/**"}`, "{fingerprint: abc}", `4:24: EX-7.match.fingerprint: "abc" is not a fingerprint`},
		{"not a package", "pkg:npm/lodash", "lodash", `4:48: EX-7.match.package: "lodash" is not a package URL`},
		{"bad glob", "web/**", "web/a**", `4:72: EX-7.match.path: "web/a**" has ** beside other signs`},
		{"two checks", "{https:", "{cel: new, https:", "10:49: EX-7.compensating[0].check: want exactly one of cel, rego and https"},
		{"no check", "https: {url: \"https://pay.example.com/probe\", status: 403}", "", "10:49: EX-7.compensating[0].check: want exactly one of cel, rego and https"},
		{"unknown check", "https: {url", "http: {url", `10:50: unknown kind of check "http", did you mean "https"?`},
		{"no control", "control: waf-rule-942, ", "", "10:18: EX-7.compensating[0].control is missing"},
		{"http", "https://pay", "http://pay", "10:63: EX-7.compensating[0].check.https.url: the address is not one of https"},
		{"credentials", "https://pay", "https://me:you@pay", "10:63: EX-7.compensating[0].check.https.url: the address holds credentials"},
		{"status", "status: 403", "status: 4030", "10:104: EX-7.compensating[0].check.https.status is 4030: want a whole number from 100 to 599"},
		{"no status", ", status: 403", "", "10:57: EX-7.compensating[0].check.https.status is missing"},
		{"nothing compensates", `[{control: waf-rule-942, check: {https: {url: "https://pay.example.com/probe", status: 403}}}]`, "[]", "10:17: EX-7.compensating is empty"},
		{"anchor", "team-payments", "&a team-payments", "6:10: an exception is not made of anchors and aliases"},
		{"alias", "security@example.com", "*a", "7:3: not valid YAML: unknown anchor 'a' referenced"},
		{"max-findings", "  owner: team-payments", "  max-findings: 0\n  owner: team-payments", "6:17: EX-7.max-findings is 0: want a whole number from 1 to 10000"},
		{"another document", "# who may ship what", "- id: x\n---", "2:1: a second document"},
		{"signature that is a list", "  owner: team-payments", "  signature: []\n  owner: team-payments", `6:14: EX-7.signature is a list: want text that "assay exceptions approve" writes`},
		{"not YAML", "{rule:", "{{rule:", "not valid YAML"},
		{"line end within a line", "team-payments", "team-payments\r  kind: accepted", "6:1: the line has a line end within"},
		{"line separator", "team-payments", "team-payments\u2028", "6:1: the line has a line end within"},
		{"not UTF-8", "team-payments", "team-\xff", "6:1: not valid UTF-8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(sample, tt.old, tt.new, 1)
			if text == sample {
				t.Fatal("the case changes nothing")
			}
			_, err := Parse(File, []byte(text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error:\n%v\nwant:\n%s", err, tt.want)
			}
		})
	}
}

func TestMissingFields(t *testing.T) {
	for line := range strings.SplitSeq(strings.TrimSpace(sample), "\n") {
		name, _, _ := strings.Cut(strings.TrimLeft(line, " -"), ":")
		if strings.HasPrefix(name, "#") || name == "id" {
			continue
		}
		_, err := Parse(File, []byte(strings.Replace(sample, line+"\n", "", 1)))
		want := fmt.Sprintf("%s:2:3: EX-7.%s is missing", File, name)
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if _, err := Parse(File, []byte("- kind: accepted\n")); err == nil || !strings.Contains(err.Error(), "[0].id is missing") {
		t.Errorf("without an id: %v", err)
	}
}

func TestAllErrorsAtOnce(t *testing.T) {
	_, err := Parse(File, []byte(sample+strings.ReplaceAll(strings.ReplaceAll(sample, "accepted ", "fine "), "2027", "20-27")))
	var list diagnostic.Errors
	if !errors.As(err, &list) {
		t.Fatal(err)
	}
	want := []string{
		File + `:12:3: the id EX-7 is given twice`,
		File + `:13:9: unknown kind of an exception "fine"`,
		File + `:19:12: EX-7.expires: "20-27-01-31" is not a date`,
	}
	if diff := cmp.Diff(strings.Join(want, "\n"), list.Error()); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("it was first given in line 2", list[0].Hint); diff != "" {
		t.Errorf("hint (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("known are false-positive, accepted, fix-planned", list[1].Hint); diff != "" {
		t.Errorf("hint (-want +got):\n%s", diff)
	}
	if _, err := Parse(File, []byte(sample+strings.ReplaceAll(sample, "EX-7", "ex-7"))); err == nil {
		t.Error("ids that differ in case only are two")
	}
}

func TestParseIsBounded(t *testing.T) {
	bomb := "- &a [x, x, x, x, x, x, x, x, x]\n"
	for range 30 {
		bomb += "- &a [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
	}
	for name, text := range map[string]string{
		"aliases": bomb,
		"depth":   strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
		"size":    strings.Repeat("#", limits.Size+1),
		"entries": strings.Repeat("- {}\n", maxExceptions+1),
		"values":  "[" + strings.Repeat("a,", limits.Nodes) + "]",
	} {
		if _, err := Parse(File, []byte(text)); err == nil {
			t.Errorf("%s: it is read", name)
		}
	}
}

func TestMatch(t *testing.T) {
	r := found(1, "secret/key", "web/app/a.js")
	r.Place.Package = "pkg:npm/%40babel/core@7.1.0?arch=x"
	for _, tt := range []struct {
		match string
		want  bool
	}{
		{`{fingerprint: "a1:0000000000000001"}`, true},
		{`{fingerprint: "a1:0000000000000002"}`, false},
		{"{rule: secret/key}", true},
		{"{rule: CWE-798}", true},
		{"{rule: CWE-79}", false},
		{"{service: shop}", true},
		{"{service: bank}", false},
		{"{rule: secret/key, service: bank}", false},
		{"{package: pkg:npm/%40babel/core}", true},
		{"{package: pkg:npm/@babel/core}", true},
		{"{package: pkg:npm/@babel/core@7.1.0}", true},
		{"{package: pkg:npm/@babel/core@7.1}", false},
		{"{package: pkg:npm/@babel}", false},
		{"{package: pkg:npm/core}", false},
		{"{path: web/app/a.js}", true},
		{"{path: web/app}", false},
		{"{path: web/**}", true},
		{"{path: '**'}", true},
		{"{path: '**/a.js'}", true},
		{"{path: '**/web/**/a.js'}", true},
		{"{path: web/**/app/a.js}", true},
		{"{path: web/*/a.js}", true},
		{"{path: web/*}", false},
		{"{path: 'web/app/?.js'}", true},
		{"{path: 'web/app/??.js'}", false},
		{"{path: web/app/*.j*s*}", true},
		{"{path: web/app/a.js/**}", false},
		{"{path: app/a.js}", false},
		{"{path: WEB/**}", false},
	} {
		text := strings.Replace(simple, "{rule: secret/key}", tt.match, 1)
		if got := parse(t, text).Exceptions[0].Match.Fits(&r); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.match, got, tt.want)
		}
	}
	if (&Match{}).Fits(&r) {
		t.Error("an empty match fits")
	}
}

func TestMatchKey(t *testing.T) {
	same := [][2]Match{
		{{Path: "web/**/**/a"}, {Path: "web/**/a"}},
		{{Package: "pkg:npm/%40babel/core"}, {Package: "pkg:npm/@babel/core"}},
	}
	for _, pair := range same {
		if pair[0].Key() != pair[1].Key() {
			t.Errorf("%s and %s differ", pair[0].Key(), pair[1].Key())
		}
	}
	if (Match{Rule: "a"}).Key() == (Match{Service: "a"}).Key() {
		t.Error("a rule is a service")
	}
}

func TestGlobProblem(t *testing.T) {
	for _, bad := range []string{"", "/a", "a/", "a//b", "../a", "a/./b", "a**", "***", "[a]", "{a,b}", `a\b`, "!a", strings.Repeat("a", maxGlob+1)} {
		if problem, _ := globProblem(bad); problem == "" {
			t.Errorf("%q is a glob", bad)
		}
	}
	for _, good := range []string{"a", "*", "**", "a/**/b", "a.zip!/b", "a b/c", "ä?"} {
		if problem, _ := globProblem(good); problem != "" {
			t.Errorf("%q %s", good, problem)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(simple))
	f.Add([]byte(sample + strings.ReplaceAll(simple, "\n", "\r\n")))
	f.Add([]byte("- {id: A, kind: false-positive, match: {path: \"**\"}, reason: |\n  x\n, owner: a}"))
	f.Fuzz(func(t *testing.T, in []byte) {
		reg, err := Parse(File, in)
		if err != nil {
			var list diagnostic.Errors
			if !errors.As(err, &list) || list[0].At.Line < 1 || list[0].At.Column < 1 {
				t.Errorf("%q: an error without a place: %v", in, err)
			}
			return
		}
		for _, e := range reg.Exceptions {
			out, err := Change(File, in, e.ID, func(e *Exception) { e.Expires = e.Expires.AddDate(0, 0, 1) })
			if err != nil {
				continue // refusing is fine; what it writes it has read again
			}
			if again := parse(t, string(out)).Find(e.ID); !again.Expires.After(e.Expires) {
				t.Errorf("%q: the change is lost in %q", in, out)
			}
		}
	})
}
