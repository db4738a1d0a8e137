package register

import (
	"bytes"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/lazyregexp"
	"github.com/assaysec/assay/internal/strictyaml"
)

// limits on a file. A large one has a few hundred exceptions.
var limits = strictyaml.Limits{Size: 1 << 20, Nodes: 100_000, Depth: 12, Text: 4096}

// A reader reads one file. Anchors and aliases are refused: an entry must say by itself what it permits, and an approval
// holds for what stands there.
type reader struct{ *strictyaml.Reader }

func newReader(file string) *reader {
	return &reader{strictyaml.New(file, limits, "an exception is not made of anchors and aliases")}
}

// oddLineEnd matches what is a line end to YAML alone: an entry could hold lines that nobody sees as such.
var oddLineEnd = lazyregexp.New("\r(?:[^\n]|$)|[\u0085\u2028\u2029]")

// document gives the one document of the file, or nil where it is empty.
func (r *reader) document(content []byte) *yaml.Node {
	if at := oddLineEnd().FindIndex(content); at != nil && len(content) <= limits.Size && utf8.Valid(content) {
		n := &yaml.Node{Line: 1 + bytes.Count(content[:at[0]], []byte("\n"))}
		r.Fail(n, "end lines as every editor does", "the line has a line end within that YAML sees and editors do not")
		return nil
	}
	return r.Document(content)
}

// word reads a text of one line, without space around it. A sign that cannot be seen would make two of what looks like
// one, such as an owner and an approver.
func (r *reader) word(path string, n *yaml.Node) string {
	text := strings.TrimSpace(r.Text(path, n))
	if i := strings.IndexFunc(text, func(c rune) bool { return !unicode.IsPrint(c) }); i >= 0 {
		r.Fail(n, "write it in one line", "%s has a sign that cannot be seen: %+q", path, []rune(text[i:])[0])
		return ""
	}
	return text
}

var dateForm = lazyregexp.New(`^2\d{3}-\d{2}-\d{2}$`)

// date reads a day, with or without quotes.
func (r *reader) date(path string, n *yaml.Node) time.Time {
	tag := n.ShortTag()
	if n.Kind != yaml.ScalarNode || tag != "!!timestamp" && tag != "!!str" {
		r.WrongType(n, path, "a date such as 2026-11-23")
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, n.Value)
	if !dateForm().MatchString(n.Value) || err != nil {
		hint := "write a day as 2026-11-23, without a time"
		if err != nil && dateForm().MatchString(n.Value) {
			hint = "there is no such day"
		}
		r.Fail(n, hint, "%s: %q is not a date", path, n.Value)
		return time.Time{}
	}
	return day
}
