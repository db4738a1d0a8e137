package text

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/frame"
	"github.com/assaysec/assay/internal/report/reporttest"
)

func TestWrite(t *testing.T) { reporttest.All(t, Write, ".txt") }

func BenchmarkWrite(b *testing.B) { reporttest.Growth(b, Write) }

func TestWideAndColoured(t *testing.T) {
	got := reporttest.Render(t, Write, reporttest.Recorded(), report.Options{Color: true, Width: 120})
	reporttest.Golden(t, "recorded-color-120.txt", got)
}

var sgr = regexp.MustCompile("\x1b\\[[0-9;]+m")

// TestHostile holds that a terminal and a CI system have nothing to obey.
func TestHostile(t *testing.T) {
	for _, width := range []int{1, 40, 80, 120, 1000} {
		for _, color := range []bool{false, true} {
			got := reporttest.Render(t, Write, reporttest.Hostile(), report.Options{Color: color, Width: width})
			if color {
				got = sgr.ReplaceAllString(got, "")
			}
			for line := range strings.Lines(got) {
				line = strings.TrimSuffix(line, "\n")
				if strings.ContainsFunc(line, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }) {
					t.Errorf("width %d: %q holds what cannot be seen", width, line)
				}
				if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.Contains(line, "##vso[") {
					t.Errorf("width %d: %q is a command", width, line)
				}
			}
		}
	}
}

func TestColourChangesNothingElse(t *testing.T) {
	plain := reporttest.Render(t, Write, reporttest.Recorded(), report.Options{})
	colored := reporttest.Render(t, Write, reporttest.Recorded(), report.Options{Color: true})
	if sgr.ReplaceAllString(colored, "") != plain {
		t.Error("colour changes the text")
	}
	if strings.Contains(plain, "\x1b") {
		t.Error("colour where none was asked for")
	}
}

// TestWidth holds that lines fit, but for words that are longer, such as paths, and for commands: both are never broken.
func TestWidth(t *testing.T) {
	huge := reporttest.Huge(3000)
	huge.Asked = "--rules a --rules b --rules c --rules d --rules e --rules f --rules g"
	long := reporttest.Recorded()
	long.Findings[0].Place.Path = strings.Repeat("folder/", 40) + "a"
	for _, d := range []*report.Document{reporttest.Recorded(), huge, long, reporttest.Overgrown(3, "a b c")} {
		for _, width := range []int{60, 80, 120} {
			got := reporttest.Render(t, Write, d, report.Options{Width: width})
			for line := range strings.Lines(got) {
				n := frame.Cells(strings.TrimRight(line, "\n"))
				if n > width && !strings.HasPrefix(line, "next ") && !endsInLongWord(line, width) {
					t.Errorf("width %d: %d columns in %q", width, n, line)
				}
			}
		}
	}
	got := reporttest.Render(t, Write, huge, report.Options{})
	if !strings.Contains(got, " "+huge.Asked+"\n") {
		t.Error("a command is broken")
	}
}

func endsInLongWord(line string, width int) bool {
	words := strings.Fields(line)
	return frame.Cells(words[len(words)-1]) > width-20
}

func TestCleanFitsOneScreen(t *testing.T) {
	got := reporttest.Render(t, Write, reporttest.Clean(), report.Options{})
	if n := strings.Count(got, "\n"); n > 24 {
		t.Errorf("%d lines", n)
	}
	if !strings.Contains(got, "ALLOWED") {
		t.Error("clean is not allowed")
	}
}

// TestGapsAreNeverClean holds that a gap stands on the first screen and in the verdict.
func TestGapsAreNeverClean(t *testing.T) {
	for _, d := range []*report.Document{reporttest.Failed(), reporttest.Empty()} {
		got := reporttest.Render(t, Write, d, report.Options{})
		lines := strings.Split(got, "\n")
		head := strings.Join(lines[:min(len(lines), 24)], "\n")
		if !strings.Contains(head, "ERROR") && !strings.Contains(head, "NOT RUN") {
			t.Errorf("the first screen hides the gap:\n%s", head)
		}
		if strings.Contains(got, "ALLOWED") || !strings.Contains(got, "unproven") {
			t.Errorf("looks clean:\n%s", got)
		}
	}
}

func TestEveryStopIsNamed(t *testing.T) {
	d := reporttest.Huge(1000)
	got := reporttest.Render(t, Write, d, report.Options{})
	for _, r := range report.Look(d).ByGroup[report.Stopping] {
		if !strings.Contains(got, report.Where(&r.Place)) {
			t.Errorf("%s is missing", report.Where(&r.Place))
		}
	}
}

func TestShowSuppressed(t *testing.T) {
	const kept = "dist/bundle.zip!/keys/server.pem"
	for _, show := range []bool{false, true} {
		got := reporttest.Render(t, Write, reporttest.Recorded(), report.Options{ShowSuppressed: show})
		if strings.Contains(got, kept) != show {
			t.Errorf("show suppressed %v, and the baseline's finding is otherwise", show)
		}
	}
}

// TestOvergrown holds that what permits nothing any more is always named, and that the rest is counted.
func TestOvergrown(t *testing.T) {
	got := reporttest.Render(t, Write, reporttest.Overgrown(101, "x"), report.Options{})
	if n := strings.Count(got, " x IS VOID:"); n != 51 {
		t.Errorf("%d of 51 void exceptions are named", n)
	}
	for _, want := range []string{"\nnext       do what the policy asks for\n", "  and 50 more (all:", "  and 81 more: 81 alterations, 31 loosen (all:", "and 91 more rulings on the run\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

func TestReasonsAreCounted(t *testing.T) {
	d := reporttest.Recorded()
	d.Verdict.Reasons = slices.Repeat([]string{"because"}, maxReasons+2)
	if got := reporttest.Render(t, Write, d, report.Options{}); !strings.Contains(got, "and 2 more reasons\n") {
		t.Error("what was left out is not counted")
	}
}

// TestAdviceOnce holds that lines to paste stand there as they are, and once.
func TestAdviceOnce(t *testing.T) {
	d := reporttest.Recorded()
	for i := range d.Findings {
		d.Findings[i].Advice = "Do this:\nsteps:\n  - uses: a/b@COMMIT\nTrust it"
	}
	got := reporttest.Render(t, Write, d, report.Options{})
	if strings.Count(got, "\n                - uses: a/b@COMMIT\n            Trust it\n") != 1 || !strings.Contains(got, "Do this (what to paste stands above)") {
		t.Errorf("lines to paste:\n%s", got)
	}
}
