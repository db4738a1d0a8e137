package odb

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"math"
	"slices"
	"strconv"

	"github.com/assaysec/assay/internal/git/odb/inflate"
)

// copiesOf yields every place where a pack has the object: first what a multi-pack-index says, then pack by pack.
func (s *Store) copiesOf(id []byte, yield func(*pack, uint64) bool) {
	var first *pack
	for _, m := range s.midxs {
		if p, off, ok := m.lookup(id); ok {
			if !yield(p, off) {
				return
			}
			first = p
			break
		}
	}
	for _, p := range s.packs {
		if p == first {
			continue
		}
		if i, ok := p.idx.find(id); ok {
			off, _ := p.idx.offset(i) // a bad offset is refused where it is used
			if !yield(p, off) {
				return
			}
		}
	}
}

func (s *Store) packed(id []byte) (found *pack, off uint64) {
	s.copiesOf(id, func(p *pack, o uint64) bool {
		found, off = p, o
		return false
	})
	return found, off
}

// Has reports whether the object is there; it may still turn out to be unreadable.
func (s *Store) Has(id ID) (has bool) {
	if int(id.size) != s.hash {
		return false
	}
	var fault error // leaves has false
	defer s.catchFault(&fault)()
	if p, _ := s.packed(id.raw()); p != nil {
		return true
	}
	return slices.ContainsFunc(s.dirs, func(d *objectDir) bool {
		_, err := d.root.Lstat(loosePath(id))
		return err == nil
	})
}

// A reading is one call from outside, and what it may still spend over all chains and copies, which may run in circles across
// packs.
type reading struct {
	*Store
	dec   *inflate.Decoder
	hops  int   // steps from delta to base
	bytes int64 // of inflated entries and objects made
}

// maxMade is how many times the largest object may be made, in bytes, to read a single one. A chain of 50 deltas, the longest
// that git makes by default, of the largest objects there may be, stays below.
const maxMade = 128

func (o *Options) bytesPerReading() int64 { return maxMade * min(o.MaxObject, math.MaxInt64/maxMade) }

func (s *Store) newReading() *reading {
	return &reading{
		Store: s, dec: s.decoders.Get().(*inflate.Decoder),
		hops: s.opts.maxDeltaHops, bytes: s.opts.bytesPerReading(),
	}
}

// hopCost is what a step along a delta chain counts for, in bytes.
const hopCost = 4096

func (r *reading) spent() int64 {
	return r.opts.bytesPerReading() - r.bytes + int64(r.opts.maxDeltaHops-r.hops)*hopCost
}

func (r *reading) done() { r.decoders.Put(r.dec) }

// Get returns an object. The error is ErrMissing, a *TooLargeError or a *CorruptError; if one copy of the object is corrupt
// and another is not, the other is returned. The bytes belong to the caller.
func (s *Store) Get(id ID) (t Type, data []byte, err error) {
	if int(id.size) != s.hash {
		return 0, nil, fmt.Errorf("object %s: %w", id, ErrMissing)
	}
	r := s.newReading()
	defer r.done()
	defer s.catchFault(&err)()
	t, data, err = r.object(id.raw())
	if err != nil {
		return 0, nil, named(err, id)
	}
	return t, data, nil
}

// named puts the ID into an error that was made where only the place was known.
func named(err error, id ID) error {
	var corrupt *CorruptError
	var large *TooLargeError
	switch {
	case errors.As(err, &corrupt):
		named := *corrupt
		named.ID = id
		return &named
	case errors.As(err, &large):
		named := *large
		named.ID = id
		return &named
	}
	return fmt.Errorf("object %s: %w", id, err)
}

// object tries the copies of an object until one can be read.
func (r *reading) object(id []byte) (t Type, data []byte, err error) {
	err = ErrMissing
	r.copiesOf(id, func(p *pack, off uint64) bool {
		var e error
		if t, data, e = r.at(p, off); e == nil {
			e = r.check(id, t, data, p.path, int64(off))
		}
		if e == nil || errors.Is(err, ErrMissing) {
			err = e
		}
		return e != nil
	})
	if err == nil {
		return t, data, nil
	}
	for _, d := range r.dirs {
		var e error
		if t, data, e = r.loose(d, makeID(id)); e == nil {
			return t, data, nil
		}
		if errors.Is(err, ErrMissing) {
			err = e
		}
	}
	return 0, nil, err
}

