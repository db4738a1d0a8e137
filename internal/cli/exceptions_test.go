package cli_test

import (
	"crypto/ed25519"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/assaysec/assay/internal/report/formats"
)

// token is what every case is about. Its rule and fingerprint hang on nothing else.
const token = "GITHUB_TOKEN=ghp_glmjpN8pASH4gZvE¦qe2mGEZtYenoTt0wAYe7\n"

const tokenRule = "secret/github-personal-access-token"

// entry is an exception, with keys replaced or added.
func entry(change ...string) string {
	keys := []string{"id", "kind", "match", "reason", "owner", "approver", "created", "expires", "compensating"}
	values := map[string]string{
		"id": "EX-7", "kind": "accepted", "match": "{rule: " + tokenRule + "}", "reason": "revoked with the next release",
		"owner": "team-payments", "approver": "security@example.com", "created": "2026-11-23", "expires": "2027-01-31",
		"compensating": `[{control: network, check: {cel: "service.exposure == 'internal'"}}]`,
	}
	for i := 0; i < len(change); i += 2 {
		if _, known := values[change[i]]; !known {
			keys = append(keys, change[i])
		}
		values[change[i]] = change[i+1]
	}
	var b strings.Builder
	for i, k := range keys {
		b.WriteString(map[bool]string{true: "- ", false: "  "}[i == 0] + k + ": " + values[k] + "\n")
	}
	return b.String()
}

const (
	settings      = "service: {name: pay, tier: high, exposure: internal, data: [internal]}\n"
	exceptionFile = ".assay/exceptions.yaml"
)

// keyOf is a person's SSH key, always the same.
func keyOf(t *testing.T, person string) (private, public string) {
	t.Helper()
	key := ed25519.NewKeyFromSeed([]byte((person + strings.Repeat(".", 32))[:32]))
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(block)), strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signer.PublicKey())))
}

func signers(t *testing.T, people ...string) string {
	var b strings.Builder
	for _, p := range people {
		_, public := keyOf(t, p)
		b.WriteString(p + ` namespaces="exception@assay" ` + public + "\n")
	}
	return b.String()
}

const signed = settings + "exceptions: {signed: true, repository: acme/pay}\n"

// An exceptionCase is a base with exceptions, a change that brings a credential, and what is decided about it.
type exceptionCase struct {
	name    string
	base    map[string]string // files of the base
	before  []string          // earlier texts of the file of exceptions, each a commit of the target branch
	sign    string            // who signs EX-7 in the base
	then    string            // the file of exceptions afterwards, after the signing: its words are replaced, old/new
	head    map[string]string // further files of the change
	now     string
	deny    bool
	state   string // of EX-7; empty where the base has none
	problem string // why it permits nothing
	wrong   string // the file is wrong, and this is told
}

