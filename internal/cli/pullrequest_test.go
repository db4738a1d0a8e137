package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const goodWorkflow = `name: test
on: pull_request
permissions:
  contents: read
concurrency:
  group: test-${{ github.ref }}
  cancel-in-progress: true
jobs:
  test:
    name: Test
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
`

const badWorkflow = `name: triage
# the comments of the file stay
on:
  pull_request_target:
    types: [opened]
permissions:
  contents: read
concurrency:
  group: triage-${{ github.ref }}
  cancel-in-progress: true
jobs:
  triage:
    name: Triage
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      # greets whoever opened it
      - name: Greet
        run: |
          echo "a new request: ${{ github.event.pull_request.title }}"
`

// A request is a pull request as a team meets it.
type request struct {
	*bench
	forge *threads
}

// gate judges the change and writes every report and a receipt.
func (r *request) gate() (code int, out string) {
	r.t.Helper()
	args, _ := r.everyFormat()
	code, stdout, stderr := r.run("", slices.Concat([]string{"gate", "--diff-base", "main", "--receipt", r.file("receipt.json")}, args, []string{r.repo})...)
	if code > 1 {
		r.t.Fatalf("exit code %d: %s", code, stderr)
	}
	if n, replayed, _ := r.run("", "replay", r.file("receipt.json")); n != 0 {
		r.t.Errorf("replay: exit code %d: %s", n, replayed)
	}
	return code, stdout + stderr
}

func (r *request) file(name string) string { return filepath.Join(r.root, name) }

func (r *request) report(format string) string {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.root, "reports", format))
	if err != nil {
		r.t.Fatal(err)
	}
	return string(text)
}

// comment says in the request what the gate said.
func (r *request) comment() {
	r.t.Helper()
	code, stdout, stderr := r.runAmong(map[string]string{"ASSAY_FORGE_TOKEN": "t"}, "comment", "--forge", "github", "--forge-api", r.forge.URL,
		"--project", "example/shop", "--number", "7", filepath.Join(r.root, "reports", "json"))
	if code != 0 {
		r.t.Fatalf("comment: exit code %d: %s%s", code, stdout, stderr)
	}
}

func wants(t *testing.T, name, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not say %q:\n%.3000s", name, w, text)
		}
	}
}

// TestPullRequest plays one: a change that injects into a pipeline, brings a secret with a mark on it, and weakens the
// policy; what everybody is told; and how it is mended.
func TestPullRequest(t *testing.T) {
	r := &request{newBench(t), newThreads(t)}
	r.git("init", "-q", "-b", "main", ".")
	r.write("repo/.assay.yaml", "service: {name: shop, tier: high, exposure: internet}\ngate:\n  pull-request: {deny: \"new && risk >= high\", warn: \"new && risk >= medium\"}\n")
	r.write("repo/.github/workflows/test.yml", goodWorkflow)
	r.write("repo/app.py", "print(1)\n")
	r.commit("base")

	// nothing is wrong yet, and nobody hears of it
	r.git("checkout", "-q", "-b", "change")
	r.write("repo/app.py", "print(2)\n")
	r.commit("harmless")
	if code, out := r.gate(); code != 0 {
		t.Fatalf("a harmless change is denied: %s", out)
	}
	if r.comment(); r.forge.created != 0 {
		t.Error("a comment was begun where there is nothing to say")
	}
	good := r.git("rev-parse", "HEAD")

	// the change
	r.write("repo/.github/workflows/triage.yml", badWorkflow)
	r.write("repo/config.env", plant(0)+" # gitleaks:allow\n")
	r.write("repo/.assay.yaml", "service: {name: shop, tier: low, exposure: isolated}\ngate:\n  pull-request: {deny: \"false\"}\n")
	r.commit("a change")
	code, _ := r.gate()
	if code != 1 {
		t.Fatalf("the change is let through: %s", r.report("text"))
	}
	told := []string{"github-script-injection", "github-personal-access-token"}
	for _, format := range []string{"text", "json", "sarif", "github", "github-summary"} {
		wants(t, format, r.report(format), told...)
		if format != "github" { // which says what stops the change
			wants(t, format, r.report(format), ".assay.yaml")
		}
	}
	var report struct {
		Verdict     struct{ Decision string }
		Alterations []struct {
			Path    string
			Loosens bool
		}
	}
	if err := json.Unmarshal([]byte(r.report("json")), &report); err != nil || report.Verdict.Decision != "deny" || len(report.Alterations) == 0 {
		t.Errorf("%v: %+v", err, report)
	}
	for _, line := range strings.Split(strings.TrimSpace(r.report("github")), "\n") {
		if !ownCommands["github"].MatchString(line + "\n") {
			t.Errorf("no annotation: %q", line)
		}
	}

	// said once, however often it runs
	r.comment()
	r.comment()
	if b := r.forge.bodies(); r.forge.created != 1 || len(b) != 1 {
		t.Fatalf("%d comments were made", r.forge.created)
	}
	wants(t, "the comment", r.forge.bodies()[0], "Denied", ".github/workflows/triage.yml", "config.env", ".assay.yaml")
	if strings.Contains(r.forge.bodies()[0], whole(planted[0].value)) {
		t.Error("the comment shows the secret")
	}

	// mended: the pipeline by a patch, which a second run has nothing to add to
	code, stdout, stderr := r.run("", "fix", "--write", "--rule", "pipeline/github-script-injection", r.repo)
	if code != 0 {
		t.Fatalf("fix: exit code %d: %s%s", code, stdout, stderr)
	}
	fixed, err := os.ReadFile(filepath.Join(r.repo, ".github", "workflows", "triage.yml"))
	if err != nil {
		t.Fatal(err)
	}
	wants(t, "the mended workflow", string(fixed), "# the comments of the file stay", "# greets whoever opened it", "env:")
	if script := string(fixed)[strings.Index(string(fixed), "run:"):]; strings.Contains(script, "echo \"a new request: ${{") {
		t.Errorf("the workflow still injects:\n%s", fixed)
	}
	if _, again, _ := r.run("", "fix", "--rule", "pipeline/github-script-injection", r.repo); again != "" {
		t.Errorf("a second run has more to do: %s", again)
	}

	// deleting the secret in one more commit leaves it in the history of the change
	r.git("rm", "-q", "config.env")
	r.git("checkout", "-q", "main", "--", ".assay.yaml")
	r.commit("mended, or so it seems")
	if code, _ := r.gate(); code != 1 {
		t.Errorf("the secret is in a commit of the change, and it is let through: %s", r.report("text"))
	}
	r.comment()

	// written anew, it is gone
	mended := r.git("rev-parse", "HEAD")
	r.git("reset", "-q", "--hard", good)
	r.git("checkout", "-q", mended, "--", ".")
	r.commit("a change")
	if code, _ := r.gate(); code != 0 {
		t.Errorf("the mended change is denied: %s", r.report("text"))
	}
	r.comment()
	if b := r.forge.bodies(); r.forge.created != 1 || len(b) != 1 || r.forge.updated < 2 || strings.Contains(b[0], "Denied") || strings.Contains(b[0], "config.env") {
		t.Errorf("%d comments, %d updates: %q", r.forge.created, r.forge.updated, b)
	}
}
