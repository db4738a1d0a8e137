package secret

import (
	"context"
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/scan"
)

// TestPack proves every built-in rule: it finds its examples, under its own name, and stays silent on its near misses.
func TestPack(t *testing.T) {
	c, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i := range c.Rules {
		r := &c.Rules[i]
		t.Run(r.ID, func(t *testing.T) {
			if seen[r.ID] {
				t.Error("the ID is there twice")
			}
			seen[r.ID] = true
			if r.Advice == "" || r.Description == "" {
				t.Error("advice or description is missing")
			}
			if len(r.Examples) == 0 || len(r.NearMisses) == 0 {
				t.Error("a rule has an example and a near miss")
			}
			for _, x := range r.Examples {
				if r.Regex != "" && !strings.Contains(x, "¦") {
					t.Errorf("example is not broken by ¦: %s", x)
				}
				if got := rulesIn(e, r, x); !got[r.ID] {
					t.Errorf("example not found: %s\nfound instead: %v", x, got)
				}
			}
			for _, x := range r.NearMisses {
				if rulesIn(e, r, x)[r.ID] {
					t.Errorf("near miss found: %s", x)
				}
			}
		})
	}
	if len(c.Rules) < 250 {
		t.Logf("%d rules", len(c.Rules))
	}
}

// rulesIn looks at one example. Where the rule asks about a path, a first line "path: NAME" gives it.
func rulesIn(e *Engine, r *RuleConfig, text string) map[string]bool {
	path := "file.txt"
	text = strings.ReplaceAll(text, "¦", "")
	if rest, ok := strings.CutPrefix(text, "path: "); ok && r.Path != "" {
		path, text, _ = strings.Cut(rest, "\n")
	}
	found := map[string]bool{}
	for _, f := range lookAt(e, path, text).Findings {
		found[strings.TrimPrefix(f.Rule, "secret/")] = true
	}
	return found
}

func lookAt(e *Engine, path, text string) scan.Result {
	f := &scan.File{FileInfo: scan.FileInfo{Path: path, Size: int64(len(text)), Class: coverage.Source}, Text: []byte(text)}
	f.Hits = e.set().Append(nil, f.Text)
	return e.Look(context.Background(), f)
}
