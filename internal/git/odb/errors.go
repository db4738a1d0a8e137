package odb

import (
	"errors"
	"fmt"
)

var (
	ErrMissing       = errors.New("object is missing")
	ErrMissingBase   = errors.New("delta base is missing")
	ErrTooLarge      = errors.New("object is too large")
	ErrTooMuch       = errors.New("the objects come to more bytes than allowed")
	ErrOutsideRoots  = errors.New("alternate lies outside the allowed roots")
	ErrNotRegular    = errors.New("not a regular file")
	errNoIndex       = errors.New("pack has no index")
	errNoPack        = errors.New("index has no pack")
	errDeltaCycle    = errors.New("delta chain runs in a circle")
	errDeltaTooDeep  = errors.New("delta chain is too deep")
	errBaseUnread    = errors.New("delta base could not be read")
	errBadHash       = errors.New("content does not hash to the object's ID")
	errBadDelta      = errors.New("delta does not fit its base")
	errBadEntry      = errors.New("pack entry is malformed")
	errBadOffset     = errors.New("offset lies outside the pack")
	errOverlap       = errors.New("pack entry runs into the next")
	errDeclaredSize  = errors.New("declared size exceeds what the compressed bytes can yield")
	errBadLoose      = errors.New("loose object is malformed")
	errUnsorted      = errors.New("index is not sorted")
	errPanic         = errors.New("a visit panicked")
	errTooManyDirs   = errors.New("too many alternates")
	errTooManyLayers = errors.New("too many layers")
	errAlternateDeep = errors.New("alternates are nested too deeply")
)

// A CorruptError is about an object that is there and cannot be read.
type CorruptError struct {
	ID     ID     // zero if the object is only known by its place
	Path   string // of the pack or of the loose object
	Offset int64  // in the pack; -1 for a loose object
	Err    error
}

func (e *CorruptError) Error() string {
	name := "object"
	if e.ID.size > 0 {
		name = "object " + e.ID.String()
	}
	if e.Offset < 0 {
		return fmt.Sprintf("%s in %s: %v", name, e.Path, e.Err)
	}
	return fmt.Sprintf("%s in %s at %d: %v", name, e.Path, e.Offset, e.Err)
}

func (e *CorruptError) Unwrap() error { return e.Err }

// A TooLargeError is an ErrTooLarge that knows the size.
type TooLargeError struct {
	ID    ID
	Size  int64
	Limit int64
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("object %s has %d bytes, more than the limit of %d", e.ID, e.Size, e.Limit)
}

func (e *TooLargeError) Unwrap() error { return ErrTooLarge }

// A Problem is a file or directory of the object database that could not be used, in whole or in part.
type Problem struct {
	Path string
	Err  error
}

func (p Problem) String() string { return p.Path + ": " + p.Err.Error() }
