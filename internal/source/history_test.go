package source

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/git/odb"
)

// A historyFixture is a repository made by the git binary.
type historyFixture struct {
	*testing.T
	dir string
}

func newHistory(t *testing.T) historyFixture {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git to make repositories with")
	}
	f := historyFixture{t, t.TempDir()}
	f.git("", "init", "-q", "-b", "main")
	return f
}

func (f historyFixture) git(stdin string, args ...string) string {
	f.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = f.dir, strings.NewReader(stdin)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=c", "GIT_COMMITTER_EMAIL=c@example.com", "GIT_AUTHOR_DATE=2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z")
	out, err := cmd.CombinedOutput()
	if err != nil {
		f.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (f historyFixture) write(name, text string) {
	f.Helper()
	full := filepath.Join(f.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		f.Fatal(err)
	}
	os.Remove(full) // objects are not writable
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		f.Fatal(err)
	}
}

func (f historyFixture) commit(name, text string) string {
	f.Helper()
	f.write(name, text)
	f.git("", "add", "-A")
	f.git("", "commit", "-q", "-m", "message of "+name)
	return f.git("", "rev-parse", "HEAD")
}

// lose removes a loose object.
func (f historyFixture) lose(id string) {
	f.Helper()
	if err := os.Remove(filepath.Join(f.dir, ".git", "objects", id[:2], id[2:])); err != nil {
		f.Fatal(err)
	}
}

// A told is what a history shows to those who look at it.
type told struct {
	Messages, Versions, Unchecked []string
}

func (f historyFixture) read() told {
	f.Helper()
	repo, err := git.Open(f.dir, git.Options{})
	if err != nil {
		f.Fatal(err)
	}
	defer repo.Close()
	var out told
	var mu sync.Mutex
	add := func(list *[]string, s string) {
		mu.Lock()
		defer mu.Unlock()
		*list = append(*list, s)
	}
	var account Account
	h, err := OpenHistory(f.Context(), "test", repo, 2, &account, func(_ int, m *Message) {
		add(&out.Messages, m.Kind+": "+strings.TrimSpace(string(m.Text)))
	})
	if err != nil {
		f.Fatal(err)
	}
	ids := map[odb.ID]struct{}{}
	err = h.Each(f.Context(), 2, 100, &account, func(_ int, v *Version) any {
		add(&out.Versions, strings.Join(v.Paths, " ")+": "+string(v.Text))
		mu.Lock()
		defer mu.Unlock()
		ids[v.ID] = struct{}{}
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
	if _, err := h.Locate(f.Context(), ids); err != nil {
		f.Fatal(err)
	}
	for _, u := range account.Unchecked() {
		out.Unchecked = append(out.Unchecked, u.Path+": "+u.Reason)
	}
	for _, list := range [][]string{out.Messages, out.Versions, out.Unchecked} {
		slices.Sort(list)
	}
	return out
}

func TestHistory(t *testing.T) {
	f := newHistory(t)
	f.commit("a", "one")
	f.commit("dir/b", "one")
	f.git("", "tag", "-a", "-m", "first release", "v1")
	f.git("lost text", "hash-object", "-w", "--stdin")
	f.commit("large", strings.Repeat("x", 101))
	want := told{
		Messages:  []string{"commit: message of a", "commit: message of dir/b", "commit: message of large", "tag: first release"},
		Versions:  []string{": lost text", "a dir/b: one"},
		Unchecked: []string{"large (blob " + f.git("", "rev-parse", "HEAD:large")[:12] + "): larger than the limit of 100 bytes"},
	}
	for _, packed := range []bool{false, true} {
		if packed {
			f.git("", "repack", "-q", "-a", "-d")
		}
		if diff := cmp.Diff(want, f.read()); diff != "" {
			t.Errorf("packed %v (-want +got)\n%s", packed, diff)
		}
	}
}

// What could not be looked at is told, whatever part of the history it is in.
func TestHistoryIncomplete(t *testing.T) {
	tests := []struct {
		name   string
		damage func(f historyFixture) (want string)
	}{
		{"missing version", func(f historyFixture) string {
			id := f.git("", "rev-parse", "HEAD:dir/b")
			f.lose(id)
			return "dir/b (blob " + id[:12] + "): the object is missing from the repository"
		}},
		{"missing folder", func(f historyFixture) string {
			f.lose(f.git("", "rev-parse", "HEAD:dir"))
			return "dir: the tree is missing from the repository, and with it the names of what was below"
		}},
		{"missing tree of a commit", func(f historyFixture) string {
			id := f.git("", "rev-parse", "HEAD^^{tree}")
			f.lose(id)
			return "tree " + id + ": the tree of a commit is missing from the repository"
		}},
		{"missing commit", func(f historyFixture) string {
			id, child := f.git("", "rev-parse", "HEAD^"), f.git("", "rev-parse", "HEAD")
			f.lose(id)
			return "commit " + id + ": parent of commit " + child + ": object " + id + ": object is missing"
		}},
		{"malformed tree", func(f historyFixture) string {
			id := f.git("100644 a\x00short", "hash-object", "-t", "tree", "-w", "--literally", "--stdin")
			return "tree " + id + ": the tree is malformed, and what comes after the fault in it is not known"
		}},
		{"damaged object", func(f historyFixture) string {
			id := f.git("", "rev-parse", "HEAD:dir/b")
			f.write(".git/objects/"+id[:2]+"/"+id[2:], "nonsense")
			return "object " + id + ": damaged"
		}},
		{"pack without an index", func(f historyFixture) string {
			f.write(".git/objects/pack/pack-1.pack", "PACK")
			return "objects/pack/pack-1.pack: objects in it could not be used: pack has no index"
		}},
		{"borrowed objects out of reach", func(f historyFixture) string {
			f.write(".git/objects/info/alternates", "/elsewhere/objects\n")
			return "/elsewhere/objects: objects in it could not be used: alternate lies outside the allowed roots"
		}},
		{"submodule", func(f historyFixture) string {
			f.git("", "update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("1", 40)+",lib")
			f.git("", "commit", "-q", "-m", "x")
			return "lib: a submodule: its history is that of another repository"
		}},
		{"broken reference", func(f historyFixture) string {
			f.write(".git/refs/heads/broken", "nonsense")
			return "branch broken: history could not be entered here: "
		}},
		{"shallow clone", func(f historyFixture) string {
			f.write(".git/shallow", f.git("", "rev-parse", "HEAD")+"\n")
			return "history: the clone is shallow: what came before 1 of its commits is not here; git fetch --unshallow brings it"
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newHistory(t)
			f.commit("a", "one")
			f.commit("dir/b", "two")
			want := tt.damage(f)
			got := f.read().Unchecked
			if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, want) }) {
				t.Errorf("unchecked %q, want %q among it", got, want)
			}
		})
	}
}

// What git itself does without is not missed: the empty tree, and commits that only a pruned reflog names.
func TestHistoryComplete(t *testing.T) {
	f := newHistory(t)
	f.git("", "commit", "-q", "--allow-empty", "-m", "nothing yet")
	f.lose(f.git("", "rev-parse", "HEAD^{tree}"))
	gone := f.commit("a", "one")
	f.git("", "reset", "-q", "--hard", "HEAD^")
	f.commit("b", "two")
	f.lose(gone)
	if got := f.read().Unchecked; len(got) > 0 {
		t.Errorf("unchecked %q", got)
	}
}
