package litscan

import "slices"

// pairs holds the literals of two bytes. They are too short for a probe: the bitmap gets their windows with every
// third byte, and a table of exactly the byte pairs that occur in one decides.
type pairs struct {
	bitmap   [1 << 16 / 64]uint64
	buckets  [pairBuckets][]pair
	lits     []Literal
	inBitmap bool
}

const pairBuckets = 64

// A pair is two bytes and the indexes of the literals that they match.
type pair struct {
	bytes   uint16
	indexes []uint32
}

// singles holds, for each byte, the indexes of the literals of one byte that it matches.
type singles [256][]uint32

func (p *pairs) with(l Literal, indexes []uint32) *pairs {
	if p == nil {
		p = &pairs{}
	}
	p.lits = append(p.lits, l)
	for _, a := range cases(l.Text[0], l.Fold) {
		for _, b := range cases(l.Text[1], l.Fold) {
			p.add(uint16(a)|uint16(b)<<8, indexes)
		}
	}
	return p
}

func (p *pairs) add(bytes uint16, indexes []uint32) {
	p.bitmap[bytes/64] |= 1 << (bytes % 64)
	bucket := &p.buckets[pairBucket(bytes)]
	for i := range *bucket {
		if known := &(*bucket)[i]; known.bytes == bytes {
			known.indexes = merged(known.indexes, indexes)
			return
		}
	}
	*bucket = append(*bucket, pair{bytes, indexes})
}

func pairBucket(bytes uint16) uint16 { return (bytes ^ bytes>>6) % pairBuckets }

// at returns the indexes of the literals that two bytes match.
func (p *pairs) at(bytes uint16) []uint32 {
	if p.bitmap[bytes/64]>>(bytes%64)&1 == 0 {
		return nil
	}
	for _, known := range p.buckets[pairBucket(bytes)] {
		if known.bytes == bytes {
			return known.indexes
		}
	}
	return nil
}

func (s *singles) with(l Literal, indexes []uint32) *singles {
	if s == nil {
		s = &singles{}
	}
	for _, a := range cases(l.Text[0], l.Fold) {
		s[a] = merged(s[a], indexes)
	}
	return s
}

// merged joins two lists in ascending order, in memory of its own.
func merged(a, b []uint32) []uint32 {
	list := slices.Concat(a, b)
	slices.Sort(list)
	return list
}

// cases returns the bytes that match b: one, or two for a letter under fold.
func cases(b byte, fold bool) []byte {
	if fold && isLetter(b) {
		return []byte{b | 0x20, b &^ 0x20}
	}
	return []byte{b}
}
