package cli_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
)

// What becomes of a change to a file that judges.
const (
	refused = "refused" // the gate could not judge after the merge
	shown   = "shown"   // it could, and the change is told of
)

// A judging is a file that judges, and what becomes of a change that breaks it or takes it away.
type judging struct {
	file          string
	with          map[string]string // files beside it
	flag          string            // that names the file
	good, broken  string
	breaks, takes string
	says          string // of the broken file
}

func judgings() []judging {
	entries := map[string]string{".assay/exceptions.yaml": entry("compensating", "[{control: waf, check: {rego: data.assay.controls.waf}}]")}
	controls := "package assay.controls\n\nwaf if input.stage == \"build\"\n\ndeny contains \"x\" if input.now == \"\"\n"
	named := func(text string) map[string]string { return map[string]string{".assay.yaml": text} }
	rule := "[[rules]]\nid = \"token\"\ndescription = \"token\"\nregex = '''ghp_[0-9A-Za-z]{36}'''\nkeywords = [\"ghp_\"]\n"
	return []judging{
		{file: ".assay.yaml", good: "gate: {build: {deny: \"new\"}}\n", broken: "gate: {nosuch: 1}\n", breaks: refused, takes: shown, says: "nosuch"},
		{file: "svc/.assay.yaml", good: "service: {name: svc}\n", broken: "gate: {nosuch: 1}\n", breaks: refused, takes: shown, says: "nosuch"},
		{file: "rules.toml", with: named("rules: [builtin, rules.toml]\n"), good: rule, broken: "[[rules]\n", breaks: refused, takes: refused, says: "rules.toml"},
		{file: "rules.toml", with: named("secret: {config: rules.toml}\n"), good: rule, broken: "[[rules]\n", breaks: refused, takes: refused, says: "rules.toml"},
		{file: ".assay/policies/a.rego", good: "package a\n\ndeny contains \"x\" if input.now == \"\"\n", broken: "package a\n\ndeny contains \"x\" if {\n", breaks: refused, takes: shown, says: "a.rego"},
		{file: ".assay/policies/a.rego", with: entries, good: controls, broken: strings.Replace(controls, "waf", "wav", 1), breaks: refused, takes: refused, says: "controls.waf"},
		{file: ".assay/exceptions.yaml", good: entry(), broken: "- {id: EX-1}\n", breaks: refused, takes: shown, says: "exceptions.yaml"},
		{file: ".assay/probes.json", with: map[string]string{".assay/exceptions.yaml": entry()}, good: `{"schema": "assay-probes/1", "answers": []}`, broken: "{", breaks: refused, takes: shown, says: "probes.json"},
		{file: ".assay/baseline.json", good: `{"schema": "assay-baseline/1", "entries": []}`, broken: "{", breaks: refused, takes: shown, says: "baseline.json"},
		{file: ".assay/allowed-signers", good: "# nobody yet\n", broken: "nobody\n", breaks: refused, takes: shown, says: "allowed-signers"},
		{file: "signers", with: named("exceptions: {allowed-signers: signers}\n"), good: "# nobody yet\n", broken: "nobody\n", breaks: refused, takes: refused, says: "signers"},
		{file: "ci.yaml", flag: "--config", good: "gate: {build: {deny: \"new\"}}\n", broken: "gate: {nosuch: 1}\n", breaks: refused, takes: refused, says: "ci.yaml"},
		{file: "rules.toml", flag: "--rules", good: rule, broken: "[[rules]\n", breaks: refused, takes: refused, says: "rules.toml"},
		{file: "known.json", flag: "--baseline", good: `{"schema": "assay-baseline/1", "entries": []}`, broken: "{", breaks: refused, takes: refused, says: "known.json"},
		{file: ".trivyignore.yaml", good: "vulnerabilities: [{id: CVE-2026-1}]\n", broken: "vulnerabilities: [\n", breaks: shown, takes: shown, says: "cannot be read"},
		{file: ".gitleaksignore", good: "a:b:1\n", broken: "a:b:c\n", breaks: shown, takes: shown, says: "cannot be read"},
		{file: ".assay/pins.yaml", good: "pins: []\n", broken: "pins: [\n", breaks: shown, takes: shown, says: "cannot be read"},
		{file: "CODEOWNERS", good: "* @security\n", broken: "* @security\n[\n", breaks: shown, takes: shown, says: "cannot be read"},
		{file: "catalog-info.yaml", good: "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: toy}\nspec: {type: service, lifecycle: x, owner: x}\n", broken: "kind: [\n", breaks: shown, takes: shown, says: "cannot be read"},
	}
}

// A pushing plays a change in one of the ways in which it meets the gate.
type pushing struct {
	*bench
	first bool
	flags []string
}

func (p *pushing) put(files map[string]string) {
	for name, text := range files {
		p.write("repo/"+name, text)
	}
}

// staged judges what is staged for a commit.
func (p *pushing) staged(change func()) (code int, d *report.Document, told string) {
	change()
	p.git("add", "-A")
	return p.report("--staged", "--stage", "pre-commit")
}

