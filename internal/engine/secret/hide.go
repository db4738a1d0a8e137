package secret

import (
	"context"
	"slices"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/scan"
)

var _ scan.Hider = (*Engine)(nil)

// hiddenWord is the length from which a word of a path or a name can be a credential.
const hiddenWord = 16

// Hide takes credentials out of a short text that is shown, such as a path or the name of an author: those of formats that
// prove themselves. What only looks like a secret in its place stays, or files could not be named.
func (e *Engine) Hide(text string) string {
	if !holdsLongWord(text) {
		return text
	}
	raw := []byte(text)
	hits := e.set().Append(nil, raw)
	if len(hits) == 0 {
		return text
	}
	s := e.scratch.Get().(*scratch)
	defer e.scratch.Put(s)
	found := e.matches(context.Background(), s, &page{text: raw}, hits, nil)
	found = slices.DeleteFunc(found, func(m match) bool {
		return e.rules[m.rule].confidence != finding.HighConfidence
	})
	slices.SortFunc(found, func(a, b match) int { return a.from - b.from })
	var out []byte
	at := 0
	for _, m := range found {
		if m.from < at {
			at = max(at, m.to)
			continue
		}
		out = append(append(out, raw[at:m.from]...), scan.Hidden...)
		at = m.to
	}
	return string(append(out, raw[at:]...))
}

// holdsLongWord reports whether a text has a word of both letters and digits that is long enough.
func holdsLongWord(text string) bool {
	n, letters, digits := 0, false, false
	for i := range len(text) {
		c := text[i]
		switch {
		case c == '/' || c <= ' ':
			n, letters, digits = 0, false, false
			continue
		case '0' <= c && c <= '9':
			digits = true
		case 'a' <= c|0x20 && c|0x20 <= 'z':
			letters = true
		}
		if n++; n >= hiddenWord && letters && digits {
			return true
		}
	}
	return false
}
