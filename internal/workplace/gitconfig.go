package workplace

import (
	"path/filepath"
	"regexp"
	"strings"

	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// maxIncludes bounds how deep configuration files include one another, as git does.
const maxIncludes = 10

// A GitConfig finds one setting in the configuration files that git would read. Package git does not follow includes, because
// a repository under examination is hostile; here the question is what git itself will do, and the files are the user's own.
type GitConfig struct {
	Read   func(path string) ([]byte, error) // bounded; an error means that the file is not there for git either
	Home   string
	GitDir string // without links, absolute
	Branch string // the current one, without refs/heads/

	budget int
}

// A GitSetting is a value and the file that says it.
type GitSetting struct {
	Value, File string
	Maybe       bool // it hangs on a condition that cannot be answered here
}

// maxConfigFiles bounds how many files one search reads: includes may form a tree.
const maxConfigFiles = 200

// Last returns the last value of a setting in files, in the order git reads them; nil where none says it.
func (c *GitConfig) Last(files []string, section, key string) *GitSetting {
	c.budget = maxConfigFiles
	var found *GitSetting
	for _, f := range files {
		if s := c.file(f, section, key, maxIncludes); s != nil {
			found = s
		}
	}
	return found
}

func (c *GitConfig) file(path, section, key string, depth int) (found *GitSetting) {
	if c.budget--; depth < 0 || c.budget < 0 || path == "" {
		return nil
	}
	text, err := c.Read(path)
	if err != nil {
		return nil
	}
	for _, item := range split(string(text)) {
		one, err := git.ParseConfig([]byte(item.text))
		if err != nil {
			continue // git refuses such a file as a whole, and tells so itself
		}
		if v, ok := one.Get(section, "", key); ok {
			found = &GitSetting{Value: v, File: path}
		}
		included, holds, known := c.include(one, item.subsection, path)
		if included == "" || known && !holds {
			continue
		}
		if s := c.file(included, section, key, depth-1); s != nil {
			s.Maybe = s.Maybe || !known
			found = s
		}
	}
	return found
}

// include is the file that a setting includes, and whether its condition holds.
func (c *GitConfig) include(one *git.Config, condition, from string) (path string, holds, known bool) {
	path, ok := one.Get("include", "", "path")
	holds, known = true, true
	if !ok {
		if path, ok = one.Get("includeif", condition, "path"); !ok {
			return "", false, true
		}
		holds, known = c.holds(condition, filepath.Dir(from))
	}
	path = c.Expand(path)
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(from), path)
	}
	return path, holds, known
}

// Expand puts the home folder in for ~, as git does with paths.
func (c *GitConfig) Expand(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok && c.Home != "" {
		return filepath.Join(c.Home, rest)
	}
	return path
}

// holds answers the condition of an includeIf (git-config(1), "Conditional includes").
func (c *GitConfig) holds(condition, folder string) (holds, known bool) {
	kind, pattern, _ := strings.Cut(condition, ":")
	switch kind {
	case "gitdir", "gitdir/i":
		pattern = c.Expand(pattern)
		if rest, ok := strings.CutPrefix(pattern, "./"); ok {
			pattern = filepath.Join(folder, rest)
		} else if !strings.HasPrefix(pattern, "/") {
			pattern = "**/" + pattern
		}
		return matches(pattern, filepath.ToSlash(c.GitDir), kind == "gitdir/i"), true
	case "onbranch":
		return c.Branch != "" && matches(pattern, c.Branch, false), true
	}
	return false, false
}

// matches is git's matching of paths by **, * and ?. A pattern that ends in / stands for all below.
func matches(pattern, text string, fold bool) bool {
	if strings.HasSuffix(pattern, "/") {
		pattern += "**"
	}
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch rest := pattern[i:]; {
		case strings.HasPrefix(rest, "**/"):
			b.WriteString("(?:.*/)?")
			i += 2
		case strings.HasPrefix(rest, "**"):
			b.WriteString(".*")
			i++
		case rest[0] == '*':
			b.WriteString("[^/]*")
		case rest[0] == '?':
			b.WriteString("[^/]")
		default:
			b.WriteString(regexp.QuoteMeta(rest[:1]))
		}
	}
	flags := "(?s)^"
	if fold {
		flags = "(?si)^"
	}
	re, err := regexp.Compile(flags + b.String() + "$")
	return err == nil && re.MatchString(text)
}

// An item is one setting with the header that it stands under: a small configuration file of its own.
type item struct{ text, subsection string }

var header = lazyregexp.New(`^[ \t]*\[[ \t]*([A-Za-z0-9.-]+)(?:[ \t]+"((?:[^"\\]|\\.)*)")?[ \t]*\]`)

// split takes a configuration file apart, so that settings can be read in the order in which they stand.
func split(text string) []item {
	var items []item
	var head, subsection string
	lines := strings.Split(strings.TrimPrefix(text, "\uFEFF"), "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSuffix(lines[i], "\r")
		if m := header().FindStringSubmatchIndex(line); m != nil {
			head, subsection = line[m[0]:m[1]], ""
			if m[4] >= 0 {
				subsection = escaped().ReplaceAllString(line[m[4]:m[5]], "$1")
			}
			line = line[m[1]:]
		}
		line = strings.TrimLeft(line, " \t")
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		for continued(line) && i+1 < len(lines) {
			i++
			line += "\n" + strings.TrimSuffix(lines[i], "\r")
		}
		items = append(items, item{head + "\n" + line + "\n", subsection})
	}
	return items
}

var escaped = lazyregexp.New(`\\(.)`)

// continued reports whether a line ends in a backslash that is not itself escaped.
func continued(line string) bool {
	return (len(line)-len(strings.TrimRight(line, `\`)))%2 == 1
}
