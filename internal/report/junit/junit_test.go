package junit

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

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
		{"findings and gaps", reporttest.Recorded(), 3, 2},
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

// TestHostile holds that the target cannot add an element.
func TestHostile(t *testing.T) {
	known := map[string]bool{
		"testsuites": true, "testsuite": true, "testcase": true, "failure": true, "error": true, "skipped": true, "system-out": true,
	}
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
			if !known[token.Name.Local] {
				t.Errorf("element %s", token.Name.Local)
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
