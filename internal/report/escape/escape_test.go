package escape

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestTerminal(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "src/größe 日本.go", "src/größe 日本.go"},
		{"escape sequence", "\x1b[2J", `\u{1b}[2J`},
		{"C1", "\u009b31m", `\u{9b}31m`},
		{"delete", "a\x7f", `a\u{7f}`},
		{"bidi", "a\u202etxt", `a\u{202e}txt`},
		{"zero width", "a\u200bb\ufeff", `a\u{200b}b\u{feff}`},
		{"tag characters", "x\U000e0041", `x\u{e0041}`},
		{"variation selector", "x\U000e0101", `x\u{e0101}`},
		{"emoji keeps its style", "❤\ufe0f", "❤\ufe0f"},
		{"filler", "a\u3164b\u2800", `a\u{3164}b\u{2800}`},
		{"line breaks", "a\nb\r\u2028\u0085", `a\u{a}b\u{d}\u{2028}\u{85}`},
		{"no UTF-8", "a\xffb\xc3", `a\x{ff}b\x{c3}`},
		{"replacement character itself", "a\ufffd", "a\ufffd"},
		{"command", "::error::x", `\u{3a}:error::x`},
		{"command after a space", "see ::error::x", `see \u{3a}:error::x`},
		{"namespace", "std::string", "std::string"},
		{"bracket command", "x##[error]y", `x\u{23}#[error]y`},
		{"named bracket command", "##vso[task]", `\u{23}#vso[task]`},
		{"three signs", "###[x]", `#\u{23}#[x]`},
		{"heading", "## Title", "## Title"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Terminal(tt.in)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMarkdown(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "The key is live, and 3 services (two new) use it: stop", "The key is live, and 3 services (two new) use it: stop"},
		{"mention", "ask @everyone now", "ask `@everyone` now"},
		{"link", "[x](http://evil.example)", "`[x](http://evil.example)`"},
		{"bare link", "see https://evil.example.", "see `https://evil.example`."},
		{"bare host", "see www.evil.example", "see `www.evil.example`"},
		{"HTML", "<b>x</b>", "`<b>x</b>`"},
		{"entity", "a &lt; b", "a `&lt;` b"},
		{"reference", "see #12 and GH-1", "see `#12` and `GH-1`"},
		{"commit", "in deadbeefcafe", "in `deadbeefcafe`"},
		{"action", "actions/checkout@v4 moves", "`actions/checkout@v4` moves"},
		{"expression", "${{ github.event.x }} is run", "`${{ github.event.x }}` is run"},
		{"emphasis", "a *b* __c__", "a `*b*` `__c__`"},
		{"emoji", "x :tada:", "x `:tada`:"},
		{"backtick", "a`b", "``a`b``"},
		{"quoted", "the name `foo_bar` is", "the name `foo_bar` is"},
		{"only backticks", "``", "``` `` ```"},
		{"list at start", "1. x", "`1`. x"},
		{"line break", "a\n# b", "`a\\u{a}#` b"},
		{"mathematics", "$x$", "`$x$`"},
		{"underline", "--- x", "`---` x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Markdown(tt.in)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFence(t *testing.T) {
	got := Fence([]string{"a", "````", "b\x1b"})
	if want := "`````text\na\n````\nb\\u{1b}\n`````\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestURI(t *testing.T) {
	for in, want := range map[string]string{
		"a/b c.go":     "a/b%20c.go",
		"/etc/passwd":  "%2Fetc/passwd",
		"javascript:x": "javascript%3Ax",
		"a?b#c":        "a%3Fb%23c",
		"a.zip!/m":     "a.zip%21/m",
		"100%":         "100%25",
		"\xff":         "%FF",
		"ü":            "%C3%BC",
		`c:\x`:         "c%3A%5Cx",
	} {
		got := URI(in)
		if got != want {
			t.Errorf("URI(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzEscapes(f *testing.F) {
	for _, s := range []string{"a", "\x1b[2J", "::x::", "##[x]", "`", "\xff\xfe", "\u202e", "<b>@x", "a\n::b", "${{ x }}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		line := Terminal(in)
		if !utf8.ValidString(line) {
			t.Errorf("Terminal(%q) is no UTF-8", in)
		}
		for _, r := range line {
			if unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) {
				t.Errorf("Terminal(%q) holds %U", in, r)
			}
		}
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, " ::") || strings.Contains(line, "##[") {
			t.Errorf("Terminal(%q) = %q is a command", in, line)
		}
		if Terminal(line) != line {
			t.Errorf("Terminal(%q) is not stable", in)
		}
		checkURI(t, in)
		checkXML(t, in)
		checkJSON(t, in)
		checkMarkdown(t, in)
	})
}

func checkURI(t *testing.T, in string) {
	u, err := url.Parse(URI(in))
	if err != nil {
		t.Fatalf("URI(%q): %v", in, err)
	}
	if u.Scheme != "" || u.Host != "" || u.RawQuery != "" || u.Fragment != "" || u.Path != in {
		t.Errorf("URI(%q) is taken for %#v", in, u)
	}
}

func checkXML(t *testing.T, in string) {
	text := XML(in)
	var b bytes.Buffer
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := xml.Unmarshal([]byte("<a>"+b.String()+"</a>"), &got); err != nil {
		t.Fatalf("XML(%q): %v", in, err)
	}
	if got != text {
		t.Errorf("XML(%q) = %q is read as %q", in, text, got)
	}
}

func checkJSON(t *testing.T, in string) {
	plain, _ := json.Marshal(in)
	safe := JSON(plain)
	var want, got string
	if json.Unmarshal(plain, &want) != nil || json.Unmarshal(safe, &got) != nil || got != want {
		t.Errorf("JSON(%s) = %s reads differently", plain, safe)
	}
	if bytes.Contains(safe, []byte("##[")) || strings.ContainsFunc(string(safe), Hidden) {
		t.Errorf("JSON(%s) = %s is not safe to print", plain, safe)
	}
}

// checkMarkdown holds that outside code spans only words that mean nothing are left.
func checkMarkdown(t *testing.T, in string) {
	outside := dropSpans(Markdown(in))
	if strings.ContainsAny(outside, "`<>[]*_~|\\#@$&{}") || strings.Contains(outside, "://") {
		t.Errorf("Markdown(%q) leaves %q outside code", in, outside)
	}
}

// dropSpans removes code spans as CommonMark finds them: a run of backticks up to the next run of the same length.
func dropSpans(s string) string {
	var b strings.Builder
	for {
		open := strings.IndexByte(s, '`')
		if open < 0 {
			return b.String() + s
		}
		b.WriteString(s[:open])
		rest := strings.TrimLeft(s[open:], "`")
		n := len(s) - open - len(rest)
		end := closing(rest, n)
		if end < 0 {
			return b.String() + s[open:]
		}
		s = rest[end:]
	}
}

func closing(s string, n int) int {
	for i := 0; i < len(s); {
		if s[i] != '`' {
			i++
			continue
		}
		j := i
		for j < len(s) && s[j] == '`' {
			j++
		}
		if j-i == n {
			return j
		}
		i = j
	}
	return -1
}
