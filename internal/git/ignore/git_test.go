package ignore

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAgainstGit compares with git check-ignore on generated patterns and paths, a nested ignore file included.
func TestAgainstGit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git to compare with")
	}
	const rounds = 60
	for round := range rounds {
		dir := t.TempDir()
		runGit(t, dir, "git", "init", "-q")
		r := rand.New(rand.NewPCG(7, uint64(round)))
		compareRound(t, dir, r)
		if t.Failed() {
			t.Fatalf("round %d", round)
		}
	}
}

func compareRound(t *testing.T, dir string, r *rand.Rand) {
	files := map[string]string{".gitignore": patterns(r, 12), "a/.gitignore": patterns(r, 5), ".git/info/exclude": patterns(r, 3)}
	for name, content := range files {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	paths := somePaths(r, 120)
	for p := range paths {
		if paths[p] {
			if err := os.MkdirAll(filepath.Join(dir, p), 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := gitAnswers(t, dir, slices.Collect(maps.Keys(paths)))

	root := (*Matcher)(nil).Child("", File{".git/info/exclude", []byte(files[".git/info/exclude"])},
		File{".gitignore", []byte(files[".gitignore"])})
	sub := root.Child("a", File{"a/.gitignore", []byte(files["a/.gitignore"])})
	for p := range paths {
		got := ask(root, sub, p, isFolder(dir, p))
		if diff := cmp.Diff(want[p], got); diff != "" {
			t.Errorf("%q with %q (-git +ours):\n%s", p, files, diff)
		}
	}
}

// ask does what a walk does: the first ignored folder on the way ends it.
func ask(root, sub *Matcher, p string, isDir bool) string {
	elements := strings.Split(p, "/")
	for i := range elements {
		part := strings.Join(elements[:i+1], "/")
		m := root
		if i > 0 && elements[0] == "a" {
			m = sub
		}
		ignored, by := m.Match(part, i < len(elements)-1 || isDir)
		if ignored || (i == len(elements)-1 && by.Line > 0) {
			return fmt.Sprintf("%s:%d:%s", by.File, by.Line, by.Pattern)
		}
	}
	return "::"
}

func gitAnswers(t *testing.T, dir string, paths []string) map[string]string {
	cmd := exec.Command("git", "check-ignore", "-v", "-n", "-z", "--no-index", "--stdin")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "XDG_CONFIG_HOME="+dir)
	cmd.Stdin = strings.NewReader(strings.Join(paths, "\x00") + "\x00")
	out, err := cmd.Output()
	if err != nil && cmd.ProcessState.ExitCode() != 1 {
		t.Fatal(err)
	}
	answers := map[string]string{}
	fields := bytes.Split(out, []byte{0})
	for ; len(fields) >= 4; fields = fields[4:] {
		answers[string(fields[3])] = fmt.Sprintf("%s:%s:%s", fields[0], fields[1], fields[2])
	}
	return answers
}

func patterns(r *rand.Rand, n int) string {
	parts := []string{"a", "b", "ab", "c", ".x", "*", "**", "?", "/", "/", "[ab]", "[!a]", "[a-c]", "[]x]", "[[:alpha:]]",
		`\*`, `\a`, "a*", "*b", "*.x", "/**/", "**/", "/**", "[^b]", `[\]a]`, "[b-", " ", `\ `, "a-", "[--b]", "***", "a*b*c", "[[:nope:]]", "[[x]", `\/`,
		"[[:digit:]]", "[[:punct:]]", "[[:space:]]", "[[:upper:]x]", "[![:alnum:]]", "[[:xdigit:]]", "[[:graph:]]", "[[:print:]]", "[[:blank:]-]",
		"[[:cntrl:]a]", "[[:lower:]]"}
	var b strings.Builder
	for range n {
		if r.IntN(4) == 0 {
			b.WriteByte('!')
		}
		for range 1 + r.IntN(5) {
			b.WriteString(parts[r.IntN(len(parts))])
		}
		if r.IntN(5) == 0 {
			b.WriteByte('/')
		}
		if r.IntN(8) == 0 {
			b.WriteString("  ")
		}
		if r.IntN(10) == 0 {
			b.WriteByte('\r')
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// somePaths gives paths and whether to make them folders; git looks at the disk for that.
func somePaths(r *rand.Rand, n int) map[string]bool {
	names := []string{"a", "b", "ab", "c", "abc", "a.x", ".x", "b.x", "x", "aab", "]", "-", "a b", "a ", "*", "acbc", "A", "1", "_", "\x01", "\t", "\v", "é", "~", "F"}
	paths := map[string]bool{}
	for len(paths) < n {
		var elements []string
		for range 1 + r.IntN(4) {
			elements = append(elements, names[r.IntN(len(names))])
		}
		paths[path.Join(elements...)] = r.IntN(4) == 0
	}
	return paths
}

func isFolder(dir, p string) bool {
	info, err := os.Stat(filepath.Join(dir, p))
	return err == nil && info.IsDir()
}

func runGit(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}
