package secret

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/assaysec/assay/internal/expr"
	"github.com/assaysec/assay/internal/litscan"
	"github.com/assaysec/assay/internal/scan"
)

// Version changes whenever the same rules could give another answer for the same file.
const Version = "2"

// An Engine finds credentials by a set of rules. It is safe for concurrent use.
type Engine struct {
	rules    []rule
	global   []allowlist
	filters  func() *filters
	foreign  bool // gitleaks' own notion of a match's line, and no filter but what the configuration says
	literals []litscan.Literal
	wakes    [][]int32 // by literal: rules that it wakes as a keyword
	anchors  [][]int32 // by literal: rules whose expression needs it
	awake    []int     // rules without keywords, but with literals or a path to be asked first
	loose    together  // those that have nothing to be asked first
	byPath   together  // rules that ask about paths only
	digest   string
	set      func() *litscan.Set // of literals, for text that scan does not see: decoded runs
	planned  func() *plan
	scratch  sync.Pool
	options  Options
}

// Options tune an engine. The zero value is the documented default.
type Options struct {
	// Foreign says that the configuration is a team's own for gitleaks: only what it says filters, and a finding's line
	// is where the match starts, as gitleaks counts it.
	Foreign bool
	// Skip lists paths that are not looked at: those of configurations, whose examples and expressions look like secrets.
	Skip []string
	// DecodeDepth bounds how many layers of encoding are peeled; 0 means 5, negative none.
	DecodeDepth int
	// MaxPerRule bounds the findings of one rule in one file; 0 means 1,000. The rest is counted as capped.
	MaxPerRule int
}

const (
	DefaultDecodeDepth = 5 // of Options, as the next
	DefaultMaxPerRule  = 1000
	maxLiterals        = 1<<16 - 1 // as many as litscan takes
)

var (
	_ scan.Engine     = (*Engine)(nil)
	_ scan.Literalist = (*Engine)(nil)
	_ scan.Lister     = (*Engine)(nil)
)

// New makes an engine from a configuration that has been merged with what it extends.
func New(c *Config, o Options) (*Engine, error) {
	rules, global, err := compileRules(c)
	if err != nil {
		return nil, err
	}
	if o.DecodeDepth == 0 {
		o.DecodeDepth = DefaultDecodeDepth
	}
	if o.MaxPerRule == 0 {
		o.MaxPerRule = DefaultMaxPerRule
	}
	e := &Engine{rules: rules, global: global, foreign: o.Foreign, options: o}
	if e.filters, err = filtersWhenAsked(c, rules); err != nil {
		return nil, err
	}
	e.index()
	if len(e.literals) > maxLiterals {
		return nil, fmt.Errorf("the rules have %d different keywords and other literals, the limit is %d", len(e.literals), maxLiterals)
	}
	e.digest = c.digest
	if e.digest == "" {
		e.digest = digestOf(c)
	}
	e.set = sync.OnceValue(func() *litscan.Set {
		set, err := litscan.New(e.literals)
		if err != nil {
			panic(err) // compileRule has checked their lengths
		}
		return set
	})
	e.planned = sync.OnceValue(e.plan)
	e.scratch.New = func() any { return newScratch(len(e.rules)) }
	return e, nil
}

// index lists the literals of all rules once each, and which rules each of them serves.
func (e *Engine) index() {
	n := &numbering{at: make(map[litscan.Literal]uint32, 4*len(e.rules))}
	for i := range e.rules {
		r := &e.rules[i]
		switch {
		case r.regex == nil:
			e.byPath.add(i, r.path)
			continue
		case len(r.keywords) > 0:
		case r.rooted, r.path != nil:
			e.awake = append(e.awake, i)
		default:
			e.loose.add(i, r.regex)
		}
		for _, k := range r.keywords {
			for _, l := range keywordLiterals(k) {
				n.wakes = append(n.wakes, [2]uint32{n.number(l), uint32(i)})
			}
		}
		for _, l := range r.regex.Literals {
			n.anchors = append(n.anchors, [2]uint32{n.number(l), uint32(i)})
		}
	}
	e.literals = n.literals
	e.wakes, e.anchors = n.group(n.wakes), n.group(n.anchors)
}

// numbering gives each different literal a number and remembers which rules it is for.
type numbering struct {
	at             map[litscan.Literal]uint32
	literals       []litscan.Literal
	wakes, anchors [][2]uint32 // literal and rule
}

