package secret

import (
	"bytes"
	"context"
	"slices"

	"github.com/assaysec/assay/internal/litscan"
)

// A layer is what was decoded of one page to make the next: a window of the file's text, or the layer below.
type layer struct {
	segments []segment
	under    *layer // of the page that this one was made from; nil: that was the file's own text
	base     int    // where the window begins in the file's own text
}

// A segment is a decoded run.
type segment struct {
	span           // in the page
	encoded span   // in the page below
	name    string // of the encoding
}

// touching are the segments that a part of the page overlaps or stands beside: what was decoded can be the boundary that a
// match beside it needs.
func (l *layer) touching(from, to int) []segment {
	first, _ := slices.BinarySearchFunc(l.segments, from, func(s segment, at int) int { return s.to - at })
	end := first
	for end < len(l.segments) && l.segments[end].from <= to {
		end++
	}
	return l.segments[first:end]
}

// covers reports whether a match of the page touches what was decoded.
func (l *layer) covers(from, to int) bool { return len(l.touching(from, to)) > 0 }

// below is where a part of the page stands in the page below. A part of a segment stands for all of it.
func (l *layer) below(from, to int) (int, int) {
	start, end := from, to
	for _, s := range l.segments {
		if s.from > to {
			break
		}
		switch {
		case s.from <= from && from < s.to:
			start = s.encoded.from
		case s.to <= from:
			start = s.encoded.to + from - s.to
		}
		switch {
		case s.from < to && to <= s.to:
			end = s.encoded.to
		case s.to < to:
			end = s.encoded.to + to - s.to
		}
	}
	return start, max(start, end)
}

// origin is where a part of the page stands in the file's own text.
func (l *layer) origin(from, to int) (int, int) {
	for ; l != nil; l = l.under {
		from, to = l.below(from, to)
		if l.under == nil {
			return from + l.base, to + l.base
		}
	}
	return from, to
}

// place moves a match from the page to the file's text: what was decoded stands for its encoded run.
func (l *layer) place(m *match) {
	m.encodings = l.encodings(m.start, m.end)
	low, high := m.start, m.end
	for _, s := range l.touching(m.start, m.end) {
		low, high = min(low, s.from), max(high, s.to)
	}
	low, high = l.origin(low, high)
	m.start, m.end = l.origin(m.start, m.end)
	m.from, m.to = l.origin(m.from, m.to)
	m.lineFrom, m.lineTo = max(0, low-contextBytes), high+contextBytes
}

// encodings are those that were peeled to find a part of the page, outermost first.
func (l *layer) encodings(from, to int) []string {
	var names []string
	for ; l != nil; l = l.under {
		for _, s := range l.touching(from, to) {
			if len(names) == 0 || names[0] != s.name || s.from > from {
				names = append([]string{s.name}, names...)
				break
			}
		}
		from, to = l.below(from, to)
	}
	return names
}

// line is the part of a page's lines that holds what was decoded around a match, as gitleaks' allowlists see it.
func (l *layer) line(text []byte, match []int) []byte {
	from, to := len(text), 0
	for _, s := range l.touching(match[0], match[1]) {
		from, to = min(from, s.from), max(to, s.to)
	}
	from = max(0, bytes.LastIndexByte(text[:min(from+1, len(text))], '\n'))
	if i := bytes.IndexByte(text[to:], '\n'); i >= 0 {
		return text[from : to+i]
	}
	return text[from:]
}

// contextBytes is how much of the text on either side goes with decoded runs: a rule may need the name before a value.
const contextBytes = 256

// maxDecoded bounds how many runs of one file are laid open, so that a file made of them costs no more than a large one.
const maxDecoded = 20000

// decoded finds the secrets that stand encoded in the given parts of a page, layer by layer. awake are the rules that a
// keyword anywhere in the file calls for.
func (e *Engine) decoded(ctx context.Context, s *scratch, p *page, parts []span, awake []int32) []match {
	d := decoder{engine: e, scratch: s, page: p, awake: awake}
	s.runs = s.runs[:0]
	for _, part := range parts {
		s.runs = findEncoded(s.runs, p.text, part.from, part.to)
	}
	if len(s.runs) > maxDecoded {
		p.cap("encoded-text", maxDecoded)
		s.runs = s.runs[:maxDecoded]
	}
	var pages []*page
	for runs := s.runs; len(runs) > 0; {
		n := neighbours(runs)
		from, to := max(0, runs[0].from-contextBytes), min(len(p.text), runs[n-1].to+contextBytes)
		pages = append(pages, d.open(p.text[from:to], from, runs[:n], nil))
		runs = runs[n:]
	}
	for depth := 1; len(pages) > 0 && ctx.Err() == nil; depth++ {
		d.look(ctx, pages)
		if depth == e.options.DecodeDepth {
			break
		}
		pages = d.deeper(pages)
	}
	return d.found
}

// neighbours is the number of runs from the first on that are laid open together, since a match may need several.
func neighbours(runs []encodedRun) int {
	n := 1
	for n < len(runs) && runs[n].from-runs[n-1].to <= 2*contextBytes {
		n++
	}
	return n
}

type decoder struct {
	engine  *Engine
	scratch *scratch
	page    *page
	awake   []int32
	found   []match
}

func (d *decoder) search(dst []litscan.Hit, text []byte) []litscan.Hit {
	if d.page.search != nil {
		return d.page.search(dst, text)
	}
	return d.engine.set().Append(dst, text)
}

// open makes a page in which runs of a text are decoded. The runs count from before the text by base.
func (d *decoder) open(text []byte, base int, runs []encodedRun, under *layer) *page {
	l := &layer{under: under, base: base, segments: make([]segment, len(runs))}
	out, at := make([]byte, 0, len(text)), 0
	for i, r := range runs {
		r.from, r.to = r.from-base, r.to-base
		out = append(out, text[at:r.from]...)
		l.segments[i] = segment{span{len(out), len(out) + len(r.plain)}, span{r.from, r.to}, r.name}
		out = append(out, r.plain...)
		at = r.to
	}
	out = append(out, text[at:]...)
	return &page{path: d.page.path, commit: d.page.commit, text: out, root: d.page, generic: d.page.generic, layer: l}
}

// look runs the rules over the pages of one depth. A keyword in any of them calls for its rules in all, as does one in the
// file itself.
func (d *decoder) look(ctx context.Context, pages []*page) {
	hits, ends := d.scratch.window[:0], make([]int, len(pages))
	for i, p := range pages {
		hits = d.search(hits, p.text)
		ends[i] = len(hits)
	}
	d.scratch.window = hits
	d.awake = union(d.awake, d.engine.called(d.scratch, hits))
	from := 0
	for i, p := range pages {
		d.found = append(d.found, d.engine.matches(ctx, d.scratch, p, hits[from:ends[i]], d.awake)...)
		from = ends[i]
		for rule, kept := range p.capped {
			d.page.cap(rule[len("secret/"):], kept)
		}
	}
}

func union(a, b []int32) []int32 {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// deeper decodes what the pages of one depth hold encoded in or beside what was decoded.
func (d *decoder) deeper(pages []*page) []*page {
	var next []*page
	for _, p := range pages {
		runs := slices.DeleteFunc(findEncoded(nil, p.text, 0, len(p.text)), func(r encodedRun) bool { return !p.layer.covers(r.from, r.to) })
		if len(runs) > 0 {
			next = append(next, d.open(p.text, 0, runs, p.layer))
		}
	}
	return next
}

const (
	minBase64 = 16
	minHex    = 32
)
