package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/cli"
)

// TestActionScript runs the script of action.yml, with a program that tells how it was called.
func TestActionScript(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Runs struct{ Steps []struct{ ID, Run string } }
	}
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	steps := action.Runs.Steps
	gate := steps[slices.IndexFunc(steps, func(s struct{ ID, Run string }) bool { return s.ID == "gate" })].Run
	const stub = `#!/bin/sh
for a; do printf '<%s>' "$a"; done; echo
while [ $# -gt 0 ]; do case $1 in --output) case $2 in */annotations) echo "::error::one" >"$2";; */summary.md) echo "# two" >"$2";; esac;; esac; shift; done
exit "$CODE"
`
	for _, test := range []struct {
		name    string
		env     []string
		code    string
		want    string // in the call
		verdict string
	}{
		{"all of it", []string{"BASE_OF_REQUEST=abc", "SARIF=a.sarif", "ANNOTATIONS=true", "SUMMARY=true", "RECEIPT=r.json"}, "0",
			"<gate><--stage><pull-request><--diff-base><abc><--format><sarif><--output><a.sarif><--format><github><--output><*/annotations><--format><markdown><--output><*/summary.md><--receipt><r.json><--format><text><--><$(touch x); .>", "allowed"},
		{"nothing beside", []string{"BASE=main", "BASE_OF_REQUEST=abc"}, "1", "<gate><--stage><pull-request><--diff-base><main><--format><text><--><$(touch x); .>", "denied"},
		{"no base", nil, "3", "<gate><--stage><pull-request><--format><text><--><$(touch x); .>", "incomplete"},
		{"wrong", nil, "2", "<gate>", "wrong"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			program := filepath.Join(dir, "stub")
			if err := os.WriteFile(program, []byte(stub), 0o755); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", gate)
			cmd.Dir = dir
			cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "PROGRAM=" + program, "CODE=" + test.code, "STAGE=pull-request", "FOLDER=$(touch x); .",
				"RUNNER_TEMP=" + dir, "GITHUB_OUTPUT=" + filepath.Join(dir, "output"), "GITHUB_STEP_SUMMARY=" + filepath.Join(dir, "summary")}, test.env...)
			out, err := cmd.CombinedOutput()
			if got := fmt.Sprint(cmd.ProcessState.ExitCode()); got != test.code {
				t.Errorf("exit code %s, %v\n%s", got, err, out)
			}
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			if len(lines) < 3 || !strings.HasPrefix(lines[0], "::stop-commands::assay-") || lines[2] != "::"+strings.TrimPrefix(lines[0], "::stop-commands::")+"::" {
				t.Fatalf("the report stands between commands that are off:\n%s", out)
			}
			if !glob(test.want, lines[1]) {
				t.Errorf("called with %s, want %s", lines[1], test.want)
			}
			output, _ := os.ReadFile(filepath.Join(dir, "output"))
			if string(output) != "verdict="+test.verdict+"\n" {
				t.Errorf("output %q", output)
			}
			if test.name == "all of it" {
				summary, _ := os.ReadFile(filepath.Join(dir, "summary"))
				if string(summary) != "# two\n" || lines[3] != "::error::one" {
					t.Errorf("summary %q, output\n%s", summary, out)
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "x")); err == nil {
				t.Error("an input was run")
			}
		})
	}
}

// glob matches texts that stand around stars; the text may go on.
func glob(pattern, text string) bool {
	for i, part := range strings.Split(pattern, "*") {
		if i == 0 {
			if !strings.HasPrefix(text, strings.TrimSuffix(part, "<")) {
				return false
			}
			part = strings.TrimSuffix(part, "<")
		}
		at := strings.Index(text, strings.TrimSuffix(part, "<"))
		if at < 0 {
			return false
		}
		text = text[at+len(strings.TrimSuffix(part, "<")):]
	}
	return true
}

// BenchmarkHook measures a commit with a planted secret that the hook refuses, beside one that a hook refuses which does
// nothing: what is between them is ours. It tells the medians.
func BenchmarkHook(b *testing.B) {
	if _, err := exec.LookPath("git"); err != nil {
		b.Skip("no git")
	}
	program := os.Getenv("ASSAY_PROGRAM")
	if program == "" {
		b.Skip("ASSAY_PROGRAM names no assay to measure")
	}
	dir := b.TempDir()
	env := append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com", "ASSAY_BIN="+program)
	run := func(name string, args ...string) (string, error) {
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.Env = dir, env
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for i := range 1000 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("f%d.go", i)), bytes.Repeat([]byte("package f // nothing\n"), 100), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"commit", "-q", "-m", "first"}} {
		if out, err := run("git", args...); err != nil {
			b.Fatal(out)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "env.sh"), []byte(whole("GITHUB_TOKEN=ghp_glmjpN8pASH4gZvE¦qe2mGEZtYenoTt0wAYe7\n")), 0o644); err != nil {
		b.Fatal(err)
	}
	if out, err := run("git", "add", "-A"); err != nil {
		b.Fatal(out)
	}
	refused := func() time.Duration {
		start := time.Now()
		if _, err := run("git", "commit", "-q", "-m", "x"); err == nil {
			b.Fatal("not refused")
		}
		return time.Since(start)
	}
	hook := filepath.Join(dir, ".git", "hooks", "pre-commit")
	if err := os.WriteFile(hook, []byte("#!/bin/sh\nexit 1\n"), 0o755); err != nil {
		b.Fatal(err)
	}
	var without, with []time.Duration
	for range max(b.N, 21) {
		without = append(without, refused())
	}
	if err := os.Remove(hook); err != nil {
		b.Fatal(err)
	}
	if out, err := run(program, "hook", "install"); err != nil {
		b.Fatal(out)
	}
	b.ResetTimer()
	for range max(b.N, 21) {
		with = append(with, refused())
	}
	median := func(d []time.Duration) float64 { slices.Sort(d); return float64(d[len(d)/2].Microseconds()) / 1000 }
	b.ReportMetric(median(without), "ms-git")
	b.ReportMetric(median(with), "ms-hook")
	b.ReportMetric(median(with)-median(without), "ms-beyond")
}

// TestPreCommitEntry runs what the pre-commit framework is told to run.
func TestPreCommitEntry(t *testing.T) {
	text, err := os.ReadFile("../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var hooks []struct{ Entry string }
	if err := yaml.Unmarshal(text, &hooks); err != nil || len(hooks) == 0 {
		t.Fatal(err)
	}
	for _, h := range hooks {
		words := strings.Fields(h.Entry)
		var out bytes.Buffer
		env := cli.Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }, Now: time.Now, Width: func(io.Writer) int { return 0 }}
		// The help of a command says that its flags are known.
		if code := cli.Main(t.Context(), append(words[1:], "--help"), env); code != cli.Done || words[0] != "assay" {
			t.Errorf("%s: exit code %d\n%s", h.Entry, code, out.String())
		}
	}
}