func (n *numbering) number(l litscan.Literal) uint32 {
	if l.Fold {
		l.Text = lowerASCII(l.Text)
	}
	at, ok := n.at[l]
	if !ok {
		at = uint32(len(n.literals))
		n.at[l] = at
		n.literals = append(n.literals, l)
	}
	return at
}

// group lists by literal the rules it is paired with, each once, in one piece of memory. The pairs of a rule are together.
func (n *numbering) group(pairs [][2]uint32) [][]int32 {
	end := make([]int, len(n.literals)+1)
	for _, p := range pairs {
		end[p[0]+1]++
	}
	for i := range n.literals {
		end[i+1] += end[i]
	}
	all := make([]int32, len(pairs))
	out := make([][]int32, len(n.literals))
	for i := range out {
		out[i] = all[end[i]:end[i]:end[i+1]]
	}
	for _, p := range pairs {
		list := &out[p[0]]
		if k := len(*list); k == 0 || (*list)[k-1] != int32(p[1]) {
			*list = append(*list, int32(p[1]))
		}
	}
	return out
}

// together are rules whose expressions are asked in one pass which of them match at all.
type together struct {
	rules []int
	exprs []*expr.Expr
	group *expr.Group
}

func (t *together) add(rule int, e *expr.Expr) {
	t.rules, t.exprs = append(t.rules, rule), append(t.exprs, e)
	t.group = expr.NewGroup(t.exprs)
}

// match lists the rules that match a text.
func (t *together) match(s *scratch, text []byte) []int {
	if len(t.rules) == 0 {
		return nil
	}
	s.which = s.machine.GroupMatch(t.group, text, s.which[:0])
	out := make([]int, len(s.which))
	for i, n := range s.which {
		out[i] = t.rules[n]
	}
	return out
}

// digestOf is a digest of plain data.
func digestOf(data any) string {
	text, err := json.Marshal(data)
	if err != nil {
		panic(err) // plain data always marshals
	}
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Name is the engine's part of a rule ID.
func (e *Engine) Name() string { return "secret" }

// Version is the engine's version.
func (e *Engine) Version() string { return Version }

// Digests names the rules and the options by their digests.
func (e *Engine) Digests() map[string]string {
	return map[string]string{"rules": e.digest, "options": digestOf(e.options)}
}

// Rules are the IDs of the rules, as findings name them.
func (e *Engine) Rules() []string {
	ids := make([]string, len(e.rules))
	for i := range e.rules {
		ids[i] = "secret/" + e.rules[i].id
	}
	return ids
}

// Wants every text: a secret may stand anywhere.
func (e *Engine) Wants(*scan.FileInfo) bool { return true }

// Literals are those that the rules need.
func (e *Engine) Literals() []litscan.Literal { return e.literals }

// Look finds the secrets of one file.
func (e *Engine) Look(ctx context.Context, f *scan.File) scan.Result {
	s := e.scratch.Get().(*scratch)
	defer e.scratch.Put(s)
	return e.look(ctx, s, f, "")
}

// A scratch is what one Look needs beside the engine; it is reused.
type scratch struct {
	machine expr.Machine
	awake   []bool
	hits    [][]litscan.Hit // by rule: the hits of its expression's literals
	touched []int32         // rules with entries in awake or hits
	spans   [][]int
	window  []litscan.Hit // of a decoded run
	found   []litscan.Hit // of a version of a file
	runs    []encodedRun
	target  allowTarget
	which   []int
}

// file is what allowlists are asked about a file.
func (s *scratch) file(path, commit string) *allowTarget {
	s.target = allowTarget{machine: &s.machine, path: append(s.target.path[:0], path...), commit: commit}
	return &s.target
}

func newScratch(rules int) *scratch {
	return &scratch{awake: make([]bool, rules), hits: make([][]litscan.Hit, rules)}
}

// touch notes that a rule has an entry in awake or hits. It comes before the entry is made.
func (s *scratch) touch(r int32) {
	if !s.awake[r] && len(s.hits[r]) == 0 {
		s.touched = append(s.touched, r)
	}
}

func (s *scratch) reset() {
	for _, r := range s.touched {
		s.awake[r] = false
		s.hits[r] = s.hits[r][:0]
	}
	s.touched = s.touched[:0]
}
