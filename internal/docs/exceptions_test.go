package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ofKey is what hangs on a key that was made while the page ran.
var ofKey = regexp.MustCompile(`SHA256:[A-Za-z0-9+/]{43}|AAAA[A-Za-z0-9+/]{60,}`)

// TestExceptionsPage runs the page about exceptions in one shell, as the tutorial is run.
func TestExceptionsPage(t *testing.T) {
	for _, tool := range []string{"sh", "git", "sed", "grep", "ssh-keygen"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the page needs %s", tool)
		}
	}
	const page = "docs/exceptions.md"
	text, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	all := steps(lines)
	if len(all) < 10 {
		t.Fatalf("%s has %d commands: its blocks are not found", page, len(all))
	}
	outputs := run(t, all)
	for i := range outputs {
		outputs[i] = ofKey.ReplaceAllString(outputs[i], "…")
	}
	if *update {
		check(t, page, renew(lines, all, outputs))
		return
	}
	for i, s := range all {
		if diff := cmp.Diff(settled(s.output(lines)), settled(outputs[i])); diff != "" {
			t.Errorf("%s:%d: $ %s\n(-page +run):\n%s\nmake docs renews the page; read what changed", page, s.first, s.command, diff)
		}
	}
}
