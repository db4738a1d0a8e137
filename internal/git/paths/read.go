package paths

import (
	"cmp"
	"hash/maphash"
	"slices"
	"sync/atomic"

	"github.com/assaysec/assay/internal/git/odb"
)

// An entry of a tree: the number of its object, and that of its name with the kind above it.
type entry struct{ node, name uint32 }

const (
	kindShift        = 30
	isBlob    uint32 = 0 << kindShift
	isTree    uint32 = 1 << kindShift
	isLink    uint32 = 2 << kindShift
	kindBits  uint32 = 3 << kindShift
)

// A run is a part of a tree: some entries that follow one another. Where a run ends depends on the names in it alone, so that
// what two versions of a folder have in common is, but for a few entries around each change, the same runs.
type run = uint32

const (
	noRun      run = 1<<32 - 1
	longestRun     = 64
	runEnds        = 8 // one name in so many ends a run
)

// A tree is what is kept of one.
type tree struct {
	node uint32
	runs []run
}

// A Builder takes the trees of an object store and makes an Index of them.
type Builder struct {
	format  odb.Format
	names   *names
	nodes   *nodes
	readers []reader
	room    atomic.Int64 // entries that may still be kept
	full    atomic.Bool  // there was no room for a tree
}

// A reader is what one worker has read. Its runs have the numbers that leave its own when divided by the number of workers.
type reader struct {
	trees  []tree
	runs   [][]entry
	chunk  []entry // the entries of runs
	lists  []run   // the runs of trees
	broken []odb.ID

	// Of the tree at hand; used again and again.
	spots []spot
	from  []int32 // by spot: the one of the base that it is; -1 if it is none
	list  []run
}

// chunkSize is how many entries are allocated at a time.
const chunkSize = 1 << 14

// How much is kept, counted in runs' entries and trees' runs. A small pack can hold a huge tree and any number of tiny deltas
// of it; in a real store a tree brings some ten entries and has some ten runs.
const (
	minRoom     = 64 << 20
	roomPerTree = 256
)

// NewBuilder makes a builder for so many workers.
func NewBuilder(format odb.Format, workers int) *Builder {
	seed := maphash.MakeSeed()
	b := &Builder{format: format, names: &names{seed: seed}, nodes: &nodes{seed: seed}, readers: make([]reader, workers)}
	b.room.Store(minRoom)
	return b
}

// A spot is an entry, where in the tree's bytes it ends, and which run begins with it.
type spot struct {
	entry
	end uint32
	run run
}

// A version is what the trees that are stored as changes of this one need to know of it.
type version []spot

// at finds the entry that begins at an offset.
func (v version) at(offset int) (int, bool) {
	if offset == 0 {
		return 0, len(v) > 0
	}
	i, ok := slices.BinarySearchFunc(v, offset, func(s spot, at int) int { return cmp.Compare(int(s.end), at) })
	return i + 1, ok && i+1 < len(v)
}

// Add takes a tree. It is an odb.Visit for trees.
func (b *Builder) Add(worker int, o *odb.Object) any {
	r := &b.readers[worker]
	base, _ := o.Base.(version)
	r.parse(b, o, base)
	if n := len(r.spots); n == 0 && len(o.Data) > 0 || n > 0 && int(r.spots[n-1].end) < len(o.Data) {
		r.broken = append(r.broken, o.ID)
	}
	if b.room.Load() < 0 {
		b.full.Store(true)
		return nil
	}
	kept := r.cut(base, worker, len(b.readers))
	b.room.Add(int64(roomPerTree - kept - len(r.list)))
	r.trees = append(r.trees, tree{b.nodes.number(o.ID), r.keepList()})
	if !o.IsBase {
		return nil
	}
	return version(slices.Clone(r.spots))
}

// parse lists the entries up to the first that is malformed. Those that were copied whole from the base are taken over.
func (r *reader) parse(b *Builder, o *odb.Object, base version) {
	r.spots, r.from = r.spots[:0], r.from[:0]
	copies := o.Copies
	if base == nil {
		copies = nil
	}
	it := odb.IterTree(o.Data, b.format)
	for {
		at := len(o.Data) - it.Left()
		for len(copies) > 0 && copies[0].To+copies[0].Len <= at {
			copies = copies[1:]
		}
		if len(copies) > 0 && copies[0].To <= at {
			c := copies[0]
			first, ok := base.at(at - c.To + c.From)
			last := first
			for ok && last < len(base) && int(base[last].end) <= c.From+c.Len {
				s := base[last]
				s.end += uint32(c.To - c.From) // wraps round where it moved forward
				s.run = noRun
				r.add(s, last)
				last++
			}
			if last > first {
				it.Skip(int(r.spots[len(r.spots)-1].end) - at)
				continue
			}
		}
		if !it.Next() {
			return
		}
		r.add(spot{b.entry(&it), uint32(len(o.Data) - it.Left()), noRun}, -1)
	}
}

func (r *reader) add(s spot, from int) {
	r.spots = append(r.spots, s)
	r.from = append(r.from, int32(from))
}

func (b *Builder) entry(it *odb.TreeIter) entry {
	e := entry{node: b.nodes.number(it.ID), name: b.names.number(it.Name)}
	switch {
	case it.Mode.IsTree():
		e.name |= isTree
	case !it.Mode.IsBlob():
		e.name |= isLink
	}
	return e
}

// cut lists the runs of the spots, keeps those that the base does not have, and returns how many entries these are.
func (r *reader) cut(base version, worker, workers int) (kept int) {
	r.list = r.list[:0]
	for first := 0; first < len(r.spots); {
		end := first + 1
		for end < len(r.spots) && end-first < longestRun && !endsRun(r.spots[end-1].name) {
			end++
		}
		part := r.spots[first:end]
		n := base.runOf(r.from[first:end])
		if n == noRun {
			n = run(len(r.runs)*workers + worker)
			r.runs = append(r.runs, r.keep(part))
			kept += len(part)
		}
		part[0].run = n
		r.list = append(r.list, n)
		first = end
	}
	return kept
}

func endsRun(name uint32) bool { return (name&^kindBits)*0x9e3779b1>>16%runEnds == 0 }

// runOf is the run that consists of these entries of the version.
func (v version) runOf(part []int32) run {
	from := int(part[0])
	end := from + len(part)
	if from < 0 || end < len(v) && v[end].run == noRun {
		return noRun
	}
	for i, at := range part {
		if int(at) != from+i || i > 0 && v[from+i].run != noRun {
			return noRun
		}
	}
	return v[from].run
}

func (r *reader) keep(part []spot) []entry {
	if cap(r.chunk)-len(r.chunk) < len(part) {
		r.chunk = make([]entry, 0, chunkSize)
	}
	first := len(r.chunk)
	for i := range part {
		r.chunk = append(r.chunk, part[i].entry)
	}
	return r.chunk[first:len(r.chunk):len(r.chunk)]
}

func (r *reader) keepList() []run {
	if cap(r.lists)-len(r.lists) < len(r.list) {
		r.lists = make([]run, 0, max(chunkSize, len(r.list)))
	}
	first := len(r.lists)
	r.lists = append(r.lists, r.list...)
	return r.lists[first:len(r.lists):len(r.lists)]
}
