package git

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"

	"github.com/assaysec/assay/internal/git/odb"
)

// A table is one file: header, blocks of refs, indexes that only matter for looking up single names, blocks of logs, footer.
type table struct {
	data      []byte // without the footer
	blockSize int    // 0: blocks follow each other without padding
	header    int
	hash      int
	logAt     int // 0: none
	minUpdate uint64
}

const (
	headerV1  = 24
	headerV2  = 28
	footerEnd = 44 // what a footer has after its copy of the header

	maxLogBlock = 1<<24 - 1 // the format has three bytes for the size of an inflated block
)

var errTable = errors.New("malformed table")

func openTable(data []byte) (*table, error) {
	if len(data) < headerV1 || string(data[:4]) != "REFT" {
		return nil, fmt.Errorf("%w: no header", errTable)
	}
	t := &table{header: headerV1, hash: 20, blockSize: int(uint24(data[5:])), minUpdate: binary.BigEndian.Uint64(data[8:])}
	switch version := data[4]; version {
	case 1:
	case 2:
		t.header = headerV2
		if len(data) < headerV2 {
			return nil, fmt.Errorf("%w: no header", errTable)
		}
		switch id := string(data[24:28]); id {
		case "sha1":
		case "s256":
			t.hash = 32
		default:
			return nil, fmt.Errorf("hash %q is not supported", id)
		}
	default:
		return nil, fmt.Errorf("version %d is not supported", version)
	}
	return t, t.readFooter(data)
}

func (t *table) readFooter(data []byte) error {
	size := t.header + footerEnd
	at := len(data) - size
	if at < t.header {
		// Nothing but header and footer is a table without records; less is no table.
		if at < 0 || len(data) < size {
			return fmt.Errorf("%w: no footer", errTable)
		}
	}
	footer := data[at:]
	if !bytes.Equal(footer[:t.header], data[:t.header]) {
		return fmt.Errorf("%w: header and footer differ", errTable)
	}
	if crc32.ChecksumIEEE(footer[:size-4]) != binary.BigEndian.Uint32(footer[size-4:]) {
		return fmt.Errorf("%w: checksum of the footer", errTable)
	}
	logAt := binary.BigEndian.Uint64(footer[t.header+24:])
	if logAt > uint64(at) {
		return fmt.Errorf("%w: position of logs", errTable)
	}
	t.data, t.logAt = data[:at], int(logAt)
	if t.logAt == 0 && len(t.data) > t.header && t.data[t.header] == 'g' {
		t.logAt = t.header // nothing but logs
	}
	return nil
}

// refs visits the references in the table's order. One without ID and target is a deletion.
func (t *table) refs(visit func(Ref)) error {
	for at := 0; ; {
		block, next, err := t.refBlock(at)
		if err != nil || block == nil {
			return err
		}
		if err := t.refRecords(block, visit); err != nil {
			return fmt.Errorf("block at %d: %w", at, err)
		}
		at = next
	}
}

// refBlock gives the records of the block at a position, and where the next one is; nil after the last one. The first
// block starts with the file and counts the file's header in its length.
func (t *table) refBlock(at int) (records []byte, next int, err error) {
	start := at
	if at == 0 {
		start = t.header
	}
	if start >= len(t.data) || t.data[start] != 'r' {
		return nil, 0, t.endsAt(start)
	}
	length, ok := t.blockLength(start)
	if !ok || at+length > len(t.data) || at+length < start+4 {
		return nil, 0, fmt.Errorf("%w: block at %d", errTable, at)
	}
	next = at + length
	// Padding is zeros up to the block size; a writer may also leave it out, and then the next block's type follows.
	if padded := at + t.blockSize; padded > next && next < len(t.data) && t.data[next] == 0 {
		next = padded
	}
	records, ok = recordsOf(t.data[start+4 : at+length])
	if !ok {
		return nil, 0, fmt.Errorf("%w: restarts of the block at %d", errTable, at)
	}
	return records, next, nil
}

// endsAt tells whether a section may end at a position: where the file does or a block of another kind begins. Anything
// else could hide what follows.
func (t *table) endsAt(at int) error {
	if at < len(t.data) && !strings.ContainsRune("iog", rune(t.data[at])) {
		return fmt.Errorf("%w: no block at %d", errTable, at)
	}
	return nil
}

func (t *table) blockLength(start int) (int, bool) {
	if start+4 > len(t.data) {
		return 0, false
	}
	length := int(uint24(t.data[start+1:]))
	return length, length >= 4+2
}

// recordsOf cuts the restart table off a block. Restarts speed up searches, which are not done here.
func recordsOf(body []byte) ([]byte, bool) {
	if len(body) < 2 {
		return nil, false
	}
	tail := 2 + 3*int(binary.BigEndian.Uint16(body[len(body)-2:]))
	if tail > len(body) {
		return nil, false
	}
	return body[:len(body)-tail], true
}

func (t *table) refRecords(block []byte, visit func(Ref)) error {
	d := newDecoder(block)
	var name []byte
	for len(d.rest) > 0 {
		var kind byte
		name, kind = d.key(name)
		d.varint() // update index; the order of tables says the same
		ref := Ref{Name: string(name)}
		switch kind {
		case 0:
		case 1:
			ref.ID = d.id(t.hash)
		case 2:
			ref.ID, ref.Peeled = d.id(t.hash), d.id(t.hash)
		case 3:
			ref.Target = string(d.take(d.varint()))
		default:
			return fmt.Errorf("%w: value type %d", errTable, kind)
		}
		if d.failed {
			return fmt.Errorf("%w: record runs over its block", errTable)
		}
		if !validRefName(ref.Name) || (kind == 3 && !validRefName(ref.Target)) {
			return fmt.Errorf("invalid name %.200q", ref.Name)
		}
		visit(ref)
	}
	return nil
}

