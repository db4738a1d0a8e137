package junit

import (
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	gocmpopts "github.com/google/go-cmp/cmp/cmpopts"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/reporttest"
)

func TestWrite(t *testing.T) { reporttest.All(t, Write, ".xml") }

func BenchmarkWrite(b *testing.B) { reporttest.Growth(b, Write) }

func parse(t *testing.T, d *report.Document) suites {
	t.Helper()
	var s suites
	if err := xml.Unmarshal([]byte(reporttest.Render(t, Write, d, report.Options{})), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNeverGreenWithoutProof(t *testing.T) {
	denied := reporttest.Clean()
	denied.Verdict.Decision = "deny"
	for _, tt := range []struct {
		name             string
		d                *report.Document
		failures, errors int
	}{
		{"clean", reporttest.Clean(), 0, 0},
		{"an engine failed", reporttest.Failed(), 0, 1},
		{"nothing was looked at", reporttest.Empty(), 0, 2},
		{"findings, gaps, and a rule that denies the run", reporttest.Recorded(), 4, 1},
		{"denied without a finding", denied, 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := parse(t, tt.d)
			if s.Failures != tt.failures || s.Errors != tt.errors {
				t.Errorf("%d failures, %d errors; want %d, %d", s.Failures, s.Errors, tt.failures, tt.errors)
			}
			checkCounts(t, s)
		})
	}
}

// TestGap holds that what had to be checked and was not is an error, and what was only left out is skipped: never a
// passed test.
func TestGap(t *testing.T) {
	for _, tt := range []struct {
		status   coverage.Status
		required bool
		skipped  bool
	}{
		{coverage.NotRun, false, true},
		{coverage.Stale, false, true},
		{coverage.NotRun, true, false},
		{coverage.Stale, true, false},
		{coverage.Partial, false, false},
		{coverage.Error, false, false},
		{"", false, false},
	} {
		d := reporttest.Clean()
		d.Coverage = append(d.Coverage, coverage.Record{Target: "t1", Engine: "dependency", Status: tt.status, Reason: "why", Hint: "how"})
		if tt.required {
			d.Verdict.Incomplete = []policy.Unmet{{Engine: "dependency", Target: "t1", Reason: "dependency on t1 is " + string(tt.status)}}
		}
		got := parse(t, d).Suites[0]
		want := suite{Name: "dependency", Tests: 1, Errors: 1, Cases: []testCase{{Name: "coverage of payments (directory)", Class: "dependency"}}}
		told := &outcome{
			Message: report.Gaps(d)[0].String(), Type: cmp.Or(string(tt.status), "without a status"), Text: "to complete it: how",
		}
		want.Cases[0].Error = told
		if tt.skipped {
			want.Errors, want.Skipped, want.Cases[0].Error, want.Cases[0].Skipped = 0, 1, nil, told
		}
		if diff := gocmp.Diff(want, *got, gocmpopts.IgnoreUnexported(suite{})); diff != "" {
			t.Errorf("%q, required %v (-want +got):\n%s", tt.status, tt.required, diff)
		}
	}
}

// TestNamesDiffer holds that no two cases of a suite have one name: readers that go by names would drop one of them.
func TestNamesDiffer(t *testing.T) {
	d := reporttest.Recorded()
	d.Findings = append(d.Findings, d.Findings...)
	for _, s := range parse(t, d).Suites {
		seen := map[string]bool{}
		for _, c := range s.Cases {
			if seen[c.Name] {
				t.Errorf("suite %s: two cases %q", s.Name, c.Name)
			}
			seen[c.Name] = true
		}
	}
}

func checkCounts(t *testing.T, all suites) {
	t.Helper()
	tests := 0
	for _, s := range all.Suites {
		if s.Tests != len(s.Cases) || s.Tests == 0 {
			t.Errorf("suite %s: %d tests, %d cases", s.Name, s.Tests, len(s.Cases))
		}
		tests += s.Tests
	}
	if tests != all.Tests {
		t.Errorf("%d tests, the sum is %d", all.Tests, tests)
	}
}

// known are the elements with the attributes that the schema of Jenkins' xUnit, the strictest reader, has for them.
var known = map[string][]string{
	"testsuites": {"name", "tests", "failures", "errors"},
	"testsuite":  {"name", "tests", "failures", "errors", "skipped"},
	"testcase":   {"name", "classname"},
	"failure":    {"message", "type"},
	"error":      {"message", "type"},
	"skipped":    {"message", "type"},
	"system-out": nil,
}

// TestHostile holds that the target cannot add an element.
func TestHostile(t *testing.T) {
	text := reporttest.Render(t, Write, reporttest.Hostile(), report.Options{})
	dec := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			attributes, ok := known[token.Name.Local]
			if !ok {
				t.Errorf("element %s", token.Name.Local)
			}
			for _, a := range token.Attr {
				if !slices.Contains(attributes, a.Name.Local) {
					t.Errorf("attribute %s of %s", a.Name.Local, token.Name.Local)
				}
			}
		case xml.Comment, xml.Directive:
			t.Errorf("%T", token)
		}
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") {
			t.Errorf("%q is a command", line)
		}
	}
}
