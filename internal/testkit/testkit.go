// Package testkit is what tests of several packages need: parts of documentation that are generated, and named pipes. It is
// for tests. Programs are started by tests themselves, since nothing else may import os/exec.
package testkit

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Section compares a generated part of a page, between its two comments, with what it should be, or writes it anew.
func Section(t *testing.T, page, name, want string, update bool) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->"
	head, rest, ok := strings.Cut(string(text), begin)
	got, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no part %q", page, name)
	}
	if update {
		if err := os.WriteFile(page, []byte(head+begin+want+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s, part %q: run go test -update (-want +got)\n%s", page, name, diff)
	}
}
