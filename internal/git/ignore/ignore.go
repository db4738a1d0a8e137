package ignore

import (
	"bytes"
	"strings"
)

// A File is one ignore file's name, as it should be shown to people, and its bytes.
type File struct {
	Name    string
	Content []byte
}

// A Source is the pattern that decided about a path.
type Source struct {
	File    string
	Line    int    // starts at 1
	Pattern string // as written, without trailing spaces
	Negated bool   // the pattern starts with "!": it brings the path back
}

// A Matcher holds the patterns that apply to one folder and, through its parent, those of the folders above. The nil
// Matcher ignores nothing. It is read-only once made and may be shared between goroutines.
type Matcher struct {
	parent *Matcher
	base   string // the folder, with a trailing slash; empty for the root
	file   string
	rules  []rule

	// Most patterns are a name or "*.ext". Those are looked up, the rest are tried one by one.
	byName map[string][]int32
	byExt  map[string][]int32
	rest   []int32
}

// Child returns the matcher for dir, a slash-separated path relative to the root ("" for the root itself), with the
// patterns of files on top of those of m. Of several files the later one weighs more. Without patterns it is m.
func (m *Matcher) Child(dir string, files ...File) *Matcher {
	base := strings.Trim(dir, "/")
	if base != "" {
		base += "/"
	}
	for _, f := range files {
		if rules := parse(f.Content); len(rules) > 0 {
			m = newMatcher(m, base, f.Name, rules)
		}
	}
	return m
}

// Match tells whether path, slash-separated and relative to the root, is ignored, and by which pattern. When no
// pattern speaks about the path the Source is the zero value. Only the path itself is asked about: a file below an
// ignored folder is ignored because the walk does not enter that folder, not because Match says so.
func (m *Matcher) Match(path string, isDir bool) (ignored bool, by Source) {
	for ; m != nil; m = m.parent {
		rel, ok := strings.CutPrefix(path, m.base)
		if !ok || rel == "" {
			continue
		}
		if i := m.last(rel, isDir); i >= 0 {
			r := &m.rules[i]
			return !r.negated, Source{File: m.file, Line: r.line, Pattern: r.text, Negated: r.negated}
		}
	}
	return false, Source{}
}

func newMatcher(parent *Matcher, base, file string, rules []rule) *Matcher {
	m := &Matcher{parent: parent, base: base, file: file, rules: rules,
		byName: map[string][]int32{}, byExt: map[string][]int32{}}
	for i := range rules {
		r := &rules[i]
		switch {
		case r.kind == literal && r.basename:
			m.byName[r.literal] = append(m.byName[r.literal], int32(i))
		case r.kind == suffix && r.basename && strings.LastIndexByte(r.literal, '.') == 0:
			m.byExt[r.literal] = append(m.byExt[r.literal], int32(i))
		case r.kind != never:
			m.rest = append(m.rest, int32(i))
		}
	}
	return m
}

// last gives the index of the last rule that matches, which is the one that decides, or -1.
func (m *Matcher) last(rel string, isDir bool) int {
	name := rel[strings.LastIndexByte(rel, '/')+1:]
	best := m.lastOf(m.byName[name], -1, isDir)
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 && len(m.byExt) > 0 {
		best = m.lastOf(m.byExt[name[dot:]], best, isDir)
	}
	for i := len(m.rest) - 1; i >= 0; i-- {
		n := int(m.rest[i])
		if n < best {
			break
		}
		if r := &m.rules[n]; (isDir || !r.dirOnly) && r.match(rel, name) {
			return n
		}
	}
	return best
}

func (m *Matcher) lastOf(candidates []int32, best int, isDir bool) int {
	for i := len(candidates) - 1; i >= 0; i-- {
		n := int(candidates[i])
		if n < best {
			break
		}
		if isDir || !m.rules[n].dirOnly {
			return n
		}
	}
	return best
}

var byteOrderMark = []byte("\xef\xbb\xbf")

func parse(content []byte) []rule {
	var rules []rule
	content = bytes.TrimPrefix(content, byteOrderMark)
	for line := 1; len(content) > 0; line++ {
		var text []byte
		text, content, _ = bytes.Cut(content, []byte{'\n'})
		text = bytes.TrimSuffix(text, []byte{'\r'})
		if len(text) == 0 || text[0] == '#' {
			continue
		}
		// Patterns are C strings for git: what follows a NUL is not part of them.
		if nul := bytes.IndexByte(text, 0); nul >= 0 {
			text = text[:nul]
		}
		if r, ok := parseLine(trimSpaces(string(text))); ok {
			r.line = line
			rules = append(rules, r)
		}
	}
	return rules
}

// trimSpaces cuts trailing spaces that no backslash protects. Tabs stay, as they do for git.
func trimSpaces(s string) string {
	end := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ' ':
			continue
		case '\\':
			i++
			if i == len(s) {
				return s
			}
		}
		end = i + 1
	}
	return s[:end]
}