func exceptionCases(t *testing.T) []exceptionCase {
	only := func(text string) map[string]string {
		return map[string]string{exceptionFile: text, ".assay.yaml": settings}
	}
	with := func(config, text string) map[string]string {
		return map[string]string{exceptionFile: text, ".assay.yaml": config, ".assay/allowed-signers": signers(t, "security@example.com", "eve@example.com")}
	}
	again := func(expires string) string { return entry("id", "EX-1", "expires", expires) }
	return []exceptionCase{
		{name: "valid", base: only(entry()), state: "in force"},
		{name: "on its last second", base: only(entry()), now: "2027-01-31T23:59:59Z", state: "in force"},
		{name: "expired by one second", base: only(entry()), now: "2027-02-01T00:00:00Z", deny: true, state: "expired", problem: "it expired on 2027-01-31"},
		{name: "before its first day", base: only(entry()), now: "2026-11-22T23:59:59Z", deny: true, state: "not yet", problem: "it begins on 2026-11-23"},
		{name: "from the same change", base: map[string]string{".assay.yaml": settings}, head: map[string]string{exceptionFile: entry()}, deny: true},
		{name: "void control", base: only(entry("compensating", `[{control: network, check: {cel: "service.exposure == 'isolated'"}}]`)), deny: true, state: "void", problem: "the control network failed"},
		{name: "control that hangs on an unknown", base: map[string]string{exceptionFile: entry()}, deny: true, state: "void", problem: "service.exposure, which is unknown"},
		{name: "probe without an answer", base: only(entry("compensating", `[{control: waf, check: {https: {url: "https://pay.example.com/probe", status: 403}}}]`)), deny: true, state: "void", problem: "the control waf was not checked"},
		{name: "constant control", base: only(entry("compensating", `[{control: network, check: {cel: "new || !new"}}]`)), wrong: "exceptions.yaml:9:.*network.*same answer"},
		{name: "control that reads nothing", base: only(entry("compensating", `[{control: network, check: {cel: "1 < 2"}}]`)), wrong: "exceptions.yaml:9:.*reads nothing"},
		{name: "control of an unknown name", base: only(entry("compensating", `[{control: network, check: {cel: "servise.exposure == 'internal'"}}]`)), wrong: "exceptions.yaml:9:.*servise"},
		{name: "missing control", base: only(strings.ReplaceAll(entry(), "  compensating", "  #")), wrong: "EX-7.compensating is missing"},
		{name: "unknown field", base: only(entry("expiry", "2027-01-31")), wrong: `exceptions.yaml:10:3: .*unknown key of an exception "expiry", did you mean "expires"`},
		{name: "impossible date", base: only(entry("expires", "2027-02-30")), wrong: `exceptions.yaml:8:12: .*"2027-02-30" is not a date`},
		{name: "owner as approver", base: only(entry("approver", "TEAM-payments")), wrong: "the approver TEAM-payments is the owner"},
		{name: "duplicate id", base: only(entry() + entry("match", "{path: x}")), wrong: "exceptions.yaml:10:3: the id EX-7 is given twice"},
		{name: "unsigned where that is allowed", base: with(settings, entry()), state: "in force"},
		{name: "signed", base: with(signed, entry()), sign: "security@example.com", state: "in force"},
		{name: "missing signature", base: with(signed, entry()), deny: true, state: "void", problem: "signature is missing"},
		{name: "wrong signature", base: with(signed, entry()), sign: "eve@example.com", deny: true, state: "void", problem: "it is signed by eve@example.com, and the approver is security@example.com"},
		{name: "signature of nobody who may", base: with(signed, entry()), sign: "mallory", deny: true, state: "void", problem: "the signature is not allowed"},
		{name: "signature without a file of signers", base: map[string]string{exceptionFile: entry(), ".assay.yaml": signed}, sign: "security@example.com", deny: true, state: "void", problem: "no allowed-signers file"},
		{name: "changed after approval", base: with(signed, entry()), sign: "security@example.com", then: "2027-01-31/2027-02-01", deny: true, state: "void", problem: "changed after its approval"},
		{name: "changed after approval that nobody asked for", base: with(settings+"exceptions: {repository: acme/pay}\n", entry()), sign: "security@example.com", then: "revoked/kept", deny: true, state: "void", problem: "changed after its approval"},
		{name: "renewed as often as it may be", before: []string{again("2026-11-30")}, base: only2(settings+"exceptions: {max-renewals: 1}\n", entry()), state: "in force"},
		{name: "renewed too often", before: []string{again("2026-11-30"), "[]\n", again("2026-12-31")}, base: only2(settings+"exceptions: {max-renewals: 1}\n", entry()), deny: true, state: "void", problem: "its match was renewed 2 times, and the policy allows 1"},
		{name: "renewed though that is never allowed", before: []string{again("2026-11-30")}, base: only2(settings+"exceptions: {max-renewals: 0}\n", entry()), deny: true, state: "void", problem: "renewed 1 time"},
		{name: "renewed in other words", before: []string{entry("match", "{path: \"*.env\"}", "expires", "2026-11-30")}, base: only2(settings+"exceptions: {max-renewals: 0}\n", entry()), deny: true, state: "void", problem: "renewed 1 time"},
		{name: "too long", base: only2(settings+"exceptions: {max-days: 60}\n", entry()), deny: true, state: "void", problem: "it lasts 69 days, and the policy allows 60"},
		{name: "matching too much", base: only(entry()), head: map[string]string{"b.env": token}, deny: true, state: "void", problem: "it matches 2 findings, and max-findings is 1"},
		{name: "matching as much as it may", base: only(entry("max-findings", "2")), head: map[string]string{"b.env": token}, state: "in force"},
		{name: "matching nothing", base: only(entry("match", "{path: web/**}")), deny: true, state: "unused"},
		{name: "renewal in the change", base: only(entry("expires", "2026-11-23", "created", "2026-11-01")), head: map[string]string{exceptionFile: entry()}, deny: true, state: "expired", problem: "it expired on 2026-11-23"},
	}
}

func only2(config, text string) map[string]string {
	return map[string]string{exceptionFile: text, ".assay.yaml": config}
}

// build makes the repository of a case.
func (c *exceptionCase) build(t *testing.T) *bench {
	b := newBench(t)
	b.git("init", "-q", "-b", "main", ".")
	b.write("repo/README", "nothing\n")
	for _, text := range c.before {
		b.write("repo/"+exceptionFile, text)
		b.commit("exceptions")
	}
	for name, text := range c.base {
		b.write("repo/"+name, text)
	}
	if c.sign != "" {
		b.write("repo/"+exceptionFile, signedBy(t, c.sign, c.base[exceptionFile]))
	}
	if old, is, ok := strings.Cut(c.then, "/"); ok {
		b.write("repo/"+exceptionFile, strings.Replace(b.read("repo/"+exceptionFile), old, is, 1))
	}
	b.commit("base")
	b.git("branch", "base")
	b.write("repo/app.env", whole(token))
	for name, text := range c.head {
		b.write("repo/"+name, whole(text))
	}
	b.commit("change")
	return b
}

