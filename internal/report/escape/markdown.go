package escape

import (
	"strings"

	"github.com/assaysec/assay/internal/lazyregexp"
)

// Code makes s a Markdown code span, in which no forge looks for links, mentions, references or HTML. Its fence is
// longer than any run of backticks in s.
func Code(s string) string {
	s = Workflow(Line(s))
	if s == "" {
		return ""
	}
	fence := strings.Repeat("`", longestRun(s)+1)
	// A space inside keeps a backtick at the edge apart from the fence; one is stripped again on both sides.
	if s[0] == '`' || s[len(s)-1] == '`' || s[0] == ' ' && s[len(s)-1] == ' ' && strings.Trim(s, " ") != "" {
		s = " " + s + " "
	}
	return fence + s + fence
}

// Fence makes lines a Markdown code block that no line of it can end.
func Fence(lines []string) string {
	var b strings.Builder
	ticks := 2
	for _, line := range lines {
		line = Terminal(line)
		ticks = max(ticks, longestRun(line))
		b.WriteString(line)
		b.WriteByte('\n')
	}
	fence := strings.Repeat("`", ticks+1)
	return fence + "text\n" + b.String() + fence + "\n"
}

func longestRun(s string) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// plain is a word that no Markdown dialect gives a meaning: letters, digits and quiet punctuation, a colon or an
// exclamation mark at most at its end.
var plain = lazyregexp.New(`^["'(]*[\pL\pN]([\pL\pN.,;'"()/%-]*[\pL\pN.,;'"()%])?[:!?]?$|^(-|–|—|·|=|…)$`)

// linked is a plain word that a forge may still turn into a link: a host name, a commit, a numbered reference.
var linked = lazyregexp.New(`(?i)(^|[^\pL\pN])www\.|(^|[^\pL\pN])[0-9a-f]{7,64}($|[^\pL\pN])|[a-z]-[0-9]+`)

// ordinal is a word that would start a list at the start of a line.
var ordinal = lazyregexp.New(`^[0-9]+[.)]$|^[-=]$`)

var quoted = lazyregexp.New("^([\"'(]*)`([^`]+)`([\"').,;:!?]*)$")

// Markdown makes s running text in Markdown. Words that could mean anything to a renderer (links, mentions, references,
// emphasis, HTML, mathematics) become code spans; the rest stays as it is.
func Markdown(s string) string {
	words := strings.Fields(Line(s))
	var out []string
	for i := 0; i < len(words); i++ {
		w := words[i]
		if n := expression(words[i:]); n > 1 {
			w = strings.Join(words[i:i+n], " ")
			i += n - 1
		}
		out = append(out, markdownWord(w, len(out) == 0))
	}
	return strings.Join(out, " ")
}

func markdownWord(w string, first bool) string {
	if simple(w) {
		return w
	}
	if m := quoted().FindStringSubmatch(w); m != nil {
		return m[1] + Code(m[2]) + m[3]
	}
	if plain().MatchString(w) && !linked().MatchString(w) && !(first && ordinal().MatchString(w)) {
		return w
	}
	// Punctuation that ends a sentence or a clause stays outside.
	if core := strings.TrimRight(w, ",.:"); core != "" {
		return Code(core) + w[len(core):]
	}
	return Code(w)
}

// simple reports quickly what the expressions above would find out about most words: letters, and among them one that is
// no hexadecimal digit, so that they name no commit.
func simple(w string) bool {
	w = strings.TrimRight(w, ",.:;")
	text := false
	for i := range len(w) {
		c := w[i] | 0x20
		if c < 'a' || c > 'z' {
			return false
		}
		text = text || c > 'f'
	}
	return text
}

// expression is the number of words that a template expression such as ${{ a.b }} takes, so that it stays one span.
func expression(words []string) int {
	const limit = 24
	if !strings.Contains(words[0], "{{") {
		return 1
	}
	for i, w := range words[:min(len(words), limit)] {
		if strings.Contains(w, "}}") {
			return i + 1
		}
	}
	return 1
}
