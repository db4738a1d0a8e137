package secret

import (
	"bytes"
	"context"
	"slices"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/litscan"
	"github.com/assaysec/assay/internal/scan"
)

// A match is one accepted match of one rule, in offsets of the file's own text.
type match struct {
	rule       int
	start, end int // the whole match, line feeds at its ends trimmed
	from, to   int // the secret, or the encoded text that holds it
	lineFrom   int // the whole lines that the decision about it rests on
	lineTo     int
	secret     string
	entropy    float64
	encodings  []string // outermost first; empty where the secret stands in the open
	doubt      bool     // the secret looks made up
	also       []int    // rules that found the same secret and gave way
}

// A page is a text that rules run over: the file's own, or a window of it with encoded text laid open.
type page struct {
	path    string
	commit  string
	text    []byte
	root    *page                                     // of a window: the file's own text, which its matches are placed in
	generic bool                                      // whether generic rules run
	skip    []bool                                    // by rule: not to be run, if not nil
	search  func([]litscan.Hit, []byte) []litscan.Hit // for the engine's literals; nil: by its own set
	layer   *layer                                    // nil for the file's own text
	capped  map[string]int
}

func (e *Engine) look(ctx context.Context, s *scratch, f *scan.File, commit string) scan.Result {
	if e.passesBy(f.Path, s.file(f.Path, commit)) || e.foreign && e.leavesOut(s, f, commit) {
		return scan.Result{}
	}
	var out scan.Result
	e.lookAtPath(s, f, commit, &out)
	e.lookInPath(ctx, s, f, commit, &out)
	p := &page{path: f.Path, commit: commit, text: f.Text, generic: f.Class != coverage.Minified, search: f.Search}
	matches := e.matches(ctx, s, p, f.Hits, nil)
	if e.options.DecodeDepth > 0 {
		matches = append(matches, e.decoded(ctx, s, p, []span{{0, len(f.Text)}}, e.called(s, f.Hits))...)
	}
	out.Capped = p.capped
	out.Findings = append(out.Findings, e.report(f, e.settle(f.Text, matches))...)
	return out
}

// matches runs every rule that is awake over one page. hits are those of the engine's literals in it; called are rules
// that are awake for another reason.
func (e *Engine) matches(ctx context.Context, s *scratch, p *page, hits []litscan.Hit, called []int32) []match {
	s.reset()
	defer s.reset()
	e.wake(s, hits)
	for _, r := range called {
		s.touch(r)
		s.awake[r] = true
	}
	var out []match
	run := func(i int) {
		if ctx.Err() == nil {
			out = append(out, e.run(s, p, i)...)
		}
	}
	for _, i := range e.awake {
		run(i)
	}
	for _, i := range e.loose.match(s, p.text) {
		run(i)
	}
	for _, i := range s.touched {
		if s.awake[i] {
			run(int(i))
		}
	}
	return out
}

// wake marks the rules that a keyword calls for and gathers for each rule the hits of its expression's literals.
func (e *Engine) wake(s *scratch, hits []litscan.Hit) {
	for _, h := range hits {
		for _, r := range e.wakes[h.Lit] {
			if !s.awake[r] {
				s.touch(r)
				s.awake[r] = true
			}
		}
		for _, r := range e.anchors[h.Lit] {
			s.touch(r)
			s.hits[r] = append(s.hits[r], h)
		}
	}
}

// called lists the rules that the keywords among hits call for.
func (e *Engine) called(s *scratch, hits []litscan.Hit) []int32 {
	s.reset()
	defer s.reset()
	e.wake(s, hits)
	return slices.DeleteFunc(slices.Clone(s.touched), func(r int32) bool { return !s.awake[r] })
}

// run finds the matches of one rule that stand up to the rule's own tests, and to those it requires nearby.
func (e *Engine) run(s *scratch, p *page, i int) []match {
	r := &e.rules[i]
	if r.skipReport || r.generic && !p.generic && !e.foreign || p.skip != nil && p.skip[i] {
		return nil
	}
	found := e.candidates(s, p, i)
	if len(r.required) == 0 || len(found) == 0 {
		return found
	}
	lines := newLines(p.original())
	parts := make([][]match, len(r.required))
	for n, q := range r.required {
		parts[n] = slices.DeleteFunc(e.candidates(s, p, q.rule), func(m match) bool { return e.marked(p.original(), &m) })
	}
	return slices.DeleteFunc(found, func(m match) bool { return !complete(&m, r, parts, lines) })
}

// complete reports whether every required rule has a match near enough to m. parts are their matches, in r's order.
func complete(m *match, r *rule, parts [][]match, lines *lines) bool {
	line, column := lines.place(m.start)
	for n, q := range r.required {
		near := slices.ContainsFunc(parts[n], func(o match) bool {
			otherLine, otherColumn := lines.place(o.start)
			return (q.withinLines == nil || distance(line, otherLine) <= *q.withinLines) &&
				(q.withinColumns == nil || distance(column, otherColumn) <= *q.withinColumns)
		})
		if !near {
			return false
		}
	}
	return true
}

func distance(a, b int) int { return max(a-b, b-a) }

// candidates finds the matches of one rule that stand up to its own tests.
func (e *Engine) candidates(s *scratch, p *page, i int) []match {
	r := &e.rules[i]
	if r.rooted && len(s.hits[i]) == 0 || anyAllowsFile(r.allow, s.file(p.path, p.commit)) {
		return nil
	}
	if r.path != nil && !s.machine.Matches(r.path, []byte(p.path)) {
		return nil
	}
	if r.regex == nil {
		return onPath(p, i)
	}
	limit := e.options.MaxPerRule * matchesPerFinding
	s.spans = s.machine.FindUpTo(s.spans[:0], r.regex, p.text, s.hits[i], limit)
	var out []match
	for _, span := range s.spans {
		m, ok := e.accept(s, p, i, span)
		if !ok {
			continue
		}
		if len(out) == e.options.MaxPerRule {
			p.cap(r.id, len(out))
			break
		}
		out = append(out, m)
	}
	if len(s.spans) == limit {
		p.cap(r.id, len(out))
	}
	return out
}

