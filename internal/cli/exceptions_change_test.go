package cli_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"

	"github.com/assaysec/assay/internal/exception/register"
)

// A looseningCase is one file that a change alters so that it would be judged more mildly.
type looseningCase struct {
	file    string
	base    map[string]string // files of the base
	head    string            // the altered file; "-" removes it
	rule    string            // the finding about it; empty where it does not loosen
	escapes bool              // after the merge the credential would not be denied: the alteration is one that matters
}

func looseningCases(t *testing.T, print string) []looseningCase {
	vex := `{"@context": "https://openvex.dev/ns/v0.2.0", "statements": [{"vulnerability": {"name": "CVE-2026-1"}, "products": [{"@id": "pkg:npm/a"}], "status": "not_affected"}]}`
	probe := entry("compensating", `[{control: waf, check: {https: {url: "https://pay.example.com/probe", status: 403}}}]`)
	deny := "package assay\n\ndeny contains sprintf(\"%s\", [f.rule]) if {\n\tsome f in input.findings\n\tf.rule == \"" + tokenRule + "\"\n}\n"
	rule := "[[rules]]\nid = \"token\"\ndescription = \"token\"\nregex = '''ghp_[0-9A-Za-z]{36}'''\nkeywords = [\"ghp_\"]\n"
	quiet := "gate: {pull-request: {deny: \"false\"}, pre-commit: {deny: \"false\"}}\n"
	return []looseningCase{
		{file: ".assay.yaml", head: quiet, rule: "change/configuration", escapes: true},
		{file: ".assay.yaml", base: map[string]string{".assay.yaml": "suppressions: {accept-from-change: false}\n"}, head: "suppressions: {accept-from-change: true}\n", rule: "change/configuration"},
		{file: "catalog-info.yaml", head: "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: toy, tags: [tier-4]}\nspec: {type: service, lifecycle: experimental, owner: x}\n", rule: "change/configuration"},
		{file: ".assay/policies/a.rego", base: map[string]string{".assay/policies/a.rego": deny, ".assay.yaml": quiet}, head: strings.Replace(deny, "f.rule ==", "f.path ==", 1), rule: "change/policy", escapes: true},
		{file: ".assay/policies/a.rego", base: map[string]string{".assay/policies/a.rego": deny, ".assay.yaml": quiet}, head: "-", rule: "change/policy", escapes: true},
		{file: "CODEOWNERS", base: map[string]string{"CODEOWNERS": "* @security\n"}, head: "* @nobody\n", rule: "change/owners"},
		{file: "rules.toml", base: map[string]string{"rules.toml": rule, ".assay.yaml": "rules: [rules.toml]\n"}, head: strings.Replace(rule, "{36}", "{99}", 1), rule: "change/rules", escapes: true},
		{file: ".assay/baseline.json", head: `{"schema":"assay-baseline/1","entries":[{"fingerprint":"` + print + `","rule":"` + tokenRule + `","path":"app.env","firstSeen":"2026-09-21"}]}`, rule: "change/baseline", escapes: true},
		{file: exceptionFile, head: entry("kind", "false-positive", "compensating", "[]"), rule: "change/exceptions", escapes: true},
		{file: exceptionFile, base: map[string]string{exceptionFile: entry("match", "{rule: "+tokenRule+", path: web/**}", "kind", "false-positive", "compensating", "[]")},
			head: entry("kind", "false-positive", "compensating", "[]"), rule: "change/exceptions", escapes: true},
		{file: exceptionFile, base: map[string]string{exceptionFile: entry(), ".assay.yaml": "service: {name: a, exposure: isolated}\n"}, head: strings.Replace(entry(), "'internal'", "'isolated'", 1), rule: "change/exceptions"},
		{file: ".assay/allowed-signers", base: map[string]string{exceptionFile: signedBy(t, "security@example.com", entry("kind", "false-positive", "compensating", "[]")), ".assay.yaml": signed, ".assay/allowed-signers": signers(t, "eve@example.com")},
			head: signers(t, "security@example.com"), rule: "change/signers", escapes: true},
		{file: ".assay/probes.json", base: map[string]string{exceptionFile: probe, ".assay.yaml": "exceptions: {max-probe-age: 24h}\n"},
			head: `{"schema":"assay-probes/1","answers":[{"id":"EX-7","control":"waf","kind":"https","check":"CHECK","ok":true,"at":"2026-11-24T08:00:00Z"}]}`, rule: "change/exceptions", escapes: true},
		{file: ".gitleaksignore", head: "app.env:github-pat:1\n", rule: "change/suppressions", escapes: true},
		{file: ".trivyignore", head: "CVE-2026-1\n", rule: "change/suppressions"},
		{file: ".trivyignore.yaml", head: "vulnerabilities: [{id: CVE-2026-1}]\n", rule: "change/suppressions"},
		{file: ".trivyignore.yml", head: "vulnerabilities: [{id: CVE-2026-1}]\n", rule: "change/suppressions"},
		{file: ".semgrepignore", head: "app.env\n", rule: "change/suppressions"},
		{file: ".snyk", head: "version: v1.25.0\nignore: {SNYK-JS-A-1: [{'*': {reason: none}}]}\n", rule: "change/suppressions"},
		{file: ".grype.yaml", head: "ignore: [{vulnerability: CVE-2026-1}]\n", rule: "change/suppressions"},
		{file: ".grype.yml", head: "ignore: [{vulnerability: CVE-2026-1}]\n", rule: "change/suppressions"},
		{file: ".grype/config.yaml", head: "ignore: [{vulnerability: CVE-2026-1}]\n", rule: "change/suppressions"},
		{file: ".vex/a.vex.json", head: vex, rule: "change/suppressions"},
		{file: ".openvex/A.OPENVEX.JSON", head: vex, rule: "change/suppressions"},
		{file: "vex.json", head: vex, rule: "change/suppressions"},
	}
}

