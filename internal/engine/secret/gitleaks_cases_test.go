package secret_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A peerCase is a configuration, a tree and what is found there, by us and by gitleaks.
type peerCase struct {
	name    string
	config  string
	files   map[string]string
	want    []string
	refused bool // the configuration is an error

	// differs says why gitleaks' answer is another one, which peer holds.
	differs     string
	peer        []string
	peerRefuses bool
}

// keyRule finds key-xxxxxx, and what stands in front of it wakes it.
const keyRule = "[[rules]]\nid='key'\nregex='''key-[a-z0-9]{6}'''\nkeywords=['key-']\n"

// nameRule finds the value behind a name, as most rules do.
const nameRule = "[[rules]]\nid='name'\nregex='''(?i)token\\s*[=:]\\s*['\"]?([a-z0-9-]{8,40})\\b'''\nkeywords=['token']\n"

func one(text string) map[string]string { return map[string]string{"a.txt": text} }

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func b64url(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func hexed(s string) string { return hex.EncodeToString([]byte(s)) }

func percent(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

func unicode(s string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, `\u%04x`, r)
	}
	return b.String()
}

// layers encodes a text so many times over.
func layers(s string, n int) string {
	for range n {
		s = b64("v1: " + s + " .")
	}
	return s
}

func a(rule string, line int, secret string) string { return sight(rule, "a.txt", line, line, secret) }

func TestGitleaksCases(t *testing.T) {
	for _, c := range peerCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{configName: c.config}
			for name, text := range c.files {
				files[name] = text
			}
			root := plant(t, files)
			got, _, err := ourSights(t, root)
			if (err != nil) != c.refused {
				t.Fatalf("refused: %v, want %v", err, c.refused)
			}
			if diff := cmp.Diff(distinct(c.want), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if peer() != "" {
				comparePeer(t, &c, root)
			}
		})
	}
	if peer() == "" {
		t.Logf("not compared with gitleaks: %s does not name its binary", peerVariable)
	}
}

func comparePeer(t *testing.T, c *peerCase, root string) {
	got, err := peerSights(t, peer(), root)
	want, refused := c.want, c.refused
	if c.differs != "" {
		want, refused = c.peer, c.peerRefuses
	}
	if (err != nil) != refused {
		t.Fatalf("gitleaks refuses: %v, want %v", err, refused)
	}
	if diff := cmp.Diff(distinct(want), got); diff != "" {
		t.Errorf("gitleaks (-want +got)\n%s", diff)
	}
}

func peerCases() []peerCase {
	var all []peerCase
	for _, list := range [][]peerCase{matchCases(), placeCases(), allowCases(), extendCases(), requiredCases(), decodeCases(), formCases()} {
		all = append(all, list...)
	}
	return all
}

