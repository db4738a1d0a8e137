package git

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/git/odb"
)

// located is the answer that asking git about every commit gives.
func located(t *testing.T, f *fixture, blobs map[odb.ID][]string) map[odb.ID][]Appearance {
	type place struct {
		id   odb.ID
		path string
	}
	byPlace := map[place]*Appearance{}
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
				a = &Appearance{Path: path, Mode: odb.ModeFile, First: commit}
				byPlace[place{id, path}] = a
			}
			a.Last = commit
			a.InHead = a.InHead || commit.String() == head
		}
	}
	want := map[odb.ID][]Appearance{}
	for p, a := range byPlace {
		want[p.id] = append(want[p.id], *a)
	}
	for _, list := range want {
		slices.SortFunc(list, func(a, b Appearance) int { return strings.Compare(a.Path, b.Path) })
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
	blobs := map[odb.ID][]string{}
	for line := range strings.Lines(f.git("cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)")) {
		if name, ok := strings.CutPrefix(line, "blob "); ok && rng.IntN(2) == 0 {
			blobs[parseIDs(t, name)[0]] = nil
		}
	}
	got, err := f.open().Locate(t.Context(), blobs)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(located(t, f, blobs), got, compareIDs); diff != "" {
		t.Errorf("(-git +ours):\n%s", diff)
	}
}

func TestLocateInStash(t *testing.T) {
	f := newFixture(t)
	f.commit("a", "1")
	f.write("a", "only in the stash")
	f.git("stash")
	f.git("stash", "apply")
	f.git("stash")
	blob := parseIDs(t, f.git("rev-parse", "stash@{1}:a"))[0]
	found, err := f.open().Locate(t.Context(), map[odb.ID][]string{blob: {}})
	if err != nil {
		t.Fatal(err)
	}
	list := found[blob]
	if len(list) != 1 || list[0].Path != "a" || list[0].InHead || list[0].First.String() != f.git("rev-parse", "stash@{1}") {
		t.Errorf("found %+v", list)
	}
}

func TestLocateNothing(t *testing.T) {
	f := newFixture(t)
	id := parseIDs(t, strings.Repeat("1", 40))[0]
	found, err := f.open().Locate(t.Context(), map[odb.ID][]string{id: {}})
	if err != nil || len(found) != 0 {
		t.Errorf("in an empty repository: %v, %v", found, err)
	}
}

func TestLocateFromOldTips(t *testing.T) {
	f := newFixture(t)
	first := parseIDs(t, f.commit("a", "kept"))
	f.commit("b", "added since")
	blobs := map[odb.ID][]string{}
	for _, id := range parseIDs(t, f.git("rev-parse", "HEAD:a", "HEAD:b")) {
		blobs[id] = nil
	}
	found, err := f.open().Locate(t.Context(), blobs, first...)
	if err != nil {
		t.Fatal(err)
	}
	want := map[odb.ID][]Appearance{parseIDs(t, f.git("rev-parse", "HEAD:a"))[0]: {{Path: "a", Mode: odb.ModeFile, First: first[0], Last: first[0], InHead: true}}}
	if diff := cmp.Diff(want, found, compareIDs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLocateInBrokenHistory(t *testing.T) {
	f := newFixture(t)
	first := f.commit("dir/a", "1")
	f.commit("dir/b", "2")
	f.commit("c", "3")
	blob := parseIDs(t, f.git("rev-parse", "HEAD:c"))[0]
	for _, gone := range []string{first, f.git("rev-parse", "HEAD:dir")} {
		f.remove(".git/objects/" + gone[:2] + "/" + gone[2:])
	}
	f.write(".git/refs/heads/broken", "nonsense")
	found, err := f.open().Locate(t.Context(), map[odb.ID][]string{blob: {}})
	if len(found[blob]) != 1 || !found[blob][0].InHead {
		t.Errorf("found %+v, want c in HEAD", found)
	}
	var gap *GapError
	var unreadable *UnreadableError
	if !errors.As(err, &gap) || !errors.As(err, &unreadable) || !strings.Contains(err.Error(), "branch broken") {
		t.Errorf("error %v; want a gap, an unreadable tree and a broken branch", err)
	}
}
