package native

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A Hit is one place of a word: its offset in the text, and its number in Words.
type Hit struct {
	Pos  int
	Word int
}

// A Word is what marks begin with. With Fold, letters match in either case.
type Word struct {
	Text string
	Fold bool
}

// Words are the words of all marks, to be searched for in one pass. A hit is not yet a mark.
func Words() []Word {
	out := make([]Word, len(syntaxes))
	for i, s := range syntaxes {
		out[i] = Word{s.word, s.fold}
	}
	return out
}

// Find reads the marks at the hits of Words in a text. The hits may come in any order; the marks are sorted by place.
func Find(path string, text []byte, hits []Hit) []Found {
	if len(hits) == 0 {
		return nil
	}
	hits = slices.Clone(hits)
	slices.SortFunc(hits, func(a, b Hit) int { return cmp.Or(cmp.Compare(a.Pos, b.Pos), cmp.Compare(a.Word, b.Word)) })
	t := newText(path, text)
	cursor := columns{t: t}
	var out []Found
	for i, h := range hits {
		if h.Pos < 0 || h.Pos >= len(text) || h.Word < 0 || h.Word >= len(syntaxes) {
			continue
		}
		s := &syntaxes[h.Word]
		p := t.placeOf(h.Pos, len(s.word))
		f := Found{Tool: s.tool, Word: s.word, Line: p.line + 1, Text: p.text()}
		t.over = false
		if i < maxHits && !s.read(p, &f) {
			continue
		}
		f.Column = cursor.of(p.line, h.Pos)
		if i == maxHits || len(out) == MaxMarks {
			f.none(fmt.Sprintf("the file holds more than %d marks, or %d of their words; what follows has no effect", MaxMarks, maxHits))
			return append(out, f)
		}
		f.settle(t)
		out = append(out, f)
	}
	return out
}

// settle brings what was read into its limits.
func (f *Found) settle(t *text) {
	if f.Problem != "" {
		f.Reach = nil
		return
	}
	if len(f.Rules) > maxRules || len(f.Except) > maxRules {
		f.fail(fmt.Sprintf("%s: more than %d rules", f.Word, maxRules))
		return
	}
	if f.Until != "" {
		if _, err := End(f.Tool, f.Until); err != nil {
			f.fail(err.Error())
			return
		}
	}
	if t.over {
		f.none("the file holds more marks about blocks than are followed")
	}
}

// End is the first moment at which a mark with a date holds no more. Ours hold through their day in UTC. Those that Trivy
// and tfsec read end when their day begins (trivy.dev, "Filtering by inline comments": until that date).
func End(tool, until string) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, until)
	switch {
	case err != nil && tool == Assay:
		return time.Time{}, fmt.Errorf("until=%q is not a date such as 2027-01-31", until)
	case err != nil:
		return time.Time{}, fmt.Errorf("%q is not a date such as 2027-01-31", until)
	case tool == Assay:
		return day.AddDate(0, 0, 1), nil
	}
	return day, nil
}

// Limits on what is looked at around a word, so that a long line full of words costs no more than many short ones.
const (
	maxBefore = 512
	maxAfter  = 4096
	maxHits   = 50_000 // in one file
)

// A place is where a word stands.
type place struct {
	t                   *text
	line                int    // from 0
	before, word, after string // of its line
	whole               bool   // before is all that stands before it
}

func (t *text) placeOf(pos, size int) *place {
	line, found := slices.BinarySearch(t.starts, pos)
	if !found {
		line--
	}
	start, end := t.starts[line], t.end(line)
	from := max(start, pos-maxBefore)
	to := min(pos+size, end)
	return &place{
		t: t, line: line, before: string(t.data[from:pos]), word: string(t.data[pos:to]),
		after: string(t.data[to:min(end, to+maxAfter)]), whole: from == start,
	}
}

// text is the mark as it is shown: from the word to the end of the line.
func (p *place) text() string {
	return strings.TrimSpace(strings.ToValidUTF8(p.word+p.after[:min(len(p.after), MaxText-len(p.word))], "\uFFFD"))
}

// alone reports whether nothing but the signs of a comment stands before the word.
func (p *place) alone() bool { return p.whole && strings.Trim(p.before, " \t/#*-;%<!{'\"") == "" }

// bare reports whether the word is the first in its comment.
func (p *place) bare() bool {
	before := strings.TrimRight(p.before, " \t")
	return p.whole && before == "" || slices.ContainsFunc(comments, func(c string) bool { return strings.HasSuffix(before, c) }) ||
		p.alone() && strings.HasSuffix(before, "*")
}

// commented reports whether the word may stand in a comment.
func (p *place) commented() bool {
	return p.alone() || slices.ContainsFunc(comments[:len(comments)-quoteSigns], func(c string) bool { return strings.Contains(p.before, c) })
}

// comments are what comments begin with, longer ones before those that they end with. The last ones mean more in text.
var comments = []string{"<!--", "{/*", "/*", "//", "--", "##", "#", ";", "%", "'"}

const quoteSigns = 3

func (p *place) own() Reach { return Reach{First: p.line + 1, Last: p.line + 1} }

func (p *place) next() Reach { return Reach{First: p.line + 2, Last: p.line + 2} }

func wholeFile() Reach { return Reach{First: 1, Last: LastLine} }

// between is a reach of lines that are counted from 0.
func between(first, last int) Reach { return Reach{First: first + 1, Last: last + 1} }

// columns counts code points along a line once, however many words stand in it.
type columns struct {
	t        *text
	line, at int
	count    int
}

func (c *columns) of(line, pos int) int {
	if start := c.t.starts[line]; line != c.line || c.at < start {
		c.line, c.at, c.count = line, start, 0
	}
	c.count += utf8.RuneCount(c.t.data[c.at:pos])
	c.at = pos
	return c.count + 1
}

// Before is a line up to the comment that holds a mark, or all of it: a mark beside a fault does not make it another
// fault. A word that is part of the line's own text does not count, but for the two that were always cut at.
func Before(line []byte) []byte {
	at := -1
	for _, s := range syntaxes {
		for from := 0; from < len(line); {
			i := indexWord(line[from:], s)
			if i < 0 || at >= 0 && from+i >= at {
				break
			}
			if s.tool == Assay || s.tool == Gitleaks || opensComment(line[:from+i]) {
				at = from + i
				break
			}
			from += i + len(s.word)
		}
	}
	if at < 0 {
		return line
	}
	line = bytes.TrimRight(line[:at], " \t")
	for _, c := range comments {
		if rest, ok := bytes.CutSuffix(line, []byte(c)); ok {
			return bytes.TrimRight(rest, " \t")
		}
	}
	return line
}

func opensComment(before []byte) bool {
	before = bytes.TrimRight(before, " \t")
	return slices.ContainsFunc(comments[:len(comments)-quoteSigns], func(c string) bool { return bytes.HasSuffix(before, []byte(c)) })
}

func indexWord(line []byte, s syntax) int {
	if !s.fold {
		return bytes.Index(line, []byte(s.word))
	}
	for i := 0; i+len(s.word) <= len(line); i++ {
		if foldASCII(line[i:i+len(s.word)], s.word) {
			return i
		}
	}
	return -1
}

// foldASCII is how the search for words folds: letters of ASCII and nothing else.
func foldASCII(text []byte, word string) bool {
	for i := range len(word) {
		a, b := text[i], word[i]
		if a != b && (a|0x20 != b|0x20 || a|0x20 < 'a' || a|0x20 > 'z') {
			return false
		}
	}
	return true
}
