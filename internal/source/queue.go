package source

import "sync"

// A queue holds the tasks of a walk, last in first out, which keeps it short. The zero value is ready.
type queue struct {
	mu      sync.Mutex
	wake    sync.Cond
	tasks   []task
	pending int // queued or being worked on
}

func (q *queue) push(t task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.tasks = append(q.tasks, t)
	q.pending++
	if q.wake.L != nil {
		q.wake.Signal()
	}
}

// pop waits for a task. It returns false once all are done.
func (q *queue) pop() (task, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.wake.L == nil {
		q.wake.L = &q.mu
	}
	for len(q.tasks) == 0 && q.pending > 0 {
		q.wake.Wait()
	}
	if len(q.tasks) == 0 {
		return task{}, false
	}
	last := len(q.tasks) - 1
	t := q.tasks[last]
	q.tasks[last] = task{}
	q.tasks = q.tasks[:last]
	return t, true
}

// done says that a popped task, and the pushes it led to, are finished.
func (q *queue) done() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pending--
	if q.pending == 0 && q.wake.L != nil {
		q.wake.Broadcast()
	}
}
