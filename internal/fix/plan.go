package fix

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/assaysec/assay/internal/finding"
)

// A Change is a file with fixes applied.
type Change struct {
	Path     string
	Old, New []byte
	Titles   []string // of the fixes, in the order of their places
	Left     int      // fixes that touch another one, for the next run
	Unsound  []string // titles of fixes that would do more than they say, and are not made
	edits    []edit
}

// An edit is a finding.Edit in bytes.
type edit struct {
	from, to int
	text     string
}

// A Wanted is one fix of one finding.
type Wanted struct {
	Finding *finding.Finding
	Fix     finding.Fix
}

// maxAlone is how many fixes of a file are tried one by one.
const maxAlone = 100

// Apply makes the fixes of one file. Those of one place that say the same are made once, and those that would change what
// else the file says are not made.
func Apply(path string, text []byte, wanted []Wanted) (*Change, error) {
	slices.SortStableFunc(wanted, func(a, b Wanted) int { return finding.Compare(a.Finding, b.Finding) })
	l := newLines(text)
	c, err := l.change(path, wanted)
	if err != nil || len(c.edits) == 0 || !isYAML(path) || c.sound() == nil {
		return c, err
	}
	var sound []Wanted
	var unsound []string
	for i, w := range wanted {
		if alone, err := l.change(path, wanted[i:i+1]); err != nil || i >= maxAlone || alone.sound() != nil {
			unsound = append(unsound, w.Fix.Title)
			continue
		}
		sound = append(sound, w)
	}
	if c, err = l.change(path, sound); err != nil {
		return nil, err
	}
	if c.Unsound = unsound; len(c.edits) > 0 {
		if err := c.sound(); err != nil {
			return nil, fmt.Errorf("%s: its fixes together cannot be made: %w", path, err)
		}
	}
	return c, nil
}

// change puts the edits of fixes together.
func (l *lines) change(path string, wanted []Wanted) (*Change, error) {
	c := &Change{Path: path, Old: l.text}
	for _, w := range wanted {
		edits, err := l.edits(w.Fix.Edits)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", path, w.Finding.Rule, err)
		}
		switch {
		case len(edits) == 0 || c.has(edits):
		case c.touches(edits):
			c.Left++
		default:
			c.edits = append(c.edits, edits...)
			c.Titles = append(c.Titles, w.Fix.Title)
		}
	}
	slices.SortFunc(c.edits, compare)
	c.New = c.apply()
	return c, nil
}

func (c *Change) apply() []byte {
	var out []byte
	at := 0
	for _, e := range c.edits {
		out = append(append(out, c.Old[at:e.from]...), e.text...)
		at = e.to
	}
	return append(out, c.Old[at:]...)
}

// has reports whether all these edits are made already.
func (c *Change) has(edits []edit) bool {
	return !slices.ContainsFunc(edits, func(e edit) bool { return !slices.Contains(c.edits, e) })
}

// touches reports whether an edit overlaps one that is made, or stands beside it without a line's end between them.
func (c *Change) touches(edits []edit) bool {
	return slices.ContainsFunc(edits, func(e edit) bool {
		return slices.ContainsFunc(c.edits, func(o edit) bool { return e.conflicts(o) })
	})
}

func (e edit) conflicts(o edit) bool {
	switch {
	case e.to < o.from || o.to < e.from:
		return false
	case e.from < o.to && o.from < e.to:
		return true
	}
	return e.wholeLines() == o.wholeLines() // a line more, and a word more on the line before, do not disturb one another
}

// wholeLines reports whether an edit adds whole lines, after its own or before it, and does nothing else.
func (e edit) wholeLines() bool {
	last := strings.LastIndexByte(e.text, '\n')
	return e.from == e.to && last >= 0 && (e.after() || strings.TrimLeft(e.text[last:], "\n \t") == "")
}

// after reports whether an edit begins with the end of the line that it stands on.
func (e edit) after() bool { return strings.HasPrefix(strings.TrimPrefix(e.text, "\r"), "\n") }

// compare orders edits by place. Of those at one place, lines that come after it are last.
func compare(a, b edit) int {
	later := func(e edit) int {
		if e.after() {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(later(a), later(b)))
}

// lines finds positions in a text.
type lines struct {
	text   []byte
	starts []int
	inner  []int // bytes that begin no code point
}

func newLines(text []byte) *lines {
	l := &lines{text: text, starts: []int{0}}
	for i, c := range text {
		if c == '\n' {
			l.starts = append(l.starts, i+1)
		} else if !utf8.RuneStart(c) {
			l.inner = append(l.inner, i)
		}
	}
	return l
}

// offset is where a position is. A line may be as long as the file: it is not walked along.
func (l *lines) offset(p finding.Position) (int, bool) {
	if p.Line < 1 || p.Line > len(l.starts) || p.Column < 1 {
		return 0, false
	}
	from, to := l.starts[p.Line-1], len(l.text)
	if p.Line < len(l.starts) {
		to = l.starts[p.Line] - 1 // a position may be the line's end, and none beyond it
	}
	before, _ := slices.BinarySearch(l.inner, from)
	inner := l.inner[before:]
	at := from + sort.Search(to-from, func(n int) bool {
		continued, _ := slices.BinarySearch(inner, from+n+1)
		return n+1-continued >= p.Column
	})
	continued, _ := slices.BinarySearch(inner, at)
	return at, at-from-continued == p.Column-1
}

func (l *lines) edits(list []finding.Edit) ([]edit, error) {
	var out []edit
	for _, e := range list {
		from, ok1 := l.offset(e.Start)
		to, ok2 := l.offset(e.End)
		if !ok1 || !ok2 || from > to {
			return nil, fmt.Errorf("its fix does not fit the file: line %d, column %d", e.Start.Line, e.Start.Column)
		}
		if !bytes.Equal(l.text[from:to], []byte(e.Text)) {
			out = append(out, edit{from, to, e.Text})
		}
	}
	return out, nil
}
