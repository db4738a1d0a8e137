package pipelinetest

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/finding"
)

// RulesDir is where rules and examples lie, seen from the package of a platform.
const RulesDir = "../../../rules/pipeline"

// A Platform is what is tested.
type Platform struct {
	Name     string   // of its file of rules, and before the IDs of its rules
	Path     string   // of an example that is one file
	Unmarked []string // rules whose bad example bears no mark, since a comment is what it lacks

	Wants func(path string) (wants, sure bool)
	Look  func(path string, text []byte) (faults []fault.Fault, summary []byte, unchecked []string)
	Join  func(paths []string, summaries [][]byte) (faults []fault.Fault, unchecked []string)
}

// Rules are the severities of the platform's rules by their IDs.
func (p *Platform) Rules(t testing.TB) map[string]finding.Severity {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(RulesDir, p.Name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var list []struct {
		ID       string           `yaml:"id"`
		Severity finding.Severity `yaml:"severity"`
	}
	if err := yaml.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	rules := map[string]finding.Severity{}
	for _, r := range list {
		rules[r.ID] = r.Severity
	}
	return rules
}

// Example reads the files of an example, bad or good, of a rule.
func (p *Platform) Example(t testing.TB, rule, name string) map[string][]byte {
	t.Helper()
	base := filepath.Join(RulesDir, "testdata", rule, name)
	if text, err := os.ReadFile(base + ".yml"); err == nil {
		return map[string][]byte{p.Path: text}
	}
	text, err := os.ReadFile(base + ".txtar")
	if err != nil {
		t.Fatalf("%s has no %s example: %v", rule, name, err)
	}
	return Archive(string(text))
}

// Archive are the files of a text archive.
func Archive(text string) map[string][]byte {
	files := map[string][]byte{}
	for _, f := range txtar.Parse([]byte(text)).Files {
		files[f.Name] = f.Data
	}
	return files
}

// Run looks at files as the engine does, each by itself and then all together. Each fault has its path.
func (p *Platform) Run(files map[string][]byte) (faults []fault.Fault, unchecked []string) {
	var paths []string
	var summaries [][]byte
	for _, path := range slices.Sorted(maps.Keys(files)) {
		if wants, _ := p.Wants(path); !wants {
			continue
		}
		found, summary, not := p.Look(path, files[path])
		for _, f := range found {
			f.Path = path
			faults = append(faults, f)
		}
		for _, n := range not {
			unchecked = append(unchecked, path+": "+n)
		}
		if len(summary) > 0 {
			paths, summaries = append(paths, path), append(summaries, summary)
		}
	}
	joined, not := p.Join(paths, summaries)
	faults = append(faults, joined...)
	fault.Sort(faults)
	return faults, append(unchecked, not...)
}

// Place is a fault's file and line.
func Place(files map[string][]byte, f fault.Fault) string {
	return fmt.Sprintf("%s:%d", f.Path, Line(files[f.Path], f.Span.Start))
}

// Line is the line that a byte of a text stands on.
func Line(text []byte, at int) int { return 1 + bytes.Count(text[:at], []byte("\n")) }

// Told is what is told of files, as place and rule, and after that what was not looked at.
func (p *Platform) Told(files map[string][]byte) []string {
	faults, unchecked := p.Run(files)
	var told []string
	for _, f := range faults {
		told = append(told, Place(files, f)+" "+p.short(f.Rule))
	}
	slices.Sort(told)
	return append(told, unchecked...)
}

// Names are the rules that tell something of one file, with the severity where it is not the rule's, and after that what
// was not looked at.
func (p *Platform) Names(text string) []string {
	faults, unchecked := p.Run(map[string][]byte{p.Path: []byte(text)})
	var names []string
	for _, f := range faults {
		name := p.short(f.Rule)
		if f.Severity != 0 {
			name += fmt.Sprintf(" %v", f.Severity)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return append(slices.Compact(names), unchecked...)
}

func (p *Platform) short(rule string) string { return strings.TrimPrefix(rule, p.Name+"-") }

// Severity is a fault's own, or else its rule's.
func Severity(rules map[string]finding.Severity, f fault.Fault) finding.Severity {
	return cmp.Or(f.Severity, rules[f.Rule])
}
