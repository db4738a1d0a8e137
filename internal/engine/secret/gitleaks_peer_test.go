package secret_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assaysec/assay/internal/engine/secret"
	"github.com/assaysec/assay/internal/engines"
	"github.com/assaysec/assay/internal/exception/native"
	"github.com/assaysec/assay/internal/exception/native/effect"
	"github.com/assaysec/assay/internal/risk"
	"github.com/assaysec/assay/internal/scan"
	"github.com/assaysec/assay/internal/source"
)

// configName is the configuration in each tree. What ends in .toml is configuration and not compared.
const configName = "gitleaks.toml"

// peerVariable names the gitleaks binary that results are compared with. Without it only the tables speak.
const peerVariable = "ASSAY_GITLEAKS"

// A sight is one finding as both tools tell it: rule, file, first and last line, secret.
func sight(rule, file string, line, end int, secret string) string {
	return fmt.Sprintf("%s %s:%d-%d %q", rule, file, line, end, secret)
}

// plant writes a tree and returns its root.
func plant(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		full := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// ourSights scans a tree by the configuration in it, with the marks in it taken into account.
func ourSights(t testing.TB, root string) ([]string, []string, error) {
	t.Helper()
	entries, err := engines.Find([]string{"secret"})
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(root, filepath.FromSlash(name))) }
	e, notes, err := entries[0].New(engines.Settings{Rules: []string{configName}, Read: read})
	if err != nil {
		return nil, nil, err
	}
	src := &source.Dir{Root: root, Options: source.Options{NoIgnore: true}}
	report, err := scan.Run(context.Background(), src, []scan.Engine{e}, scan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range marked(t, report) {
		if p := r.Place; r.Status == risk.Open && !strings.HasSuffix(p.Path, ".toml") {
			value := string([]rune(r.Properties.(secret.Properties).Value.Reveal())) // as JSON shows bytes that are no text
			out = append(out, sight(strings.TrimPrefix(r.Rule, "secret/"), p.Path, p.Start.Line, p.End.Line, value))
		}
	}
	return distinct(out), notes, nil
}

// marked are the findings of a report, of which marks hold some back.
func marked(t testing.TB, report *scan.Report) []risk.Risk {
	t.Helper()
	risks := make([]risk.Risk, len(report.Findings))
	for i, f := range report.Findings {
		risks[i] = risk.Risk{Finding: f, Status: risk.Open}
	}
	var marks []effect.Mark
	for _, f := range report.Facts {
		if f.Kind != scan.MarkKind {
			continue
		}
		if f.Mark.Tool == native.Gitleaks {
			marks = append(marks, effect.Mark{Found: *f.Mark, Path: f.Place.Path})
		}
	}
	effect.ApplyMarks(risks, marks, effect.Options{Now: time.Unix(0, 0)})
	return risks
}

// peerSights runs gitleaks over a tree. It returns an error where gitleaks refuses the configuration.
func peerSights(t testing.TB, binary, root string) ([]string, error) {
	t.Helper()
	cmd := exec.Command(binary, "dir", ".", "--no-banner", "--log-level", "error", "-f", "json", "-r", "-", "--exit-code", "0", "-c", configName)
	cmd.Dir = root
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, stderr.String())
	}
	var found []struct {
		RuleID, File, Secret string
		StartLine, EndLine   int
	}
	if err := json.Unmarshal(stdout.Bytes(), &found); err != nil {
		t.Fatalf("%v: %q %s", err, stdout.String(), stderr.String())
	}
	var out []string
	for _, f := range found {
		if !strings.HasSuffix(f.File, ".toml") {
			out = append(out, sight(f.RuleID, f.File, f.StartLine, f.EndLine, f.Secret))
		}
	}
	return distinct(out), nil
}

func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// peer is the gitleaks binary, empty where there is none.
func peer() string { return os.Getenv(peerVariable) }