// A judgement is what is compared: all but the alteration itself.
type judgement struct {
	code                            int
	decision, status, level, due    string
	rulings, exceptions, incomplete string
}

// TestChangeCannotLoosen: a change that loosens a file gets the same verdict as without, is told of it, and it is a finding.
func TestChangeCannotLoosen(t *testing.T) {
	print := fingerprintOfToken(t)
	for _, c := range looseningCases(t, print) {
		t.Run(c.file+" "+c.rule, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.git("init", "-q", "-b", "main", ".")
			b.write("repo/README", "nothing\n")
			for name, text := range c.base {
				b.write("repo/"+name, text)
			}
			b.commit("base")
			b.git("branch", "base")
			staged := []string{"gate", "--staged", "--stage", "pre-commit", b.repo}
			changed := []string{"gate", "--diff-base", "base", b.repo}
			b.write("repo/app.env", whole(token))
			b.git("add", "-A")
			before := c.judged(b, staged, false)
			c.alter(b)
			b.git("add", "-A")
			if diff := cmp.Diff(before, c.judged(b, staged, true), cmp.AllowUnexported(judgement{})); diff != "" {
				t.Errorf("staged (-without +with):\n%s", diff)
			}
			b.git("reset", "-q", "--hard")
			b.write("repo/app.env", whole(token))
			b.commit("the credential")
			before = c.judged(b, changed, false)
			c.alter(b)
			b.commit("the alteration")
			if diff := cmp.Diff(before, c.judged(b, changed, true), cmp.AllowUnexported(judgement{})); diff != "" {
				t.Errorf("committed (-without +with):\n%s", diff)
			}
			b.git("checkout", "-q", "--detach", "HEAD") // a revision, in place of the work tree
			changed[len(changed)-1] = "git:" + b.repo + "@HEAD"
			if diff := cmp.Diff(before, c.judged(b, changed, true), cmp.AllowUnexported(judgement{})); diff != "" {
				t.Errorf("a revision (-without +with):\n%s", diff)
			}
			if c.escapes {
				if code, stdout, _ := b.run("", "scan", b.repo); code != 0 || strings.Contains(stdout, "\nDENIED ") {
					t.Errorf("the alteration would loosen nothing after the merge either:\n%s", stdout)
				}
			}
		})
	}
}

