package odb

import (
	"bytes"
	"cmp"
	"math/bits"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// What stands in forest.base for a node without a base in the same pack.
const (
	baseNone     int32 = -1 // not a delta
	baseExternal int32 = -2 // the base is in another pack, or loose
	baseBroken   int32 = -3 // the entry makes no sense, or is in a circle; forest.broken tells why
)

// A forest is the plan for one pack: its entries in the order of the file, each under its delta base. A node is an index into
// these lists; -1 is no node.
type forest struct {
	store      *Store
	p          *pack
	offset     []uint64
	position   []uint32 // in the pack's index
	base       []int32
	kind       []Type  // as the head of the entry says; none for a delta
	head, next []int32 // first child, and next sibling; the first child has the heaviest subtree
	weight     []int64 // of the subtree: about the time it will take, in bytes
	duplicate  []bool  // another pack, or an earlier row of the index, has the object
	broken     map[int32]error
}

func (f *forest) id(n int32) []byte { return f.p.idx.raw(int(f.position[n])) }

func (f *forest) end(n int32) uint64 {
	if int(n)+1 < len(f.offset) {
		return f.offset[n+1]
	}
	return uint64(f.p.end)
}

// nodeWeight is what an entry costs beside its compressed bytes.
const nodeWeight = 512

// newForest plans a pack. duplicate says by position in the index which objects are to be left to others.
func newForest(s *Store, p *pack, duplicate []bool, workers int) (*forest, error) {
	n := p.idx.count
	f := &forest{store: s, p: p, broken: map[int32]error{}}
	f.sortByOffset(n)
	f.duplicate = make([]bool, n)
	for i, pos := range f.position {
		f.duplicate[i] = duplicate[pos]
	}
	if err := f.findBases(workers); err != nil {
		return nil, err
	}
	f.grow(f.order())
	return f, nil
}

// sortByOffset sorts numbers that hold an offset and, below it, a position in the index.
func (f *forest) sortByOffset(n int) {
	keys := make([]uint64, n)
	shift := bits.Len(uint(n))
	limit := uint64(1)<<(64-shift) - 1
	for i := range n {
		off, ok := f.p.idx.offset(i)
		if !ok || off > limit {
			off = limit // no such place: the entry will be refused
		}
		keys[i] = off<<shift | uint64(i)
	}
	keys = radixSort(keys, shift)
	f.offset = keys
	f.position = make([]uint32, n)
	for i, k := range keys {
		f.position[i] = uint32(k & (1<<shift - 1))
		f.offset[i] = k >> shift
	}
}

// radixSort sorts keys whose lowest bits are in order already, by the bits from low up; slices.Sort takes four times as long.
func radixSort(keys []uint64, low int) []uint64 {
	const digit = 11
	var all uint64
	for _, k := range keys {
		all |= k
	}
	other := make([]uint64, len(keys))
	for shift := low; shift < bits.Len64(all); shift += digit {
		var at [1 << digit]int
		for _, k := range keys {
			at[k>>shift&(1<<digit-1)]++
		}
		sum := 0
		for i, n := range at {
			at[i] = sum
			sum += n
		}
		for _, k := range keys {
			d := k >> shift & (1<<digit - 1)
			other[at[d]] = k
			at[d]++
		}
		keys, other = other, keys
	}
	return keys
}

func (f *forest) node(off uint64) (int32, bool) {
	i := sort.Search(len(f.offset), func(i int) bool { return f.offset[i] >= off })
	return int32(i), i < len(f.offset) && f.offset[i] == off
}

// findBases reads the head of every entry, in as many parts at a time as there are workers.
func (f *forest) findBases(workers int) error {
	f.base, f.kind = make([]int32, len(f.offset)), make([]Type, len(f.offset))
	part := (len(f.base) + workers - 1) / workers
	var g errgroup.Group
	var mu sync.Mutex
	for from := 0; from < len(f.base); from += part {
		g.Go(func() (fault error) {
			defer f.store.catchFault(&fault)()
			for i := from; i < min(from+part, len(f.base)); i++ {
				e, err := f.p.entry(f.offset[i])
				if err == nil {
					f.base[i] = f.baseOf(&e)
					if !e.isDelta() {
						f.kind[i] = Type(e.kind)
					}
					continue
				}
				f.base[i] = baseBroken
				mu.Lock()
				f.broken[int32(i)] = err
				mu.Unlock()
			}
			return nil
		})
	}
	return g.Wait()
}

func (f *forest) baseOf(e *entry) int32 {
	if !e.isDelta() {
		return baseNone
	}
	off := e.base
	if e.baseID != nil {
		pos, ok := f.p.idx.find(e.baseID)
		if !ok {
			return baseExternal
		}
		off, _ = f.p.idx.offset(pos)
	}
	if b, ok := f.node(off); ok {
		return b
	}
	// The base is in this pack, and its index does not know it. It can be read by its place, just not with the others.
	return baseExternal
}

// order lists the nodes so that each comes after its base, breaking circles; nil means that they are in order as they are,
// which is so unless a reference delta points forward.
func (f *forest) order() []int32 {
	inOrder := true
	for i, b := range f.base {
		if b >= int32(i) {
			inOrder = false
			break
		}
	}
	if inOrder {
		return nil
	}
	const unseen, open, done = 0, 1, 2
	mark := make([]uint8, len(f.base))
	order := make([]int32, 0, len(f.base))
	var path []int32
	for i := range f.base {
		for n := int32(i); n >= 0 && mark[n] == unseen; n = f.base[n] {
			mark[n] = open
			path = append(path, n)
			if b := f.base[n]; b >= 0 && mark[b] == open {
				f.base[n] = baseBroken
				f.broken[n] = errDeltaCycle
			}
		}
		for _, n := range slices.Backward(path) {
			mark[n] = done
			order = append(order, n)
		}
		path = path[:0]
	}
	return order
}

// grow adds up the weights and hangs the children under their bases, leaving out subtrees in which all are duplicates.
func (f *forest) grow(order []int32) {
	n := len(f.base)
	f.weight, f.head, f.next = make([]int64, n), make([]int32, n), make([]int32, n)
	at := func(i int) int32 {
		if order != nil {
			return order[i]
		}
		return int32(i)
	}
	for i := range f.head {
		f.head[i], f.next[i] = -1, -1
	}
	for i := n - 1; i >= 0; i-- {
		c := at(i)
		if f.weight[c] == 0 && f.duplicate[c] {
			continue // nothing below it is needed either
		}
		f.weight[c] += int64(min(f.end(c)-f.offset[c], 1<<40))*4 + nodeWeight
		b := f.base[c]
		if b < 0 {
			continue
		}
		f.weight[b] += f.weight[c]
		if h := f.head[b]; h >= 0 && f.weight[c] < f.weight[h] {
			f.next[c], f.next[h] = f.next[h], c
		} else {
			f.next[c], f.head[b] = h, c
		}
	}
}

// leaf reports whether nothing is made from the node.
func (f *forest) leaf(n int32) bool { return f.head[n] < 0 }

// duplicates finds, pack by pack, the objects that an earlier pack has too, or the same index twice. It also reports packs
// whose index is not sorted, in which objects cannot be found by their ID.
func (s *Store) duplicates(workers int) (dup [][]bool, total int64, problems []Problem, err error) {
	dup = make([][]bool, len(s.packs))
	for i, p := range s.packs {
		dup[i] = make([]bool, p.idx.count)
		if !p.idx.sorted() {
			problems = append(problems, Problem{Path: p.path, Err: errUnsorted})
		}
	}
	var found, next atomic.Int64
	var g errgroup.Group
	for range workers {
		g.Go(func() (fault error) {
			defer s.catchFault(&fault)()
			var rows []bucketRow
			for b := next.Add(1) - 1; b < 256; b = next.Add(1) - 1 {
				rows = s.sortBucket(rows[:0], byte(b))
				for i := 1; i < len(rows); i++ {
					if rows[i].key == rows[i-1].key && bytes.Equal(s.rawID(rows[i]), s.rawID(rows[i-1])) {
						dup[rows[i].pack][rows[i].position] = true
						found.Add(1)
					}
				}
			}
			return nil
		})
	}
	err = g.Wait()
	return dup, found.Load(), problems, err
}

// A bucketRow is an object of one bucket, which is that of its ID's first byte.
type bucketRow struct {
	key      uint64 // the bytes after the first
	pack     uint32
	position uint32
}

func (s *Store) rawID(r bucketRow) []byte { return s.packs[r.pack].idx.raw(int(r.position)) }

// sortBucket appends the objects of all packs whose IDs begin with a byte, by ID, and those of the same ID by pack.
func (s *Store) sortBucket(rows []bucketRow, first byte) []bucketRow {
	for i, p := range s.packs {
		lo, hi := p.idx.bucket(first)
		for pos := lo; pos < hi; pos++ {
			rows = append(rows, bucketRow{prefixKey(p.idx.raw(pos)), uint32(i), uint32(pos)})
		}
	}
	slices.SortFunc(rows, func(x, y bucketRow) int {
		if x.key != y.key {
			return cmp.Compare(x.key, y.key)
		}
		if c := bytes.Compare(s.rawID(x), s.rawID(y)); c != 0 {
			return c
		}
		return cmp.Compare(x.pack, y.pack)
	})
	return rows
}
