package odb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func everything(Type, int64) bool { return true }

// walkAll runs Each and checks what must hold of every visit.
func walkAll(t testing.TB, s *Store, workers int, want Want) (map[string]thing, EachStats) {
	t.Helper()
	var mu sync.Mutex
	got := map[string]thing{}
	stats, err := s.Each(context.Background(), workers, want, func(worker int, o *Object) (any, error) {
		mu.Lock()
		defer mu.Unlock()
		id := o.ID.String()
		if _, twice := got[id]; twice {
			t.Errorf("%s visited twice", id)
		}
		got[id] = thing{o.Type, string(o.Data)}
		if o.Base != nil {
			if base := got[o.Base.(string)]; base.Data != string(o.BaseData) {
				t.Errorf("%s: Base is not the state of the object whose bytes are BaseData", id)
			}
		}
		checkCopies(t, o)
		return id, nil
	})
	if err != nil {
		t.Errorf("Each: %v", err)
	}
	return got, stats
}

func checkCopies(t testing.TB, o *Object) {
	end := -1
	for _, c := range o.Copies {
		if c.Len <= 0 || c.To < end || c.To+c.Len > len(o.Data) || c.From < 0 || c.From+c.Len > len(o.BaseData) {
			t.Fatalf("%s: copy %+v of %d from %d bytes", o.ID, c, len(o.Data), len(o.BaseData))
		}
		if !bytes.Equal(o.Data[c.To:c.To+c.Len], o.BaseData[c.From:c.From+c.Len]) {
			t.Fatalf("%s: copy %+v does not hold", o.ID, c)
		}
		end = c.To + c.Len
	}
}

// checkSame compares everything the store can do with what git says.
func checkSame(t *testing.T, s *Store, want map[string]thing) EachStats {
	t.Helper()
	for id, th := range want {
		id, err := ParseID(id)
		if err != nil {
			t.Fatal(err)
		}
		kind, data, err := s.Get(id)
		if err != nil {
			t.Fatalf("Get: %v", err)
		}
		if diff := cmp.Diff(th, thing{kind, string(data)}); diff != "" {
			t.Fatalf("Get %s (-want +got):\n%s", id, diff)
		}
		kind, size, err := s.Header(id)
		if err != nil || kind != th.Type || size != int64(len(th.Data)) {
			t.Fatalf("Header %s = %v %d, %v; want %v %d", id, kind, size, err, th.Type, len(th.Data))
		}
		if !s.Has(id) {
			t.Fatalf("Has %s = false", id)
		}
	}
	var stats EachStats
	for _, workers := range []int{1, 2, 5} {
		var got map[string]thing
		got, stats = walkAll(t, s, workers, everything)
		if diff := diffThings(want, got); diff != "" {
			t.Fatalf("Each with %d workers (-want +got):\n%s", workers, diff)
		}
		if !complete(&stats) || stats.Objects != int64(len(want)) || stats.NotWanted != 0 {
			t.Errorf("statistics are wrong: %+v", stats)
		}
	}
	return stats
}

// diffThings is cmp.Diff, which is slow where there is no difference.
func diffThings(want, got map[string]thing) string {
	if maps.Equal(want, got) {
		return ""
	}
	return cmp.Diff(want, got)
}

