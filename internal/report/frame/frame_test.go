package frame

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/finding"
)

func place(startLine, startColumn, endLine, endColumn, first int, lines ...string) *finding.Place {
	return &finding.Place{
		Start: finding.Position{Line: startLine, Column: startColumn},
		End:   finding.Position{Line: endLine, Column: endColumn},
		Frame: &finding.Frame{First: first, Lines: lines},
	}
}

func TestOf(t *testing.T) {
	tests := []struct {
		name string
		in   *finding.Place
		want []Line
	}{
		{"no frame", &finding.Place{}, nil},
		{"one line", place(2, 3, 2, 5, 1, "abcd", "abcdef"), []Line{{1, "abcd", "", "", false}, {2, "ab", "cd", "ef", true}}},
		{"columns count code points", place(1, 3, 1, 4, 1, "日本語x"), []Line{{1, "日本", "語", "x", true}}},
		{"several lines", place(1, 3, 3, 2, 1, "abc", "def", "ghi", "jkl"), []Line{{1, "ab", "c", "", true}, {2, "", "def", "", true}, {3, "", "g", "hi", true}, {4, "jkl", "", "", false}}},
		{"no end", place(1, 2, 0, 0, 1, "abc"), []Line{{1, "a", "bc", "", true}}},
		{"no place", place(0, 0, 0, 0, 1, "abc"), []Line{{1, "abc", "", "", false}}},
		{"past the line", place(1, 90, 1, 99, 1, "abc"), []Line{{1, "abc", "", "", true}}},
		{"negative", place(1, -5, 1, -2, 1, "abc"), []Line{{1, "", "", "abc", true}}},
		{"end before start", place(1, 3, 1, 1, 1, "abcd"), []Line{{1, "ab", "", "cd", true}}},
		{"outside the frame", place(9, 1, 9, 2, 1, "abc"), []Line{{1, "abc", "", "", false}}},
		{"line ends", place(1, 1, 1, 2, 1, "abc\r\n"), []Line{{1, "", "a", "bc", true}}},
		{"no UTF-8", place(1, 2, 1, 3, 1, "\xff\xfeb"), []Line{{1, "\xff", "\xfe", "b", true}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Of(tt.in)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCells(t *testing.T) {
	for in, want := range map[string]int{"": 0, "abc": 3, "日本": 4, "e\u0301": 1, "ü": 1, "…": 1} {
		if got := Cells(in); got != want {
			t.Errorf("Cells(%q) = %d, want %d", in, got, want)
		}
	}
	if got := Crop("日本語", 5); got != "日本" {
		t.Errorf("Crop = %q", got)
	}
}

func FuzzOf(f *testing.F) {
	f.Add("a\nb\xffc", 1, 1, 2, 2, 1)
	f.Add("日本", -1, 1<<30, 0, -4, 1<<31-1)
	f.Fuzz(func(t *testing.T, text string, a, b, c, d, first int) {
		lines := strings.Split(text, "\n")
		for i, l := range Of(place(a, b, c, d, first, lines...)) {
			if l.Before+l.Marked+l.After != strings.TrimRight(lines[i], "\r\n") {
				t.Errorf("line %d of %q is %+v", i, text, l)
			}
		}
	})
}

func TestText(t *testing.T) {
	got := Text(place(10, 2, 10, 4, 9, "\tif x {", "key = 1"))
	if diff := cmp.Diff([]string{"   9 │     if x {", "> 10 │ key = 1"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := Text(&finding.Place{}); got != nil {
		t.Errorf("a place without a frame has %q", got)
	}
}
