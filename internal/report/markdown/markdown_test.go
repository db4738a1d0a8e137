package markdown

import (
	"regexp"
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/reporttest"
)

func TestWrite(t *testing.T) { reporttest.All(t, Write, ".md") }

func BenchmarkWrite(b *testing.B) { reporttest.Growth(b, Write) }

func render(t *testing.T, d *report.Document) string {
	t.Helper()
	return reporttest.Render(t, Write, d, report.Options{})
}

func TestSize(t *testing.T) {
	d := reporttest.Huge(10_000)
	for i := range d.Findings {
		d.Findings[i].Message = strings.Repeat("<`> ", 2000)
	}
	got := render(t, d)
	if len(got) > MaxSize {
		t.Errorf("%d bytes", len(got))
	}
	if !strings.Contains(got, "more findings**") || !strings.Contains(got, "Looked at") {
		t.Error("what was left out is not counted")
	}
	if strings.Count(got, "<details>") != strings.Count(got, "</details>") {
		t.Error("an open details element")
	}
}

// TestLongTexts holds that the head and the tail keep their bounds too.
func TestLongTexts(t *testing.T) {
	d := reporttest.Hostile()
	long := strings.Repeat("@x\u202e ", 20_000)
	d.Verdict.Stage, d.Verdict.Reasons = long, []string{long, long, long, long, long, long, long}
	for range 50 {
		d.Coverage = append(d.Coverage, d.Coverage[0])
	}
	for i := range d.Coverage {
		d.Coverage[i].Engine, d.Coverage[i].Reason, d.Coverage[i].Hint = long, long, long
	}
	if n := len(render(t, d)); n > MaxSize {
		t.Errorf("%d bytes", n)
	}
}

// TestOvergrown holds that what exceptions do and what the change alters is bounded and counted, whatever the texts.
func TestOvergrown(t *testing.T) {
	for _, text := range []string{"x", strings.Repeat("@x\u202e ", 2000)} {
		got := render(t, reporttest.Overgrown(1000, text))
		if len(got) > MaxSize {
			t.Errorf("%d bytes", len(got))
		}
		for _, want := range []string{"more exceptions\n", "more alterations\n", "more rulings\n", "1,000 suppressions", "**is void**", "**loosens:**", "Looked at"} {
			if !strings.Contains(got, want) {
				t.Errorf("%.8q: %q is missing", text, want)
			}
		}
	}
}

func TestManyStops(t *testing.T) {
	d := reporttest.Huge(200)
	d.Asked = "--history ."
	got := render(t, d)
	if n := strings.Count(got, "assay explain a1:"); n != maxStops || strings.Count(got, " --history .`") != n {
		t.Errorf("%d findings are shown in full", n)
	}
	for _, r := range report.Look(d).ByGroup[report.Stopping] {
		if !strings.Contains(got, "`"+report.Where(&r.Place)+"`") {
			t.Errorf("%s is missing", report.Where(&r.Place))
		}
	}
}

func TestMarkerIsTheFirstLine(t *testing.T) {
	for _, r := range reporttest.Recordings {
		d := r.New()
		if got := render(t, d); !strings.HasPrefix(got, Marker(d.Verdict.Stage)+"\n") {
			t.Errorf("%s starts with %.80q", r.Name, got)
		}
	}
	if got, want := Marker("a-->b-c"), "<!-- assay comment 1 stage=a___b-c -->"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestGapsAreNeverClean(t *testing.T) {
	for _, d := range []*report.Document{reporttest.Failed(), reporttest.Empty()} {
		if got := render(t, d); !strings.Contains(got, "Not proven clean") || strings.Contains(got, "✅") {
			t.Errorf("looks clean:\n%s", got)
		}
	}
	if got := render(t, reporttest.Clean()); !strings.Contains(got, "✅ Allowed") {
		t.Errorf("clean is not allowed:\n%s", got)
	}
}

// ours is the markup that the format itself writes.
var ours = regexp.MustCompile(`(?m)^<!-- assay comment 1 stage=[a-zA-Z0-9._-]* -->$|^<details><summary>[A-Z][a-z]+: [0-9,a-z ()]+</summary>$|^</details>$|^<sub>|</sub>$`)

// active is what a forge would obey outside code.
var active = regexp.MustCompile(`[<@#\[\]!$&~]|://|www\.|:[a-z]+:`)

// TestHostile holds that outside code blocks and code spans nothing of the target has a meaning.
func TestHostile(t *testing.T) {
	text := ours.ReplaceAllString(reporttest.WithoutFences(render(t, reporttest.Hostile())), "")
	for line := range strings.Lines(text) {
		line = strings.TrimPrefix(strings.TrimPrefix(line, "#### "), "### ")
		if rest := reporttest.WithoutSpans(line); active.MatchString(rest) {
			t.Errorf("%q leaves %q", line, rest)
		}
	}
}

func TestLongPathKeepsItsEnd(t *testing.T) {
	d := reporttest.Recorded()
	d.Findings[0].Place.Path = strings.Repeat("folder/", 100) + "config.py"
	if got := render(t, d); !strings.Contains(got, "…") || !strings.Contains(got, "folder/config.py:12:22` ") {
		t.Errorf("the end of the path is cut off:\n%.800s", got)
	}
}
