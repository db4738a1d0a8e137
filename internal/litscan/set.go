package litscan

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// MaxLen is the greatest length of a literal in bytes.
const MaxLen = 255

// A Literal is a string of 1 to MaxLen bytes to look for. With Fold, ASCII letters match in either case; all other
// bytes match only themselves.
type Literal struct {
	Text string
	Fold bool
}

// A Hit is one occurrence: the offset where the literal begins and the literal's index in the list given to New.
type Hit struct {
	Pos uint32
	Lit uint32
}

const (
	hashBits   = 17 // of the bitmap: 16 KiB
	bucketBits = 12
	hashFactor = 0x9E3779B1
	// pairFanout is how many two-byte literals are entered in the bitmap with every third byte. Beyond it the bitmap
	// would fill up, and they are looked for separately.
	pairFanout = 48
)

// A Set is a compiled list of literals. It does not change once made and may be shared.
type Set struct {
	bitmap  [1 << hashBits / 64]uint64
	buckets [1<<bucketBits + 1]uint16 // start of each bucket in entries
	entries []entry
	indexes []uint32      // of the literals, grouped by entry
	pairs   *pairs        // literals of two bytes, nil when there are none
	singles *singles      // literals of one byte, nil when there are none
	long    bool          // there are literals of three bytes and more
	vector  *vectorTables // nil where the processor or the literals do not suit
	nibble  *nibbleTables // the same, and where there is vector
}

// An entry is one distinct literal of three bytes or more. Its first eight bytes are compared in one step: fold sets
// the case bit where the literal has a folding letter, and only there, because bit 0x20 also tells '@' from '`' and
// '_' from DEL. For a letter the comparison is exact: the two bytes that give 'k' under |0x20 are 'K' and 'k'.
type entry struct {
	value, mask, fold uint64
	text              string // lower case where folding
	first, count      uint32 // in Set.indexes
	probe             uint8  // offset of the probe in text
	folds             bool
}

// New compiles literals. Duplicates are allowed and each is reported under its own index.
func New(lits []Literal) (*Set, error) {
	s := &Set{}
	list, of, err := distinct(lits)
	if err != nil {
		return nil, err
	}
	// The indexes of each distinct literal, one list after the other in one piece of memory.
	end := make([]uint32, len(list))
	for _, g := range of {
		end[g]++
	}
	sum := uint32(0)
	for g, n := range end {
		end[g] = sum
		sum += n
	}
	s.indexes = make([]uint32, len(lits))
	for i, g := range of {
		s.indexes[end[g]] = uint32(i)
		end[g]++
	}
	entries := make([]entry, 0, len(list))
	first := uint32(0)
	for g, l := range list {
		switch indexes := s.indexes[first:end[g]]; len(l.Text) {
		case 1:
			s.singles = s.singles.with(l, indexes)
		case 2:
			s.pairs = s.pairs.with(l, indexes)
		default:
			e := newEntry(l)
			e.first, e.count = first, uint32(len(indexes))
			entries = append(entries, e)
		}
		first = end[g]
	}
	if len(entries) > 1<<16-1 {
		return nil, fmt.Errorf("%d different literals, the limit is %d", len(entries), 1<<16-1)
	}
	s.fill(entries)
	switch {
	case hasVector && s.windows():
		s.fillVector()
	case hasNibble && s.windows():
		s.fillNibble()
	}
	return s, nil
}

// distinct lists the different literals, in normal form, and says which of them each literal is.
func distinct(lits []Literal) (list []Literal, of []uint32, err error) {
	known := make(map[Literal]uint32, len(lits))
	of = make([]uint32, len(lits))
	for i, l := range lits {
		if len(l.Text) < 1 || len(l.Text) > MaxLen {
			return nil, nil, fmt.Errorf("literal %d: length %d is not between 1 and %d", i, len(l.Text), MaxLen)
		}
		l = normal(l)
		at, ok := known[l]
		if !ok {
			at = uint32(len(list))
			known[l] = at
			list = append(list, l)
		}
		of[i] = at
	}
	return list, of, nil
}

// normal brings equal literals to one form: lower case where folding, and no Fold where there is nothing to fold.
func normal(l Literal) Literal {
	if !l.Fold {
		return l
	}
	letters, capitals := false, false
	for i := range len(l.Text) {
		if isLetter(l.Text[i]) {
			letters = true
			capitals = capitals || l.Text[i]&0x20 == 0
		}
	}
	if capitals {
		b := []byte(l.Text)
		for i := range b {
			if isLetter(b[i]) {
				b[i] |= 0x20
			}
		}
		l.Text = string(b)
	}
	return Literal{Text: l.Text, Fold: letters}
}

func newEntry(l Literal) entry {
	e := entry{text: l.Text, folds: l.Fold, probe: uint8(rarestWindow(l))}
	var value, mask, fold [8]byte
	for i := range min(8, len(l.Text)) {
		value[i], mask[i] = l.Text[i], 0xff
		if l.Fold && isLetter(l.Text[i]) {
			fold[i] = 0x20
		}
	}
	e.value = binary.LittleEndian.Uint64(value[:])
	e.mask = binary.LittleEndian.Uint64(mask[:])
	e.fold = binary.LittleEndian.Uint64(fold[:])
	return e
}

// rarestWindow returns the offset of the three bytes that occur least often in source text. The filter folds
// everything, so they are weighed as folded.
func rarestWindow(l Literal) int {
	best, bestRate := 0, 2.0
	for i := 0; i+3 <= len(l.Text); i++ {
		if r := rate(l.Text[i:i+3], true); r < bestRate {
			best, bestRate = i, r
		}
	}
	return best
}

// fill builds bitmap and buckets.
func (s *Set) fill(entries []entry) {
	s.long = len(entries) > 0
	s.entries = inBuckets(entries)
	entries = s.entries
	for i := range entries {
		h := entries[i].hash()
		s.mark(h)
		s.buckets[h>>(32-bucketBits)+1] = uint16(i + 1)
	}
	for i := 1; i < len(s.buckets); i++ {
		s.buckets[i] = max(s.buckets[i], s.buckets[i-1])
	}
	if s.pairs == nil || len(s.pairs.lits) > pairFanout {
		return
	}
	s.pairs.inBitmap = true
	for _, l := range s.pairs.lits {
		w := uint32(l.Text[0]) | uint32(l.Text[1])<<8
		for third := range uint32(256) {
			s.mark(hash(w | third<<16))
		}
	}
}

// inBuckets puts entries in the order of their buckets. Keys are sorted in their place: an entry is large.
func inBuckets(entries []entry) []entry {
	keys := make([]uint64, len(entries))
	for i := range entries {
		keys[i] = uint64(entries[i].hash()>>(32-bucketBits))<<32 | uint64(i)
	}
	slices.Sort(keys)
	sorted := make([]entry, len(entries))
	for i, k := range keys {
		sorted[i] = entries[uint32(k)]
	}
	return sorted
}

// windows says whether there are literals that are found by looking at windows of three bytes.
func (s *Set) windows() bool { return s.long || s.pairs != nil && s.pairs.inBitmap }

func (s *Set) mark(h uint32) {
	i := h >> (32 - hashBits)
	s.bitmap[i/64] |= 1 << (i % 64)
}

func (e *entry) hash() uint32 {
	p := e.text[e.probe:]
	return hash(uint32(p[0]) | uint32(p[1])<<8 | uint32(p[2])<<16)
}

// hash mixes the low three bytes of w, coarsely folded; the shift drops the fourth.
func hash(w uint32) uint32 { return (w | 0x202020) << 8 * hashFactor }
