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
	problems, tried := e.Prove(c)
	for _, p := range problems {
		t.Error(p)
	}
	t.Logf("%d rules, %d examples and near misses", len(c.Rules), tried)
	seen := map[string]bool{}
	for i := range c.Rules {
		r := &c.Rules[i]
		if seen[r.ID] {
			t.Errorf("rule %q is there twice", r.ID)
		}
		seen[r.ID] = true
		if r.Advice == "" || r.Description == "" || !r.SkipReport && (len(r.Examples) == 0 || len(r.NearMisses) == 0) {
			t.Errorf("rule %q lacks its description, advice, example or near miss", r.ID)
		}
		for _, x := range r.Examples {
			if r.Regex != "" && !strings.Contains(x, breakMark) {
				t.Errorf("rule %q has an example that is not broken by %s", r.ID, breakMark)
			}
		}
	}
}

func lookAt(e *Engine, path, text string) scan.Result {
	f := &scan.File{FileInfo: scan.FileInfo{Path: path, Size: int64(len(text)), Class: coverage.Source}, Text: []byte(text)}
	f.Hits = e.set().Append(nil, f.Text)
	return e.Look(context.Background(), f)
}