func (r *reading) loose(d *objectDir, id ID) (Type, []byte, error) {
	path := d.path + "/" + loosePath(id)
	src, err := r.readLoose(d, id)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil, ErrMissing
	}
	var t Type
	var data []byte
	if err == nil {
		t, data, err = r.looseObject(r.dec, id, src, func(n int) []byte { return make([]byte, n) })
	}
	if errors.Is(err, ErrTooLarge) {
		return t, nil, err
	}
	if err != nil {
		return 0, nil, &CorruptError{ID: id, Path: path, Offset: -1, Err: err}
	}
	return t, data, r.check(id.raw(), t, data, path, -1)
}

// check hashes an object if that was asked for.
func (r *reading) check(id []byte, t Type, data []byte, path string, off int64) error {
	if !r.opts.Verify || hashesTo(id, t, data) {
		return nil
	}
	return &CorruptError{Path: path, Offset: off, Err: errBadHash}
}

func hashesTo(id []byte, t Type, data []byte) bool {
	f := SHA1
	if len(id) == sha256.Size {
		f = SHA256
	}
	return slices.Equal(sumOf(f, t, data), id)
}

// NameOf is the name that an object of a type and content has.
func NameOf(f Format, t Type, data []byte) ID { return makeID(sumOf(f, t, data)) }

func sumOf(f Format, t Type, data []byte) []byte {
	var h hash.Hash
	if f == SHA256 {
		h = sha256.New()
	} else {
		h = sha1.New()
	}
	head := append([]byte(t.String()), ' ')
	head = strconv.AppendInt(head, int64(len(data)), 10)
	h.Write(append(head, 0))
	h.Write(data)
	return h.Sum(nil)
}

// at reads the object at an offset of a pack: down the chain of deltas to something that is whole, and up again.
func (r *reading) at(p *pack, off uint64) (Type, []byte, error) {
	type link struct {
		off uint64
		e   entry
	}
	var chain []link
	t, data, ok := Type(0), []byte(nil), false
	for {
		if t, data, ok = r.cache.get(cacheKey{p.number, off}); ok {
			break
		}
		e, err := p.entry(off)
		if err != nil {
			return 0, nil, p.corrupt(off, err)
		}
		if !e.isDelta() {
			if data, err = r.inflate(p, off, &e); err != nil {
				return 0, nil, err
			}
			t = Type(e.kind)
			break
		}
		if r.hops--; r.hops < 0 {
			return 0, nil, p.corrupt(off, errDeltaTooDeep)
		}
		chain = append(chain, link{off, e})
		if e.baseID == nil {
			off = e.base
			continue
		}
		if i, here := p.idx.find(e.baseID); here {
			off, _ = p.idx.offset(i)
			continue
		}
		if t, data, err = r.object(e.baseID); err != nil {
			return 0, nil, p.baseFailed(off, e.baseID, err)
		}
		break
	}
	if len(chain) == 0 {
		if ok { // the cache keeps its bytes
			data = slices.Clone(data)
		}
		return t, data, nil
	}
	baseAt := off
	if chain[len(chain)-1].e.baseID != nil && chain[len(chain)-1].off == off {
		baseAt = 0 // from another pack: not kept
	}
	for _, l := range slices.Backward(chain) {
		if baseAt != 0 {
			r.cache.put(cacheKey{p.number, baseAt}, t, data)
		}
		next, err := r.delta(p, l.off, &l.e, data)
		if err != nil {
			return 0, nil, err
		}
		data, baseAt = next, l.off
	}
	return t, data, nil
}