// matchCases are about rules: expression, keywords, group, entropy, path.
func matchCases() []peerCase {
	return []peerCase{
		{name: "a match", config: keyRule, files: one("x\nkey-abc123\n"), want: []string{a("key", 2, "key-abc123")}},
		{name: "no keyword in the file", config: "[[rules]]\nid='r'\nregex='abc\\d+'\nkeywords=['zzz']\n", files: one("abc1\n")},
		{name: "a keyword anywhere in the file", config: "[[rules]]\nid='r'\nregex='abc\\d+'\nkeywords=['zzz']\n", files: one("abc1\n\n\nZZZ"), want: []string{a("r", 1, "abc1")}},
		{name: "keywords of any case", config: "[[rules]]\nid='r'\nregex='abc\\d+'\nkeywords=['ZzZ']\n", files: one("abc1 zZz\n"), want: []string{a("r", 1, "abc1")}},
		{name: "one of several keywords", config: "[[rules]]\nid='r'\nregex='abc\\d+'\nkeywords=['no','abc']\n", files: one("abc1\n"), want: []string{a("r", 1, "abc1")}},
		{name: "a keyword of other letters", config: "[[rules]]\nid='r'\nregex='abc\\d+'\nkeywords=['schlüssel']\n",
			files: map[string]string{"a.txt": "abc1 Schlüssel\n", "b.txt": "abc2 SCHLÜSSEL\n", "c.txt": "abc3 schlussel\n"},
			want:  []string{a("r", 1, "abc1"), sight("r", "b.txt", 1, 1, "abc2")}},
		{name: "a letter that is another's upper case", config: "[[rules]]\nid='r'\nregex='abc\\d+'\nkeywords=['kelvin']\n",
			files: one("abc1 \u212Aelvin\n"), differs: "the sign for kelvin is no K in a keyword here", peer: []string{a("r", 1, "abc1")}},
		{name: "a long keyword", config: "[[rules]]\nid='r'\nregex='abc\\d+'\nkeywords=['" + strings.Repeat("k", 300) + "']\n",
			files: map[string]string{"a.txt": "abc1 " + strings.Repeat("K", 300), "b.txt": "abc1 " + strings.Repeat("K", 200)}, want: []string{a("r", 1, "abc1")}},
		{name: "the end of a long keyword", config: "[[rules]]\nid='r'\nregex='abc\\d+'\nkeywords=['" + strings.Repeat("k", 300) + "']\n", files: one("abc1 " + strings.Repeat("K", 299)), want: []string{a("r", 1, "abc1")},
			differs: "of a keyword no more than its first 251 bytes count", peer: nil},
		{name: "first group that is not empty", config: "[[rules]]\nid='r'\nregex='a(x)?(b+)(c+)'\n", files: one("abbcc\n"), want: []string{a("r", 1, "bb")}},
		{name: "the group that is named", config: "[[rules]]\nid='r'\nregex='a(x)?(b+)(c+)'\nsecretGroup=3\n", files: one("abbcc\n"), want: []string{a("r", 1, "cc")}},
		{name: "a group that took no part", config: "[[rules]]\nid='r'\nregex='a(x)?(b+)'\nsecretGroup=1\n", files: one("abb\n"), want: []string{a("r", 1, "")}},
		{name: "a negative group", config: "[[rules]]\nid='r'\nregex='a(b+)'\nsecretGroup=-1\n", files: one("abb\n"), want: []string{a("r", 1, "bb")}},
		{name: "groups are found again in the match alone", config: "[[rules]]\nid='r'\nregex='k=(\\w+)\\n'\n", files: one("k=abc\nx"), want: []string{a("r", 1, "k=abc")}},
		{name: "a boundary that the match alone does not have", config: "[[rules]]\nid='r'\nregex='(\\w+?)\\B'\n", files: one("ab\n"), want: []string{a("r", 1, "a")}},
		{name: "entropy of the group", config: "[[rules]]\nid='r'\nregex='k=(\\w+)'\nentropy=1.5\n", files: one("k=aaaa\nk=abcd\nk=aabb\n"), want: []string{a("r", 2, "abcd")}},
		{name: "entropy that is just reached", config: "[[rules]]\nid='r'\nregex='k=(\\w+)'\nentropy=1\n", files: one("k=ab\n")},
		{name: "a path and an expression", config: "[[rules]]\nid='r'\nregex='abc'\npath='\\.txt$'\n", files: map[string]string{"a.txt": "abc\n", "a.go": "abc\n"}, want: []string{a("r", 1, "abc")}},
		{name: "a path alone", config: "[[rules]]\nid='r'\npath='(?:^|/)id_\\w+$'\n", files: map[string]string{"id_x": "1\n", "d/id_y": "1\n", "id_z.go": "1"},
			want: []string{sight("r", "id_x", 0, 0, ""), sight("r", "d/id_y", 0, 0, "")}},
		{name: "a path alone and keywords", config: "[[rules]]\nid='r'\npath='id_\\w+$'\nkeywords=['Yes']\n", files: map[string]string{"id_x": "1\n", "id_y": "say YES\n"},
			want: []string{sight("r", "id_y", 0, 0, "")}},
		{name: "a path alone of an empty file", config: "[[rules]]\nid='r'\npath='id_\\w+$'\n", files: map[string]string{"id_x": ""}},
		{name: "backslashes in a name", config: "[[rules]]\nid='r'\nregex='abc'\npath='dir/a'\n[[rules]]\nid='s'\nregex='abc'\npath='dir\\\\a'\n",
			files: map[string]string{`dir\a`: "abc\n"}, want: []string{sight("s", `dir\a`, 1, 1, "abc")}},
		{name: "overlapping matches of one rule", config: "[[rules]]\nid='r'\nregex='aba'\n", files: one("ababa aba\n"), want: []string{a("r", 1, "aba")}},
		{name: "overlapping matches of two rules", config: "[[rules]]\nid='r'\nregex='abc'\n[[rules]]\nid='s'\nregex='bcd'\n", files: one("abcd\n"), want: []string{a("r", 1, "abc"), a("s", 1, "bcd")}},
		{name: "a generic rule gives way", config: "[[rules]]\nid='my-Generic-rule'\nregex='k=(\\w+)'\n[[rules]]\nid='s'\nregex='k=x\\w+'\n", files: one("k=xyz\nk=abc\n"),
			want: []string{a("my-Generic-rule", 2, "abc"), a("s", 1, "k=xyz")}},
		{name: "a generic rule holds where its secret is longer", config: "[[rules]]\nid='generic'\nregex='k=(\\w+)'\n[[rules]]\nid='s'\nregex='xy'\n", files: one("k=xyz\n"),
			want: []string{a("generic", 1, "xyz"), a("s", 1, "xy")}},
		{name: "a generic rule's match on the next line", config: "[[rules]]\nid='generic'\nregex='\\nk=(\\w+)'\n[[rules]]\nid='s'\nregex='xyz'\n", files: one("a xyz\nk=xyz\n"),
			want: []string{a("generic", 2, "k=xyz"), a("s", 1, "xyz"), a("s", 2, "xyz")}},
		{name: "a generic rule gives way on the next line", config: "[[rules]]\nid='generic'\nregex='\\n?k=(\\w+)'\n[[rules]]\nid='s'\nregex='xyz'\n", files: one("a xyz\nk=xyz\n"),
			want: []string{a("s", 1, "xyz"), a("s", 2, "xyz")}},
		{name: "generic rules about paths", config: "[[rules]]\nid='generic'\npath='a'\n[[rules]]\nid='s'\npath='txt'\n", files: one("x"), want: []string{sight("s", "a.txt", 0, 0, "")}},
		{name: "a generic rule in a minified script", config: "[[rules]]\nid='generic'\nregex='k=(\\w+)'\n", files: map[string]string{"x.min.js": "k=abc\n"}, want: []string{sight("generic", "x.min.js", 1, 1, "abc")}},
		{name: "vendored and generated files", config: keyRule, files: map[string]string{"vendor/a.go": "key-abc123\n", "x.pb.go": "// Code generated. DO NOT EDIT.\nkey-abc124\n"},
			want: []string{sight("key", "vendor/a.go", 1, 1, "key-abc123"), sight("key", "x.pb.go", 2, 2, "key-abc124")}},
		{name: "the later of two rules of one name", config: "[[rules]]\nid='r'\nregex='abc'\n[[rules]]\nid='r'\nregex='xyz'\n", files: one("abc xyz\n"), want: []string{a("r", 1, "xyz")}},
		{name: "a rule without effect under a name that is given again", config: "[[rules]]\nid='r'\n[[rules]]\nid='r'\nregex='xyz'\n", files: one("abc xyz\n"), want: []string{a("r", 1, "xyz")}},
		{name: "an expression that matches nothing and all", config: "[[rules]]\nid='r'\nregex='x*'\n", files: one("ab\n"), want: []string{a("r", 1, ""), a("r", 2, "")}},
	}
}

