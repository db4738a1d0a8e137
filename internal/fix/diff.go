package fix

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// context is how many lines stand around a change in a patch.
const context = 3

// A hunk is lines of the old text, from a to b, that are replaced by lines c to d of the new one. Lines count from 0.
type hunk struct{ a, b, c, d int }

// WritePatch writes the change as git apply and patch take it.
func (c *Change) WritePatch(w io.Writer) error {
	old, now := splitLines(c.Old), splitLines(c.New)
	var out bytes.Buffer
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", quoted("a/"+c.Path), quoted("b/"+c.Path))
	for _, group := range groups(c.hunks()) {
		writeGroup(&out, old, now, group)
	}
	_, err := w.Write(out.Bytes())
	return err
}

// quoted is a path as git writes it: one with characters that are not seen, or that quotes are made of, in quotes.
func quoted(path string) string {
	var b strings.Builder
	plain := true
	for i := range len(path) {
		switch c := path[i]; {
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, `\%03o`, c)
			plain = false
		case c == '"' || c == '\\':
			b.Write([]byte{'\\', c})
			plain = false
		default:
			b.WriteByte(c)
		}
	}
	if plain {
		return path
	}
	return `"` + b.String() + `"`
}

// splitLines keeps the ends of lines.
func splitLines(text []byte) [][]byte {
	lines := bytes.SplitAfter(text, []byte{'\n'})
	if n := len(lines); n > 0 && len(lines[n-1]) == 0 {
		lines = lines[:n-1]
	}
	return lines
}

// hunks are the lines that the edits change, without what they leave alone at their beginning and end.
func (c *Change) hunks() []hunk {
	old, now := splitLines(c.Old), splitLines(c.New)
	var list []hunk
	shift := 0 // of bytes
	for _, e := range c.edits {
		h := hunk{a: lineAt(c.Old, e.from), b: lineAt(c.Old, e.to) + 1}
		h.c = lineAt(c.New, e.from+shift)
		shift += len(e.text) - (e.to - e.from)
		h.d = lineAt(c.New, e.to+shift) + 1
		h.b, h.d = min(h.b, len(old)), min(h.d, len(now))
		if k := len(list) - 1; k >= 0 && h.a < list[k].b {
			list[k].b, list[k].d = h.b, h.d
			continue
		}
		list = append(list, h)
	}
	for i := range list {
		list[i].trim(old, now)
	}
	return list
}

func lineAt(text []byte, at int) int { return bytes.Count(text[:min(at, len(text))], []byte{'\n'}) }

func (h *hunk) trim(old, now [][]byte) {
	for h.a < h.b && h.c < h.d && bytes.Equal(old[h.a], now[h.c]) {
		h.a++
		h.c++
	}
	for h.a < h.b && h.c < h.d && bytes.Equal(old[h.b-1], now[h.d-1]) {
		h.b--
		h.d--
	}
}

// groups puts hunks together whose contexts meet.
func groups(hunks []hunk) [][]hunk {
	var out [][]hunk
	for _, h := range hunks {
		if h.a == h.b && h.c == h.d {
			continue
		}
		if k := len(out) - 1; k >= 0 && h.a-out[k][len(out[k])-1].b <= 2*context {
			out[k] = append(out[k], h)
		} else {
			out = append(out, []hunk{h})
		}
	}
	return out
}

func writeGroup(out *bytes.Buffer, old, now [][]byte, group []hunk) {
	first, last := group[0], group[len(group)-1]
	from := max(0, first.a-context)
	to := min(len(old), last.b+context)
	newFrom := first.c - (first.a - from)
	newTo := last.d + (to - last.b)
	fmt.Fprintf(out, "@@ -%s +%s @@\n", rangeOf(from, to), rangeOf(newFrom, newTo))
	at := from
	for _, h := range group {
		writeLines(out, ' ', old[at:h.a])
		writeLines(out, '-', old[h.a:h.b])
		writeLines(out, '+', now[h.c:h.d])
		at = h.b
	}
	writeLines(out, ' ', old[at:to])
}

func rangeOf(from, to int) string {
	switch n := to - from; n {
	case 0:
		return fmt.Sprintf("%d,0", from)
	case 1:
		return fmt.Sprint(from + 1)
	default:
		return fmt.Sprintf("%d,%d", from+1, n)
	}
}

func writeLines(out *bytes.Buffer, sign byte, lines [][]byte) {
	for _, l := range lines {
		out.WriteByte(sign)
		out.Write(l)
		if !bytes.HasSuffix(l, []byte{'\n'}) {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}
