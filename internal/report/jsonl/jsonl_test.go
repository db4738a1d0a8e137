package jsonl

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/reporttest"
)

func TestWrite(t *testing.T) { reporttest.All(t, Write, ".jsonl") }

func BenchmarkWrite(b *testing.B) { reporttest.Growth(b, Write) }

func TestEachLineIsAnObject(t *testing.T) {
	for _, r := range reporttest.Recordings {
		d := r.New()
		lines := strings.Split(strings.TrimSuffix(reporttest.Render(t, Write, d, report.Options{}), "\n"), "\n")
		var types []string
		for _, line := range lines {
			var o struct{ Type string }
			if err := json.Unmarshal([]byte(line), &o); err != nil {
				t.Fatalf("%s: %q: %v", r.Name, line, err)
			}
			if len(types) == 0 || types[len(types)-1] != o.Type {
				types = append(types, o.Type)
			}
		}
		want := []string{"header", "finding", "coverage", "verdict"}
		if len(d.Exceptions) > 0 {
			want = []string{"header", "finding", "coverage", "exception", "suppressions", "alteration", "verdict"}
		}
		if len(d.Findings) == 0 {
			want = []string{"header", "coverage", "verdict"}
		}
		if len(d.Coverage) == 0 {
			want = []string{"header", "verdict"}
		}
		if diff := cmp.Diff(want, types); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.Name, diff)
		}
	}
}
