package document

import (
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestScalarAligns looks up each word of a value in the file, for every style that YAML has.
func TestScalarAligns(t *testing.T) {
	for name, text := range map[string]string{
		"plain":              "a: one two three\n",
		"plain lines":        "a: one\n  two\n\n  three\nb: 1\n",
		"single":             "a: 'one ''two'' three'\n",
		"double":             "a: \"one \\\"two\\\" \\u00e4 three\"\n",
		"double lines":       "a: \"one\n  two \\\n  three\"\n",
		"literal":            "a: |\n  one\n    two\n\n  three\nb: 1\n",
		"literal strip":      "a: |-\n  one\n  two\n  three\n",
		"literal keep":       "a: |+\n  one\n  two three\n\n\nb: 1\n",
		"literal indicator":  "a: |2\n    one\n  two\n  three\n",
		"literal crlf":       "a: |\r\n  one\r\n  two\r\n  three\r\n",
		"literal blank":      "a: |\n\n  one\n  two\n  three\n",
		"folded":             "a: >\n  one\n  two\n\n  three\nb: 1\n",
		"folded two blanks":  "a: >-\n  one\n  two\n\n\n  three\n",
		"folded indented":    "a: >\n  one\n    two\n  three\n",
		"tag and anchor":     "a: !!str &x one two three\n",
		"anchored block":     "a: &x |\n  one\n  two\n  three\n",
		"umlauts":            "ä: öne one two three\n",
		"in a list":          "- |\n  one\n  two\n- three\n",
		"flow":               "a: [one, 'two', \"three\"]\n",
		"comment in between": "a: one two three # one\n",
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Parse([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			seen := 0
			for n := range Scalars(f.Top()) {
				s := f.Scalar(n)
				for _, word := range []string{"one", "two", "three"} {
					i := strings.Index(n.Value, word)
					if i < 0 {
						continue
					}
					seen++
					span := s.Span(i, i+len(word))
					if got := string(f.Text[span.Start:span.End]); got != word {
						t.Errorf("%q in %q is told at %v, where %q stands", word, n.Value, span, got)
					}
					if !s.Verbatim(i, i+len(word)) {
						t.Errorf("%q in %q is not told to be verbatim", word, n.Value)
					}
				}
			}
			if seen < 3 {
				t.Errorf("%d words found, want 3", seen)
			}
		})
	}
}

func TestSpans(t *testing.T) {
	text := "a: [1, 'x y', {b: c}]\nd:\n  e: \"f\"\n  g: |\n    h\n    i\nj: *k\n"
	f, err := Parse([]byte(strings.Replace(text, "d:", "d: &k", 1)))
	if err != nil {
		t.Fatal(err)
	}
	at := func(n *yaml.Node) string {
		s := f.Span(n)
		return string(f.Text[s.Start:s.End])
	}
	for _, c := range []struct{ got, want string }{
		{at(Get(f.Top(), "a")), "[1, 'x y', {b: c}]"},
		{at(Get(f.Top(), "d", "e")), `"f"`},
		{at(Get(f.Top(), "d", "g")), "|\n    h\n    i"},
		{Text(Get(f.Top(), "j", "e")), "f"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestPairsMerge(t *testing.T) {
	f, err := Parse([]byte("base: &b {image: x, tags: [a]}\njob:\n  <<: *b\n  image: y\n"))
	if err != nil {
		t.Fatal(err)
	}
	job := Get(f.Top(), "job")
	if got := Text(Get(job, "image")); got != "y" {
		t.Errorf("image is %q, want y", got)
	}
	if got := len(Items(Get(job, "tags"))); got != 1 {
		t.Errorf("%d tags, want 1", got)
	}
}

// TestAliasesMultiply refuses what aliases blow up: whoever walks such a file, a library included, would not come to an end.
func TestAliasesMultiply(t *testing.T) {
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 12; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10))
	}
	for name, text := range map[string]string{
		"lists of lists": bomb,
		"a long list":    "a: &a [" + strings.Repeat("x, ", 1000) + "]\nb: [" + strings.Repeat("*a, ", 1000) + "]\n",
		"a circle":       "a: &a {b: *a}\n",
	} {
		if f, err := Parse([]byte(text)); err == nil || len(f.Docs) != 0 {
			t.Errorf("%s: %d documents, error %v; want none, and an error", name, len(f.Docs), err)
		}
	}
	if _, err := Parse([]byte("a: &a [" + strings.Repeat("x, ", 100) + "]\nb: [" + strings.Repeat("*a, ", 100) + "]\n")); err != nil {
		t.Errorf("10,000 values: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"a: |2-\n   x\n", "a: \"\\x41\\\n b\"", "a: 'b''c'", "? [a]\n: b", "&a [*a]", "a: >\n\n\n b\n\n  c\n d", "\xef\xbb\xbfa: b"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, _ := Parse(text)
		for _, d := range file.Docs {
			if d == nil {
				continue
			}
			for n := range Scalars(d) {
				s := file.Scalar(n)
				for i := range len(n.Value) + 1 {
					if at := s.At(i); at < 0 || at > len(text) {
						t.Fatalf("byte %d of %q is told at %d of %d", i, n.Value, at, len(text))
					}
				}
				if span := file.Span(n); span.Start > span.End || span.End > len(text) {
					t.Fatalf("%q has the span %v", n.Value, span)
				}
			}
			for range Pairs(d) {
			}
			Items(d)
		}
	})
}
