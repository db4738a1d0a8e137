package profile

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// OwnersLocations are the places where CODEOWNERS is looked for. The first that exists is the only one that is read.
// GitHub knows .github/, the root and docs/ in this order; GitLab knows the root, docs/ and .gitlab/. A repository
// that has several of them tells its forge by the folder, which is why the two folders come first.
var OwnersLocations = []string{".github/CODEOWNERS", ".gitlab/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}

// maxOwnersSize is GitHub's limit; a larger file has no effect there, and is an error here.
const maxOwnersSize = 3 << 20

// maxPattern is longer than any path that a system takes.
const maxPattern = 4096

// maxLineErrors is how many lines are told one by one: a file of nothing else would fill the screen.
const maxLineErrors = 20

// A Dialect is whose rules a CODEOWNERS file follows.
type Dialect string

// The dialects. They differ in what a path without a leading slash means, in sections, and in what a pattern that names
// a folder takes in.
const (
	GitHub Dialect = "github"
	GitLab Dialect = "gitlab"
)

// Owners is a CODEOWNERS file.
type Owners struct {
	Dialect  Dialect
	sections []section // one, unnamed, for GitHub
}

type section struct {
	defaults []string
	rules    []ownerRule
	excludes bool // one of the rules does
}

type ownerRule struct {
	pattern  pattern
	owners   []string
	excludes bool // GitLab's "!": the path has no owner in this section, whatever follows
}

// A LineError is a line that was passed over, as the forge would, and why.
type LineError struct {
	File    string
	Line    int
	Problem string
}

func (e *LineError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Problem) }

// ParseOwners reads a CODEOWNERS file. The dialect follows from the folder, and elsewhere from whether there is a
// section heading in the file. Lines that cannot be understood are left out, as the forges do, and returned as errors
// for the user to see.
func ParseOwners(file string, content []byte) (*Owners, []*LineError) {
	if len(content) > maxOwnersSize {
		return nil, []*LineError{{file, 1, fmt.Sprintf("larger than %d bytes", maxOwnersSize)}}
	}
	if !utf8.Valid(content) {
		return nil, []*LineError{{file, 1, "not valid UTF-8"}}
	}
	lines := strings.Split(strings.TrimPrefix(string(content), "\ufeff"), "\n")
	p := ownersParser{file: file, owners: &Owners{Dialect: dialectOf(file, lines)}, sections: map[string]int{}}
	p.open("", nil)
	for i, line := range lines {
		p.line = i + 1
		p.parse(strings.TrimSpace(line))
	}
	return p.owners, p.errors
}

func dialectOf(file string, lines []string) Dialect {
	switch {
	case strings.Contains(file, ".github/"):
		return GitHub
	case strings.Contains(file, ".gitlab/"):
		return GitLab
	}
	for _, line := range lines {
		if _, ok := parseHeading(strings.TrimSpace(line)); ok {
			return GitLab
		}
	}
	return GitHub
}

type ownersParser struct {
	file     string
	line     int
	owners   *Owners
	sections map[string]int // index of each, by its name in lower case
	current  int            // index of the section that lines belong to
	errors   []*LineError
	left     int // errors that are only counted
}

// fail tells what is wrong with a line. Above the limit the last error says how many more there are.
func (p *ownersParser) fail(format string, args ...any) {
	problem := fmt.Sprintf(format, args...)
	if len(p.errors) > maxLineErrors {
		p.left++
		p.errors[maxLineErrors].Problem = fmt.Sprintf("this and %d more problems are not told one by one", p.left)
		return
	}
	p.errors = append(p.errors, &LineError{p.file, p.line, problem})
}

// open starts a section, or goes on with the one of the same name: GitLab joins sections whose names differ in case
// only.
func (p *ownersParser) open(name string, defaults []string) {
	key := strings.ToLower(name)
	if i, ok := p.sections[key]; ok {
		p.current = i
		if len(defaults) > 0 {
			p.owners.sections[i].defaults = defaults
		}
		return
	}
	p.current = len(p.owners.sections)
	p.sections[key] = p.current
	p.owners.sections = append(p.owners.sections, section{defaults: defaults})
}

func (p *ownersParser) parse(line string) {
	if line == "" || line[0] == '#' {
		return
	}
	if p.owners.Dialect == GitLab {
		if h, ok := parseHeading(line); ok {
			p.open(h.name, p.parseOwners(h.rest))
			return
		}
	}
	text, rest := cutPattern(line)
	rule := ownerRule{owners: p.parseOwners(rest)}
	if p.owners.Dialect == GitLab {
		text, rule.excludes = strings.CutPrefix(text, "!")
		rule.pattern = compileGitLab(text)
	} else if !p.acceptGitHub(text) {
		return
	} else {
		rule.pattern = compileGitHub(text)
	}
	switch {
	case text == "":
		p.fail("a pattern is missing")
		return
	case len(text) > maxPattern:
		p.fail("a pattern of %d characters: want at most %d", len(text), maxPattern)
		return
	}
	s := &p.owners.sections[p.current]
	s.rules = append(s.rules, rule)
	s.excludes = s.excludes || rule.excludes
}

