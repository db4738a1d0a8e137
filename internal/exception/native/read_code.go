package native

import (
	"bytes"
	"strings"
)

// endComment takes the sign that ends a comment, and blanks, off the end of a text.
func endComment(s string) string {
	s = strings.TrimRight(s, " \t\r")
	for _, sign := range []string{"*/", "-->", "#}", "%>"} {
		s = strings.TrimRight(strings.TrimSuffix(s, sign), " \t")
	}
	return s
}

// commaList splits a list of rules. Blanks around a rule do not count; of a rule with words behind it, the first counts
// and the rest, of the last one, is a reason.
func (f *Found) commaList(text string) {
	items := strings.Split(endComment(text), ",")
	for i, item := range items {
		rule, words, _ := strings.Cut(strings.TrimSpace(item), " ")
		f.add(strings.Trim(rule, `"`))
		if i == len(items)-1 {
			f.Reason = reasonOf(words)
		}
	}
}

// reasonOf is a text without the signs that set a reason apart.
func reasonOf(s string) string { return strings.Trim(endComment(s), " \t-:#\"") }

// readSemgrep reads nosem and nosemgrep.
func readSemgrep(p *place, f *Found) bool {
	rest := p.after
	if len(rest) >= 4 && strings.EqualFold(rest[:4], "grep") {
		rest = rest[4:]
	}
	if rest != "" && ruleForm.get().MatchString(rest[:1]) || strings.HasSuffix(p.before, "_") || strings.HasPrefix(rest, "_") {
		return false // a part of a longer word
	}
	onOwnLine := p.whole && strings.IndexFunc(p.before, isWordRune) < 0
	switch {
	case onOwnLine:
		f.Reach = []Reach{between(p.line, p.line+1)}
	case strings.HasSuffix(p.before, " "):
		f.Reach = []Reach{p.own()}
	case strings.IndexFunc(p.before[max(0, len(p.before)-1):], isWordRune) >= 0:
		return false
	default:
		f.none("Semgrep reads the word after a blank")
		return true
	}
	if rest != "" && (rest[0] == ':' || rest[0] == '=') {
		f.commaList(rest[1:]) // without a rule it holds all of them
		return true
	}
	f.Reason = reasonOf(rest)
	return true
}

func isWordRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

var (
	gosecRule  = lazy(`G\d{3}`)
	banditRule = lazy(`^(?:B\d+|[a-z][a-z\d]*_[a-z\d_]+)$`)
	reasonSign = lazy(`-{2,}`)
)

// readNosec tells gosec's word from Bandit's by the language.
func readNosec(p *place, f *Found) bool {
	if p.after != "" && (isWordRune(rune(p.after[0])) || p.after[0] == '_' || p.after[0] == '-' && p.t.kind == python) {
		return false
	}
	before := strings.TrimRight(p.before, " \t")
	switch p.t.kind {
	case golang:
		return readGosec(p, f, before)
	case python:
		if !strings.HasSuffix(before, "#") {
			return false
		}
		return readBandit(p, f)
	}
	return false
}

func readGosec(p *place, f *Found, before string) bool {
	comment, tagged := strings.CutSuffix(p.before, "#")
	if !tagged {
		if !strings.HasSuffix(before, "//") {
			return false
		}
		f.none("gosec reads #nosec, and not the word without the sign")
		return true
	}
	inner := place{before: comment, whole: p.whole}
	if trimmed := strings.TrimRight(comment, " \t"); strings.Contains(trimmed, "//nolint") {
		f.none("it follows another directive in one comment, where gosec does not read it")
		return true
	} else if !strings.HasSuffix(trimmed, "//") && !strings.HasSuffix(trimmed, "/*") && !inner.alone() {
		return false // text about the word, or a string
	}
	return gosecRules(p, f, p.after)
}

func readGosecDisable(p *place, f *Found) bool {
	if p.t.kind != golang || !strings.HasSuffix(p.before, "//") || p.after != "" && p.after[0] != ' ' {
		return false
	}
	return gosecRules(p, f, p.after)
}

