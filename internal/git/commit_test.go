package git

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/assaysec/assay/internal/git/odb"
)

// randomGraph makes a repository whose commits have one to three random parents, a branch for each commit, and dates
// that partly contradict the order of the commits.
func randomGraph(t *testing.T, r *rand.Rand, commits int) *fixture {
	f := newFixture(t)
	var stream strings.Builder
	for i := range commits {
		date := 1_700_000_000 + 100*i
		if r.IntN(5) == 0 {
			date -= r.IntN(2000)
		}
		fmt.Fprintf(&stream, "commit refs/heads/b%d\nmark :%d\ncommitter a <a@example.com> %d +0000\ndata 1\nx\n", i, i+1, date)
		for k := range min(i, 1+r.IntN(3)) {
			word := "merge"
			if k == 0 {
				word = "from"
			}
			fmt.Fprintf(&stream, "%s :%d\n", word, 1+max(0, i-1-r.IntN(8)))
		}
		fmt.Fprintf(&stream, "M 644 inline f%d\ndata 2\n%02d\n\n", r.IntN(6), i%100)
	}
	f.feed(stream.String(), "fast-import", "--quiet", "--force")
	return f
}

func parseIDs(t testing.TB, text string) []odb.ID {
	t.Helper()
	var ids []odb.ID
	for word := range strings.FieldsSeq(text) {
		id, err := odb.ParseID(word)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

func format(ids []odb.ID) string {
	var b strings.Builder
	for _, id := range ids {
		fmt.Fprintln(&b, id)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func TestWalksAgainstGit(t *testing.T) {
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(11, seed))
		n := 60 + 100*int(seed%2)
		f := randomGraph(t, rng, n)
		r := f.open()
		for range 12 {
			a, b := fmt.Sprintf("b%d", rng.IntN(n)), fmt.Sprintf("b%d", rng.IntN(n))
			ids := parseIDs(t, f.git("rev-parse", a, b))
			log, err := r.Log(t.Context(), ids[:1], ids[1:])
			if err != nil {
				t.Fatal(err)
			}
			want := f.git("rev-list", "--date-order", a, "^"+b)
			if diff := cmp.Diff(want, format(log.Commits)); diff != "" {
				t.Errorf("seed %d: rev-list %s ^%s (-git +ours):\n%s", seed, a, b, diff)
			}
			bases, err := r.MergeBase(t.Context(), ids[0], ids[1])
			if err != nil {
				t.Fatal(err)
			}
			wantBases, _ := f.try("merge-base", "--all", a, b)
			got, expected := strings.Fields(format(bases)), strings.Fields(wantBases)
			slices.Sort(got)
			slices.Sort(expected)
			if diff := cmp.Diff(expected, got); diff != "" {
				t.Errorf("seed %d: merge-base %s %s (-git +ours):\n%s", seed, a, b, diff)
			}
		}
	}
}

func TestMergeBaseWithoutCommonHistory(t *testing.T) {
	f := newFixture(t)
	f.commit("a", "1")
	f.git("checkout", "-q", "--orphan", "other")
	f.commit("b", "2")
	ids := parseIDs(t, f.git("rev-parse", "main", "other"))
	bases, err := f.open().MergeBase(t.Context(), ids[0], ids[1])
	if err != nil || len(bases) != 0 {
		t.Errorf("bases %v, %v; want none", bases, err)
	}
}

func TestShallow(t *testing.T) {
	f := newFixture(t)
	f.commit("a", "1")
	f.git("branch", "side")
	for i := range 5 {
		f.commit("a", fmt.Sprint(i))
	}
	f.git("checkout", "-q", "side")
	f.commit("b", "1")
	f.git("clone", "-q", "--depth", "2", "--no-single-branch", "file://"+f.dir, "clone")
	r, err := Open(filepath.Join(f.dir, "clone"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if !r.IsShallow() {
		t.Error("a clone with --depth is not shallow")
	}
	ids := parseIDs(t, f.git("-C", "clone", "rev-parse", "origin/main", "origin/side", "origin/main~1"))
	var shallow *ErrShallow
	if _, err := r.MergeBase(t.Context(), ids[0], ids[1]); !errors.As(err, &shallow) || shallow.Hint == "" {
		t.Errorf("merge base: %v, want ErrShallow", err)
	}
	if _, err := r.Resolve("origin/main~2"); !errors.As(err, &shallow) || shallow.Commit != ids[2] {
		t.Errorf("origin/main~2: %v, want ErrShallow at %s", err, ids[2])
	}
	log, err := r.Log(t.Context(), ids[:1], nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(f.git("-C", "clone", "rev-list", "origin/main"), format(log.Commits)); diff != "" {
		t.Errorf("(-git +ours):\n%s", diff)
	}
	if diff := cmp.Diff(format(ids[2:3]), format(log.Shallow)); diff != "" {
		t.Errorf("boundary (-want +got):\n%s", diff)
	}
}

func TestMissingParent(t *testing.T) {
	f := newFixture(t)
	first := f.commit("a", "1")
	f.commit("a", "2")
	f.remove(".git/objects/" + first[:2] + "/" + first[2:])
	r := f.open()
	head, err := r.Head()
	if err != nil {
		t.Fatal(err)
	}
	log, err := r.Log(t.Context(), []odb.ID{head.ID}, nil)
	var gap *GapError
	if !errors.As(err, &gap) || !errors.Is(err, odb.ErrMissing) || gap.Gaps[0].Commit.String() != first {
		t.Errorf("error %v, want a gap at %s", err, first)
	}
	if log == nil || len(log.Commits) != 1 {
		t.Errorf("log %+v, want HEAD all the same", log)
	}
	if _, err := r.MergeBase(t.Context(), head.ID, head.ID); err != nil {
		t.Errorf("merge base of a commit with itself: %v", err)
	}
}

func TestCancelledWalk(t *testing.T) {
	f := newFixture(t)
	id := parseIDs(t, f.commit("a", "1"))
	r := f.open()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Log(ctx, id, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want Canceled", err)
	}
}

// TestForgedCircle is a commit that is its own parent: it and what is below it must not drop out of the log.
func TestForgedCircle(t *testing.T) {
	f := newFixture(t)
	first := f.commit("a", "1")
	tree := f.git("rev-parse", "HEAD^{tree}")
	forged := strings.Repeat("5", 40)
	body := fmt.Sprintf("tree %s\nparent %s\nparent %s\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n\nx", tree, forged, first)
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	fmt.Fprintf(z, "commit %d\x00%s", len(body), body)
	z.Close()
	f.write(".git/objects/55/"+forged[2:], packed.String())
	log, err := f.open().Log(t.Context(), parseIDs(t, forged), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(forged+"\n"+first, format(log.Commits)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestConcurrentUse is for the race detector.
func TestConcurrentUse(t *testing.T) {
	f := randomGraph(t, rand.New(rand.NewPCG(2, 2)), 40)
	r := f.open()
	ids := parseIDs(t, f.git("rev-parse", "b39", "b20"))
	var group errgroup.Group
	for range 4 {
		group.Go(func() error {
			_, err := r.Log(t.Context(), ids, nil)
			return err
		})
		group.Go(func() error {
			_, err := r.MergeBase(t.Context(), ids[0], ids[1])
			return err
		})
		group.Go(func() error {
			tree, err := r.TreeOf(ids[0])
			if err != nil {
				return err
			}
			return r.WalkTree(t.Context(), tree, func(string, odb.Mode, odb.ID) error { return nil })
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}
