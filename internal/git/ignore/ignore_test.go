package ignore

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMatch(t *testing.T) {
	tests := []struct {
		name    string
		content string
		path    string
		isDir   bool
		ignored bool
		line    int
	}{
		{"a name anywhere", "node_modules\n", "web/node_modules", true, true, 1},
		{"the last pattern decides", "*.log\n!keep.log\n", "a/keep.log", false, false, 2},
		{"a slash anchors", "/build\n", "src/build", true, false, 0},
		{"a slash inside anchors", "doc/frotz\n", "a/doc/frotz", false, false, 0},
		{"only folders", "out/\n", "out", false, false, 0},
		{"stars before a slash", "**/foo/bar\n", "a/b/foo/bar", false, true, 1},
		{"stars before a slash match nothing", "**/foo\n", "foo", false, true, 1},
		{"stars after a slash", "abc/**\n", "abc/d/e", false, true, 1},
		{"stars after a slash want something", "abc/**\n", "abc", true, false, 0},
		{"stars between slashes", "a/**/b\n", "a/b", false, true, 1},
		{"one star stays in its folder", "a/*/c\n", "a/b/b/c", false, false, 0},
		{"comment and blank lines count", "\n# x\nfoo\n", "foo", false, true, 3},
		{"escaped marks", "\\#a\n\\!b\n", "!b", false, true, 2},
		{"trailing spaces go", "foo  \n", "foo", false, true, 1},
		{"an escaped space stays", "foo\\ \n", "foo ", false, true, 1},
		{"carriage return", "foo\r\n", "foo", false, true, 1},
		{"byte order mark", "\xef\xbb\xbffoo\n", "foo", false, true, 1},
		{"set", "v[0-9].txt\n", "v7.txt", false, true, 1},
		{"negated set does not take a slash", "a[!b]c/x\n", "a/c/x", false, false, 0},
		{"named class", "x[[:digit:]]\n", "x5", false, true, 1},
		{"open set matches nothing", "[ab\n", "[ab", false, false, 0},
		{"last escape matches nothing", "ab\\\n", "ab\\", false, false, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := (*Matcher)(nil).Child("", File{Name: ".gitignore", Content: []byte(tt.content)})
			ignored, by := m.Match(tt.path, tt.isDir)
			if ignored != tt.ignored || by.Line != tt.line {
				t.Errorf("Match(%q) = %v, line %d; want %v, line %d", tt.path, ignored, by.Line, tt.ignored, tt.line)
			}
		})
	}
}

func TestNestedFilesWeighMore(t *testing.T) {
	root := (*Matcher)(nil).Child("",
		File{Name: ".git/info/exclude", Content: []byte("*.tmp\nsecret\n")},
		File{Name: ".gitignore", Content: []byte("!special.tmp\n")})
	sub := root.Child("a/b", File{Name: "a/b/.gitignore", Content: []byte("/only\n!*.tmp\n")})

	tests := []struct {
		m       *Matcher
		path    string
		ignored bool
		by      Source
	}{
		{root, "x.tmp", true, Source{File: ".git/info/exclude", Line: 1, Pattern: "*.tmp"}},
		{root, "special.tmp", false, Source{File: ".gitignore", Line: 1, Pattern: "!special.tmp", Negated: true}},
		{sub, "a/b/x.tmp", false, Source{File: "a/b/.gitignore", Line: 2, Pattern: "!*.tmp", Negated: true}},
		{sub, "a/b/only", true, Source{File: "a/b/.gitignore", Line: 1, Pattern: "/only"}},
		{sub, "a/b/c/only", false, Source{}},
		{sub, "a/b/c/secret", true, Source{File: ".git/info/exclude", Line: 2, Pattern: "secret"}},
	}
	for _, tt := range tests {
		ignored, by := tt.m.Match(tt.path, false)
		if ignored != tt.ignored {
			t.Errorf("Match(%q) = %v, want %v", tt.path, ignored, tt.ignored)
		}
		if diff := cmp.Diff(tt.by, by); diff != "" {
			t.Errorf("Match(%q) source (-want +got):\n%s", tt.path, diff)
		}
	}
}

func TestChildWithoutPatternsIsItself(t *testing.T) {
	root := (*Matcher)(nil).Child("", File{Name: ".gitignore", Content: []byte("x\n")})
	if got := root.Child("a", File{Name: "a/.gitignore", Content: []byte("# nothing\n")}); got != root {
		t.Errorf("Child made a new matcher for no patterns")
	}
}

func BenchmarkMatch(b *testing.B) {
	content := []byte("node_modules\n*.log\n*.tmp\n/dist\n/build/\n**/gen/*.go\n!keep.log\n.env\n*.swp\n*~\nfoo*bar\ndoc/**/*.pdf\n")
	m := (*Matcher)(nil).Child("", File{Name: ".gitignore", Content: content})
	for b.Loop() {
		m.Match("internal/engine/secret/testdata/file.go", false)
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("*.log\n!keep.log\n", "a/keep.log")
	f.Add("a/**/b/[!c-e]*[[:digit:]]\\ \n", "a/x/b/fg7 ")
	f.Add("**/**/x**y\n/**\n", "a/b/x/y")
	f.Add("[]-]a[[:x:]\n[a-\\]\n", "]a")
	f.Fuzz(func(t *testing.T, content, path string) {
		m := (*Matcher)(nil).Child("", File{Name: "i", Content: []byte(content)})
		ignored, by := m.Match(path, false)
		if ignored && (by.Line < 1 || by.Negated) {
			t.Errorf("ignored without a pattern: %+v", by)
		}
		if by.Line == 0 {
			return
		}
		// What a line decides in a file it also decides alone, so the look-up tables and the list agree.
		alone := (*Matcher)(nil).Child("", File{Name: "i", Content: []byte(by.Pattern + "\n")})
		if got, _ := alone.Match(path, false); by.Pattern[0] != '#' && got != ignored {
			t.Errorf("pattern %q alone: %v, in the file: %v", by.Pattern, got, ignored)
		}
	})
}
