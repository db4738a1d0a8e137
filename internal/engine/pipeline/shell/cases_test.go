package shell

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parse reads a test's script. A hole is written [[name]] and stands for itself: the brackets are part of the placeholder.
func parse(t *testing.T, d Dialect, text string) *Script {
	t.Helper()
	s, err := Parse(input(d, text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return s
}

// input replaces «name» by a placeholder of the same length and notes where it was.
func input(d Dialect, text string) Input {
	in := Input{Dialect: d}
	for {
		before, rest, ok := strings.Cut(text, "«")
		in.Text += before
		if !ok {
			return in
		}
		name, after, _ := strings.Cut(rest, "»")
		in.Holes = append(in.Holes, Range{Start: len(in.Text), End: len(in.Text) + len(name)})
		in.Text += name
		text = after
	}
}

// remarkCases hold scripts and the remarks wanted of them, in a short form: "kind tool detail package".
type remarkCase struct {
	text    string
	want    string // lines; empty for a script that is fine
	dialect Dialect
}

func runRemarks(t *testing.T, cases []remarkCase, find func(*Script) []Remark, show func(Remark) string) {
	t.Helper()
	for _, c := range cases {
		s := parse(t, c.dialect, c.text)
		var got []string
		for _, r := range find(s) {
			if r.Range.Start < 0 || r.Range.End > len(s.Text) || r.Range.Start >= r.Range.End {
				t.Errorf("%s: range %v", c.text, r.Range)
			}
			got = append(got, show(r))
		}
		if diff := cmp.Diff(c.want, strings.Join(got, "; ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.text, diff)
		}
	}
}
