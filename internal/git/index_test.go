package git

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/git/odb"
)

// staged is what git ls-files -s prints, NUL-terminated.
func staged(x *Index) string {
	var b strings.Builder
	for _, e := range x.Entries {
		fmt.Fprintf(&b, "%06o %s %d\t%s\x00", uint32(e.Mode), e.ID, e.Stage, e.Path)
	}
	return b.String()
}

func fillIndex(f *fixture) {
	for i := range 40 {
		f.write(fmt.Sprintf("dir%d/sub/file %d", i%3, i), fmt.Sprint(i))
	}
	f.write("long/"+strings.Repeat(strings.Repeat("x", 200)+"/", 18)+"end", "1")
	f.write("run.sh", "x")
	if err := os.Chmod(filepath.Join(f.dir, "run.sh"), 0o755); err != nil {
		f.t.Fatal(err)
	}
	if err := os.Symlink("run.sh", filepath.Join(f.dir, "link")); err != nil {
		f.t.Fatal(err)
	}
	f.commit("ü", "1")
}

func TestIndexAgainstGit(t *testing.T) {
	for _, format := range []string{"sha1", "sha256"} {
		for version := 2; version <= 4; version++ {
			t.Run(fmt.Sprint(format, " version ", version), func(t *testing.T) {
				f := newFixture(t, "--object-format="+format)
				fillIndex(f)
				f.git("update-index", "--index-version", fmt.Sprint(version))
				if version > 2 {
					f.write("new", "1")
					f.git("add", "-N", "new")
					f.git("update-index", "--skip-worktree", "dir0/sub/file 0")
					f.git("update-index", "--assume-unchanged", "dir0/sub/file 3")
				}
				x, err := f.open().Index(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if x.Version != version {
					t.Fatalf("version %d", x.Version)
				}
				if diff := cmp.Diff(f.git("ls-files", "-s", "-z"), staged(x)); diff != "" {
					t.Errorf("(-git +ours):\n%s", diff)
				}
				checkFlags(t, x, version)
				checkStat(t, f, x)
			})
		}
	}
}

func checkFlags(t *testing.T, x *Index, version int) {
	got := map[string]string{}
	for _, e := range x.Entries {
		if e.IntentToAdd || e.SkipWorktree || e.AssumeValid {
			got[e.Path] = fmt.Sprint(e.IntentToAdd, e.SkipWorktree, e.AssumeValid)
		}
	}
	want := map[string]string{}
	if version > 2 {
		want = map[string]string{"new": "true false false", "dir0/sub/file 0": "false true false", "dir0/sub/file 3": "false false true"}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("flags (-want +got):\n%s", diff)
	}
}

func checkStat(t *testing.T, f *fixture, x *Index) {
	for _, e := range x.Entries {
		if e.IntentToAdd {
			continue
		}
		info, err := os.Lstat(filepath.Join(f.dir, e.Path))
		if err != nil {
			t.Fatal(err)
		}
		if int64(e.Stat.Size) != info.Size() || int64(e.Stat.MTime) != info.ModTime().Unix() {
			t.Errorf("%s: size %d, time %d; want %d, %d", e.Path, e.Stat.Size, e.Stat.MTime, info.Size(), info.ModTime().Unix())
		}
	}
}

func TestIndexWithConflict(t *testing.T) {
	f := newFixture(t)
	f.commit("a", "base")
	f.git("checkout", "-q", "-b", "other")
	f.commit("a", "theirs")
	f.git("checkout", "-q", "main")
	f.commit("a", "ours")
	if _, err := f.try("merge", "other"); err == nil {
		t.Fatal("merge without a conflict")
	}
	x, err := f.open().Index(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(f.git("ls-files", "-s", "-z"), staged(x)); diff != "" {
		t.Errorf("(-git +ours):\n%s", diff)
	}
}

func TestSplitIndex(t *testing.T) {
	f := newFixture(t)
	fillIndex(f)
	f.git("-c", "splitIndex.maxPercentChange=100", "update-index", "--split-index")
	for i := range 5 {
		f.write(fmt.Sprintf("dir0/sub/file %d", 3*i), "changed")
		f.write(fmt.Sprintf("dir0/more %d", i), "more")
	}
	f.git("-c", "splitIndex.maxPercentChange=100", "add", "-A")
	f.git("-c", "splitIndex.maxPercentChange=100", "rm", "-q", "--cached", "dir1/sub/file 4")
	if matches, _ := filepath.Glob(filepath.Join(f.dir, ".git/sharedindex.*")); len(matches) == 0 {
		t.Fatal("no shared index was made")
	}
	x, err := f.open().Index(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(f.git("ls-files", "-s", "-z"), staged(x)); diff != "" {
		t.Errorf("(-git +ours):\n%s", diff)
	}
}

func TestSparseIndex(t *testing.T) {
	f := newFixture(t)
	fillIndex(f)
	f.git("sparse-checkout", "init", "--cone", "--sparse-index")
	f.git("sparse-checkout", "set", "dir1")
	raw, err := os.ReadFile(filepath.Join(f.dir, ".git/index"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(raw), "sdir") {
		t.Skip("this git makes no sparse index")
	}
	x, err := f.open().Index(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(f.git("ls-files", "-s", "-z"), staged(x)); diff != "" {
		t.Errorf("(-git +ours):\n%s", diff)
	}
}

// The limit on entries is one for all folders of a sparse index.
func TestSparseIndexBomb(t *testing.T) {
	f := newFixture(t)
	for i := range 6 {
		f.write(fmt.Sprintf("dir/f%d", i), "1")
	}
	f.commit("dir/f", "1")
	r, err := Open(f.dir, Options{MaxTreeEntries: 10})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	folder := IndexEntry{Path: "dir/", ID: parseIDs(t, f.git("rev-parse", "HEAD:dir"))[0], Mode: odb.ModeTree}
	one := &Index{Entries: []IndexEntry{folder}}
	if err := r.expandSparse(t.Context(), one); err != nil || len(one.Entries) != 7 {
		t.Errorf("one folder: %d entries, %v", len(one.Entries), err)
	}
	if err := r.expandSparse(t.Context(), &Index{Entries: []IndexEntry{folder, folder}}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("two folders: %v, want ErrTooLarge", err)
	}
}

func TestIndexFileOption(t *testing.T) {
	f := newFixture(t)
	f.commit("a", "1")
	other := filepath.Join(t.TempDir(), "index")
	data, err := os.ReadFile(filepath.Join(f.dir, ".git/index"))
	if err == nil {
		err = os.WriteFile(other, data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	f.git("rm", "-q", "-f", "a")
	r, err := Open(f.dir, Options{IndexFile: other})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if x, err := r.Index(t.Context()); err != nil || len(x.Entries) != 1 {
		t.Errorf("index %+v, %v; want one entry", x, err)
	}
}

// bigIndex is an index of version 2 or 4 with n entries, without a checksum.
func bigIndex(n, version int) []byte {
	b := []byte("DIRC\x00\x00\x00")
	b = append(b, byte(version), byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	previous := ""
	for i := range n {
		path := fmt.Sprintf("internal/package%04d/subpackage/file%06d.go", i/50, i)
		start := len(b)
		b = append(b, make([]byte, 24)...)
		b = append(b, 0, 0, 0x81, 0xa4)
		b = append(b, make([]byte, 12)...)
		b = append(b, fmt.Sprintf("%020d", i)...)
		b = append(b, 0, byte(len(path)))
		if version == 4 {
			same := 0
			for same < min(len(previous), len(path)) && previous[same] == path[same] {
				same++
			}
			b = append(b, byte(len(previous)-same))
			b = append(append(b, path[same:]...), 0)
		} else {
			b = append(b, path...)
			b = append(b, make([]byte, 8-(len(b)-start)%8)...)
		}
		previous = path
	}
	return append(b, make([]byte, 20)...)
}

func BenchmarkIndex(b *testing.B) {
	for _, version := range []int{2, 4} {
		data := bigIndex(100_000, version)
		b.Run(fmt.Sprint("version ", version), func(b *testing.B) {
			for b.Loop() {
				if x, _, err := parseIndex(data, odb.SHA1); err != nil || len(x.Entries) != 100_000 {
					b.Fatal(err)
				}
			}
		})
	}
}

func FuzzIndex(f *testing.F) {
	for version := 2; version <= 4; version++ {
		f.Add(bigIndex(3, version))
	}
	f.Add(append([]byte("DIRC\x00\x00\x00\x02\x00\x00\x00\x00link\x00\x00\x00\x2c"), make([]byte, 64)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 20 {
			clear(data[len(data)-20:]) // the checksum that stands for none
		}
		x, _, err := parseIndex(data, odb.SHA1)
		if err != nil {
			return
		}
		size := 0
		for _, e := range x.Entries {
			size += len(e.Path)
			if e.Stage > 3 {
				t.Errorf("stage %d", e.Stage)
			}
		}
		if size > 64*len(data) {
			t.Errorf("%d bytes of paths from %d bytes", size, len(data))
		}
	})
}

func FuzzBitmap(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x40\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if b, _, err := parseBitmap(data); err == nil && len(b) > maxBitmapWords {
			t.Errorf("%d words", len(b))
		}
	})
}
