package exception

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseMark(t *testing.T) {
	for line, want := range map[string]Mark{
		`x = 1 // assay:ignore secret/x until=2027-01-31 reason="a sample, not a key"`: {Tool: Assay, Rules: []string{"secret/x"},
			Until: "2027-01-31", Reason: "a sample, not a key"},
		`# assay:ignore secret/x,CWE-798, reason='why'`:   {Tool: Assay, Rules: []string{"secret/x", "CWE-798"}, Reason: "why"},
		`/* assay:ignore gitleaks:key secret/x */ y()`:    {Tool: Assay, Rules: []string{"gitleaks:key", "secret/x"}},
		`<!-- assay:ignore secret/x until=2027-01-31 -->`: {Tool: Assay, Rules: []string{"secret/x"}, Until: "2027-01-31"},
		`# assay:ignore secret/x until=soon`:              {Tool: Assay, Rules: []string{"secret/x"}, Until: "soon"},
		`key = "x" # gitleaks:allow`:                      {Tool: "gitleaks"},
		`# gitleaks:allow assay:ignore secret/x`:          {Tool: "gitleaks"},
	} {
		got, err := ParseMark(line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", line, diff)
		}
	}
	for line, want := range map[string]string{
		"nothing":          "no mark",
		"# assay:ignore":   "assay:ignore names no rule",
		"# assay:ignore *": "assay:ignore names no rule",
		"# assay:ignore secret/x untill=2027-01-31":          `assay:ignore: unknown word "untill": want until or reason`,
		`# assay:ignore secret/x reason="open`:               "assay:ignore: reason: the closing quote is missing",
		"# assay:ignore secret/x until= x":                   "assay:ignore: until is empty or given twice",
		"# assay:ignore a until=2027-01-31 until=2028-01-31": "assay:ignore: until is empty or given twice",
	} {
		if _, err := ParseMark(line); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", line, err, want)
		}
	}
}

func FuzzParseMark(f *testing.F) {
	for _, seed := range []string{`assay:ignore a until=2027-01-31 reason="x"`, "gitleaks:allow", `assay:ignore a,b,, =x`, `assay:ignore a reason='`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		m, err := ParseMark(line)
		if err == nil && m.Tool == Assay && len(m.Rules) == 0 {
			t.Error("a mark of ours without a rule")
		}
	})
}
