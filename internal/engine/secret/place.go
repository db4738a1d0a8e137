package secret

import (
	"bytes"
	"encoding/hex"
	"strings"

	"github.com/assaysec/assay/internal/expr"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// A place is where a rule found a value. No filter sees more of the text than the lines of the match, since history takes
// a decision over as long as those stay the same.
type place struct {
	before     []byte // what stands shortly before the value, see page.before
	line       []byte // the lines of the match
	start, end int    // the match in them
	from, to   int    // the value in them
}

func (p *page) place(r *rule, m *match) place {
	line := p.text[m.lineFrom:m.lineTo]
	in := func(at int) int { return min(max(at-m.lineFrom, 0), len(line)) }
	return place{before: p.before(r, m), line: line, start: in(m.start), end: in(m.end), from: in(m.from), to: in(m.to)}
}

// maxName bounds how far a name is followed to either side.
const maxName = 64

// name is the name that a generic rule's match begins in, whole: the rule looks for a word in it.
func (at place) name() string {
	from := at.start
	for from < at.from && !isNameByte(at.line[from]) {
		from++
	}
	to := from
	for to < at.from && to-from < maxName && isNameByte(at.line[to]) {
		to++
	}
	if from == at.start {
		for low := max(0, from-maxName); from > low && isNameByte(at.line[from-1]); {
			from--
		}
	}
	return string(at.line[from:to])
}

func isNameByte(c byte) bool { return isAlnum(c) || c == '_' || c == '-' || c == '.' }

// quoted reports whether the value stands in quotes.
func (at place) quoted() bool {
	return at.from > 0 && strings.IndexByte("\"'`>;", at.line[at.from-1]) >= 0 // &quot; and elements as well
}

// belies reports whether what stands around a value says that it is none.
func (f *filters) belies(m *expr.Machine, r *rule, secret string, at place) bool {
	if r.filters&repeated != 0 && at.repeats(secret) {
		return true
	}
	if r.filters&named == 0 {
		return false
	}
	name := at.name()
	return f.names.match(m, []byte(name)) || isKeyID(name, secret) || !at.quoted() && (isTypeName(secret) || selects(name, secret)) ||
		at.isIdentity(secret)
}

// plainName is a name without what joins its parts, in one case.
func plainName(name string) string {
	return strings.Map(func(c rune) rune {
		if c > 0x7f || !isAlnum(byte(c)) {
			return -1
		}
		return c
	}, strings.ToLower(name))
}

// keyIDLength is that of the access-key IDs of AWS and the many that follow it.
const keyIDLength = 20

// isKeyID reports whether a value is the public half of an access key: its name says so, and it is as long as one.
func isKeyID(name, secret string) bool {
	name = plainName(name)
	if len(secret) != keyIDLength || strings.Contains(name, "secret") {
		return false
	}
	upper := strings.Trim(secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
	return upper && strings.Contains(name, "cred") || strings.HasSuffix(name, "accesskey") && strings.Trim(secret, base62Digits) == ""
}

// isTypeName reports whether a value is the name of a type: two to five words in letters, each with a capital.
func isTypeName(s string) bool {
	words := 0
	for i := range len(s) {
		switch {
		case isUpper(s[i]):
			if i+2 >= len(s) || !isLower(s[i+1]) || !isLower(s[i+2]) {
				return false
			}
			words++
		case !isLower(s[i]) || i == 0:
			return false
		}
	}
	return words >= 2 && words <= 5
}

// selects reports whether a value is a field of something: one by the same name, as in a.Token = b.Token, or one in
// letters alone.
func selects(name, secret string) bool {
	cut := strings.LastIndexByte(secret, '.')
	if cut <= 0 || strings.Trim(secret, ".") != secret {
		return false
	}
	if strings.IndexFunc(secret, func(c rune) bool { return c != '.' && c != '_' && (c > 0x7f || !isLetter(byte(c))) }) < 0 {
		return true
	}
	last := plainName(secret[cut+1:])
	return len(last) >= shortWord && (strings.HasSuffix(plainName(name), last) || strings.HasSuffix(last, plainName(name)))
}

// repeatReach is how far around a value a repetition of it counts.
const repeatReach = 512

// repeats reports whether a value repeats another part of its match, as where user, password and database have one name,
// or is that with a little more: app:app123.
func (at place) repeats(secret string) bool {
	if len(secret) < shortWord || len(secret) > maxName {
		return false
	}
	lower := strings.ToLower(secret)
	found := repeatsName(at.name(), secret)
	at.words(func(word string) {
		rest, ok := strings.CutPrefix(lower, word)
		found = found || ok && (rest == "" || isNumber(rest) && len(rest) <= 5 || passwordWord(strings.Trim(rest, "-_.@!#0123456789")))
	})
	return found
}

// repeatsName reports whether a value is the end of its own name, as those of enumerations are: KindRefreshV2 = "refresh_v2".
func repeatsName(name, secret string) bool {
	end := plainName(secret)
	return len(end) >= shortRunsLength && strings.HasSuffix(plainName(name), end)
}

// words calls f with each word of the match and what follows it up to a blank, but for those in the value.
func (at place) words(f func(word string)) {
	tail := at.line[at.to:min(len(at.line), max(at.end, at.to)+maxName)]
	if i := bytes.IndexAny(tail, " \t\"'`<>"); i >= 0 {
		tail = tail[:i]
	}
	for _, part := range [][]byte{at.line[max(at.start, at.from-repeatReach):at.from], tail} {
		for word := range bytes.FieldsFuncSeq(part, func(c rune) bool { return c < 0x80 && !isAlnum(byte(c)) && c != '_' && c != '-' }) {
			if len(word) >= shortWord {
				f(strings.ToLower(string(word)))
			}
		}
	}
}

func passwordWord(s string) bool {
	switch s {
	case "pass", "passwd", "password", "pwd", "pw", "secret", "key", "token", "admin", "demo", "dev", "local", "test":
		return true
	}
	return false
}

// identities are words in the names of what is no secret of a user, an account, a database.
var identities = []string{"user", "login", "name", "account", "mail", "principal", "accesskey", "owner", "parent", "subject", "database", "label", "title", "realm", "host"}

// isIdentity reports whether a value stands a second time on its line, under a name that is no secret's.
func (at place) isIdentity(secret string) bool {
	if len(secret) < shortWord || len(secret) > maxName {
		return false
	}
	from, to := max(0, at.from-repeatReach), min(len(at.line), at.to+repeatReach)
	near := at.line[from:to]
	for i := 0; ; {
		next := bytes.Index(near[i:], []byte(secret))
		if next < 0 {
			return false
		}
		i += next
		if from+i != at.from && identifies(near[:i]) && (i+len(secret) == len(near) || !isAlnum(near[i+len(secret)])) {
			return true
		}
		i += len(secret)
	}
}

// identifies reports whether what stands before a value assigns it to a name that is no secret's.
func identifies(before []byte) bool {
	quotes := bytes.TrimRight(before, "\"'`\\ ")
	sign := bytes.TrimRight(quotes, ":=>")
	if len(sign) == len(quotes) {
		return false
	}
	sign = bytes.TrimRight(sign, "\"'`\\ ")
	from := len(sign)
	for from > 0 && len(sign)-from < maxName && isNameByte(sign[from-1]) {
		from--
	}
	name := plainName(string(sign[from:]))
	for _, word := range []string{"pass", "secret", "token", "cred", "pwd"} {
		if strings.Contains(name, word) {
			return false
		}
	}
	for _, word := range identities {
		if strings.HasSuffix(name, word) {
			return true
		}
	}
	return false
}

const (
	// typeReach is how far behind a match, in bytes, the type of its value is looked for. Together with the match it must
	// be less than reachLeft, so that history looks at the match again when what stands there changes.
	typeReach = 240
	typeLines = 3
)

// hashTypes finds the type that a constructor's fields give to a value, where that is one of hashes.
var hashTypes = lazyregexp.New(`(?i)\b(?:type|kind)["']?\s{0,4}[:=]\s{0,4}["']?[\w.:]{0,80}(?:thumbprint|fingerprint|digest|checksum)\b`)

// isTypedHash reports whether what follows a value, in the same or the next lines, says that it is of a type of hashes.
func isTypedHash(after []byte) bool { return hashTypes().Match(after) }

// isHexHash reports whether a value has the size of a hash in hex.
func isHexHash(s string) bool {
	raw, err := hex.DecodeString(s)
	return err == nil && isHashLength(len(raw))
}

// linesAfter is where the lines end that follow the one that ends at from, at most typeLines, before limit. It is no less
// than from.
func linesAfter(text []byte, from, limit int) int {
	limit = min(limit, len(text))
	to := from
	for range typeLines {
		if to >= limit {
			return from + max(0, limit-from)
		}
		next := bytes.IndexByte(text[to+1:max(limit, to+1)], '\n')
		if next < 0 {
			return limit
		}
		to += 1 + next
	}
	return to
}
