package odb

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOpenRefuses(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "none"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want that of a missing directory", err)
	}
	if _, err := Open(t.TempDir(), Options{MaxObject: -1}); err == nil {
		t.Error("a negative limit is accepted")
	}
}

func TestMissingAndTooLarge(t *testing.T) {
	r := newRepo(t)
	r.history(5)
	s := open(t, r.objects(), Options{MaxObject: 10})
	none, err := ParseID(strings.Repeat("5a", 20))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Get(none); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), none.String()) {
		t.Errorf("Get: error %v, want ErrMissing with the ID", err)
	}
	if _, _, err := s.Header(none); !errors.Is(err, ErrMissing) {
		t.Errorf("Header: error %v, want ErrMissing", err)
	}
	wrong, _ := ParseID(strings.Repeat("5a", 32))
	if _, _, err := s.Get(wrong); !errors.Is(err, ErrMissing) {
		t.Errorf("Get of an ID of the other format: error %v, want ErrMissing", err)
	}
	if s.Has(none) || s.Has(wrong) || s.Has(ID{}) {
		t.Error("Has what is not there")
	}
	head, _ := ParseID(strings.TrimSpace(r.git("rev-parse", "main")))
	_, size, err := s.Header(head)
	if err != nil {
		t.Fatal(err)
	}
	var large *TooLargeError
	if _, _, err := s.Get(head); !errors.Is(err, ErrTooLarge) || !errors.As(err, &large) || large.Size != size || large.ID != head {
		t.Errorf("Get: error %v, want ErrTooLarge with size %d", err, size)
	}
}

func TestPrefix(t *testing.T) {
	for _, build := range []func(*repo){func(*repo) {}, func(r *repo) { r.repack() }, func(r *repo) { r.git("repack", "-aq") }} {
		r := newRepo(t)
		r.history(20)
		build(r)
		s := open(t, r.objects(), Options{})
		ids := slices.Sorted(maps.Keys(r.all()))
		for _, id := range ids[:10] {
			for _, n := range []int{4, 5, 7, 40} {
				var want []string
				for _, other := range ids {
					if strings.HasPrefix(other, id[:n]) {
						want = append(want, other)
					}
				}
				got, err := s.Prefix(strings.ToUpper(id[:n]))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, texts(got)); diff != "" {
					t.Errorf("Prefix(%s) (-want +got):\n%s", id[:n], diff)
				}
			}
		}
		for _, bad := range []string{"", "abc", "xyzw", strings.Repeat("a", 41)} {
			if _, err := s.Prefix(bad); err == nil {
				t.Errorf("Prefix(%q) is accepted", bad)
			}
		}
	}
}

func texts(ids []ID) []string {
	var out []string
	for _, id := range ids {
		out = append(out, id.String())
	}
	return out
}

func TestAlternates(t *testing.T) {
	base := newRepo(t)
	base.history(20)
	base.repack()
	r := newRepo(t)
	alternates := filepath.Join(r.objects(), "info", "alternates")
	own := strings.TrimSpace(r.gitIn([]byte("mine"), "hash-object", "-w", "--stdin"))
	want := base.all()
	want[own] = thing{Blob, "mine"}
	rel, err := filepath.Rel(r.objects(), base.objects())
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, text string
		roots      []string
		problem    error
	}{
		{"absolute", base.objects() + "\n", []string{base.dir}, nil},
		{"relative, comment", "# where\n" + rel + "\n", []string{base.dir}, nil},
		{"quoted", `"` + base.objects() + `"`, []string{base.objects()}, nil},
		{"the root is a link", base.objects(), []string{link(t, base.dir)}, nil},
		{"no roots", base.objects(), nil, ErrOutsideRoots},
		{"outside", base.objects(), []string{r.dir, base.dir + "/refs"}, ErrOutsideRoots},
		{"a link that leads outside", link(t, base.objects()), []string{t.TempDir()}, ErrOutsideRoots},
		{"not there", base.objects() + "/none", []string{base.dir}, os.ErrNotExist},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := os.WriteFile(alternates, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			s := open(t, r.objects(), Options{AllowedRoots: tt.roots})
			problems := s.Problems()
			if tt.problem == nil {
				if len(problems) > 0 {
					t.Fatalf("problems %v", problems)
				}
				checkSame(t, s, want)
				return
			}
			if len(problems) != 1 || !errors.Is(problems[0].Err, tt.problem) {
				t.Errorf("problems %v, want %v", problems, tt.problem)
			}
			checkSame(t, s, map[string]thing{own: {Blob, "mine"}})
		})
	}
	if err := os.WriteFile(alternates, []byte(base.objects()), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Run("extra directory", func(t *testing.T) {
		checkSame(t, open(t, r.objects(), Options{Extra: []string{base.objects()}, AllowedRoots: []string{base.dir}}), want)
	})
	t.Run("circle", func(t *testing.T) {
		if err := os.WriteFile(filepath.Join(base.objects(), "info", "alternates"), []byte(r.objects()), 0o600); err != nil {
			t.Fatal(err)
		}
		checkSame(t, open(t, r.objects(), Options{AllowedRoots: []string{base.dir, r.dir}}), want)
	})
}

