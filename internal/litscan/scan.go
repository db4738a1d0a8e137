package litscan

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// Append finds all occurrences in text and appends them to dst, ordered by Pos and then Lit. It allocates only to
// grow dst. text is at most 4 GiB long, so that Pos can hold every offset.
func (s *Set) Append(dst []Hit, text []byte) []Hit {
	dst, _ = s.AppendUpTo(dst, text, math.MaxInt)
	return dst
}

// AppendUpTo is Append for a text that may be made to have too many hits. It stops soon after it has more than n, and all
// says that it did not have to.
func (s *Set) AppendUpTo(dst []Hit, text []byte, n int) (hits []Hit, all bool) {
	sc := scanner{set: s, text: text, hits: dst, base: len(dst), most: n}
	if s.windows() {
		sc.windows()
	}
	found := len(sc.hits)
	sc.short()
	if len(sc.hits) > found {
		slices.SortFunc(sc.hits[sc.base:], func(a, b Hit) int {
			return cmp.Compare(uint64(a.Pos)<<32|uint64(a.Lit), uint64(b.Pos)<<32|uint64(b.Lit))
		})
	}
	return sc.hits, !sc.full()
}

// short looks for the literals that are too short for windows, one byte after the other.
func (sc *scanner) short() {
	if p := sc.set.pairs; p != nil && !p.inBitmap {
		for i := 0; i+1 < len(sc.text) && !sc.full(); i++ {
			for _, lit := range p.at(uint16(sc.text[i]) | uint16(sc.text[i+1])<<8) {
				sc.hits = append(sc.hits, Hit{uint32(i), lit})
			}
		}
	}
	if sc.set.singles != nil {
		for i, b := range sc.text {
			if sc.full() {
				return
			}
			for _, lit := range sc.set.singles[b] {
				sc.hits = append(sc.hits, Hit{uint32(i), lit})
			}
		}
	}
}

// A scanner is one call of Append.
type scanner struct {
	set  *Set
	text []byte
	hits []Hit
	base int // hits before it are the caller's
	most int // how many are wanted
}

func (sc *scanner) full() bool { return len(sc.hits)-sc.base > sc.most }

// windows looks at every three-byte window of the text, four in one step.
func (sc *scanner) windows() {
	const fold = 0x2020202020202020
	text, bitmap := sc.text, &sc.set.bitmap
	i := sc.vectorWindows()
	if sc.full() {
		return
	}
	for ; i+8 <= len(text); i += 4 {
		a := binary.LittleEndian.Uint64(text[i:i+8]) | fold
		t0, t1 := test(bitmap, uint32(a)), test(bitmap, uint32(a>>8))
		t2, t3 := test(bitmap, uint32(a>>16)), test(bitmap, uint32(a>>24))
		if (t0|t1|t2|t3)&1 == 0 {
			continue
		}
		for m := t0&1 | t1&1<<1 | t2&1<<2 | t3&1<<3; m != 0; m &= m - 1 {
			sc.verify(i + bits.TrailingZeros64(m))
		}
		if sc.full() {
			return
		}
	}
	for ; i+3 <= len(text); i++ {
		sc.verify(i)
	}
	if i+2 <= len(text) && sc.set.pairs != nil && sc.set.pairs.inBitmap {
		sc.pair(i)
	}
}

// vectorWindows looks at as many windows as the vector filter can take, and returns the position of the first that is
// left.
func (sc *scanner) vectorWindows() int {
	if sc.set.vector == nil && sc.set.nibble == nil {
		return 0
	}
	var masks [vectorBatch]uint64
	text := sc.text
	blocks := (len(text) - 2) / vectorBlock
	for done := 0; done < blocks && !sc.full(); {
		n := min(blocks-done, vectorBatch)
		sc.set.filter(&text[done*vectorBlock], n, &masks)
		for i, m := range masks[:n] {
			for at := (done + i) * vectorBlock; m != 0; m &= m - 1 {
				p := at + bits.TrailingZeros64(m)
				if test(&sc.set.bitmap, window(text, p)|0x202020)&1 != 0 {
					sc.verify(p)
				}
			}
		}
		done += n
	}
	return max(blocks, 0) * vectorBlock
}

// window returns the three bytes at p.
func window(text []byte, p int) uint32 {
	t := text[p : p+3]
	return uint32(t[0]) | uint32(t[1])<<8 | uint32(t[2])<<16
}

// test has in its lowest bit the bitmap's bit for the low three bytes of w, which are folded already.
func test(bitmap *[1 << hashBits / 64]uint64, w uint32) uint64 {
	const factor = hashFactor << 8 & 0xffffffff // drops the fourth byte, as hash does
	h := w * factor >> (32 - hashBits)
	return bitmap[h/64] >> (h % 64)
}

// verify compares the literals whose probe may stand at p. Three bytes remain at p.
func (sc *scanner) verify(p int) {
	s, text := sc.set, sc.text
	if s.pairs != nil && s.pairs.inBitmap {
		sc.pair(p)
	}
	b := hash(window(text, p)) >> (32 - bucketBits)
	for j := s.buckets[b]; j < s.buckets[b+1]; j++ {
		e := &s.entries[j]
		start := p - int(e.probe)
		if start < 0 || len(text)-start < len(e.text) {
			continue
		}
		if (load(text, start)|e.fold)&e.mask != e.value {
			continue
		}
		if len(e.text) > 8 && !e.tailMatches(text[start+8:]) {
			continue
		}
		for _, lit := range s.indexes[e.first : e.first+e.count] {
			sc.add(start, lit)
		}
	}
}

// load reads eight bytes, with zeros after the end of the text.
func load(text []byte, i int) uint64 {
	if i+8 <= len(text) {
		return binary.LittleEndian.Uint64(text[i:])
	}
	var b [8]byte
	copy(b[:], text[i:])
	return binary.LittleEndian.Uint64(b[:])
}

func (e *entry) tailMatches(text []byte) bool {
	want := e.text[8:]
	if !e.folds {
		return string(text[:len(want)]) == want
	}
	for i := range len(want) {
		b := text[i]
		if isLetter(b) {
			b |= 0x20
		}
		if b != want[i] {
			return false
		}
	}
	return true
}

func (sc *scanner) pair(p int) {
	for _, lit := range sc.set.pairs.at(uint16(sc.text[p]) | uint16(sc.text[p+1])<<8) {
		sc.add(p, lit)
	}
}

// add appends a hit and moves it to its place. Hits come ordered by where their probes stand, so a hit is at most
// MaxLen bytes out of order.
func (sc *scanner) add(pos int, lit uint32) {
	h := Hit{uint32(pos), lit}
	sc.hits = append(sc.hits, h)
	i := len(sc.hits) - 1
	for ; i > sc.base && after(sc.hits[i-1], h); i-- {
		sc.hits[i] = sc.hits[i-1]
	}
	sc.hits[i] = h
}

func after(a, b Hit) bool { return a.Pos > b.Pos || a.Pos == b.Pos && a.Lit > b.Lit }
