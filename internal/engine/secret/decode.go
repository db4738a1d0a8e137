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

// A layer says which part of a page was decoded, and where that part stands in the file's own text.
type layer struct {
	from, to  int // the decoded part of the page
	origFrom  int // the encoded run in the file's text
	origTo    int
	before    int // page[0:from] is the file's text from before
	encodings []string
}

// covers reports whether a match of the page touches what was decoded.
func (l *layer) covers(from, to int) bool { return from < l.to && to > l.from }

// place moves a match from the page to the file's text: what was decoded stands for its encoded run.
func (l *layer) place(m *match) {
	m.start, m.end = l.origin(m.start, m.end)
	m.from, m.to = l.origin(m.from, m.to)
	m.lineFrom, m.lineTo = max(0, l.origFrom-contextBytes), l.origTo+contextBytes
	m.encodings = l.encodings
}

func (l *layer) origin(from, to int) (int, int) {
	start, end := l.origFrom, l.origTo
	if from < l.from {
		start = l.before + from
	}
	if to > l.to {
		end = l.origTo + to - l.to
	}
	if to <= l.from { // wholly before the decoded part
		end = l.before + to
	}
	if from >= l.to { // wholly behind it
		start = l.origTo + from - l.to
	}
	return start, end
}

// contextBytes is how much of the text on either side goes with a decoded run: a rule may need the name before a value.
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
	for _, r := range s.runs {
		if ctx.Err() != nil {
			break
		}
		before := p.text[max(0, r.from-contextBytes):r.from]
		after := p.text[r.to:min(len(p.text), r.to+contextBytes)]
		d.open(ctx, before, r, after, 1, nil, r.from, r.to)
	}
	return d.found
}

func (d *decoder) search(dst []litscan.Hit, text []byte) []litscan.Hit {
	if d.page.search != nil {
		return d.page.search(dst, text)
	}
	return d.engine.set().Append(dst, text)
}

type decoder struct {
	engine  *Engine
	scratch *scratch
	page    *page
	awake   []int32
	found   []match
}

// open runs the rules over one decoded run within its surroundings, then looks for encoded runs inside of it.
func (d *decoder) open(ctx context.Context, before []byte, r encodedRun, after []byte, depth int, outer []string, origFrom, origTo int) {
	text := slices.Concat(before, r.plain, after)
	l := &layer{
		from: len(before), to: len(before) + len(r.plain),
		origFrom: origFrom, origTo: origTo, before: origFrom - len(before),
		encodings: append(slices.Clone(outer), r.name),
	}
	inner := &page{path: d.page.path, commit: d.page.commit, text: text, generic: d.page.generic, layer: l}
	hits := d.search(d.scratch.window[:0], text)
	d.scratch.window = hits
	d.found = append(d.found, d.engine.matches(ctx, d.scratch, inner, hits, d.awake)...)
	for rule, kept := range inner.capped {
		d.page.cap(rule[len("secret/"):], kept)
	}
	if depth >= d.engine.options.DecodeDepth {
		return
	}
	for _, next := range findEncoded(nil, text, l.from, l.to) {
		d.open(ctx, text[:next.from], next, text[next.to:], depth+1, l.encodings, origFrom, origTo)
	}
}

const (
	minBase64 = 16
	minHex    = 32
)

// findEncoded finds the runs in text[from:to] that decode to printable text: percent and \u escapes, hex and base64. Where
// runs overlap, the one that starts first holds; what is inside of it is found one layer deeper.
func findEncoded(dst []encodedRun, text []byte, from, to int) []encodedRun {
	first := len(dst)
	dst = tokenRuns(dst, text, from, to)
	tokens := len(dst)
	dst = escapedRuns(dst, text, from, to, '%', percentRun)
	dst = escapedRuns(dst, text, from, to, '\\', unicodeRun)
	if len(dst) == tokens {
		return dst
	}
	found := dst[first:]
	slices.SortFunc(found, func(a, b encodedRun) int { return a.from - b.from })
	kept := found[:1]
	for _, r := range found[1:] {
		if r.from >= kept[len(kept)-1].to {
			kept = append(kept, r)
		}
	}
	return dst[:first+len(kept)]
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
		if r, ok := tokenRun(text, start, end); ok {
			dst = append(dst, r)
		}
		start = end
	}
	return dst
}

// escapedRuns finds the runs that begin with a mark and decode.
func escapedRuns(dst []encodedRun, text []byte, from, to int, mark byte, decode func([]byte, int, int) (encodedRun, bool)) []encodedRun {
	for i := from; ; {
		next := bytes.IndexByte(text[i:to], mark)
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

// tokenRun decodes a run of base64 characters as hex, else as base64.
func tokenRun(text []byte, from, to int) (encodedRun, bool) {
	run := text[from:to]
	if len(run) >= minHex && len(run)%2 == 0 {
		if plain, ok := decodeHex(run); ok {
			return encodedRun{from, to, "hex", plain}, true
		}
	}
	if plain, ok := decodeBase64(run); ok {
		return encodedRun{from, to, "base64", plain}, true
	}
	return encodedRun{}, false
}

func decodeHex(run []byte) ([]byte, bool) {
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
