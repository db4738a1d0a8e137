package cache

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/assaysec/assay/internal/testkit"
)

func key(b byte) Key { return Key{b} }

func TestStoreKeeps(t *testing.T) {
	dir := t.TempDir()
	s := Open(dir, "g1", DefaultLimit)
	s.Put(key(1), []byte("one"))
	s.Put(key(2), nil)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = Open(dir, "g1", DefaultLimit)
	if got, ok := s.Get(key(1)); !ok || string(got) != "one" {
		t.Errorf("got %q, %v", got, ok)
	}
	if got, ok := s.Get(key(2)); !ok || len(got) != 0 {
		t.Errorf("an empty entry: %q, %v", got, ok)
	}
	if _, ok := s.Get(key(3)); ok {
		t.Error("an entry that nobody put")
	}
	if _, ok := Open(dir, "g2", DefaultLimit).Get(key(1)); ok {
		t.Error("an entry of another generation")
	}
}

func TestStoreSurvivesDamage(t *testing.T) {
	dir := t.TempDir()
	s := Open(dir, "g", DefaultLimit)
	for i := range byte(20) {
		s.Put(key(i), bytes.Repeat([]byte{i}, int(i)))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "g.results")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for at := range whole {
		for _, damaged := range [][]byte{whole[:at], flipped(whole, at)} {
			for k, v := range parse(damaged) {
				if !bytes.Equal(v, bytes.Repeat([]byte{k[0]}, int(k[0]))) || k != key(k[0]) {
					t.Fatalf("damage at %d: entry %v has %v", at, k[0], v)
				}
			}
		}
	}
}

func flipped(text []byte, at int) []byte {
	out := bytes.Clone(text)
	out[at] ^= 0x10
	return out
}

func TestStoreStaysWithinItsLimit(t *testing.T) {
	dir := t.TempDir()
	const limit = 10_000
	for g := range 10 {
		s := Open(dir, string(rune('a'+g)), limit)
		for i := range byte(30) {
			s.Put(key(i), make([]byte, 200))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		old := time.Now().Add(time.Duration(g-100) * time.Hour)
		if err := os.Chtimes(filepath.Join(dir, string(rune('a'+g))+".results"), old, old); err != nil {
			t.Fatal(err)
		}
	}
	var total int64
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	if total > limit {
		t.Errorf("%d bytes in %d files", total, len(entries))
	}
	if _, ok := Open(dir, "j", limit).Get(key(1)); !ok {
		t.Error("the newest generation is gone")
	}
}

// What somebody else may have written is as if it were not there: it could say of any file that it is clean.
func TestStoreOfSomebodyElse(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions mean something else here")
	}
	fill := func(t *testing.T) (dir, file string) {
		dir = t.TempDir()
		s := Open(dir, "g", DefaultLimit)
		s.Put(key(1), []byte("one"))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return dir, filepath.Join(dir, "g.results")
	}
	t.Run("writable for others", func(t *testing.T) {
		dir, file := fill(t)
		if err := os.Chmod(file, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, ok := Open(dir, "g", DefaultLimit).Get(key(1)); ok {
			t.Error("an entry that anybody may have written")
		}
	})
	t.Run("another owner", func(t *testing.T) {
		dir, file := fill(t)
		if err := os.Chown(file, 12345, -1); err != nil {
			t.Skip(err)
		}
		if _, ok := Open(dir, "g", DefaultLimit).Get(key(1)); ok {
			t.Error("an entry that another user has written")
		}
	})
	t.Run("a pipe", func(t *testing.T) {
		dir := t.TempDir()
		if !testkit.Pipe(t, filepath.Join(dir, "g.results")) {
			t.Skip("no pipes here")
		}
		if _, ok := Open(dir, "g", DefaultLimit).Get(key(1)); ok {
			t.Error("an entry of a pipe")
		}
	})
}

// A folder that cannot be written is an error of Close and of nothing else, and what was there stays.
func TestStoreThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := Open(filepath.Join(file, "below"), "g", DefaultLimit)
	s.Put(key(1), []byte("one"))
	if err := s.Close(); err == nil {
		t.Error("no error for a folder that cannot be made")
	}
	var none *Store
	none.Put(key(1), nil)
	if _, ok := none.Get(key(1)); ok || none.Close() != nil {
		t.Error("the nil store keeps something")
	}
}

// Of two runs at once one's entries are kept, whole.
func TestTwoStoresAtOnce(t *testing.T) {
	dir := t.TempDir()
	var wait sync.WaitGroup
	for n := range byte(8) {
		s := Open(dir, "g", DefaultLimit)
		for i := range byte(100) {
			s.Put(key(i), bytes.Repeat([]byte{n}, 1000))
		}
		wait.Go(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	s := Open(dir, "g", DefaultLimit)
	first, _ := s.Get(key(0))
	for i := range byte(100) {
		if got, ok := s.Get(key(i)); !ok || !bytes.Equal(got, first) {
			t.Errorf("entry %d is not of the same run", i)
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".new-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(append([]byte(magic), appendEntry(nil, key(1), []byte("one"))...))
	f.Fuzz(func(t *testing.T, text []byte) {
		for k, v := range parse(text) {
			again := parse(append([]byte(magic), appendEntry(nil, k, v)...))
			if !bytes.Equal(again[k], v) {
				t.Errorf("entry %x does not survive a round trip", k)
			}
		}
	})
}