// logs visits the reflog entries, newest first for each reference, as they are stored.
func (t *table) logs(visit func(name string, index uint64, e LogEntry, deleted bool)) error {
	if t.logAt == 0 {
		return nil
	}
	// Logs are compressed to a third or so; a table that grows without measure is no log.
	const mostGrowth = 64
	spare := maxLogBlock + mostGrowth*len(t.data)
	at := t.logAt
	for at < len(t.data) && t.data[at] == 'g' {
		length, ok := t.blockLength(at)
		if !ok {
			return fmt.Errorf("%w: log block at %d", errTable, at)
		}
		// The header of the file is counted in a first block, as for refs, and is not in the compressed part.
		size := length - 4
		if at == t.header {
			size -= t.header
		}
		if spare -= size; spare < 0 {
			return fmt.Errorf("%w: log blocks inflate to too much", errTable)
		}
		packed := bytes.NewReader(t.data[at+4:])
		body, err := inflateExactly(packed, size)
		if err != nil {
			return fmt.Errorf("log block at %d: %w", at, err)
		}
		records, ok := recordsOf(body)
		if !ok {
			return fmt.Errorf("%w: restarts of the log block at %d", errTable, at)
		}
		if err := t.logRecords(records, visit); err != nil {
			return fmt.Errorf("log block at %d: %w", at, err)
		}
		at = len(t.data) - packed.Len()
	}
	return t.endsAt(at)
}

func inflateExactly(r *bytes.Reader, size int) ([]byte, error) {
	if size < 0 || size > maxLogBlock {
		return nil, errTable
	}
	z, err := zlib.NewReader(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(z, int64(size)+1)) // one more byte makes it read the checksum
	if err != nil {
		return nil, err
	}
	if len(body) != size {
		return nil, fmt.Errorf("%w: inflated to another size", errTable)
	}
	return body, nil
}

func (t *table) logRecords(block []byte, visit func(string, uint64, LogEntry, bool)) error {
	d := newDecoder(block)
	var key []byte
	for len(d.rest) > 0 {
		var kind byte
		key, kind = d.key(key)
		var e LogEntry
		switch kind {
		case 0:
		case 1:
			e.Old, e.New = d.id(t.hash), d.id(t.hash)
			d.take(d.varint()) // name
			d.take(d.varint()) // address
			d.varint()         // time
			d.take(2)          // time zone
			e.Message = strings.TrimRight(string(d.take(d.varint())), "\n")
		default:
			return fmt.Errorf("%w: log type %d", errTable, kind)
		}
		name, index, ok := cutLogKey(key)
		if d.failed || !ok {
			return fmt.Errorf("%w: log record", errTable)
		}
		visit(name, index, e, kind == 0)
	}
	return nil
}

// cutLogKey takes apart "NAME \0 REVERSED-INDEX"; the index is stored so that newer entries sort first.
func cutLogKey(key []byte) (name string, index uint64, ok bool) {
	at := len(key) - 9
	if at < 1 || key[at] != 0 || !validRefName(string(key[:at])) {
		return "", 0, false
	}
	return string(key[:at]), ^binary.BigEndian.Uint64(key[at+1:]), true
}

// A decoder takes values off the front of a block. After the first one that does not fit, all are zero.
type decoder struct {
	rest   []byte
	failed bool
	spare  int // bytes that keys may still come to
}

// newDecoder reads a block of records. A key can repeat nearly all of the one before: without a limit a small block could ask
// for a lot of memory.
func newDecoder(block []byte) decoder {
	const mostGrowth = 64
	return decoder{rest: block, spare: mostGrowth*len(block) + 1<<12}
}

func (d *decoder) fail() {
	d.rest, d.failed = nil, true
}

// varint reads git's variable-length integer, whose continuation adds one so that no value has two forms.
func (d *decoder) varint() uint64 {
	var v uint64
	for i, c := range d.rest {
		if i > 9 {
			break
		}
		v = v<<7 | uint64(c&0x7f)
		if c&0x80 == 0 {
			d.rest = d.rest[i+1:]
			return v
		}
		v++
	}
	d.fail()
	return 0
}

func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.rest)) {
		d.fail()
		return nil
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) id(size int) odb.ID {
	raw := d.take(uint64(size))
	if raw == nil {
		return odb.ID{}
	}
	return idOf(raw)
}

// key reads a name that shares a prefix with the one before, and the type of the value after it.
func (d *decoder) key(previous []byte) ([]byte, byte) {
	shared := d.varint()
	v := d.varint()
	suffix := d.take(v >> 3)
	if d.spare -= len(suffix); shared <= uint64(len(previous)) {
		d.spare -= int(shared)
	}
	if shared > uint64(len(previous)) || d.spare < 0 {
		d.fail()
		return nil, 0
	}
	return append(previous[:shared:shared], suffix...), byte(v & 7)
}

func uint24(b []byte) uint32 { return uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2]) }
