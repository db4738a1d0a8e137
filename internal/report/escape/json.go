package escape

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON rewrites encoded JSON so that it can be printed: hidden characters become \u escapes, and CI commands are broken
// by one. A decoder reads the same values as before.
func JSON(encoded []byte) []byte {
	var out []byte // nil until something changes
	last := 0
	change := func(i, n int, to string) {
		out = append(append(out, encoded[last:i]...), to...)
		last = i + n
	}
	for i := 0; i < len(encoded); {
		c := encoded[i]
		switch {
		case c == '#' && hashCommand(head(encoded[i:])):
			change(i, 1, `\u0023`)
		case c == 0x7f:
			change(i, 1, `\u007f`)
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRune(encoded[i:])
			// The replacement character too: an encoder writes it in two ways, depending on where it came from.
			if Hidden(r) || r == utf8.RuneError {
				change(i, n, jsonEscape(r))
			}
			i += n
			continue
		}
		i++
	}
	if out == nil {
		return encoded
	}
	return append(out, encoded[last:]...)
}

// head is the start of b, long enough to know any CI command by.
func head(b []byte) string { return string(b[:min(len(b), 24)]) }

func jsonEscape(r rune) string {
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		return fmt.Sprintf(`\u%04x\u%04x`, high, low)
	}
	return fmt.Sprintf(`\u%04x`, r)
}
