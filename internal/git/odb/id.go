package odb

import (
	"bytes"
	"encoding/hex"
	"fmt"
)

// Format is the hash function of a repository, by which objects are named.
type Format uint8

const (
	SHA1 Format = iota
	SHA256
)

// Size is the length of an ID in bytes.
func (f Format) Size() int {
	if f == SHA256 {
		return 32
	}
	return 20
}

func (f Format) String() string {
	if f == SHA256 {
		return "sha256"
	}
	return "sha1"
}

// EmptyTree is the tree without entries, which git takes to exist everywhere.
func (f Format) EmptyTree() ID { return NameOf(f, Tree, nil) }

// Type is the type of an object, with the numbers it has in a pack.
type Type uint8

const (
	Commit Type = iota + 1
	Tree
	Blob
	Tag
)

var typeNames = [...]string{"invalid", "commit", "tree", "blob", "tag"}

func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return typeNames[0]
}

func parseType(name []byte) (Type, bool) {
	for t := Commit; t <= Tag; t++ {
		if string(name) == typeNames[t] {
			return t, true
		}
	}
	return 0, false
}

// An ID names an object. It can be compared with == and used as a key.
type ID struct {
	hash [32]byte
	size uint8 // 0, 20 or 32
}

// ParseID reads a full name of 40 or 64 hexadecimal digits.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 40 && len(s) != 64 {
		return ID{}, fmt.Errorf("object ID %.80q: want 40 or 64 hexadecimal digits", s)
	}
	if _, err := hex.Decode(id.hash[:], []byte(s)); err != nil {
		return ID{}, fmt.Errorf("object ID %q: %w", s, err)
	}
	id.size = uint8(len(s) / 2)
	return id, nil
}

// makeID copies the bytes of an ID. b has 20 or 32 of them.
func makeID(b []byte) ID {
	id := ID{size: uint8(len(b))}
	copy(id.hash[:], b)
	return id
}

// Bytes is a copy of the hash.
func (id ID) Bytes() []byte { return bytes.Clone(id.raw()) }

func (id *ID) raw() []byte { return id.hash[:id.size] }

func (id ID) String() string { return hex.EncodeToString(id.raw()) }

// IsZero reports whether the ID is the zero value or consists of zeros, which is git's way to say that there is none.
func (id ID) IsZero() bool { return id.hash == [32]byte{} }

// Compare orders IDs by their bytes.
func (id ID) Compare(other ID) int { return bytes.Compare(id.raw(), other.raw()) }