// acceptGitHub refuses what works in .gitignore but not in GitHub's CODEOWNERS.
func (p *ownersParser) acceptGitHub(pattern string) bool {
	switch {
	case strings.HasPrefix(pattern, "!"):
		p.fail("%q: GitHub knows no negation with \"!\"", pattern)
	case strings.HasPrefix(pattern, `\#`):
		p.fail("%q: GitHub knows no escaped \"#\" at the start of a pattern", pattern)
	case strings.ContainsAny(pattern, "[]"):
		p.fail("%q: GitHub knows no character ranges with \"[ ]\"", pattern)
	default:
		return true
	}
	return false
}

// parseOwners reads the owners up to a comment. What is neither a name with "@" nor an address is an error; the others
// still hold.
func (p *ownersParser) parseOwners(text string) []string {
	var owners ownerList
	for word := range strings.FieldsSeq(text) {
		if word[0] == '#' {
			break
		}
		at := strings.IndexByte(word, '@')
		if at < 0 || at == len(word)-1 {
			p.fail("%q is not an owner: want @user, @group/team or an e-mail address", word)
			continue
		}
		owners.add(word)
	}
	return owners.names
}

// An ownerList is a list of owners, each once, in the order in which they came.
type ownerList struct {
	names []string
	seen  map[string]bool
}

func (l *ownerList) add(name string) {
	if l.seen[name] {
		return
	}
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	l.seen[name] = true
	l.names = append(l.names, name)
}

// cutPattern takes the pattern off a line: up to the first space that has no backslash before it.
func cutPattern(line string) (pattern, rest string) {
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case ' ', '\t':
			return line[:i], line[i:]
		}
	}
	return line, ""
}

type heading struct {
	name string
	rest string
}

// parseHeading reads GitLab's "[Name]", "^[Name]" (optional) and "[Name][2]" (number of approvals). Assay asks who owns
// a path, so neither optional nor the number matters here.
func parseHeading(line string) (heading, bool) {
	line = strings.TrimPrefix(line, "^")
	if !strings.HasPrefix(line, "[") {
		return heading{}, false
	}
	name, rest, ok := strings.Cut(line[1:], "]")
	if !ok || strings.TrimSpace(name) == "" {
		return heading{}, false
	}
	if strings.HasPrefix(rest, "[") {
		count, after, ok := strings.Cut(rest[1:], "]")
		if !ok || count == "" || strings.Trim(count, "0123456789") != "" {
			return heading{}, false
		}
		rest = after
	}
	if rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return heading{}, false // "[ab]c" is a pattern
	}
	return heading{strings.TrimSpace(name), rest}, true
}

// compileGitHub reads a pattern as .gitignore does, with the one difference of its documentation: "docs/*" takes in the
// files of docs but not what lies in its folders.
func compileGitHub(text string) pattern {
	trimmed := strings.TrimSuffix(text, "/")
	p := pattern{syntax: syntax{escapes: true}, atLeast: trimmed != text}
	anchored := strings.Contains(trimmed, "/")
	p.elements = split(strings.TrimPrefix(trimmed, "/"))
	if !anchored {
		p.elements = append([]string{globstar}, p.elements...)
	}
	last := p.elements[len(p.elements)-1]
	p.below = p.atLeast || !anchored || last != "*"
	return p
}

// compileGitLab reads a pattern as GitLab does: without a leading slash it matches at any depth, also where it names
// folders; with a trailing slash it takes in all below; without one it names files only. "[a-z]" is one character of a
// range, and "**" stands for folders only where something follows it, as in Ruby's fnmatch with FNM_PATHNAME.
func compileGitLab(text string) pattern {
	trimmed := strings.TrimSuffix(text, "/")
	p := pattern{syntax: syntax{escapes: true, ranges: true}, atLeast: trimmed != text}
	p.below = p.atLeast
	rooted := strings.HasPrefix(trimmed, "/") || trimmed == ""
	p.elements = split(strings.TrimPrefix(trimmed, "/"))
	if trimmed == "" {
		p.elements = nil // "/": everything
	}
	if last := len(p.elements) - 1; last >= 0 && p.elements[last] == globstar && !p.atLeast {
		p.elements[last] = "*"
	}
	if !rooted && p.elements[0] != globstar {
		p.elements = append([]string{globstar}, p.elements...)
	}
	return p
}

// Of gives the owners of a path. The last rule that matches decides, within each section; the sections' owners are put
// together in the order of the file. A rule without owners means nobody, or in GitLab the section's default owners.
func (o *Owners) Of(path string) []string {
	if o == nil {
		return nil
	}
	var owners ownerList
	names := strings.Split(path, "/")
	for i := range o.sections {
		for _, owner := range o.sections[i].of(names) {
			owners.add(owner)
		}
	}
	return owners.names
}

// of looks from the last rule back to the one that decides, and further only for a rule that excludes.
func (s *section) of(names []string) []string {
	var owners []string
	decided := false
	for i := len(s.rules) - 1; i >= 0 && (!decided || s.excludes); i-- {
		r := &s.rules[i]
		if decided && !r.excludes || !r.pattern.match(names) {
			continue
		}
		if r.excludes {
			return nil
		}
		decided, owners = true, r.owners
		if len(owners) == 0 {
			owners = s.defaults
		}
	}
	return owners
}
