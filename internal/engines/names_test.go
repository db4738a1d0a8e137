package engines

import (
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/exception/native"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/scan"
)

// Every name of a finding is a rule of ours, a weakness, or in the form of a tool, with marks or without; one that is none of
// them is mistyped, and no mark would ever find it.
func TestNamesAreOfTools(t *testing.T) {
	tools := []string{
		native.Gitleaks, native.Trufflehog, native.Semgrep, native.Gosec, native.Bandit, native.Sonar, native.Checkov,
		native.Zizmor, native.CodeQL, native.Shellcheck, native.KICS, native.Trivy,
	}
	markless := []string{"actionlint:", "poutine:", "scorecard:"}
	asked := 0
	for _, entry := range All {
		engine, _, err := entry.New(Settings{})
		if err != nil {
			t.Fatal(err)
		}
		lister, ok := engine.(scan.Lister)
		if !ok {
			continue
		}
		for _, name := range lister.Names() {
			asked++
			known := strings.HasPrefix(name, entry.Name+"/") || strings.HasPrefix(name, "CWE-")
			for _, tool := range markless {
				known = known || strings.HasPrefix(name, tool)
			}
			for _, tool := range tools {
				known = known || len(native.Names(&finding.Finding{Aliases: []string{name}}, tool)) > 0
			}
			if !known {
				t.Errorf("%s: %q is a name of no tool", entry.Name, name)
			}
		}
	}
	if asked == 0 {
		t.Error("no engine names anything")
	}
}
