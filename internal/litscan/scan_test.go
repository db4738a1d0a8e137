package litscan

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bruteForce is the definition: every literal at every position, byte by byte.
func bruteForce(lits []Literal, text []byte) []Hit {
	var hits []Hit
	for pos := range text {
		for i, l := range lits {
			if pos+len(l.Text) <= len(text) && equal(l, text[pos:pos+len(l.Text)]) {
				hits = append(hits, Hit{uint32(pos), uint32(i)})
			}
		}
	}
	return hits
}

func equal(l Literal, text []byte) bool {
	for i := range text {
		a, b := l.Text[i], text[i]
		if a == b {
			continue
		}
		lower := func(c byte) byte {
			if 'A' <= c && c <= 'Z' {
				return c + 'a' - 'A'
			}
			return c
		}
		if !l.Fold || lower(a) != lower(b) {
			return false
		}
	}
	return true
}

func check(t *testing.T, lits []Literal, text []byte) {
	t.Helper()
	s, err := New(lits)
	if err != nil {
		t.Fatal(err)
	}
	own := Hit{7, 7} // the caller's hits stay where they are
	want := append([]Hit{own}, bruteForce(lits, text)...)
	if diff := cmp.Diff(want, s.Append([]Hit{own}, text)); diff != "" {
		t.Errorf("lits %+v, text %q (-want +got):\n%s", lits, text, diff)
	}
	for name, other := range ways(s) {
		if diff := cmp.Diff(want, other.Append([]Hit{own}, text)); diff != "" {
			t.Errorf("%s: lits %+v, text %q (-want +got):\n%s", name, lits, text, diff)
		}
	}
}

func TestAppend(t *testing.T) {
	exact := func(texts ...string) (lits []Literal) {
		for _, x := range texts {
			lits = append(lits, Literal{Text: x})
		}
		return lits
	}
	folded := func(texts ...string) (lits []Literal) {
		for _, x := range texts {
			lits = append(lits, Literal{Text: x, Fold: true})
		}
		return lits
	}
	tests := []struct {
		name string
		lits []Literal
		text string
	}{
		{"no literals", nil, "anything at all, long enough for a block"},
		{"no text", exact("a", "ab", "abc"), ""},
		{"whole text", exact("abc"), "abc"},
		{"text shorter than literal", exact("abcd"), "abc"},
		{"ends of a long text", exact("key", "yek"), "key" + strings.Repeat(" ", 100) + "yek"},
		{"overlapping", exact("aa", "aaa", "aaaa", "a"), strings.Repeat("a", 40)},
		{"duplicates", exact("token", "token", "to", "to", "t", "t"), "a token to see, and more of the token"},
		{"same text folded and not", append(exact("Key"), folded("Key", "kEY")...), "key Key KEY kEy"},
		{"underscore is not DEL", folded("_a_", "a_", "_"), "_A_ \x7fa\x7f _a\x7f \x7fA_"},
		{"at sign is not backtick", folded("@b@", "`b`", "@b", "`"), "@B@ `b` @b` `B@"},
		{"brackets are not braces", folded("[x]", "{x}", "[x"), "[X] {x} [x} {X]"},
		{"control bytes are not punctuation", folded("-\r-", "a-b-c-d-e-f-g"), "-\r- -\r\r \r-\r A-b-C-d-E-f-G a\rb-c-d-e-f-g"},
		{"non-ASCII does not fold", folded("é", "straße"), "é É straße STRAßE STRASSE"},
		{"long literals", folded("abcdefghijklmnop", "abcdefgh"), "ABCDEFGHIJKLMNOP abcdefghijklmnoP abcdefgh"},
		{"probe deep inside", exact("aaaaaaaaaaaaaaaaaaaaaaaaaaaaqz~", "aqz"), strings.Repeat("a", 60) + "qz~"},
		{"zeros after the end do not match", exact("ab\x00", "ab\x00\x00"), "xxxxxxxxxxxxxxxxab"},
		{"two bytes at the end, many", manyPairs(), strings.Repeat("0123456789abcdef", 10) + "xyz"},
		{"two bytes at the end", exact("ab", "b"), "xxxxxxxxxxxxxxxxxxxxxab"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { check(t, tt.lits, []byte(tt.text)) })
	}
}

