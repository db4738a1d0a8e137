package secret

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/scan"
)

// Redacted stands where a secret stood.
const Redacted = "[redacted]"

const (
	frameLines   = 3   // of a multi-line secret, shown at most
	maxFrameLine = 160 // code points of a line, shown at most
	maxLineBytes = 4096
)

// A span is a part of a text.
type span struct{ from, to int }

// mask writes text[from:to], a part of a line, so that its shape can be read and no value in it: spans are replaced by what
// mark writes, and so is whatever else could be a value, since a line with one secret often holds its neighbour.
func mask(b *strings.Builder, text []byte, from, to int, spans []span, mark func(span)) {
	for i := from; i < to; {
		if s, ok := spanAt(spans, i); ok {
			mark(s)
			i = min(s.to, to)
			continue
		}
		next := to
		for _, s := range spans {
			if s.from > i {
				next = min(next, s.from)
			}
		}
		maskValues(b, text[i:next])
		i = next
	}
}

// spanAt returns the span that holds offset i.
func spanAt(spans []span, i int) (span, bool) {
	for _, s := range spans {
		if s.from <= i && i < s.to {
			return s, true
		}
	}
	return span{}, false
}

// maskValues copies text, with each run of characters that could be a value replaced by an ellipsis. Left as they are:
// punctuation, runs too short to tell anything, and names that something is assigned to or that are called.
func maskValues(b *strings.Builder, text []byte) {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if !isValue(r) {
			b.WriteRune(r)
			i += size
			continue
		}
		end := i
		for end < len(text) {
			r, size := utf8.DecodeRune(text[end:])
			if !isValue(r) {
				break
			}
			end += size
		}
		if len(bytes.Trim(text[i:end], "-._/*#")) < shownRun || names(text[:i], text[i:end], text[end:]) {
			b.Write(text[i:end])
		} else {
			b.WriteString("…")
		}
		i = end
	}
}

// shownRun is the length from which a run is masked: shorter parts of a secret are no use to anybody.
const shownRun = 8

func isValue(r rune) bool {
	return r > 0x7f || r < 0x80 && valueBytes[r]
}

var valueBytes = func() (in [256]bool) {
	for c := range in {
		in[c] = 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9'
	}
	for _, c := range "_+%~$!^-./\\&*#" {
		in[c] = true
	}
	return in
}()

// names reports whether a run is rather a name than a value: an identifier that something is assigned to, or that is
// called, and that is not itself assigned to another one.
func names(before, run, after []byte) bool {
	if len(run) > 60 || !identifier(run) {
		return false
	}
	before = bytes.TrimRight(before, " \t")
	quoted := false
	if len(before) > 0 {
		switch before[len(before)-1] {
		case '=', ':':
			return false
		case '"', '\'', '`':
			quoted = true
		}
	}
	if quoted {
		after = bytes.TrimLeft(after, "\"'`")
	}
	return assigned(after) || !quoted && bytes.HasPrefix(after, []byte{'('})
}

// identifier reports whether a run is made of letters, digits (two at most) and what joins parts of a name.
func identifier(run []byte) bool {
	digits := 0
	for _, c := range run {
		switch {
		case '0' <= c && c <= '9':
			digits++
		case c == '_' || c == '-' || c == '.' || c == '/' || 'a' <= c|0x20 && c|0x20 <= 'z':
		default:
			return false
		}
	}
	return digits <= 2
}

// assigned reports whether what follows gives a value to what stands before.
func assigned(after []byte) bool {
	after = bytes.TrimLeft(after, " \t")
	return len(after) > 0 && (after[0] == ':' || after[0] == '=')
}

// frame shows the lines of one match. hide lists every secret of the file.
func frame(text []byte, l *lines, m *match, hide []span) *finding.Frame {
	f := &finding.Frame{First: l.line(m.from)}
	at := l.at
	for n := 0; n < frameLines && at <= len(text); n++ {
		end := len(text)
		if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
			end = at + i
		}
		from, to := at, end
		if to-from > maxLineBytes {
			from = max(from, m.from-maxFrameLine/2)
			to = min(to, from+maxFrameLine)
		}
		f.Lines = append(f.Lines, frameLine(f, text, from, to, m, hide))
		if end >= m.to || end == len(text) {
			break
		}
		at = end + 1
	}
	return f
}

// frameLine shows one line, and notes in the frame where in it the match is.
func frameLine(f *finding.Frame, text []byte, from, to int, m *match, hide []span) string {
	var b strings.Builder
	number := f.First + len(f.Lines)
	mask(&b, text, from, to, hide, func(s span) {
		start := utf8.RuneCountInString(b.String()) + 1
		b.WriteString(Redacted)
		if s.from < m.to && m.from < s.to {
			if f.Start.IsZero() {
				f.Start = finding.Position{Line: number, Column: start}
			}
			f.End = finding.Position{Line: number, Column: start + len(Redacted)}
		}
	})
	return cut(b.String())
}

func cut(line string) string {
	line = strings.ToValidUTF8(strings.TrimRight(line, "\r"), "\uFFFD")
	if utf8.RuneCountInString(line) <= maxFrameLine {
		return line
	}
	return string([]rune(line)[:maxFrameLine]) + "…"
}

// surroundings is the engine's part of a fingerprint: the masked line without its spacing, with 16 bits of the secret's
// hash in its place. That is enough to notice another value and too little to confirm a guess.
func surroundings(text []byte, m *match, hide []span) string {
	from, to := lineAround(text, m.from, m.from)
	if end := min(max(m.to, m.from), to); end < to {
		to = end + len(scan.BeforeMark(text[end:to]))
	}
	var b strings.Builder
	mask(&b, text, max(from, m.from-maxFrameLine), min(to, m.from+maxFrameLine), hide, func(s span) {
		if s.from <= m.from && m.from < s.to {
			b.WriteByte(1)
		} else {
			b.WriteByte(2)
		}
	})
	sum := sha256.Sum256([]byte(m.secret))
	return strings.Join(strings.Fields(b.String()), " ") + "\x00" + hex.EncodeToString(sum[:2])
}