// matchesPerFinding bounds, with the findings of a rule in one file, how many of its matches are put to the test.
const matchesPerFinding = 100

// onPath is the match of a rule that asks about paths only, for rules that require it. It stands before all text.
func onPath(p *page, i int) []match {
	if p.layer != nil {
		return nil
	}
	return []match{{rule: i, start: -1}}
}

// original is the text that placed matches stand in.
func (p *page) original() []byte {
	if p.root != nil {
		return p.root.text
	}
	return p.text
}

func (p *page) cap(rule string, kept int) {
	if p.capped == nil {
		p.capped = map[string]int{}
	}
	p.capped["secret/"+rule] = kept
}

// accept puts one match of a rule's expression through the rule's tests.
func (e *Engine) accept(s *scratch, p *page, i int, span []int) (match, bool) {
	r := &e.rules[i]
	if p.layer != nil && !p.layer.covers(span[0], span[1]) {
		return match{}, false // stands in the open as well, and has been seen there
	}
	whole := trimNewlines(p.text[span[0]:span[1]])
	m := match{rule: i, start: span[0], end: span[0] + len(whole)}
	if e.foreign && len(span) > 2 && len(whole) > 0 {
		span = e.alone(s, p, i, span, whole)
	}
	m.from, m.to = group(r.secretGroup, span)
	if m.from == span[0] && m.to == span[1] {
		for m.from < m.to && p.text[m.from] == '\n' {
			m.from++
		}
		m.to = m.from + len(whole)
		m.secret = string(whole)
	} else {
		m.secret = string(p.text[m.from:m.to])
	}
	if !e.foreign && broken(p.text, m.from, m.to) {
		return m, false
	}
	m.entropy = entropy(m.secret)
	if r.entropy != 0 && m.entropy <= r.entropy {
		return m, false
	}
	if r.checksum != nil && !r.checksum(m.secret) {
		return m, false
	}
	m.lineFrom, m.lineTo = lineAround(p.text, m.start, m.end)
	t := s.file(p.path, p.commit)
	t.secret, t.match, t.line = m.secret, whole, e.lineOf(p, &m, span)
	if anyAllowsMatch(e.global, t) || anyAllowsMatch(r.allow, t) {
		return m, false
	}
	if e.filters().drop(&s.machine, r, m.secret, p.place(r, &m)) {
		return m, false
	}
	if p.layer == nil && r.filters&named != 0 && isHexHash(m.secret) && m.end-m.start < typeReach {
		if m.lineTo = linesAfter(p.text, m.lineTo, m.end+typeReach); isTypedHash(p.text[m.to:min(m.lineTo, m.end+typeReach)]) {
			return m, false
		}
	}
	m.doubt = !e.foreign && e.filters().doubt(r, m.secret)
	if p.layer != nil {
		if e.foreign { // gitleaks trims what stands in the open only
			m.end = span[1]
		}
		p.layer.place(&m)
	}
	return m, true
}

// before is what stands shortly before a match on its line. A generic rule's match counts to it, as it holds the name that
// tells what the value is; that of a provider's rule begins with words that are there for any of its values.
func (p *page) before(r *rule, m *match) []byte {
	to := m.start
	if r.generic {
		to = m.from
	}
	return p.text[max(m.lineFrom, to-beforeBytes):to]
}

// group picks the part of a match that is the secret: the group that the rule names, else the first group that is not
// empty, else the whole match.
func group(n int, span []int) (from, to int) {
	if n > 0 && 2*n+1 < len(span) {
		if span[2*n] >= 0 {
			return span[2*n], span[2*n+1]
		}
		return span[0], span[0]
	}
	for g := 2; g+1 < len(span); g += 2 {
		if span[g] >= 0 && span[g+1] > span[g] {
			return span[g], span[g+1]
		}
	}
	return span[0], span[1]
}

// lineReach is what allowlists see of a long line on either side of a match, in bytes.
const lineReach = 16 << 10

// lineAround is the part of a text from the start of the line that holds start to the end of the line that holds end,
// bounded, so that a file of one line does not cost its length for each match.
func lineAround(text []byte, start, end int) (from, to int) {
	end = max(start, end)
	low, high := max(0, start-lineReach), min(len(text), end+lineReach)
	from, to = low+bytes.LastIndexByte(text[low:start], '\n')+1, high
	if i := bytes.IndexByte(text[end:high], '\n'); i >= 0 {
		to = end + i
	}
	return from, to
}

// lookAtPath runs the rules that ask about paths only. A checksum of theirs is one of the file, where that has been read. A
// link is no file of such a name.
func (e *Engine) lookAtPath(s *scratch, f *scan.File, commit string, out *scan.Result) {
	if f.Class == coverage.Link {
		return
	}
	rules := slices.DeleteFunc(e.byPath.match(s, []byte(f.Path)), func(i int) bool {
		r := &e.rules[i]
		return r.skipReport || anyAllowsFile(r.allow, s.file(f.Path, commit)) || !r.calls(f.Text) || r.checksum != nil && len(f.Text) > 0 && !r.checksum(string(f.Text))
	})
	special := e.foreign && slices.ContainsFunc(rules, func(i int) bool { return !e.rules[i].generic })
	for _, i := range rules {
		if !special || !e.rules[i].generic {
			out.Findings = append(out.Findings, e.pathFinding(f, i))
		}
	}
}