// manyPairs are more literals of two bytes than the bitmap takes, beside others.
func manyPairs() []Literal {
	lits := []Literal{{"abc", false}, {"DEF", true}, {"z", false}, {"9", false}}
	for i := range pairFanout + 10 {
		lits = append(lits, Literal{string([]byte{"0123456789abcdef"[i%16], "123456789abcdefg"[i/4%16]}), true})
	}
	return lits
}

func TestNewRefuses(t *testing.T) {
	for _, text := range []string{"", strings.Repeat("x", MaxLen+1)} {
		if _, err := New([]Literal{{Text: text}}); err == nil {
			t.Errorf("New accepted a literal of %d bytes", len(text))
		}
	}
}

// TestFoldIsExact tries every byte against every folded byte, in short and long literals.
func TestFoldIsExact(t *testing.T) {
	var lits []Literal
	for b := range 256 {
		lits = append(lits, Literal{Text: "q" + string([]byte{byte(b)}) + "~"}, Literal{Text: "12345678" + string([]byte{byte(b)}), Fold: true})
		lits[2*b].Fold = true
	}
	var text []byte
	for b := range 256 {
		text = append(text, 'q', byte(b), '~', 'Q', byte(b), '~', '1', '2', '3', '4', '5', '6', '7', '8', byte(b))
	}
	check(t, lits, text)
}

func TestAppendRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const alphabet = "abABk_\x7f@`-\r\x00\xc3\xa9"
	word := func(max int) string {
		b := make([]byte, 1+rng.IntN(max))
		for i := range b {
			b[i] = alphabet[rng.IntN(len(alphabet))]
		}
		return string(b)
	}
	for range 2000 {
		lits := make([]Literal, rng.IntN(80))
		for i := range lits {
			lits[i] = Literal{word(1 + rng.IntN(12)), rng.IntN(2) == 0}
			if i > 0 && rng.IntN(8) == 0 {
				lits[i] = lits[i-1]
			}
		}
		text := []byte(word(500))
		for range rng.IntN(4) {
			if len(lits) > 0 {
				text = append(text, lits[rng.IntN(len(lits))].Text...)
			}
		}
		if check(t, lits, text); t.Failed() {
			return
		}
	}
}

func FuzzAppend(f *testing.F) {
	f.Add("key\ntoken\nsk", "TOKEN key task", true)
	f.Add("_\n@\n`a", "\x7f`A", false)
	f.Fuzz(func(t *testing.T, words, text string, fold bool) {
		var lits []Literal
		for w := range strings.SplitSeq(words, "\n") {
			if 0 < len(w) && len(w) <= MaxLen && len(lits) < 100 {
				lits = append(lits, Literal{w, fold != (len(w)%3 == 0)})
			}
		}
		check(t, lits, []byte(text[:min(len(text), 4096)]))
	})
}

// ways are copies of a set, one for each way of filtering that this processor has.
func ways(s *Set) map[string]*Set {
	portable := *s
	portable.vector, portable.nibble = nil, nil
	all := map[string]*Set{"portable": &portable}
	if !s.windows() {
		return all
	}
	if hasVector {
		vector := portable
		vector.fillVector()
		all["vector"] = &vector
	}
	if hasNibble {
		nibble := portable
		nibble.fillNibble()
		all["nibble"] = &nibble
	}
	return all
}

