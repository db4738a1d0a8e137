package secret

import (
	"bytes"
	"unicode/utf8"

	"github.com/assaysec/assay/internal/finding"
)

// lines turns offsets into positions. It counts on from the last question, so that questions in ascending order cost one
// pass over the text.
type lines struct {
	text   []byte
	at     int // offset of the start of line number n
	n      int
	last   int // offset last asked about, on line n
	before int // code points of line n before it
}

func newLines(text []byte) *lines { return &lines{text: text, n: 1} }

func (l *lines) seek(offset int) {
	if offset < l.last {
		*l = lines{text: l.text, n: 1}
	}
	for {
		next := bytes.IndexByte(l.text[l.last:offset], '\n')
		if next < 0 {
			break
		}
		l.at = l.last + next + 1
		l.last, l.before = l.at, 0
		l.n++
	}
	l.before += utf8.RuneCount(l.text[l.last:offset])
	l.last = offset
}

// line is the number of the line that offset is on. A line feed belongs to the line that it ends.
func (l *lines) line(offset int) int {
	l.seek(offset)
	return l.n
}

// position is the line and column of offset; columns count code points.
func (l *lines) position(offset int) finding.Position {
	l.seek(offset)
	return finding.Position{Line: l.n, Column: l.before + 1}
}

// place is the line and column of an offset as gitleaks counts them: a line feed belongs to the line that it begins, and
// columns count bytes. What stands before all text is on line 0.
func (l *lines) place(offset int) (line, column int) {
	if offset < 0 {
		return 0, 0
	}
	l.seek(offset)
	switch {
	case offset < len(l.text) && l.text[offset] == '\n':
		return l.n + 1, 1
	case l.at > 0:
		return l.n, offset - l.at + 2
	}
	return l.n, offset + 1
}
