package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSpreadOf(t *testing.T) {
	for _, tt := range []struct {
		name   string
		values []float64
		want   spread
	}{
		{"none", nil, spread{}},
		{"one", []float64{2}, spread{2, 2, 2}},
		{"odd, unsorted", []float64{3, 1, 2}, spread{1, 2, 3}},
		{"even", []float64{4, 1, 2, 3}, spread{1, 2.5, 4}},
	} {
		if diff := cmp.Diff(tt.want, spreadOf(tt.values), cmp.AllowUnexported(spread{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestTableComparesWithTheFirst(t *testing.T) {
	got := table([]command{{name: "slow"}, {name: "fast"}}, [][]cost{
		{{wall: 2 * time.Second, cpu: 3 * time.Second, peak: 1 << 20}},
		{{wall: 20 * time.Millisecond, cpu: 30 * time.Millisecond, peak: 2 << 20}},
	})
	for _, want := range []string{"| slow | 2.00 | 2.00 | 2.00 | 3.00 | 1 | 1.00 | 1.00 |", "| fast | 0.020 | 0.020 | 0.020 | 0.030 | 2 | 100 | 100 |"} {
		if !strings.Contains(got, want) {
			t.Errorf("table lacks %q:\n%s", want, got)
		}
	}
}

func TestCut(t *testing.T) {
	text := []byte("one\ntwö three\n\nlast")
	for _, tt := range []struct {
		name                   string
		line, column, end, col int
		want                   string
		ok                     bool
	}{
		{"within a line, columns in code points", 2, 5, 2, 10, "three", true},
		{"over lines", 1, 2, 2, 3, "ne\ntw", true},
		{"up to the end", 4, 1, 4, 5, "last", true},
		{"beyond the end", 4, 1, 4, 6, "", false},
		{"no such line", 5, 1, 5, 1, "", false},
		{"backwards", 2, 1, 1, 1, "", false},
	} {
		var s spot
		s.Start.Line, s.Start.Column, s.End.Line, s.End.Column = tt.line, tt.column, tt.end, tt.col
		got, ok := cut(text, &s)
		if got != tt.want || ok != tt.ok {
			t.Errorf("%s: %q, %v, want %q, %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}

func TestCutterSecret(t *testing.T) {
	c := cutter{
		"group": {regexp.MustCompile(`key(=|:)(\w+)`), 2},
		"first": {regexp.MustCompile(`key(?:=(\w+)|:(\w+))`), 0},
		"whole": {regexp.MustCompile(`key\w+`), 0},
	}
	for _, tt := range []struct{ rule, match, want string }{
		{"group", "key=abc", "abc"}, {"first", "key:abc", "abc"}, {"whole", "keyabc", "keyabc"}, {"unknown", "x", "x"},
	} {
		if got := c.secret(tt.rule, tt.match); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.rule, got, tt.want)
		}
	}
	if !c.covers("group", []byte("a\nkey=abc\n"), "abc") || c.covers("group", []byte("key=abcd"), "abc") {
		t.Error("covers does not ask for the very secret")
	}
}

func TestShownHidesPaths(t *testing.T) {
	b := &bench{flags: &flags{gitleaks: "/home/x/gitleaks"}, work: "/tmp/w", assay: "/tmp/w/assay", rules: "/home/x/rules.toml"}
	got := b.shown([]string{"/tmp/w/assay", "scan", "/home/x/tree", "--rules", "/home/x/rules.toml", "--output", "/tmp/w/out.json"}, "TREE")
	if want := "assay scan TREE --rules gitleaks.toml --output out.json"; got != want {
		t.Errorf("shown: %q, want %q", got, want)
	}
	named := &bench{flags: &flags{runs: 5, dirs: []tree{{name: "a/b@12", path: "/home/x/b"}, {name: "std", path: "/go/src", standard: true}}}}
	if got := named.invocation(); strings.Contains(got, "/home") || !strings.Contains(got, "-dir a/b@12=../b") || !strings.Contains(got, "$(go env GOROOT)/src") {
		t.Errorf("invocation: %q", got)
	}
}

func TestCountsByPlace(t *testing.T) {
	left := countTheirs([]theirs{{RuleID: "r", File: "f", StartLine: 2}, {RuleID: "r", File: "f", StartLine: 2}})
	var f ours
	f.Rule, f.Location.Path, f.Location.Start.Line = "secret/r", "f", 2
	right := countOurs([]ours{f})
	k := key{"r", "f", 2}
	if diff := cmp.Diff([]int{2, 1}, []int{left[k], right[k]}); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func TestReaderReadsEachFileOnce(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a": "\x01\x02", "b/c": "\x03", ".git/d": "\x7f"} {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	if err := readerCommand([]string{"-jobs", "3", dir}, &out); err != nil {
		t.Fatal(err)
	}
	if want := "2 files, 3 bytes, sum 6\n"; out.String() != want {
		t.Errorf("reader says %q, want %q", out.String(), want)
	}
}
