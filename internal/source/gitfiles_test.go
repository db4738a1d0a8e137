package source

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/git"
)

// A workTree is a repository that the git binary makes.
type workTree struct {
	t   testing.TB
	dir string
}

func newWorkTree(t testing.TB, files map[string]string) *workTree {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git to make repositories with")
	}
	w := &workTree{t, tree(t, files)}
	w.git("init", "-q", "-b", "main", ".")
	w.git("add", "-A")
	w.git("commit", "-q", "--allow-empty", "-m", "first")
	return w
}

func (w *workTree) git(args ...string) string {
	w.t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=Ada", "-c", "user.email=a@example.com"}, args...)...)
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (w *workTree) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// staged are the files that the next commit brings in, in a folder of the repository.
func (w *workTree) staged(folder string) *GitFiles {
	w.t.Helper()
	repo, err := git.Open(w.dir, git.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { repo.Close() })
	head, err := repo.ResolveTree("HEAD")
	if err != nil {
		w.t.Fatal(err)
	}
	entries, err := TreeOf(context.Background(), repo, head, &Account{})
	if err != nil {
		w.t.Fatal(err)
	}
	below := func(p string) (string, bool) { return strings.CutPrefix(p, folder) }
	var committed []GitEntry
	for _, e := range entries {
		if p, in := below(e.Path); in {
			e.Path = p
			committed = append(committed, e)
		}
	}
	g, err := Staged(context.Background(), repo, finding.Target{Kind: "git-staged"}, committed, below)
	if err != nil {
		w.t.Fatal(err)
	}
	return g
}

// The next commit brings in what the index has and HEAD has not, as it is in the index, whatever lies on disk.
func TestStaged(t *testing.T) {
	w := newWorkTree(t, map[string]string{"same": "1", "changed": "2", "gone": "3", "old": "4", "sub/a": "5", "link-to-be": "6"})
	w.write("changed", "two")
	w.write("added", "new")
	w.write("sub/b", "new below")
	w.git("rm", "-q", "gone")
	w.git("mv", "old", "renamed")
	if err := os.Remove(filepath.Join(w.dir, "link-to-be")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("same", filepath.Join(w.dir, "link-to-be")); err != nil {
		t.Skip(err)
	}
	w.git("add", "-A")
	w.git("update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("12", 20)+",module")
	w.write("intended", "later")
	w.git("add", "-N", "intended")
	w.write("changed", "three, which is not staged")
	w.write("untracked", "")

	g := w.staged("")
	got := walkAll(t, g, 3)
	if diff := cmp.Diff([]string{"added", "changed", "link-to-be", "renamed", "sub/b"}, got.Paths); diff != "" {
		t.Errorf("paths (-want +got)\n%s", diff)
	}
	if len(got.Skipped) > 0 {
		t.Errorf("skipped %v", got.Skipped)
	}
	if len(got.Unchecked) != 1 || got.Unchecked[0].Path != "module" {
		t.Errorf("unchecked: %v", got.Unchecked)
	}
	for path, want := range map[string]bool{"same": true, "added": true, "old": false, "gone": false, "untracked": false} {
		if g.Holds(path) != want {
			t.Errorf("holds %s: %v", path, !want)
		}
	}
	texts := map[string]string{}
	err := g.Each(context.Background(), 1, &Account{}, func(_ int, f *File) {
		short, err := f.Read(nil, 1)
		if err != nil || len(short) > 2 {
			t.Errorf("%s, limit 1: %q, %v", f.Path, short, err)
		}
		h, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(io.NewSectionReader(h, 0, h.Size()))
		if err != nil {
			t.Fatal(err)
		}
		texts[f.Path] = string(text)
	})
	if diff := cmp.Diff(map[string]string{"added": "new", "changed": "two", "link-to-be": "same", "renamed": "4", "sub/b": "new below"}, texts); err != nil || diff != "" {
		t.Errorf("%v, texts (-want +got)\n%s", err, diff)
	}
	if diff := cmp.Diff([]string{"b"}, walkAll(t, w.staged("sub/"), 1).Paths); diff != "" {
		t.Errorf("of a folder (-want +got)\n%s", diff)
	}
}

// A tree that is missing is accounted for, and what can be read is handed out.
func TestTreeOfWithHoles(t *testing.T) {
	w := newWorkTree(t, map[string]string{"a": "1", "sub/b": "2", "sub/c": "3"})
	id := w.git("rev-parse", "HEAD:sub")
	if err := os.Remove(filepath.Join(w.dir, ".git", "objects", id[:2], id[2:])); err != nil {
		t.Fatal(err)
	}
	repo, err := git.Open(w.dir, git.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	tree, err := repo.ResolveTree("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	var account Account
	entries, err := TreeOf(context.Background(), repo, tree, &account)
	if err != nil || len(entries) != 1 || entries[0].Path != "a" {
		t.Errorf("%v, %v", entries, err)
	}
	if u := account.Unchecked(); len(u) != 1 || u[0].Path != "sub" || !strings.Contains(u[0].Reason, "the tree could not be read") {
		t.Errorf("unchecked: %v", u)
	}
}

// However many workers there are, only so many large objects are in memory at a time.
func TestLargeObjectsInFlight(t *testing.T) {
	files := map[string]string{"small": "x"}
	for i := range 12 {
		files[fmt.Sprint(i)] = strings.Repeat(fmt.Sprintln("line", i), 700_000)
	}
	w := newWorkTree(t, nil)
	for name, text := range files {
		w.write(name, text)
	}
	w.git("add", "-A")
	var now, most, seen atomic.Int32
	err := w.staged("").Each(context.Background(), 40, &Account{}, func(_ int, f *File) {
		text, err := f.Read(nil, 1<<20)
		if err != nil {
			t.Error(err)
		}
		if seen.Add(1); len(text) > 1 {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(5 * time.Millisecond)
			now.Add(-1)
		}
	})
	if n := most.Load(); err != nil || n > largeObjects || seen.Load() != 13 {
		t.Errorf("%v, %d files, %d large ones at a time", err, seen.Load(), n)
	}
}
