package annotation

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/escape"
	"github.com/assaysec/assay/internal/report/reporttest"
)

// TestLimits holds that no more is said than is shown, that gaps come first, and that the rest is counted.
func TestLimits(t *testing.T) {
	d := reporttest.Huge(1000)
	d.Coverage[0].Status = coverage.Error
	for range 20 {
		d.Coverage = append(d.Coverage, d.Coverage[0])
	}
	s := Of(d)
	if len(s.Shown) != MaxEach || s.Shown[0].Title != "Not proven clean" || !s.Shown[0].Error {
		t.Fatalf("%d are shown, the first %+v", len(s.Shown), s.Shown[0])
	}
	if n := len(s.Shown[0].Detail); n != maxEach+1 || s.Shown[0].Detail[maxEach] != "and 16 more gaps" {
		t.Errorf("%d lines about gaps: %q", n, s.Shown[0].Detail)
	}
	if want := "denied; 200 findings stopped; 800 findings noted; 191 more findings than is shown here"; s.Summary != want {
		t.Errorf("summary %q, want %q", s.Summary, want)
	}
}

func TestFailing(t *testing.T) {
	d := reporttest.Huge(10)
	d.Verdict.Rulings, d.Verdict.Decision = nil, "allow"
	d.FailOn = finding.High
	if s := Of(d); len(s.Shown) != len(d.Failing()) || len(s.Shown) == 0 || !s.Shown[0].Error {
		t.Errorf("%d of %d are shown", len(s.Shown), len(d.Failing()))
	}
}

// TestOfRun holds that what the policy says of the run and what permits nothing take one place each, and no file.
func TestOfRun(t *testing.T) {
	d := reporttest.Overgrown(20, "x")
	d.Verdict.Rulings[19].Decision = "warn"
	want := []Annotation{
		{Error: true, Title: "Denied by the policy", Detail: []string{"x (x)", "x (x)", "x (x)", "x (x)", "x (x)", "and 14 more rulings"}},
		{Title: "The policy warns", Detail: []string{"x (x)"}},
		{Title: "Exceptions that permit nothing", Detail: []string{
			"EX-0 x is void: x; approved by x; owner x", "EX-10 x is void: x; approved by x; owner x", "EX-12 x is void: x; approved by x; owner x",
			"EX-14 x is void: x; approved by x; owner x", "EX-16 x is void: x; approved by x; owner x", "and 5 more exceptions",
		}},
	}
	if diff := cmp.Diff(want, Of(d).Shown); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
}

func TestPlace(t *testing.T) {
	pos := func(line, column int) finding.Position { return finding.Position{Line: line, Column: column} }
	for _, tt := range []struct {
		name  string
		place finding.Place
		want  Annotation
		words string
	}{
		{"a range", finding.Place{Path: "a b/c.go", Start: pos(3, 5), End: pos(3, 9)}, Annotation{Path: "a b/c.go", Start: pos(3, 5), End: pos(3, 8)}, ""},
		{"lines", finding.Place{Path: "c.go", Start: pos(3, 5), End: pos(5, 1)}, Annotation{Path: "c.go", Start: pos(3, 5), End: pos(5, 1)}, ""},
		{"an end before its start", finding.Place{Path: "c.go", Start: pos(3, 5), End: pos(2, 1)}, Annotation{Path: "c.go", Start: pos(3, 5)}, ""},
		{"a file", finding.Place{Path: "id_rsa"}, Annotation{Path: "id_rsa"}, ""},
		{"a member of an archive", finding.Place{Path: "a.zip!/b", Start: pos(3, 5)}, Annotation{Path: "a.zip"}, "a.zip!/b:3:5"},
		{"the history", finding.Place{Path: "c.go", Start: pos(3, 5), Commit: &finding.Commit{ID: "abc"}}, Annotation{}, "c.go:3:5 in commit abc"},
		{"a layer", finding.Place{Path: "c.go", Layer: "sha256:x"}, Annotation{}, "c.go"},
		{"a name that must be escaped", finding.Place{Path: "a\nb"}, Annotation{}, "a\nb"},
		{"a name that would be a command", finding.Place{Path: "##[error]x"}, Annotation{}, "##[error]x"},
		{"out of the tree", finding.Place{Path: "../x"}, Annotation{}, "../x"},
		{"from the root", finding.Place{Path: "/etc/passwd"}, Annotation{}, "/etc/passwd"},
		{"a package", finding.Place{Package: "pkg:npm/x"}, Annotation{}, "pkg:npm/x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got Annotation
			words := place(&got, &tt.place)
			if diff := cmp.Diff(tt.want, got); diff != "" || words != tt.words {
				t.Errorf("words %q, place (-want +got):\n%s", words, diff)
			}
		})
	}
}

// TestHostile holds that every text is one line that is safe to print.
func TestHostile(t *testing.T) {
	s := Of(reporttest.Hostile())
	texts := []string{s.Summary}
	for _, a := range s.Shown {
		texts = append(append(texts, a.Path, a.Code, a.Title), a.Detail...)
	}
	for _, text := range texts {
		if escape.Terminal(text) != text || len(text) > 10*maxLine {
			t.Errorf("%.80q is not safe", text)
		}
	}
	d := reporttest.Hostile()
	d.Findings[0].Title = strings.Repeat("\u202e", 10_000)
	d.Asked = d.Findings[0].Title
	for _, a := range Of(d).Shown {
		for _, text := range append(a.Detail, a.Title) {
			if len(text) > 10*maxLine {
				t.Errorf("%d bytes", len(text))
			}
		}
	}
}

func TestGapKinds(t *testing.T) {
	d := reporttest.Clean()
	d.Coverage[0].Status, d.Coverage[0].Hint = coverage.NotRun, "assay db update"
	want := Annotation{Title: "Not looked at", Detail: []string{"secret: not run; to complete it: assay db update"}}
	if diff := cmp.Diff(Set{[]Annotation{want}, "allowed; nothing found"}, Of(d)); diff != "" {
		t.Errorf("set (-want +got):\n%s", diff)
	}
	for _, d := range []*report.Document{reporttest.Failed(), reporttest.Empty()} {
		if s := Of(d); !s.Shown[0].Error || strings.HasPrefix(s.Summary, "allowed") {
			t.Errorf("looks clean: %+v", s)
		}
	}
}
