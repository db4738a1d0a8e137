package pipelinetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/finding"
)

// TestExamples runs the examples: bad has the rule's fault on each line marked "# <- here" and no other that matters, and
// good is silent from medium up.
func (p *Platform) TestExamples(t *testing.T) {
	rules := p.Rules(t)
	for id := range rules {
		t.Run(id, func(t *testing.T) {
			p.testBad(t, rules, id)
			files := p.Example(t, id, "good")
			faults, unchecked := p.Run(files)
			for _, f := range faults {
				if f.Rule == id || Severity(rules, f) >= finding.Medium {
					t.Errorf("good has a fault: %s %s %s", Place(files, f), f.Rule, f.Message)
				}
			}
			if len(unchecked) > 0 {
				t.Errorf("good: not checked: %q", unchecked)
			}
		})
	}
}

func (p *Platform) testBad(t *testing.T, rules map[string]finding.Severity, id string) {
	files := p.Example(t, id, "bad")
	faults, unchecked := p.Run(files)
	var got []string
	for _, f := range faults {
		switch {
		case f.Rule == id:
			got = append(got, Place(files, f))
		case Severity(rules, f) >= finding.Medium:
			t.Errorf("bad has another fault: %s %s %s", Place(files, f), f.Rule, f.Message)
		}
	}
	slices.Sort(got)
	want := marked(files)
	if slices.Contains(p.Unmarked, id) && len(got) > 0 {
		want = got
	}
	if diff := cmp.Diff(want, slices.Compact(got)); diff != "" || len(got) == 0 {
		t.Errorf("lines of bad (-want +got):\n%s", diff)
	}
	if len(unchecked) > 0 {
		t.Errorf("bad: not checked: %q", unchecked)
	}
}

// marked are the lines that an example says to be wrong.
func marked(files map[string][]byte) []string {
	var list []string
	for path, text := range files {
		for i, line := range strings.Split(string(text), "\n") {
			if strings.HasSuffix(strings.TrimSpace(line), "# <- here") {
				list = append(list, fmt.Sprintf("%s:%d", path, i+1))
			}
		}
	}
	slices.Sort(list)
	return list
}

// TestFixes applies the fixes of all bad examples: what they mend is gone, and nothing new is told.
func (p *Platform) TestFixes(t *testing.T, least int) {
	fixed := 0
	for id := range p.Rules(t) {
		files := p.Example(t, id, "bad")
		before, _ := p.Run(files)
		count := map[string]int{}
		edits := map[string][]fault.Edit{}
		for _, f := range before {
			if f.Fix == nil {
				count[f.Rule]++
				continue
			}
			fixed++
			edits[f.Path] = append(edits[f.Path], f.Fix.Edits...)
		}
		for path, list := range edits {
			files[path] = Apply(t, files[path], list)
		}
		after, unchecked := p.Run(files)
		for _, f := range after {
			count[f.Rule]--
		}
		for rule, n := range count {
			if n != 0 {
				t.Errorf("%s: %d findings of %s more or less after the fix", id, n, rule)
			}
		}
		if len(unchecked) > 0 {
			t.Errorf("%s: not checked after the fix: %q", id, unchecked)
		}
	}
	if fixed < least {
		t.Errorf("%d fixes, want %d at least", fixed, least)
	}
}

// Apply makes edits, each once. They must not overlap.
func Apply(t testing.TB, text []byte, edits []fault.Edit) []byte {
	t.Helper()
	edits = slices.Clone(edits)
	slices.SortFunc(edits, func(a, b fault.Edit) int {
		if a.Span.Start != b.Span.Start {
			return b.Span.Start - a.Span.Start
		}
		return strings.Compare(a.Text, b.Text)
	})
	before := len(text) + 1
	for _, e := range slices.Compact(edits) {
		if e.Span.End > before {
			t.Fatalf("edits overlap at %v", e.Span)
		}
		text, before = slices.Concat(text[:e.Span.Start], []byte(e.Text), text[e.Span.End:]), e.Span.Start
	}
	return text
}
