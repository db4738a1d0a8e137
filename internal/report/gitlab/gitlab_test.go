package gitlab

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

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
	if !uuid.MatchString(v.ID) || utf8.RuneCountInString(v.Name) > maxName || utf8.RuneCountInString(v.Solution) > maxSolution {
		t.Errorf("ID %q, name %q", v.ID, v.Name)
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
