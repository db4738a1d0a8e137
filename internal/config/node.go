package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/policy"
)

// Limits on a file. A real one has a few dozen nodes.
const (
	maxSize  = 1 << 20
	maxNodes = 20_000 // counted through aliases, so that they cannot multiply
	maxDepth = 16
)

// A reader walks the nodes of one file and collects what is wrong in it.
type reader struct {
	file    string
	lines   []string
	engines []string
	places  map[string]policy.Position // of keys
	nodes   int
	errs    Errors
}

func (r *reader) fail(n *yaml.Node, hint, format string, args ...any) {
	r.errs = append(r.errs, &Error{r.at(n), fmt.Sprintf(format, args...), hint})
}

func (r *reader) at(n *yaml.Node) policy.Position {
	return policy.Position{File: r.file, Line: max(n.Line, 1), Column: max(n.Column, 1)}
}

// parse gives the one document of the file, or nil where it is empty.
func (r *reader) parse(content []byte) *yaml.Node {
	top := &yaml.Node{Line: 1, Column: 1}
	if len(content) > maxSize {
		r.fail(top, "", "the file is larger than %d bytes", maxSize)
		return nil
	}
	if i := invalidUTF8(content); i >= 0 {
		r.fail(&yaml.Node{Line: 1 + bytes.Count(content[:i], []byte("\n")), Column: 1}, "save the file as UTF-8", "not valid UTF-8")
		return nil
	}
	r.lines = strings.Split(string(content), "\n")
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
		r.fail(&second, "remove the line ---", "a second document")
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

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// fromZero matches the complaints whose lines the YAML package counts from 0: those of its parser, not of its scanner.
var fromZero = regexp.MustCompile(`^did not find expected (?:node content|key|'-' indicator|',' or|<)`)

// syntaxError gives the parser's complaint the form of ours. It knows no column, so the line's first character is told.
func (r *reader) syntaxError(err error) {
	text := err.Error()
	at := &yaml.Node{Line: 1, Column: 1}
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		text = text[len(m[0]):]
		at.Line, _ = strconv.Atoi(m[1])
		if fromZero.MatchString(text) {
			at.Line++
		}
	}
	at.Line = min(max(at.Line, 1), len(r.lines))
	line := r.lines[at.Line-1]
	at.Column = 1 + len(line) - len(strings.TrimLeft(line, " "))
	r.fail(at, "", "not valid YAML: %s", text)
}

// bounded walks the tree as the reading below will, aliases included, and reports whether it keeps the limits.
func (r *reader) bounded(n *yaml.Node, depth int) bool {
	r.nodes++
	switch {
	case r.nodes > maxNodes:
		r.fail(n, "", "more than %d values, counting what aliases stand for", maxNodes)
		return false
	case depth > maxDepth:
		r.fail(n, "", "nested more than %d deep", maxDepth)
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

// follow gives what an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// A field is one key that a mapping may have, and what to do with its value.
type field struct {
	name string
	read func(path string, value *yaml.Node)
}

func names(fields []field) []string {
	list := make([]string, len(fields))
	for i, f := range fields {
		list[i] = f.name
	}
	return list
}

// mapping reads a mapping whose keys are those of fields; what says what a key is, for errors.
func (r *reader) mapping(n *yaml.Node, path, what string, fields []field) {
	r.pairs(n, path, func(key, value *yaml.Node) {
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == key.Value })
		if i < 0 {
			problem, hint := unknownWord(what, key.Value, names(fields))
			r.fail(key, hint, "%s", problem)
			return
		}
		r.places[join(path, key.Value)] = r.at(key)
		fields[i].read(join(path, key.Value), value)
	})
}

