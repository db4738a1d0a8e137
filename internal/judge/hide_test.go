package judge_test

import (
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/exception/native"
	"github.com/assaysec/assay/internal/exception/native/effect"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/judge"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/risk"
)

// What a case quotes goes through hide, wherever it is quoted, and what others hold stays as it is.
func TestHide(t *testing.T) {
	const value = "s3cret"
	services := []profile.Service{{Name: value, Owner: value, Source: value, Paths: []string{value}}}
	held := &risk.Suppression{Source: value, Reason: value, Owner: value}
	c := &judge.Case{
		Targets: []judge.Target{{Target: finding.Target{Name: value}, Services: services, Keep: judge.Keep{Repository: value}}},
		Risks:   []risk.Risk{{Finding: finding.Finding{Place: finding.Place{Path: value}, Related: []finding.Place{{Path: value}}}, Service: value, Owner: value, Suppression: held}},
		Marks:   []effect.Mark{{Found: native.Found{Text: value, Reason: value, Until: value, Problem: value}, Path: value}},
		Files:   []effect.Use{{Path: value, Where: value, Text: value, Reason: value, Until: value, Problem: value}},
	}
	c.Hide(func(s string) string { return strings.ReplaceAll(s, value, "…") })
	for _, part := range []any{c.Targets, c.Risks, c.Marks, c.Files} {
		text, err := report.JSON(part)
		if err != nil || strings.Contains(string(text), value) {
			t.Errorf("%v: %s", err, text)
		}
	}
	if services[0].Name != value || services[0].Paths[0] != value || held.Reason != value {
		t.Error("the catalog's own services, or a shared suppression, were changed")
	}
}

// A case that was written down and read again is the same: what is no UTF-8 becomes it before anything is decided.
func TestHideMakesText(t *testing.T) {
	c := &judge.Case{Risks: []risk.Risk{{Finding: finding.Finding{Place: finding.Place{Path: "a\xff\xfe"}}}}}
	c.Hide(func(s string) string { return s })
	if got := c.Risks[0].Place.Path; got != "a\ufffd" {
		t.Errorf("%q", got)
	}
}
