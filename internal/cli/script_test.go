package cli_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScript runs the manual: one file for each behaviour that a user can meet.
func TestScript(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git to make repositories with")
	}
	path := program(t) + string(filepath.ListSeparator) + os.Getenv("PATH")
	testscript.Run(t, testscript.Params{
		Dir:   filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error { env.Setenv("PATH", path); return setUp(env) },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "git": runGit, "commit": commit, "count": count, "join": joinFiles, "lose": lose,
		},
	})
}

// program builds the command as users have it and gives its folder. Scripts start it hundreds of times: with the race
// detector, which the tests within this process have, each start would take ten times as long.
func program(t *testing.T) string {
	dir := t.TempDir()
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", dir, "github.com/assaysec/assay/cmd/assay")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the command: %v: %s", err, out)
	}
	return dir
}

// setUp gives scripts one clock, one author and no configuration of this machine. The mark that keeps credentials in
// scripts apart is taken out of the files.
func setUp(env *testscript.Env) error {
	env.Vars = append(env.Vars, "ASSAY_NOW=2026-11-24T09:00:00Z", "XDG_CACHE_HOME="+filepath.Join(env.WorkDir, ".cache"),
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com",
		"GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.com", "CLOCK=1790000000")
	return filepath.WalkDir(env.WorkDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), breakMark) {
			return err
		}
		return os.WriteFile(path, []byte(whole(string(text))), 0o644)
	})
}

// exits runs a command and wants an exit code: exits 3 assay scan --history app.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG…]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// runGit is git at a clock that goes on by a minute each time.
func runGit(ts *testscript.TestScript, neg bool, args []string) {
	now, err := strconv.Atoi(ts.Getenv("CLOCK"))
	ts.Check(err)
	ts.Setenv("CLOCK", strconv.Itoa(now+60))
	ts.Setenv("GIT_AUTHOR_DATE", fmt.Sprintf("%d +0000", now))
	ts.Setenv("GIT_COMMITTER_DATE", fmt.Sprintf("%d +0000", now))
	if err := ts.Exec("git", args...); (err != nil) != neg {
		ts.Fatalf("git %s: %v", strings.Join(args, " "), err)
	}
}

// commit commits all there is in this folder.
func commit(ts *testscript.TestScript, _ bool, args []string) {
	runGit(ts, false, []string{"add", "-A"})
	runGit(ts, false, append([]string{"commit", "-q", "--allow-empty", "-m"}, args...))
}

// count wants a text to occur a number of times in a file: count 2 '"rule"' report.json.
func count(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: count NUMBER TEXT FILE")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := strings.Count(ts.ReadFile(args[2]), args[1]); got != want {
		ts.Fatalf("%q occurs %d times, want %d", args[1], got, want)
	}
}

// joinFiles appends files to the first one.
func joinFiles(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o644)
	ts.Check(err)
	defer f.Close()
	for _, name := range args[1:] {
		_, err := f.WriteString(ts.ReadFile(name))
		ts.Check(err)
	}
}

// lose deletes a loose object from this folder's repository: lose HEAD:dir/file.
func lose(ts *testscript.TestScript, _ bool, args []string) {
	cmd := exec.Command("git", "rev-parse", args[0])
	cmd.Dir = ts.MkAbs(".")
	out, err := cmd.Output()
	ts.Check(err)
	id := strings.TrimSpace(string(out))
	ts.Check(os.Remove(filepath.Join(cmd.Dir, ".git", "objects", id[:2], id[2:])))
}
