package secret

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"math/bits"
	"slices"
	"strings"
	"sync"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/expr"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/litscan"
	"github.com/assaysec/assay/internal/scan"
)

var _ scan.Historian = (*Engine)(nil)

// A trace is what an engine remembers of one version of a file, for the version that is made from it by copying.
type trace struct {
	awake   ruleSet        // those that a keyword called for here or in a version before; never less than what is true
	rooted  ruleSet        // likewise those of which a literal of the expression occurs
	matches []match        // accepted ones, before settle
	capped  map[string]int // as in scan.Result
}

const (
	// reachLeft is how far left of a change a literal can stand whose rule is affected by it, and reachRight how far
	// right. Rules that reach further run over whole texts. Both hold for what decoded lays open, too.
	reachLeft  = 640
	reachRight = 320

	// maxLine bounds how far a region grows to hold whole lines.
	maxLine = 64 << 10

	// commonLiteral is the rate, in occurrences for each byte of source text, above which a rule cannot run over a whole
	// text whenever its literals occur: it would do so for every file.
	commonLiteral = 1.0 / (64 << 10)
)

// plan says how rules are looked at when most of a text is known already.
type plan struct {
	far   []bool              // by rule: it runs over the whole text when it is awake and rooted
	set   func() *litscan.Set // the literals of these rules and of those they require, made when they are first searched for
	by    []int32             // by literal of set: its rule
	alone []func() *litscan.Set
	key   [32]byte // made fresh for each engine: nothing that leaves the process depends on it
}

func (e *Engine) plan() *plan {
	p := &plan{far: make([]bool, len(e.rules)), alone: make([]func() *litscan.Set, len(e.rules))}
	if _, err := rand.Read(p.key[:]); err != nil {
		panic(err) // crypto/rand does not fail
	}
	needed := make([]bool, len(e.rules))
	for i := range e.rules {
		r := &e.rules[i]
		if r.regex == nil {
			continue
		}
		p.alone[i] = sync.OnceValue(func() *litscan.Set { return setOf(r.regex.Literals) })
		if p.far[i] = len(r.required) > 0 || runsWhole(r.regex); !p.far[i] {
			continue
		}
		needed[i] = true
		for _, q := range r.required {
			needed[q.rule] = true
		}
	}
	var all []litscan.Literal
	for i, is := range needed {
		if r := e.rules[i].regex; is && r != nil {
			for _, l := range r.Literals {
				all, p.by = append(all, l), append(p.by, int32(i))
			}
		}
	}
	p.set = sync.OnceValue(func() *litscan.Set { return setOf(all) })
	return p
}

func setOf(literals []litscan.Literal) *litscan.Set {
	set, err := litscan.New(literals)
	if err != nil {
		panic(err) // expr gives literals that litscan takes
	}
	return set
}

// runsWhole reports whether a change can affect a match from further away than the regions around changes reach. An
// expression that is not bounded, but whose literals are common, is taken to stay on its line: regions hold whole lines.
func runsWhole(r *expr.Expr) bool {
	lits := r.Literals
	if lits == nil {
		return true
	}
	before, after := r.Before, r.After
	if before != expr.Unbounded && before <= reachRight && after != expr.Unbounded && after <= reachLeft {
		return false
	}
	rate := 0.0
	for _, l := range lits {
		rate += litscan.Rate(l)
	}
	return rate < commonLiteral || before == expr.Unbounded
}

// Kind names the kind of a path by the answers of all expressions about paths.
func (e *Engine) Kind(path string) string {
	s := e.scratch.Get().(*scratch)
	defer e.scratch.Put(s)
	t := s.file(path, "")
	if e.passesBy(path, t) {
		return "allowed "
	}
	var kind []byte
	for i := range e.rules {
		r := &e.rules[i]
		about := r.path != nil || slices.ContainsFunc(r.allow, func(a allowlist) bool { return a.paths != nil })
		if !about {
			continue
		}
		answer := byte('0')
		if r.path != nil && s.machine.Matches(r.path, t.path) {
			answer |= 1
		}
		if slices.ContainsFunc(r.allow, func(a allowlist) bool { return a.paths.match(&s.machine, t.path) }) {
			answer |= 2
		}
		kind = append(kind, answer)
	}
	return string(append(kind, ' '))
}

// passesBy reports whether a file is not looked at, whatever it holds.
func (e *Engine) passesBy(path string, t *allowTarget) bool {
	return slices.Contains(e.options.Skip, path) || anyAllowsFile(e.global, t)
}

// Trace looks at one version of a file, from what it remembers of the version that this one was made from where that
// spares work.
func (e *Engine) Trace(ctx context.Context, f *scan.File, base any, copies []scan.Copy) scan.Traced {
	s := e.scratch.Get().(*scratch)
	defer e.scratch.Put(s)
	if e.passesBy(f.Path, s.file(f.Path, "")) {
		return scan.Traced{}
	}
	t := e.traceChange(ctx, s, f, base, copies)
	if t == nil {
		t = e.traceWhole(ctx, s, f)
	}
	return scan.Traced{State: t, Seen: e.sightings(f.Text, t.matches), Capped: t.capped}
}

