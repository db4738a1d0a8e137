package github

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/engine/pipeline/pipelinetest"
)

var platform = &pipelinetest.Platform{Name: "github", Path: ".github/workflows/example.yml", Wants: Wants, Look: Look, Join: Join,
	Unmarked: []string{"github-permission-undocumented"}}

func TestPairs(t *testing.T) { platform.TestExamples(t) }

// TestRulesAndChecks holds the file of rules and the list of checks together.
func TestRulesAndChecks(t *testing.T) {
	inCode := map[string]bool{}
	for _, c := range checks {
		inCode[c.rule] = true
	}
	for _, c := range joinChecks {
		for _, r := range c.rules {
			inCode[r] = true
		}
	}
	want := slices.Sorted(maps.Keys(platform.Rules(t)))
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(inCode))); diff != "" {
		t.Errorf("rules of the file and of the checks (-file +checks):\n%s", diff)
	}
}