func link(t *testing.T, to string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(to, name); err != nil {
		t.Skip(err)
	}
	return name
}

// TestHostileFiles puts things into an object directory that must not be followed, waited for, or trusted.
func TestHostileFiles(t *testing.T) {
	outside := newRepo(t)
	outside.history(5)
	outside.repack()
	pack := outside.files("pack/*.pack")[0]
	base := strings.TrimSuffix(pack, ".pack")
	tests := []struct {
		name  string
		build func(t *testing.T, dir string)
		want  int // problems
	}{
		{"links to a pack elsewhere", func(t *testing.T, dir string) {
			symlink(t, base+".idx", dir+"/pack/pack-1.idx")
			symlink(t, pack, dir+"/pack/pack-1.pack")
		}, 1},
		{"pack directory is a link", func(t *testing.T, dir string) {
			os.RemoveAll(dir + "/pack")
			symlink(t, filepath.Dir(pack), dir+"/pack")
		}, 1},
		{"named pipe", func(t *testing.T, dir string) {
			run(t, nil, "mkfifo", dir+"/pack/pack-1.idx", dir+"/pack/pack-1.pack")
		}, 1},
		{"index is a directory", func(t *testing.T, dir string) { os.Mkdir(dir+"/pack/pack-1.idx", 0o700) }, 1},
		{"empty index and pack", func(t *testing.T, dir string) {
			os.WriteFile(dir+"/pack/pack-1.idx", nil, 0o600)
			os.WriteFile(dir+"/pack/pack-1.pack", nil, 0o600)
		}, 1},
		{"pack without index", func(t *testing.T, dir string) {
			os.WriteFile(dir+"/pack/pack-1.pack", []byte("PACK"), 0o600)
		}, 1},
		{"bad multi-pack-index and chain", func(t *testing.T, dir string) {
			os.WriteFile(dir+"/pack/multi-pack-index", []byte("MIDX"), 0o600)
			os.Mkdir(dir+"/pack/multi-pack-index.d", 0o700)
			os.WriteFile(dir+"/pack/multi-pack-index.d/multi-pack-index-chain", []byte("../../x\n"), 0o600)
		}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRepo(t)
			tt.build(t, r.objects())
			s := open(t, r.objects(), Options{})
			if n := len(s.Problems()); n != tt.want {
				t.Errorf("%d problems, want %d: %v", n, tt.want, s.Problems())
			}
			if got, _ := walkAll(t, s, 2, everything); len(got) > 0 {
				t.Errorf("visited %d objects", len(got))
			}
		})
	}
	t.Run("loose link and pipe", func(t *testing.T) {
		r := newRepo(t)
		id, _ := ParseID("13d8b2d6799a28f3545502f250c99b8029276947")
		os.Mkdir(r.objects()+"/13", 0o700)
		run(t, nil, "mkfifo", r.objects()+"/"+loosePath(id))
		symlink(t, pack, r.objects()+"/13/e8b2d6799a28f3545502f250c99b8029276947")
		s := open(t, r.objects(), Options{})
		got, stats := walkAll(t, s, 1, everything)
		if len(got) > 0 || len(stats.Corrupt) != 2 {
			t.Errorf("visited %d, corrupt %v", len(got), stats.Corrupt)
		}
		var corrupt *CorruptError
		if _, _, err := s.Get(id); !errors.As(err, &corrupt) || corrupt.ID != id || !errors.Is(err, ErrNotRegular) {
			t.Errorf("Get: %v", err)
		}
	})
}

