package report

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/assaysec/assay/internal/report/escape"
)

// A Passage is a part of an advice: a sentence on one line, or lines to paste.
type Passage struct {
	Lines []string
	Code  bool
}

// Advice sorts the lines of an advice. The first is a sentence, and so is every other that begins with a capital letter; what
// stands between is to be pasted as it is. All of it may be target text.
func Advice(text string) []Passage {
	var out []Passage
	for i, line := range strings.Split(strings.Trim(text, "\n"), "\n") {
		first, _ := utf8.DecodeRuneInString(line)
		code := i > 0 && !unicode.IsUpper(first)
		if k := len(out) - 1; code && k >= 0 && out[k].Code {
			out[k].Lines = append(out[k].Lines, line)
			continue
		}
		out = append(out, Passage{[]string{line}, code})
	}
	return out
}

// AdviceMarkdown is an advice as Markdown that holds no more than it shows.
func AdviceMarkdown(text string) string {
	var parts []string
	for _, p := range Advice(text) {
		if p.Code {
			parts = append(parts, strings.TrimSuffix(escape.Fence(p.Lines), "\n"))
			continue
		}
		parts = append(parts, escape.Markdown(p.Lines[0]))
	}
	return strings.Join(parts, "\n\n")
}