func (e *Engine) traceWhole(ctx context.Context, s *scratch, f *scan.File) *trace {
	s.found = e.set().Append(s.found[:0], f.Text)
	hits := s.found
	p := &page{path: f.Path, text: f.Text, generic: f.Class != coverage.Minified}
	t := &trace{awake: newRuleSet(len(e.rules)), rooted: newRuleSet(len(e.rules))}
	e.remember(s, t, hits)
	t.matches = e.matches(ctx, s, p, hits, nil)
	if e.options.DecodeDepth > 0 {
		t.matches = append(t.matches, e.decoded(ctx, s, p, []span{{0, len(f.Text)}}, t.awake.rules())...)
	}
	t.capped = p.capped
	return t
}

// remember notes which rules the hits call for and root.
func (e *Engine) remember(s *scratch, t *trace, hits []litscan.Hit) {
	s.reset()
	defer s.reset()
	e.wake(s, hits)
	for _, r := range s.touched {
		if s.awake[r] {
			t.awake.add(r)
		}
		if len(s.hits[r]) > 0 {
			t.rooted.add(r)
		}
	}
}

// traceChange looks at the regions around what changed and takes the rest over. It returns nil where the whole text must
// be looked at: nothing to go by, a rule that is called for the first time, or too much that changed.
func (e *Engine) traceChange(ctx context.Context, s *scratch, f *scan.File, base any, copies []scan.Copy) *trace {
	old, _ := base.(*trace)
	if old == nil || old.capped != nil {
		return nil
	}
	regions := regionsOf(f.Text, copies)
	if covered(regions) > len(f.Text)*3/4 {
		return nil
	}
	hits := s.found[:0]
	for _, r := range regions {
		s.window = e.set().Append(s.window[:0], f.Text[r.from:r.to])
		for _, h := range s.window {
			h.Pos += uint32(r.from)
			hits = append(hits, h)
		}
	}
	s.found = hits
	t := &trace{awake: slices.Clone(old.awake), rooted: slices.Clone(old.rooted)}
	if e.wakesMore(s, t, hits) {
		return nil
	}
	e.fill(ctx, s, f, t, old, copies, regions, hits)
	return t
}

// wakesMore notes what hits call for and root, and reports whether they call for a rule that was not awake before.
func (e *Engine) wakesMore(s *scratch, t *trace, hits []litscan.Hit) bool {
	s.reset()
	defer s.reset()
	e.wake(s, hits)
	for _, r := range s.touched {
		if s.awake[r] && !t.awake.has(r) {
			return true
		}
		if len(s.hits[r]) > 0 {
			t.rooted.add(r)
		}
	}
	return false
}

// fill finds the matches of a changed text: in the regions, by the rules that reach far, and carried over.
func (e *Engine) fill(ctx context.Context, s *scratch, f *scan.File, t, old *trace, copies []scan.Copy, regions []span, hits []litscan.Hit) {
	carried, broken := carry(old.matches, copies)
	carried = slices.DeleteFunc(carried, func(m match) bool { return len(e.rules[m.rule].required) > 0 }) // what they need may be gone
	whole := e.wholeRules(t, broken)
	p := &page{path: f.Path, text: f.Text, generic: f.Class != coverage.Minified, skip: whole}
	called := t.awake.rules()
	t.matches = append(carried, e.matches(ctx, s, p, hits, called)...)
	p.skip = nil
	var run []int
	for i, is := range whole {
		if is && (t.awake.has(int32(i)) || len(e.rules[i].keywords) == 0) && (t.rooted.has(int32(i)) || e.rules[i].regex.Literals == nil) {
			run = append(run, i)
		}
	}
	e.gather(s, f.Text, run)
	for _, i := range run {
		t.matches = append(t.matches, e.run(s, p, i)...)
	}
	s.reset()
	if e.options.DecodeDepth > 0 {
		t.matches = append(t.matches, e.decoded(ctx, s, p, regions, called)...)
	}
	t.matches = e.exact(f.Text, t.matches)
	t.capped = p.capped
}

// wholeRules are the rules for which regions do not do: those that reach far, and those with a match that reached far
// into what has changed.
func (e *Engine) wholeRules(t *trace, broken []match) []bool {
	whole := slices.Clone(e.planned().far)
	for _, m := range broken {
		if m.encodings == nil && m.end-m.start > reachLeft {
			whole[m.rule] = true
			t.rooted.add(int32(m.rule))
		}
	}
	return whole
}

// A ruleSet has a bit for each rule.
type ruleSet []uint64

func newRuleSet(rules int) ruleSet { return make(ruleSet, (rules+63)/64) }

func (s ruleSet) add(rule int32)      { s[rule/64] |= 1 << (rule % 64) }
func (s ruleSet) has(rule int32) bool { return s[rule/64]>>(rule%64)&1 != 0 }

// rules lists the members in order.
func (s ruleSet) rules() []int32 {
	var out []int32
	for i, word := range s {
		for ; word != 0; word &= word - 1 {
			out = append(out, int32(64*i+bits.TrailingZeros64(word)))
		}
	}
	return out
}