func (p *pack) corrupt(off uint64, err error) error {
	if errors.Is(err, ErrTooLarge) {
		return err
	}
	return &CorruptError{Path: p.path, Offset: int64(off), Err: err}
}

// baseFailed is the error for a delta whose base, in another pack or loose, gave an error. It keeps the deepest reason and not
// the way there, which may be thousands of steps long.
func (p *pack) baseFailed(off uint64, base []byte, err error) error {
	var inner *CorruptError
	switch {
	case errors.As(err, &inner):
		err = inner.Err
	case errors.Is(err, ErrMissing):
		err = fmt.Errorf("base %x: %w", base, ErrMissingBase)
	}
	return p.corrupt(off, err)
}

func (r *reading) inflate(p *pack, off uint64, e *entry) ([]byte, error) {
	if err := p.checkSize(e, r.opts.MaxObject); err != nil {
		return nil, p.corrupt(off, err)
	}
	if r.bytes -= int64(e.size); r.bytes < 0 {
		return nil, p.corrupt(off, errDeltaTooDeep)
	}
	buf := make([]byte, int(e.size)+inflate.Slack)
	if _, err := p.inflate(r.dec, e, buf, true); err != nil {
		return nil, p.corrupt(off, err)
	}
	return buf[:e.size:e.size], nil
}

func (r *reading) delta(p *pack, off uint64, e *entry, base []byte) ([]byte, error) {
	delta, err := r.inflate(p, off, e)
	if err != nil {
		return nil, err
	}
	baseSize, size, code, ok := deltaSizes(delta)
	if !ok || baseSize != uint64(len(base)) {
		return nil, p.corrupt(off, errBadDelta)
	}
	if size > uint64(r.opts.MaxObject) {
		return nil, &TooLargeError{Size: int64(size), Limit: r.opts.MaxObject}
	}
	if !plausible(size, base, code) {
		return nil, p.corrupt(off, errBadDelta)
	}
	if r.bytes -= int64(size); r.bytes < 0 {
		return nil, p.corrupt(off, errDeltaTooDeep)
	}
	data := make([]byte, size)
	if _, _, ok := applyDelta(data, base, code, nil, false); !ok {
		return nil, p.corrupt(off, errBadDelta)
	}
	return data, nil
}

// plausible reports whether so many instructions can make an object of that size: so that a few bytes cannot ask for much
// memory without having the copies to fill it.
func plausible(size uint64, base, code []byte) bool {
	return size <= uint64(len(code))*min(uint64(max(len(base), 0x7f)), 1<<24)
}

// Prefix returns the IDs that begin with the given hexadecimal digits, sorted. There must be at least four, as for git.
func (s *Store) Prefix(digits string) (ids []ID, err error) {
	if len(digits) < 4 || len(digits) > 2*s.hash {
		return nil, fmt.Errorf("object prefix %.80q: want 4 to %d hexadecimal digits", digits, 2*s.hash)
	}
	low, err := hex.DecodeString((digits + "0")[:(len(digits)+1)/2*2])
	if err != nil {
		return nil, fmt.Errorf("object prefix %q: %w", digits, err)
	}
	match := func(id []byte) bool {
		n := len(digits) / 2
		return slices.Equal(id[:n], low[:n]) && (len(digits)%2 == 0 || id[n]>>4 == low[n]>>4)
	}
	defer s.catchFault(&err)()
	for _, p := range s.packs {
		for i := p.idx.search(low); i < p.idx.count && match(p.idx.raw(i)); i++ {
			ids = append(ids, makeID(p.idx.raw(i)))
		}
	}
	for _, d := range s.dirs {
		names, err := readNames(d.root, hex.EncodeToString(low[:1]))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("object prefix %q: %s: %w", digits, d.path, err)
		}
		for _, name := range names {
			if len(name) != 2*s.hash-2 {
				continue
			}
			if id, err := ParseID(hex.EncodeToString(low[:1]) + name); err == nil && match(id.raw()) {
				ids = append(ids, id)
			}
		}
	}
	slices.SortFunc(ids, ID.Compare)
	return slices.Compact(ids), nil
}