// placeCases are about where a match is, and about texts of many kinds.
func placeCases() []peerCase {
	long := strings.Repeat("lorem ipsum dolor sit amet\n", 5000)
	return []peerCase{
		{name: "carriage returns", config: keyRule, files: one("x\r\nkey-abc123\r\n"), want: []string{a("key", 2, "key-abc123")}},
		{name: "carriage returns in the match", config: "[[rules]]\nid='r'\nregex='\\s+abc\\s+'\n", files: one("x\r\nabc\r\ny\r\n"), want: []string{sight("r", "a.txt", 1, 2, "\r\nabc\r")}},
		{name: "begins with a newline", config: "[[rules]]\nid='r'\nregex='\\nabc'\n", files: one("x\nabc\ny\n"), want: []string{a("r", 2, "abc")}},
		{name: "begins with newlines", config: "[[rules]]\nid='r'\nregex='\\n+abc'\n", files: one("x\n\n\nabc\ny\n"), want: []string{sight("r", "a.txt", 2, 4, "abc")}},
		{name: "ends with a newline", config: "[[rules]]\nid='r'\nregex='abc\\n'\n", files: one("x\nabc\ny\n"), want: []string{a("r", 2, "abc")}},
		{name: "newlines on both sides", config: "[[rules]]\nid='r'\nregex='\\sabc\\s'\n", files: one("x\nabc\ny\n"), want: []string{a("r", 2, "abc")}},
		{name: "no newline at the end", config: keyRule, files: one("x\nkey-abc123"), want: []string{a("key", 2, "key-abc123")}},
		{name: "one line without newline", config: keyRule, files: one("key-abc123"), want: []string{a("key", 1, "key-abc123")}},
		{name: "an empty file", config: "[[rules]]\nid='r'\nregex='.*'\n", files: one("")},
		{name: "across lines", config: "[[rules]]\nid='r'\nregex='(?s)BEGIN.*?END'\n", files: one("x\nBEGIN\nabc\nEND\ny\n"), want: []string{sight("r", "a.txt", 2, 4, "BEGIN\nabc\nEND")}},
		{name: "across lines to the end", config: "[[rules]]\nid='r'\nregex='(?s)BEGIN.*?END'\n", files: one("BEGIN\nabc\nEND"),
			want:    []string{sight("r", "a.txt", 1, 3, "BEGIN\nabc\nEND")},
			differs: "gitleaks does not find the last line of a match that ends in one without newline", peer: []string{sight("r", "a.txt", 1, 1, "BEGIN\nabc\nEND")}},
		{name: "letters of several bytes", config: keyRule, files: one("äöü €\n𝔘 key-abc123 ß\n"), want: []string{a("key", 2, "key-abc123")}},
		{name: "letters of several bytes in the match", config: "[[rules]]\nid='r'\nregex='k=(\\p{L}+)'\nentropy=0.1\n", files: one("k=äöü\n"), want: []string{a("r", 1, "äöü")}},
		{name: "bytes that are no text", config: keyRule, files: one("\xfd\xff key-abc123 \xc3\n"), want: []string{a("key", 1, "key-abc123")}},
		{name: "bytes that are no text in the match", config: "[[rules]]\nid='r'\nregex='k=(.+);'\n", files: one("k=a\xffb;\n"), want: []string{a("r", 1, "a\uFFFDb")}},
		{name: "a byte-order mark", config: "[[rules]]\nid='r'\nregex='(?m)^abc'\n", files: one("\xef\xbb\xbfabc\nabc\n"), want: []string{a("r", 2, "abc")}},
		{name: "a large file", config: keyRule, files: one(long + "key-abc123\n" + long + "key-abc124\n"), want: []string{a("key", 5001, "key-abc123"), a("key", 10002, "key-abc124")}},
		{name: "a keyword far away", config: "[[rules]]\nid='r'\nregex='abc\\d'\nkeywords=['zzz']\n", files: one("zzz\n" + long + long + "abc1\n"), want: []string{a("r", 10002, "abc1")},
			differs: "gitleaks looks at pieces of 100 kB, and the keyword is in another one", peer: nil},
		{name: "a start of text in a large file", config: "[[rules]]\nid='r'\nregex='\\Alorem'\n", files: one(strings.ReplaceAll(long, "\n", "\n\n")), want: []string{a("r", 1, "lorem")},
			differs: "gitleaks looks at pieces of 100 kB, each of which has a start", peer: []string{a("r", 1, "lorem"), a("r", 7145, "lorem"), a("r", 7437, "lorem"), a("r", 7729, "lorem")}},
		{name: "a long line", config: keyRule, files: one("x\n" + strings.Repeat("y ", 40<<10) + "key-abc123 " + strings.Repeat("y ", 40<<10)), want: []string{a("key", 2, "key-abc123")}},
		{name: "no text at all", config: keyRule, files: one("\x00\x01 key-abc123\n"), differs: "files with null bytes are left out by choice and counted", peer: []string{a("key", 1, "key-abc123")}},
		{name: "text of two bytes a letter", config: keyRule, files: one("\xff\xfek\x00e\x00y\x00-\x00a\x00b\x00c\x001\x002\x003\x00"), want: []string{a("key", 1, "key-abc123")},
			differs: "gitleaks does not read UTF-16", peer: nil},
		{name: "a mark", config: keyRule, files: one("key-abc123 # gitleaks:allow\nkey-abc124\n"), want: []string{a("key", 2, "key-abc124")}},
		{name: "a mark on another line", config: keyRule, files: one("# gitleaks:allow\nkey-abc123\n\n"), want: []string{a("key", 2, "key-abc123")}},
		{name: "a mark on the last line of a match", config: "[[rules]]\nid='r'\nregex='(?s)BEGIN.*?END'\n", files: one("BEGIN\nabc\nEND gitleaks:allow\n")},
		{name: "a mark within a match", config: "[[rules]]\nid='r'\nregex='(?s)BEGIN.*?END'\n", files: one("BEGIN\nabc gitleaks:allow\nEND\n")},
		{name: "a mark of another case", config: keyRule, files: one("key-abc123 # Gitleaks:Allow\n"), want: []string{a("key", 1, "key-abc123")}},
		{name: "a mark before a last line without newline", config: keyRule, files: one("key-abc123 gitleaks:allow\nkey-abc124"), want: []string{a("key", 2, "key-abc124")},
			differs: "gitleaks takes the whole file for the line of a match in a last line without newline", peer: nil},
		{name: "a mark beside an encoded secret", config: keyRule, files: one("x = " + b64("v1: key-abc123") + " # gitleaks:allow\n")},
	}
}

