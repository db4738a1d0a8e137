package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sort"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

// MaxSize is the size of the largest file that is read. The forges refuse far smaller ones.
const MaxSize = 1 << 20

// maxNodes bounds how many values a file holds, those that aliases repeat counted as often as they do, and how many are
// visited at once.
const maxNodes = 200_000

// A File is a YAML file: one document or more.
type File struct {
	Text  []byte
	Docs  []*yaml.Node // the top value of each document; nil for an empty one
	lines []int        // offset of each line's first byte
	inner []int        // offsets of bytes that begin no character
}

// Parse reads a file. What stands before an error is kept: File is never nil.
func Parse(text []byte) (*File, error) {
	f := &File{Text: text, lines: []int{0}}
	if len(text) > MaxSize {
		return f, fmt.Errorf("larger than %d bytes", MaxSize)
	}
	for i, c := range text {
		if c == '\n' {
			f.lines = append(f.lines, i+1)
		} else if !utf8.RuneStart(c) {
			f.inner = append(f.inner, i)
		}
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	sizes := map[*yaml.Node]int{}
	for nodes := 0; ; {
		var doc yaml.Node
		err := decode(dec, &doc)
		if err == io.EOF {
			return f, nil
		}
		if err != nil {
			return f, err
		}
		if nodes += expanded(&doc, sizes); nodes > maxNodes {
			return f, fmt.Errorf("more than %d values", maxNodes)
		}
		var top *yaml.Node
		if len(doc.Content) > 0 {
			top = doc.Content[0]
		}
		f.Docs = append(f.Docs, top)
	}
}

// decode turns a panic of the YAML reader, of which some are known for strange bytes, into an error.
func decode(dec *yaml.Decoder, doc *yaml.Node) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("not readable as YAML")
		}
	}()
	return dec.Decode(doc)
}

// expanded counts the values that whoever follows all aliases meets, up to one more than the limit: so many are in a value
// that holds itself.
func expanded(n *yaml.Node, sizes map[*yaml.Node]int) int {
	if size, known := sizes[n]; known {
		return size
	}
	sizes[n] = maxNodes + 1 // while it is being counted
	total := 1
	if n.Kind == yaml.AliasNode {
		total = expanded(n.Alias, sizes)
	}
	for _, c := range n.Content {
		if total = min(total+expanded(c, sizes), maxNodes+1); total > maxNodes {
			break
		}
	}
	sizes[n] = total
	return total
}

// Top is the top value of the first document that is not empty, nil where there is none.
func (f *File) Top() *yaml.Node {
	for _, d := range f.Docs {
		if d != nil {
			return d
		}
	}
	return nil
}

// Offset is the byte at a line and a column as the YAML reader counts them: from 1, columns in characters. A line may be as
// long as the file, and is not walked along.
func (f *File) Offset(line, column int) int {
	if line < 1 {
		return 0
	}
	if line > len(f.lines) {
		return len(f.Text)
	}
	from, to := min(f.lines[line-1], len(f.Text)), len(f.Text)
	if line < len(f.lines) {
		to = f.lines[line] - 1
	}
	inner := f.inner[sort.SearchInts(f.inner, from):]
	return from + sort.Search(to-from, func(n int) bool { return n+1-sort.SearchInts(inner, from+n+1) >= column })
}

// Line is the number, from 1, of the line that a byte stands on.
func (f *File) Line(at int) int {
	low, high := 0, len(f.lines)
	for high-low > 1 {
		if mid := (low + high) / 2; f.lines[mid] <= at {
			low = mid
		} else {
			high = mid
		}
	}
	return low + 1
}

// LineSpan is a line without its end.
func (f *File) LineSpan(line int) fault.Span {
	start := f.Offset(line, 1)
	end := bytes.IndexByte(f.Text[start:], '\n')
	if end < 0 {
		return fault.Span{Start: start, End: len(f.Text)}
	}
	end += start
	if end > start && f.Text[end-1] == '\r' {
		end--
	}
	return fault.Span{Start: start, End: end}
}

// Start is the first byte of a value.
func (f *File) Start(n *yaml.Node) int { return f.Offset(n.Line, n.Column) }

// Put is the fix that writes another value in a value's place; nil where that would take an anchor or a tag away.
func (f *File) Put(title string, n *yaml.Node, text string) *fault.Fix {
	if n == nil || n.Kind == yaml.AliasNode || n.Anchor != "" {
		return nil
	}
	span := f.Span(n)
	if span.Start >= span.End || f.Text[span.Start] == '!' {
		return nil
	}
	return &fault.Fix{Title: title, Edits: []fault.Edit{{Span: span, Text: text}}}
}

// Span is a value's place: a scalar with its quotes, a mapping or list up to the end of its last value. An alias is as
// long as its name.
func (f *File) Span(n *yaml.Node) fault.Span {
	start := f.Start(n)
	switch {
	case n.Kind == yaml.AliasNode:
		return fault.Span{Start: start, End: min(start+1+len(n.Value), len(f.Text))}
	case n.Kind == yaml.ScalarNode:
		return fault.Span{Start: start, End: max(start, f.Scalar(n).end)}
	case n.Style&yaml.FlowStyle != 0:
		return fault.Span{Start: start, End: max(start, f.flowEnd(n, start))}
	case len(n.Content) == 0:
		return fault.Span{Start: start, End: start}
	}
	return fault.Span{Start: start, End: max(start, f.Span(n.Content[len(n.Content)-1]).End)}
}

// flowEnd is where a list or mapping in brackets ends.
func (f *File) flowEnd(n *yaml.Node, start int) int {
	at := min(start+1, len(f.Text))
	if len(n.Content) > 0 {
		at = f.Span(n.Content[len(n.Content)-1]).End
	}
	closing := byte('}')
	if n.Kind == yaml.SequenceNode {
		closing = ']'
	}
	if i := bytes.IndexByte(f.Text[at:], closing); i >= 0 {
		return at + i + 1
	}
	return at
}
