package loosening

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/finding"
)

// A File is one file in the base of a change and after it; nil where it is not there.
type File struct {
	Path       string
	Kind       Kind
	Base, Head []byte
	Engines    []string // the names that a configuration may require
}

// An Alteration is one thing that a change does to such a file.
type Alteration struct {
	Path    string `json:"path"`
	Line    int    `json:"line"` // after the change; 1 for what is gone
	Kind    Kind   `json:"kind"`
	What    string `json:"what"` // in a sentence without a subject, such as "puts 3 findings into the baseline"
	Loosens bool   `json:"loosens"`
}

// Compare tells what a change does to a file. Nothing for one that says the same as before.
func Compare(f File) []Alteration {
	if bytes.Equal(f.Base, f.Head) && (f.Base == nil) == (f.Head == nil) {
		return nil
	}
	list := append(compare[f.Kind](&f), unreadable(&f)...)
	for i := range list {
		list[i].Path, list[i].Kind, list[i].Line = f.Path, f.Kind, max(1, list[i].Line)
	}
	if len(list) == 0 {
		list = []Alteration{{Path: f.Path, Kind: f.Kind, Line: 1, What: "changes the file and not what it says"}}
	}
	slices.SortStableFunc(list, func(a, b Alteration) int { return cmp.Compare(a.Line, b.Line) })
	return list
}

var compare = map[Kind]func(*File) []Alteration{
	Configuration: configuration, Policy: policyText, Owners: owners, Baseline: baseline, Exceptions: exceptions,
	Signers: added("lets in a signer"), Rules: rules, Suppressions: suppressions, Pins: pins,
}

// Findings turns the alterations that loosen into findings. They are low: the verdict is not theirs, and who wants to stop
// them says so in the gate, by their rule.
func Findings(list []Alteration) []finding.Finding {
	var out []finding.Finding
	for _, a := range list {
		if !a.Loosens {
			continue
		}
		at := finding.Position{Line: a.Line, Column: 1}
		out = append(out, finding.Finding{
			Rule: "change/" + string(a.Kind), Aliases: []string{"CWE-693"}, Severity: finding.Low, Confidence: finding.HighConfidence,
			Place: finding.Place{Kind: finding.InFile, Path: a.Path, Start: at, End: at},
			Title: "The change loosens what judges it", Message: "the change " + a.What,
			Advice:       "It has no effect on this verdict and takes effect after the merge; let somebody who answers for the gate look at it.",
			Surroundings: a.What,
		})
	}
	finding.Sort(out)
	finding.Number(out)
	return out
}

// entries are the lines of a text that say something, with their numbers.
func entries(text []byte) map[string]int {
	out := map[string]int{}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			if _, ok := out[line]; !ok {
				out[line] = n
			}
		}
	}
	return out
}

// added compares files of lines in which each new line loosens.
func added(what string) func(*File) []Alteration {
	return func(f *File) []Alteration {
		var out []Alteration
		old := entries(f.Base)
		for line, n := range entries(f.Head) {
			if _, ok := old[line]; !ok {
				out = append(out, Alteration{Line: n, What: what, Loosens: true})
			}
		}
		if gone := len(old) - len(common(old, entries(f.Head))); gone > 0 {
			out = append(out, Alteration{What: fmt.Sprintf("takes %s away", count(gone, "line"))})
		}
		return out
	}
}

func common(a, b map[string]int) []string {
	var out []string
	for line := range a {
		if _, ok := b[line]; ok {
			out = append(out, line)
		}
	}
	return out
}

// suppressions compares ignore files and VEX documents. In one that names what counts in spite of the rest, a line that is
// gone can loosen as well.
func suppressions(f *File) []Alteration {
	out := added("holds back findings of other tools' names")(f)
	for i := range out {
		if out[i].Loosens || f.Head == nil {
			continue
		}
		negated := slices.ContainsFunc(strings.Split(string(f.Base), "\n"), func(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "!") })
		dated := strings.Contains(string(f.Base), "exp")
		out[i].Loosens = negated || dated
	}
	return out
}

// policyText compares policies in Rego: what rules that are written otherwise let pass, nobody can tell.
func policyText(f *File) []Alteration {
	switch {
	case f.Base == nil:
		return []Alteration{{What: "adds a policy, which can only tighten"}}
	case f.Head == nil:
		return []Alteration{{What: "removes a policy", Loosens: true}}
	case sameLines(f.Base, f.Head):
		return nil
	}
	return []Alteration{{Line: firstDifference(f.Base, f.Head), What: "makes a policy say something else", Loosens: true}}
}

// rules compares files that engines look with.
func rules(f *File) []Alteration {
	switch {
	case f.Head == nil:
		return []Alteration{{What: "removes a file of rules", Loosens: true}}
	case f.Base != nil && sameLines(f.Base, f.Head):
		return nil
	}
	return []Alteration{{Line: firstDifference(f.Base, f.Head), What: "changes the rules that engines look with", Loosens: true}}
}

// pins compares the commits that actions are pinned to: whether one belongs to its action, only the forge can tell.
func pins(f *File) []Alteration {
	switch {
	case f.Head == nil:
		return []Alteration{{What: "removes the pins of actions"}}
	case sameLines(f.Base, f.Head):
		return nil
	}
	return []Alteration{{Line: firstDifference(f.Base, f.Head), What: "changes to which commits actions are pinned", Loosens: true}}
}

// sameLines reports whether two texts differ in comments and space only.
func sameLines(a, b []byte) bool {
	say := func(text []byte) []string {
		var out []string
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
				out = append(out, line)
			}
		}
		return out
	}
	return slices.Equal(say(a), say(b))
}

// firstDifference is the first line that the change made.
func firstDifference(a, b []byte) int {
	old := strings.Split(string(a), "\n")
	for i, line := range strings.Split(string(b), "\n") {
		if i >= len(old) || old[i] != line {
			return i + 1
		}
	}
	return 1
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
