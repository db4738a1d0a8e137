package odb

// A Copy says that a part of an object is a part of its delta base: Data[To:To+Len] equals BaseData[From:From+Len].
type Copy struct{ From, To, Len int }

// deltaSizes reads the two sizes at the start of a delta: of its base and of what it makes.
func deltaSizes(delta []byte) (base, result uint64, rest []byte, ok bool) {
	base, rest, ok = varint(delta)
	if !ok {
		return 0, 0, nil, false
	}
	result, rest, ok = varint(rest)
	return base, result, rest, ok
}

// varint reads a number in groups of seven bits, lowest first.
func varint(b []byte) (uint64, []byte, bool) {
	var v uint64
	for i := 0; i < len(b) && i < 9; i++ {
		v |= uint64(b[i]&0x7f) << (7 * i)
		if b[i]&0x80 == 0 {
			return v, b[i+1:], true
		}
	}
	return 0, nil, false
}

// applyDelta makes dst from base by the instructions of a delta (without its sizes), and appends to copies what it took from
// base if that is wanted. It fails unless the instructions fill dst exactly and stay inside base.
func applyDelta(dst, base, code []byte, copies []Copy, wantCopies bool) ([]Copy, int, bool) {
	to, copied := 0, 0
	for i := 0; i < len(code); {
		op := code[i]
		i++
		if op&0x80 == 0 {
			n := int(op)
			if n == 0 || n > len(code)-i || n > len(dst)-to {
				return copies, copied, false
			}
			copy(dst[to:to+n], code[i:])
			i += n
			to += n
			continue
		}
		from, n, used, ok := copyOperands(op, code[i:])
		i += used
		if !ok || from > len(base) || n > len(base)-from || n > len(dst)-to {
			return copies, copied, false
		}
		copy(dst[to:to+n], base[from:])
		if wantCopies {
			copies = appendCopy(copies, Copy{From: from, To: to, Len: n})
		}
		to += n
		copied += n
	}
	return copies, copied, to == len(dst)
}

// copyOperands reads the offset and size of a copy instruction; op says which of their bytes are present.
func copyOperands(op byte, b []byte) (from, n, used int, ok bool) {
	for bit := range 4 {
		if op>>bit&1 != 0 {
			if used == len(b) {
				return 0, 0, used, false
			}
			from |= int(b[used]) << (8 * bit)
			used++
		}
	}
	for bit := range 3 {
		if op>>(4+bit)&1 != 0 {
			if used == len(b) {
				return 0, 0, used, false
			}
			n |= int(b[used]) << (8 * bit)
			used++
		}
	}
	if n == 0 {
		n = 1 << 16
	}
	return from, n, used, from >= 0
}

func appendCopy(copies []Copy, c Copy) []Copy {
	if k := len(copies); k > 0 {
		last := &copies[k-1]
		if last.From+last.Len == c.From && last.To+last.Len == c.To {
			last.Len += c.Len
			return copies
		}
	}
	return append(copies, c)
}
