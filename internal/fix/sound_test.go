package fix

import (
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/finding"
)

// TestSound makes fixes that would break a file, or say more than they should.
func TestSound(t *testing.T) {
	const text = "on: push\njobs:\n  a: &x\n    steps:\n      - run: |\n          one\n          two\n      - {uses: a/b@v1, with: {c: d}}\n  b: *x\n"
	at := func(of string) finding.Position {
		before := text[:strings.Index(text, of)]
		line := strings.Count(before, "\n")
		return pos(line+1, len(before)-strings.LastIndex(before, "\n"))
	}
	behind := func(of string) finding.Position { p := at(of); p.Column += len(of); return p }
	for _, c := range []struct {
		name string
		fix  Wanted
		made bool
	}{
		{"a value", want(at("push"), behind("push"), "pull_request"), true},
		{"a comment", want(behind("push"), behind("push"), " # when"), true},
		{"a key above another", want(at("jobs"), at("jobs"), "permissions: {}\n"), true},
		{"a key below another", want(behind("d}}"), behind("d}}"), "\n        env: {}"), false},
		{"a line of a script", want(at("one"), behind("one"), "1"), true},
		{"a comment that swallows the rest", want(behind("a/b@v1"), behind("a/b@v1"), " # v1"), false},
		{"a step in braces", want(at("a/b@v1"), behind("a/b@v1"), "a/b@0123"), true},
		{"an anchor that is gone", want(at("&x"), behind("&x"), ""), false},
		{"a value more, unseen", want(at("push"), behind("push"), "push\nenv: {A: b}"), true},
		{"no YAML any more", want(at("push"), behind("push"), "[push"), false},
		{"another depth", want(at("steps"), at("steps"), "x:\n      "), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Apply("w.yml", []byte(text), []Wanted{c.fix})
			if err != nil {
				t.Fatal(err)
			}
			if made := string(got.New) != text; made != c.made || made == (len(got.Unsound) > 0) {
				t.Errorf("made: %v, unsound %q:\n%s", made, got.Unsound, got.New)
			}
			both, err := Apply("w.yml", []byte(text), []Wanted{c.fix, want(at("on"), at("on"), "# first\n")})
			if err != nil || !strings.Contains(string(both.New), "# first") {
				t.Errorf("a good fix beside it was not made: %v\n%s", err, both.New)
			}
		})
	}
}

// TestLongLine holds that a file of one line costs no more than one of many.
func TestLongLine(t *testing.T) {
	const n = 30_000
	text := "a: [" + strings.Repeat("ä, ", n) + "end]\n"
	from := len([]rune(text)) - len("end]\n") + 1
	c, err := Apply("w.yml", []byte(text), []Wanted{want(pos(1, from), pos(1, from+3), "END")})
	if err != nil || !strings.HasSuffix(string(c.New), "ä, END]\n") {
		t.Errorf("%v, %d unsound", err, len(c.Unsound))
	}
}
