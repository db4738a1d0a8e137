package pipeline

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/scan"
)

// maxPatch bounds the lines that a patch is made of, in bytes. A longer one is left out: nobody reads it in a report.
const maxPatch = 16 << 10

// patch is edits as a unified diff without context. It is empty where a line of it may not be shown.
func patch(path string, text []byte, l layout, edits []fault.Edit) string {
	if strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r == 0x7f }) {
		return "" // such a path is written otherwise, which not all readers know
	}
	var b strings.Builder
	fmt.Fprintf(&b, "--- a/%s\n+++ b/%s\n", path, path)
	shift := 0 // of lines, by the hunks before
	for _, group := range perLine(l, edits) {
		h, ok := newHunk(text, l, group)
		if !ok || b.Len() > maxPatch {
			return ""
		}
		if len(h.old)+len(h.now) == 0 {
			continue
		}
		fmt.Fprintf(&b, "@@ -%s +%s @@\n", lineRange(h.at, len(h.old)), lineRange(h.at+shift, len(h.now)))
		shift += len(h.now) - len(h.old)
		if !writeHunk(&b, '-', h.old) || !writeHunk(&b, '+', h.now) {
			return ""
		}
	}
	return b.String()
}

// perLine sorts edits and puts those together that share a line.
func perLine(l layout, edits []fault.Edit) [][]fault.Edit {
	edits = slices.SortedFunc(slices.Values(edits), func(a, b fault.Edit) int {
		return cmp.Or(cmp.Compare(a.Span.Start, b.Span.Start), cmp.Compare(a.Span.End, b.Span.End))
	})
	var groups [][]fault.Edit
	for _, e := range edits {
		if n := len(groups) - 1; n >= 0 && l.position(e.Span.Start).Line <= l.position(groups[n][len(groups[n])-1].Span.End).Line {
			groups[n] = append(groups[n], e)
			continue
		}
		groups = append(groups, []fault.Edit{e})
	}
	return groups
}

// A hunk is lines of the old text, counted from 0, and those in their place.
type hunk struct {
	at       int
	old, now [][]byte
}

// newHunk makes the edits of some lines. ok is false where these are too long.
func newHunk(text []byte, l layout, edits []fault.Edit) (h hunk, ok bool) {
	h.at = l.position(edits[0].Span.Start).Line - 1
	from, to := l.starts[h.at], len(text)
	if last := l.position(edits[len(edits)-1].Span.End).Line; last < len(l.starts) {
		to = l.starts[last]
	}
	if to-from > maxPatch {
		return h, false
	}
	var now []byte
	at := from
	for _, e := range edits {
		if e.Span.Start < at || e.Span.End > to {
			return h, false // an edit that overlaps another one is none
		}
		now = append(append(now, text[at:e.Span.Start]...), e.Text...)
		at = e.Span.End
	}
	h.old, h.now = splitLines(text[from:to]), splitLines(append(now, text[at:to]...))
	h.trim()
	return h, true
}

// trim leaves equal lines at the beginning and the end out.
func (h *hunk) trim() {
	for len(h.old) > 0 && len(h.now) > 0 && bytes.Equal(h.old[0], h.now[0]) {
		h.old, h.now, h.at = h.old[1:], h.now[1:], h.at+1
	}
	for len(h.old) > 0 && len(h.now) > 0 && bytes.Equal(h.old[len(h.old)-1], h.now[len(h.now)-1]) {
		h.old, h.now = h.old[:len(h.old)-1], h.now[:len(h.now)-1]
	}
}

// splitLines keeps the ends of lines.
func splitLines(text []byte) [][]byte {
	lines := bytes.SplitAfter(text, []byte{'\n'})
	if n := len(lines); len(lines[n-1]) == 0 {
		lines = lines[:n-1]
	}
	return lines
}

// lineRange is a hunk's range. One without lines is told by the line before it.
func lineRange(at, n int) string {
	switch n {
	case 0:
		return fmt.Sprintf("%d,0", at)
	case 1:
		return fmt.Sprint(at + 1)
	}
	return fmt.Sprintf("%d,%d", at+1, n)
}

// writeHunk writes lines, and reports whether all of them may be shown.
func writeHunk(b *strings.Builder, sign byte, lines [][]byte) bool {
	for _, line := range lines {
		text := string(line)
		if scan.Mask(text) != text {
			return false
		}
		b.WriteByte(sign)
		b.WriteString(text)
		if !strings.HasSuffix(text, "\n") {
			b.WriteString("\n\\ No newline at end of file\n")
		}
	}
	return true
}

// endLines writes the ends of an edit's lines as the file has them.
func endLines(text []byte, edits []fault.Edit) []fault.Edit {
	first := bytes.IndexByte(text, '\n')
	if first < 1 || text[first-1] != '\r' {
		return edits
	}
	edits = slices.Clone(edits)
	for i := range edits {
		edits[i].Text = strings.ReplaceAll(edits[i].Text, "\n", "\r\n")
	}
	return edits
}
