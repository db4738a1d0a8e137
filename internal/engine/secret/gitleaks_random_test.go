package secret_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// A piece is a rule's expression and texts that match it, or nearly.
type piece struct {
	regex string
	texts []string
}

var pieces = []piece{
	{`key-[a-z0-9]{6}`, []string{"key-abc123", "key-zzz999", "key-ABC", "xkey-000aaa1"}},
	{`\bsk_(live|test)_[0-9]{4,8}\b`, []string{"sk_live_12345", "sk_test_00001111", "sk_live_1", "ask_live_12345"}},
	{`(?i)token\s*[=:]\s*['"]?([a-z0-9-]{8,40})\b`, []string{"token = abcd-1234-efgh", "TOKEN: 'aaaaaaaa'", "token=short", "Token\n:\nqwer-5678"}},
	{`(?i)pass(?:word)?["']?\s{0,3}[:=]\s{0,3}["']([^"'\n]{4,20})["']`, []string{`password: "hunter2!"`, `PASS='pässwörd'`, `pass = ""`}},
	{`(?s)-----BEGIN X-----(.*?)-----END X-----`, []string{"-----BEGIN X-----\nabc\ndef\n-----END X-----", "-----BEGIN X-----"}},
	{`\nid:(\d+)\n`, []string{"\nid:123\n", "id:77"}},
	{`(?:^|\s)acct=(\w+)(?:\s|$)`, []string{" acct=zed1 ", "\nacct=bob_2\n", "xacct=no"}},
	{`(?m)^export (\w+)=(\w+)$`, []string{"\nexport HOME=abc1\n", "export A=b\n"}},
	{`[\x{4e00}-\x{9fff}]+-(\d{3})`, []string{"密码-123", "密-1"}},
	{`(a)?(b)?c=(\d+)`, []string{"abc=12", "bc=7", "c=999"}},
	{`user:\w+.{0,30}pw:(\w+)`, []string{"user:joe and pw:secret1", "user:ann pw:x9"}},
	{`https?://\w+:(\w+)@`, []string{"https://me:pw12@host", "http://a:b@c"}},
}

// fillers stand between what matches.
var fillers = []string{" ", "\n", "\n\n", "\r\n", "\t", ";", " lorem ipsum ", "\nline of text 12\n", " äöü ", " x = ", "\"", " # ", ",\n", "日本 ", "=", "_"}

var allowed = []string{"stopwords=['zzz','aaaa']", "regexes=['123','^bob']", "regexTarget='match'\nregexes=['live','(?i)HOME']", "regexTarget='line'\nregexes=['lorem','^\\s*x =']",
	"paths=['[02468]\\.txt$']", "condition='AND'\npaths=['[13579]\\.txt$']\nregexes=['[0-4]']", "condition='AND'\nstopwords=['a']\nregexes=['1']"}

var keywords = [][]string{nil, {"key"}, {"token", "pass"}, {"LOREM"}, {"äöü"}, {"begin x"}, {"line"}, {"special-word"}}

// A dice rolls what a random case is made of.
type dice struct{ *rand.Rand }

func pick[T any](d dice, list []T) T { return list[d.IntN(len(list))] }

func (d dice) config(rules int) string {
	var b strings.Builder
	if d.IntN(3) == 0 {
		fmt.Fprintf(&b, "[[allowlists]]\n%s\n", pick(d, allowed[:4]))
	}
	for i := range rules {
		p := pieces[i%len(pieces)]
		fmt.Fprintf(&b, "[[rules]]\nid='%s%d'\nregex='''%s'''\n", pick(d, []string{"r", "r", "r", "generic"}), i, p.regex)
		if words := pick(d, keywords); words != nil && d.IntN(2) == 0 {
			fmt.Fprintf(&b, "keywords=['%s']\n", strings.Join(words, "','"))
		}
		if d.IntN(4) == 0 {
			fmt.Fprintf(&b, "entropy=%.1f\n", d.Float64()*3.5)
		}
		if d.IntN(5) == 0 {
			fmt.Fprintf(&b, "path='[%d-9]\\.txt$'\n", d.IntN(9))
		}
		for d.IntN(3) == 0 {
			fmt.Fprintf(&b, "[[rules.allowlists]]\n%s\n", pick(d, allowed))
		}
		if i > 0 && d.IntN(6) == 0 {
			fmt.Fprintf(&b, "[[rules.required]]\nid='part'\nwithinLines=%d\n", d.IntN(4))
		}
	}
	return b.String() + "[[rules]]\nid='part'\nregex='part-\\d'\nskipReport=true\n"
}

