package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/engine/secret"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/litscan"
	"github.com/assaysec/assay/internal/scan"
	"go.yaml.in/yaml/v3"
)

// A kingfisherRule is what this program reads of one rule.
type kingfisherRule struct {
	ID       string   `yaml:"id"`
	Visible  *bool    `yaml:"visible"` // false: it serves another rule and is not reported
	Examples []string `yaml:"examples"`
	Negative []string `yaml:"negative_examples"`
	file     string   // its file's name without the ending
}

func readKingfisher(dir string) ([]kingfisherRule, error) {
	names, err := filepath.Glob(filepath.Join(dir, "data", "rules", "*.yml"))
	if err != nil || len(names) == 0 {
		return nil, errors.Join(errors.New("no data/rules in it"), err)
	}
	slices.Sort(names)
	var out []kingfisherRule
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var f struct{ Rules []kingfisherRule }
		if err := yaml.Unmarshal(text, &f); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(name), err)
		}
		for _, r := range f.Rules {
			r.file = strings.TrimSuffix(filepath.Base(name), ".yml")
			out = append(out, r)
		}
	}
	return out, nil
}

// How an example was found, best first.
const (
	byOwn     = "own provider"
	byOther   = "another rule"
	byGeneric = "generic rule"
	missed    = "missed"
)

// A sight is one example and how it was found.
type sight struct {
	rule    *kingfisherRule
	number  int // of the example, from 1
	how     string
	named   bool   // the pack has rules of this provider
	dropped string // of an example that its own provider's rules did not tell: what dropped it
}

func (s *sight) visible() bool { return s.rule.Visible == nil || *s.rule.Visible }

func runKingfisher(dir string) (*account, error) {
	rules, err := readKingfisher(dir)
	if err != nil {
		return nil, err
	}
	pack, err := secret.Builtin()
	if err != nil {
		return nil, err
	}
	l, err := newLoupe(pack)
	if err != nil {
		return nil, err
	}
	a := &account{}
	var sights []sight
	for i := range rules {
		r := &rules[i]
		for n, text := range r.Examples {
			a.add("examples", fmt.Sprintf("%s, example %d", r.ID, n+1), func() (outcome, string) {
				s := l.see(r, n+1, text)
				sights = append(sights, s)
				return s.outcome(), s.how
			})
		}
		for n, text := range r.Negative {
			a.add("negative examples", fmt.Sprintf("%s, negative example %d", r.ID, n+1), func() (outcome, string) {
				how := l.whole.how(text, l.ours(r.file))
				if how == byOwn {
					return failed, how
				}
				return passed, how
			})
		}
	}
	a.extra = sightTables(sights) + negativeTable(a)
	return a, nil
}

// outcome counts an example as passed where a rule of its provider tells it, or, of a provider that the pack does not
// name, where any rule but a generic one does.
func (s *sight) outcome() outcome {
	switch {
	case s.how == byOwn, !s.named && s.how == byOther:
		return passed
	case !s.named:
		return unsupported
	}
	return failed
}

// A loupe looks at an example through the whole pack, and where that misses it through packs without one filter each.
type loupe struct {
	providers map[string][]string // normalised to as written
	whole     lens
	lenses    []lens
	alone     []lens // each with one filter of a value's looks for every rule
}

// A lens is one engine.
type lens struct {
	without string
	engine  *secret.Engine
	set     *litscan.Set
}

func newLoupe(pack *secret.Config) (*loupe, error) {
	l := &loupe{providers: map[string][]string{}}
	for _, r := range pack.Rules {
		n := normal(r.Provider)
		if n != "" && !slices.Contains(l.providers[n], r.Provider) {
			l.providers[n] = append(l.providers[n], r.Provider)
		}
	}
	var err error
	if l.lenses, err = grind(pack, strippings()); err != nil {
		return nil, err
	}
	l.whole = l.lenses[0]
	l.alone, err = grind(pack, looks())
	return l, err
}

func grind(pack *secret.Config, strippings []stripping) ([]lens, error) {
	var out []lens
	for _, s := range strippings {
		c := *pack
		c.Rules = slices.Clone(pack.Rules)
		s.strip(&c)
		e, err := secret.New(&c, secret.Options{})
		if err != nil {
			return nil, err
		}
		set, err := litscan.New(e.Literals())
		if err != nil {
			return nil, err
		}
		out = append(out, lens{s.without, e, set})
	}
	return out, nil
}

// A stripping takes something out of a pack that could drop a value.
type stripping struct {
	without string
	strip   func(*secret.Config)
}

