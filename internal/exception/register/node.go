package register

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Limits on a file. A large one has a few hundred exceptions.
const (
	maxSize  = 1 << 20
	maxNodes = 100_000
	maxDepth = 12
	maxText  = 4096
)

// A reader walks the nodes of one file and collects what is wrong in it.
type reader struct {
	file  string
	nodes int
	errs  Errors
}

func (r *reader) fail(n *yaml.Node, hint, format string, args ...any) {
	r.errs = append(r.errs, &Error{r.at(n), fmt.Sprintf(format, args...), hint})
}

func (r *reader) at(n *yaml.Node) Position {
	return Position{File: r.file, Line: max(n.Line, 1), Column: max(n.Column, 1)}
}

// oddLineEnd matches what is a line end to YAML alone: an entry could hold lines that nobody sees as such.
var oddLineEnd = lazily("\r(?:[^\n]|$)|[\u0085\u2028\u2029]")

// document gives the one document of the file, or nil where it is empty.
func (r *reader) document(content []byte) *yaml.Node {
	top := &yaml.Node{Line: 1, Column: 1}
	switch {
	case len(content) > maxSize:
		r.fail(top, "", "the file is larger than %d bytes", maxSize)
		return nil
	case !utf8.Valid(content):
		r.fail(top, "save the file as UTF-8", "not valid UTF-8")
		return nil
	}
	if at := oddLineEnd().FindIndex(content); at != nil {
		n := &yaml.Node{Line: 1 + bytes.Count(content[:at[0]], []byte("\n")), Column: 1}
		r.fail(n, "end lines as every editor does", "the line has a line end within that YAML sees and editors do not")
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(content))
	var doc, second yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		r.syntaxError(err, content)
		return nil
	}
	if err := dec.Decode(&second); err == nil {
		r.fail(&second, "remove the line ---", "a second document")
	} else if !errors.Is(err, io.EOF) {
		r.syntaxError(err, content)
	}
	if len(doc.Content) == 0 || !r.plain(doc.Content[0], 0) {
		return nil
	}
	return doc.Content[0]
}

var yamlLine = lazily(`^yaml: (?:line (\d+): )?`)

// fromZero matches the complaints whose lines the YAML package counts from 0: those of its parser, not of its scanner.
var fromZero = lazily(`^did not find expected (?:node content|key|'-' indicator|',' or|<)`)

var unknownAnchor = lazily(`^unknown anchor '(.*)' referenced$`)

// syntaxError gives the parser's complaint the form of ours. It knows no column, so the line's first character is told.
func (r *reader) syntaxError(err error, content []byte) {
	text, at := err.Error(), &yaml.Node{Line: 1, Column: 1}
	if m := yamlLine().FindStringSubmatch(text); m != nil {
		text = text[len(m[0]):]
		at.Line, _ = strconv.Atoi(m[1])
		if fromZero().MatchString(text) {
			at.Line++
		}
	}
	lines := strings.Split(string(content), "\n")
	if m := unknownAnchor().FindStringSubmatch(text); m != nil { // which comes without a line
		at.Line = 1 + slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, "*"+m[1]) })
	}
	at.Line = min(max(at.Line, 1), len(lines))
	line := lines[at.Line-1]
	at.Column = 1 + len(line) - len(strings.TrimLeft(line, " "))
	r.fail(at, "", "not valid YAML: %s", text)
}

// plain walks the tree and reports whether it keeps the limits. Anchors and aliases are refused: an entry must say by
// itself what it permits, and an approval holds for what stands there.
func (r *reader) plain(n *yaml.Node, depth int) bool {
	r.nodes++
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		r.fail(n, "write the value out", "an exception is not made of anchors and aliases")
		return false
	case r.nodes > maxNodes:
		r.fail(n, "", "more than %d values", maxNodes)
		return false
	case depth > maxDepth:
		r.fail(n, "", "nested more than %d deep", maxDepth)
		return false
	}
	for _, c := range n.Content {
		if !r.plain(c, depth+1) {
			return false
		}
	}
	return true
}

// A field is one key that a mapping may have, and what to do with its value.
type field struct {
	name     string
	required bool
	read     func(path string, value *yaml.Node)
}

