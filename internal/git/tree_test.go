package git

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/git/odb"
)

// variedTree commits files, an executable, a link, a submodule and names that sort oddly.
func variedTree(f *fixture) {
	for _, name := range []string{"a", "a.b", "a0/x", "a-/x", "dir/sub/deep/file", "dir/sub.x", "ü/ö"} {
		f.write(name, name)
	}
	f.write("run", "x")
	if err := os.Chmod(filepath.Join(f.dir, "run"), 0o755); err != nil {
		f.t.Fatal(err)
	}
	if err := os.Symlink("run", filepath.Join(f.dir, "link")); err != nil {
		f.t.Fatal(err)
	}
	f.git("update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("1", 40)+",module")
	f.commit("z", "1")
}

func TestWalkTreeAgainstGit(t *testing.T) {
	f := newFixture(t)
	variedTree(f)
	r := f.open()
	tree, err := r.ResolveTree("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	err = r.WalkTree(t.Context(), tree, func(path string, mode odb.Mode, id odb.ID) error {
		fmt.Fprintf(&got, "%06o %s\t%s\x00", uint32(mode), id, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := f.git("-c", "core.quotePath=false", "ls-tree", "-r", "-t", "-z", "--format=%(objectmode) %(objectname)%x09%(path)", "HEAD")
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("(-git +ours):\n%s", diff)
	}
}

func TestWalkTreeSkips(t *testing.T) {
	f := newFixture(t)
	variedTree(f)
	r := f.open()
	tree, err := r.ResolveTree("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	err = r.WalkTree(t.Context(), tree, func(path string, mode odb.Mode, _ odb.ID) error {
		if path == "dir/sub" {
			return SkipTree
		}
		if strings.HasPrefix(path, "dir/") {
			got = append(got, path)
		}
		return nil
	})
	if diff := cmp.Diff([]string{"dir/sub.x"}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestUnreadableTreeDoesNotStopAWalk(t *testing.T) {
	f := newFixture(t)
	variedTree(f)
	gone := f.git("rev-parse", "HEAD:dir/sub")
	f.remove(".git/objects/" + gone[:2] + "/" + gone[2:])
	r := f.open()
	tree, err := r.ResolveTree("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	last := ""
	err = r.WalkTree(t.Context(), tree, func(path string, _ odb.Mode, _ odb.ID) error {
		last = path
		return nil
	})
	var unreadable *UnreadableError
	if !errors.As(err, &unreadable) || !errors.Is(err, odb.ErrMissing) || unreadable.Trees[0].Path != "dir/sub" {
		t.Errorf("error %v, want one about dir/sub", err)
	}
	if last != "ü/ö" {
		t.Errorf("the walk ended at %q", last)
	}
}

// TestTreeBomb is ten levels of a tree that holds the level below ten times.
func TestTreeBomb(t *testing.T) {
	f := newFixture(t)
	blob := f.feed("x", "hash-object", "-w", "--stdin")
	line := "100644 blob " + blob
	tree := ""
	for range 10 {
		var entries strings.Builder
		for i := range 10 {
			fmt.Fprintf(&entries, "%s\tf%d\n", line, i)
		}
		tree = f.feed(entries.String(), "mktree")
		line = "040000 tree " + tree
	}
	f.git("update-ref", "HEAD", f.git("commit-tree", "-m", "x", tree))
	r, err := Open(f.dir, Options{MaxTreeEntries: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	id := parseIDs(t, tree)[0]
	checks := map[string]func() error{
		"WalkTree": func() error { return r.WalkTree(t.Context(), id, func(string, odb.Mode, odb.ID) error { return nil }) },
		"DiffTrees": func() error {
			return r.DiffTrees(t.Context(), odb.ID{}, id, func(Change) error { return nil })
		},
	}
	for name, check := range checks {
		if err := check(); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v, want ErrTooLarge", name, err)
		}
	}
}

func TestDiffTreesAgainstGit(t *testing.T) {
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(5, seed))
		f := newFixture(t)
		variedTree(f)
		before := f.git("rev-parse", "HEAD")
		changeTree(f, rng)
		after := f.git("rev-parse", "HEAD")

		r := f.open()
		a, errA := r.ResolveTree(before)
		b, errB := r.ResolveTree(after)
		if err := errors.Join(errA, errB); err != nil {
			t.Fatal(err)
		}
		var changes []Change
		if err := r.DiffTrees(t.Context(), a, b, func(c Change) error {
			changes = append(changes, c)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		raw := f.git("diff-tree", "-r", "-z", "--no-renames", before, after)
		if diff := cmp.Diff(sortedChanges(raw), sortedChanges(rawFormat(changes))); diff != "" {
			t.Errorf("seed %d (-git +ours):\n%s", seed, diff)
		}
	}
}

func changeTree(f *fixture, rng *rand.Rand) {
	editTree(f, rng)
	f.commit("z", "2")
}

// editTree edits, removes, adds, and turns files into links and folders and back.
func editTree(f *fixture, rng *rand.Rand) {
	for _, name := range []string{"a", "a.b", "a0", "a-/x", "dir/sub", "dir/sub.x", "link", "run", "ü/ö", "new", "dir/new"} {
		full := filepath.Join(f.dir, name)
		switch rng.IntN(6) {
		case 0:
			os.RemoveAll(full)
		case 1:
			os.RemoveAll(full)
			f.write(name, fmt.Sprint(rng.Uint64()))
		case 2:
			os.RemoveAll(full)
			f.write(name+"/below", "1")
		case 3:
			os.RemoveAll(full)
			os.Symlink("x", full)
		}
	}
}

func rawFormat(changes []Change) string {
	letters := map[ChangeKind]string{Added: "A", Deleted: "D", Modified: "M", TypeChanged: "T"}
	var b strings.Builder
	for _, c := range changes {
		old, new := c.OldID.String(), c.ID.String()
		zeros := strings.Repeat("0", 40)
		if c.Kind == Added {
			old = zeros
		}
		if c.Kind == Deleted {
			new = zeros
		}
		fmt.Fprintf(&b, ":%06o %06o %s %s %s\x00%s\x00", uint32(c.OldMode), uint32(c.Mode), old, new, letters[c.Kind], c.Path)
	}
	return b.String()
}

func sortedChanges(raw string) []string {
	fields := strings.Split(strings.TrimSuffix(raw, "\x00"), "\x00")
	var changes []string
	for ; len(fields) >= 2; fields = fields[2:] {
		changes = append(changes, fields[1]+" "+fields[0])
	}
	slices.Sort(changes)
	return changes
}