func gosecRules(p *place, f *Found, directive string) bool {
	directive = endComment(directive)
	if at := reasonSign.get().FindStringIndex(directive); at != nil {
		f.Reason = strings.TrimSpace(directive[at[1]:])
		directive = directive[:at[0]]
	}
	for _, rule := range gosecRule.get().FindAllString(directive, maxRules+1) {
		f.add(rule)
	}
	if f.Reason == "" && len(f.Rules) == 0 {
		f.Reason = reasonOf(directive)
	}
	gosecReach(p, f)
	return true
}

// gosecReach gives a comment the syntax node that go/ast would: on a line of its own the statement below, with its block;
// behind code the statement that ends there.
func gosecReach(p *place, f *Found) {
	if !p.commentOnly() {
		first := p.t.statementStart(p.line)
		if p.t.braceEnd(first) != p.line { // what is found upwards has to hold downwards, where strings are known
			first = p.line
		}
		f.Reach = []Reach{between(first, p.line)}
		return
	}
	for i := p.line + 1; i < p.t.lines(); i++ {
		row := bytes.TrimSpace(p.t.row(i))
		switch {
		case len(row) == 0:
			f.none("a blank line parts it from the code below")
			return
		case bytes.HasPrefix(row, []byte("//")), bytes.HasPrefix(row, []byte("*")):
			continue
		}
		f.Reach = []Reach{between(i, p.t.braceEnd(i))}
		return
	}
	f.none("no code follows it")
}

// commentOnly reports whether the line holds nothing but a comment.
func (p *place) commentOnly() bool {
	if !p.alone() {
		return false
	}
	end := strings.Index(p.after, "*/")
	return end < 0 || strings.TrimSpace(p.after[end+2:]) == ""
}

func readBandit(p *place, f *Found) bool {
	f.Tool, f.Reach = Bandit, []Reach{p.own()}
	rest, _, _ := strings.Cut(strings.TrimPrefix(p.after, ":"), "#")
	words := strings.FieldsFunc(rest, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
	for i, word := range words {
		if !banditRule.get().MatchString(word) {
			f.Reason = reasonOf(strings.Join(words[i:], " "))
			break
		}
		f.add(word)
	}
	return true
}

// readNosonar reads NOSONAR, with rules in parentheses or without.
func readNosonar(p *place, f *Found) bool {
	if !p.commented() || p.after != "" && (isWordRune(rune(p.after[0])) || p.after[0] == '_') || strings.HasSuffix(p.before, "_") {
		return false
	}
	f.Reach = []Reach{p.own()}
	rest := p.after
	if strings.HasPrefix(rest, "(") {
		list, after, closed := strings.Cut(rest[1:], ")")
		if !closed {
			f.fail("NOSONAR: the parenthesis is not closed")
			return true
		}
		for rule := range strings.SplitSeq(list, ",") {
			f.add(strings.TrimSpace(rule))
		}
		if len(f.Rules) == 0 {
			f.fail("NOSONAR: the parentheses name no rule")
			return true
		}
		rest = after
	}
	f.Reason = reasonOf(rest)
	return true
}

// bracketed reads a list in brackets that follows a word, blanks between them.
func (f *Found) bracketed(rest string) bool {
	rest = trimSpace(rest)
	if !strings.HasPrefix(rest, "[") {
		return false
	}
	list, after, closed := strings.Cut(rest[1:], "]")
	if !closed {
		f.fail(f.Word + ": the bracket is not closed")
		return true
	}
	for rule := range strings.SplitSeq(list, ",") {
		f.add(strings.TrimSpace(rule))
	}
	if len(f.Rules) == 0 {
		f.fail(f.Word + ": the brackets name no rule")
		return true
	}
	f.Reason = reasonOf(after)
	return true
}

func readLGTM(p *place, f *Found) bool {
	if !p.commented() || !startsWord(p.before) || !f.bracketed(p.after) {
		return false
	}
	f.Reach = []Reach{p.own()}
	return true
}

func readCodeQL(p *place, f *Found) bool {
	if !p.commented() || !startsWord(p.before) || !f.bracketed(p.after) {
		return false
	}
	if f.Problem == "" && !p.alone() {
		f.none("CodeQL reads codeql[…] on a line of its own, before the line it speaks about")
	}
	f.Reach = []Reach{p.next()}
	return true
}

// startsWord reports whether a word may begin where a text ends.
func startsWord(before string) bool {
	return before == "" || !isWordRune(rune(before[len(before)-1])) && before[len(before)-1] != '_' && before[len(before)-1] != '-'
}
