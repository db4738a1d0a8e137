package litscan

import (
	"cmp"
	"slices"
)

// The vector filter looks at 64 windows at a time and stands in front of the bitmap. Literals are dealt to 32 buckets;
// for each of a window's three bytes a table says which buckets have a literal with that byte there. Where the three
// answers have a bucket in common, the window is a candidate. Tables are indexed by the low seven bits of a byte, so
// bytes from 0x80 on may pass where they should not, and are caught by what follows.
const (
	vectorGroups  = 4 // of eight buckets, one bit each
	vectorBuckets = 8 * vectorGroups
	vectorBlock   = 64
	vectorBatch   = 64 // blocks in one call
)

// vectorTables holds, for each group of buckets and each of the three bytes, a table of 128 entries.
type vectorTables [vectorGroups][3][128]byte

// A vectorBucket is under construction: which bytes its literals have, and how common these are.
type vectorBucket struct {
	has  [3][128]bool
	rate [3]float64
}

// vectorProbe is a probe as the vector filter sees it. Of a literal of two bytes the third is anything.
type vectorProbe struct {
	text string
	fold bool
	rate float64
}

// vectorProbes are the probes of all literals. The common ones come first, so that they find room where they add the
// least to what passes.
func (s *Set) vectorProbes() []vectorProbe {
	probes := make([]vectorProbe, 0, len(s.entries))
	known := make(map[Literal]bool, len(s.entries))
	add := func(text string, fold bool) {
		if l := (Literal{text, fold}); !known[l] {
			known[l] = true
			probes = append(probes, vectorProbe{text, fold, rate(text, fold)})
		}
	}
	for i := range s.entries {
		e := &s.entries[i]
		add(e.text[e.probe:e.probe+3], e.folds)
	}
	if s.pairs != nil {
		for _, l := range s.pairs.lits {
			add(l.Text, l.Fold)
		}
	}
	slices.SortStableFunc(probes, func(a, b vectorProbe) int { return cmp.Compare(b.rate, a.rate) })
	return probes
}

// A bucketOf takes probes and knows what that costs.
type bucketOf[B any] interface {
	*B
	costOf(vectorProbe) float64
	take(vectorProbe)
}

// deal gives each probe to the bucket that it costs the least.
func deal[B any, P bucketOf[B]](buckets []B, probes []vectorProbe) {
	for _, p := range probes {
		best, least := 0, 2.0
		for i := range buckets {
			if c := P(&buckets[i]).costOf(p); c < least {
				if best, least = i, c; c <= 0 {
					break
				}
			}
		}
		P(&buckets[best]).take(p)
	}
}

// fillVector deals the literals to buckets.
func (s *Set) fillVector() {
	var buckets [vectorBuckets]vectorBucket
	deal(buckets[:], s.vectorProbes())
	s.vector = &vectorTables{}
	for i := range buckets {
		for at, has := range buckets[i].has {
			for b, ok := range has {
				if ok {
					s.vector[i/8][at][b] |= 1 << (i % 8)
				}
			}
		}
	}
}

// filter writes masks of candidates for blocks of text, with whatever the processor has.
func (s *Set) filter(text *byte, blocks int, masks *[vectorBatch]uint64) {
	if s.vector != nil {
		vectorFilter(s.vector, text, blocks, masks)
		return
	}
	nibbleFilter(s.nibble, text, blocks, masks)
}

// costOf is how much more passes a bucket once it has taken the probe.
func (v *vectorBucket) costOf(p vectorProbe) float64 {
	before, after := 1.0, 1.0
	for at := range v.rate {
		before *= v.rate[at]
		after *= v.rate[at] + v.missing(p, at)
	}
	return after - before
}

// missing is the rate of the probe's byte at a place where the bucket does not have it yet.
func (v *vectorBucket) missing(p vectorProbe, at int) float64 {
	if at >= len(p.text) {
		return 1 - v.rate[at]
	}
	if b := p.text[at]; !v.has[at][b&0x7f] || p.fold && isLetter(b) && !v.has[at][b&^0x20] {
		if p.fold {
			return foldedRates[b]
		}
		return byteRates[b]
	}
	return 0
}

func (v *vectorBucket) take(p vectorProbe) {
	for at := range v.rate {
		v.rate[at] += v.missing(p, at)
		if at >= len(p.text) {
			for b := range v.has[at] {
				v.has[at][b] = true
			}
			continue
		}
		for _, b := range cases(p.text[at], p.fold) {
			v.has[at][b&0x7f] = true
		}
	}
}
