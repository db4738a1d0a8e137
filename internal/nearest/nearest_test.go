package nearest

import (
	"strings"
	"testing"
)

func TestWord(t *testing.T) {
	stages := []string{"commit", "pull-request", "build", "deploy", "scheduled"}
	for word, want := range map[string]string{
		"pull-reqest": "pull-request", "biuld": "build", "deploi": "deploy", "x": "", "": "", "schedule": "scheduled", "production": "",
	} {
		if got := Word(word, stages); got != want {
			t.Errorf("Word(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	long := strings.Repeat("a", maxWord)
	for _, tt := range []struct {
		a, b        string
		limit, want int
	}{
		{"", "", 9, 0}, {"main", "main", 9, 0}, {"mian", "main", 9, 1}, {"abc", "", 9, 3}, {"kitten", "sitting", 9, 3}, {"kitten", "sitting", 2, 2},
		{"abc", "xyz", 2, 2}, {long, long[1:], 9, 1}, {long + "a", long + "a", 9, 9},
	} {
		if got := Distance(tt.a, tt.b, tt.limit); got != tt.want {
			t.Errorf("Distance(%q, %q, %d) = %d, want %d", tt.a, tt.b, tt.limit, got, tt.want)
		}
	}
}
