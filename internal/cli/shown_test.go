package cli

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/policy"
)

func TestShownVerdict(t *testing.T) {
	verdict := func(word string) policy.Verdict {
		return policy.Verdict{
			Stage: "build", Decision: policy.Deny, Reasons: []string{"because of " + word},
			Incomplete: []policy.Unmet{{Engine: "secret", Reason: word + " does not hold"}},
			Rulings: []policy.Ruling{
				{Fingerprint: "a1:1", By: "gate", Expr: "path == '" + word + "'", Inputs: map[string]string{"path": "x"}},
				{By: "policy", Expr: "data.x.deny", Message: "not " + word, Error: "on " + word},
			},
		}
	}
	asked := map[string]int{}
	given := verdict("SECRET")
	got := shownVerdict(given, func(text string) string {
		asked[text]++
		return strings.ReplaceAll(text, "SECRET", "[redacted]")
	})
	if diff := cmp.Diff(verdict("[redacted]"), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(verdict("SECRET"), given); diff != "" {
		t.Errorf("what was decided is changed:\n%s", diff)
	}
	for text, n := range asked {
		if n > 1 {
			t.Errorf("%q is asked about %d times", text, n)
		}
	}
}

// An error that says anything else besides is told as a whole.
func TestExprErrors(t *testing.T) {
	wrong := func(line int) error {
		return &diagnostic.Error{At: diagnostic.Position{File: "x.rego", Line: line, Column: 1}, Problem: "wrong"}
	}
	for name, test := range map[string]struct {
		err  error
		want int
	}{
		"one":           {wrong(1), 1},
		"masked":        {masked(errors.Join(wrong(1), errors.Join(wrong(2), wrong(3)))), 3},
		"another":       {errors.Join(wrong(1), errors.New("larger than allowed")), 0},
		"with its name": {fmt.Errorf("--what-if: %w", wrong(1)), 0},
		"none":          {nil, 0},
	} {
		if got := exprErrors(test.err); len(got) != test.want {
			t.Errorf("%s: %d, want %d", name, len(got), test.want)
		}
	}
}
