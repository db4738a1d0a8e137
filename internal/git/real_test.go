package git

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/assaysec/assay/internal/git/odb"
)

// Real repositories are measured where ASSAY_GIT_REPO names one.
func realRepo(b *testing.B) *Repo {
	path := os.Getenv("ASSAY_GIT_REPO")
	if path == "" {
		b.Skip("ASSAY_GIT_REPO is not set")
	}
	r, err := Open(path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { r.Close() })
	return r
}

// someBlobs takes blobs from all over history: n of HEAD~(k*i).
func someBlobs(b testing.TB, r *Repo, commits []odb.ID, n int) map[odb.ID]struct{} {
	blobs := map[odb.ID]struct{}{}
	for i := 0; len(blobs) < n && i < 10*n; i++ {
		tree, err := r.TreeOf(commits[i*len(commits)/(10*n)])
		if err != nil {
			b.Fatal(err)
		}
		skip := i * 7
		r.WalkTree(b.Context(), tree, func(_ string, mode odb.Mode, id odb.ID) error {
			if skip--; skip > 0 || !mode.IsBlob() {
				return nil
			}
			blobs[id] = struct{}{}
			return os.ErrClosed
		})
	}
	return blobs
}

func BenchmarkRealRepository(b *testing.B) {
	r := realRepo(b)
	head, err := r.Resolve("HEAD")
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	log, err := r.Log(b.Context(), []odb.ID{head}, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d commits in %v", len(log.Commits), time.Since(start))
	blobs := someBlobs(b, r, log.Commits, 100)
	x := indexOf(b, r, log.Trees)
	b.Run("Locate", func(b *testing.B) {
		for b.Loop() {
			found, _, err := x.Locate(b.Context(), log.Trees, odb.ID{}, blobs)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(len(found)), "blobs")
		}
	})
	b.Run("Roots", func(b *testing.B) {
		for b.Loop() {
			if _, err := r.Roots(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkRealWalks(b *testing.B) {
	r := realRepo(b)
	head, err := r.Resolve("HEAD")
	if err != nil {
		b.Fatal(err)
	}
	old, err := r.Resolve("HEAD~500")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("Log of 500", func(b *testing.B) {
		for b.Loop() {
			if _, err := r.Log(b.Context(), []odb.ID{head}, []odb.ID{old}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Log without all refs", func(b *testing.B) {
		refs, err := r.Refs()
		if err != nil {
			b.Fatal(err)
		}
		var not []odb.ID
		for _, ref := range refs {
			not = append(not, ref.ID)
		}
		for b.Loop() {
			if _, err := r.Log(b.Context(), []odb.ID{head}, not); err != nil {
				b.Fatal(err)
			}
			if _, err := r.Log(b.Context(), not[:1], not[1:]); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(not)), "refs")
	})
	b.Run("MergeBase", func(b *testing.B) {
		for b.Loop() {
			if _, err := r.MergeBase(b.Context(), head, old); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("DiffTrees", func(b *testing.B) {
		n := 0
		for b.Loop() {
			from, _ := r.TreeOf(old)
			to, _ := r.TreeOf(head)
			n = 0
			if err := r.DiffTrees(b.Context(), from, to, func(Change) error { n++; return nil }); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(n), "changes")
	})
}

// TestRealRepositoryAgainstGit compares long walks, and a few blobs with git log --find-object.
func TestRealRepositoryAgainstGit(t *testing.T) {
	path := os.Getenv("ASSAY_GIT_REPO")
	if path == "" {
		t.Skip("ASSAY_GIT_REPO is not set")
	}
	needGit(t)
	f := &fixture{t: t, dir: path}
	r := f.open()
	head, err := r.Resolve("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	log, err := r.Log(t.Context(), []odb.ID{head}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if f.git("rev-list", "--date-order", "HEAD") != format(log.Commits) {
		t.Error("rev-list differs")
	}
	blobs := someBlobs(t, r, log.Commits, 8)
	found := locateBlobs(t, r, blobs, head)
	for id := range blobs {
		lines := strings.Fields(f.git("log", "-m", "--no-renames", "--date-order", "--reverse", "--format=%H", "--find-object="+id.String(), "HEAD"))
		first := false
		for _, a := range found[id] {
			first = first || a.First.String() == lines[0]
		}
		if !first {
			t.Errorf("blob %s: git says first %s, we %+v", id, lines[0], found[id])
		}
	}
	if f.git("for-each-ref", refFormat) != refLines(t, r) {
		t.Error("for-each-ref differs")
	}
}