func TestAgainstGit(t *testing.T) {
	tests := []struct {
		name  string
		init  []string
		opts  Options
		build func(r *repo)
	}{
		{name: "loose", build: func(r *repo) { r.git("config", "core.looseCompression", "9") }},
		{name: "packed", build: func(r *repo) { r.repack() }},
		{name: "packed, verified", opts: Options{Verify: true}, build: func(r *repo) { r.repack() }},
		{name: "index version 1", build: func(r *repo) {
			r.git("config", "pack.indexVersion", "1")
			r.repack()
		}},
		{name: "reference deltas", build: func(r *repo) {
			r.git("config", "repack.useDeltaBaseOffset", "false")
			r.repack()
		}},
		{name: "large offsets", build: func(r *repo) { // all above 256 in the table of 8 bytes
			r.repack()
			r.git("index-pack", "--index-version=2,0x100", r.files("pack/*.pack")[0])
		}},
		{name: "packed and loose", build: func(r *repo) {
			r.git("repack", "-aq") // keeps the loose objects
		}},
		{name: "little memory", opts: Options{BytesInWork: 8 << 10}, build: func(r *repo) { r.repack("--depth=3") }},
		{name: "sha256", init: []string{"--object-format=sha256"}, opts: Options{Format: SHA256}, build: func(r *repo) { r.repack() }},
		{name: "sha256, loose", init: []string{"--object-format=sha256"}, opts: Options{Format: SHA256}, build: func(r *repo) {}},
		{name: "two packs, multi-pack-index", build: func(r *repo) {
			r.git("repack", "-dq")
			r.gitIn([]byte("more"), "hash-object", "-w", "--stdin")
			r.git("update-ref", "refs/extra/1", strings.TrimSpace(r.gitIn([]byte("another"), "hash-object", "-w", "--stdin")))
			r.git("repack", "-dq")
			r.git("multi-pack-index", "write")
		}},
		{name: "chain of multi-pack-indexes", build: func(r *repo) {
			r.repack()
			r.git("multi-pack-index", "write")
			name := strings.Repeat("ab", 20)
			dir := r.objects() + "/pack/multi-pack-index.d"
			if err := os.Mkdir(dir, 0o700); err != nil {
				r.t.Fatal(err)
			}
			if err := os.Rename(r.objects()+"/pack/multi-pack-index", dir+"/multi-pack-index-"+name+".midx"); err != nil {
				r.t.Fatal(err)
			}
			if err := os.WriteFile(dir+"/multi-pack-index-chain", []byte(name+"\n"), 0o600); err != nil {
				r.t.Fatal(err)
			}
		}},
		{name: "sha256, multi-pack-index", init: []string{"--object-format=sha256"}, opts: Options{Format: SHA256}, build: func(r *repo) {
			r.repack()
			r.git("multi-pack-index", "write")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRepo(t, tt.init...)
			r.history(60)
			tt.build(r)
			s := open(t, r.objects(), tt.opts)
			if diff := cmp.Diff([]Problem(nil), s.Problems()); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if strings.Contains(tt.name, "multi-pack-index") && (len(s.midxs) != 1 || s.midxs[0].packs[0] == nil) {
				t.Error("the multi-pack-index is not used")
			}
			stats := checkSame(t, s, r.all())
			if tt.name == "little memory" && stats.Reinflated == 0 {
				t.Error("nothing was dropped and made again")
			}
			if tt.name == "packed and loose" && stats.Duplicates == 0 {
				t.Error("no duplicates")
			}
		})
	}
}

func TestEachWants(t *testing.T) {
	r := newRepo(t)
	r.history(60)
	r.repack()
	all := r.all()
	s := open(t, r.objects(), Options{})
	tests := []struct {
		name string
		want Want
	}{
		{"blobs", func(t Type, _ int64) bool { return t == Blob }},
		{"trees and tags", func(t Type, _ int64) bool { return t == Tree || t == Tag }},
		{"small blobs", func(t Type, size int64) bool { return t == Blob && size < 4000 }},
		{"nothing", func(Type, int64) bool { return false }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := maps.Clone(all)
			maps.DeleteFunc(want, func(_ string, th thing) bool { return !tt.want(th.Type, int64(len(th.Data))) })
			got, stats := walkAll(t, s, 2, tt.want)
			if diff := diffThings(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if int(stats.NotWanted) != len(all)-len(want) {
				t.Errorf("%d not wanted, want %d", stats.NotWanted, len(all)-len(want))
			}
			if tt.name == "nothing" && stats.Inflated != 0 {
				t.Errorf("inflated %d bytes for nothing", stats.Inflated)
			}
		})
	}
}

