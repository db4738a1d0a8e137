package odb

import (
	"errors"
	"runtime/debug"
	"unsafe"
)

var errFault = errors.New("a mapped file became shorter, or its disk failed, while it was being read")

// catchFault turns the fault that reading a mapped file gives when somebody cuts the file, or when its disk fails, into an
// error; any other panic goes on. The goroutine calls it before the reading and what it returns, deferred, after.
func (s *Store) catchFault(err *error) func() {
	old := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(old)
		switch r := recover().(type) {
		case nil:
		case interface{ Addr() uintptr }:
			if !s.mapped(r.Addr()) {
				panic(r)
			}
			*err = errFault
		default:
			panic(r)
		}
	}
}

func (s *Store) mapped(addr uintptr) bool {
	inside := func(b []byte) bool {
		start := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
		return len(b) > 0 && addr >= start && addr-start < uintptr(len(b))
	}
	for _, p := range s.packs {
		if inside(p.data) || inside(p.idx.ids) || inside(p.idx.near) || inside(p.idx.far) || inside(p.idx.fanout) {
			return true
		}
	}
	for _, m := range s.midxs {
		if inside(m.ids) || inside(m.places) || inside(m.far) || inside(m.fanout) {
			return true
		}
	}
	return false
}
