package git

import (
	"strings"
	"testing"
)

func TestIsLFSPointer(t *testing.T) {
	pointer := "version https://git-lfs.github.com/spec/v1\noid sha256:" + strings.Repeat("4d", 32) + "\nsize 12345\n"
	tests := []struct {
		name, in string
		want     bool
	}{
		{"pointer", pointer, true},
		{"too long", pointer + strings.Repeat("x", 1024), false},
		{"text about it", "see version https://git-lfs.github.com/spec/v1\noid sha256:x", false},
		{"no oid", "version https://git-lfs.github.com/spec/v1\n", false},
		{"empty", "", false},
	}
	for _, tt := range tests {
		if got := IsLFSPointer([]byte(tt.in)); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
