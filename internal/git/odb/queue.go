package odb

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
)

// A task is a piece of the walk that one worker does: a tree of deltas from its root, a part of one that another worker gave
// away, or some loose objects.
type task struct {
	f      *forest
	node   int32
	broken error  // why the node could not be read the usual way; nil for a root
	part   *frame // set if this is a part: what is left to do under a base that is already made
	loose  *batch
}

// A batch is some loose objects of one directory.
type batch struct {
	dir *objectDir
	ids []ID
}

// A root is a task of the plan, of which there may be as many as there are objects.
type root struct {
	forest int32 // its number; -1 for loose objects
	node   int32 // or the number of the batch
}

// A queue hands out tasks: first those of the plan, then what busy workers give away.
type queue struct {
	forests []*forest
	batches []batch
	roots   []root
	taken   atomic.Int64

	mu      sync.Mutex
	wake    sync.Cond
	given   []task
	idle    int
	stopped atomic.Bool
	hungry  atomic.Int32 // idle workers for whom nothing has been given away yet
}

func (q *queue) weight(r root) int64 {
	if r.forest < 0 {
		return looseBatch * 8 * nodeWeight
	}
	return q.forests[r.forest].weight[r.node]
}

// arrange puts heavy tasks first, the heaviest at the very front, so that none is left for the end when nobody else has
// anything to do. The others stay in the order of the file.
func (q *queue) arrange() {
	var total int64
	for _, r := range q.roots {
		total += q.weight(r)
	}
	var heavy []root
	light := q.roots[:0:0]
	for _, r := range q.roots {
		if q.weight(r) >= total/512 {
			heavy = append(heavy, r)
		} else {
			light = append(light, r)
		}
	}
	slices.SortStableFunc(heavy, func(a, b root) int { return cmp.Compare(q.weight(b), q.weight(a)) })
	q.roots = append(heavy, light...)
}

func (q *queue) task(r root) task {
	if r.forest < 0 {
		return task{loose: &q.batches[r.node]}
	}
	return task{f: q.forests[r.forest], node: r.node}
}

// next waits for something to do. It reports false when all is done or the walk has been stopped.
func (q *queue) next(workers int) (task, bool) {
	if i := q.taken.Add(1) - 1; i < int64(len(q.roots)) {
		return q.task(q.roots[i]), !q.stopped.Load()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.idle++
	q.count()
	if q.idle == workers && len(q.given) == 0 {
		q.stopped.Store(true)
		q.wake.Broadcast()
	}
	for len(q.given) == 0 && !q.stopped.Load() {
		q.wake.Wait()
	}
	q.idle--
	if q.stopped.Load() {
		return task{}, false
	}
	t := q.given[len(q.given)-1]
	q.given = q.given[:len(q.given)-1]
	q.count()
	return t, true
}

func (q *queue) give(t task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.given = append(q.given, t)
	q.count()
	q.wake.Signal()
}

// count sets hungry. The caller holds the lock.
func (q *queue) count() { q.hungry.Store(int32(q.idle - len(q.given))) }

func (q *queue) stop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stopped.Store(true)
	q.wake.Broadcast()
}
