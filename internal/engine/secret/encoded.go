package secret

import (
	"bytes"
	"encoding/base64"
	"slices"
	"unicode/utf8"
)

// An encodedRun is a run of text that decodes to printable text.
type encodedRun struct {
	from, to int
	name     string // base64, hex, percent, unicode
	plain    []byte
}

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
