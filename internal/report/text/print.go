package text

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/frame"
	"github.com/assaysec/assay/internal/risk"
)

// The colours are SGR parameters of the sixteen that every terminal has, so that the reader's own theme decides.
const (
	bold    = "1"
	dim     = "2"
	red     = "31"
	green   = "32"
	yellow  = "33"
	magenta = "35"
	cyan    = "36"
)

var levelColor = map[finding.Severity]string{
	finding.Critical: "1;31", finding.High: red, finding.Medium: yellow, finding.SeverityUnknown: magenta,
	finding.Low: cyan, finding.Info: dim,
}

var groupColor = map[report.Group]string{report.Stopping: "1;31", report.Warning: "1;33"}

var outcomeColor = map[report.Outcome]string{
	report.Denied: "1;31", report.Incomplete: "1;31", report.Undecided: "1;31", report.Warned: "1;33", report.Allowed: "1;32",
}

const (
	defaultWidth = 80
	minWidth     = 40
	label        = 11 // columns of the labels on the first screen
)

// A printer writes lines. It gets text that is safe already.
type printer struct {
	w     *bufio.Writer
	width int
	color bool
	all   bool // list everything that is held back

	advised map[string]bool // advice that was told
}

func newPrinter(w io.Writer, o report.Options) *printer {
	width := o.Width
	if width == 0 {
		width = defaultWidth
	}
	return &printer{w: bufio.NewWriter(w), width: max(width, minWidth), color: o.Color, all: o.ShowSuppressed, advised: map[string]bool{}}
}

func (p *printer) flush() error { return p.w.Flush() } // reports the first error of all writes

func (p *printer) line(s string) {
	p.w.WriteString(strings.TrimRight(s, " "))
	p.w.WriteByte('\n')
}

func (p *printer) blank() { p.w.WriteByte('\n') }

// paint colours s, where colours are wanted.
func (p *printer) paint(color, s string) string {
	if !p.color || color == "" || s == "" {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}

// title starts a group.
func (p *printer) title(color, what, counts string) {
	p.blank()
	if color == "" {
		color = bold
	}
	counts = "(" + counts + ")"
	if frame.Cells(what+" "+counts) <= p.width {
		p.line(p.paint(color, what) + " " + p.paint(dim, counts))
		return
	}
	p.line(p.paint(color, what))
	p.wrapped("  ", dim, counts)
}

// level is a finding's risk in a column of its own width.
func (p *printer) level(r *risk.Risk) string {
	name := r.Level.Level.String()
	return p.paint(levelColor[r.Level.Level], fmt.Sprintf("%s %d", name, r.Level.Score)) +
		strings.Repeat(" ", max(0, 11-len(name)-len(fmt.Sprint(r.Level.Score))))
}

// heading is a finding's first line: its risk, its place and its rule. A rule without room goes to a line of its own; so
// does a place, at the left, as it is never broken.
func (p *printer) heading(color string, r *risk.Risk) {
	const column = 16 // where places stand
	where, rule := safe(report.Where(&r.Place)), safe(r.Rule)
	lead := "  " + p.level(r) + "  "
	switch {
	case column+frame.Cells(where+"  "+rule) <= p.width:
		p.line(lead + p.paint(color, where) + "  " + p.paint(dim, rule))
	case column+frame.Cells(where) <= p.width:
		p.line(lead + p.paint(color, where))
		p.line(strings.Repeat(" ", column) + p.paint(dim, rule))
	default:
		p.line(lead + p.paint(dim, rule))
		p.line("    " + p.paint(color, where))
	}
}

// command is something to type, under its label. It is not broken, so that it can be copied.
func (p *printer) command(name, text string) {
	p.line(p.paint(dim, fmt.Sprintf("%-*s", label, name)) + p.paint(bold, text))
}

// field is one fact about a finding under a short label.
func (p *printer) field(name, text string) {
	if text == "" {
		return
	}
	indent := "    " + fmt.Sprintf("%-8s", name)
	p.wrappedAfter("    "+p.paint(dim, fmt.Sprintf("%-8s", name)), indent, safe(text))
}

// wide is one line of the first and the last screen under its label.
func (p *printer) wide(name, text string) {
	indent := fmt.Sprintf("%-*s", label, name)
	p.wrappedAfter(p.paint(dim, indent), indent, text)
}

// wrapped breaks text at its spaces; every line starts with the indent.
func (p *printer) wrapped(indent, color, text string) {
	for _, l := range wrap(text, p.width-len(indent)) {
		p.line(indent + p.paint(color, l))
	}
}

// wrappedAfter breaks text behind a lead that is already painted and looks like plain.
func (p *printer) wrappedAfter(lead, plain, text string) {
	indent := strings.Repeat(" ", min(frame.Cells(plain), label+9))
	for i, l := range wrap(text, p.width-frame.Cells(plain)) {
		if i == 0 {
			p.line(lead + l)
			continue
		}
		p.line(indent + l)
	}
}

// wrap breaks text into lines of no more than width columns, where its spaces allow. Colours take no columns.
func wrap(text string, width int) []string {
	var lines []string
	var b strings.Builder
	column := 0
	for i, word := range strings.Split(text, " ") {
		n := cells(word)
		switch {
		case word == "" && column >= width:
			continue // a space at the end of a line
		case i > 0 && column > 0 && column+1+n > width:
			lines = append(lines, b.String())
			b.Reset()
			column = 0
		case i > 0:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return append(lines, b.String())
}

// cells is the width of s without our own colours.
func cells(s string) int {
	n := 0
	for {
		start := strings.IndexByte(s, '\x1b')
		if start < 0 {
			return n + frame.Cells(s)
		}
		n += frame.Cells(s[:start])
		end := strings.IndexByte(s[start:], 'm')
		if end < 0 {
			return n
		}
		s = s[start+end+1:]
	}
}
