package github

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/assaysec/assay/internal/engine/pipeline/pipelinetest"
)

// TestAttacks looks at small repositories after attacks that were, and at their safe forms. The comment of each archive says
// what has to be told (+) and what must not be (-): a rule, and severities of which it has one.
func TestAttacks(t *testing.T) {
	rules := platform.Rules(t)
	archives, _ := filepath.Glob("testdata/attacks/*.txtar")
	for _, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files := map[string][]byte{}
			for _, f := range archive.Files {
				files[f.Name] = f.Data
			}
			found, _ := platform.Run(files)
			for want := range strings.Lines(string(archive.Comment)) {
				words := strings.Fields(want)
				if len(words) < 2 {
					continue
				}
				told := false
				for _, f := range found {
					severities := words[2:]
					told = told || f.Rule == words[1] && (len(severities) == 0 || slices.Contains(severities, pipelinetest.Severity(rules, f).String()))
				}
				if told != (words[0] == "+") {
					t.Errorf("want %s", strings.TrimSpace(want))
					for _, f := range found {
						t.Logf("%s %s: %s", f.Rule, pipelinetest.Severity(rules, f), f.Message)
					}
				}
			}
		})
	}
	if len(archives) < 100 {
		t.Errorf("%d archives are left", len(archives))
	}
}
