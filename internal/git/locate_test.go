package git

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/git/odb"
	"github.com/assaysec/assay/internal/git/paths"
)

// An appearance is one of a blob in a log.
type appearance struct {
	Path        string
	First, Last odb.ID
	InHead      bool
}

// locateBlobs asks package paths where blobs stood in the history of tips, of which head is the first.
func locateBlobs(t testing.TB, r *Repo, blobs map[odb.ID]struct{}, tips ...odb.ID) map[odb.ID][]appearance {
	t.Helper()
	log, err := r.Log(t.Context(), tips, nil)
	if err != nil {
		t.Fatal(err)
	}
	head, err := r.TreeOf(tips[0])
	if err != nil {
		t.Fatal(err)
	}
	x := indexOf(t, r, log.Trees)
	found, whole, err := x.Locate(t.Context(), log.Trees, head, blobs)
	if err != nil || !whole {
		t.Fatalf("whole %v, %v", whole, err)
	}
	out := map[odb.ID][]appearance{}
	for id, list := range found {
		for _, a := range list {
			out[id] = append(out[id], appearance{a.Path, log.Commits[a.Last], log.Commits[a.First], a.InHead})
		}
	}
	return out
}

func indexOf(t testing.TB, r *Repo, roots []odb.ID) *paths.Index {
	t.Helper()
	const workers = 2
	b := paths.NewBuilder(r.Format(), workers)
	want := func(t odb.Type, _ int64) bool { return t == odb.Tree }
	if _, err := r.Objects().Each(t.Context(), workers, want, func(worker int, o *odb.Object) (any, error) { return b.Add(worker, o), nil }); err != nil {
		t.Fatal(err)
	}
	x, err := b.Index(context.WithoutCancel(t.Context()), roots)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// located is the answer that asking git about every commit gives.
func located(t *testing.T, f *fixture, blobs map[odb.ID]struct{}) map[odb.ID][]appearance {
	type place struct {
		id   odb.ID
		path string
	}
	byPlace := map[place]*appearance{}
	head := f.git("rev-parse", "HEAD")
	for _, commit := range parseIDs(t, f.git("rev-list", "--date-order", "--reverse", "--all")) {
		for line := range strings.Lines(f.git("ls-tree", "-r", "--format=%(objectname) %(path)", commit.String())) {
			name, path, _ := strings.Cut(strings.TrimSpace(line), " ")
			id := parseIDs(t, name)[0]
			if _, ok := blobs[id]; !ok {
				continue
			}
			a := byPlace[place{id, path}]
			if a == nil {
				a = &appearance{Path: path, First: commit}
				byPlace[place{id, path}] = a
			}
			a.Last = commit
			a.InHead = a.InHead || commit.String() == head
		}
	}
	want := map[odb.ID][]appearance{}
	for p, a := range byPlace {
		want[p.id] = append(want[p.id], *a)
	}
	for _, list := range want {
		slices.SortFunc(list, func(a, b appearance) int { return cmp.Compare(a.Path, b.Path) })
	}
	return want
}

func TestLocateAgainstGit(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	f := randomGraph(t, rng, 60)
	f.git("symbolic-ref", "HEAD", "refs/heads/b59")
	f.git("read-tree", "HEAD")
	f.git("checkout-index", "-a")
	f.write("deep/er/f1", "10") // a content that fast-import wrote elsewhere too
	f.commit("deep/f2", "20")
	blobs := map[odb.ID]struct{}{}
	for line := range strings.Lines(f.git("cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)")) {
		if name, ok := strings.CutPrefix(line, "blob "); ok && rng.IntN(2) == 0 {
			blobs[parseIDs(t, name)[0]] = struct{}{}
		}
	}
	for _, packed := range []bool{false, true} {
		if packed {
			f.git("gc", "-q")
		}
		got := locateBlobs(t, f.open(), blobs, parseIDs(t, f.git("rev-parse", "HEAD", "--branches"))...)
		if diff := gocmp.Diff(located(t, f, blobs), got, compareIDs); diff != "" {
			t.Errorf("packed %v (-git +ours):\n%s", packed, diff)
		}
	}
}