func (b *bench) read(name string) string {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.root, filepath.FromSlash(name)))
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

// TestExceptions: the same verdict from scan, gate, explain, the list, the receipt, and every report.
func TestExceptions(t *testing.T) {
	for _, c := range exceptionCases(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := c.build(t)
			at := []string{"--diff-base", "base", b.repo}
			if c.now != "" {
				at = append(at, "--now", c.now)
			}
			if c.wrong != "" {
				c.refused(b, at)
				return
			}
			want := "allow"
			if c.deny {
				want = "deny"
			}
			print := ""
			for _, verb := range []string{"scan", "gate"} {
				args, _ := b.everyFormat()
				code, _, stderr := b.run("", append(append([]string{verb}, at...), args...)...)
				if code != map[bool]int{true: 1}[c.deny && verb == "gate"] {
					t.Errorf("%s: exit code %d: %s", verb, code, stderr)
				}
				for _, f := range formats.All {
					if f.Name == "gitlab-sast" {
						continue // which says nothing of secrets
					}
					if got := decisionIn(t, f.Name, b.read("reports/"+f.Name)); got != want {
						t.Errorf("%s says %s in the format %s, want %s", verb, got, f.Name, want)
					}
				}
				print = c.document(b)
				if text := strings.Join(strings.Fields(b.read("reports/text")), " "); c.state == "void" && !strings.Contains(text, c.problem) {
					t.Errorf("%s does not say why EX-7 is void: %s", verb, text)
				}
			}
			c.others(b, print, at, want)
		})
	}
}

// refused wants every verb to stop at a wrong file.
func (c *exceptionCase) refused(b *bench, at []string) {
	for _, verb := range [][]string{{"scan"}, {"gate"}, {"explain", "a1:00"}, {"exceptions", "list"}, {"exceptions", "check"}, {"exceptions", "census"}} {
		args := append(verb, at...)
		if verb[0] == "exceptions" {
			args = append(verb, b.repo)
		}
		code, _, stderr := b.run("", args...)
		if !matches(c.wrong, stderr) || code != 2 {
			b.t.Errorf("%v: exit code %d, and %s", verb, code, stderr)
		}
	}
}

// document looks into the report in JSON, and gives the fingerprint of the finding.
func (c *exceptionCase) document(b *bench) string {
	b.t.Helper()
	var d struct {
		Findings []struct {
			Rule, Fingerprint, Status string
			FirstSeen, Due            time.Time
			Location                  struct{ Path string }
		}
		Exceptions []struct{ ID, State, Problem string }
	}
	if err := json.Unmarshal([]byte(b.read("reports/json")), &d); err != nil {
		b.t.Fatal(err)
	}
	state, problem, print := "", "", ""
	for _, e := range d.Exceptions {
		if e.ID == "EX-7" {
			state, problem = e.State, e.Problem
		}
	}
	if state != c.state || !strings.Contains(problem, c.problem) || (problem == "") != (c.problem == "") {
		b.t.Errorf("EX-7 is %q because %q, want %q because %q", state, problem, c.state, c.problem)
	}
	for _, f := range d.Findings {
		if f.Rule != tokenRule {
			continue
		}
		// The due date is that of the finding, whatever became of an exception.
		if days := f.Due.Sub(f.FirstSeen).Hours() / 24; days != c.dueDays() {
			b.t.Errorf("due %v days after it came in, want %v", days, c.dueDays())
		}
		if f.Location.Path == "app.env" {
			print = f.Fingerprint
		}
	}
	if print == "" {
		b.t.Fatal("the credential was not found")
	}
	return print
}

// dueDays is what the default table gives: for a high risk in a service that is internal, and for a critical one where
// nothing is known of the service.
func (c *exceptionCase) dueDays() float64 {
	if strings.Contains(c.base[".assay.yaml"], "exposure: internal") {
		return 30
	}
	return 3
}

