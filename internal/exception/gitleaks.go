package exception

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/risk"
)

const (
	live = finding.Live

	gitleaks = "gitleaks"
)

// A Gitleaks is a report of gitleaks that serves as its baseline.
type Gitleaks struct {
	file   string
	places []gitleaksPlace
}

// A gitleaksPlace is what gitleaks knows a finding by.
type gitleaksPlace struct {
	Rule   string `json:"RuleID"`
	File   string `json:"File"`
	Line   int    `json:"StartLine"`
	Commit string `json:"Commit"`
}

// ParseGitleaksBaseline reads a JSON report of gitleaks that serves as a baseline. The report may hold secrets; the
// fields that do (Match, Secret, and others beside them) are not read at all, so that none is ever kept.
func ParseGitleaksBaseline(file string, content []byte) (*Gitleaks, error) {
	if len(content) > maxBaselineSize {
		return nil, fmt.Errorf("%s: larger than %d bytes", file, maxBaselineSize)
	}
	g := &Gitleaks{file: file}
	dec := json.NewDecoder(bytes.NewReader(content))
	if err := dec.Decode(&g.places); err != nil {
		return nil, fmt.Errorf("%s:%d: not a JSON report of gitleaks: %w", file, lineAt(content, dec.InputOffset()), hideValue(err))
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("%s: something follows the report", file)
	}
	for i := range g.places {
		p := &g.places[i]
		if p.Rule == "" || p.File == "" && p.Commit == "" {
			return nil, fmt.Errorf("%s: entry %d has no RuleID or no File", file, i+1)
		}
		p.File = gitleaksPath(p.File)
	}
	return g, nil
}

// hideValue drops what an error of the decoder quotes, which may be a part of a secret.
func hideValue(err error) error {
	if t, ok := err.(*json.UnmarshalTypeError); ok {
		return fmt.Errorf("%s has the wrong type", t.Field)
	}
	return fmt.Errorf("not valid JSON")
}

// gitleaksPath gives a path the one form in which both sides are compared: slashes, nothing before the first folder,
// and "!" before a member of an archive, where we write "!/".
func gitleaksPath(path string) string {
	path = strings.ReplaceAll(path, `\`, "/")
	path = strings.TrimPrefix(path, "./")
	return strings.ReplaceAll(path, "!/", "!")
}

// Apply holds back the open risks that gitleaks would know by an entry: same rule under gitleaks' name, same file, line
// and commit. Each entry stands for one finding, so that a second secret in an old line is seen, and secrets without an
// entry are new. Apply this before our own baseline, which knows better what is new. It gives for each entry whether it
// was used.
func (g *Gitleaks) Apply(risks []risk.Risk) []bool {
	used := make([]bool, len(g.places))
	index := make(map[gitleaksPlace][]int, len(g.places))
	for i, p := range g.places {
		index[p] = append(index[p], i)
	}
	for i := range risks {
		r := &risks[i]
		if r.Status != risk.Open {
			continue
		}
		entry, ok := g.find(r, index, used)
		switch {
		case ok:
			used[entry] = true
			if r.New == risk.NewUnknown {
				r.New = risk.NewNo
			}
			holdBack(r, risk.Suppression{Kind: "baseline", Source: fmt.Sprintf("%s, entry %d", g.file, entry+1)})
		case r.Engine == "secret" && r.New == risk.NewUnknown:
			r.New = risk.NewYes
		}
	}
	return used
}

func (g *Gitleaks) find(r *risk.Risk, index map[gitleaksPlace][]int, used []bool) (int, bool) {
	for _, alias := range r.Aliases {
		rule, ok := strings.CutPrefix(alias, gitleaks+":")
		if !ok {
			continue
		}
		p := gitleaksPlace{Rule: rule, File: gitleaksPath(r.Place.Path), Line: r.Place.Start.Line}
		if r.Place.Commit != nil {
			p.Commit = r.Place.Commit.ID
		}
		for _, entry := range index[p] {
			if !used[entry] {
				return entry, true
			}
		}
	}
	return 0, false
}
