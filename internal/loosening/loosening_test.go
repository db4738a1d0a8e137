package loosening

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var engines = []string{"secret", "pipeline"}

func alter(path string, base, head string) []Alteration {
	f := File{Path: path, Engines: engines}
	f.Kind, _ = KindOf(path, map[string]Kind{"conf/ours.yaml": Configuration})
	if base != "-" {
		f.Base = []byte(base)
	}
	if head != "-" {
		f.Head = []byte(head)
	}
	return Compare(f)
}

const exceptionText = "- {id: EX-7, kind: accepted, match: {rule: secret/x, path: web/a}, reason: r, owner: a, approver: b, created: 2026-11-01, expires: 2027-01-31, " +
	"compensating: [{control: c, check: {cel: \"service.exposure == 'isolated'\"}}]}\n"

const entry = `{"fingerprint":"a1:00000000000000aa","rule":"secret/x","path":"a","firstSeen":"2026-01-01"}`

// TestCompare goes through every kind of file: "+" before what is told stands for what loosens. A dash is no file.
func TestCompare(t *testing.T) {
	const deny = `gate: {pull-request: {deny: "risk >= low"}}`
	for _, c := range []struct {
		name, path, base, head string
		want                   []string
	}{
		{"nothing", ".assay.yaml", deny, deny, nil},
		{"a comment", ".assay.yaml", deny, deny + " # why", []string{"1 changes the file and not what it says"}},
		{"a deny that is gone", ".assay.yaml", deny, "-", []string{"+1 takes out of gate.pull-request.deny: risk >= low", "1 adds to gate.pull-request.deny: new && risk >= high && confidence >= high"}},
		{"a deny more", ".assay.yaml", deny, `gate: {pull-request: {deny: ["risk >= low", "overdue"]}}`, []string{"1 adds to gate.pull-request.deny: overdue"}},
		{"the default is denied no more", ".assay.yaml", "-", `gate: {build: {deny: []}}`, []string{"+1 takes out of gate.build.deny: new && risk >= high && confidence >= high"}},
		{"fewer engines", ".assay.yaml", "-", `gate: {build: {require: [secret]}}`, []string{"+1 requires other engines in gate.build"}},
		{"another engine", ".assay.yaml", `gate: {build: {require: [secret]}}`, `gate: {build: {require: [secret, pipeline]}}`, []string{"1 requires other engines in gate.build"}},
		{"a lower tier", ".assay.yaml", "service: {name: a, tier: high}", "service: {name: a, tier: low}", []string{"+1 makes the tier of the service a low, which was high"}},
		{"a higher tier", ".assay.yaml", "service: {name: a, tier: low}", "service: {name: a, tier: high}", []string{"1 makes the tier of the service a high, which was low"}},
		{"what was unknown", ".assay.yaml", "service: {name: a}", "service: {name: a, exposure: isolated}", []string{"+1 makes the exposure of the service a isolated, which was unknown"}},
		{"the worst that may be known", ".assay.yaml", "-", "service: {name: a, data: credentials}", []string{"1 describes the service a", "+1 says that the service a has other data"}},
		{"milder data", ".assay.yaml", "service: {name: a, data: [public, cardholder]}", "service: {name: a, data: [public]}", []string{"+1 says that the service a has other data"}},
		{"another owner", ".assay.yaml", "service: {name: a, owner: x}", "service: {name: a, owner: y}", []string{"+1 makes somebody else the owner of the service a"}},
		{"longer", ".assay.yaml", "-", "due: {high: {high: 900}}", []string{"+1 gives 900 days in place of 30 for what is high in a service of tier high"}},
		{"includes less", ".assay.yaml", "scan: {include: [vendored]}", "scan: {}", []string{"+1 leaves out files of the class vendored"}},
		{"limits", ".assay.yaml", "-", "scan: {limits: {file-size: 1}}", []string{"+1 sets other limits of scanning"}},
		{"rules", ".assay.yaml", "-", "rules: [x.toml]", []string{"+1 makes engines look with other rules"}},
		{"no limit of days", ".assay.yaml", "exceptions: {max-days: 30}", "exceptions: {}", []string{"+1 sets another limit for the days of exceptions"}},
		{"a limit of days", ".assay.yaml", "exceptions: {}", "exceptions: {max-days: 30}", []string{"1 sets another limit for the days of exceptions"}},
		{"more renewals", ".assay.yaml", "exceptions: {max-renewals: 0}", "exceptions: {max-renewals: 1}", []string{"+1 sets another limit for the renewals of exceptions"}},
		{"unsigned", ".assay.yaml", "exceptions: {signed: true}", "-", []string{"+1 changes whether approvals must be signed"}},
		{"other hosts", ".assay.yaml", "-", "exceptions: {probe: {hosts: [a.example.com]}}", []string{"+1 names other hosts that probes may ask"}},
		{"marks at once", ".assay.yaml", "-", "suppressions: {accept-from-change: true}", []string{"+1 changes whether marks of a change take effect at once"}},
		{"unreadable", ".assay.yaml", "-", "gaet: {}", []string{"+1 changes a configuration that cannot be read"}},
		{"in a folder", "web/.assay.yaml", "service: {name: a, tier: high}", "-", []string{"+1 describes the service a no more"}},
		{"a folder's own deny", "web/.assay.yaml", "-", deny, []string{"1 adds to gate.pull-request.deny: risk >= low"}},
		{"a folder's deny that is gone", "web/.assay.yaml", deny, "-", []string{"+1 takes out of gate.pull-request.deny: risk >= low"}},
		{"a folder requires an engine", "web/.assay.yaml", "-", `gate: {build: {require: [secret]}}`, []string{"1 requires other engines in gate.build"}},
		{"a folder requires none any more", "web/.assay.yaml", `gate: {build: {require: [secret]}}`, "-", []string{"+1 requires other engines in gate.build"}},
		{"one that a flag names", "conf/ours.yaml", "exceptions: {max-days: 30}", "exceptions: {max-days: 40}", []string{"+1 sets another limit for the days of exceptions"}},
		{"catalogue", "catalog-info.yaml", "-", "kind: Component\nmetadata: {name: a, tags: [tier-4]}\nspec: {owner: x}\n", []string{"1 describes the service a", "+1 makes the tier of the service a low, which was unknown"}},
		{"policy", ".assay/policies/a.rego", "package a\ndeny contains 1 if true\n", "package a\n# no\ndeny contains 1 if false\n", []string{"+2 makes a policy say something else"}},
		{"policy, a comment", ".assay/policies/a.rego", "package a\n", "# x\npackage a\n", []string{"1 changes the file and not what it says"}},
		{"policy removed", ".assay/policies/a.rego", "package a\n", "-", []string{"+1 removes a policy"}},
		{"policy added", ".assay/policies/a.rego", "-", "package a\n", []string{"1 adds a policy, which can only tighten"}},
		{"baseline", ".assay/baseline.json", "-", `{"schema":"assay-baseline/1","entries":[` + "\n" + entry + "]}", []string{"+2 puts 1 finding into the baseline"}},
		{"baseline, later", ".assay/baseline.json", `{"schema":"assay-baseline/1","entries":[` + entry + "]}", `{"schema":"assay-baseline/1","entries":[` + strings.Replace(entry, "2026", "2027", 1) + "]}",
			[]string{"+1 says of 1 finding in the baseline that it was first seen later"}},
		{"baseline, gone", ".assay/baseline.json", `{"schema":"assay-baseline/1","entries":[` + entry + "]}", "-", []string{"1 takes 1 finding out of the baseline"}},
		{"exception", ".assay/exceptions.yaml", "-", exceptionText, []string{"+1 adds the exception EX-7"}},
		{"exception, longer", ".assay/exceptions.yaml", exceptionText, strings.Replace(exceptionText, "2027-01-31", "2027-03-31", 1), []string{"+1 moves the last day of the exception EX-7 to 2027-03-31"}},
		{"exception, shorter", ".assay/exceptions.yaml", exceptionText, strings.Replace(exceptionText, "2027-01-31", "2026-12-31", 1), []string{"1 moves the last day of the exception EX-7 to 2026-12-31"}},
		{"exception, wider", ".assay/exceptions.yaml", exceptionText, strings.Replace(exceptionText, "path: web/a", "path: web/**", 1), []string{"+1 makes the exception EX-7 match something else"}},
		{"exception, another check", ".assay/exceptions.yaml", exceptionText, strings.Replace(exceptionText, "isolated", "internal", 1), []string{"+1 changes the compensating controls of the exception EX-7"}},
		{"exception, removed", ".assay/exceptions.yaml", exceptionText, "-", []string{"1 removes the exception EX-7"}},
		{"exception, unreadable", ".assay/exceptions.yaml", "-", "- id: 1\n", []string{"+1 changes exceptions that cannot be read"}},
		{"probes", ".assay/probes.json", "-", "{}", []string{"+1 changes the recorded answers of probes"}},
		{"pins", ".assay/pins.yaml", "pins: []\n", "pins:\n- {}\n", []string{"+1 changes to which commits actions are pinned", "1 leaves 1 place that cannot be read"}},
		{"pins, a comment", ".assay/pins.yaml", "pins: []\n", "# x\npins: []\n", []string{"1 changes the file and not what it says"}},
		{"signers", ".assay/allowed-signers", "a ssh-ed25519 AA\n", "a ssh-ed25519 AA\n# x\nb ssh-ed25519 BB\n", []string{"+3 lets in a signer"}},
		{"owners", "CODEOWNERS", "* @a\n", "* @b\n", []string{"+1 makes others the owners of *"}},
		{"owners of more", "CODEOWNERS", "* @a\n", "* @a\n/x @b\n", []string{"+2 names owners of /x"}},
		{"owners in another order", "CODEOWNERS", "* @a\n/x @b\n", "/x @b\n* @a\n", []string{"+1 puts the lines of owners in another order"}},
		{"the first owners", ".github/CODEOWNERS", "-", "* @a\n", []string{"1 names owners of *"}},
		{"several owners", "CODEOWNERS", "/c @a\n/a @a\n/d @a\n/b @a\n", "/d @a\n", []string{"+1 takes the owners of /a away", "+1 takes the owners of /b away", "+1 takes the owners of /c away"}},
		{"no owners", "CODEOWNERS", "* @a\n", "-", []string{"+1 removes the file of owners"}},
		{"ignore file", ".gitleaksignore", "a:b:1\n", "a:b:1\nc:d:2\n", []string{"+2 holds back findings of other tools' names"}},
		{"ignore file, less", ".trivyignore", "CVE-1\nCVE-2\n", "CVE-1\n", []string{"1 takes 1 line away"}},
		{"ignore file, a negation less", ".semgrepignore", "a\n!a/b\n", "a\n", []string{"+1 takes 1 line away"}},
		{"VEX", "docs/a.vex.json", "-", "{}\n", []string{"+1 holds back findings of other tools' names", "1 leaves 1 place that cannot be read"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, a := range alter(c.path, c.base, c.head) {
				text := strings.TrimSpace(strings.Join([]string{strconv.Itoa(a.Line), a.What}, " "))
				if a.Loosens {
					text = "+" + text
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A large baseline that a change brings is compared in one pass over it: looking each entry up in its text took minutes.
func TestLargeBaseline(t *testing.T) {
	var entries []string
	for i := range 50_000 {
		entries = append(entries, strings.Replace(entry, "00000000000000aa", fmt.Sprintf("%016x", i), 1))
	}
	text := `{"schema":"assay-baseline/1","entries":[` + "\n" + strings.Join(entries, ",\n") + "]}"
	began := time.Now()
	got := alter(".assay/baseline.json", `{"schema":"assay-baseline/1","entries":[`+entries[0]+"]}", text)
	want := []Alteration{{Path: ".assay/baseline.json", Line: 3, Kind: Baseline, What: "puts 49999 findings into the baseline", Loosens: true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestKindOf(t *testing.T) {
	for path, want := range map[string]Kind{
		"a/b/.assay.yaml": Configuration, "docs/CODEOWNERS": Owners, "sub/CODEOWNERS": "", ".assay/policies/x.rego": Policy, "x.rego": "",
		"web/.trivyignore": Suppressions, ".grype/config.yaml": Suppressions, ".trivyignore.yml": Suppressions, "VEX.json": Suppressions, "config.yaml": "", "main.go": "", "ours.toml": Rules,
	} {
		if got, _ := KindOf(path, map[string]Kind{"ours.toml": Rules}); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
}

func TestFindings(t *testing.T) {
	list := Findings(alter(".gitleaksignore", "", "a:b:1\nc:d:2\n"))
	if len(list) != 2 || list[0].Fingerprint == list[1].Fingerprint || list[0].Rule != "change/suppressions" {
		t.Errorf("got %+v", list)
	}
}

func FuzzCompare(f *testing.F) {
	f.Add(".assay.yaml", []byte("gate: {}"), []byte("due: {}"))
	f.Add(".assay/baseline.json", []byte("{}"), []byte(`{"schema":"assay-baseline/1","entries":[`+entry+"]}"))
	f.Add("CODEOWNERS", []byte("[a]\n* @b"), []byte("* @b"))
	f.Fuzz(func(t *testing.T, path string, base, head []byte) {
		kind, ok := KindOf(path, nil)
		if !ok {
			return
		}
		for _, a := range Compare(File{Path: path, Kind: kind, Base: base, Head: head, Engines: engines}) {
			if a.Line < 1 || a.What == "" {
				t.Errorf("%+v", a)
			}
		}
	})
}
