package odb

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/assaysec/assay/internal/git/odb/inflate"
)

// Options say how to open a Store. The zero value opens a SHA-1 repository and follows no alternates.
type Options struct {
	Format Format

	// AllowedRoots are the directories inside which alternates may lie. Others are reported in Problems.
	AllowedRoots []string

	// Extra are more object directories that the caller trusts as much as the first, such as a quarantine directory.
	Extra []string

	MaxObject  int64 // largest object that is read; 0 means 256 MiB
	CacheBytes int64 // for delta bases between calls of Get; 0 means 32 MiB

	// BytesInWork is the memory for objects during Each, all workers together; 0 means 64 MiB. One worker at a time may
	// exceed it, by what one object, its base and its delta need.
	BytesInWork int64

	// MaxTotal ends Each with ErrTooMuch when that many bytes of objects have been made; 0 means 1 TiB. A small pack can hold
	// a large object and any number of tiny deltas that repeat it.
	MaxTotal int64

	// Verify hashes every object that is read, and with Each every pack. Without it Get trusts the checksum of the compressed
	// data, and Each only that it has the right form and size.
	Verify bool

	maxDeltaHops int // 0 means maxHops; tests lower it
}

const (
	defaultMaxObject   = 256 << 20
	defaultCacheBytes  = 32 << 20
	defaultBytesInWork = 64 << 20
	defaultMaxTotal    = 1 << 40

	// maxHops bounds a delta chain. Git makes none above 4095.
	maxHops = 10_000
)

func (o Options) withDefaults() Options {
	o.MaxObject = cmp.Or(o.MaxObject, defaultMaxObject)
	o.CacheBytes = cmp.Or(o.CacheBytes, defaultCacheBytes)
	o.BytesInWork = cmp.Or(o.BytesInWork, defaultBytesInWork)
	o.MaxTotal = cmp.Or(o.MaxTotal, defaultMaxTotal)
	o.maxDeltaHops = cmp.Or(o.maxDeltaHops, maxHops)
	return o
}

func (o Options) validate() error {
	if o.Format > SHA256 {
		return fmt.Errorf("format %d: want sha1 or sha256", o.Format)
	}
	if o.MaxObject < 0 || o.CacheBytes < 0 || o.BytesInWork < 0 || o.MaxTotal < 0 {
		return errors.New("limits must not be negative")
	}
	return nil
}

// A Store reads the objects of a repository. Its methods may be called from several goroutines.
type Store struct {
	opts     Options
	hash     int
	dirs     []*objectDir
	packs    []*pack // largest first
	midxs    []*multiIndex
	byPath   map[string]*pack
	problems []Problem
	decoders sync.Pool
	cache    baseCache
}

// Open opens an object directory, such as .git/objects, and those it borrows from. It fails only if the directory itself
// cannot be opened; everything else that is wrong is in Problems.
func Open(objectsDir string, o Options) (*Store, error) {
	o = o.withDefaults()
	if err := o.validate(); err != nil {
		return nil, fmt.Errorf("object database options: %w", err)
	}
	s := &Store{opts: o, hash: o.Format.Size(), byPath: map[string]*pack{}}
	s.decoders.New = func() any { return new(inflate.Decoder) }
	s.cache.limit = o.CacheBytes
	if err := s.openDir(objectsDir); err != nil {
		return nil, fmt.Errorf("object directory %s: %w", objectsDir, pathless(err))
	}
	for _, dir := range o.Extra {
		if err := s.openDir(dir); err != nil {
			s.report(dir, pathless(err))
		}
	}
	s.followAlternates(allowedRoots(o.AllowedRoots))
	slices.SortStableFunc(s.packs, func(a, b *pack) int { return cmp.Compare(b.idx.count, a.idx.count) })
	for i, p := range s.packs {
		p.number = i
	}
	return s, nil
}

// Close gives the mapped files back. No method may run during or after it, and no slice of an Object may be in use.
func (s *Store) Close() error {
	var errs []error
	for _, p := range s.packs {
		errs = append(errs, p.unmap())
	}
	for _, m := range s.midxs {
		errs = append(errs, m.close())
	}
	for _, d := range s.dirs {
		errs = append(errs, d.root.Close())
	}
	s.packs, s.midxs, s.dirs = nil, nil, nil
	return errors.Join(errs...)
}

// Problems are the files and directories that could not be used, in the order they were met.
func (s *Store) Problems() []Problem { return slices.Clone(s.problems) }

func (s *Store) report(path string, err error) {
	s.problems = append(s.problems, Problem{Path: path, Err: err})
}

// Promisor reports whether a pack came from a promisor remote: objects that are missing may then be had from there.
func (s *Store) Promisor() bool {
	return slices.ContainsFunc(s.packs, func(p *pack) bool { return p.promisor })
}

// An objectDir is one directory of objects, and the only way to what is below it.
type objectDir struct {
	path string // as given
	real string // without symbolic links
	root *os.Root
}

func (s *Store) openDir(path string) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	if real, err = filepath.Abs(real); err != nil {
		return err
	}
	if slices.ContainsFunc(s.dirs, func(d *objectDir) bool { return d.real == real }) {
		return nil
	}
	root, err := os.OpenRoot(real)
	if err != nil {
		return err
	}
	d := &objectDir{path: path, real: real, root: root}
	s.dirs = append(s.dirs, d)
	s.openPacks(d)
	return nil
}

// openPacks opens all that is in the pack directory. Names are sorted, so that two runs agree.
func (s *Store) openPacks(d *objectDir) {
	packDir := d.path + "/pack"
	root, err := d.root.OpenRoot("pack")
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	if err != nil {
		s.report(packDir, pathless(err))
		return
	}
	defer root.Close()
	names, err := readNames(root, ".")
	if err != nil {
		s.report(packDir, pathless(err))
	}
	has := map[string]bool{}
	for _, name := range names {
		has[name] = true
	}
	midxs := s.openMultiIndexes(root, packDir, has)
	spare := spareIndexes(names, has, midxs)
	for _, name := range names {
		base, suffix := cutSuffix(name)
		switch {
		case suffix == ".idx":
			s.openPack(root, packDir, base, nil)
		case suffix != ".pack" || has[base+".idx"]:
		case spare[base+".idx"] != nil:
			s.openPack(root, packDir, base, spare[base+".idx"])
		default:
			s.report(packDir+"/"+name, errNoIndex)
		}
	}
	for _, m := range midxs {
		m.connect(s.byPath)
	}
	s.midxs = append(s.midxs, midxs...)
}

// spareIndexes are those that multi-pack-indexes give for packs without one of their own.
func spareIndexes(names []string, has map[string]bool, midxs []*multiIndex) map[string]*packIndex {
	lost := map[string]bool{}
	for _, name := range names {
		if base, suffix := cutSuffix(name); suffix == ".pack" && !has[base+".idx"] {
			lost[base+".idx"] = true
		}
	}
	found := map[string]*packIndex{}
	for _, m := range slices.Backward(midxs) {
		maps.Copy(found, m.packIndexes(lost)) // the first one counts
	}
	return found
}

func (s *Store) openPack(root *os.Root, packDir, base string, index *packIndex) {
	if p := openPack(root, packDir, base, s.hash, index, s.report); p != nil {
		s.packs = append(s.packs, p)
		s.byPath[p.path] = p
	}
}

func cutSuffix(name string) (base, suffix string) {
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		return name[:i], name[i:]
	}
	return name, ""
}

func readNames(root *os.Root, dir string) ([]string, error) {
	f, err := root.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	slices.Sort(names)
	return names, err
}
