package odb

import (
	"errors"
	"fmt"
	"io/fs"
)

// Header returns the type and size of an object without reading all of it.
func (s *Store) Header(id ID) (t Type, size int64, err error) {
	if int(id.size) != s.hash {
		return 0, 0, fmt.Errorf("object %s: %w", id, ErrMissing)
	}
	r := s.newReading()
	defer r.done()
	defer s.catchFault(&err)()
	t, size, err = r.head(id.raw())
	if err != nil {
		return 0, 0, named(err, id)
	}
	return t, size, nil
}

func (r *reading) head(id []byte) (t Type, size int64, err error) {
	err = ErrMissing
	r.copiesOf(id, func(p *pack, off uint64) bool {
		var e error
		t, size, e = r.headAt(p, off)
		if e == nil || errors.Is(err, ErrMissing) {
			err = e
		}
		return e != nil
	})
	if err == nil {
		return t, size, nil
	}
	for _, d := range r.dirs {
		src, e := r.readLoose(d, makeID(id))
		if errors.Is(e, fs.ErrNotExist) {
			continue
		}
		if e == nil {
			t, size, _, e = looseHead(r.dec, src)
		}
		if e == nil {
			return t, size, nil
		}
		if errors.Is(err, ErrMissing) {
			err = &CorruptError{Path: d.path + "/" + loosePath(makeID(id)), Offset: -1, Err: e}
		}
	}
	return 0, 0, err
}

// headAt takes the size from the delta itself, and the type from the end of its chain.
func (r *reading) headAt(p *pack, off uint64) (Type, int64, error) {
	size := int64(-1)
	for {
		e, err := p.entry(off)
		if err != nil {
			return 0, 0, p.corrupt(off, err)
		}
		if size < 0 {
			if size, err = r.resultSize(p, &e); err != nil {
				return 0, 0, p.corrupt(off, err)
			}
		}
		if !e.isDelta() {
			return Type(e.kind), size, nil
		}
		if r.hops--; r.hops < 0 {
			return 0, 0, p.corrupt(off, errDeltaTooDeep)
		}
		if e.baseID == nil {
			off = e.base
			continue
		}
		if i, here := p.idx.find(e.baseID); here {
			off, _ = p.idx.offset(i)
			continue
		}
		t, _, err := r.head(e.baseID)
		if err != nil {
			return 0, 0, p.baseFailed(off, e.baseID, err)
		}
		return t, size, nil
	}
}

// resultSize is the size of the object that an entry becomes.
func (r *reading) resultSize(p *pack, e *entry) (int64, error) {
	if !e.isDelta() {
		return int64(e.size), nil
	}
	var buf [20]byte // two numbers of up to nine bytes
	n, err := r.dec.ZlibPrefix(buf[:], int(min(e.size, uint64(len(buf)))), p.data[e.body:p.end])
	if err != nil {
		return 0, err
	}
	_, size, _, ok := deltaSizes(buf[:n])
	if !ok {
		return 0, errBadDelta
	}
	return int64(size), nil
}