// diffBase judges a branch. A first push to a repository in which nothing is has a base with no file.
func (p *pushing) diffBase(change func()) (code int, d *report.Document, told string) {
	if p.first {
		p.git("commit", "-q", "--allow-empty", "-m", "first")
	}
	p.git("checkout", "-q", "-b", "change")
	change()
	p.commit("change")
	return p.report("--diff-base", "main")
}

// pushed judges what a server receives. It has no reference to the commits yet.
func (p *pushing) pushed(change func()) (code int, d *report.Document, told string) {
	old := strings.Repeat("0", 40)
	if !p.first {
		old = p.git("rev-parse", "main")
	}
	p.git("checkout", "-q", "--detach")
	change()
	p.commit("change")
	id := p.git("rev-parse", "HEAD")
	p.git("symbolic-ref", "HEAD", "refs/heads/main")
	p.t.Chdir(p.repo)
	code, _, told = p.run(old+" "+id+" refs/heads/main\n", "hook", "receive")
	return code, nil, told
}

func (p *pushing) report(args ...string) (code int, d *report.Document, told string) {
	file := filepath.Join(p.root, "report.json")
	code, _, told = p.run("", slices.Concat([]string{"gate", "-f", "json", "-o", file}, args, p.flags, []string{p.repo})...)
	text, err := os.ReadFile(file)
	if err != nil {
		p.t.Fatalf("%v\n%s", err, told)
	}
	d = &report.Document{}
	if err := json.Unmarshal(text, d); err != nil {
		p.t.Fatal(err)
	}
	return code, d, told
}

// TestNoChangeBreaksWhatJudges plays each file that judges, broken, taken away, and broken by the first change of all, in
// each way in which a change meets the gate. Exit code, verdict and what is told must agree.
func TestNoChangeBreaksWhatJudges(t *testing.T) {
	for _, j := range judgings() {
		for _, fault := range []struct {
			name, want string
			first      bool
			head       string
		}{{"broken", j.breaks, false, j.broken}, {"removed", j.takes, false, ""}, {"first", j.breaks, true, j.broken}} {
			for _, way := range []string{"staged", "diff-base", "push"} {
				if j.flag != "" && (fault.first || way == "push") {
					continue // a file of the base, and of a server
				}
				t.Run(strings.ReplaceAll(j.file, "/", "_")+"/"+fault.name+"/"+way, func(t *testing.T) {
					p := &pushing{bench: newBench(t), first: fault.first}
					if j.flag != "" {
						p.flags = []string{j.flag, filepath.Join(p.repo, j.file)}
					}
					p.git("init", "-q", "-b", "main")
					files := map[string]string{"README": "nothing\n", "svc/README": "nothing\n"}
					maps.Copy(files, j.with)
					if !fault.first {
						files[j.file] = j.good
						p.put(files)
						p.commit("first")
					}
					change := func() {
						if files[j.file] = fault.head; fault.head != "" {
							p.put(files)
						} else {
							p.git("mv", j.file, "elsewhere")
						}
					}
					if fault.first && way == "push" {
						p.git("commit", "-q", "--allow-empty", "-m", "detached")
						p.pushFirst(t, &j, fault.want, change)
						return
					}
					code, d, told := map[string]func(func()) (int, *report.Document, string){"staged": p.staged, "diff-base": p.diffBase, "push": p.pushed}[way](change)
					wantStory(t, &j, fault.want, fault.head != "", code, d, told)
				})
			}
		}
	}
}

// pushFirst is a push of one commit, and of one that builds on it, to a server that has nothing.
func (p *pushing) pushFirst(t *testing.T, j *judging, want string, change func()) {
	change()
	p.git("add", "-A")
	p.git("commit", "-q", "--amend", "-m", "first")
	one := p.git("rev-parse", "HEAD")
	p.git("commit", "-q", "--allow-empty", "-m", "second")
	two := p.git("rev-parse", "HEAD")
	p.git("update-ref", "-d", "refs/heads/main")
	p.t.Chdir(p.repo)
	for _, id := range []string{one, two} {
		code, _, told := p.run(strings.Repeat("0", 40)+" "+id+" refs/heads/main\n", "hook", "receive")
		wantStory(t, j, want, true, code, nil, told)
	}
}

// wantStory wants exit code, verdict and reasons to be of one mind.
func wantStory(t *testing.T, j *judging, want string, broken bool, code int, d *report.Document, told string) {
	t.Helper()
	if want == refused && (code != 2 || broken && !strings.Contains(told, j.says)) || want == shown && code != 0 {
		t.Errorf("exit code %d, want it %s: %s", code, want, told)
	}
	if d == nil {
		return
	}
	if denied := d.Verdict.Decision == policy.Deny; denied != (want == refused) {
		t.Errorf("the verdict is %s, want the change %s", d.Verdict.Decision, want)
	}
	text := strings.Join(d.Verdict.Reasons, "\n")
	if want == shown {
		text = ""
		for _, a := range d.Alterations {
			text += a.String() + "\n"
		}
		if !strings.Contains(text, "("+j.file) {
			t.Errorf("the change is not shown: %s", text)
		}
	}
	if broken && !strings.Contains(text, j.says) {
		t.Errorf("%q is not told of: %s", j.says, text)
	}
}
