package cli_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/engines"
	"github.com/assaysec/assay/internal/scan"
)

// A crashing engine panics on some files, with a value that holds what stands in them.
type crashing struct{ on string }

func (crashing) Name() string               { return "crashing" }
func (crashing) Version() string            { return "1" }
func (crashing) Digests() map[string]string { return nil }
func (crashing) Wants(*scan.FileInfo) bool  { return true }
func (c crashing) Look(_ context.Context, f *scan.File) scan.Result {
	if strings.Contains(f.Path, c.on) {
		panic("about " + string(f.Text))
	}
	return scan.Result{}
}

// withEngine adds an engine to the binary for one test.
func withEngine(t *testing.T, e scan.Engine) {
	t.Helper()
	old := engines.All
	engines.All = append(append([]engines.Entry{}, old...), engines.Entry{Name: e.Name(), New: func(engines.Settings) (scan.Engine, []string, error) {
		return e, nil, nil
	}})
	t.Cleanup(func() { engines.All = old })
}

// A run in which something could not be checked looks clean in no format: not where an engine crashed, not where a part
// of the target could not be read.
func TestIncompleteNeverLooksClean(t *testing.T) {
	for _, tt := range []struct {
		name  string
		setUp func(*testing.T, *bench)
		path  string
		fails string // of GitLab's reports, the one about the engine's findings
	}{
		{"an engine crashed", func(t *testing.T, b *bench) {
			withEngine(t, crashing{"main"})
			b.write("repo/main.go", "package main // "+plant(0)+" gitleaks:allow\n")
		}, "main.go", "gitlab-sast"},
		{"an archive is broken", func(_ *testing.T, b *bench) { b.write("repo/data.zip", "PK\x03\x04 and no more") }, "data.zip", "gitlab-secret-detection"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			b.write("repo/other.go", "package main\n")
			tt.setUp(t, b)
			args, files := b.everyFormat()
			code, stdout, stderr := b.run("", append([]string{"scan", b.repo}, args...)...)
			if code != 3 {
				t.Errorf("exit code %d, want 3: %s", code, stderr)
			}
			if code, _, _ := b.run("", "gate", "--stage", "deploy", b.repo); code != 3 {
				t.Errorf("gate: exit code %d, want 3", code)
			}
			texts := map[string]string{}
			for _, file := range files {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				texts[filepath.Base(file)] = string(text)
				if strings.Contains(string(text)+stdout+stderr, whole(planted[0].value)) {
					t.Errorf("%s shows what the engine crashed on", file)
				}
			}
			for format, wants := range map[string][]string{
				"text":     {"partial", tt.path},
				"json":     {`"partial"`, tt.path, `"incomplete": [`},
				"jsonl":    {`"partial"`, tt.path},
				"sarif":    {`"executionSuccessful": false`, tt.path},
				tt.fails:   {`"status": "failure"`, tt.path},
				"junit":    {"<error", tt.path},
				"markdown": {tt.path, "partial"},
				"html":     {tt.path, "partial"},
			} {
				for _, want := range wants {
					if !strings.Contains(texts[format], want) {
						t.Errorf("%s does not hold %q:\n%s", format, want, texts[format][:min(len(texts[format]), 2000)])
					}
				}
			}
			first := strings.Join(strings.SplitAfterN(texts["text"], "\n", 25)[:min(24, strings.Count(texts["text"], "\n"))], "")
			if !strings.Contains(first, "partial") && !strings.Contains(first, "could not") {
				t.Errorf("the first screen does not say it:\n%s", first)
			}
			for format, never := range map[string]string{"text": "nothing to do", "markdown": "nothing to do"} {
				if strings.Contains(texts[format], never) {
					t.Errorf("%s says %q:\n%s", format, never, texts[format])
				}
			}
			var r struct {
				Coverage []struct{ Engine, Status string }
			}
			if err := json.Unmarshal([]byte(texts["json"]), &r); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// Denied and incomplete at once is exit code 1, and the report says both.
func TestDeniedAndIncomplete(t *testing.T) {
	b := newBench(t)
	b.write("repo/env.sh", plant(0)+"\n")
	b.write("repo/data.zip", "PK\x03\x04 and no more")
	code, stdout, _ := b.run("", "gate", "--stage", "deploy", b.repo)
	if code != 1 || !strings.Contains(stdout, "DENIED") || !strings.Contains(stdout, "data.zip") {
		t.Errorf("exit code %d:\n%s", code, stdout)
	}
	code, _, _ = b.run("", "scan", "--fail-on", "high", b.repo)
	if code != 1 {
		t.Errorf("scan --fail-on: exit code %d, want 1", code)
	}
}
