package git

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func refLines(t *testing.T, r *Repo) string {
	t.Helper()
	refs, err := r.Refs()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, ref := range refs {
		fmt.Fprintf(&b, "%s %s %s\n", ref.ID, ref.Name, ref.Target)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

const refFormat = "--format=%(objectname) %(refname) %(symref)"

// manyRefs is a repository with every kind of reference.
func manyRefs(t *testing.T, initArgs ...string) *fixture {
	f := newFixture(t, initArgs...)
	f.commit("a", "1")
	f.git("tag", "light")
	f.git("tag", "-a", "-m", "x", "heavy")
	f.git("branch", "topic/one")
	f.git("pack-refs", "--all")
	f.commit("a", "2")
	f.git("branch", "later")
	f.git("update-ref", "refs/remotes/origin/main", "HEAD")
	f.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
	f.git("notes", "add", "-m", "note")
	for i := range 3 {
		f.write("a", fmt.Sprint("stashed", i))
		f.git("stash")
	}
	return f
}

func TestRefsAgainstGit(t *testing.T) {
	for _, format := range []string{"sha1", "sha256"} {
		t.Run(format, func(t *testing.T) {
			f := manyRefs(t, "--object-format="+format)
			f.write(".git/refs/heads/later.lock", "")
			r := f.open()
			if diff := cmp.Diff(f.git("for-each-ref", refFormat), refLines(t, r)); diff != "" {
				t.Errorf("(-git +ours):\n%s", diff)
			}
			head, err := r.Head()
			if err != nil || head.Target != "refs/heads/main" || head.ID.String() != f.git("rev-parse", "HEAD") {
				t.Errorf("HEAD = %+v, %v", head, err)
			}
			entries, err := r.Reflog("refs/stash")
			if err != nil || len(entries) != 3 {
				t.Fatalf("stash log has %d entries, want 3: %v", len(entries), err)
			}
			if got, want := entries[0].New.String(), f.git("rev-parse", "stash@{2}"); got != want {
				t.Errorf("oldest stash %s, want %s", got, want)
			}
		})
	}
}

func TestHeadStates(t *testing.T) {
	f := newFixture(t)
	head, err := f.open().Head()
	if err != nil || head.Target != "refs/heads/main" || !head.ID.IsZero() {
		t.Errorf("unborn: %+v, %v", head, err)
	}
	id := f.commit("a", "1")
	f.git("checkout", "-q", "--detach")
	head, err = f.open().Head()
	if err != nil || head.Target != "" || head.ID.String() != id {
		t.Errorf("detached: %+v, %v", head, err)
	}
}

func TestSymbolicLoop(t *testing.T) {
	f := newFixture(t)
	f.write(".git/refs/heads/x", "ref: refs/heads/y\n")
	f.write(".git/refs/heads/y", "ref: refs/heads/x\n")
	ref, err := f.open().Ref("refs/heads/x")
	if err != nil || !ref.ID.IsZero() {
		t.Errorf("a loop gives %+v, %v; want no ID", ref, err)
	}
}

func TestHostileRefs(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("content of another file"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		make func(f *fixture)
	}{
		{"link out of the repository", func(f *fixture) {
			if err := os.Symlink(outside, filepath.Join(f.dir, ".git/refs/heads/x")); err != nil {
				t.Skip(err)
			}
		}},
		{"no ID", func(f *fixture) { f.write(".git/refs/heads/x", "content of another file") }},
		{"target with dots", func(f *fixture) { f.write(".git/refs/heads/x", "ref: refs/../../../etc/passwd\n") }},
		{"packed name", func(f *fixture) { f.write(".git/packed-refs", strings.Repeat("a", 40)+" ../../x\n") }},
		{"packed ID", func(f *fixture) { f.write(".git/packed-refs", "content of another file\n") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			id := f.commit("a", "1")
			tt.make(f)
			refs, err := f.open().Refs()
			if err != nil || len(refs) != 2 {
				t.Fatalf("refs %v, %v; want main and a broken one", refs, err)
			}
			for _, ref := range refs {
				if ref.Name == "refs/heads/main" {
					if ref.Err != nil || ref.ID.String() != id {
						t.Errorf("main = %+v", ref)
					}
				} else if ref.Err == nil || strings.Contains(ref.Err.Error(), "another file") {
					t.Errorf("error %v; want one that does not show the content", ref.Err)
				}
			}
		})
	}
}

func TestWorktreeRefs(t *testing.T) {
	f := manyRefs(t)
	f.git("worktree", "add", "-q", "--detach", "linked")
	f.write("linked/b", "1")
	f.git("-C", "linked", "add", "-A")
	f.git("-C", "linked", "commit", "-q", "-m", "in the worktree")
	f.git("-C", "linked", "update-ref", "refs/worktree/own", "HEAD")
	f.git("-C", "linked", "update-ref", "refs/bisect/bad", "HEAD")

	r, err := Open(filepath.Join(f.dir, "linked"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if diff := cmp.Diff(f.git("-C", "linked", "for-each-ref", refFormat), refLines(t, r)); diff != "" {
		t.Errorf("linked (-git +ours):\n%s", diff)
	}
	if head, err := r.Head(); err != nil || head.ID.String() != f.git("-C", "linked", "rev-parse", "HEAD") {
		t.Errorf("HEAD of the worktree = %+v, %v", head, err)
	}
	if diff := cmp.Diff(f.git("for-each-ref", refFormat), refLines(t, f.open())); diff != "" {
		t.Errorf("main (-git +ours):\n%s", diff)
	}
}

func TestRefNotFound(t *testing.T) {
	f := newFixture(t)
	for _, name := range []string{"refs/heads/none", "ORIG_HEAD", "../HEAD", ""} {
		if _, err := f.open().Ref(name); !errors.Is(err, ErrNoRef) {
			t.Errorf("Ref(%q): %v, want ErrNoRef", name, err)
		}
	}
}

func FuzzPackedRefs(f *testing.F) {
	id := strings.Repeat("1", 40)
	f.Add("# pack-refs with: peeled fully-peeled sorted \n" + id + " refs/heads/main\n" + id + " refs/tags/v1\n^" + id + "\n")
	f.Add("^" + id + "\n" + id + "\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, ref := range parsePackedRefs(text) {
			if ref.Err == nil && !validRefName(ref.Name) {
				t.Errorf("invalid name %q", ref.Name)
			}
		}
	})
}

func FuzzReflog(f *testing.F) {
	id := strings.Repeat("1", 40)
	f.Add(id + " " + id + " a <a@example.com> 1700000000 +0000\tcommit: x\n")
	f.Fuzz(func(t *testing.T, text string) {
		entries := parseReflog(text)
		if len(entries) > strings.Count(text, "\n")+1 {
			t.Errorf("%d entries from %q", len(entries), text)
		}
	})
}

// A file of nothing but malformed lines is told of in a few words.
func TestFilesOfGarbage(t *testing.T) {
	garbage := strings.Repeat("x\n", 100_000)
	refs := parsePackedRefs(garbage + strings.Repeat("a", 40) + " refs/heads/main\n")
	if n := len(refs); n != maxBroken+2 || refs[maxBroken].Name != "refs/heads/main" || !strings.Contains(refs[n-1].Err.Error(), "99900 more lines") {
		t.Errorf("%d refs, the last %+v", n, refs[n-1])
	}
	id := strings.Repeat("a", 40)
	entries := parseReflog(garbage + id + " " + id + " who\n")
	if n := len(entries); n != maxBroken+2 || entries[maxBroken].New.IsZero() || !strings.Contains(entries[n-1].Err.Error(), "99900 more lines") {
		t.Errorf("%d entries, the last %+v", n, entries[n-1])
	}
}
