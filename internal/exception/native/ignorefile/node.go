package ignorefile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/strictyaml"
)

// A node is a value of YAML or JSON with its place.
type node struct {
	line, column int
	form         form
	text         string  // of a scalar
	keys         []*node // of a mapping
	items        []*node // of a list; the values of a mapping
}

type form uint8

const (
	null form = iota
	scalar
	list
	mapping
)

func (n *node) what() string { return [...]string{"nothing", "a text", "a list", "a mapping"}[n.form] }

// Limits on documents, counting what aliases stand for.
const (
	maxNodes = 1_000_000
	maxDepth = 64
)

// get is the value of a key, nil where it is not there.
func (n *node) get(key string) *node {
	if n == nil || n.form != mapping {
		return nil
	}
	for i, k := range n.keys {
		if k.text == key {
			return n.items[i]
		}
	}
	return nil
}

// str is the text of a key, empty where there is none.
func (n *node) str(key string) string {
	if v := n.get(key); v != nil && v.form == scalar {
		return v.text
	}
	return ""
}

// list is the items of a key.
func (n *node) list(key string) []*node {
	if v := n.get(key); v != nil && v.form == list {
		return v.items
	}
	return nil
}

// stranger is the first key that is none of those known, nil where there is none.
func (n *node) stranger(known ...string) *node {
	for _, k := range n.keys {
		if !slices.Contains(known, k.text) {
			return k
		}
	}
	return nil
}

// texts gives the texts of a list, or of one text; ok is false where there is anything else.
func (n *node) texts() (out []string, ok bool) {
	switch {
	case n == nil || n.form == null:
		return nil, true
	case n.form == scalar:
		return []string{n.text}, true
	case n.form != list:
		return nil, false
	}
	for _, item := range n.items {
		if item.form != scalar {
			return nil, false
		}
		out = append(out, item.text)
	}
	return out, true
}

func (n *node) entry() Entry { return Entry{Line: n.line, Column: n.column} }

// A builder makes nodes and counts them.
type builder struct {
	content []byte
	count   int
	err     *Error
}

func (b *builder) fail(line, column int, format string, args ...any) *node {
	if b.err == nil {
		b.err = &Error{Line: line, Column: column, Problem: fmt.Sprintf(format, args...)}
	}
	return nil
}

// tree reads a document in YAML or JSON; nil where it is empty, or where it cannot be read, which is told.
func (f *File) tree(content []byte, isJSON bool) *node {
	b := &builder{content: content}
	var n *node
	if isJSON {
		n = b.json()
	} else {
		n = b.yaml()
	}
	if b.err != nil {
		b.err.File = f.Path
		f.errs = append(f.errs, b.err)
		return nil
	}
	return n
}

func (b *builder) yaml() *node {
	dec := yaml.NewDecoder(bytes.NewReader(b.content))
	var doc, second yaml.Node
	err := dec.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		if err = dec.Decode(&second); errors.Is(err, io.EOF) {
			err = nil
		} else if err == nil {
			return b.fail(max(second.Line, 1), max(second.Column, 1), "a second document, which the tool does not read")
		}
	}
	if err != nil {
		line, text := strictyaml.Complaint(err, strings.Split(string(b.content), "\n"))
		return b.fail(line, 1, "not valid YAML: %s", text)
	}
	if len(doc.Content) == 0 {
		return nil
	}
	return b.fromYAML(doc.Content[0], 0)
}

func (b *builder) fromYAML(y *yaml.Node, depth int) *node {
	n := &node{line: max(y.Line, 1), column: max(y.Column, 1)}
	if b.count++; b.count > maxNodes || depth > maxDepth {
		return b.fail(n.line, n.column, "more than %d values, counting what aliases stand for, or nested more than %d deep", maxNodes, maxDepth)
	}
	switch y.Kind {
	case yaml.AliasNode:
		return b.fromYAML(y.Alias, depth+1)
	case yaml.ScalarNode:
		if n.form, n.text = scalar, y.Value; y.Tag == "!!null" {
			n.form = null
		}
	case yaml.SequenceNode:
		n.form = list
		for _, item := range y.Content {
			n.items = append(n.items, b.fromYAML(item, depth+1))
		}
	case yaml.MappingNode:
		n.form = mapping
		for i := 0; i+1 < len(y.Content) && b.err == nil; i += 2 {
			k, v := b.fromYAML(y.Content[i], depth+1), b.fromYAML(y.Content[i+1], depth+1)
			b.pair(n, k, v)
		}
	}
	if b.err != nil {
		return nil
	}
	return n
}

func (b *builder) pair(n, k, v *node) {
	switch {
	case k == nil || v == nil:
	case k.form != scalar:
		b.fail(k.line, k.column, "a key has to be a text")
	case len(n.keys) < 100 && n.get(k.text) != nil:
		b.fail(k.line, k.column, "%q is given twice", k.text)
	default:
		n.keys, n.items = append(n.keys, k), append(n.items, v)
	}
}

// json reads a document token by token, because only so their places are known.
func (b *builder) json() *node {
	j := &jsonReader{builder: b, dec: json.NewDecoder(bytes.NewReader(b.content)), line: 1}
	j.dec.UseNumber()
	n := j.value(0)
	if b.err == nil {
		line, column := j.place()
		if _, err := j.dec.Token(); err != io.EOF {
			return b.fail(line, column, "something follows the document")
		}
	}
	return n
}

type jsonReader struct {
	*builder
	dec      *json.Decoder
	at, line int // how far lines are counted
	start    int // of the line
}

// place is where the next token begins.
func (j *jsonReader) place() (line, column int) {
	to := int(j.dec.InputOffset())
	for to < len(j.content) && strings.IndexByte(" \t\r\n,:", j.content[to]) >= 0 {
		to++
	}
	for ; j.at < to; j.at++ {
		if j.content[j.at] == '\n' {
			j.line++
			j.start = j.at + 1
		}
	}
	return j.line, 1 + len([]rune(string(j.content[j.start:to][:min(to-j.start, maxText)])))
}

func (j *jsonReader) value(depth int) *node {
	n := &node{}
	n.line, n.column = j.place()
	if j.count++; j.count > maxNodes || depth > maxDepth {
		return j.fail(n.line, n.column, "more than %d values, or nested more than %d deep", maxNodes, maxDepth)
	}
	token, err := j.dec.Token()
	if err != nil {
		return j.fail(n.line, n.column, "not valid JSON")
	}
	switch t := token.(type) {
	case json.Delim:
		j.inside(n, t, depth)
	case nil:
	case string:
		n.form, n.text = scalar, t
	default:
		n.form, n.text = scalar, fmt.Sprint(t)
	}
	if j.err != nil {
		return nil
	}
	return n
}

func (j *jsonReader) inside(n *node, open json.Delim, depth int) {
	if n.form = mapping; open == '[' {
		n.form = list
	}
	for j.err == nil && j.dec.More() {
		k := &node{}
		if n.form == mapping {
			k = j.value(depth + 1)
		}
		v := j.value(depth + 1)
		if n.form == mapping {
			j.pair(n, k, v)
		} else {
			n.items = append(n.items, v)
		}
	}
	if j.err == nil {
		line, column := j.place()
		if _, err := j.dec.Token(); err != nil {
			j.fail(line, column, "not valid JSON: it ends too early")
		}
	}
}
