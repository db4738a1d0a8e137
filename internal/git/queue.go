package git

import "container/heap"

// A commitQueue hands out the newest commit first, and of equally old ones the first that came.
type commitQueue struct{ heap queueHeap }

type queued struct {
	*commit
	order int
}

type queueHeap struct {
	items []queued
	count int
}

func (q *commitQueue) len() int     { return len(q.heap.items) }
func (q *commitQueue) top() *commit { return q.heap.items[0].commit }

func (q *commitQueue) push(c *commit) {
	q.heap.count++
	heap.Push(&q.heap, queued{c, q.heap.count})
}

func (q *commitQueue) pop() *commit { return heap.Pop(&q.heap).(queued).commit }

func (h *queueHeap) Len() int      { return len(h.items) }
func (h *queueHeap) Swap(i, j int) { h.items[i], h.items[j] = h.items[j], h.items[i] }
func (h *queueHeap) Push(x any)    { h.items = append(h.items, x.(queued)) }

func (h *queueHeap) Less(i, j int) bool {
	a, b := &h.items[i], &h.items[j]
	if a.date != b.date {
		return a.date > b.date
	}
	return a.order < b.order
}

func (h *queueHeap) Pop() any {
	last := h.items[len(h.items)-1]
	h.items = h.items[:len(h.items)-1]
	return last
}
