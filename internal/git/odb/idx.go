package odb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

const fanoutSize = 256 * 4

// An idTable is a sorted list of IDs with git's fan-out before it: for each first byte, how many IDs begin with it or less.
type idTable struct {
	fanout []byte
	ids    []byte
	stride int // from one ID to the next
	skip   int // from the start of a record to its ID
	hash   int // length of an ID
	count  int
}

func newIDTable(fanout, ids []byte, stride, skip, hash int) (idTable, error) {
	t := idTable{fanout: fanout, ids: ids, stride: stride, skip: skip, hash: hash}
	last := uint32(0)
	for i := range 256 {
		n := binary.BigEndian.Uint32(fanout[4*i:])
		if n < last {
			return idTable{}, errors.New("fan-out table is not sorted")
		}
		last = n
	}
	if uint64(last)*uint64(stride) > uint64(len(ids)) {
		return idTable{}, fmt.Errorf("index of %d objects is cut short", last)
	}
	t.count = int(last)
	t.ids = ids[:t.count*stride]
	return t, nil
}

func (t *idTable) raw(i int) []byte {
	at := i*t.stride + t.skip
	return t.ids[at : at+t.hash : at+t.hash]
}

// bucket is the range of the IDs that begin with a byte.
func (t *idTable) bucket(first byte) (lo, hi int) {
	if first > 0 {
		lo = int(binary.BigEndian.Uint32(t.fanout[4*int(first)-4:]))
	}
	return lo, int(binary.BigEndian.Uint32(t.fanout[4*int(first):]))
}

// search returns the first position whose ID is not less than the given one, which may be shorter than an ID.
func (t *idTable) search(id []byte) int {
	lo, hi := t.bucket(id[0])
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if bytes.Compare(t.raw(mid), id) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

func (t *idTable) find(id []byte) (int, bool) {
	if len(id) != t.hash {
		return 0, false
	}
	i := t.search(id)
	return i, i < t.count && bytes.Equal(t.raw(i), id)
}

// sorted reports whether the IDs are in ascending order, perhaps repeated, and in the buckets the fan-out gives them.
func (t *idTable) sorted() bool {
	for b := range 256 {
		lo, hi := t.bucket(byte(b))
		for i := lo; i < hi; i++ {
			id := t.raw(i)
			if id[0] != byte(b) || i > lo && bytes.Compare(t.raw(i-1), id) > 0 {
				return false
			}
		}
	}
	return true
}

// A packIndex says where in one pack each object lies. Formats: gitformat-pack(5).
type packIndex struct {
	idTable
	near     []byte // 4 bytes an object, nearStep apart: the offset, or with the high bit set a position in far
	nearStep int
	far      []byte // 8 bytes each
	offsets  []uint64
	trailer  []byte // checksum of the pack; nil if the index does not say
}

var idxMagic = []byte{0xff, 't', 'O', 'c'}

func parsePackIndex(data []byte, hash int) (*packIndex, error) {
	if len(data) >= 8 && bytes.Equal(data[:4], idxMagic) {
		if v := binary.BigEndian.Uint32(data[4:]); v != 2 {
			return nil, fmt.Errorf("index version %d is not known", v)
		}
		return parseIndexV2(data, hash)
	}
	return parseIndexV1(data, hash)
}

func parseIndexV1(data []byte, hash int) (*packIndex, error) {
	if len(data) < fanoutSize+2*hash {
		return nil, errors.New("index is cut short")
	}
	body := data[fanoutSize : len(data)-2*hash]
	t, err := newIDTable(data[:fanoutSize], body, 4+hash, 4, hash)
	if err != nil {
		return nil, err
	}
	return &packIndex{idTable: t, near: body, nearStep: 4 + hash, trailer: data[len(data)-2*hash : len(data)-hash]}, nil
}

func parseIndexV2(data []byte, hash int) (*packIndex, error) {
	const head = 8 + fanoutSize
	if len(data) < head+2*hash {
		return nil, errors.New("index is cut short")
	}
	body := data[head : len(data)-2*hash]
	t, err := newIDTable(data[8:head], body, hash, 0, hash)
	if err != nil {
		return nil, err
	}
	crc := t.count * hash
	near := crc + 4*t.count
	far := near + 4*t.count
	if far > len(body) {
		return nil, fmt.Errorf("index of %d objects is cut short", t.count)
	}
	return &packIndex{
		idTable: t, near: body[near:far], nearStep: 4, far: body[far:],
		trailer: data[len(data)-2*hash : len(data)-hash],
	}, nil
}

// offset is where the i-th object begins. It may be nonsense; who uses it compares it with the length of the pack.
func (x *packIndex) offset(i int) (uint64, bool) {
	if x.offsets != nil {
		return x.offsets[i], true
	}
	return resolveOffset(binary.BigEndian.Uint32(x.near[i*x.nearStep:]), x.far, x.nearStep == 4)
}

// resolveOffset looks a large offset up in the table of those.
func resolveOffset(near uint32, far []byte, mayBeFar bool) (uint64, bool) {
	if !mayBeFar || near>>31 == 0 {
		return uint64(near), true
	}
	at := uint64(near&(1<<31-1)) * 8
	if at+8 > uint64(len(far)) {
		return 0, false
	}
	off := binary.BigEndian.Uint64(far[at:])
	return off, off>>63 == 0
}

// prefixKey orders the IDs of one bucket as their bytes do, up to the ninth.
func prefixKey(id []byte) uint64 { return binary.BigEndian.Uint64(id[1:]) }
