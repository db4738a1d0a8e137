package gitlab

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
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

type ruleEntry struct {
	ID       string           `yaml:"id"`
	Severity finding.Severity `yaml:"severity"`
}

func loadRules(t *testing.T) map[string]finding.Severity {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(rulesDir, "gitlab.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var list []ruleEntry
	if err := yaml.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	out := map[string]finding.Severity{}
	for _, r := range list {
		if _, twice := out[r.ID]; twice {
			t.Errorf("%s stands twice in the rules", r.ID)
		}
		out[r.ID] = r.Severity
	}
	return out
}

// example reads bad or good of a rule: one file or several.
func example(t *testing.T, id, name, path string) map[string][]byte {
	t.Helper()
	if text, err := os.ReadFile(filepath.Join(rulesDir, "testdata", id, name+".yml")); err == nil {
		return map[string][]byte{path: text}
	}
	a, err := txtar.ParseFile(filepath.Join(rulesDir, "testdata", id, name+".txtar"))
	if err != nil {
		t.Fatalf("%s has no %s example: %v", id, name, err)
	}
	out := map[string][]byte{}
	for _, f := range a.Files {
		out[f.Name] = f.Data
	}
	return out
}

// run looks at files as the engine does, each with its path.
func run(files map[string][]byte) (faults []fault.Fault, unchecked []string) {
	var paths []string
	for p := range files {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	var with []string
	var summaries [][]byte
	for _, p := range paths {
		if wants, _ := Wants(p); !wants {
			continue
		}
		found, summary, not := Look(p, files[p])
		for i := range found {
			found[i].Path = p
		}
		faults = append(faults, found...)
		for _, n := range not {
			unchecked = append(unchecked, p+": "+n)
		}
		if summary != nil {
			with, summaries = append(with, p), append(summaries, summary)
		}
	}
	joined, not := Join(with, summaries)
	faults = append(faults, joined...)
	fault.Sort(faults)
	return faults, append(unchecked, not...)
}

func lineOf(text []byte, at int) int { return bytes.Count(text[:at], []byte("\n")) + 1 }

// TestRules runs the examples: bad has the rule's fault on each line marked "# <- here" and no other that matters, and good
// is silent from medium up.
func TestRules(t *testing.T) {
	rules := loadRules(t)
	for id := range rules {
		t.Run(id, func(t *testing.T) {
			bad := example(t, id, "bad", ".gitlab-ci.yml")
			faults, unchecked := run(bad)
			var got, want []string
			for p, text := range bad {
				for n, line := range strings.Split(string(text), "\n") {
					if strings.HasSuffix(line, "# <- here") {
						want = append(want, fmt.Sprintf("%s:%d", p, n+1))
					}
				}
			}
			for _, f := range faults {
				switch {
				case f.Rule == id:
					got = append(got, fmt.Sprintf("%s:%d", f.Path, lineOf(bad[f.Path], f.Span.Start)))
				case max(f.Severity, rules[f.Rule]*boolTo(f.Severity == 0)) >= finding.Medium:
					t.Errorf("bad has another fault: %s %s", f.Rule, f.Message)
				}
			}
			slices.Sort(got)
			slices.Sort(want)
			if diff := cmp.Diff(want, slices.Compact(got)); diff != "" || len(want) == 0 {
				t.Errorf("lines of bad (-want +got):\n%s", diff)
			}
			good := example(t, id, "good", ".gitlab-ci.yml")
			silent, not := run(good)
			for _, f := range silent {
				if f.Rule == id || max(f.Severity, rules[f.Rule]*boolTo(f.Severity == 0)) >= finding.Medium {
					t.Errorf("good has a fault: %s:%d %s %s", f.Path, lineOf(good[f.Path], f.Span.Start), f.Rule, f.Message)
				}
			}
			if len(unchecked)+len(not) > 0 {
				t.Errorf("not checked: %q %q", unchecked, not)
			}
		})
	}
}

func boolTo(b bool) finding.Severity {
	if b {
		return 1
	}
	return 0
}

// TestRulesKnown finds rules that the code names and the file does not have, and the other way round.
func TestRulesKnown(t *testing.T) {
	rules := loadRules(t)
	named := map[string]bool{}
	sources, _ := filepath.Glob("*.go")
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"(gitlab-[a-z-]+)"`).FindAllSubmatch(text, -1) {
			if named[string(m[1])] = true; rules[string(m[1])] == 0 && string(m[1]) != "gitlab-ci" {
				t.Errorf("%s: the rule %s is not in gitlab.yaml", name, m[1])
			}
		}
	}
	for id := range rules {
		if !named[id] {
			t.Errorf("no check tells %s", id)
		}
	}
}
