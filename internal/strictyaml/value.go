package strictyaml

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/diagnostic"
)

// Follow gives what an alias stands for.
func Follow(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// A Field is one key that a mapping may have, and what to do with its value.
type Field struct {
	Name     string
	Read     func(path string, value *yaml.Node)
	Required bool
}

// Mapping reads a mapping whose keys are those of fields; what says what a key is, for errors.
func (r *Reader) Mapping(n *yaml.Node, path, what string, fields []Field) {
	seen := map[string]bool{}
	r.Pairs(n, path, func(key, value *yaml.Node) {
		i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == key.Value })
		if i < 0 {
			r.unknown(key, what, key.Value, names(fields))
			return
		}
		seen[key.Value] = true
		r.Places[Join(path, key.Value)] = r.At(key)
		fields[i].Read(Join(path, key.Value), value)
	})
	if Follow(n).Kind != yaml.MappingNode {
		return
	}
	for _, f := range fields {
		if f.Required && !seen[f.Name] {
			r.Fail(n, "add the key "+f.Name, "%s is missing", Join(path, f.Name))
		}
	}
}

func names(fields []Field) []string {
	list := make([]string, len(fields))
	for i, f := range fields {
		list[i] = f.Name
	}
	return list
}

func (r *Reader) unknown(n *yaml.Node, what, word string, known []string) {
	problem, hint := diagnostic.UnknownWord(what, word, known)
	r.Fail(n, hint, "%s", problem)
}

// Pairs calls f for each entry of a mapping, once for each key.
func (r *Reader) Pairs(n *yaml.Node, path string, f func(key, value *yaml.Node)) {
	m := Follow(n)
	if m.Kind != yaml.MappingNode {
		r.WrongType(n, path, "a mapping of keys to values")
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(m.Content); i += 2 {
		key := Follow(m.Content[i])
		if key.Kind != yaml.ScalarNode {
			r.Fail(m.Content[i], "", "a key must be a word")
			continue
		}
		if line, again := seen[key.Value]; again {
			r.Fail(key, fmt.Sprintf("it was first given in line %d", line), "%q is given twice", Join(path, key.Value))
			continue
		}
		seen[key.Value] = key.Line
		f(key, m.Content[i+1])
	}
}

// Join is the path of a key below another.
func Join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// WrongType says that a value is of another kind than the one that is wanted.
func (r *Reader) WrongType(n *yaml.Node, path, want string) {
	if path == "" {
		path = "the file"
	}
	v, hint := Follow(n), ""
	if want == "text" && v.Kind == yaml.ScalarNode && v.ShortTag() != "!!null" {
		hint = fmt.Sprintf("put it in quotes: %q", v.Value)
	}
	r.Fail(n, hint, "%s is %s: want %s", path, kindOf(v), want)
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

// Text reads a text that is not empty.
func (r *Reader) Text(path string, n *yaml.Node) string {
	v := Follow(n)
	switch {
	case v.Kind != yaml.ScalarNode || v.ShortTag() != "!!str":
		r.WrongType(n, path, "text")
		return ""
	case strings.TrimSpace(v.Value) == "":
		r.Fail(n, "give it a value", "%s is empty", path)
		return ""
	case r.limits.Text > 0 && len(v.Value) > r.limits.Text:
		r.Fail(n, "", "%s is longer than %d bytes", path, r.limits.Text)
		return ""
	}
	return v.Value
}

// List calls f for each member of a list.
func (r *Reader) List(path string, n *yaml.Node, f func(path string, n *yaml.Node)) {
	v := Follow(n)
	if v.Kind != yaml.SequenceNode {
		r.WrongType(n, path, "a list")
		return
	}
	for i, member := range v.Content {
		f(fmt.Sprintf("%s[%d]", path, i), member)
	}
}

// OneOrMore is List where a single value stands for a list of one.
func (r *Reader) OneOrMore(path string, n *yaml.Node, f func(path string, n *yaml.Node)) {
	if Follow(n).Kind != yaml.SequenceNode {
		f(path, n)
		return
	}
	r.List(path, n, f)
}

// OneOf reads one of the known words; what says what they are, for errors.
func OneOf[T ~string](r *Reader, what, path string, n *yaml.Node, known []T) T {
	word := r.Text(path, n)
	if word == "" || slices.Contains(known, T(word)) {
		return T(word)
	}
	list := make([]string, len(known))
	for i, k := range known {
		list[i] = string(k)
	}
	r.unknown(n, what, word, list)
	return ""
}

// Number reads a whole number between low and high.
func (r *Reader) Number(path string, n *yaml.Node, low, high int) int {
	v := Follow(n)
	if v.Kind != yaml.ScalarNode || v.ShortTag() != "!!int" {
		r.WrongType(n, path, "a whole number")
		return 0
	}
	i, err := strconv.Atoi(v.Value)
	if err != nil || i < low || i > high {
		r.Fail(n, "", "%s is %s: want a whole number from %d to %d", path, v.Value, low, high)
		return 0
	}
	return i
}
