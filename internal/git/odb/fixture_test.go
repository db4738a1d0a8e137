package odb

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A repo is a bare repository built with the git binary.
type repo struct {
	t   testing.TB
	dir string
}

func newRepo(t testing.TB, args ...string) *repo {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git to build repositories")
	}
	r := &repo{t: t, dir: filepath.Join(t.TempDir(), "repo")}
	run(t, nil, "git", append([]string{"init", "-q", "--bare", r.dir}, args...)...)
	return r
}

func (r *repo) objects() string { return filepath.Join(r.dir, "objects") }

func (r *repo) git(args ...string) string { return r.gitIn(nil, args...) }

func (r *repo) gitIn(stdin []byte, args ...string) string {
	r.t.Helper()
	return string(run(r.t, stdin, "git", append([]string{"-C", r.dir}, args...)...))
}

func run(t testing.TB, stdin []byte, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = bytes.NewReader(stdin)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=A U Thor", "GIT_AUTHOR_EMAIL=author@example.com", "GIT_AUTHOR_DATE=2020-01-02T03:04:05+0130",
		"GIT_COMMITTER_NAME=C O Mitter", "GIT_COMMITTER_EMAIL=committer@example.com", "GIT_COMMITTER_DATE=2021-02-03T04:05:06-0700")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, stderr.Bytes())
	}
	return out
}

// history imports commits whose files change a little each time, so that packing makes deltas, with a tag at the end.
func (r *repo) history(commits int) {
	r.t.Helper()
	rnd := rand.New(rand.NewPCG(7, uint64(commits)))
	files := make([][]string, 6)
	for i := range files {
		for j := range 120 {
			files[i] = append(files[i], fmt.Sprintf("file %d line %d %016x", i, j, rnd.Uint64()))
		}
	}
	var b bytes.Buffer
	for c := range commits {
		i := rnd.IntN(len(files))
		files[i][rnd.IntN(120)] = fmt.Sprintf("changed by %d to %016x", c, rnd.Uint64())
		if c%5 == 0 {
			files[i] = append(files[i][60:], files[i][:60]...)
		}
		fmt.Fprintf(&b, "commit refs/heads/main\ncommitter C <c@example.com> %d +0000\ndata 3\nc%d\n", 1600000000+c, c%10)
		for i, lines := range files {
			text := strings.Join(lines, "\n")
			fmt.Fprintf(&b, "M 100644 inline dir/%d/file\ndata %d\n%s\n", i, len(text), text)
		}
	}
	fmt.Fprint(&b, "M 100644 inline empty\ndata 0\n\nM 120000 inline link\ndata 5\nempty\n")
	fmt.Fprint(&b, "tag v1\nfrom refs/heads/main\ntagger T <t@example.com> 1600009999 +0200\ndata 4\none\n")
	r.gitIn(b.Bytes(), "-c", "fastimport.unpackLimit=100000", "fast-import", "--quiet")
}

// versions writes that many versions of one file as loose objects that are kept by a tree.
func (r *repo) versions(n int) {
	r.t.Helper()
	rnd := rand.New(rand.NewPCG(9, 9))
	lines := make([]string, 300)
	for i := range lines {
		lines[i] = fmt.Sprintf("line %d %016x", i, rnd.Uint64())
	}
	var b bytes.Buffer
	fmt.Fprint(&b, "commit refs/heads/main\ncommitter C <c@example.com> 1600000000 +0000\ndata 1\nx\n")
	for i := range n {
		lines[rnd.IntN(len(lines))] = fmt.Sprintf("changed to %016x", rnd.Uint64())
		text := strings.Join(lines, "\n")
		fmt.Fprintf(&b, "M 100644 inline %d/file\ndata %d\n%s\n", i, len(text), text)
	}
	r.gitIn(b.Bytes(), "-c", "fastimport.unpackLimit=100000", "fast-import", "--quiet")
}

// repack puts everything into one pack with deltas.
func (r *repo) repack(args ...string) {
	r.t.Helper()
	r.git(append([]string{"-c", "pack.threads=1", "repack", "-adfq", "--depth=20", "--window=20"}, args...)...) // the last of an option counts
}

// thing is an object as tests compare it.
type thing struct {
	Type Type
	Data string
}

// all is what git says is in the repository.
func (r *repo) all() map[string]thing {
	r.t.Helper()
	out := map[string]thing{}
	in := bufio.NewReader(bytes.NewReader([]byte(r.git("cat-file", "--batch-all-objects", "--batch"))))
	for {
		line, err := in.ReadString('\n')
		if err == io.EOF {
			return out
		}
		var id, kind string
		var size int
		if _, err := fmt.Sscan(line, &id, &kind, &size); err != nil {
			r.t.Fatalf("cat-file printed %q", line)
		}
		data := make([]byte, size+1)
		if _, err := io.ReadFull(in, data); err != nil {
			r.t.Fatal(err)
		}
		t, _ := parseType([]byte(kind))
		out[id] = thing{t, string(data[:size])}
	}
}

func open(t testing.TB, dir string, o Options) *Store {
	t.Helper()
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func (r *repo) files(pattern string) []string {
	r.t.Helper()
	names, err := filepath.Glob(filepath.Join(r.objects(), pattern))
	if err != nil || len(names) == 0 {
		r.t.Fatalf("no %s: %v", pattern, err)
	}
	return names
}

// edit changes a file that git left read-only.
func edit(t testing.TB, name string, change func([]byte) []byte) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	os.Chmod(name, 0o600)
	if err := os.WriteFile(name, change(data), 0o600); err != nil {
		t.Fatal(err)
	}
}
