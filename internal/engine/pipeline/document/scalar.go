package document

import (
	"bytes"
	"sort"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

// A Scalar knows where each byte of a scalar's value stands in the file.
type Scalar struct {
	Value string
	end   int // of the scalar in the file, with its closing quote
	runs  []run
}

// A run says that value[to:to+length] is text[from:from+length].
type run struct{ to, from, length int }

// At is the place in the file of a byte of the value. The value's end is the end of what was written for its last byte.
func (s *Scalar) At(i int) int {
	k := sort.Search(len(s.runs), func(k int) bool { return s.runs[k].to > i }) - 1
	if k < 0 {
		return s.end
	}
	r := s.runs[k]
	return r.from + min(i-r.to, r.length)
}

// Span is the place in the file of value[from:to].
func (s *Scalar) Span(from, to int) fault.Span {
	if from >= to {
		return fault.Span{Start: s.At(from), End: s.At(from)}
	}
	return fault.Span{Start: s.At(from), End: s.At(to-1) + 1}
}

// Verbatim reports whether value[from:to] stands in the file as it is, in one piece, so that an edit may replace it.
func (s *Scalar) Verbatim(from, to int) bool {
	k := sort.Search(len(s.runs), func(k int) bool { return s.runs[k].to > from }) - 1
	return from <= to && k >= 0 && to <= s.runs[k].to+s.runs[k].length
}

// Scalar aligns a scalar's value with the file's text.
func (f *File) Scalar(n *yaml.Node) *Scalar {
	a := &aligner{text: f.Text, at: f.Start(n), s: Scalar{Value: n.Value}}
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		a.block(f, n)
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		a.quoted()
	default:
		a.plain()
	}
	a.s.end = max(a.s.end, a.at)
	return &a.s
}

type aligner struct {
	text []byte
	at   int // in text
	to   int // in value
	s    Scalar
}

// skipProperties moves over a tag or an anchor, and the space after it.
func (a *aligner) skipProperties() {
	for a.at < len(a.text) && (a.text[a.at] == '!' || a.text[a.at] == '&') {
		for a.at < len(a.text) && !isSpace(a.text[a.at]) {
			a.at++
		}
		a.skipSpace()
	}
}

