package odb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"github.com/assaysec/assay/internal/git/odb/inflate"
)

const packHeader = 12

// A pack is a mapped pack file with its index. If the pack file itself could not be read data is empty, and every object in
// it is corrupt: so none is forgotten.
type pack struct {
	path     string
	data     []byte
	end      int // where the checksum begins, and entries end
	idx      *packIndex
	promisor bool
	damaged  bool // the checksum is not the one in the index, or the counts differ
	number   int  // position in Store.packs
	close    []func() error
}

// openPack maps the pack of the given name without suffix. What is wrong with it goes to report; it is nil if there is no
// index to find anything by.
func openPack(root *os.Root, dir, base string, hash int, index *packIndex, report func(string, error)) *pack {
	p := &pack{path: dir + "/" + base + ".pack", idx: index}
	if index == nil {
		idxPath := dir + "/" + base + ".idx"
		data, unmap, err := mapFile(root, base+".idx")
		if err != nil {
			report(idxPath, err)
			return nil
		}
		p.close = append(p.close, unmap)
		if p.idx, err = parsePackIndex(data, hash); err != nil {
			report(idxPath, err)
			p.unmap()
			return nil
		}
	}
	data, unmap, err := mapFile(root, base+".pack")
	if errors.Is(err, os.ErrNotExist) {
		err = errNoPack
	}
	if err == nil {
		p.close = append(p.close, unmap)
		err = p.setData(data, hash)
	}
	if err != nil {
		p.damaged = true
		report(p.path, err)
	}
	_, err = root.Stat(base + ".promisor")
	p.promisor = err == nil
	return p
}

// setData checks the frame of a pack. One that is damaged stays in use: what can be read of it will be.
func (p *pack) setData(data []byte, hash int) error {
	if len(data) < packHeader+hash || string(data[:4]) != "PACK" {
		return errors.New("not a pack")
	}
	if v := binary.BigEndian.Uint32(data[4:]); v != 2 && v != 3 {
		return fmt.Errorf("pack version %d is not known", v)
	}
	p.data, p.end = data, len(data)-hash
	if p.idx.trailer == nil {
		return nil
	}
	if n := binary.BigEndian.Uint32(data[8:]); uint64(n) != uint64(p.idx.count) {
		return fmt.Errorf("pack has %d objects, its index %d", n, p.idx.count)
	}
	if !bytes.Equal(data[p.end:], p.idx.trailer) {
		return errors.New("pack does not end in the checksum its index was made for")
	}
	return nil
}

func (p *pack) unmap() error {
	var errs []error
	for _, c := range p.close {
		errs = append(errs, c())
	}
	p.close, p.data, p.end = nil, nil, 0
	return errors.Join(errs...)
}

// Kinds of pack entry beside the four types.
const (
	kindOffsetDelta = 6
	kindRefDelta    = 7
)

// An entry is the head of an object in a pack.
type entry struct {
	kind   uint8  // a Type, or one of the kinds above
	size   uint64 // of the object, or of the delta, when inflated
	body   int    // where the compressed bytes begin
	base   uint64 // offset of the base, of an offset delta
	baseID []byte // of a reference delta
}

func (e *entry) isDelta() bool { return e.kind >= kindOffsetDelta }

func (p *pack) entry(off uint64) (entry, error) {
	if off < packHeader || off >= uint64(p.end) {
		return entry{}, errBadOffset
	}
	b := p.data[off:p.end]
	e := entry{kind: b[0] >> 4 & 7, size: uint64(b[0] & 15)}
	i := 1
	for shift := 4; b[i-1]&0x80 != 0; shift += 7 {
		if i == len(b) || shift > 56 {
			return entry{}, errBadEntry
		}
		e.size |= uint64(b[i]&0x7f) << shift
		i++
	}
	switch e.kind {
	case uint8(Commit), uint8(Tree), uint8(Blob), uint8(Tag):
	case kindOffsetDelta:
		back, used := offsetBack(b[i:])
		if used == 0 || back == 0 || back > off-packHeader {
			return entry{}, errBadEntry
		}
		e.base = off - back
		i += used
	case kindRefDelta:
		hash := len(p.data) - p.end
		if len(b)-i < hash {
			return entry{}, errBadEntry
		}
		e.baseID = b[i : i+hash : i+hash]
		i += hash
	default:
		return entry{}, errBadEntry
	}
	e.body = int(off) + i
	return e, nil
}

// offsetBack reads how far back the base lies: seven bits a byte, highest first, each continuation adding one.
func offsetBack(b []byte) (back uint64, used int) {
	for used < len(b) && used < 9 {
		c := b[used]
		used++
		back = back<<7 | uint64(c&0x7f)
		if c&0x80 == 0 {
			return back, used
		}
		back++
	}
	return 0, 0
}

// checkSize refuses a declared size that is over the limit, or that the bytes left in the pack cannot yield.
func (p *pack) checkSize(e *entry, limit int64) error {
	if e.size > uint64(p.end-e.body)*inflate.MaxRatio {
		return errDeclaredSize
	}
	if e.size > uint64(limit) {
		return &TooLargeError{Size: int64(e.size), Limit: limit}
	}
	return nil
}

// inflate decompresses an entry into buf, which has room for its size and the decoder's slack, and returns where it ends.
func (p *pack) inflate(d *inflate.Decoder, e *entry, buf []byte, verify bool) (int, error) {
	n, err := d.Zlib(buf, int(e.size), p.data[e.body:p.end], verify)
	return e.body + n, err
}
