package paths

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/assaysec/assay/internal/git/odb"
	"github.com/google/go-cmp/cmp"
)

type fixture struct {
	*testing.T
	dir string
}

func (f fixture) git(args ...string) string {
	f.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = f.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=c", "GIT_COMMITTER_EMAIL=c@example.com", "GIT_AUTHOR_DATE=2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z")
	out, err := cmd.CombinedOutput()
	if err != nil {
		f.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (f fixture) write(name, text string) {
	f.Helper()
	full := filepath.Join(f.dir, name)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		f.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		f.Fatal(err)
	}
}

func (f fixture) commit() {
	f.Helper()
	f.git("add", "-A")
	f.git("commit", "-qm", "x")
}

// TestPathsAreGits compares the paths of every blob with those that git log names.
func TestPathsAreGits(t *testing.T) {
	f := fixture{t, t.TempDir()}
	f.git("init", "-q", "-b", "main")
	for i := range 12 {
		f.write(fmt.Sprintf("d%d/sub/f%d", i%3, i), fmt.Sprint("text ", i%5))
		f.write("top", fmt.Sprint("version ", i))
		f.write("d0/sub/f0", fmt.Sprint("again ", i/2))
		if i == 6 {
			f.git("mv", "d1", "moved")
		}
		f.commit()
	}
	f.git("checkout", "-qb", "side", "HEAD~4")
	f.write("side/only", "here")
	f.commit()
	for _, packed := range []bool{false, true} {
		if packed {
			f.git("gc", "-q")
		}
		f.compare(fmt.Sprintf("packed %v", packed))
	}
}

func (f fixture) compare(name string) {
	f.Helper()
	want := map[string][]string{}
	for _, commit := range strings.Fields(f.git("rev-list", "--all")) {
		for line := range strings.Lines(f.git("ls-tree", "-r", commit)) {
			meta, path, _ := strings.Cut(strings.TrimRight(line, "\n"), "\t")
			id := strings.Fields(meta)[2]
			if !slices.Contains(want[id], path) {
				want[id] = append(want[id], path)
			}
		}
	}
	x := f.index()
	got := map[string][]string{}
	x.Blobs(func(id odb.ID) { got[id.String()] = x.Paths(id) })
	for id := range want {
		slices.Sort(want[id])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		f.Errorf("%s (-git +ours)\n%s", name, diff)
	}
	if len(x.holes)+len(x.links) > 0 {
		f.Errorf("%s: %d holes, %d links", name, len(x.holes), len(x.links))
	}
}

// index is that of all objects, from the trees that git log names.
func (f fixture) index() *Index {
	f.Helper()
	store, err := odb.Open(filepath.Join(f.dir, ".git", "objects"), odb.Options{})
	if err != nil {
		f.Fatal(err)
	}
	defer store.Close()
	return build(f, store, f.trees())
}

func build(t testing.TB, store *odb.Store, roots []odb.ID) *Index {
	t.Helper()
	b := NewBuilder(odb.SHA1, 2)
	want := func(t odb.Type, _ int64) bool { return t == odb.Tree }
	if _, err := store.Each(t.Context(), 2, want, func(worker int, o *odb.Object) (any, error) { return b.Add(worker, o), nil }); err != nil {
		t.Fatal(err)
	}
	x, err := b.Index(t.Context(), roots)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func (f fixture) trees() []odb.ID {
	var ids []odb.ID
	for _, tree := range strings.Fields(f.git("log", "--all", "--format=%T")) {
		id, err := odb.ParseID(tree)
		if err != nil {
			f.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// TestHolesAndLinks names what is missing and what belongs to another repository.
func TestHolesAndLinks(t *testing.T) {
	f := fixture{t, t.TempDir()}
	f.git("init", "-q", "-b", "main")
	f.write("kept/a", "a")
	f.write("gone/b", "b")
	f.git("add", "-A")
	f.git("update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("1", 40)+",lib/other")
	f.git("commit", "-qm", "x")
	tree := f.git("rev-parse", "HEAD:gone")
	if err := os.Remove(filepath.Join(f.dir, ".git", "objects", tree[:2], tree[2:])); err != nil {
		t.Fatal(err)
	}
	x := f.index()
	holes, _ := x.Holes(10)
	links, n := x.Links(10)
	if diff := cmp.Diff([][]string{{"gone"}, {"lib/other"}}, [][]string{holes, links}); diff != "" || n != 1 {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var all []string
	x.All(func(p string) { all = append(all, p) })
	if diff := cmp.Diff([]string{"kept/a"}, all); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
