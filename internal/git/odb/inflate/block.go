package inflate

import "encoding/binary"

const (
	// fastIn and fastOut are how far from the ends of src and dst the fast loop keeps: a round reads eight bytes once before
	// it asks again, and writes at most three literals, or two and a match of 258 bytes rounded up to whole words.
	fastIn  = 8
	fastOut = 3 + 258 + 8
)

// block decodes to the end of a block.
func (d *Decoder) block(lit *[litSize]uint32, dist *[distSize]uint32) error {
	done, err := d.fast(lit, dist)
	if done || err != nil {
		if err == nil && d.out > d.size {
			err = ErrSize
		}
		return err
	}
	if d.out > d.size {
		return ErrSize
	}
	return d.careful(lit, dist)
}

// fast decodes while both ends are far away. It reports whether it met the end of the block.
//
// The first-level entry of the next code is always looked up before buf is filled again and before a match is copied: the
// bits it needs are there (of 56, two literals and a length take 42 at most), and the processor can do both at a time.
func (d *Decoder) fast(lit *[litSize]uint32, dist *[distSize]uint32) (done bool, err error) {
	src, dst := d.src, d.dst
	in, out, buf, n := d.in, d.out, d.buf, d.n
	lastIn, lastOut := len(src)-fastIn, min(d.size, len(dst)-fastOut)
	if in > lastIn || out > lastOut {
		return false, nil
	}
	buf |= binary.LittleEndian.Uint64(src[in:]) << (n & 63)
	in += int((63 - n&63) >> 3)
	n |= 56
	e := lit[buf&(1<<litBits-1)]
	for in <= lastIn && out <= lastOut {
		if e&entryLiteral != 0 {
			buf >>= e & 31
			n -= uint(e & 0xff)
			dst[out] = byte(e >> valueShift)
			out++
			e = lit[buf&(1<<litBits-1)]
			if e&entryLiteral != 0 {
				buf >>= e & 31
				n -= uint(e & 0xff)
				dst[out] = byte(e >> valueShift)
				out++
				e = lit[buf&(1<<litBits-1)]
				if e&entryLiteral != 0 {
					buf >>= e & 31
					n -= uint(e & 0xff)
					dst[out] = byte(e >> valueShift)
					out++
					e = lit[buf&(1<<litBits-1)]
					buf |= binary.LittleEndian.Uint64(src[in:]) << (n & 63)
					in += int((63 - n&63) >> 3)
					n |= 56
					continue
				}
			}
		}
		if e&entrySpecial != 0 {
			if e&0xff == 0 {
				buf >>= litBits
				n -= litBits
				e = lit[second(e, buf)&(litSize-1)]
				if e&entryLiteral != 0 {
					buf >>= e & 31
					n -= uint(e & 0xff)
					dst[out] = byte(e >> valueShift)
					out++
					e = lit[buf&(1<<litBits-1)]
					buf |= binary.LittleEndian.Uint64(src[in:]) << (n & 63)
					in += int((63 - n&63) >> 3)
					n |= 56
					continue
				}
			}
			if e&entrySpecial != 0 {
				buf >>= e & 31
				n -= uint(e & 0xff)
				if e>>valueShift&valueMask != valueEnd {
					err = ErrCorrupt
				}
				done = true
				break
			}
		}
		length := value(e, buf)
		buf >>= e & 31
		n -= uint(e & 0xff)

		e = dist[buf&(1<<distBits-1)]
		buf |= binary.LittleEndian.Uint64(src[in:]) << (n & 63)
		in += int((63 - n&63) >> 3)
		n |= 56
		if e&entrySpecial != 0 && e&0xff == 0 {
			buf >>= distBits
			n -= distBits
			e = dist[second(e, buf)&(distSize-1)]
		}
		back := value(e, buf)
		from, end := out-back, out+length
		if from < 0 || e&entrySpecial != 0 {
			return false, ErrCorrupt
		}
		buf >>= e & 31
		n -= uint(e & 0xff)
		if in > lastIn || end > lastOut {
			copyMatch(dst, out, from, end)
			out = end
			break
		}
		e = lit[buf&(1<<litBits-1)]
		buf |= binary.LittleEndian.Uint64(src[in:]) << (n & 63)
		in += int((63 - n&63) >> 3)
		n |= 56
		if back < 8 {
			copyMatch(dst, out, from, end)
			out = end
			continue
		}
		for {
			binary.LittleEndian.PutUint64(dst[out:], binary.LittleEndian.Uint64(dst[from:]))
			out += 8
			from += 8
			if out >= end {
				break
			}
		}
		out = end
	}
	d.in, d.out, d.buf, d.n = in, out, buf, n
	return done, err
}

// second is the place of a code's entry in a second-level table, whose first entry and size are in e.
func second(e uint32, buf uint64) uint32 {
	return e>>valueShift + uint32(buf)&(1<<(e>>codeShift&15)-1)
}

// value is the base in e plus the extra bits that follow the code in buf.
func value(e uint32, buf uint64) int {
	return int(e>>valueShift&valueMask) + int(uint32(buf)&(1<<(e&31)-1)>>(e>>codeShift&15))
}

// copyMatch repeats bytes that may overlap with what they make.
func copyMatch(dst []byte, out, from, end int) {
	if back := out - from; back == 1 {
		b := dst[from]
		for i := out; i < end; i++ {
			dst[i] = b
		}
		return
	}
	for ; out < end; out++ {
		dst[out] = dst[from]
		from++
	}
}

// careful decodes near the ends, asking before every read and write.
func (d *Decoder) careful(lit *[litSize]uint32, dist *[distSize]uint32) error {
	for {
		d.refill()
		e := lit[d.buf&(1<<litBits-1)]
		if e&entrySpecial != 0 && e&0xff == 0 {
			if d.n < litBits {
				return ErrTruncated
			}
			d.drop(litBits)
			e = lit[second(e, d.buf)&(litSize-1)]
		}
		drop := uint(e & 0xff)
		if drop > d.n {
			return ErrTruncated
		}
		if e&entrySpecial != 0 {
			d.drop(drop)
			if e>>valueShift&valueMask == valueEnd {
				return nil
			}
			return ErrCorrupt
		}
		if e&entryLiteral != 0 {
			d.drop(drop)
			if d.out >= d.size {
				return ErrSize
			}
			d.dst[d.out] = byte(e >> valueShift)
			d.out++
			continue
		}
		length := value(e, d.buf)
		d.drop(drop)
		if err := d.match(length, dist); err != nil {
			return err
		}
	}
}

func (d *Decoder) match(length int, dist *[distSize]uint32) error {
	d.refill()
	e := dist[d.buf&(1<<distBits-1)]
	if e&entrySpecial != 0 && e&0xff == 0 {
		if d.n < distBits {
			return ErrTruncated
		}
		d.drop(distBits)
		e = dist[second(e, d.buf)&(distSize-1)]
	}
	if uint(e&0xff) > d.n {
		return ErrTruncated
	}
	if e&entrySpecial != 0 {
		return ErrCorrupt
	}
	from := d.out - value(e, d.buf)
	d.drop(uint(e & 0xff))
	if from < 0 {
		return ErrCorrupt
	}
	tooLong := length > d.size-d.out
	if tooLong {
		length = d.size - d.out
	}
	for range length {
		d.dst[d.out] = d.dst[from]
		d.out++
		from++
	}
	if tooLong {
		return ErrSize
	}
	return nil
}
