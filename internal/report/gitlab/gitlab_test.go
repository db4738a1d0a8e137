package gitlab

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/reporttest"
)

func TestWriteSecretDetection(t *testing.T) {
	reporttest.All(t, WriteSecretDetection, "-secret-detection.json")
}

func TestWriteSAST(t *testing.T) { reporttest.All(t, WriteSAST, "-sast.json") }

func BenchmarkWrite(b *testing.B) { reporttest.Growth(b, WriteSecretDetection) }

var writers = map[string]reporttest.Writer{"secret_detection": WriteSecretDetection, "sast": WriteSAST}

type securityReport struct {
	Version         string          `json:"version"`
	Scan            scan            `json:"scan"`
	Vulnerabilities []vulnerability `json:"vulnerabilities"`
	Remediations    []remediation   `json:"remediations"`
}

func parse(t *testing.T, scanType string, d *report.Document) securityReport {
	t.Helper()
	var r securityReport
	if err := json.Unmarshal([]byte(reporttest.Render(t, writers[scanType], d, report.Options{})), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

var (
	isoTime = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$`)
	uuid    = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
)

// TestConstraints checks what GitLab's schema asks of the parts that we write.
func TestConstraints(t *testing.T) {
	for scanType := range writers {
		for _, recording := range reporttest.Recordings {
			r := parse(t, scanType, recording.New())
			s := r.Scan
			if !isoTime.MatchString(s.StartTime) || !isoTime.MatchString(s.EndTime) || s.Type != scanType || s.Analyzer.Version == "" || r.Vulnerabilities == nil {
				t.Errorf("%s %s: scan %+v", recording.Name, scanType, s)
			}
			for _, m := range s.Messages {
				if !slices.Contains([]string{"info", "warn", "fatal"}, m.Level) || m.Value == "" {
					t.Errorf("message %+v", m)
				}
			}
			seen := map[string]bool{}
			for _, v := range r.Vulnerabilities {
				if seen[v.ID] {
					t.Errorf("%s: ID %s is not unique", recording.Name, v.ID)
				}
				seen[v.ID] = true
				checkVulnerability(t, v, scanType)
			}
		}
	}
}

func checkVulnerability(t *testing.T, v vulnerability, scanType string) {
	t.Helper()
	if !uuid.MatchString(v.ID) || utf8.RuneCountInString(v.Name) > maxName || utf8.RuneCountInString(v.Solution) > maxSolution ||
		utf8.RuneCountInString(v.Description) > maxDescription {
		t.Errorf("ID %q, name %q, or a text that is too long", v.ID, v.Name)
	}
	if !slices.Contains([]string{"Info", "Unknown", "Low", "Medium", "High", "Critical"}, v.Severity) {
		t.Errorf("severity %q", v.Severity)
	}
	if scanType == "secret_detection" && (v.Location.Commit == nil || v.Location.Commit.SHA == "") {
		t.Errorf("no commit in %+v", v.Location)
	}
	for _, i := range v.Identifiers {
		if i.Type == "" || i.Name == "" || i.Value == "" {
			t.Errorf("identifier %+v", i)
		}
	}
	for _, d := range v.Details {
		if d.Name == "" || d.Value == "" || d.Type != "text" && d.Type != "code" {
			t.Errorf("detail %+v", d)
		}
	}
}

func TestStatus(t *testing.T) {
	noSecrets := reporttest.Clean()
	noSecrets.Coverage = noSecrets.Coverage[1:]
	for _, tt := range []struct {
		name         string
		d            *report.Document
		secret, sast string
	}{
		{"clean", reporttest.Clean(), "success", "success"},
		{"secret engine failed", reporttest.Failed(), "failure", "success"},
		{"partial", reporttest.Recorded(), "failure", "success"},
		{"empty", reporttest.Empty(), "failure", "failure"},
		{"secret engine has no record", noSecrets, "failure", "success"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := []string{parse(t, "secret_detection", tt.d).Scan.Status, parse(t, "sast", tt.d).Scan.Status}
			if diff := cmp.Diff([]string{tt.secret, tt.sast}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSameFaultInTwoFolders holds that IDs differ where two targets of one kind hold the same fault, and that the first
// keeps its own.
func TestSameFaultInTwoFolders(t *testing.T) {
	d := reporttest.Recorded()
	alone := parse(t, "secret_detection", d).Vulnerabilities[0].ID
	d.Targets = append(d.Targets, finding.Target{ID: "t3", Kind: d.Targets[0].Kind, Name: "copy"})
	again := d.Findings[0]
	again.Target = "t3"
	d.Findings = append(d.Findings, again)
	seen := map[string]bool{}
	for _, v := range parse(t, "secret_detection", d).Vulnerabilities {
		if seen[v.ID] {
			t.Errorf("ID %s is not unique", v.ID)
		}
		seen[v.ID] = true
	}
	if !seen[alone] {
		t.Error("the ID of the first changed")
	}
}

func TestLimits(t *testing.T) {
	d := reporttest.Recorded()
	d.Exceptions, d.Suppressions, d.Alterations, d.Verdict.Rulings = nil, nil, nil, nil
	d.Findings[0].Message = strings.Repeat("long ", maxDescription)
	d.Findings[0].Advice = strings.Repeat("long ", maxSolution)
	d.Coverage[0].Unchecked = make([]coverage.Unchecked, maxUnchecked+7)
	r := parse(t, "secret_detection", d)
	for _, v := range r.Vulnerabilities {
		checkVulnerability(t, v, "secret_detection")
	}
	var last []string
	for _, m := range r.Scan.Messages[maxUnchecked+1:] {
		last = append(last, m.Value)
	}
	want := []string{
		"secret could not check 7 more files", "1 file with more findings of one rule than are reported",
		"exceptions: EX-7 on payments (directory) holds back 1 finding: 68 days left, until 2027-01-31; owner team-platform",
		"1 finding left out: held back by an exception or a suppression",
	}
	if diff := cmp.Diff(want, last); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestStanding holds that what loosens, and what permits nothing any more, is a warning.
func TestStanding(t *testing.T) {
	d := reporttest.Recorded()
	for range maxStanding {
		d.Alterations = append(d.Alterations, report.Alteration{Path: "CODEOWNERS", Line: 3, What: "names owners of /web"})
	}
	levels := map[string]string{}
	for _, m := range parse(t, "sast", d).Scan.Messages {
		levels[m.Value] = m.Level
	}
	for value, want := range map[string]string{
		"policy: deny: a release needs no finding that is overdue, and 2 are (.assay/policies/release.rego:12)":                                                      "warn",
		"exceptions: EX-3 on payments (directory) expired on 2026-11-20: 2 findings are judged without it, with their original due dates; owner team-platform":       "warn",
		"exceptions: EX-7 on payments (directory) permits 1 finding: 68 days left, until 2027-01-31; approved by security@example.com (signed); owner team-platform": "info",
		"the change adds the exception EX-15 (.assay/exceptions.yaml:31), which loosens what judges it":                                                              "warn",
		"the change names owners of /web (CODEOWNERS:3)": "info",
		"2 more alterations":                             "info",
	} {
		if levels[value] != want {
			t.Errorf("%q has level %q, want %q", value, levels[value], want)
		}
	}
}

func TestExceptedIsLeftOutAndCounted(t *testing.T) {
	r := parse(t, "sast", reporttest.Recorded())
	for _, v := range r.Vulnerabilities {
		if v.Identifiers[0].Value == "pipeline/self-hosted-runner" {
			t.Error("an excepted finding is listed")
		}
	}
	if last := r.Scan.Messages[len(r.Scan.Messages)-1]; !strings.HasPrefix(last.Value, "1 finding left out") {
		t.Errorf("message %q", last.Value)
	}
}
