package fix

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/finding"
)

// A value is one scalar, alias or named collection of a YAML text: what it says, and where.
type value struct {
	said
	from, to int
	line     int
}

// said is what must not change: under which keys a value stands, of what kind it is, and what it says.
type said struct {
	under             uint64
	tag, anchor, text string
}

// isYAML reports whether a file's texts can be compared by their meaning.
func isYAML(path string) bool {
	return strings.HasSuffix(path, ".yml") || strings.HasSuffix(path, ".yaml")
}

// sound says what a change would do to a YAML file beside what its edits are about: every value that no edit touches must
// be there afterwards, under the same keys and in the same order, and nothing must be there that no edit wrote. It is what
// guards against layouts that nobody thought of.
func (c *Change) sound() error {
	old, err := values(c.Old)
	if err != nil {
		return err
	}
	now, err := values(c.New)
	if err != nil {
		return err
	}
	before, after := make([]edit, len(c.edits)), make([]edit, len(c.edits))
	shift := 0
	for i, e := range c.edits {
		before[i] = edit{from: e.from, to: e.to}
		after[i] = edit{from: e.from + shift, to: e.from + shift + len(e.text)}
		shift += len(e.text) - (e.to - e.from)
	}
	if lost := missing(untouched(old, before), now); lost != nil {
		return fmt.Errorf("the value on line %d would be lost or change its meaning", lost.line)
	}
	if extra := missing(untouched(now, after), old); extra != nil {
		return errors.New("a value that no edit is about would appear")
	}
	return nil
}

// untouched are the values that no edit is about. Both lists are sorted.
func untouched(list []value, edits []edit) []value {
	var out []value
	for _, v := range list {
		for len(edits) > 0 && edits[0].to < v.from {
			edits = edits[1:]
		}
		if len(edits) == 0 || !edits[0].about(v) && (len(edits) < 2 || !edits[1].about(v)) {
			out = append(out, v)
		}
	}
	return out
}

// about reports whether an edit changes a value. One that only adds or only takes away is about what it touches.
func (e edit) about(v value) bool {
	if e.from == e.to {
		return v.from < e.from && e.from <= v.to
	}
	return e.from < v.to && v.from < e.to
}

// missing is the first value that another list does not have in the same order, nil where there is none.
func missing(list, in []value) *value {
	for i := range list {
		for len(in) > 0 && in[0].said != list[i].said {
			in = in[1:]
		}
		if len(in) == 0 {
			return &list[i]
		}
		in = in[1:]
	}
	return nil
}

// values lists what a YAML text says.
func values(text []byte) (list []value, err error) {
	defer func() {
		if recover() != nil { // some texts are known to let the reader panic
			list, err = nil, errNoYAML
		}
	}()
	w := &valueWalk{text: text, lines: newLines(text), seed: keySeed}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var doc yaml.Node
		switch err := dec.Decode(&doc); {
		case err == io.EOF:
			w.end(len(text))
			return w.list, nil
		case err != nil:
			return nil, errNoYAML
		}
		w.walk(&doc, 0)
	}
}

var (
	errNoYAML = errors.New("it is no YAML that can be read")
	keySeed   = maphash.MakeSeed()
)

type valueWalk struct {
	text  []byte
	lines *lines
	seed  maphash.Seed
	list  []value
}

func (w *valueWalk) walk(n *yaml.Node, under uint64) {
	if n.Kind == yaml.ScalarNode || n.Kind == yaml.AliasNode || n.Anchor != "" {
		w.add(n, under)
	}
	for i, c := range n.Content {
		below := under
		if n.Kind == yaml.MappingNode && i%2 == 1 {
			below = maphash.Comparable(w.seed, [2]any{under, n.Content[i-1].Value})
		}
		w.walk(c, below)
	}
}

func (w *valueWalk) add(n *yaml.Node, under uint64) {
	from, ok := w.lines.offset(finding.Position{Line: n.Line, Column: n.Column})
	if !ok {
		from = len(w.text)
	}
	w.end(from)
	v := value{said: said{under: under, tag: n.ShortTag(), anchor: n.Anchor, text: n.Value}, from: from, line: n.Line}
	if n.Kind == yaml.ScalarNode && n.Value != "" && bytes.HasPrefix(w.text[from:], []byte(n.Value)) {
		v.to = from + len(n.Value)
	}
	w.list = append(w.list, v)
}

// end lets the last value end where the next one begins, unless it is known to end before.
func (w *valueWalk) end(at int) {
	if k := len(w.list) - 1; k >= 0 && w.list[k].to == 0 {
		w.list[k].to = at
	}
}
