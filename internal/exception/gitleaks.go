package exception

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/risk"
)

const (
	live = finding.Live

	gitleaks = "gitleaks"
)

// A Gitleaks is a baseline or an ignore file of gitleaks.
type Gitleaks struct {
	file   string
	kind   string // baseline or file
	places []gitleaksPlace
}

// A gitleaksPlace is what gitleaks knows a finding by.
type gitleaksPlace struct {
	Rule   string `json:"RuleID"`
	File   string `json:"File"`
	Line   int    `json:"StartLine"`
	Commit string `json:"Commit"`

	// FileLine is the line of the ignore file, for the census.
	FileLine int `json:"-"`
}

// IsBaseline reports whether it is a baseline, which says what was there before; an ignore file does not.
func (g *Gitleaks) IsBaseline() bool { return g.kind == "baseline" }

// ParseGitleaksBaseline reads a JSON report of gitleaks that serves as a baseline. The report may hold secrets; the
// fields that do (Match, Secret, and others beside them) are not read at all, so that none is ever kept.
func ParseGitleaksBaseline(file string, content []byte) (*Gitleaks, error) {
	if len(content) > maxBaselineSize {
		return nil, fmt.Errorf("%s: larger than %d bytes", file, maxBaselineSize)
	}
	g := &Gitleaks{file: file, kind: "baseline"}
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

const (
	maxIgnoreSize   = 16 << 20
	maxIgnoreErrors = 20 // told one by one
)

var commitForm = regexp.MustCompile(`^[0-9a-f]{7,64}$`)

// ParseGitleaksIgnore reads a .gitleaksignore: fingerprints of the form file:rule:line, or commit:file:rule:line, and
// comments. A line that is neither is left out, as gitleaks does, and returned as an error; of very many the last says how
// many more there are.
func ParseGitleaksIgnore(file string, content []byte) (*Gitleaks, []error) {
	if len(content) > maxIgnoreSize {
		return nil, []error{fmt.Errorf("%s: larger than %d bytes", file, maxIgnoreSize)}
	}
	g := &Gitleaks{file: file, kind: "file"}
	var errs []error
	number, left := 0, 0
	for line := range strings.SplitSeq(string(content), "\n") {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		p, ok := parseGitleaksFingerprint(line)
		if !ok && len(errs) == maxIgnoreErrors {
			left++
			continue
		}
		if !ok {
			errs = append(errs, fmt.Errorf("%s:%d: want file:rule:line or commit:file:rule:line", file, number))
			continue
		}
		p.FileLine = number
		g.places = append(g.places, p)
	}
	if left > 0 {
		errs = append(errs, fmt.Errorf("%s: %d more lines like these", file, left))
	}
	return g, errs
}

// parseGitleaksFingerprint reads from the right, because a path may hold colons.
func parseGitleaksFingerprint(text string) (gitleaksPlace, bool) {
	rest, line, ok := cutLast(text)
	n, err := strconv.Atoi(line)
	if !ok || err != nil || n < 0 {
		return gitleaksPlace{}, false
	}
	rest, rule, ok := cutLast(rest)
	if !ok || rule == "" || rest == "" {
		return gitleaksPlace{}, false
	}
	p := gitleaksPlace{Rule: rule, File: rest, Line: n}
	if commit, path, ok := strings.Cut(rest, ":"); ok && commitForm.MatchString(commit) {
		p.Commit, p.File = commit, path
	}
	p.File = gitleaksPath(p.File)
	return p, true
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// gitleaksPath gives a path the one form in which both sides are compared: slashes, nothing before the first folder,
// and "!" before a member of an archive, where we write "!/".
func gitleaksPath(path string) string {
	path = strings.ReplaceAll(path, `\`, "/")
	path = strings.TrimPrefix(path, "./")
	return strings.ReplaceAll(path, "!/", "!")
}

// A GitleaksUse says for one entry how many findings it holds back, for the census.
type GitleaksUse struct {
	Source string // file and line, or file and number of the entry
	Rule   string
	Path   string
	Hides  int
}

// Apply holds back the open risks that gitleaks would know by an entry: same rule under gitleaks' name, same file, line
// and commit. An entry of an ignore file without a commit speaks about every commit, as in gitleaks. In a baseline each
// entry stands for one finding, so that a second secret in an old line is seen, and secrets without an entry are new.
// Apply this before our own baseline, which knows better what is new.
func (g *Gitleaks) Apply(risks []risk.Risk) []GitleaksUse {
	uses := make([]GitleaksUse, len(g.places))
	index := make(map[gitleaksPlace][]int, len(g.places))
	for i, p := range g.places {
		uses[i] = GitleaksUse{Source: g.source(i), Rule: p.Rule, Path: p.File}
		p.FileLine = 0
		index[p] = append(index[p], i)
	}
	for i := range risks {
		r := &risks[i]
		if r.Status != risk.Open {
			continue
		}
		if entry, ok := g.find(r, index, uses); ok {
			uses[entry].Hides++
			g.hide(r, uses[entry].Source)
		} else if g.kind == "baseline" && r.Engine == "secret" && r.New == risk.NewUnknown {
			r.New = risk.NewYes
		}
	}
	return uses
}

func (g *Gitleaks) source(i int) string {
	if line := g.places[i].FileLine; line > 0 {
		return fmt.Sprintf("%s:%d", g.file, line)
	}
	return fmt.Sprintf("%s, entry %d", g.file, i+1)
}

func (g *Gitleaks) find(r *risk.Risk, index map[gitleaksPlace][]int, uses []GitleaksUse) (int, bool) {
	for _, alias := range r.Aliases {
		rule, ok := strings.CutPrefix(alias, gitleaks+":")
		if !ok {
			continue
		}
		p := gitleaksPlace{Rule: rule, File: gitleaksPath(r.Place.Path), Line: r.Place.Start.Line}
		places := []gitleaksPlace{p}
		if r.Place.Commit != nil {
			p.Commit = r.Place.Commit.ID
			if g.kind == "baseline" {
				places = places[:0] // gitleaks compares the commit, also where an entry has none
			}
			places = append(places, p)
		}
		for _, p := range places {
			for _, entry := range index[p] {
				if g.kind == "file" || uses[entry].Hides == 0 {
					return entry, true
				}
			}
		}
	}
	return 0, false
}

func (g *Gitleaks) hide(r *risk.Risk, source string) {
	s := risk.Suppression{Kind: g.kind, Source: source}
	if g.kind == "baseline" {
		if r.New == risk.NewUnknown {
			r.New = risk.NewNo
		}
		holdBack(r, s)
		return
	}
	r.Status, r.Suppression = risk.Suppressed, &s
}

// carries reports whether a finding has a name of a tool, and one of the rules where any is given.
func carries(f *finding.Finding, tool string, rules []string) bool {
	if tool == Assay {
		return slices.ContainsFunc(rules, func(rule string) bool {
			return rule == f.Rule || slices.Contains(f.Aliases, rule)
		})
	}
	return slices.ContainsFunc(f.Aliases, func(alias string) bool {
		name, ok := strings.CutPrefix(alias, tool+":")
		return ok && (len(rules) == 0 || slices.Contains(rules, name) || slices.Contains(rules, alias))
	})
}