// others asks explain, the replay of a receipt, and the list, which looks at the files as they are.
func (c *exceptionCase) others(b *bench, print string, at []string, want string) {
	if _, stdout, stderr := b.run("", append([]string{"explain", print}, at...)...); !strings.Contains(stdout, "decision     "+want+"\n") || !strings.Contains(stdout, c.problem) {
		b.t.Errorf("explain: %s%s", stdout, stderr)
	}
	file := filepath.Join(b.root, "receipt.json")
	b.run("", append([]string{"gate", "--receipt", file}, at...)...)
	if _, stdout, stderr := b.run("", "replay", file); !strings.Contains(stdout, "byte for byte: "+want+" ") {
		b.t.Errorf("replay: %s%s", stdout, stderr)
	}
	if c.state == "" || c.head[exceptionFile] != "" {
		return
	}
	args := []string{"exceptions", "check", b.repo}
	if c.now != "" {
		args = append(args, "--now", c.now)
	}
	code, stdout, stderr := b.run("", args...)
	if bad := c.state == "void" || c.state == "expired"; code != map[bool]int{true: 1}[bad] || !strings.Contains(stdout, "EX-7") || !strings.Contains(stdout, c.problem) {
		b.t.Errorf("check: exit code %d: %s%s", code, stdout, stderr)
	}
}

// decisionIn reads from a report what was decided about the credential.
func decisionIn(t *testing.T, format, text string) string {
	t.Helper()
	either := func(allow, deny string) string {
		switch a, d := strings.Contains(text, allow), strings.Contains(text, deny); {
		case a && !d:
			return "allow"
		case d && !a:
			return "deny"
		}
		return "neither"
	}
	switch format {
	case "text":
		return either("\nALLOWED ", "\nDENIED ")
	case "json":
		var d struct{ Verdict struct{ Decision string } }
		_ = json.Unmarshal([]byte(text), &d)
		return d.Verdict.Decision
	case "jsonl":
		lines := strings.Split(strings.TrimSpace(text), "\n")
		var v struct{ Type, Decision string }
		for _, line := range lines {
			if json.Unmarshal([]byte(line), &v) == nil && v.Type == "verdict" {
				return v.Decision
			}
		}
	case "sarif":
		return decisionInSARIF(text)
	case "gitlab-secret-detection":
		if strings.Contains(text, tokenRule) {
			return "deny"
		}
		return "allow"
	case "junit":
		return either(`name="verdict pull-request" classname="verdict">`+"\n      <system-out>", `type="deny"`)
	case "markdown":
		return either("### ✅ Allowed", "### ⛔ Denied")
	case "github-summary":
		return either("### ✅ Allowed", "### ⛔ Denied")
	case "github":
		return either("assay::allowed", "assay::denied")
	case "azure":
		return either("assay: allowed", "assay: denied")
	case "html":
		return either("<title>allowed", "<title>denied")
	default:
		t.Errorf("nobody reads the format %s here", format)
	}
	return "nothing"
}

// A denied credential is open in SARIF, and one that is held back has a suppression.
func decisionInSARIF(text string) string {
	var d struct {
		Runs []struct {
			Results []struct {
				RuleID       string `json:"ruleId"`
				Suppressions []struct{ Kind, Justification string }
			}
		}
	}
	_ = json.Unmarshal([]byte(text), &d)
	for _, r := range d.Runs[0].Results {
		if r.RuleID == tokenRule && len(r.Suppressions) == 0 {
			return "deny"
		}
	}
	return "allow"
}

func matches(pattern, text string) bool {
	parts := strings.Split(pattern, ".*")
	for _, p := range parts {
		i := strings.Index(text, p)
		if i < 0 {
			return false
		}
		text = text[i+len(p):]
	}
	return true
}

// TestExceptionsShowNoSecret: neither what a mark quotes nor what somebody wrote into an exception is repeated.
func TestExceptionsShowNoSecret(t *testing.T) {
	b := newBench(t)
	plantAll(b)
	secret := strings.TrimSuffix(strings.TrimPrefix(whole(token), "GITHUB_TOKEN="), "\n")
	b.write("repo/"+exceptionFile, entry("kind", "false-positive", "compensating", "[]", "match", "{path: all.env}", "owner", secret, "reason", secret))
	b.write("repo/.assay.yaml", "exceptions: {repository: acme/pay}\n")
	private, _ := keyOf(t, "security@example.com")
	b.write("key", private)
	pieces := shards()
	for _, args := range [][]string{
		{"list"}, {"list", "-f", "json"}, {"check"}, {"census"}, {"census", "-f", "json"}, {"census", "-f", "csv"}, {"census", "-f", "html"},
		{"approve", "EX-7", "--key", filepath.Join(b.root, "key")}, {"renew", "EX-7", "--expires", "2027-03-01"},
	} {
		code, stdout, stderr := b.run("", append(append([]string{"exceptions"}, args...), b.repo)...)
		if code == 2 {
			t.Errorf("%v: %s", args, stderr)
		}
		for piece, of := range pieces {
			if strings.Contains(stdout+stderr, piece) {
				t.Errorf("%v shows a piece of %s: %q", args, of, piece)
				break
			}
		}
	}
	b.write("repo/"+exceptionFile, entry("kind", secret, "expires", secret, secret, "x"))
	if code, stdout, stderr := b.run("", "exceptions", "list", b.repo); code != 2 || strings.Contains(stdout+stderr, secret[4:20]) {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
}