func (a *aligner) skipSpace() {
	for a.at < len(a.text) && isSpace(a.text[a.at]) {
		a.at++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// take maps one byte or more of the value to those at the place reached.
func (a *aligner) take(valueLen, textLen int) {
	if k := len(a.s.runs) - 1; k >= 0 && valueLen == textLen && a.s.runs[k].to+a.s.runs[k].length == a.to &&
		a.s.runs[k].from+a.s.runs[k].length == a.at {
		a.s.runs[k].length += valueLen
	} else {
		length := valueLen
		if valueLen != textLen {
			length = min(1, textLen) // written otherwise: all of it is where it begins
		}
		a.s.runs = append(a.s.runs, run{a.to, a.at, length})
	}
	a.to += valueLen
	a.at += textLen
}

// same takes bytes as long as value and text agree.
func (a *aligner) same(stop func(c byte) bool) {
	n := 0
	for a.to+n < len(a.s.Value) && a.at+n < len(a.text) && a.s.Value[a.to+n] == a.text[a.at+n] && !stop(a.text[a.at+n]) {
		n++
	}
	if n > 0 {
		a.take(n, n)
	}
}

// block aligns a literal or folded scalar line by line: each line has its indentation taken off.
func (a *aligner) block(f *File, n *yaml.Node) {
	a.skipProperties()
	line := f.Line(a.at) + 1
	indent := -1
	for ; a.to < len(a.s.Value) && line <= len(f.lines); line++ {
		span := f.LineSpan(line)
		text := f.Text[span.Start:span.End]
		content := len(text) - len(bytes.TrimLeft(text, " "))
		if indent < 0 && content < len(text) {
			indent = content
			if explicit := indentation(f.Text[f.Start(n):f.LineSpan(f.Line(a.at)).End]); explicit > 0 {
				indent = 0
				for indent < content && !bytes.HasPrefix([]byte(a.s.Value[a.to:]), text[indent:]) {
					indent++
				}
			}
		}
		a.at = span.Start + min(max(indent, 0), content)
		a.same(func(c byte) bool { return c == '\n' })
		a.at = max(a.at, span.End)
		a.s.end = a.at
		if a.to < len(a.s.Value) && (a.s.Value[a.to] == '\n' || a.s.Value[a.to] == ' ') {
			if a.at < len(a.text) && a.text[a.at] == '\r' {
				a.at++
			}
			a.newline(f, line)
		}
	}
	a.at = a.s.end
}

// newline takes what a line's end stands for: itself, a space where lines are folded, or nothing.
func (a *aligner) newline(f *File, line int) {
	next := line + 1
	blank := next <= len(f.lines) && len(bytes.TrimSpace(f.Text[f.LineSpan(next).Start:f.LineSpan(next).End])) == 0
	if a.s.Value[a.to] == ' ' || a.at < len(a.text) {
		if a.s.Value[a.to] == '\n' && blank && a.folds(f, next) {
			return // the empty line that follows is this line's end
		}
		a.take(1, min(1, len(a.text)-a.at))
	}
}

// folds reports whether the lines' ends are folded here: the value has fewer of them than the text.
func (a *aligner) folds(f *File, line int) bool {
	inText, inValue := 1, 0
	for ; line <= len(f.lines) && len(bytes.TrimSpace(f.Text[f.LineSpan(line).Start:f.LineSpan(line).End])) == 0; line++ {
		inText++
	}
	for i := a.to; i < len(a.s.Value) && a.s.Value[i] == '\n'; i++ {
		inValue++
	}
	return inValue < inText && line <= len(f.lines)
}

// indentation is the indicator of a block scalar's header, as in |2-.
func indentation(header []byte) int {
	if i := bytes.IndexAny(header, "|>"); i >= 0 {
		for _, c := range header[i+1 : min(i+3, len(header))] {
			if '1' <= c && c <= '9' {
				return int(c - '0')
			}
		}
	}
	return 0
}

// quoted aligns a scalar in quotes, which may have escapes and lines that are folded.
func (a *aligner) quoted() {
	a.skipProperties()
	if a.at >= len(a.text) {
		return
	}
	quote := a.text[a.at]
	a.at++
	for a.at < len(a.text) && a.to < len(a.s.Value) {
		a.same(func(c byte) bool { return c == quote || c == '\\' && quote == '"' || c == '\n' })
		if a.at >= len(a.text) || a.to >= len(a.s.Value) {
			break
		}
		if !a.special(quote) {
			break
		}
	}
	for a.at < len(a.text) && a.text[a.at] != quote {
		a.at++
	}
	a.at = min(a.at+1, len(a.text))
}

// special takes one character that is not written as itself, and reports whether there was one.
func (a *aligner) special(quote byte) bool {
	c := a.text[a.at]
	switch {
	case c == quote && quote == '\'':
		a.take(1, min(2, len(a.text)-a.at))
	case c == '\\' && quote == '"':
		a.escape()
	case isSpace(c):
		a.fold()
	default:
		return false
	}
	return true
}

// escape takes one escape of a text in double quotes.
func (a *aligner) escape() {
	_, size := utf8.DecodeRuneInString(a.s.Value[a.to:])
	length := 2
	if a.at+1 < len(a.text) {
		switch a.text[a.at+1] {
		case 'x':
			length = 4
		case 'u':
			length = 6
		case 'U':
			length = 10
		case '\n', '\r': // the line goes on
			a.at++
			a.skipSpace()
			return
		}
	}
	a.take(size, min(length, len(a.text)-a.at))
}

// fold takes the end of a line with the space around it, which stands for one space or for line ends.
func (a *aligner) fold() {
	start := a.at
	a.skipSpace()
	white := a.at - start
	a.at = start
	n := 0
	for a.to+n < len(a.s.Value) && isSpace(a.s.Value[a.to+n]) {
		n++
	}
	if n == 0 {
		a.at += white
		return
	}
	a.take(n, white)
}

// plain aligns a scalar without quotes, which may go over several lines.
func (a *aligner) plain() {
	a.skipProperties()
	for a.at < len(a.text) && a.to < len(a.s.Value) {
		a.same(func(c byte) bool { return c == '\n' || c == '\r' })
		if a.at >= len(a.text) || a.to >= len(a.s.Value) {
			return
		}
		if !isSpace(a.text[a.at]) {
			return
		}
		a.fold()
	}
}
