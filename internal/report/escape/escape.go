package escape

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// hidden holds the code points that print nothing, or that change how their neighbours are seen: controls (C0, DEL,
// C1), bidirectional marks, zero-width and tag characters, line and paragraph separators, fillers, variation selectors,
// and what is no character at all.
var hidden = []*unicode.RangeTable{
	unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp,
	unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Noncharacter_Code_Point,
}

const (
	emojiStyle   = '\uFE0F' // follows many emoji; harmless, and a reader would stumble over it
	brailleBlank = '\u2800' // looks like a space and is none
)

// Hidden reports whether a reader could not see r.
func Hidden(r rune) bool {
	if r >= 0x20 && r < 0x7f {
		return false
	}
	return r != emojiStyle && (r == brailleBlank || unicode.In(r, hidden...))
}

// Line makes s one line in which everything can be seen.
func Line(s string) string {
	i := firstHidden(s)
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:i])
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x{%02x}`, s[i])
		case Hidden(r):
			fmt.Fprintf(&b, `\u{%x}`, r)
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// Terminal makes s one line that a terminal and a CI system's log only print.
func Terminal(s string) string { return Workflow(Line(s)) }

// XML makes s one line that is legal in XML 1.0, where most controls cannot be written at all, and that a CI system's log
// only prints. The markup is the encoder's business.
func XML(s string) string { return Terminal(s) }

// firstHidden is the index of the first byte that Line must change, or -1.
func firstHidden(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return i
			}
		}
		if Hidden(r) {
			return i
		}
	}
	return -1
}

// Workflow breaks what CI systems obey when they read it in a log: "::name::" at the start of a line, and "##[name]",
// "##vso[name]", "##teamcity[name]" anywhere in one. Since a line may be broken at any space, "::" is broken after
// every space. s is one line.
func Workflow(s string) string {
	if !strings.Contains(s, "::") && !strings.Contains(s, "##") {
		return s
	}
	var b strings.Builder
	space := true
	for i := 0; i < len(s); i++ {
		switch {
		case space && strings.HasPrefix(s[i:], "::"):
			b.WriteString(`\u{3a}`)
		case hashCommand(s[i:]):
			b.WriteString(`\u{23}`)
		default:
			b.WriteByte(s[i])
		}
		space = s[i] == ' '
	}
	return b.String()
}

// hashCommand reports whether s starts with two number signs, letters or none, and an opening bracket.
func hashCommand(s string) bool {
	rest, ok := strings.CutPrefix(s, "##")
	if !ok {
		return false
	}
	rest = strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	return strings.HasPrefix(rest, "[")
}

// URI makes a slash-separated path a relative reference (RFC 3986): every byte but the unreserved ones and the slash
// is percent-encoded, so that no path can be taken for a scheme, a query or a fragment. Bytes that are not UTF-8 stay
// exact.
func URI(path string) string {
	const unreserved = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/"
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		if strings.IndexByte(unreserved, path[i]) < 0 || i == 0 && path[i] == '/' {
			fmt.Fprintf(&b, "%%%02X", path[i])
			continue
		}
		b.WriteByte(path[i])
	}
	return b.String()
}
