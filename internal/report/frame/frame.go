package frame

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"github.com/assaysec/assay/internal/finding"
)

// A Line is one line of a frame, cut where the mark starts and ends. Its text is as it came from the target.
type Line struct {
	Number                int
	Before, Marked, After string
	Hit                   bool // the line is part of the place
}

// Of gives the lines of a place's frame, none where it has no frame.
func Of(p *finding.Place) []Line {
	if p.Frame == nil {
		return nil
	}
	start, end := p.Start, p.End
	if !p.Frame.Start.IsZero() {
		start, end = p.Frame.Start, p.Frame.End
	}
	lines := make([]Line, len(p.Frame.Lines))
	for i, text := range p.Frame.Lines {
		lines[i] = cut(strings.TrimRight(text, "\r\n"), p.Frame.First+i, start, end)
	}
	return lines
}

// Text gives a place's frame as plain lines, such as "> 12 │ key = …", in which those of the place are marked. Tabs are
// spaces; the text is otherwise as it came from the target.
func Text(p *finding.Place) []string {
	lines := Of(p)
	if len(lines) == 0 {
		return nil
	}
	digits := len(strconv.Itoa(lines[len(lines)-1].Number))
	out := make([]string, len(lines))
	for i, l := range lines {
		mark := " "
		if l.Hit {
			mark = ">"
		}
		code := strings.ReplaceAll(l.Before+l.Marked+l.After, "\t", "    ")
		out[i] = fmt.Sprintf("%s %*d │ %s", mark, digits, l.Number, code)
	}
	return out
}

// cut splits a line at the place's columns, as far as they lie within it. A place without an end is marked to the end
// of its line.
func cut(text string, number int, start, end finding.Position) Line {
	last := max(start.Line, end.Line)
	if start.IsZero() || number < start.Line || number > last {
		return Line{Number: number, Before: text}
	}
	runes := []rune(text)
	from, to := 0, len(runes)
	if number == start.Line {
		from = start.Column - 1
	}
	if number == end.Line {
		to = end.Column - 1
	}
	from = min(max(from, 0), len(runes))
	to = min(max(to, from), len(runes))
	// Byte offsets, so that text that is not UTF-8 stays as it is.
	i, j := offset(text, from), offset(text, to)
	return Line{Number: number, Before: text[:i], Marked: text[i:j], After: text[j:], Hit: true}
}

// offset is the byte offset of the n-th code point of s.
func offset(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// Cells is how many columns of a terminal s takes.
func Cells(s string) int {
	cells := 0
	for _, r := range s {
		cells += runeCells(r)
	}
	return cells
}

func runeCells(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Crop is the longest start of s that takes no more than limit columns.
func Crop(s string, limit int) string {
	for i, r := range s {
		if limit -= runeCells(r); limit < 0 {
			return s[:i]
		}
	}
	return s
}
