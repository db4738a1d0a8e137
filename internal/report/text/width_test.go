package text

import (
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/frame"
	"github.com/assaysec/assay/internal/report/reporttest"
	"github.com/assaysec/assay/internal/risk"
)

// A path that does not fit behind the risk has a line of its own, as far left as it goes; it is not broken.
func TestNarrow(t *testing.T) {
	path := "services/payments/src/main/config/production.properties"
	d := &report.Document{Findings: []risk.Risk{{Finding: finding.Finding{Rule: "secret/x", Fingerprint: "a1:1",
		Place: finding.Place{Kind: finding.InFile, Path: path}}}}}
	got := reporttest.Render(t, Write, d, report.Options{Width: 60})
	for line := range strings.Lines(got) {
		if frame.Cells(strings.TrimSuffix(line, "\n")) > 60 {
			t.Errorf("%q is wider than 60 columns", line)
		}
	}
	if !strings.Contains(got, "\n    "+path+"\n") {
		t.Errorf("the path is broken:\n%s", got)
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{0: "0 bytes", 1: "1 byte", 1023: "1,023 bytes", 1536: "1.5 KiB"} {
		if got := size(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