// gather finds the literals of rules, and of those they require, in a whole text.
func (e *Engine) gather(s *scratch, text []byte, rules []int) {
	s.reset()
	p, far := e.planned(), false
	for _, i := range rules {
		if p.far[i] {
			far = true
			continue
		}
		s.touch(int32(i))
		s.hits[i] = p.alone[i]().Append(s.hits[i], text)
	}
	if !far {
		return
	}
	s.window = p.set().Append(s.window[:0], text)
	for _, h := range s.window {
		if r := p.by[h.Lit]; p.far[r] || !slices.Contains(rules, int(r)) {
			s.touch(r)
			s.hits[r] = append(s.hits[r], h)
		}
	}
}

// exact sorts matches, drops those found twice, and those whose rule no keyword of this very text calls for: awake is what
// may be true.
func (e *Engine) exact(text []byte, matches []match) []match {
	sortMatches(matches)
	matches = slices.CompactFunc(matches, func(a, b match) bool {
		return a.rule == b.rule && a.start == b.start && a.end == b.end && a.secret == b.secret
	})
	return slices.DeleteFunc(matches, func(m match) bool {
		keywords := e.rules[m.rule].keywords
		in := func(part []byte) bool {
			return slices.ContainsFunc(keywords, func(k string) bool { return containsFold(part, k) })
		}
		return len(keywords) > 0 && m.encodings == nil && !in(text[m.start:m.end]) && !in(text)
	})
}

// containsFold reports whether text contains a lower-case word in any case.
func containsFold(text []byte, word string) bool {
	if len(word) == 0 {
		return true
	}
	first, upper := word[0], word[0]
	if 'a' <= first && first <= 'z' {
		upper = first - 0x20
	}
	for i := 0; i+len(word) <= len(text); i++ {
		if c := text[i]; (c == first || c == upper) && strings.EqualFold(string(text[i:i+len(word)]), word) {
			return true
		}
	}
	return false
}

// carry moves the matches of the base that lie within one copy, with a character to spare on both sides, to where they
// stand now. broken are the others.
func carry(old []match, copies []scan.Copy) (carried, broken []match) {
	for _, m := range old {
		// Copies are in order of To, so the search is plain; matches are few.
		i := slices.IndexFunc(copies, func(c scan.Copy) bool {
			return c.From <= max(m.lineFrom-4, 0) && m.lineTo+4 <= c.From+c.Len
		})
		if i < 0 {
			broken = append(broken, m)
			continue
		}
		by := copies[i].To - copies[i].From
		m.start, m.end, m.from, m.to = m.start+by, m.end+by, m.from+by, m.to+by
		m.lineFrom, m.lineTo = m.lineFrom+by, m.lineTo+by
		carried = append(carried, m)
	}
	return carried, broken
}

// regionsOf are the parts of a text that a change can have affected: what is not copied and the seams between copies,
// widened by what rules reach and to whole lines.
func regionsOf(text []byte, copies []scan.Copy) []span {
	var out []span
	add := func(from, to int) {
		from, to = lineStart(text, max(0, from-reachLeft)), lineEnd(text, min(len(text), to+reachRight))
		if n := len(out); n > 0 && from <= out[n-1].to {
			out[n-1].to = max(to, out[n-1].to)
			return
		}
		out = append(out, span{from, to})
	}
	at := 0
	for i, c := range copies {
		if c.To > at || i > 0 || c.From > 0 { // else text and base begin alike
			add(at, c.To)
		}
		at = c.To + c.Len
	}
	if at < len(text) || len(copies) == 0 {
		add(at, len(text))
	} else {
		add(len(text), len(text)) // the base may have gone on here
	}
	return out
}

func lineStart(text []byte, at int) int {
	low := max(0, at-maxLine)
	return low + bytes.LastIndexByte(text[low:at], '\n') + 1
}

func lineEnd(text []byte, at int) int {
	high := min(len(text), at+maxLine)
	if i := bytes.IndexByte(text[at:high], '\n'); i >= 0 {
		return at + i + 1
	}
	return high
}

func covered(regions []span) int {
	n := 0
	for _, r := range regions {
		n += r.to - r.from
	}
	return n
}

// sightings are the settled matches with a key each that is equal for equal secrets of one rule.
func (e *Engine) sightings(text []byte, matches []match) []scan.Sighting {
	settled := e.settle(text, slices.Clone(matches))
	out := make([]scan.Sighting, 0, len(settled))
	for _, m := range settled {
		h := hmac.New(sha256.New, e.planned().key[:])
		h.Write([]byte(e.rules[m.rule].id))
		h.Write([]byte{0})
		h.Write([]byte(m.secret))
		s := scan.Sighting{Detail: m}
		copy(s.Key[:], h.Sum(nil))
		out = append(out, s)
	}
	return out
}

// Retell makes findings of sightings, in their order, once the text they were made in is at hand again.
func (e *Engine) Retell(f *scan.File, seen []scan.Sighting) []finding.Finding {
	matches := make([]match, len(seen))
	for i, s := range seen {
		matches[i] = s.Detail.(match)
	}
	return e.report(f, matches)
}
