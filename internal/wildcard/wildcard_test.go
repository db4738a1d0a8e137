package wildcard

import (
	"regexp"
	"strings"
	"testing"
)

// one is ? for any byte, and a byte for itself.
func one(pattern, member byte) bool { return pattern == '?' || pattern == member }

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"**", "abc", true}, {"a*", "a", true}, {"a*c", "abbc", true}, {"a*c", "abcd", false},
		{"*b*b", "abab", true}, {"?", "", false}, {"a?c", "abc", true}, {"*aab", "aaaab", true}, {"a*b*c", "acb", false},
	} {
		if got := Match([]byte(c.pattern), []byte(c.text), '*', one); got != c.want {
			t.Errorf("%q on %q: %v, want %v", c.pattern, c.text, got, c.want)
		}
	}
}

// TestWork matches what takes long when a matcher goes back to every star.
func TestWork(t *testing.T) {
	calls := 0
	pattern, text := []byte(strings.Repeat("a*", 200)+"b"), []byte(strings.Repeat("a", 2000))
	if Match(pattern, text, '*', func(p, m byte) bool { calls++; return p == m }) || calls > len(pattern)*len(text) {
		t.Errorf("%d comparisons of %d by %d", calls, len(pattern), len(text))
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("a*b?", "axxbc")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 50 || strings.Count(pattern, "*") > 8 {
			return
		}
		expr := strings.NewReplacer(`\*`, `[\x00-\xff]*`, `\?`, `[\x00-\xff]`).Replace(regexp.QuoteMeta(ascii(pattern)))
		want := regexp.MustCompile(`^` + expr + `$`).MatchString(ascii(text))
		if got := Match([]byte(ascii(pattern)), []byte(ascii(text)), '*', one); got != want {
			t.Errorf("%q on %q: %v, want %v", pattern, text, got, want)
		}
	})
}

// ascii keeps what regexp and bytes see alike.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return 'x'
		}
		return r
	}, s)
}
