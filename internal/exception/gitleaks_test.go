package exception

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/risk"
)

func leak(path string, line int, commit string, aliases ...string) risk.Risk {
	r := open("secret/x", path, "a", "1")
	r.Aliases = aliases
	r.Place.Start.Line, r.Place.End.Line = line, line
	if commit != "" {
		r.Place.Commit = &finding.Commit{ID: commit}
	}
	return r
}

func TestGitleaksBaseline(t *testing.T) {
	content := `[
 {"RuleID":"generic-api-key","File":"app/a.go","StartLine":3,"Commit":"","Secret":"REDACTED","Match":"k = REDACTED"},
 {"RuleID":"generic-api-key","File":"app\\b.go","StartLine":4,"Commit":"abc1234","Secret":"x","Fingerprint":"whatever"}
]`
	g, err := ParseGitleaksBaseline("leaks.json", []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	const alias = "gitleaks:generic-api-key"
	risks := []risk.Risk{
		leak("app/a.go", 3, "", alias),
		leak("app/a.go", 3, "", alias), // a second one in the same line is not in the baseline
		leak("app/a.go", 3, "abc1234", alias),
		leak("app/b.go", 4, "abc1234", "CWE-798", alias),
		leak("app/b.go", 4, "", alias),
		leak("app/a.go", 4, "", alias),
		leak("app/a.go", 3, "", "gitleaks:other"),
		leak("app/a.go", 3, ""),
	}
	uses := g.Apply(risks)
	var got []string
	for _, r := range risks {
		text := string(r.Status) + " " + string(r.New)
		if r.Suppression != nil {
			text += " " + r.Suppression.Source
		}
		got = append(got, text)
	}
	want := []string{
		"baseline no leaks.json, entry 1", "open yes", "open yes", "baseline no leaks.json, entry 2",
		"open yes", "open yes", "open yes", "open yes",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !uses[0] || !uses[1] {
		t.Errorf("used: %+v", uses)
	}
}

func TestGitleaksBaselineSpareslive(t *testing.T) {
	g, err := ParseGitleaksBaseline("leaks.json", []byte(`[{"RuleID":"k","File":"a","StartLine":1}]`))
	if err != nil {
		t.Fatal(err)
	}
	risks := []risk.Risk{leak("a", 1, "", "gitleaks:k")}
	risks[0].Verification = finding.Live
	if g.Apply(risks); risks[0].Status != risk.Open || risks[0].New != risk.NewNo {
		t.Errorf("got %s, %s", risks[0].Status, risks[0].New)
	}
}

// An error of the parser must not quote what it stumbled over: it may be the secret.
func TestGitleaksBaselineErrorsQuoteNothing(t *testing.T) {
	for _, content := range []string{
		`[{"RuleID":7,"Secret":"hunter2"}]`, `[{"Secret":hunter2}]`, `{"Secret":"hunter2"}`, `["hunter2"]`, `[{"Secret":"hunter2"}]`, `[] hunter2`,
	} {
		if _, err := ParseGitleaksBaseline("l.json", []byte(content)); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", content, err)
		}
	}
}

func FuzzParseGitleaksBaseline(f *testing.F) {
	f.Add([]byte(`[{"RuleID":"k","File":"a","StartLine":1,"Secret":"x"}]`))
	f.Fuzz(func(t *testing.T, content []byte) {
		if g, err := ParseGitleaksBaseline("b", content); err == nil {
			g.Apply([]risk.Risk{leak("a", 1, "", "gitleaks:k")})
		}
	})
}
