package github

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/annotation"
	"github.com/assaysec/assay/internal/report/reporttest"
	"github.com/assaysec/assay/internal/risk"
)

func TestWrite(t *testing.T) { reporttest.All(t, Write, ".txt") }

func TestWriteSummary(t *testing.T) { reporttest.All(t, WriteSummary, ".md") }

func BenchmarkWrite(b *testing.B) { reporttest.Growth(b, Write) }

// A command is one as the runner understands it.
type command struct {
	Name, Data string
	Properties map[string]string
}

// commandLine is how the runner finds a command: at the start of a line, spaces aside.
var commandLine = regexp.MustCompile(`^::([a-z]+)(?: ([^\n]*?))?::(.*)$`)

// parse reads commands as the runner does: split first, then unescape, so that what is escaped cannot be a separator.
func parse(t *testing.T, text string) []command {
	t.Helper()
	var list []command
	for line := range strings.Lines(text) {
		m := commandLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			t.Errorf("%.80q is no command", line)
			continue
		}
		c := command{m[1], unescape(m[3]), map[string]string{}}
		for p := range strings.SplitSeq(m[2], ",") {
			name, value, _ := strings.Cut(p, "=")
			c.Properties[name] = unescape(strings.NewReplacer("%3A", ":", "%2C", ",").Replace(value))
		}
		list = append(list, c)
	}
	return list
}

func unescape(s string) string {
	return strings.ReplaceAll(strings.NewReplacer("%0D", "\r", "%0A", "\n").Replace(s), "%25", "%")
}

func TestCommands(t *testing.T) {
	d := reporttest.Clean()
	d.Verdict.Decision = policy.Deny
	d.Findings = []risk.Risk{{
		Finding: finding.Finding{
			Rule: "a/b", Fingerprint: "a1:1", Title: "100%, sure: yes", Message: "It says 50%0A",
			Place: finding.Place{Path: "x,y:z%2C.go", Start: finding.Position{Line: 3, Column: 5}, End: finding.Position{Line: 3, Column: 9}},
		}, Target: "t1", Level: risk.Assessment{Level: finding.High}, Status: risk.Open,
	}}
	d.Verdict.Rulings = []policy.Ruling{{Target: "t1", Fingerprint: "a1:1", Decision: policy.Deny}}
	got := reporttest.Render(t, Write, d, report.Options{})
	want := "::error file=x%2Cy%3Az%252C.go,line=3,endLine=3,col=5,endColumn=8,title=high%3A 100%25%2C sure%3A yes::It says 50%250A%0ARule: a/b%0AMore: assay explain a1:1\n" +
		"::notice title=assay::denied; 1 finding stopped\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
	read := parse(t, got)
	if diff := cmp.Diff(map[string]string{"file": "x,y:z%2C.go", "line": "3", "endLine": "3", "col": "5", "endColumn": "8", "title": "high: 100%, sure: yes"}, read[0].Properties); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	if want := "It says 50%0A\nRule: a/b\nMore: assay explain a1:1"; read[0].Data != want {
		t.Errorf("data %q, want %q", read[0].Data, want)
	}
}

// check holds that every line is one of our commands, with our properties, and that there are no more than are shown.
func check(t *testing.T, d *report.Document) {
	t.Helper()
	counts := map[string]int{}
	for _, c := range parse(t, reporttest.Render(t, Write, d, report.Options{})) {
		counts[c.Name]++
		for name := range c.Properties {
			if !strings.Contains(" file line endLine col endColumn title ", " "+name+" ") {
				t.Errorf("a property %q", name)
			}
		}
	}
	if counts["error"] > annotation.MaxEach || counts["warning"] > annotation.MaxEach || counts["notice"] != 1 {
		t.Errorf("commands %v", counts)
	}
	delete(counts, "error")
	delete(counts, "warning")
	delete(counts, "notice")
	if len(counts) > 0 {
		t.Errorf("commands that are not ours: %v", counts)
	}
}

func TestHostile(t *testing.T) {
	check(t, reporttest.Hostile())
	check(t, reporttest.Huge(10_000))
}

func FuzzWrite(f *testing.F) {
	for _, a := range reporttest.Attacks {
		f.Add(a)
	}
	f.Fuzz(func(t *testing.T, a string) {
		d := reporttest.Clean()
		d.Findings = []risk.Risk{{Finding: finding.Finding{Rule: a, Title: a, Message: a, Advice: a, Place: finding.Place{Path: a, Start: finding.Position{Line: 1, Column: 1}}}, Target: "t1", Owner: a}}
		d.Verdict.Rulings = []policy.Ruling{{Target: "t1", Decision: policy.Deny}}
		d.Coverage[0].Status, d.Coverage[0].Reason, d.Asked = "error", a, a
		check(t, d)
	})
}

func TestSummarySize(t *testing.T) {
	d := reporttest.Huge(20_000)
	for i := range d.Findings {
		d.Findings[i].Message = strings.Repeat("<`> ", 200)
	}
	if n := len(reporttest.Render(t, WriteSummary, d, report.Options{})); n > maxSummary || n < maxSummary/10 {
		t.Errorf("%d bytes", n)
	}
}
