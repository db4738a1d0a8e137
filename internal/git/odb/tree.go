package odb

import (
	"bytes"
	"errors"
)

// Mode is the kind of a tree entry, in the numbers git uses.
type Mode uint32

const (
	ModeTree       Mode = 0o040000
	ModeFile       Mode = 0o100644
	ModeExecutable Mode = 0o100755
	ModeSymlink    Mode = 0o120000
	ModeSubmodule  Mode = 0o160000

	modeKind Mode = 0o170000
)

// IsTree reports whether the entry is a directory.
func (m Mode) IsTree() bool { return m&modeKind == ModeTree }

// IsBlob reports whether the entry is a file or a symbolic link, both of which are blobs.
func (m Mode) IsBlob() bool { return m&modeKind == 0o100000 || m&modeKind == ModeSymlink }

var errBadTree = errors.New("tree entry is malformed")

// A TreeIter goes over the entries of a tree without allocating:
//
//	for it := IterTree(data, SHA1); it.Next(); {
//		… it.Mode, it.Name, it.ID
//	}
type TreeIter struct {
	Mode Mode
	Name []byte // a part of the tree's bytes; hostile: it may hold slashes or be ".."
	ID   ID

	rest []byte
	hash int
	err  error
}

// IterTree begins before the first entry.
func IterTree(data []byte, f Format) TreeIter {
	return TreeIter{rest: data, hash: f.Size()}
}

// Next goes to the next entry. It reports false at the end and where the bytes are no entry, which Err tells apart.
func (t *TreeIter) Next() bool {
	if len(t.rest) == 0 || t.err != nil {
		return false
	}
	mode := Mode(0)
	i := 0
	for ; i < len(t.rest) && t.rest[i] != ' '; i++ {
		c := t.rest[i]
		if c < '0' || c > '7' || i == 7 {
			return t.fail()
		}
		mode = mode<<3 | Mode(c-'0')
	}
	if i == 0 || i == len(t.rest) {
		return t.fail()
	}
	rest := t.rest[i+1:]
	nul := bytes.IndexByte(rest, 0)
	if nul < 1 || len(rest)-nul-1 < t.hash {
		return t.fail()
	}
	t.Mode, t.Name = mode, rest[:nul:nul]
	t.ID = makeID(rest[nul+1 : nul+1+t.hash])
	t.rest = rest[nul+1+t.hash:]
	return true
}

func (t *TreeIter) fail() bool {
	t.err = errBadTree
	return false
}

// Left is how many bytes come after the entry at hand.
func (t *TreeIter) Left() int { return len(t.rest) }

// Skip passes over bytes that are known to be whole entries.
func (t *TreeIter) Skip(n int) { t.rest = t.rest[n:] }

// Err is the reason why Next stopped before the end.
func (t *TreeIter) Err() error { return t.err }
