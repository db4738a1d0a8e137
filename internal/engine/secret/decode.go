package secret

import (
	"bytes"
	"context"
	"encoding/base64"
	"slices"
	"unicode/utf8"

	"github.com/assaysec/assay/internal/litscan"
)

// An encodedRun is a run of text that decodes to printable text.
type encodedRun struct {
	from, to int
	name     string // base64, hex, percent, unicode
	plain    []byte
}

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

// findEncoded finds the runs in text[from:to] that decode to printable text: escapes, hex and base64. Where runs overlap,
// the one that starts first holds. Of runs that stand side by side, base64 waits for hex, and both wait for escapes: these
// may be a part of it, such as its padding. What waits or is inside is found one layer deeper.
func findEncoded(dst []encodedRun, text []byte, from, to int) []encodedRun {
	first := len(dst)
	dst = tokenRuns(dst, text, from, to)
	tokens := len(dst)
	dst = escapedRuns(dst, text, from, to, "%", percentRun)
	dst = escapedRuns(dst, text, from, to, `\`, unicodeRun)
	dst = escapedRuns(dst, text, from, to, "U+", codePointRun)
	found := dst[first:]
	if len(dst) > tokens {
		slices.SortFunc(found, func(a, b encodedRun) int { return a.from - b.from })
		kept := found[:1]
		for _, r := range found[1:] {
			if r.from >= kept[len(kept)-1].to {
				kept = append(kept, r)
			}
		}
		found = kept
	}
	return dst[:first+len(settled(found))]
}

// precedence tells which of two runs that stand side by side is decoded first.
var precedence = map[string]int{"percent": 4, "unicode": 3, "hex": 2, "base64": 1}

// settled drops the runs that wait for a neighbour.
func settled(runs []encodedRun) []encodedRun {
	kept, before := runs[:0], encodedRun{from: -1, to: -1}
	for i, r := range runs {
		waits := before.to == r.from && precedence[before.name] > precedence[r.name] ||
			i+1 < len(runs) && runs[i+1].from == r.to && precedence[runs[i+1].name] > precedence[r.name]
		if before = r; !waits {
			kept = append(kept, r)
		}
	}
	return kept
}

// tokenRuns finds runs of base64 characters that decode. It looks at every sixteenth character, backwards from there to
// the first that is in no run, and goes on sixteen behind that: shorter runs cannot decode to anything.
func tokenRuns(dst []encodedRun, text []byte, from, to int) []encodedRun {
	for start, probe := from, from+minBase64-1; probe < to; probe = start + minBase64 - 1 {
		i := probe
		for i >= start && isBase64[text[i]] {
			i--
		}
		if i >= start {
			start = i + 1
			continue
		}
		end := runEnd(text, probe+1, to)
		dst = tokenRun(dst, text, start, end)
		start = end
	}
	return dst
}

// escapedRuns finds the runs that begin with a mark and decode.
func escapedRuns(dst []encodedRun, text []byte, from, to int, mark string, decode func([]byte, int, int) (encodedRun, bool)) []encodedRun {
	for i := from; ; {
		next := bytes.Index(text[i:to], []byte(mark))
		if next < 0 {
			return dst
		}
		i += next
		if r, ok := decode(text, i, to); ok {
			dst, i = append(dst, r), r.to
		} else {
			i++
		}
	}
}

// runEnd is the end of the base64 characters and padding that go on at i.
func runEnd(text []byte, i, to int) int {
	for i < to && isBase64[text[i]] {
		i++
	}
	for pad := 0; pad < 2 && i < to && text[i] == '='; pad++ {
		i++
	}
	return i
}

// tokenRun decodes a run of base64 characters: what it begins with as hex, if that is long enough, and the rest as base64.
func tokenRun(dst []encodedRun, text []byte, from, to int) []encodedRun {
	digits := from
	for digits < to && hexDigit[text[digits]] <= 15 {
		digits++
	}
	if digits-from >= minHex {
		if plain, ok := decodeHex(text[from:digits]); ok {
			dst = append(dst, encodedRun{from, digits, "hex", plain})
		}
		from = digits
	}
	if len(bytes.TrimRight(text[from:to], "=")) < minBase64 {
		return dst
	}
	if plain, ok := decodeBase64(text[from:to]); ok {
		dst = append(dst, encodedRun{from, to, "base64", plain})
	}
	return dst
}

func decodeHex(run []byte) ([]byte, bool) {
	if len(run)%2 != 0 {
		return nil, false
	}
	for i := 0; i < len(run); i += 2 {
		if b := hexDigit[run[i]]<<4 | hexDigit[run[i+1]]; hexDigit[run[i]]|hexDigit[run[i+1]] > 15 || !isPrintable[b] {
			return nil, false
		}
	}
	plain := make([]byte, len(run)/2)
	for i := range plain {
		plain[i] = hexDigit[run[2*i]]<<4 | hexDigit[run[2*i+1]]
	}
	return plain, true
}

// decodeBase64 accepts the standard alphabet with padding and the URL alphabet without. Most runs of source code are
// identifiers; they fail at the first bytes that are not printable, before anything is allocated.
func decodeBase64(run []byte) ([]byte, bool) {
	if !slices.ContainsFunc(run, func(c byte) bool { return c < 'A' || c == '_' }) {
		return nil, false // letters alone are a name far more often than encoded text
	}
	if !printableStart(run) {
		return nil, false
	}
	plain := make([]byte, len(run)*6/8+3)
	n, err := base64.StdEncoding.Decode(plain, run)
	if err != nil {
		if n, err = base64.RawURLEncoding.Decode(plain, run); err != nil {
			return nil, false
		}
	}
	plain = plain[:n]
	if n == 0 || slices.ContainsFunc(plain, func(c byte) bool { return !isPrintable[c] }) {
		return nil, false
	}
	return plain, true
}

// printableStart reports whether the first twelve characters decode to printable bytes.
func printableStart(run []byte) bool {
	for i := 0; i+4 <= min(len(run), 12); i += 4 {
		a, b, c, d := base64Digit[run[i]], base64Digit[run[i+1]], base64Digit[run[i+2]], base64Digit[run[i+3]]
		if a|b|c|d > 63 {
			return false
		}
		if !isPrintable[a<<2|b>>4] || !isPrintable[b<<4|c>>2] || !isPrintable[c<<6|d] {
			return false
		}
	}
	return true
}

// maxPercent bounds a percent-encoded run, and with it what a run that turns out not to be text has cost.
const maxPercent = 2048

// percentRun decodes from one %XX to the last one on the same line.
func percentRun(text []byte, from, to int) (encodedRun, bool) {
	var plain []byte
	end, kept := from, 0 // behind the last %XX, and how much of plain belongs to it
	for i := from; i < min(to, from+maxPercent) && text[i] != '\n'; i++ {
		c := text[i]
		escaped := isPercent(text, i, to)
		if escaped {
			c = hexDigit[text[i+1]]<<4 | hexDigit[text[i+2]]
			i += 2
			if !isPrintable[c] {
				return encodedRun{}, false
			}
		} else if i == from {
			return encodedRun{}, false
		}
		plain = append(plain, c)
		if escaped {
			end, kept = i+1, len(plain)
		}
	}
	return encodedRun{from, end, "percent", plain[:kept]}, end > from
}

func isPercent(text []byte, i, to int) bool {
	return i+2 < to && text[i] == '%' && hexDigit[text[i+1]]|hexDigit[text[i+2]] <= 15
}

// unicodeRun decodes consecutive \uXXXX escapes, with one backslash or two.
func unicodeRun(text []byte, from, to int) (encodedRun, bool) {
	var plain []byte
	i := from
	for {
		r, next, ok := unicodeEscape(text, i, to)
		if !ok {
			break
		}
		plain, i = utf8.AppendRune(plain, r), next
	}
	return encodedRun{from, i, "unicode", plain}, i > from
}

func unicodeEscape(text []byte, i, to int) (r rune, next int, ok bool) {
	if i < to && text[i] == '\\' {
		i++
		if i < to && text[i] == '\\' {
			i++
		}
		if i+4 < to && text[i]|0x20 == 'u' {
			for _, c := range text[i+1 : i+5] {
				if hexDigit[c] > 15 {
					return 0, 0, false
				}
				r = r<<4 | rune(hexDigit[c])
			}
			return r, i + 5, true
		}
	}
	return 0, 0, false
}

// codePointRun decodes consecutive code points written U+XXXX with white space behind each.
func codePointRun(text []byte, from, to int) (encodedRun, bool) {
	var plain []byte
	i := from
	for i+6 <= to && text[i] == 'U' && text[i+1] == '+' {
		r, ok := rune(0), true
		for _, c := range text[i+2 : i+6] {
			r, ok = r<<4|rune(hexDigit[c]), ok && hexDigit[c] <= 15
		}
		end := i + 6
		if end < len(text) && bytes.IndexByte([]byte(" \t\n\r\f"), text[end]) >= 0 {
			end++
		} else if end < len(text) {
			ok = false
		}
		if !ok {
			break
		}
		plain, i = utf8.AppendRune(plain, r), min(end, to)
	}
	return encodedRun{from, i, "unicode", plain}, i > from
}

var isBase64, isPrintable = func() (b64, printable [256]bool) {
	for c := range 256 {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		b64[c] = letter || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '-' || c == '_'
		printable[c] = 0x08 < c && c < 0x7f
	}
	return b64, printable
}()

var hexDigit, base64Digit = func() (hex, b64 [256]byte) {
	for c := range 256 {
		hex[c], b64[c] = 0xff, 0xff
	}
	for i := range byte(10) {
		hex['0'+i], b64['0'+i] = i, 52+i
	}
	for i := range byte(26) {
		b64['A'+i], b64['a'+i] = i, 26+i
		if i < 6 {
			hex['A'+i], hex['a'+i] = 10+i, 10+i
		}
	}
	b64['+'], b64['-'], b64['/'], b64['_'] = 62, 62, 63, 63
	return hex, b64
}()
