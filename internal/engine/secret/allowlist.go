package secret

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/assaysec/assay/internal/expr"
	"github.com/assaysec/assay/internal/litscan"
)

// An allowlist says what is not a finding, with gitleaks' meaning: joined by "or", commits and paths let a whole file
// pass and regexes and stop words one match; joined by "and", all that are given must hold together.
type allowlist struct {
	and       bool
	commits   map[string]bool
	paths     *patterns
	regexes   *patterns
	target    string // secret, match, line
	stopWords []string
	stopOnce  *sync.Once
	stopSet   **litscan.Set
}

// compileAllowlist checks an allowlist. proven says that its expressions are known to compile.
func compileAllowlist(c *AllowlistConfig, proven bool) (allowlist, error) {
	a := allowlist{target: c.RegexTarget, stopOnce: new(sync.Once), stopSet: new(*litscan.Set)}
	switch strings.ToUpper(c.Condition) {
	case "AND", "&&":
		a.and = true
	case "", "OR", "||":
	default:
		return a, fmt.Errorf("allowlist condition %q: want AND or OR", c.Condition)
	}
	switch c.RegexTarget {
	case "":
		a.target = "secret"
	case "secret", "match", "line":
	default:
		return a, fmt.Errorf("allowlist regexTarget %q: want secret, match or line", c.RegexTarget)
	}
	if len(c.Commits)+len(c.Paths)+len(c.Regexes)+len(c.StopWords) == 0 {
		return a, errors.New("allowlist has none of commits, paths, regexes and stopwords")
	}
	if len(c.Commits) > 0 {
		a.commits = make(map[string]bool, len(c.Commits))
	}
	for _, id := range c.Commits {
		a.commits[strings.ToLower(strings.TrimSpace(id))] = true
	}
	var err error
	if a.paths, err = newPatterns(c.Paths, proven); err != nil {
		return a, fmt.Errorf("allowlist path: %w", err)
	}
	if a.regexes, err = newPatterns(c.Regexes, proven); err != nil {
		return a, fmt.Errorf("allowlist regex: %w", err)
	}
	for _, w := range c.StopWords {
		a.stopWords = append(a.stopWords, strings.ToLower(w))
	}
	slices.Sort(a.stopWords)
	a.stopWords = slices.Compact(a.stopWords)
	return a, nil
}

// patterns are expressions of which any may match, joined into one, which is compiled when it is first asked. nil
// matches nothing.
type patterns struct{ joined func() *expr.Expr }

func newPatterns(list []string, proven bool) (*patterns, error) {
	if len(list) == 0 {
		return nil, nil
	}
	if !proven {
		for _, p := range list {
			if _, err := expr.Compile(p); err != nil {
				return nil, err
			}
		}
	}
	text := "(?:" + strings.Join(list, ")|(?:") + ")"
	return &patterns{sync.OnceValue(func() *expr.Expr {
		e, err := expr.Compile(text)
		if err != nil {
			panic(err) // its parts compile
		}
		return e
	})}, nil
}

func (p *patterns) match(m *expr.Machine, text []byte) bool {
	return p != nil && len(text) > 0 && m.Matches(p.joined(), text)
}

var (
	errRuleBothForms = errors.New("[rules.allowlist] is the older form and cannot stand beside [[rules.allowlists]]")
	errBothForms     = errors.New("[allowlist] is the older form and cannot stand beside [[allowlists]]")
)

func compileAllowlists(c *RuleConfig) ([]allowlist, error) {
	list := c.Allowlists
	if c.AllowList != nil {
		if len(list) > 0 {
			return nil, errRuleBothForms
		}
		list = []AllowlistConfig{*c.AllowList}
	}
	out := make([]allowlist, 0, len(list))
	for i := range list {
		a, err := compileAllowlist(&list[i], c.known != nil)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// compileGlobals returns the allowlists for every rule and hands those with targetRules to the rules they name.
func compileGlobals(c *Config, rules []rule, index map[string]int) ([]allowlist, error) {
	if c.AllowList != nil && len(c.Allowlists) > 0 {
		return nil, errBothForms
	}
	var global []allowlist
	for _, ac := range c.globals() {
		a, err := compileAllowlist(&ac, c.packed())
		if err != nil {
			return nil, err
		}
		if len(ac.TargetRules) == 0 {
			global = append(global, a)
		}
		for _, id := range ac.TargetRules {
			at, ok := index[id]
			if !ok {
				return nil, fmt.Errorf("allowlist target rule %q does not exist", id)
			}
			rules[at].allow = append(rules[at].allow, a)
		}
	}
	return global, nil
}

// An allowTarget is a file, or one match in it, as allowlists look at it.
type allowTarget struct {
	machine *expr.Machine
	path    []byte
	commit  string // empty outside of history
	secret  string
	match   []byte
	line    []byte
}

// allowsFile reports whether the whole file passes.
func (a *allowlist) allowsFile(t *allowTarget) bool {
	byCommit := t.commit != "" && a.commits[strings.ToLower(t.commit)]
	if !a.and {
		return byCommit || a.paths.match(t.machine, t.path)
	}
	if a.regexes != nil || len(a.stopWords) > 0 {
		return false // decided for each match
	}
	return (len(a.commits) == 0 || byCommit) && (a.paths == nil || a.paths.match(t.machine, t.path))
}

// allowsMatch reports whether one match passes.
func (a *allowlist) allowsMatch(t *allowTarget) bool {
	if !a.and {
		return a.byRegex(t) || a.stops(t.secret)
	}
	return (len(a.commits) == 0 || t.commit != "" && a.commits[strings.ToLower(t.commit)]) &&
		(a.paths == nil || a.paths.match(t.machine, t.path)) &&
		(a.regexes == nil || a.byRegex(t)) &&
		(len(a.stopWords) == 0 || a.stops(t.secret))
}

func (a *allowlist) byRegex(t *allowTarget) bool {
	switch {
	case a.regexes == nil:
		return false
	case a.target == "match":
		return a.regexes.match(t.machine, t.match)
	case a.target == "line":
		return a.regexes.match(t.machine, t.line)
	}
	return a.regexes.match(t.machine, []byte(t.secret))
}

// stops reports whether the secret contains a stop word.
func (a *allowlist) stops(secret string) bool {
	if len(a.stopWords) == 0 || secret == "" {
		return false
	}
	lower := strings.ToLower(secret)
	contained := func(w string) bool { return w != "" && strings.Contains(lower, w) } // gitleaks finds no empty word
	if len(a.stopWords) < 32 {
		return slices.ContainsFunc(a.stopWords, contained)
	}
	a.stopOnce.Do(func() { *a.stopSet = stopSet(a.stopWords) })
	if set := *a.stopSet; set != nil {
		return len(set.Append(nil, []byte(lower))) > 0
	}
	return slices.ContainsFunc(a.stopWords, contained)
}

func stopSet(words []string) *litscan.Set {
	lits := make([]litscan.Literal, len(words))
	for i, w := range words {
		lits[i].Text = w
	}
	set, err := litscan.New(lits)
	if err != nil { // a word longer than a literal may be
		return nil
	}
	return set
}

func anyAllowsFile(lists []allowlist, t *allowTarget) bool {
	return slices.ContainsFunc(lists, func(a allowlist) bool { return a.allowsFile(t) })
}

func anyAllowsMatch(lists []allowlist, t *allowTarget) bool {
	return slices.ContainsFunc(lists, func(a allowlist) bool { return a.allowsMatch(t) })
}

// trimNewlines drops line feeds at both ends, as gitleaks does with a match.
func trimNewlines(match []byte) []byte { return bytes.Trim(match, "\n") }
