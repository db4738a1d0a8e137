package ignorefile

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/exception/native"
	"github.com/assaysec/assay/internal/finding"
)

// A File is an ignore file as it was read.
type File struct {
	Path    string
	Tool    string // as package native names it
	Entries []Entry

	keys  func(*finding.Finding) []string // what entries are looked up by
	index map[string][]int
	any   []int // entries that are asked about every finding

	decide func(*finding.Finding) int // gives the entry, in place of the index

	lines []string
	errs  []error
}

// An Entry is one thing that a file says.
type Entry struct {
	Line, Column int
	Rules        []string
	Where        string // the paths and packages it is limited to, for people
	Reason       string
	Until        string    // as written
	End          time.Time // the first moment at which it holds no more; zero: it has no end
	Text         string    // its line

	// Problem says why it holds nothing. Unreadable says that it could not be understood.
	Problem    string
	Unreadable bool

	holds func(*finding.Finding) bool // nil: every finding that it is looked up by
}

// An Error is a fault in an ignore file.
type Error struct {
	File         string
	Line, Column int
	Problem      string
	Hint         string // what to write instead
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Problem)
}

// Options are what a file depends on beside its bytes.
type Options struct {
	// Read gives a file that the ignore file includes, by its path from the root. Without it none is included.
	Read func(path string) ([]byte, error)

	// Products are the package URLs, or other names, of what is being looked at, as statements of VEX name it. Statements
	// about other products hold nothing.
	Products []string
}

// Limits.
const (
	maxSize    = 16 << 20
	maxEntries = 50_000
	maxAny     = 500 // entries that every finding has to be compared with
	maxErrors  = 20  // told one by one
	maxText    = 512
)

// readers are the formats by the names of their files.
var readers = map[string]func(*File, []byte, Options){
	".gitleaksignore":    readGitleaks,
	".trivyignore":       readTrivy,
	".trivyignore.yaml":  readTrivyYAML,
	".trivyignore.yml":   readTrivyYAML,
	".semgrepignore":     readSemgrep,
	".snyk":              readSnyk,
	".grype.yaml":        readGrype,
	".grype.yml":         readGrype,
	".grype/config.yaml": readGrype,
}

func readerOf(name string) func(*File, []byte, Options) {
	base := path.Base(name)
	if r := readers[path.Join(path.Base(path.Dir(name)), base)]; r != nil {
		return r
	}
	if r := readers[base]; r != nil {
		return r
	}
	if lower := strings.ToLower(base); lower == "vex.json" || strings.HasSuffix(lower, ".vex.json") || strings.HasSuffix(lower, ".openvex.json") {
		return readVEX
	}
	return nil
}

// Reads reports whether a path is that of a file that Parse reads.
func Reads(name string) bool { return readerOf(name) != nil }

// Parse reads an ignore file by its name. It gives what could be read, and every fault; of very many the last says how many
// more there are.
func Parse(name string, content []byte, o Options) (*File, []error) {
	read := readerOf(name)
	if read == nil {
		return nil, []error{&Error{name, 1, 1, "not the name of an ignore file", "want *.vex.json, " + strings.Join(Names(), ", ")}}
	}
	return parse(name, content, o, read)
}

// Names are the names of ignore files, sorted. Tools look for them at the root of a target.
func Names() []string { return slices.Sorted(maps.Keys(readers)) }

func parse(name string, content []byte, o Options, read func(*File, []byte, Options)) (*File, []error) {
	f := &File{Path: name, index: map[string][]int{}}
	if len(content) > maxSize {
		f.fault(1, 1, fmt.Sprintf("larger than %d bytes", maxSize), "split it, or take out what is not needed")
		return f, f.errs
	}
	content = bytes.TrimPrefix(content, []byte("\uFEFF")) // some editors write it
	f.lines = strings.Split(string(content), "\n")
	read(f, content, o)
	if left := len(f.errs) - maxErrors; left > 0 {
		f.errs = append(f.errs[:maxErrors:maxErrors], fmt.Errorf("%s: %d more faults like these", name, left))
	}
	f.lines = nil
	return f, f.errs
}

func (f *File) fault(line, column int, problem, hint string) {
	f.errs = append(f.errs, &Error{f.Path, line, column, problem, hint})
}

// row is a line's text, from 1.
func (f *File) row(line int) string {
	if line < 1 || line > len(f.lines) {
		return ""
	}
	row := strings.TrimSpace(f.lines[line-1])
	return strings.ToValidUTF8(row[:min(len(row), maxText)], "\uFFFD")
}

// add takes an entry into the file, to be looked up by keys; without any it is asked about every finding.
func (f *File) add(e Entry, keys ...string) {
	if len(f.Entries) >= maxEntries {
		if len(f.Entries) == maxEntries {
			e.Problem, e.Unreadable = fmt.Sprintf("the file has more than %d entries; this one and those after it hold nothing", maxEntries), true
			f.fault(e.Line, e.Column, e.Problem, "split the file")
			f.Entries = append(f.Entries, e)
		}
		return
	}
	if e.Text == "" {
		e.Text = f.row(e.Line)
	}
	if len(keys) == 0 && e.Problem == "" {
		if len(f.any) == maxAny {
			e.Problem = fmt.Sprintf("more than %d entries name no rule; this one holds nothing", maxAny)
		} else {
			f.any = append(f.any, len(f.Entries))
		}
	}
	if e.Problem == "" {
		for _, key := range keys {
			f.index[key] = append(f.index[key], len(f.Entries))
		}
	}
	f.Entries = append(f.Entries, e)
}

// reject takes in an entry that could not be read, and tells of it.
func (f *File) reject(e Entry, problem, hint string) {
	e.Problem, e.Unreadable = problem, true
	f.fault(e.Line, e.Column, problem, hint)
	f.add(e)
}

// Holder is the number of the first entry that holds a finding at a time, -1 where none does.
func (f *File) Holder(x *finding.Finding, now time.Time) int {
	if f.decide != nil {
		return f.decide(x)
	}
	best := -1
	try := func(list []int) {
		for _, i := range list {
			e := &f.Entries[i]
			if best >= 0 && i >= best {
				return
			}
			if !e.Expired(now) && (e.holds == nil || e.holds(x)) {
				best = i
				return
			}
		}
	}
	if f.keys != nil {
		for _, key := range f.keys(x) {
			try(f.index[key])
		}
	}
	try(f.any)
	return best
}

// Expired reports whether an entry has come to its end.
func (e *Entry) Expired(now time.Time) bool { return !e.End.IsZero() && !now.Before(e.End) }

// Mask puts every text of the file that could hold a secret through hide. What holds is decided from the text as it was.
func (f *File) Mask(hide func(string) string) {
	for i := range f.Entries {
		e := &f.Entries[i]
		native.MaskRules(f.Tool, e.Rules, hide)
		e.Text, e.Reason, e.Where, e.Problem, e.Until = hide(e.Text), hide(e.Reason), hide(e.Where), hide(e.Problem), hide(e.Until)
	}
}

// day reads a date, or a moment, at which a tool lets an entry end.
func day(text string) (time.Time, bool) {
	for _, layout := range []string{time.DateOnly, time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.RFC1123Z, time.RFC1123} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// within reports whether a finding's path is one of some patterns.
func within(patterns []glob, x *finding.Finding) bool {
	return slices.ContainsFunc(patterns, func(g glob) bool { return g.match(x.Place.Path) })
}
