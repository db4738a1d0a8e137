package reporttest

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/report"
)

var update = flag.Bool("update", false, "write golden files instead of comparing with them")

// A Writer is a report format's function.
type Writer func(io.Writer, *report.Document, report.Options) error

// Render writes a document with one format.
func Render(t testing.TB, write Writer, d *report.Document, o report.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, d, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Golden compares got with testdata/name, or writes it there with -update.
func Golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (renew golden files with -update)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// All renders each recorded document and compares it with its golden file; ext is the ending of their names. It also
// holds that the same document gives the same bytes.
func All(t *testing.T, write Writer, ext string) {
	t.Helper()
	for _, r := range Recordings {
		t.Run(r.Name, func(t *testing.T) {
			got := Render(t, write, r.New(), report.Options{})
			if again := Render(t, write, r.New(), report.Options{}); got != again {
				t.Error("two runs differ")
			}
			Golden(t, r.Name+ext, got)
		})
	}
}

// Growth writes a document of many findings, for a benchmark that shows how time grows with them.
func Growth(b *testing.B, write Writer) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(report.Number(n), func(b *testing.B) {
			d := Huge(n)
			for b.Loop() {
				if err := write(io.Discard, d, report.Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/finding")
		})
	}
}
