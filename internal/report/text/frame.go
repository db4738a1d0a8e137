package text

import (
	"fmt"
	"strings"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/report/escape"
	"github.com/assaysec/assay/internal/report/frame"
)

// frame shows the code around a place with the place underlined; without all, only the lines of the place.
func (p *printer) frame(place *finding.Place, all bool) {
	lines := frame.Of(place)
	if len(lines) == 0 {
		return
	}
	digits := len(fmt.Sprint(lines[len(lines)-1].Number))
	room := max(p.width-digits-7, 10)
	shift := scroll(lines, room)
	for _, l := range lines {
		if !l.Hit && !all {
			continue
		}
		before, marked, after := clip(l, shift, room)
		gutter := p.paint(dim, fmt.Sprintf("    %*d │ ", digits, l.Number))
		p.line(gutter + before + p.paint(red, marked) + after)
		if l.Hit {
			under := strings.Repeat(" ", frame.Cells(before)) + p.paint(red, strings.Repeat("^", max(1, frame.Cells(marked))))
			p.line(p.paint(dim, strings.Repeat(" ", digits+4)+" │ ") + under)
		}
	}
}

// scroll is how many columns to leave out at the left, so that the first mark can be seen.
func scroll(lines []frame.Line, room int) int {
	for _, l := range lines {
		if !l.Hit {
			continue
		}
		text, marked, _ := parts(l)
		before := frame.Cells(text)
		if before+min(frame.Cells(marked), room/2) > room {
			return before - room/4
		}
		return 0
	}
	return 0
}

// clip is the part of a line that fits, in its three parts.
func clip(l frame.Line, shift, room int) (before, marked, after string) {
	before, marked, after = parts(l)
	if shift > 0 {
		before, marked, after = drop(before, marked, after, shift)
		before = "…" + before
	}
	if frame.Cells(before+marked+after) <= room {
		return before, marked, after
	}
	room-- // for the sign that something is cut
	before = frame.Crop(before, room)
	room -= frame.Cells(before)
	marked = frame.Crop(marked, room)
	room -= frame.Cells(marked)
	return before, marked, frame.Crop(after, room) + "…"
}

// drop removes n columns from the left of three texts that follow each other.
func drop(before, marked, after string, n int) (string, string, string) {
	parts := []*string{&before, &marked, &after}
	for _, part := range parts {
		head := frame.Crop(*part, n)
		n -= frame.Cells(head)
		*part = (*part)[len(head):]
		if *part != "" {
			break
		}
	}
	return before, marked, after
}

// parts makes the three parts of a line safe, with tabs as spaces so that columns can be counted. A CI command may lie
// across them; then all its signs are written out.
func parts(l frame.Line) (before, marked, after string) {
	code := func(s string) string { return escape.Terminal(strings.ReplaceAll(s, "\t", "    ")) }
	before, marked, after = code(l.Before), code(l.Marked), code(l.After)
	if whole := before + marked + after; escape.Workflow(whole) != whole {
		code = func(s string) string { return strings.ReplaceAll(s, "#", `\u{23}`) }
		return code(before), code(marked), code(after)
	}
	return before, marked, after
}