// pairs calls f for each entry of a mapping, once for each key.
func (r *reader) pairs(n *yaml.Node, path string, f func(key, value *yaml.Node)) {
	m := follow(n)
	if m.Kind != yaml.MappingNode {
		r.wrongType(n, path, "a mapping of keys to values")
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(m.Content); i += 2 {
		key := follow(m.Content[i])
		if key.Kind != yaml.ScalarNode {
			r.fail(m.Content[i], "", "a key must be a word")
			continue
		}
		if line, again := seen[key.Value]; again {
			r.fail(key, fmt.Sprintf("it was first given in line %d", line), "%q is given twice", join(path, key.Value))
			continue
		}
		seen[key.Value] = key.Line
		f(key, m.Content[i+1])
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
	r.fail(n, "", "%s is %s: want %s", path, kindOf(follow(n)), want)
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
	}
	return "text"
}

// text reads a text that is not empty.
func (r *reader) text(path string, n *yaml.Node) string {
	v := follow(n)
	if v.Kind != yaml.ScalarNode || v.ShortTag() != "!!str" {
		hint := ""
		if v.Kind == yaml.ScalarNode && v.ShortTag() != "!!null" {
			hint = fmt.Sprintf("put it in quotes: %q", v.Value)
		}
		r.wrongType(n, path, "text")
		r.errs[len(r.errs)-1].Hint = hint
		return ""
	}
	if strings.TrimSpace(v.Value) == "" {
		r.fail(n, "remove the key, or give it a value", "%s is empty", path)
	}
	return v.Value
}

// list calls f for each member of a list; a single value stands for a list of one where single says so.
func (r *reader) list(path string, n *yaml.Node, single bool, f func(path string, n *yaml.Node)) {
	v := follow(n)
	switch {
	case v.Kind == yaml.SequenceNode:
		for i, member := range v.Content {
			f(fmt.Sprintf("%s[%d]", path, i), member)
		}
	case single:
		f(path, n)
	default:
		r.wrongType(n, path, "a list")
	}
}

// texts reads a list of texts, each given once.
func (r *reader) texts(path string, n *yaml.Node) []string {
	list := []string{}
	r.list(path, n, false, func(path string, n *yaml.Node) {
		text := r.text(path, n)
		if slices.Contains(list, text) {
			r.fail(n, "", "%s: %q is given twice", path, text)
		}
		list = append(list, text)
	})
	return list
}

// oneOf reads one of the known words.
func oneOf[T ~string](r *reader, what string, n *yaml.Node, path string, known []T) T {
	word := r.text(path, n)
	if word == "" {
		return ""
	}
	for _, k := range known {
		if string(k) == word {
			return k
		}
	}
	list := make([]string, len(known))
	for i, k := range known {
		list[i] = string(k)
	}
	problem, hint := unknownWord(what, word, list)
	r.fail(n, hint, "%s", problem)
	return ""
}

// number reads a whole number between low and high.
func (r *reader) number(path string, n *yaml.Node, low, high int64) int64 {
	v := follow(n)
	if v.Kind != yaml.ScalarNode || v.ShortTag() != "!!int" {
		r.wrongType(n, path, "a whole number")
		return 0
	}
	i, err := strconv.ParseInt(v.Value, 10, 64)
	if err != nil || i < low || i > high {
		r.fail(n, "", "%s is %s: want a whole number from %d to %d", path, v.Value, low, high)
		return 0
	}
	return i
}

// yes reads true or false.
func (r *reader) yes(path string, n *yaml.Node) bool {
	v := follow(n)
	if v.Kind != yaml.ScalarNode || v.ShortTag() != "!!bool" {
		r.wrongType(n, path, "true or false")
	}
	return strings.EqualFold(v.Value, "true")
}

// duration reads a time span of whole minutes, hours or days, such as 90m, 24h or 7d.
func (r *reader) duration(path string, n *yaml.Node) time.Duration {
	v := follow(n)
	units := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}
	if v.Kind == yaml.ScalarNode && len(v.Value) > 1 {
		number, unit := v.Value[:len(v.Value)-1], v.Value[len(v.Value)-1:]
		if i, err := strconv.Atoi(number); err == nil && i > 0 && i < 1_000_000 && units[unit] > 0 {
			return time.Duration(i) * units[unit]
		}
	}
	r.fail(n, "", "%s: want a time span such as 90m, 24h or 7d", path)
	return 0
}

var sizeUnits = []struct {
	suffix string
	factor int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}}

// size reads a number of bytes, such as 4096 or 64MiB.
func (r *reader) size(path string, n *yaml.Node) int64 {
	v := follow(n)
	text, factor := v.Value, int64(1)
	for _, u := range sizeUnits {
		if before, ok := strings.CutSuffix(text, u.suffix); ok {
			text, factor = strings.TrimSpace(before), u.factor
			break
		}
	}
	i, err := strconv.ParseInt(text, 10, 64)
	if v.Kind != yaml.ScalarNode || err != nil || i < 1 || i > (1<<50)/factor {
		r.fail(n, "", "%s: want a size such as 4096, 500kB or 64MiB", path)
		return 0
	}
	return i * factor
}

// line reads an expression together with where each of its lines stands in the file, so that its errors can be shown
// there.
func (r *reader) line(path string, n *yaml.Node) policy.Line {
	v := follow(n)
	l := policy.Line{Key: path, Expr: r.text(path, n), At: r.at(v)}
	switch {
	case v.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		l.At.Column++
	case v.Style&yaml.LiteralStyle != 0:
		l.Starts = r.blockStarts(v)
	}
	if len(l.Starts) > 0 {
		l.At = l.Starts[0]
	}
	return l
}

// blockStarts finds the lines of a "|" text: they follow the indicator, indented alike.
func (r *reader) blockStarts(n *yaml.Node) []policy.Position {
	count := strings.Count(strings.TrimRight(n.Value, "\n"), "\n") + 1
	if n.Line+count > len(r.lines) {
		return nil
	}
	body := r.lines[n.Line : n.Line+count]
	indent := 0
	for _, line := range body {
		if rest := strings.TrimLeft(line, " "); strings.TrimSpace(rest) != "" {
			indent = len(line) - len(rest)
			break
		}
	}
	starts := make([]policy.Position, count)
	for i := range starts {
		starts[i] = policy.Position{File: r.file, Line: n.Line + 1 + i, Column: indent + 1}
	}
	return starts
}
