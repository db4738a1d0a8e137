package litscan

// The nibble filter does what the vector filter does on processors that can only look up 16 entries at once: a byte is
// looked up by each of its halves. A bucket then also passes bytes that combine the halves of others, so there are more
// candidates, and it pays to choose buckets with that in mind.
const (
	nibbleGroups  = 2
	nibbleBuckets = 8 * nibbleGroups
)

// nibbleTables holds, for each group of buckets, each of the three bytes and each half (low, high), a table of 16
// entries, twice: once for each lane of a register.
type nibbleTables [nibbleGroups][3][2][32]byte

// A nibbleBucket is under construction: which halves the bytes of its literals have at each place.
type nibbleBucket struct {
	low, high [3]uint16
	rate      [3]float64
}

func (s *Set) fillNibble() {
	var buckets [nibbleBuckets]nibbleBucket
	deal(buckets[:], s.vectorProbes())
	s.nibble = &nibbleTables{}
	for i := range buckets {
		for at := range 3 {
			table, bit := &s.nibble[i/8][at], byte(1)<<(i%8)
			for n := range 16 {
				low := bit * byte(buckets[i].low[at]>>n&1)
				high := bit * byte(buckets[i].high[at]>>n&1)
				table[0][n], table[0][n+16] = table[0][n]|low, table[0][n]|low
				table[1][n], table[1][n+16] = table[1][n]|high, table[1][n]|high
			}
		}
	}
}

func (v *nibbleBucket) costOf(p vectorProbe) float64 {
	before, after := 1.0, 1.0
	for at := range 3 {
		before *= v.rate[at]
		after *= v.with(p, at).rate[at]
	}
	return after - before
}

func (v *nibbleBucket) take(p vectorProbe) {
	for at := range 3 {
		*v = v.with(p, at)
	}
}

// with returns the bucket with the probe's byte at one place.
func (v *nibbleBucket) with(p vectorProbe, at int) nibbleBucket {
	b := *v
	if at >= len(p.text) {
		b.low[at], b.high[at], b.rate[at] = 0xffff, 0xffff, 1
		return b
	}
	b.add(at, p.text[at])
	if p.fold && isLetter(p.text[at]) {
		b.add(at, p.text[at]&^0x20)
	}
	return b
}

func (v *nibbleBucket) add(at int, b byte) {
	low, high := uint16(1)<<(b&0xf), uint16(1)<<(b>>4)
	if v.high[at]&high == 0 {
		v.high[at] |= high
		for n := range byte(16) {
			v.rate[at] += byteRates[b&0xf0|n] * float64(v.low[at]>>n&1)
		}
	}
	if v.low[at]&low == 0 {
		v.low[at] |= low
		for n := range byte(16) {
			v.rate[at] += byteRates[n<<4|b&0xf] * float64(v.high[at]>>n&1)
		}
	}
}