// encode encodes a text in a random way. Where base64 would hold letters only, which gitleaks takes for a name, it does not.
func (d dice) encode(s string) string {
	switch d.IntN(7) {
	case 0:
		return percent(s)
	case 1:
		return unicode(s)
	case 2:
		return hexed("0123456789 " + s)
	case 3:
		return strings.ReplaceAll(strings.ReplaceAll(s, " ", "%20"), "=", "%3D") + "%21"
	case 4:
		if out := b64url("v1: " + s + " >?>"); strings.ContainsAny(out, "0123456789-_") {
			return out
		}
	case 5:
		return escapeSigns(b64("12?: " + s))
	}
	if out := b64("v1: " + s + " ."); strings.ContainsAny(out, "0123456789+/") {
		return out
	}
	return s
}

func isASCII(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7e }) }

// wrap encodes a text so many times over, often not at all.
func (d dice) wrap(s string) string {
	for isASCII(s) && len(s) < 120 && d.IntN(3) == 0 {
		s = d.encode(s)
	}
	return s
}

func (d dice) text() string {
	var b strings.Builder
	ended := d.IntN(4) > 0
	for range 1 + d.IntN(14) {
		s := pick(d, pick(d, pieces).texts)
		switch d.IntN(8) {
		case 0:
			s = "part-" + fmt.Sprint(d.IntN(10))
		case 1:
			s = pick(d, []string{"special-word", "Lorem", "key"})
		}
		if encoded := d.wrap(s); encoded != s {
			s = " " + encoded + " " // a match that begins or ends beside a run is counted from the run's line by gitleaks
		}
		if ended && d.IntN(20) == 0 {
			s += " gitleaks:allow"
		}
		b.WriteString(s + pick(d, fillers))
		if d.IntN(3) == 0 {
			b.WriteString(pick(d, fillers))
		}
	}
	b.WriteString("\n")
	if !ended {
		b.WriteString("a last line of " + pick(d, pieces[0].texts))
	}
	return b.String()
}

// TestGitleaksRandom compares random configurations over random texts. Without the binary there is nothing to compare.
func TestGitleaksRandom(t *testing.T) {
	if peer() == "" {
		t.Skipf("%s does not name a gitleaks binary to compare with", peerVariable)
	}
	const configs, files = 100, 150
	for seed := range uint64(configs) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			d := dice{rand.New(rand.NewPCG(seed, 7))}
			tree := map[string]string{configName: d.config(3 * len(pieces))}
			for i := range files {
				tree[fmt.Sprintf("f%03d.txt", i)] = d.text()
			}
			root := plant(t, tree)
			ours, _, err := ourSights(t, root)
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := peerSights(t, peer(), root)
			if err != nil {
				t.Fatal(err)
			}
			compareSights(t, tree, ours, theirs)
		})
	}
}

var lines = regexp.MustCompile(`:(\d+)-\d+ `)

// unended leaves out the last line of a text without newline at the end: gitleaks takes the whole text for that line.
func unended(list []string, text string) []string {
	last := fmt.Sprint(strings.Count(text, "\n") + 1)
	var out []string
	for _, s := range list {
		if at := lines.FindStringSubmatch(s); at[1] != last {
			out = append(out, s)
		}
	}
	return out
}

// once keeps one of the sights that differ in their last line only: gitleaks finds a match again, and lets it end on the
// next line, where a decoded run stands behind it.
func once(sights []string) []string {
	slices.SortFunc(sights, func(a, b string) int {
		return cmp.Or(strings.Compare(lines.ReplaceAllString(a, ":$1 "), lines.ReplaceAllString(b, ":$1 ")), len(a)-len(b), strings.Compare(a, b))
	})
	return slices.CompactFunc(sights, func(a, b string) bool {
		return lines.ReplaceAllString(a, ":$1 ") == lines.ReplaceAllString(b, ":$1 ")
	})
}

// compareSights compares file by file and shows the first that differs.
func compareSights(t *testing.T, tree map[string]string, ours, theirs []string) {
	differ := 0
	for name, text := range tree {
		if name == configName {
			continue
		}
		of := func(list []string) []string {
			var out []string
			for _, s := range list {
				if strings.Contains(s, " "+name+":") {
					out = append(out, s)
				}
			}
			return out
		}
		mine, his := once(of(ours)), once(of(theirs))
		if !strings.HasSuffix(text, "\n") {
			mine, his = unended(mine, text), unended(his, text)
		}
		if !slices.Equal(mine, his) {
			if differ++; differ < 3 {
				t.Errorf("%s: %q (-gitleaks +ours)\n%s", name, text, gocmp.Diff(his, mine))
			}
		}
	}
	if differ > 0 {
		t.Errorf("%d files differ", differ)
	}
	t.Logf("%d findings", len(theirs))
}
