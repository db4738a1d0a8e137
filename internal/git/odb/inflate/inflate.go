package inflate

import (
	"encoding/binary"
	"errors"
	"hash/adler32"
)

var (
	ErrCorrupt   = errors.New("compressed data is corrupt")
	ErrTruncated = errors.New("compressed data ends early")
	ErrSize      = errors.New("compressed data has another size than declared")
	ErrChecksum  = errors.New("compressed data has a wrong checksum")
)

const (
	// MaxRatio is the most bytes that one compressed byte can yield: 258 for two codes of one bit each.
	MaxRatio = 1032

	// Slack is how many bytes more than size dst should have for Zlib and Raw to run at full speed to the last byte.
	Slack = 320
)

// A Decoder holds the tables of the block being read. It is about 20 kB, meant to be reused, and not for concurrent use.
// Its zero value is ready.
type Decoder struct {
	src []byte
	in  int    // next byte of src to go into buf
	buf uint64 // bits read ahead; above n they are either zero or those that follow in src
	n   uint   // how many bits of buf count

	dst  []byte // including the slack
	size int
	out  int

	lit  [litSize]uint32
	dist [distSize]uint32
	pre  [preSize]uint32
	lens [numLit + numDist]uint8
}

// Zlib decompresses the zlib stream at the start of src into dst[:size] and returns how many bytes of src it took. Bytes of
// dst after size are scratch. The checksum is compared only if verify is set.
func (d *Decoder) Zlib(dst []byte, size int, src []byte, verify bool) (int, error) {
	if err := checkHeader(src); err != nil {
		return 0, err
	}
	n, err := d.Raw(dst, size, src[2:])
	if err != nil {
		return 0, err
	}
	n += 2
	if len(src)-n < 4 {
		return 0, ErrTruncated
	}
	if verify && adler32.Checksum(dst[:size]) != binary.BigEndian.Uint32(src[n:]) {
		return 0, ErrChecksum
	}
	return n + 4, nil
}

// ZlibPrefix decompresses up to size bytes from the start of the stream into dst, and says how many there are. It does not
// look at what follows them.
func (d *Decoder) ZlibPrefix(dst []byte, size int, src []byte) (int, error) {
	if err := checkHeader(src); err != nil {
		return 0, err
	}
	_, err := d.Raw(dst, size, src[2:])
	switch {
	case err == nil, d.out >= size && errors.Is(err, ErrSize):
		return min(size, d.out), nil
	case errors.Is(err, ErrSize):
		return d.out, nil // the whole stream, and shorter than asked
	}
	return 0, err
}

func checkHeader(src []byte) error {
	if len(src) < 2 {
		return ErrTruncated
	}
	head := binary.BigEndian.Uint16(src)
	const method, window, dictionary = 0x0f00, 0xf000, 0x0020
	if head&method != 0x0800 || head&window > 0x7000 || head&dictionary != 0 || head%31 != 0 {
		return ErrCorrupt
	}
	return nil
}

// Raw is Zlib for a stream without header and checksum.
func (d *Decoder) Raw(dst []byte, size int, src []byte) (int, error) {
	if size < 0 || size > len(dst) {
		return 0, ErrSize
	}
	d.src, d.in, d.buf, d.n = src, 0, 0, 0
	d.dst, d.size, d.out = dst, size, 0
	err := d.blocks()
	d.src, d.dst = nil, nil
	switch {
	case err != nil:
		return 0, err
	case d.out != size:
		return 0, ErrSize
	}
	return d.in - int(d.n>>3), nil
}

func (d *Decoder) blocks() error {
	for {
		d.refill()
		if d.n < 3 {
			return ErrTruncated
		}
		last, kind := d.buf&1, d.buf>>1&3
		d.drop(3)
		var err error
		switch kind {
		case 0:
			err = d.stored()
		case 1:
			err = d.block(&fixedLit, &fixedDist)
		case 2:
			if err = d.header(); err == nil {
				err = d.block(&d.lit, &d.dist)
			}
		default:
			err = ErrCorrupt
		}
		if err != nil || last == 1 {
			return err
		}
	}
}

