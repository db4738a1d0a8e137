package ignorefile

import (
	"path"
	"strconv"
	"strings"

	"github.com/assaysec/assay/internal/exception/native"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/git/ignore"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// eachLine hands over the lines that are neither blank nor comments, with the comment directly above as a reason.
func (f *File) eachLine(take func(e Entry, text string)) {
	reason := ""
	for i, line := range f.lines {
		text := strings.TrimSpace(line)
		switch {
		case text == "":
			reason = ""
		case text[0] == '#':
			reason = strings.TrimSpace(reason + " " + strings.Trim(text, "# \t"))
			reason = strings.ToValidUTF8(reason[:min(len(reason), maxText)], "\uFFFD")
		default:
			take(Entry{Line: i + 1, Column: 1 + strings.Index(line, text), Reason: reason}, text)
			reason = ""
		}
	}
}

var commitForm = lazyregexp.New(`^[0-9a-f]{7,64}$`)

// readGitleaks reads fingerprints of the form file:rule:line, or commit:file:rule:line (github.com/gitleaks/gitleaks,
// README, ".gitleaksignore"). One without a commit speaks about every commit.
func readGitleaks(f *File, _ []byte, _ Options) {
	f.Tool, f.keys = native.Gitleaks, gitleaksKeys
	f.eachLine(func(e Entry, text string) {
		rule, key, ok := parseGitleaks(text)
		if !ok {
			f.reject(e, "want file:rule:line or commit:file:rule:line", "copy the fingerprint that gitleaks prints")
			return
		}
		before, line, _ := cutLast(text)
		e.Rules, e.Where = []string{rule}, strings.TrimSuffix(before, ":"+rule)+":"+line
		f.add(e, key)
	})
}

// parseGitleaks reads from the right, because a path may hold colons.
func parseGitleaks(text string) (rule, key string, ok bool) {
	rest, line, found := cutLast(text)
	n, err := strconv.Atoi(line)
	if !found || err != nil || n < 0 {
		return "", "", false
	}
	rest, rule, found = cutLast(rest)
	if !found || rule == "" || rest == "" {
		return "", "", false
	}
	commit, file, found := strings.Cut(rest, ":")
	if !found || !commitForm().MatchString(commit) {
		commit, file = "", rest
	}
	return rule, gitleaksKey(rule, file, n, commit), true
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// gitleaksKey gives a fingerprint the one form in which both sides are compared: slashes, nothing before the first folder,
// and "!" before a member of an archive, where we write "!/".
func gitleaksKey(rule, file string, line int, commit string) string {
	file = strings.TrimPrefix(strings.ReplaceAll(file, `\`, "/"), "./")
	return rule + "\x00" + strings.ReplaceAll(file, "!/", "!") + "\x00" + strconv.Itoa(line) + "\x00" + commit
}

func gitleaksKeys(x *finding.Finding) []string {
	var keys []string
	for _, rule := range native.Names(x, native.Gitleaks) {
		keys = append(keys, gitleaksKey(rule, x.Place.Path, x.Place.Start.Line, ""))
		if x.Place.Commit != nil {
			keys = append(keys, gitleaksKey(rule, x.Place.Path, x.Place.Start.Line, x.Place.Commit.ID))
		}
	}
	return keys
}

// readTrivy reads identifiers, one a line, each with exp:DATE behind it or without (trivy.dev, "Filtering",
// ".trivyignore"). They hold for everything that Trivy finds, and until the day of the date begins.
func readTrivy(f *File, _ []byte, _ Options) {
	f.Tool, f.keys = native.Trivy, keysOf(native.Trivy)
	f.eachLine(func(e Entry, text string) {
		fields := strings.Fields(text)
		e.Rules = fields[:1]
		for _, field := range fields[1:] {
			date, ok := strings.CutPrefix(field, "exp:")
			if !ok {
				continue // Trivy passes over it
			}
			e.Until = date
			if e.End, ok = day(date); !ok || len(date) != len("2027-01-31") {
				f.reject(e, strconv.Quote(date)+" is not a date", "write it as exp:2027-01-31")
				return
			}
		}
		f.add(e, keyOf(native.Trivy, fields[0]))
	})
}

// keysOf looks findings up by their names that are a tool's.
func keysOf(tool string) func(*finding.Finding) []string {
	return func(x *finding.Finding) []string {
		found := native.Names(x, tool)
		keys := make([]string, len(found))
		for i, name := range found {
			keys[i] = keyOf(tool, name)
		}
		return keys
	}
}

// keyOf brings a rule and the name it means to one form.
func keyOf(tool, rule string) string { return strings.ToLower(native.Canonical(tool, rule)) }

// readSemgrep reads patterns of paths that Semgrep does not look at, in the language of .gitignore, and lines that include
// another file (semgrep.dev/docs, "Ignore files, folders, and code"). Patterns count from the folder of the file. What an
// included file ignores is held by the line that includes it; patterns of the file itself weigh more.
func readSemgrep(f *File, _ []byte, o Options) {
	f.Tool = native.Semgrep
	s := semgrepFile{entries: map[ignore.Source]int{}, dir: path.Dir(f.Path)}
	if s.dir == "." {
		s.dir = ""
	}
	own := make([]string, len(f.lines))
	for i, line := range f.lines {
		text := strings.TrimSpace(line)
		if text == "" || text[0] == '#' {
			continue
		}
		if len(f.Entries) == maxEntries {
			f.fault(i+1, 1, "more than "+strconv.Itoa(maxEntries)+" patterns", "split the file")
			break
		}
		e := Entry{Line: i + 1, Column: 1, Where: text, Text: f.row(i + 1)}
		switch {
		case text[0] == ':':
			s.include(f, e, o)
			continue
		case text[0] == '!':
			e.Problem = "it brings paths back, and holds nothing"
		}
		own[i] = strings.TrimRight(line, "\r")
		s.entries[ignore.Source{File: f.Path, Line: i + 1}] = len(f.Entries)
		f.Entries = append(f.Entries, e)
	}
	s.matcher = (*ignore.Matcher)(nil).Child(s.dir, append(s.included, ignore.File{Name: f.Path, Content: []byte(strings.Join(own, "\n"))})...)
	f.decide = s.decide
}

type semgrepFile struct {
	dir      string
	included []ignore.File
	entries  map[ignore.Source]int // by file, and line of the file itself
	matcher  *ignore.Matcher
}

// include takes in the file that a line names. It may not include others, as in Semgrep.
func (s *semgrepFile) include(f *File, e Entry, o Options) {
	name, ok := strings.CutPrefix(e.Where, ":include ")
	if !ok {
		f.reject(e, "unknown instruction "+strconv.Quote(e.Where), "want :include FILE, or \\: for a path that begins with a colon")
		return
	}
	name = path.Join(s.dir, strings.TrimSpace(name))
	if o.Read == nil || name == ".." || strings.HasPrefix(name, "../") || path.IsAbs(name) {
		f.reject(e, strconv.Quote(name)+" is not read", "write its patterns into this file")
		return
	}
	content, err := o.Read(name)
	if err != nil || len(content) > maxSize {
		f.reject(e, strconv.Quote(name)+" cannot be read", "take the line out, or add the file")
		return
	}
	s.entries[ignore.Source{File: "include " + name}] = len(f.Entries)
	s.included = append(s.included, ignore.File{Name: "include " + name, Content: content})
	f.Entries = append(f.Entries, e)
}

// decide gives the entry whose pattern ignores a finding's path or a folder above it, -1 where none does.
func (s *semgrepFile) decide(x *finding.Finding) int {
	name := x.Place.Path
	if len(native.Names(x, native.Semgrep)) == 0 {
		return -1
	}
	for i := 1; i <= len(name); i++ {
		if i < len(name) && name[i] != '/' {
			continue
		}
		if ignored, by := s.matcher.Match(name[:i], i < len(name)); ignored {
			return s.entryOf(by)
		}
	}
	return -1
}

func (s *semgrepFile) entryOf(by ignore.Source) int {
	for _, source := range []ignore.Source{{File: by.File, Line: by.Line}, {File: by.File}} {
		if i, ok := s.entries[source]; ok {
			return i
		}
	}
	return -1
}
