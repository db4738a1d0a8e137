package git

import (
	"bytes"
	"strings"

	"github.com/assaysec/assay/internal/git/ignore"
)

// Attributes is what the attributes of a path say that a scan wants to know.
type Attributes struct {
	Generated bool // linguist-generated
	Vendored  bool // linguist-vendored
	Binary    bool // binary, or -diff: not to be shown as text
	LFS       bool // filter=lfs: the blob is a pointer to the content
}

// An AttributeMatcher holds the lines of .gitattributes files that name one of the Attributes, those of the folders
// above included. The nil matcher gives no attributes.
type AttributeMatcher struct {
	parent *AttributeMatcher
	rules  []attributeRule
}

type attributeRule struct {
	pattern *ignore.Matcher
	apply   []func(*Attributes)
}

// Child returns the matcher for dir with the lines of its .gitattributes on top of those of m.
func (m *AttributeMatcher) Child(dir string, content []byte) *AttributeMatcher {
	var rules []attributeRule
	for line := range strings.Lines(string(content)) {
		pattern, words := cutPattern(strings.TrimSpace(line))
		apply := changes(words)
		// A pattern of attributes can neither be negated nor be meant for folders only.
		if len(apply) == 0 || pattern == "" || pattern[0] == '!' || strings.HasSuffix(pattern, "/") {
			continue
		}
		p := (*ignore.Matcher)(nil).Child(dir, ignore.File{Content: []byte(pattern)})
		rules = append(rules, attributeRule{p, apply})
	}
	if len(rules) == 0 {
		return m
	}
	return &AttributeMatcher{parent: m, rules: rules}
}

// Match returns the attributes of a path relative to the root. Later lines and deeper files weigh more.
func (m *AttributeMatcher) Match(path string) Attributes {
	if m == nil {
		return Attributes{}
	}
	a := m.parent.Match(path)
	for i := range m.rules {
		if matched, _ := m.rules[i].pattern.Match(path, false); matched {
			for _, change := range m.rules[i].apply {
				change(&a)
			}
		}
	}
	return a
}

// cutPattern takes the pattern off a line. In quotation marks it may hold spaces, and C escapes.
func cutPattern(line string) (pattern string, words []string) {
	if line == "" || line[0] == '#' || line[0] == '[' && strings.HasPrefix(line, "[attr]") {
		return "", nil
	}
	if line[0] != '"' {
		fields := strings.Fields(line)
		return fields[0], fields[1:]
	}
	var b strings.Builder
	for i := 1; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"':
			return b.String(), strings.Fields(line[i+1:])
		case c == '\\' && i+1 < len(line):
			i++
			b.WriteByte(line[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", nil
}

func changes(words []string) []func(*Attributes) {
	var list []func(*Attributes)
	for _, word := range words {
		name, on := attribute(word)
		off := word[0] == '-'
		switch name {
		case "linguist-generated":
			list = append(list, func(a *Attributes) { a.Generated = on })
		case "linguist-vendored":
			list = append(list, func(a *Attributes) { a.Vendored = on })
		case "binary": // git's short form for "-diff -merge -text"; taking it back does not take those back
			if on {
				list = append(list, func(a *Attributes) { a.Binary = true })
			}
		case "diff":
			list = append(list, func(a *Attributes) { a.Binary = off })
		case "filter":
			list = append(list, func(a *Attributes) { a.LFS = strings.HasSuffix(word, "=lfs") })
		}
	}
	return list
}

// attribute reads "name", "-name", "!name" and "name=value".
func attribute(word string) (name string, on bool) {
	switch word[0] {
	case '-', '!':
		return word[1:], false
	}
	name, value, _ := strings.Cut(word, "=")
	return name, value != "false"
}

var lfsVersions = [][]byte{
	[]byte("version https://git-lfs.github.com/spec/"),
	[]byte("version https://hawser.github.com/spec/"), // its name before the first release
}

// IsLFSPointer tells whether a blob is not the content of a file but the pointer that Git LFS keeps in its place.
func IsLFSPointer(data []byte) bool {
	const largest = 1024 // by the specification
	if len(data) > largest || !bytes.Contains(data, []byte("\noid sha256:")) {
		return false
	}
	for _, v := range lfsVersions {
		if bytes.HasPrefix(data, v) {
			return true
		}
	}
	return false
}
