package git

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/assaysec/assay/internal/git/odb"
)

// compareIDs lets cmp look at object IDs.
var compareIDs = cmpopts.EquateComparable(odb.ID{})

// A fixture is a repository made by the git binary, which also gives the answers to compare with.
type fixture struct {
	t     *testing.T
	dir   string
	clock int // seconds, so that each commit has its own date
}

func needGit(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git to compare with")
	}
}

func newFixture(t *testing.T, initArgs ...string) *fixture {
	t.Helper()
	needGit(t)
	f := &fixture{t: t, dir: t.TempDir()}
	f.git(append([]string{"init", "-q", "-b", "main"}, initArgs...)...)
	return f
}

func (f *fixture) git(args ...string) string {
	f.t.Helper()
	out, err := f.try(args...)
	if err != nil {
		f.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (f *fixture) try(args ...string) (string, error) {
	out, err := f.command(args...).CombinedOutput()
	return strings.TrimRight(string(out), "\n"), err
}

// feed is git with a standard input.
func (f *fixture) feed(input string, args ...string) string {
	f.t.Helper()
	cmd := f.command(args...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		f.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimRight(string(out), "\n")
}

func (f *fixture) command(args ...string) *exec.Cmd {
	f.clock++
	cmd := exec.Command("git", args...)
	cmd.Dir = f.dir
	date := fmt.Sprintf("%d +0000", 1_700_000_000+f.clock)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
		"GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date)
	return cmd
}

func (f *fixture) remove(name string) {
	f.t.Helper()
	if err := os.Remove(filepath.Join(f.dir, name)); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) write(name, content string) {
	f.t.Helper()
	full := filepath.Join(f.dir, name)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
		f.t.Fatal(err)
	}
}

// commit writes the file, commits everything and returns the new commit's ID.
func (f *fixture) commit(name, content string) string {
	f.t.Helper()
	f.write(name, content)
	f.git("add", "-A")
	f.git("commit", "-q", "--allow-empty", "-m", "change "+name)
	return f.git("rev-parse", "HEAD")
}

func (f *fixture) open() *Repo {
	f.t.Helper()
	r, err := Open(f.dir, Options{})
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { r.Close() })
	return r
}
