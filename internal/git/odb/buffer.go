package odb

import (
	"math/bits"
	"sync/atomic"

	"github.com/assaysec/assay/internal/git/odb/inflate"
)

// A buffer holds the bytes of one object. It goes back to be used again when the last who needs it lets go of it.
type buffer struct {
	data  []byte // the object
	mem   []byte // all of it, with room for the decoder's slack
	class int
	refs  atomic.Int32
	owner *bufferPool // who counts it; also when another worker lets go of it
}

// A bufferPool belongs to one worker. Only the count of bytes in use may be touched by others.
type bufferPool struct {
	inUse atomic.Int64
	free  [4*64 + 4][]*buffer
	spare int64 // bytes in free
	limit int64 // for spare
}

// sizeClass rounds up to a quarter of a power of two.
func sizeClass(n int) (class, size int) {
	const least = 1 << 9
	n = max(n, least)
	step := bits.Len(uint(n-1)) - 3 // n-1 has its top bit at step+2
	quarters := (n + 1<<step - 1) >> step
	return 4*step + quarters - 5, quarters << step
}

// take returns a buffer for an object of n bytes, held once. One of up to twice the size will do.
func (p *bufferPool) take(n int) *buffer {
	class, size := sizeClass(n + inflate.Slack)
	var b *buffer
	for c := class; c < class+4 && b == nil; c++ {
		if list := p.free[c]; len(list) > 0 {
			b = list[len(list)-1]
			p.free[c] = list[:len(list)-1]
			p.spare -= int64(len(b.mem))
		}
	}
	if b == nil {
		b = &buffer{mem: make([]byte, size), class: class}
	}
	b.owner = p
	b.refs.Store(1)
	b.data = b.mem[:n:n]
	p.inUse.Add(int64(len(b.mem)))
	return b
}

// adopt makes a buffer of bytes that came from elsewhere.
func (p *bufferPool) adopt(data []byte) *buffer {
	b := &buffer{data: data, class: -1, owner: p}
	b.refs.Store(1)
	p.inUse.Add(int64(len(data)))
	return b
}

// release lets go of a buffer, which the pool of the releasing worker may keep.
func (p *bufferPool) release(b *buffer) {
	if b == nil || b.refs.Add(-1) > 0 {
		return
	}
	if b.class < 0 {
		b.owner.inUse.Add(-int64(len(b.data)))
		return
	}
	size := int64(len(b.mem))
	b.owner.inUse.Add(-size)
	if p.spare+size <= p.limit {
		p.free[b.class] = append(p.free[b.class], b)
		p.spare += size
	}
}
