package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// Limits on a file.
type Limits struct {
	Size  int // in bytes
	Nodes int // counted through aliases, so that they cannot multiply
	Depth int
	Text  int // bytes of one text; 0 for no limit but that of the file
}

// A Reader walks the nodes of one file and collects what is wrong in it.
type Reader struct {
	File   string                         // for errors
	Lines  []string                       // of the file, once Document has read it
	Places map[string]diagnostic.Position // of the keys that Mapping read, by their path
	Errs   diagnostic.Errors

	limits Limits
	plain  string
	nodes  int
}

// New makes a reader for a file. Where plain is not empty, anchors and aliases are refused with these words.
func New(file string, limits Limits, plain string) *Reader {
	return &Reader{File: file, Places: map[string]diagnostic.Position{}, limits: limits, plain: plain}
}

// Fail notes what is wrong with a node, and what to do about it.
func (r *Reader) Fail(n *yaml.Node, hint, format string, args ...any) {
	r.Errs = append(r.Errs, &diagnostic.Error{At: r.At(n), Problem: fmt.Sprintf(format, args...), Hint: hint})
}

// At is where a node stands.
func (r *Reader) At(n *yaml.Node) diagnostic.Position {
	return diagnostic.Position{File: r.File, Line: max(n.Line, 1), Column: max(n.Column, 1)}
}

// Document gives the one document of the file, or nil where it is empty or cannot be read.
func (r *Reader) Document(content []byte) *yaml.Node {
	if len(content) > r.limits.Size {
		r.Fail(&yaml.Node{}, "", "the file is larger than %d bytes", r.limits.Size)
		return nil
	}
	if i := invalidUTF8(content); i >= 0 {
		r.Fail(&yaml.Node{Line: 1 + bytes.Count(content[:i], []byte("\n"))}, "save the file as UTF-8", "not valid UTF-8")
		return nil
	}
	r.Lines = strings.Split(string(content), "\n")
	dec := yaml.NewDecoder(bytes.NewReader(content))
	var doc, second yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		r.syntaxError(err)
		return nil
	}
	switch err := dec.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		r.syntaxError(err)
	default:
		r.Fail(&second, "remove the line ---", "a second document")
	}
	if len(doc.Content) == 0 || !r.bounded(doc.Content[0], 0) {
		return nil
	}
	return doc.Content[0]
}

func invalidUTF8(content []byte) int {
	for i := 0; i < len(content); {
		c, n := utf8.DecodeRune(content[i:])
		if c == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

var (
	yamlLine = lazyregexp.New(`^yaml: (?:line (\d+): )?`)

	// fromZero matches the complaints whose lines the YAML package counts from 0: those of its parser, not of its scanner.
	fromZero = lazyregexp.New(`^did not find expected (?:node content|key|'-' indicator|',' or|<)`)

	// unknownAnchor is a complaint that comes without a line.
	unknownAnchor = lazyregexp.New(`^unknown anchor '(.*)' referenced$`)
)

// Complaint takes apart what the YAML package says of a text: the line that it means, and the words without the line.
func Complaint(err error, lines []string) (line int, text string) {
	text = err.Error()
	if m := yamlLine().FindStringSubmatch(text); m != nil {
		text = text[len(m[0]):]
		line, _ = strconv.Atoi(m[1])
		if fromZero().MatchString(text) {
			line++
		}
	}
	if m := unknownAnchor().FindStringSubmatch(text); m != nil {
		line = 1 + slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "*"+m[1]) })
	}
	return min(max(line, 1), len(lines)), text
}

// syntaxError gives the parser's complaint the form of ours. It knows no column, so the line's first character is told.
func (r *Reader) syntaxError(err error) {
	at, text := Complaint(err, r.Lines)
	line := r.Lines[at-1]
	r.Fail(&yaml.Node{Line: at, Column: 1 + len(line) - len(strings.TrimLeft(line, " "))}, "", "not valid YAML: %s", text)
}

// bounded walks the tree as the reading will, aliases included, and reports whether it keeps the limits.
func (r *Reader) bounded(n *yaml.Node, depth int) bool {
	r.nodes++
	switch {
	case r.plain != "" && (n.Kind == yaml.AliasNode || n.Anchor != ""):
		r.Fail(n, "write the value out", "%s", r.plain)
		return false
	case r.nodes > r.limits.Nodes:
		r.Fail(n, "", "more than %d values, counting what aliases stand for", r.limits.Nodes)
		return false
	case depth > r.limits.Depth:
		r.Fail(n, "", "nested more than %d deep", r.limits.Depth)
		return false
	case n.Kind == yaml.AliasNode:
		return r.bounded(n.Alias, depth+1)
	}
	for _, c := range n.Content {
		if !r.bounded(c, depth+1) {
			return false
		}
	}
	return true
}