func TestEachUsesDeltas(t *testing.T) {
	r := newRepo(t)
	r.history(60)
	r.repack()
	s := open(t, r.objects(), Options{})
	deltas := 0
	stats, err := s.Each(context.Background(), 1, everything, func(_ int, o *Object) (any, error) {
		if o.Base != nil && len(o.Copies) > 0 {
			deltas++
		}
		return true, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var want int
	for line := range strings.SplitSeq(r.git("cat-file", "--batch-all-objects", "--batch-check=%(deltabase)"), "\n") {
		if strings.Trim(line, "0") != "" {
			want++
		}
	}
	if deltas != want || deltas == 0 {
		t.Errorf("%d visits with a base, git has %d deltas", deltas, want)
	}
	if stats.Copied < 10*stats.Inserted || stats.Reinflated != 0 {
		t.Errorf("copied %d, inserted %d bytes, %d made again", stats.Copied, stats.Inserted, stats.Reinflated)
	}
}

func TestEachPassesPanicsOn(t *testing.T) {
	r := newRepo(t)
	r.history(20)
	s := open(t, r.objects(), Options{})
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, "boom") || !strings.Contains(got, "each_test.go") {
			t.Errorf("recovered %.200s, want the panic and where it was", got)
		}
	}()
	s.Each(context.Background(), 2, everything, func(int, *Object) (any, error) { panic("boom") })
}

// TestEachSharesOneTree has one file with many versions, all in one tree of deltas, and slow visits.
func TestEachSharesOneTree(t *testing.T) {
	r := newRepo(t)
	r.versions(200)
	r.repack("--depth=8")
	s := open(t, r.objects(), Options{})
	var visits [3]int
	_, err := s.Each(context.Background(), len(visits), func(t Type, _ int64) bool { return t == Blob },
		func(worker int, o *Object) (any, error) {
			checkCopies(t, o)
			visits[worker]++
			time.Sleep(500 * time.Microsecond)
			return nil, nil
		})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range visits {
		if n < 30 {
			t.Errorf("visits of each worker: %v", visits)
			break
		}
	}
}

// TestEachTooMuch has one object and many deltas that repeat it.
func TestEachTooMuch(t *testing.T) {
	r := newRepo(t)
	r.history(60)
	r.repack()
	s := open(t, r.objects(), Options{MaxTotal: 100_000})
	var sum int
	_, err := s.Each(context.Background(), 1, everything, func(_ int, o *Object) (any, error) {
		sum += len(o.Data)
		return nil, nil
	})
	if !errors.Is(err, ErrTooMuch) || sum > 100_000 {
		t.Errorf("error %v after %d bytes, want %v", err, sum, ErrTooMuch)
	}
}