// formCases are about the form of a configuration.
func formCases() []peerCase {
	found := []string{a("key", 1, "key-abc123")}
	return []peerCase{
		{name: "title, description and versions", config: "title='x'\ndescription='y'\nminVersion='8.20.0'\n" + keyRule + "tags=['a','b']\ndescription='d'\n", files: one("key-abc123"), want: found},
		{name: "a newer version is asked for", config: "minVersion='99.0.0'\n" + keyRule, files: one("key-abc123"), want: found},
		{name: "a version that is none", config: "minVersion='new'\n" + keyRule, files: one("key-abc123"), want: found},
		{name: "keys of any case", config: "TITLE='x'\n[[RULES]]\nID='key'\nRegex='''(key)-[a-z0-9]{6}'''\nKEYWORDS=['key-']\nSecretgroup=1\n[[RULES.ALLOWLISTS]]\nSTOPWORDS=['zzz']\nRegexTARGET='line'\n", files: one("key-abc123"), want: []string{a("key", 1, "key")}},
		{name: "unknown keys", config: "color='red'\n[other]\nx=1\n" + keyRule + "owner='team'\nseverity='moderate'\n", files: one("key-abc123"), want: found},
		{name: "unknown keys under names of ours", config: keyRule + "severity='MODERATE'\nconfidence='sure'\nchecksum='crc'\nfilters=['no']\n", files: one("key-abc123"), want: found},
		{name: "names of ours of other types", config: keyRule + "severity=5\nverify=true\naliases='x'\n", files: one("key-abc123"), want: found},
		{name: "a number as text", config: "[[rules]]\nid='r'\nregex='k=(\\w+)'\nentropy='1.5'\nsecretGroup='1'\n", files: one("k=aaaa\nk=abcd\n"), want: []string{a("r", 2, "abcd")}},
		{name: "a whole number as entropy", config: "[[rules]]\nid='r'\nregex='k=(\\w+)'\nentropy=1\n", files: one("k=aaaa\nk=abcd\n"), want: []string{a("r", 2, "abcd")}},
		{name: "one text for a list", config: "[[rules]]\nid='r'\nregex='abc'\nkeywords='no,abc'\ntags='x'\n", files: one("abc\n"), want: []string{a("r", 1, "abc")}},
		{name: "no rules", config: "title='x'\n", files: one("key-abc123"), refused: true, differs: "gitleaks finds nothing with it"},
		{name: "an empty configuration", config: "", files: one("key-abc123"), refused: true, differs: "gitleaks finds nothing with it"},
		{name: "broken TOML", config: "title='x'\n[[rules]\n", files: one("x"), refused: true},
		{name: "a key that is given twice", config: "title='x'\ntitle='y'\n", files: one("x"), refused: true},
		{name: "a type that does not fit", config: "rules=5\n", files: one("x"), refused: true},
		{name: "no id", config: "[[rules]]\nregex='x'\n", files: one("x"), refused: true},
		{name: "a blank id", config: "[[rules]]\nid=' '\nregex='x'\n", files: one("x"), refused: true},
		{name: "neither expression nor path", config: "[[rules]]\nid='r'\n", files: one("x"), refused: true},
		{name: "a group too many", config: "[[rules]]\nid='r'\nregex='(x)'\nsecretGroup=2\n", files: one("x"), refused: true},
		{name: "an expression that is none", config: "[[rules]]\nid='r'\nregex='(x'\n", files: one("x"), refused: true},
		{name: "an expression that RE2 does not have", config: "[[rules]]\nid='r'\nregex='(?=x)y'\n", files: one("x"), refused: true},
		{name: "a path that is none", config: "[[rules]]\nid='r'\npath='(x'\n", files: one("x"), refused: true},
		{name: "a condition that is none", config: keyRule + "[[rules.allowlists]]\ncondition='xor'\nstopwords=['x']\n", files: one("x"), refused: true},
		{name: "a target that is none", config: keyRule + "[[rules.allowlists]]\nregexTarget='mtach'\nregexes=['x']\n", files: one("x"), refused: true},
		{name: "an empty allowlist", config: keyRule + "[[rules.allowlists]]\n", files: one("x"), refused: true},
		{name: "an empty global allowlist", config: keyRule + "[allowlist]\ndescription='x'\n", files: one("x"), refused: true},
		{name: "both forms of a rule's allowlist", config: keyRule + "[rules.allowlist]\nstopwords=['x']\n[[rules.allowlists]]\nstopwords=['y']\n", files: one("x"), refused: true},
		{name: "both forms of the global allowlist", config: "[allowlist]\nstopwords=['x']\n[[allowlists]]\nstopwords=['y']\n" + keyRule, files: one("x"), refused: true},
		{name: "a target rule that is none", config: "[[allowlists]]\ntargetRules=['key','no']\nstopwords=['y']\n" + keyRule, files: one("x"), refused: true},
		{name: "an allowlist's expression that is none", config: "[[allowlists]]\nregexes=['(']\n" + keyRule, files: one("x"), refused: true},
		{name: "a required rule that is none", config: keyRule + "[[rules.required]]\nid='no'\n", files: one("x"), refused: true},
		{name: "a required rule without id", config: keyRule + "[[rules.required]]\nwithinLines=1\n", files: one("x"), refused: true},
	}
}