// refill reads ahead as many whole bytes as fit, which are at least 56 bits unless src ends.
func (d *Decoder) refill() {
	if d.in+8 <= len(d.src) {
		d.buf |= binary.LittleEndian.Uint64(d.src[d.in:]) << (d.n & 63)
		d.in += int((63 - d.n) >> 3)
		d.n |= 56
		return
	}
	for d.n <= 55 && d.in < len(d.src) {
		d.buf |= uint64(d.src[d.in]) << (d.n & 63)
		d.in++
		d.n += 8
	}
}

func (d *Decoder) drop(n uint) {
	d.buf >>= n & 63
	d.n -= n
}

func (d *Decoder) stored() error {
	d.in -= int(d.n >> 3)
	d.buf, d.n = 0, 0
	if len(d.src)-d.in < 4 {
		return ErrTruncated
	}
	n := int(binary.LittleEndian.Uint16(d.src[d.in:]))
	if n^0xffff != int(binary.LittleEndian.Uint16(d.src[d.in+2:])) {
		return ErrCorrupt
	}
	d.in += 4
	if n > d.size-d.out {
		d.out += copy(d.dst[d.out:d.size], d.src[d.in:])
		return ErrSize
	}
	if n > len(d.src)-d.in {
		return ErrTruncated
	}
	copy(d.dst[d.out:], d.src[d.in:d.in+n])
	d.in += n
	d.out += n
	return nil
}

// preOrder is the order in which the lengths of the code length code are sent (RFC 1951, 3.2.7).
var preOrder = [numPre]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// header reads the codes of a dynamic block.
func (d *Decoder) header() error {
	d.refill()
	if d.n < 14 {
		return ErrTruncated
	}
	lits, dists, pres := int(d.buf&31)+257, int(d.buf>>5&31)+1, int(d.buf>>10&15)+4
	d.drop(14)
	if lits > maxLit || dists > maxDist {
		return ErrCorrupt
	}
	var pre [numPre]uint8
	for i := range pres {
		if d.n < 3 {
			if d.refill(); d.n < 3 {
				return ErrTruncated
			}
		}
		pre[preOrder[i]] = uint8(d.buf & 7)
		d.drop(3)
	}
	if !build(d.pre[:], preBits, pre[:], preMeaning[:]) {
		return ErrCorrupt
	}
	if err := d.lengths(lits + dists); err != nil {
		return err
	}
	if !build(d.lit[:], litBits, d.lens[:lits], litMeaning[:]) ||
		!build(d.dist[:], distBits, d.lens[lits:lits+dists], distMeaning[:]) {
		return ErrCorrupt
	}
	return nil
}

// lengths reads the lengths of total codes into lens.
func (d *Decoder) lengths(total int) error {
	for i := 0; i < total; {
		if d.n < 14 {
			d.refill()
		}
		e := d.pre[d.buf&(preSize-1)]
		n := uint(e & 0xff)
		if n > d.n {
			return ErrTruncated
		}
		if e&entrySpecial != 0 {
			return ErrCorrupt
		}
		d.drop(n)
		sym := uint8(e >> valueShift)
		if sym < 16 {
			d.lens[i] = sym
			i++
			continue
		}
		var value uint8
		var extra uint
		repeat := 3
		switch sym {
		case 16:
			if i == 0 {
				return ErrCorrupt
			}
			value, extra = d.lens[i-1], 2
		case 17:
			extra = 3
		default:
			repeat, extra = 11, 7
		}
		if d.n < extra {
			return ErrTruncated
		}
		repeat += int(d.buf & (1<<extra - 1))
		d.drop(extra)
		if repeat > total-i {
			return ErrCorrupt
		}
		for range repeat {
			d.lens[i] = value
			i++
		}
	}
	return nil
}
