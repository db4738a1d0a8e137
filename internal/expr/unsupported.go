package expr

import (
	"fmt"
	"regexp/syntax"
	"strings"
)

// A construct is something other dialects have and RE2 has not, with a way out for the author of the rule.
type construct struct {
	prefix string
	name   string
	advice string
}

var inGroup = []construct{
	{"(?=", "lookahead", "match what follows and take the part you need from a group"},
	{"(?!", "negative lookahead", "match more and exclude the unwanted with an allowlist"},
	{"(?<=", "lookbehind", "match what stands before and take the part you need from a group"},
	{"(?<!", "negative lookbehind", `use \b, or (?:^|[^x]) with the part you need in a group`},
	{"(?>", "atomic group", "use (?:…); RE2 never backtracks exponentially"},
	{"(?|", "branch reset", "number the groups of each alternative separately"},
	{"(?#", "comment", "leave it out"},
	{"(?P=", "backreference", "match each repetition by its own pattern"},
	{"(?P>", "subroutine call", "write the pattern out"},
	{"(?&", "subroutine call", "write the pattern out"},
	{"(?R", "recursion", "write out as many levels as you need"},
	{"(?(", "conditional", "write the cases as alternatives"},
	{"(*", "verb", "leave it out"},
}

var afterBackslash = []construct{
	{`\k`, "backreference", "match each repetition by its own pattern"},
	{`\g`, "backreference", "match each repetition by its own pattern"},
	{`\G`, `anchor \G`, "leave it out"},
	{`\K`, `\K`, "take the part you need from a group"},
	{`\Z`, `anchor \Z`, `write \n?\z`},
	{`\R`, `line break \R`, `write (?:\r\n|[\n\r])`},
	{`\X`, `grapheme \X`, "write the characters you mean"},
	{`\h`, `class \h`, `write [ \t]`},
	{`\H`, `class \H`, `write [^ \t]`},
	{`\N`, `class \N`, `write [^\n]`},
	{`\u`, `escape \u`, `write \x{…}`},
	{`\e`, `escape \e`, `write \x1b`},
	{`\c`, "control escape", `write \x and two digits`},
}

// explain says what is wrong with a pattern that the parser refused: a construct that RE2 lacks by its name and
// position, or the parser's own words.
func explain(pattern string, err error) error {
	if at, c, ok := lacking(pattern); ok {
		return fmt.Errorf("%s %s at byte %d: RE2 has no such thing; %s", c.name, quote(c.prefix), at+1, c.advice)
	}
	e, ok := err.(*syntax.Error)
	if !ok || e.Expr == "" {
		return err
	}
	at := strings.Index(pattern, e.Expr)
	if at < 0 {
		return fmt.Errorf("%s: %s", e.Code, quote(e.Expr))
	}
	return fmt.Errorf("%s: %s at byte %d", e.Code, quote(e.Expr), at+1)
}

// quote shortens what an error repeats of the pattern.
func quote(s string) string {
	if len(s) > 40 {
		s = strings.ToValidUTF8(s[:40], "") + "…"
	}
	return "`" + s + "`"
}

// lacking finds the first construct that RE2 lacks.
func lacking(pattern string) (at int, c construct, ok bool) {
	quantified := false // the character before is a quantifier, which may be followed only by '?'
	for i := 0; i < len(pattern); {
		rest := pattern[i:]
		switch {
		case strings.HasPrefix(rest, `\Q`):
			i += literalQuote(rest)
			quantified = false
			continue
		case rest[0] == '\\' && len(rest) > 1:
			if c, ok := escape(rest); ok {
				return i, c, true
			}
			i += 2
			quantified = false
			continue
		case rest[0] == '[':
			i += class(rest)
			quantified = false
			continue
		case rest[0] == '(':
			if c, ok := find(inGroup, rest); ok {
				return i, c, true
			}
		case rest[0] == '+' && quantified:
			return i, construct{"+", "possessive quantifier", "leave the + out; RE2 never backtracks exponentially"}, true
		}
		n := quantifier(rest)
		quantified = n > 0 && !quantified
		i += max(n, 1)
	}
	return 0, construct{}, false
}

func find(list []construct, rest string) (construct, bool) {
	for _, c := range list {
		if strings.HasPrefix(rest, c.prefix) {
			return c, true
		}
	}
	return construct{}, false
}

func escape(rest string) (construct, bool) {
	if '1' <= rest[1] && rest[1] <= '9' {
		return construct{rest[:2], "backreference", "match each repetition by its own pattern"}, true
	}
	return find(afterBackslash, rest)
}

// literalQuote returns the length of \Q…\E.
func literalQuote(rest string) int {
	if end := strings.Index(rest, `\E`); end >= 0 {
		return end + 2
	}
	return len(rest)
}

// class returns the length of a bracket expression.
func class(rest string) int {
	i := 1
	if strings.HasPrefix(rest[i:], "^") {
		i++
	}
	if strings.HasPrefix(rest[i:], "]") {
		i++
	}
	for i < len(rest) {
		switch {
		case rest[i] == '\\':
			i += 2
			continue
		case strings.HasPrefix(rest[i:], "[:"):
			if end := strings.Index(rest[i:], ":]"); end >= 0 {
				i += end + 2
				continue
			}
		case rest[i] == ']':
			return i + 1
		}
		i++
	}
	return len(rest)
}

// quantifier returns the length of a quantifier at the beginning of rest, 0 if there is none.
func quantifier(rest string) int {
	switch rest[0] {
	case '*', '+', '?':
		return 1
	case '{':
		end := strings.IndexByte(rest, '}')
		if end > 1 && strings.Trim(rest[1:end], "0123456789,") == "" && rest[1] != ',' {
			return end + 1
		}
	}
	return 0
}
