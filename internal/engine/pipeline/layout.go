package pipeline

import (
	"bytes"
	"encoding/json"
	"sort"
	"unicode/utf8"

	"github.com/assaysec/assay/internal/finding"
)

// A layout turns offsets into positions when the text itself is gone.
type layout struct {
	starts []int // of the lines
	inner  []int // offsets of the bytes that begin no code point
	size   int
}

func newLayout(text []byte) layout {
	l := layout{starts: []int{0}, size: len(text)}
	for i, c := range text {
		if c == '\n' {
			l.starts = append(l.starts, i+1)
		} else if !utf8.RuneStart(c) {
			l.inner = append(l.inner, i)
		}
	}
	return l
}

// position is the line and column of an offset. One after the end is at the end.
func (l layout) position(at int) finding.Position {
	at = min(max(at, 0), l.size)
	if len(l.starts) == 0 {
		return finding.Position{Line: 1, Column: 1}
	}
	n := sort.SearchInts(l.starts, at+1) - 1
	from := sort.SearchInts(l.inner, l.starts[n])
	to := sort.SearchInts(l.inner, at)
	return finding.Position{Line: n + 1, Column: at - l.starts[n] - (to - from) + 1}
}

// line is a line of the text without its end, cut where it is very long.
func (l layout) line(text []byte, n int) []byte {
	const most = 4096
	from, to := l.starts[n-1], len(text)
	if n < len(l.starts) {
		to = l.starts[n]
	}
	return bytes.TrimRight(text[from:min(to, from+most)], "\r\n")
}

// MarshalJSON writes lengths of lines in place of offsets, which are shorter.
func (l layout) MarshalJSON() ([]byte, error) {
	return json.Marshal([3][]int{deltas(l.starts), deltas(l.inner), {l.size}})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (l *layout) UnmarshalJSON(text []byte) error {
	var parts [3][]int
	if err := json.Unmarshal(text, &parts); err != nil {
		return err
	}
	l.starts, l.inner = sums(parts[0]), sums(parts[1])
	if len(parts[2]) == 1 {
		l.size = parts[2][0]
	}
	return nil
}

func deltas(list []int) []int {
	out, last := make([]int, len(list)), 0
	for i, v := range list {
		out[i], last = v-last, v
	}
	return out
}

func sums(list []int) []int {
	out, last := make([]int, len(list)), 0
	for i, v := range list {
		last += v
		out[i] = last
	}
	return out
}