// mapping reads a mapping whose keys are those of fields; what says what a key is, for errors.
func (r *reader) mapping(n *yaml.Node, path, what string, fields []field) {
	seen := map[string]bool{}
	r.pairs(n, path, func(key, value *yaml.Node) {
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == key.Value })
		if i < 0 {
			known := make([]string, len(fields))
			for i, f := range fields {
				known[i] = f.name
			}
			problem, hint := unknownWord(what, key.Value, known)
			r.fail(key, hint, "%s", problem)
			return
		}
		seen[key.Value] = true
		fields[i].read(join(path, key.Value), value)
	})
	if n.Kind != yaml.MappingNode {
		return
	}
	for _, f := range fields {
		if f.required && !seen[f.name] {
			r.fail(n, "add the key "+f.name, "%s is missing", join(path, f.name))
		}
	}
}

// pairs calls f for each entry of a mapping, once for each key.
func (r *reader) pairs(n *yaml.Node, path string, f func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.wrongType(n, path, "a mapping of keys to values")
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode {
			r.fail(key, "", "a key must be a word")
			continue
		}
		if line, again := seen[key.Value]; again {
			r.fail(key, fmt.Sprintf("it was first given in line %d", line), "%q is given twice", join(path, key.Value))
			continue
		}
		seen[key.Value] = key.Line
		f(key, n.Content[i+1])
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func (r *reader) wrongType(n *yaml.Node, path, want string) {
	if path == "" {
		path = "the file"
	}
	hint := ""
	if want == "text" && n.Kind == yaml.ScalarNode && n.ShortTag() != "!!null" {
		hint = fmt.Sprintf("put it in quotes: %q", n.Value)
	}
	r.fail(n, hint, "%s is %s: want %s", path, kindOf(n), want)
}

func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!null":
		return "empty"
	case "!!bool":
		return "a truth value"
	case "!!int", "!!float":
		return "a number"
	case "!!timestamp":
		return "a date"
	case "!!str":
		return "text"
	}
	return "of the kind " + n.Tag
}

// text reads a text that is not empty.
func (r *reader) text(path string, n *yaml.Node) string {
	switch {
	case n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str":
		r.wrongType(n, path, "text")
		return ""
	case strings.TrimSpace(n.Value) == "":
		r.fail(n, "", "%s is empty", path)
		return ""
	case len(n.Value) > maxText:
		r.fail(n, "", "%s is longer than %d bytes", path, maxText)
		return ""
	}
	return n.Value
}

// word reads a text of one line, without space around it. A sign that cannot be seen would make two of what looks like
// one, such as an owner and an approver.
func (r *reader) word(path string, n *yaml.Node) string {
	text := strings.TrimSpace(r.text(path, n))
	if i := strings.IndexFunc(text, func(c rune) bool { return !unicode.IsPrint(c) }); i >= 0 {
		r.fail(n, "write it in one line", "%s has a sign that cannot be seen: %+q", path, []rune(text[i:])[0])
		return ""
	}
	return text
}

func (r *reader) list(path string, n *yaml.Node, f func(path string, n *yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		r.wrongType(n, path, "a list")
		return
	}
	for i, member := range n.Content {
		f(fmt.Sprintf("%s[%d]", path, i), member)
	}
}

// number reads a whole number between low and high.
func (r *reader) number(path string, n *yaml.Node, low, high int) int {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" {
		r.wrongType(n, path, "a whole number")
		return 0
	}
	i, err := strconv.Atoi(n.Value)
	if err != nil || i < low || i > high {
		r.fail(n, "", "%s is %s: want a whole number from %d to %d", path, n.Value, low, high)
		return 0
	}
	return i
}

var dateForm = lazily(`^2\d{3}-\d{2}-\d{2}$`)

// date reads a day, with or without quotes.
func (r *reader) date(path string, n *yaml.Node) time.Time {
	tag := n.ShortTag()
	if n.Kind != yaml.ScalarNode || tag != "!!timestamp" && tag != "!!str" {
		r.wrongType(n, path, "a date such as 2026-11-23")
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, n.Value)
	if !dateForm().MatchString(n.Value) || err != nil {
		hint := "write a day as 2026-11-23, without a time"
		if err != nil && dateForm().MatchString(n.Value) {
			hint = "there is no such day"
		}
		r.fail(n, hint, "%s: %q is not a date", path, n.Value)
		return time.Time{}
	}
	return day
}