// TestWays compares the ways of filtering on real text and on every alignment to blocks.
func TestWays(t *testing.T) {
	text := standardLibrary(t)[:3<<20]
	s, err := New(sampleLiterals(1000))
	if err != nil {
		t.Fatal(err)
	}
	all := ways(s)
	for name, s := range all {
		if !slices.Equal(all["portable"].Append(nil, text), s.Append(nil, text)) {
			t.Errorf("%s changes what is found in the standard library", name)
		}
		for from := range 70 {
			for to := from; to < 300; to++ {
				part := text[from:to:to]
				if !slices.Equal(all["portable"].Append(nil, part), s.Append(nil, part)) {
					t.Fatalf("%s changes what is found in bytes %d to %d", name, from, to)
				}
			}
		}
	}
}

// A limit on hits ends the search soon, with the first hits and in order, and says so.
func TestAppendUpTo(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	text := make([]byte, 100_000)
	for i := range text {
		text[i] = "abc"[rng.IntN(3)]
	}
	for _, lits := range [][]Literal{{{Text: "abc"}, {Text: "aa"}}, {{Text: "a"}}, manyPairs(), {{Text: "ab"}, {Text: "b"}, {Text: "cab"}}} {
		s, err := New(lits)
		if err != nil {
			t.Fatal(err)
		}
		for way, set := range ways(s) {
			whole := set.Append(nil, text)
			for _, n := range []int{0, 1, 100, len(whole) - 1, len(whole), len(whole) + 1} {
				got, all := set.AppendUpTo([]Hit{{7, 7}}, text, n)
				got = got[1:]
				if all != (n >= len(whole)) || all && !slices.Equal(whole, got) {
					t.Errorf("%s, limit %d of %d: %d hits, all %v", way, n, len(whole), len(got), all)
				}
				if !all && (len(got) <= n || len(got) > n+4*vectorBlock*vectorBatch || !slices.IsSortedFunc(got, compareHits)) {
					t.Errorf("%s, limit %d: %d hits", way, n, len(got))
				}
			}
		}
	}
}

func compareHits(a, b Hit) int {
	if after(a, b) {
		return 1
	}
	return -1
}

func TestAppendDoesNotAllocate(t *testing.T) {
	s, _ := New(sampleLiterals(200))
	text := []byte(strings.Repeat("api_key = token, task ", 50))
	dst := make([]Hit, 0, 10000)
	if n := testing.AllocsPerRun(10, func() { s.Append(dst[:0], text) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// sampleLiterals are n plausible literals: words of the standard library's package names and their combinations.
func sampleLiterals(n int) []Literal {
	words := strings.Fields("key api auth token secret access sk- xoxb- npm_ ghp_ github gitlab twitter dropbox travis " +
		"sentry mailgun stripe azure aws heroku okta snyk vault yandex zendesk shopify slack sonar square telegram")
	var lits []Literal
	for i := range n {
		w := words[i%len(words)]
		if i >= len(words) {
			w = fmt.Sprintf("%s%s%d", w[:min(4, len(w))], words[(i/len(words)*7+i)%len(words)], i%10)
		}
		lits = append(lits, Literal{w, i%4 != 0})
	}
	return append(lits, Literal{"sk", true}, Literal{"q~", true})
}

func BenchmarkNew(b *testing.B) {
	lits := sampleLiterals(1000)
	for b.Loop() {
		New(lits)
	}
}

func BenchmarkAppend(b *testing.B) {
	text := standardLibrary(b)
	for _, n := range []int{30, 300, 1000, 3000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, err := New(sampleLiterals(n))
			if err != nil {
				b.Fatal(err)
			}
			var dst []Hit
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				dst = s.Append(dst[:0], text)
			}
			b.ReportMetric(float64(len(text))/float64(len(dst)), "bytes/hit")
		})
	}
}

// standardLibrary is about 20 MB of Go source.
func standardLibrary(tb testing.TB) []byte {
	var all []byte
	files, _ := filepath.Glob(filepath.Join(runtime.GOROOT(), "src", "*", "*.go"))
	more, _ := filepath.Glob(filepath.Join(runtime.GOROOT(), "src", "*", "*", "*.go"))
	files = append(files, more...)
	slices.Sort(files)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, text...)
	}
	if len(all) == 0 {
		tb.Skip("the standard library's source is not installed")
	}
	return all
}
