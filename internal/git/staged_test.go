package git

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/git/odb"
)

func stagedChanges(t *testing.T, r *Repo, tree odb.ID) []Change {
	t.Helper()
	x, err := r.Index(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var changes []Change
	if err := r.DiffIndex(t.Context(), tree, x, func(c Change) error {
		changes = append(changes, c)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return changes
}

func TestDiffIndexAgainstGit(t *testing.T) {
	for seed := range uint64(4) {
		f := newFixture(t)
		variedTree(f)
		editTree(f, rand.New(rand.NewPCG(6, seed)))
		f.git("add", "-A")
		f.write("only named", "1")
		f.git("add", "-N", "only named")
		r := f.open()
		tree, err := r.ResolveTree("HEAD")
		if err != nil {
			t.Fatal(err)
		}
		raw := f.git("diff-index", "--cached", "--no-renames", "--ita-invisible-in-index", "-z", "HEAD")
		if diff := cmp.Diff(sortedChanges(raw), sortedChanges(rawFormat(stagedChanges(t, r, tree)))); diff != "" {
			t.Errorf("seed %d (-git +ours):\n%s", seed, diff)
		}
	}
}

func TestDiffIndexBeforeTheFirstCommit(t *testing.T) {
	f := newFixture(t)
	f.write("a", "1")
	f.git("add", "a")
	changes := stagedChanges(t, f.open(), odb.ID{})
	if len(changes) != 1 || changes[0].Kind != Added || changes[0].Path != "a" {
		t.Errorf("changes %+v, want a added", changes)
	}
}

func TestDiffIndexInAConflict(t *testing.T) {
	f := newFixture(t)
	f.commit("a", "base")
	f.git("checkout", "-q", "-b", "other")
	f.commit("a", "theirs")
	f.git("checkout", "-q", "main")
	f.commit("a", "ours")
	if _, err := f.try("merge", "other"); err == nil {
		t.Fatal("merge without a conflict")
	}
	r := f.open()
	tree, err := r.ResolveTree("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	changes := stagedChanges(t, r, tree)
	if len(changes) != 3 || changes[2].Kind != Unmerged || changes[2].ID.String() != f.git("rev-parse", ":3:a") {
		t.Errorf("changes %+v, want the three sides of the conflict", changes)
	}
}
