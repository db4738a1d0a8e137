package inflate

import "math/bits"

// A table entry says what a code means and how many bits it takes:
//
//	bits  0-7   bits to drop, those of the code and its extra bits together
//	bits  8-11  bits of the code alone
//	bits 12-27  value: a literal, the base of a length or distance, or the start of a second-level table
//	bit  30     special: not a plain literal, length or distance; what it is stands in the low bits
//	bit  31     literal
const (
	entryLiteral = 1 << 31
	entrySpecial = 1 << 30
	valueShift   = 12
	codeShift    = 8
	valueMask    = 0xffff

	// A special entry whose drop count is zero leads to a second-level table, of as many bits as its code field says. The
	// other two specials are told apart by their value.
	valueEnd     = 1
	valueInvalid = 2

	entryInvalid = entrySpecial | valueInvalid<<valueShift | 1<<codeShift | 1
)

const (
	maxCodeBits = 15

	litBits  = 11 // first-level bits of the literal and length table; on packs 9 is 2 % slower, 10 the same
	distBits = 8
	preBits  = 7

	// Sizes are powers of two above the most entries a code can need (2342 and 402), so that a masked index is in range.
	litSize  = 4096
	distSize = 512
	preSize  = 1 << preBits

	numLit  = 288
	numDist = 32
	numPre  = 19

	maxLit  = 286 // the two above are part of the fixed code and have no meaning
	maxDist = 30
)

// Meanings of the symbols, without the bits of their code.
var (
	litMeaning  [numLit]uint32
	distMeaning [numDist]uint32
	preMeaning  [numPre]uint32

	fixedLit  [litSize]uint32
	fixedDist [distSize]uint32
)

// The tables below are a few microseconds of arithmetic, done once, when the program starts.
var _ = fillMeanings()

func fillMeanings() bool {
	for i := range 256 {
		litMeaning[i] = entryLiteral | uint32(i)<<valueShift
	}
	litMeaning[256] = entrySpecial | valueEnd<<valueShift
	base := uint32(3)
	for i := 257; i < 285; i++ {
		extra := uint32(0)
		if i >= 265 {
			extra = uint32(i-261) / 4
		}
		litMeaning[i] = base<<valueShift | extra
		base += 1 << extra
	}
	litMeaning[285] = 258 << valueShift
	litMeaning[286], litMeaning[287] = entryInvalid&^0xfff, entryInvalid&^0xfff

	base = 1
	for i := range maxDist {
		extra := uint32(0)
		if i >= 4 {
			extra = uint32(i-2) / 2
		}
		distMeaning[i] = base<<valueShift | extra
		base += 1 << extra
	}
	distMeaning[30], distMeaning[31] = entryInvalid&^0xfff, entryInvalid&^0xfff

	for i := range preMeaning {
		preMeaning[i] = uint32(i) << valueShift
	}

	var lens [numLit]uint8
	for i := range lens {
		switch {
		case i < 144:
			lens[i] = 8
		case i < 256:
			lens[i] = 9
		case i < 280:
			lens[i] = 7
		default:
			lens[i] = 8
		}
	}
	var dist [numDist]uint8
	for i := range dist {
		dist[i] = 5
	}
	return build(fixedLit[:], litBits, lens[:], litMeaning[:]) && build(fixedDist[:], distBits, dist[:], distMeaning[:])
}

// build fills a decoding table of 1<<width first-level entries, and second-level tables after them, for the canonical code
// with the given lengths. It reports whether the lengths are a code: complete, or a single code of one bit, or empty, which
// is what compress/flate and zlib accept.
func build(table []uint32, width int, lens []uint8, meaning []uint32) bool {
	var count [maxCodeBits + 1]int
	for _, n := range lens {
		count[n&maxCodeBits]++
	}
	used := len(lens) - count[0]
	count[0] = 0
	left := 1
	for n := 1; n <= maxCodeBits; n++ {
		left = left<<1 - count[n]
		if left < 0 {
			return false
		}
	}
	if left > 0 {
		return buildIncomplete(table[:1<<width], lens, meaning, used)
	}

	// Sort the symbols by length of code.
	var next [maxCodeBits + 2]int
	for n := 1; n <= maxCodeBits; n++ {
		next[n+1] = next[n] + count[n]
	}
	var sorted [numLit]uint16
	for sym, n := range lens {
		if n != 0 {
			sorted[next[n&maxCodeBits]%numLit] = uint16(sym)
			next[n&maxCodeBits]++
		}
	}

	// Codes are kept bit-reversed, as they arrive. The first-level table grows with the length of code: what stands for the
	// shorter codes is doubled by copying, so each entry is written about once.
	code, i := uint32(0), 0
	size := uint32(1)
	for n := 1; n <= width; n++ {
		if i > 0 {
			copy(table[size:2*size], table[:size])
		}
		size <<= 1
		bitsOf := uint32(n)<<codeShift + uint32(n)
		for range count[n] {
			table[code] = meaning[sorted[i]] + bitsOf
			i++
			free := ^code & (size - 1)
			if free == 0 { // the last code of all: double what is there up to the full width
				for n++; n <= width; n++ {
					copy(table[size:2*size], table[:size])
					size <<= 1
				}
				return true
			}
			top := uint32(1) << (bits.Len32(free) - 1)
			code = code&(top-1) | top
		}
	}
	buildSecond(table, width, code, sorted[i:used], &count, meaning)
	return true
}

// buildSecond adds the codes longer than width. Those that share their first bits share a second-level table.
func buildSecond(table []uint32, width int, code uint32, sorted []uint16, count *[maxCodeBits + 1]int, meaning []uint32) {
	end := uint32(1) << width
	prefix := ^uint32(0)
	start, size := uint32(0), uint32(0)
	n := width + 1
	left := count[n]
	for _, sym := range sorted {
		for left == 0 {
			n++
			left = count[n]
		}
		if p := code & (1<<width - 1); p != prefix {
			prefix = p
			// As many bits as the codes with this prefix need: take lengths until they fill the table.
			sub, room := n-width, 1<<(n-width)-left
			for room > 0 {
				sub++
				room = room<<1 - count[width+sub]
			}
			start, size = end, 1<<sub
			end += size
			table[p] = entrySpecial | start<<valueShift | uint32(sub)<<codeShift
		}
		rest := uint32(n - width)
		e := meaning[sym] + rest<<codeShift + rest
		for j := code >> width; j < size; j += 1 << rest {
			table[start+j] = e
		}
		left--
		if free := ^code & (1<<n - 1); free != 0 {
			top := uint32(1) << (bits.Len32(free) - 1)
			code = code&(top-1) | top
		}
	}
}

func buildIncomplete(table []uint32, lens []uint8, meaning []uint32, used int) bool {
	for i := range table {
		table[i] = entryInvalid
	}
	if used == 0 {
		return true
	}
	if used > 1 {
		return false
	}
	for sym, n := range lens {
		if n == 1 {
			for i := 0; i < len(table); i += 2 {
				table[i] = meaning[sym] + 1<<codeShift + 1
			}
			return true
		}
	}
	return false
}
