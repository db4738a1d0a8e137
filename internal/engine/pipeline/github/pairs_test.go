package github

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/finding"
)

const rulesDir = "../../../rules/pipeline"

// A testRule is what the tests need of an entry of the rules' file.
type testRule struct {
	ID         string             `yaml:"id"`
	Title      string             `yaml:"title"`
	Severity   finding.Severity   `yaml:"severity"`
	Confidence finding.Confidence `yaml:"confidence"`
	CWE        []string           `yaml:"cwe"`
	Aliases    []string           `yaml:"aliases"`
	About      string             `yaml:"about"`
	Advice     string             `yaml:"advice"`
	References []string           `yaml:"references"`
	Hide       bool               `yaml:"hide"`
}

func readRules(t *testing.T) map[string]testRule {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(rulesDir, "github.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	var list []testRule
	if err := dec.Decode(&list); err != nil {
		t.Fatal(err)
	}
	rules := map[string]testRule{}
	for _, r := range list {
		if _, ok := rules[r.ID]; ok {
			t.Errorf("rule %s stands there twice", r.ID)
		}
		if r.Title == "" || strings.HasSuffix(r.Title, ".") || r.Severity == 0 || r.Confidence == 0 || r.About == "" || r.Advice == "" {
			t.Errorf("rule %s is not complete", r.ID)
		}
		rules[r.ID] = r
	}
	return rules
}

// TestRulesAndChecks holds the file of rules and the list of checks together.
func TestRulesAndChecks(t *testing.T) {
	inCode := map[string]bool{}
	for _, c := range checks {
		inCode[c.rule] = true
	}
	for _, c := range joinChecks {
		for _, r := range c.rules {
			inCode[r] = true
		}
	}
	want := slices.Sorted(maps.Keys(readRules(t)))
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(inCode))); diff != "" {
		t.Errorf("rules of the file and of the checks (-file +checks):\n%s", diff)
	}
}

// TestPairs looks at each rule's bad and good example.
func TestPairs(t *testing.T) {
	rules := readRules(t)
	for id := range rules {
		t.Run(id, func(t *testing.T) {
			bad, good := readPair(t, id, "bad"), readPair(t, id, "good")
			for _, f := range lookAll(bad) {
				if f.Rule != id && severity(rules, f) >= finding.Medium {
					t.Errorf("bad: another fault: %s", describe(bad, f))
				}
			}
			want, got := marked(bad), told(bad, id)
			if diff := cmp.Diff(want, got); diff != "" && (len(want) > 0 || len(got) == 0) { // a mark may be the very comment that is missing
				t.Errorf("bad (-marked +found):\n%s", diff)
			}
			for _, f := range lookAll(good) {
				if f.Rule == id || severity(rules, f) >= finding.Medium {
					t.Errorf("good: %s", describe(good, f))
				}
			}
		})
	}
}

func severity(rules map[string]testRule, f fault.Fault) finding.Severity {
	if f.Severity != 0 {
		return f.Severity
	}
	return rules[f.Rule].Severity
}

// readPair are the files of an example by path: of an archive, or the one workflow.
func readPair(t *testing.T, id, name string) map[string][]byte {
	t.Helper()
	base := filepath.Join(rulesDir, "testdata", id, name)
	if text, err := os.ReadFile(base + ".txtar"); err == nil {
		files := map[string][]byte{}
		for _, f := range txtar.Parse(text).Files {
			files[f.Name] = f.Data
		}
		return files
	}
	text, err := os.ReadFile(base + ".yml")
	if err != nil {
		t.Fatalf("rule without an example: %v", err)
	}
	return map[string][]byte{".github/workflows/" + name + ".yml": text}
}

// lookAll looks at files as the engine does, each by itself and then all together.
func lookAll(files map[string][]byte) []fault.Fault {
	var faults []fault.Fault
	var sums [][]byte
	paths := slices.Sorted(maps.Keys(files))
	for _, p := range paths {
		found, sum, unchecked := Look(p, files[p])
		for _, f := range found {
			f.Path = p
			faults = append(faults, f)
		}
		for _, u := range unchecked {
			faults = append(faults, fault.Fault{Rule: "unchecked", Path: p, Message: u, Severity: finding.High})
		}
		sums = append(sums, sum)
	}
	joined, _ := Join(paths, sums)
	return append(faults, joined...)
}

func line(text []byte, at int) int { return 1 + bytes.Count(text[:at], []byte("\n")) }

func describe(files map[string][]byte, f fault.Fault) string {
	return fmt.Sprintf("%s:%d: %s (%v): %s", f.Path, line(files[f.Path], f.Span.Start), f.Rule, f.Severity, f.Message)
}

// marked are the lines that an example says to be wrong.
func marked(files map[string][]byte) []string {
	var list []string
	for p, text := range files {
		for i, l := range strings.Split(string(text), "\n") {
			if strings.HasSuffix(strings.TrimSpace(l), "# <- here") {
				list = append(list, fmt.Sprintf("%s:%d", p, i+1))
			}
		}
	}
	slices.Sort(list)
	return list
}

func told(files map[string][]byte, id string) []string {
	var list []string
	for _, f := range lookAll(files) {
		if f.Rule == id {
			list = append(list, fmt.Sprintf("%s:%d", f.Path, line(files[f.Path], f.Span.Start)))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
