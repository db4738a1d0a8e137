package azure

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

func BenchmarkWrite(b *testing.B) { reporttest.Growth(b, Write) }

func TestCommands(t *testing.T) {
	d := reporttest.Clean()
	d.Verdict.Decision = policy.Deny
	d.Findings = []risk.Risk{{
		Finding: finding.Finding{
			Rule: "a/b", Fingerprint: "a1:1", Title: "100%; sure [yes]", Message: "It says 50%0A",
			Place: finding.Place{Path: "x;y].go", Start: finding.Position{Line: 3, Column: 5}},
		}, Target: "t1", Level: risk.Assessment{Level: finding.High}, Status: risk.Open,
	}}
	d.Verdict.Rulings = []policy.Ruling{{Target: "t1", Fingerprint: "a1:1", Decision: policy.Deny}}
	want := "##vso[task.logissue type=error;sourcepath=x%3By%5D.go;linenumber=3;columnnumber=5;code=a/b;]high: 100%AZP25%3B sure [yes%5D%0AIt says 50%AZP250A%0ARule: a/b%0AMore: assay explain a1:1\n" +
		"assay: denied; 1 finding stopped\n"
	if diff := cmp.Diff(want, reporttest.Render(t, Write, d, report.Options{})); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

var (
	issueLine = regexp.MustCompile(`^##vso\[task\.logissue type=(error|warning);((sourcepath|linenumber|columnnumber|code)=[^;\]]*;)*\][^;\]]*$`)
	command   = regexp.MustCompile(`##[a-zA-Z]*\[`)
)

// check holds that every line but the last is one of our commands, and that no command stands anywhere else.
func check(t *testing.T, d *report.Document) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(reporttest.Render(t, Write, d, report.Options{}), "\n"), "\n")
	last := len(lines) - 1
	for _, line := range lines[:last] {
		if !issueLine.MatchString(line) || command.MatchString(line[2:]) {
			t.Errorf("%.200q is not ours", line)
		}
	}
	if !strings.HasPrefix(lines[last], "assay: ") || command.MatchString(lines[last]) || last > 2*annotation.MaxEach {
		t.Errorf("line %d: %.200q", last, lines[last])
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