// TestGitleaksNotes proves what a person is told of a configuration, and where.
func TestGitleaksNotes(t *testing.T) {
	for _, c := range []struct {
		name, config string
		want         []string
		err          string
	}{
		{"unknown keys", "color='red'\n" + keyRule + "owner='x'\n[[rules]]\nid='s'\nregex='s'\nowner='y'\n", []string{
			`gitleaks.toml:1:1: key "color" is not known and is ignored`,
			`gitleaks.toml:6:1: key "rules.owner" is not known and is ignored (2 times)`,
		}, ""},
		{"a key of ours with a value of its own", keyRule + "severity='Moderate'\n", []string{`gitleaks.toml: rule "key": severity "Moderate" is not known and is ignored`}, ""},
		{"a key of ours with another type", keyRule + "severity=[5]\nowner=1\n", []string{
			`gitleaks.toml: key "rules.owner" is not known and is ignored`,
			`gitleaks.toml: key "rules.severity": a list cannot stand for a string and is ignored`,
		}, ""},
		{"token efficiency", keyRule + "tokenEfficiency=true\n", []string{`gitleaks.toml: rule "key": tokenEfficiency is judged by how language reads, not by a byte-pair vocabulary`}, ""},
		{"expressions of a fork", "filter='true'\n" + keyRule + "filter='true'\n", []string{
			`gitleaks.toml:1:1: key "filter" is not known and is ignored`, `gitleaks.toml:6:1: key "rules.filter" is not known and is ignored`,
		}, ""},
		{"broken", "title='x'\n[[rules]\n", nil, "gitleaks.toml:2:"},
		{"a type that does not fit", "title='x'\nrules=5\n", nil, "gitleaks.toml:2:7:"},
		{"all that is wrong", "[[rules]]\nid='a'\n[[rules]]\nid='b'\nregex='('\n", nil, "rule \"a\": both regex and path are empty, so the rule would never match\nrule \"b\": regex: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, notes, err := ourSights(t, plant(t, map[string]string{configName: c.config}))
			if (err != nil) != (c.err != "") || err != nil && !strings.HasPrefix(err.Error(), c.err) {
				t.Fatalf("error %v, want %q", err, c.err)
			}
			if diff := cmp.Diff(c.want, notes); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
