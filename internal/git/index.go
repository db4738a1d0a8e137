package git

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/assaysec/assay/internal/git/odb"
)

// An Index is what is staged: the tree that the next commit would have, and how each file looked when it was staged.
type Index struct {
	Version int
	Entries []IndexEntry // sorted by path, then stage
}

// An IndexEntry is one staged file.
type IndexEntry struct {
	Path         string
	ID           odb.ID
	Mode         odb.Mode // a tree's for a folder that a sparse index did not expand
	Stage        uint8    // 0, or 1 to 3 for the sides of a conflict: base, ours, theirs
	AssumeValid  bool
	SkipWorktree bool // not checked out
	IntentToAdd  bool // git add -N: the ID is that of nothing
	Stat         Stat
}

// Stat is what the index remembers of a file, so that an unchanged one is known without reading it. All values are cut
// to 32 bits by the format.
type Stat struct {
	CTime, CTimeNano, MTime, MTimeNano uint32
	Dev, Ino, UID, GID, Size           uint32
}

// Index reads the index. A repository without one, such as a bare one, has an empty index. Folders that a sparse index
// keeps as trees are expanded to the files below them.
func (r *Repo) Index(ctx context.Context) (*Index, error) {
	data, err := r.indexFile()
	if isAbsent(err) {
		return &Index{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	x, link, err := parseIndex(data, r.format)
	if err == nil && link != nil {
		err = r.joinShared(x, link)
	}
	if err == nil {
		err = r.expandSparse(ctx, x)
	}
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	return x, nil
}

func (r *Repo) indexFile() ([]byte, error) {
	if r.options.IndexFile == "" {
		return readFile(r.gitRoot, "index", maxLargeFile)
	}
	return readGiven(r.options.IndexFile, maxLargeFile)
}

const (
	indexHeader  = 12
	statSize     = 40
	flagExtended = 1 << 14
	flagAssume   = 1 << 15
	lengthMask   = 0xfff

	extSkipWorktree = 1 << 14
	extIntentToAdd  = 1 << 13
)

var errIndex = errors.New("malformed")

// indexParser reads the entries. Paths are parts of one string, so that a hundred thousand entries are a handful of
// allocations.
type indexParser struct {
	data  []byte // without the checksum
	pos   int
	hash  int
	f     odb.Format
	names []byte // version 4: all paths, one after the other
	start int    // of the last of them
}

func parseIndex(data []byte, f odb.Format) (*Index, *splitLink, error) {
	p := indexParser{hash: f.Size(), f: f}
	if len(data) < indexHeader+p.hash || string(data[:4]) != "DIRC" {
		return nil, nil, fmt.Errorf("%w: no header", errIndex)
	}
	p.data = data[:len(data)-p.hash]
	if !checksumFits(p.data, data[len(p.data):], f) {
		return nil, nil, fmt.Errorf("%w: checksum", errIndex)
	}
	x := &Index{Version: int(binary.BigEndian.Uint32(data[4:]))}
	if x.Version < 2 || x.Version > 4 {
		return nil, nil, fmt.Errorf("version %d is not supported", x.Version)
	}
	if err := p.entries(x, binary.BigEndian.Uint32(data[8:])); err != nil {
		return nil, nil, err
	}
	link, err := p.extensions()
	return x, link, err
}

// checksumFits accepts zeros, which git writes where index.skipHash is set.
func checksumFits(data, sum []byte, f odb.Format) bool {
	if bytes.Count(sum, []byte{0}) == len(sum) {
		return true
	}
	if f == odb.SHA256 {
		got := sha256.Sum256(data)
		return bytes.Equal(got[:], sum)
	}
	got := sha1.Sum(data)
	return bytes.Equal(got[:], sum)
}

func (p *indexParser) entries(x *Index, count uint32) error {
	smallest := statSize + p.hash + 2 + 1
	if uint64(count)*uint64(smallest) > uint64(len(p.data)) {
		return fmt.Errorf("%w: %d entries in %d bytes", errIndex, count, len(p.data))
	}
	x.Entries = make([]IndexEntry, count)
	ends := make([]int, count) // of the paths, in p.names
	text := ""
	if x.Version < 4 {
		text = string(p.data)
	}
	p.pos = indexHeader
	for i := range x.Entries {
		if !p.entry(&x.Entries[i], x.Version, text) {
			return fmt.Errorf("%w: entry %d", errIndex, i)
		}
		ends[i] = len(p.names)
	}
	if x.Version == 4 {
		text, start := string(p.names), 0
		for i, end := range ends {
			x.Entries[i].Path, start = text[start:end], end
		}
	}
	return nil
}

func (p *indexParser) entry(e *IndexEntry, version int, text string) bool {
	start := p.pos
	fixed := statSize + p.hash + 2
	if len(p.data)-start < fixed {
		return false
	}
	b := p.data[start:]
	e.readStat(b)
	e.ID = idOf(b[statSize : statSize+p.hash])
	flags := binary.BigEndian.Uint16(b[statSize+p.hash:])
	e.Stage, e.AssumeValid = uint8(flags>>12&3), flags&flagAssume != 0
	p.pos += fixed
	if flags&flagExtended != 0 {
		if version < 3 || len(b) < fixed+2 {
			return false
		}
		more := binary.BigEndian.Uint16(b[fixed:])
		e.SkipWorktree, e.IntentToAdd = more&extSkipWorktree != 0, more&extIntentToAdd != 0
		p.pos += 2
	}
	if version == 4 {
		return p.compressedPath()
	}
	return p.plainPath(e, int(flags&lengthMask), start, text)
}

func (e *IndexEntry) readStat(b []byte) {
	u := func(i int) uint32 { return binary.BigEndian.Uint32(b[4*i:]) }
	e.Mode = odb.Mode(u(6))
	e.Stat = Stat{u(0), u(1), u(2), u(3), u(4), u(5), u(7), u(8), u(9)}
}

// plainPath reads a path that ends in one to eight zeros, up to a multiple of eight bytes from the entry's start.
func (p *indexParser) plainPath(e *IndexEntry, length, start int, text string) bool {
	if length == lengthMask {
		if length = bytes.IndexByte(p.data[p.pos:], 0); length < lengthMask {
			return false
		}
	}
	end := p.pos + length
	if end >= len(p.data) || p.data[end] != 0 {
		return false
	}
	e.Path = text[p.pos:end]
	p.pos = start + (end-start)/8*8 + 8
	return p.pos <= len(p.data)
}

// compressedPath reads how much of the path before to cut off, and what to put there.
func (p *indexParser) compressedPath() bool {
	d := decoder{rest: p.data[p.pos:]}
	cut := d.varint()
	nul := bytes.IndexByte(d.rest, 0)
	// A path can repeat all of the one before: without a limit a small file could ask for a lot of memory.
	const mostGrowth = 32
	if d.failed || nul < 0 || cut > uint64(len(p.names)-p.start) || len(p.names) > mostGrowth*len(p.data) {
		return false
	}
	keep := p.names[p.start : len(p.names)-int(cut)]
	p.start = len(p.names)
	p.names = append(append(p.names, keep...), d.rest[:nul]...)
	p.pos = len(p.data) - len(d.rest) + nul + 1
	return true
}

func (p *indexParser) extensions() (*splitLink, error) {
	var link *splitLink
	for p.pos < len(p.data) {
		head := p.data[p.pos:]
		if len(head) < 8 || uint64(binary.BigEndian.Uint32(head[4:])) > uint64(len(head)-8) {
			return nil, fmt.Errorf("%w: extension at %d", errIndex, p.pos)
		}
		size := int(binary.BigEndian.Uint32(head[4:]))
		body := head[8 : 8+size]
		p.pos += 8 + size
		switch name := string(head[:4]); {
		case name == "link":
			var err error
			if link, err = parseLink(body, p.hash); err != nil {
				return nil, err
			}
		case name == "sdir":
		case name[0] < 'A' || name[0] > 'Z':
			// A name in lower case says: whoever does not know this must not go on.
			return nil, fmt.Errorf("extension %q is not supported", name)
		}
	}
	return link, nil
}

// expandSparse puts files in place of the folders that a sparse index keeps as one entry.
func (r *Repo) expandSparse(ctx context.Context, x *Index) error {
	sparse := false
	for i := range x.Entries {
		sparse = sparse || x.Entries[i].Mode.IsTree()
	}
	if !sparse {
		return nil
	}
	t := r.newTreeReader(ctx, r.options.MaxTreeEntries)
	var all []IndexEntry
	for _, e := range x.Entries {
		if !e.Mode.IsTree() {
			all = append(all, e)
			continue
		}
		dir := strings.TrimSuffix(e.Path, "/")
		err := t.walk(dir, e.ID, 0, func(path string, mode odb.Mode, id odb.ID) error {
			if !mode.IsTree() {
				all = append(all, IndexEntry{Path: path, ID: id, Mode: mode, SkipWorktree: true})
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("folder %q: %w", e.Path, err)
		}
	}
	x.Entries = all
	return t.done()
}