// alter makes the change of the file.
func (c *looseningCase) alter(b *bench) {
	if c.head == "-" {
		b.git("rm", "-q", "-f", c.file)
		return
	}
	text := c.head
	if strings.Contains(text, "CHECK") {
		check := register.Check{HTTPS: &register.HTTPS{URL: "https://pay.example.com/probe", Status: 403}}
		text = strings.Replace(text, "CHECK", check.Digest(), 1)
	}
	b.write("repo/"+c.file, text)
}

// judged runs the gate, and looks for the alteration in the report.
func (c *looseningCase) judged(b *bench, args []string, altered bool) judgement {
	b.t.Helper()
	file := filepath.Join(b.root, "r.json")
	var j judgement
	var stderr string
	j.code, _, stderr = b.run("", append(args, "-f", "json", "-o", file)...)
	if j.code != 1 {
		b.t.Errorf("exit code %d: %s", j.code, stderr)
		return j
	}
	var d struct {
		Findings []struct {
			Rule, Status, Due, New, Fingerprint string
			Location                            struct{ Path string }
			Risk                                struct{ Level string }
		}
		Verdict struct {
			Decision   string
			Rulings    []struct{ Fingerprint, Decision, By string }
			Incomplete json.RawMessage
		}
		Exceptions  json.RawMessage
		Alterations []struct {
			Path, Kind, What string
			Loosens          bool
		}
	}
	if err := json.Unmarshal([]byte(b.read("r.json")), &d); err != nil {
		b.t.Fatal(err)
	}
	j.decision, j.exceptions, j.incomplete = d.Verdict.Decision, string(d.Exceptions), string(d.Verdict.Incomplete)
	told, found := false, false
	about := map[string]bool{}
	for _, f := range d.Findings {
		switch {
		case f.Location.Path == "app.env":
			j.status, j.level = f.Status+" "+f.New, f.Risk.Level
			about[f.Fingerprint] = true
		case f.Rule == c.rule && f.Location.Path == c.file && f.New == "yes":
			found = true
		}
	}
	for _, r := range d.Verdict.Rulings {
		if about[r.Fingerprint] || r.Fingerprint == "" {
			j.rulings += r.Decision + " " + r.By + "\n"
		}
	}
	for _, a := range d.Alterations {
		told = told || a.Path == c.file && a.What != "" && a.Loosens == (c.rule != "")
	}
	if told != altered || found != (altered && c.rule != "") {
		b.t.Errorf("%v: told of the alteration: %v, a finding about it: %v; %+v", args, told, found, d.Alterations)
	}
	return j
}

// signedBy is the only exception of a text, signed by a person for the repository acme/pay.
func signedBy(t *testing.T, person, text string) string {
	private, _ := keyOf(t, person)
	signer, err := ssh.ParsePrivateKey([]byte(private))
	if err != nil {
		t.Fatal(err)
	}
	out, err := register.Change(exceptionFile, []byte(text), "EX-7", func(e *register.Exception) {
		if e.Signature, err = e.Approve(signer, "acme/pay"); err != nil {
			t.Fatal(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// fingerprintOfToken is that of the credential in app.env.
func fingerprintOfToken(t *testing.T) string {
	b := newBench(t)
	b.write("repo/app.env", whole(token))
	file := filepath.Join(b.root, "r.json")
	b.run("", "scan", b.repo, "-f", "json", "-o", file)
	var d struct {
		Findings []struct{ Fingerprint string }
	}
	if err := json.Unmarshal([]byte(b.read("r.json")), &d); err != nil || len(d.Findings) != 1 {
		t.Fatalf("%v: %+v", err, d)
	}
	return d.Findings[0].Fingerprint
}