func TestEachEnds(t *testing.T) {
	r := newRepo(t)
	r.history(40)
	r.repack()
	s := open(t, r.objects(), Options{})
	boom := errors.New("boom")
	_, err := s.Each(context.Background(), 2, everything, func(int, *Object) (any, error) { return nil, boom })
	if !errors.Is(err, boom) {
		t.Errorf("error %v, want that of the visit", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	seen := 0
	_, err = s.Each(ctx, 1, everything, func(int, *Object) (any, error) {
		if seen++; seen == 5 {
			cancel()
		}
		return nil, nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the cancellation", err)
	}
}

func TestDamage(t *testing.T) {
	tests := []struct {
		name    string
		build   func(t *testing.T, r *repo)
		opts    Options
		problem string // part of the only problem, if there is one
		all     bool   // every object must still be readable
		list    func(EachStats) []Unread
	}{
		{name: "truncated pack", problem: "checksum", list: func(s EachStats) []Unread { return s.Corrupt },
			build: func(t *testing.T, r *repo) {
				edit(t, r.files("pack/*.pack")[0], func(b []byte) []byte { return b[:len(b)/2] })
			}},
		{name: "pack gone", problem: errNoPack.Error(), list: func(s EachStats) []Unread { return s.Corrupt },
			build: func(t *testing.T, r *repo) {
				run(t, nil, "rm", "-f", r.files("pack/*.pack")[0])
			}},
		{name: "changed byte", opts: Options{Verify: true}, list: func(s EachStats) []Unread { return s.Corrupt },
			build: func(t *testing.T, r *repo) {
				edit(t, r.files("pack/*.pack")[0], func(b []byte) []byte { b[len(b)/2] ^= 0x10; return b })
			}},
		{name: "changed byte, other copy loose", opts: Options{Verify: true}, all: true,
			build: func(t *testing.T, r *repo) {
				r.git("repack", "-aq")
				edit(t, r.files("pack/*.pack")[0], func(b []byte) []byte { b[len(b)/2] ^= 0x10; return b })
			}},
		{name: "missing base", list: func(s EachStats) []Unread { return s.MissingBase },
			build: func(t *testing.T, r *repo) {
				r.git("config", "repack.useDeltaBaseOffset", "false")
				r.repack()
				forgetBase(t, r)
			}},
		{name: "too large", opts: Options{MaxObject: 2000}, list: func(s EachStats) []Unread { return s.TooLarge },
			build: func(t *testing.T, r *repo) {}},
		{name: "index gone, known to the multi-pack-index", all: true,
			build: func(t *testing.T, r *repo) {
				r.git("multi-pack-index", "write")
				run(t, nil, "rm", "-f", r.files("pack/*.idx")[0])
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRepo(t)
			r.history(25)
			all := r.all()
			if !strings.Contains(tt.name, "loose") {
				r.repack()
			}
			tt.build(t, r)
			s := open(t, r.objects(), tt.opts)
			if got := fmt.Sprint(s.Problems()); tt.problem != "" && !strings.Contains(got, tt.problem) || tt.problem == "" && got != "[]" {
				t.Errorf("problems %s, want %q", got, tt.problem)
			}
			got, stats := walkAll(t, s, 2, everything)
			for id, th := range got {
				if all[id] != th {
					t.Errorf("%s came out wrong", id)
				}
			}
			if tt.all {
				if diff := diffThings(all, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				return
			}
			// What was not visited is listed, and cannot be got either.
			var listed, want []string
			for _, u := range tt.list(stats) {
				listed = append(listed, u.ID.String())
				if _, _, err := s.Get(u.ID); err == nil {
					t.Errorf("%s is listed with %v, but Get returns it", u.ID, u.Err)
				}
			}
			for id := range all {
				if _, ok := got[id]; !ok {
					want = append(want, id)
				}
			}
			slices.Sort(want)
			if diff := cmp.Diff(want, listed); diff != "" || len(want) == 0 {
				t.Errorf("%d not visited, listed (-want +got):\n%s", len(want), diff)
			}
		})
	}
}

// forgetBase changes the ID of a delta's base where the delta names it, so that there is no such object.
func forgetBase(t *testing.T, r *repo) {
	t.Helper()
	var base ID
	for line := range strings.Lines(r.git("cat-file", "--batch-all-objects", "--batch-check=%(deltabase) %(objecttype)")) {
		if id, ok := strings.CutSuffix(line, " blob\n"); ok && strings.Trim(id, "0") != "" {
			var err error
			if base, err = ParseID(id); err != nil {
				t.Fatal(err)
			}
		}
	}
	edit(t, r.files("pack/*.pack")[0], func(b []byte) []byte {
		other := base.Bytes()
		other[5] ^= 0xff
		return bytes.ReplaceAll(b, base.Bytes(), other)
	})
}

// complete says that everything wanted was visited.
func complete(s *EachStats) bool {
	return len(s.MissingBase)+len(s.Corrupt)+len(s.TooLarge)+len(s.Problems) == 0
}