func symlink(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Skip(err)
	}
}

func TestPromisor(t *testing.T) {
	r := newRepo(t)
	r.history(3)
	r.repack()
	if open(t, r.objects(), Options{}).Promisor() {
		t.Error("promisor without a .promisor file")
	}
	name := strings.TrimSuffix(r.files("pack/*.pack")[0], ".pack") + ".promisor"
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if !open(t, r.objects(), Options{}).Promisor() {
		t.Error("not a promisor in spite of the .promisor file")
	}
}

func TestGetConcurrently(t *testing.T) {
	r := newRepo(t)
	r.history(60)
	r.repack()
	all := r.all()
	s := open(t, r.objects(), Options{CacheBytes: 20_000})
	var g sync.WaitGroup
	for range 4 {
		g.Go(func() {
			for text, want := range all {
				id, _ := ParseID(text)
				kind, data, err := s.Get(id)
				if err != nil || kind != want.Type || string(data) != want.Data {
					t.Errorf("%s: %v %d bytes, %v", id, kind, len(data), err)
				}
				clear(data) // it is ours: nobody else may see this
			}
		})
	}
	g.Wait()
}

// TestShrinkingPack cuts a pack while it is mapped: reading must fail, not the program.
func TestShrinkingPack(t *testing.T) {
	r := newRepo(t)
	r.history(60)
	r.repack()
	ids := slices.Sorted(maps.Keys(r.all()))
	s := open(t, r.objects(), Options{})
	name := r.files("pack/*.pack")[0]
	os.Chmod(name, 0o600)
	if err := os.Truncate(name, 0); err != nil {
		t.Fatal(err)
	}
	id, _ := ParseID(ids[0])
	if _, _, err := s.Get(id); err == nil {
		t.Skip("this system keeps what is mapped")
	}
	if _, err := s.Each(t.Context(), 2, everything, func(int, *Object) (any, error) { return nil, nil }); !errors.Is(err, errFault) {
		t.Errorf("Each: %v, want %v", err, errFault)
	}
}

// A chain may name a layer any number of times, and each layer is asked for each object.
func TestLongChainOfMultiIndexes(t *testing.T) {
	r := newRepo(t)
	r.history(3)
	r.repack()
	r.git("multi-pack-index", "write")
	name := strings.Repeat("ab", 20)
	dir := r.objects() + "/pack/multi-pack-index.d"
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(r.objects()+"/pack/multi-pack-index", dir+"/multi-pack-index-"+name+".midx"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/multi-pack-index-chain", []byte(strings.Repeat(name+"\n", maxChain+1)), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, r.objects(), Options{})
	if len(s.midxs) != maxChain || len(s.Problems()) != 1 || !errors.Is(s.Problems()[0].Err, errTooManyLayers) {
		t.Errorf("%d layers, problems %v", len(s.midxs), s.Problems())
	}
	checkSame(t, s, r.all())
}

// Where an alternate lies outside, nothing is told of what is there.
func TestAlternateOutsideIsNotLookedAt(t *testing.T) {
	r := newRepo(t)
	for _, path := range []string{"/", "/not/there"} {
		if err := os.WriteFile(r.objects()+"/info/alternates", []byte(path+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		problems := open(t, r.objects(), Options{AllowedRoots: []string{r.dir}}).Problems()
		if diff := cmp.Diff([]string{path + ": " + ErrOutsideRoots.Error()}, problemTexts(problems)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

func problemTexts(problems []Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, p.String())
	}
	return out
}
