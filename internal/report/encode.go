package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"

	"github.com/assaysec/assay/internal/report/escape"
)

// Indent is how much deeper each level of a JSON report stands.
const Indent = "  "

// JSON encodes v as every format does that is JSON: in a stable order, safe to print, on one line.
func JSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return escape.JSON(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// An ObjectWriter writes one JSON object, indented, field by field and item by item, so that a large report is never
// held whole. After an error it writes nothing more.
type ObjectWriter struct {
	w      *bufio.Writer
	fields int
	err    error
}

// NewObjectWriter starts an object.
func NewObjectWriter(w io.Writer) *ObjectWriter {
	o := &ObjectWriter{w: bufio.NewWriter(w)}
	o.text("{")
	return o
}

// Field writes a field with its value.
func (o *ObjectWriter) Field(name string, v any) {
	o.name(name)
	o.value(v, Indent)
}

// Array writes a field that is a list of n items.
func (o *ObjectWriter) Array(name string, n int, item func(int) (any, error)) {
	o.name(name)
	if n == 0 {
		o.text("[]")
		return
	}
	o.text("[")
	for i := 0; i < n && o.err == nil; i++ {
		if i > 0 {
			o.text(",")
		}
		o.text("\n" + Indent + Indent)
		v, err := item(i)
		if err != nil {
			o.err = err
			return
		}
		o.value(v, Indent+Indent)
	}
	o.text("\n" + Indent + "]")
}

// Close ends the object and gives the first error.
func (o *ObjectWriter) Close() error {
	o.text("\n}\n")
	if o.err != nil {
		return o.err
	}
	return o.w.Flush()
}

func (o *ObjectWriter) name(name string) {
	if o.fields > 0 {
		o.text(",")
	}
	o.fields++
	o.text("\n" + Indent + `"` + name + `": `)
}

func (o *ObjectWriter) text(text string) {
	if o.err == nil {
		_, o.err = o.w.WriteString(text)
	}
}

func (o *ObjectWriter) value(v any, prefix string) {
	if o.err != nil {
		return
	}
	b, err := JSON(v)
	if err != nil {
		o.err = err
		return
	}
	_, o.err = o.w.Write(indented(b, prefix))
}

// indented gives compact JSON the line breaks and spaces of json.Indent, which takes five times as long because it must
// also judge its input.
func indented(b []byte, prefix string) []byte {
	out := make([]byte, 0, len(b)+len(b)/2)
	depth := 0
	breakLine := func() {
		out = append(append(out, '\n'), prefix...)
		for range depth {
			out = append(out, Indent...)
		}
	}
	for i := 0; i < len(b); i++ {
		switch c := b[i]; c {
		case '"':
			end := stringEnd(b, i)
			out = append(out, b[i:end]...)
			i = end - 1
		case '{', '[':
			out = append(out, c)
			if b[i+1] == c+2 { // the closing bracket: an empty object or list
				i++
				out = append(out, b[i])
				continue
			}
			depth++
			breakLine()
		case '}', ']':
			depth--
			breakLine()
			out = append(out, c)
		case ',':
			out = append(out, c)
			breakLine()
		case ':':
			out = append(out, ':', ' ')
		default:
			out = append(out, c)
		}
	}
	return out
}

// stringEnd is the index after the string that starts at b[start].
func stringEnd(b []byte, start int) int {
	for i := start + 1; ; i++ {
		i += bytes.IndexAny(b[i:], `"\`)
		if b[i] == '"' {
			return i + 1
		}
		i++ // the escaped character
	}
}
