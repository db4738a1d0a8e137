package secret

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/scan"
)

// breakMark stands for nothing in examples. It breaks them, so that no scanner trips over a rule file.
const breakMark = "¦"

// broken reports whether a value goes on beyond a mark: an example in a rule file, not a secret.
func broken(text []byte, from, to int) bool {
	return bytes.HasPrefix(text[to:], []byte(breakMark)) || bytes.HasSuffix(text[:from], []byte(breakMark))
}

// Prove runs every rule of the engine's configuration over the rule's own examples, which it must find, and near misses,
// which it must not. It returns what failed, and how many texts were tried.
func (e *Engine) Prove(c *Config) (problems []string, tried int) {
	for i := range c.Rules {
		r := &c.Rules[i]
		for n, text := range r.Examples {
			if tried++; !e.finds(r, text) {
				problems = append(problems, fmt.Sprintf("rule %q does not find its example %d", r.ID, n+1))
			}
		}
		for n, text := range r.NearMisses {
			if tried++; e.finds(r, text) {
				problems = append(problems, fmt.Sprintf("rule %q finds its near miss %d", r.ID, n+1))
			}
		}
	}
	return problems, tried
}

// finds reports whether a rule finds something in a text. Where the rule asks about a path, a first line "path: NAME" of
// the text gives it.
func (e *Engine) finds(r *RuleConfig, text string) bool {
	path := "file.txt"
	text = strings.ReplaceAll(text, breakMark, "")
	if rest, ok := strings.CutPrefix(text, "path: "); ok && r.Path != "" {
		path, text, _ = strings.Cut(rest, "\n")
	}
	f := &scan.File{FileInfo: scan.FileInfo{Path: path, Size: int64(len(text)), Class: coverage.Source}, Text: []byte(text)}
	f.Hits = e.set().Append(nil, f.Text)
	for _, found := range e.Look(context.Background(), f).Findings {
		if found.Rule == "secret/"+r.ID || slices.Contains(found.Properties.(Properties).Also, "secret/"+r.ID) {
			return true
		}
	}
	return false
}
