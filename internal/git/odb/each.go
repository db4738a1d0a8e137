package odb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/assaysec/assay/internal/git/odb/inflate"
)

// An Object is what Each shows. Its slices are valid during the visit only.
type Object struct {
	ID   ID
	Type Type
	Data []byte

	// Base is what the visit of this object's delta base returned, perhaps on another worker. It is nil if the object is not
	// a delta, and also if its base was not visited: because it was not wanted, or lies in another pack.
	Base     any
	BaseData []byte // nil if the object is not a delta
	Copies   []Copy // what Data has from BaseData, by ascending To, adjacent copies merged

	IsBase bool // others are made from this one; if not, nobody asks for what its visit returns
}

// EachStats tells what Each did, and lists what could not be looked at.
type EachStats struct {
	Objects    int64 // visited
	Bytes      int64 // of these
	NotWanted  int64 // distinct objects that want refused
	Duplicates int64 // further copies of objects
	Inflated   int64 // bytes out of compressed data
	Inserted   int64 // bytes that deltas brought themselves
	Copied     int64 // bytes that deltas took from their bases
	Reinflated int64 // objects made once more, because memory did not suffice to keep them

	MissingBase []Unread
	Corrupt     []Unread
	TooLarge    []Unread
	Problems    []Problem
}

// An Unread is an object that could not be looked at.
type Unread struct {
	ID     ID
	Type   Type // 0 if not known
	Size   int64
	Path   string
	Offset int64 // in the pack; -1 for a loose object
	Err    error
}

func (s *EachStats) add(o *EachStats) {
	s.Objects += o.Objects
	s.Bytes += o.Bytes
	s.Inflated += o.Inflated
	s.Inserted += o.Inserted
	s.Copied += o.Copied
	s.Reinflated += o.Reinflated
	s.MissingBase = append(s.MissingBase, o.MissingBase...)
	s.Corrupt = append(s.Corrupt, o.Corrupt...)
	s.TooLarge = append(s.TooLarge, o.TooLarge...)
	s.Problems = append(s.Problems, o.Problems...)
}

func (s *EachStats) list(u Unread) {
	switch {
	case errors.Is(u.Err, ErrTooLarge):
		s.TooLarge = append(s.TooLarge, u)
	case errors.Is(u.Err, ErrMissingBase):
		s.MissingBase = append(s.MissingBase, u)
	default:
		s.Corrupt = append(s.Corrupt, u)
	}
}

func (s *EachStats) sort() {
	for _, list := range [][]Unread{s.MissingBase, s.Corrupt, s.TooLarge} {
		slices.SortFunc(list, func(a, b Unread) int { return a.ID.Compare(b.ID) })
	}
	slices.SortFunc(s.Problems, func(a, b Problem) int { return cmp.Compare(a.Path, b.Path) })
}

// Want says whether an object of a type and size is to be visited. Asked with size -1 it says whether any object of the type
// may be: objects of a type refused so are not even inflated.
type Want func(t Type, size int64) bool

// Visit looks at one object. What it returns is handed to the visits of the deltas made from this object, which may run on
// other workers and at the same time. An error ends the walk.
type Visit func(worker int, o *Object) (state any, err error)

// Each visits every wanted object of the store once: a delta base before its deltas, each pack entry inflated once. Both
// functions are called from several goroutines, but never twice at a time with the same worker. An object that cannot be read
// does not end the walk; it is listed in the statistics, which are valid whatever the error. A panic of a visit comes out of Each,
// where the caller can recover it.
func (s *Store) Each(ctx context.Context, workers int, want Want, visit Visit) (EachStats, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	w := &walk{Store: s, ctx: ctx, cancel: cancel, want: want, visit: visit, workers: max(workers, 1), large: make(chan struct{}, 1)}
	w.wake.L = &w.mu
	for t := Commit; t <= Tag; t++ {
		w.wanted[t] = want(t, -1)
	}
	defer context.AfterFunc(ctx, w.stop)()

	var stats EachStats
	var err error
	func() {
		defer s.catchFault(&err)()
		err = w.plan(&stats)
	}()
	if err == nil {
		w.run(&stats)
		err = context.Cause(ctx)
	}
	stats.sort()
	if err == nil {
		stats.NotWanted = w.distinct - stats.Objects - int64(len(stats.MissingBase)+len(stats.Corrupt)+len(stats.TooLarge))
	}
	return stats, err
}

// A walk is one call of Each.
type walk struct {
	*Store
	ctx      context.Context // of the call; the walk ends with it
	cancel   context.CancelCauseFunc
	want     Want
	visit    Visit
	wanted   [Tag + 1]bool
	workers  int
	distinct int64
	total    atomic.Int64 // bytes of objects made, for the limit
	panicked atomic.Pointer[visitPanic]

	queue
	large chan struct{} // holds a token of the worker that may use more than its share of memory
}

func (w *walk) run(stats *EachStats) {
	var g sync.WaitGroup
	all := make([]*worker, w.workers)
	for i := range all {
		all[i] = newWorker(w, i)
		g.Go(all[i].run)
	}
	g.Wait()
	for _, one := range all {
		stats.add(&one.stats)
	}
	if p := w.panicked.Load(); p != nil {
		panic(fmt.Sprintf("%v\n\nin a visit of Each:\n%s", p.value, p.stack))
	}
}

// plan fills the queue.
func (w *walk) plan(stats *EachStats) error {
	dup, total, problems, err := w.duplicates(w.workers)
	if err != nil {
		return err
	}
	stats.Duplicates = total
	stats.Problems = append(stats.Problems, problems...)
	w.distinct = -total
	for i, p := range w.packs {
		if w.ctx.Err() != nil {
			return context.Cause(w.ctx)
		}
		f, err := newForest(w.Store, p, dup[i], w.workers)
		if err != nil {
			return err
		}
		w.distinct += int64(p.idx.count)
		w.addRoots(f)
		if w.opts.Verify && p.data != nil && !hashesToTrailer(p.data, p.end) {
			stats.Problems = append(stats.Problems, Problem{Path: p.path, Err: inflate.ErrChecksum})
		}
	}
	w.planLoose(stats)
	w.arrange()
	return nil
}

func (w *walk) addRoots(f *forest) {
	number := int32(len(w.forests))
	w.forests = append(w.forests, f)
	for i, b := range f.base {
		if b >= 0 || f.weight[i] == 0 || b == baseNone && !w.wanted[f.kind[i]] {
			continue
		}
		w.roots = append(w.roots, root{number, int32(i)})
	}
}

// looseBatch is how many loose objects make one task.
const looseBatch = 32

func (w *walk) planLoose(stats *EachStats) {
	seen := map[ID]bool{}
	for _, d := range w.dirs {
		ids, problems := w.looseIDs(d)
		stats.Problems = append(stats.Problems, problems...)
		fresh := ids[:0]
		for _, id := range ids {
			if p, _ := w.packed(id.raw()); p != nil || seen[id] {
				stats.Duplicates++
				continue
			}
			if len(w.dirs) > 1 {
				seen[id] = true
			}
			fresh = append(fresh, id)
		}
		w.distinct += int64(len(fresh))
		for ids := range slices.Chunk(fresh, looseBatch) {
			w.roots = append(w.roots, root{-1, int32(len(w.batches))})
			w.batches = append(w.batches, batch{d, ids})
		}
	}
}