// strippings take one thing each out of a pack, the last one all.
func strippings() []stripping {
	out := []stripping{{"nothing", func(*secret.Config) {}}}
	filters := reflect.TypeFor[secret.FilterConfig]()
	for i := range filters.NumField() {
		if f := filters.Field(i); f.IsExported() {
			out = append(out, stripping{"filter " + f.Name, func(c *secret.Config) { withoutFilter(c, i) }})
		}
	}
	return append(out,
		stripping{"entropy", func(c *secret.Config) { rulesWithout(c, func(r *secret.RuleConfig) { r.Entropy = 0 }) }},
		stripping{"checksum", func(c *secret.Config) { rulesWithout(c, func(r *secret.RuleConfig) { r.Checksum = "" }) }},
		stripping{"allowlist", noAllowlists},
		stripping{"required rule", func(c *secret.Config) { rulesWithout(c, func(r *secret.RuleConfig) { r.Required = nil }) }},
		stripping{anotherFilter, func(c *secret.Config) {
			rulesWithout(c, func(r *secret.RuleConfig) { r.Filters, r.TokenEfficiency = []string{}, false })
		}},
		stripping{"several together", func(c *secret.Config) {
			noAllowlists(c)
			rulesWithout(c, func(r *secret.RuleConfig) {
				r.Entropy, r.Checksum, r.Required, r.Filters, r.TokenEfficiency = 0, "", nil, []string{}, false
			})
		}})
}

const anotherFilter = "filter of looks"

// looks give every rule one filter that holds no list of its own.
func looks() []stripping {
	var out []stripping
	for _, name := range []string{"sequence", "plain", "words", "token-efficiency", "content-hash", "code", "identifier", "public-material"} {
		out = append(out, stripping{"filter " + name, func(c *secret.Config) {
			rulesWithout(c, func(r *secret.RuleConfig) { r.Filters, r.TokenEfficiency = []string{name}, false })
		}})
	}
	return out
}

// withoutFilter empties one list of the pack's filters.
func withoutFilter(c *secret.Config, field int) {
	if c.Filters != nil {
		f := *c.Filters
		reflect.ValueOf(&f).Elem().Field(field).SetZero()
		c.Filters = &f
	}
}

func rulesWithout(c *secret.Config, strip func(*secret.RuleConfig)) {
	for i := range c.Rules {
		strip(&c.Rules[i])
	}
}

func noAllowlists(c *secret.Config) {
	c.AllowList, c.Allowlists = nil, nil
	rulesWithout(c, func(r *secret.RuleConfig) { r.AllowList, r.Allowlists = nil, nil })
}

// see tells how one example is found, and what dropped it where its own provider's rules do not tell it.
func (l *loupe) see(r *kingfisherRule, number int, text string) sight {
	own := l.ours(r.file)
	s := sight{rule: r, number: number, named: len(own) > 0, how: l.whole.how(text, own)}
	if s.how == byOwn {
		return s
	}
	s.dropped = "no match"
	for _, lens := range l.lenses[1:] {
		how := lens.how(text, own)
		if how == byOwn || !s.named && how == byOther && s.how != byOther {
			s.dropped = lens.without
			break
		}
	}
	if s.dropped == anotherFilter {
		s.dropped = l.look(text, own)
	}
	return s
}

// look names the filter of looks that drops a text even alone.
func (l *loupe) look(text string, own []string) string {
	for _, lens := range l.alone {
		if lens.how(text, own) != byOwn {
			return lens.without
		}
	}
	return "several filters"
}

// ours are the providers of the pack that a file of rules speaks of.
func (l *loupe) ours(file string) []string {
	if same := synonyms[file]; same != nil {
		var out []string
		for _, name := range same {
			out = append(out, l.providers[normal(name)]...)
		}
		return out
	}
	return l.providers[normal(file)]
}

// normal is a name without what people write differently.
func normal(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			return r
		}
		return -1
	}, name)
}

// how tells which kind of rule finds something in a text.
func (l lens) how(text string, own []string) string {
	f := &scan.File{FileInfo: scan.FileInfo{Path: "example.txt", Size: int64(len(text)), Class: coverage.Source}, Text: []byte(text)}
	f.Hits = l.set.Append(nil, f.Text)
	best := missed
	for _, found := range l.engine.Look(context.Background(), f).Findings {
		switch kind := kindOf(&found, own); {
		case kind == byOwn:
			return byOwn
		case kind == byOther, best == missed:
			best = kind
		}
	}
	return best
}

func kindOf(f *finding.Finding, own []string) string {
	p := f.Properties.(secret.Properties)
	switch {
	case p.Provider != "" && slices.Contains(own, p.Provider):
		return byOwn
	case p.Generic:
		return byGeneric
	}
	return byOther
}
