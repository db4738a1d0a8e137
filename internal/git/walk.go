package git

import (
	"context"
	"fmt"

	"github.com/assaysec/assay/internal/git/odb"
)

// ErrShallow is returned where the answer lies beyond the commits that a shallow clone has.
type ErrShallow struct {
	Commit odb.ID // the parents of this one are not here
	Hint   string // the command that brings them
}

func (e *ErrShallow) Error() string {
	return fmt.Sprintf("history is cut off at commit %s: the clone is shallow", e.Commit)
}

func shallowError(at odb.ID) error {
	return &ErrShallow{Commit: at, Hint: "git fetch --unshallow"}
}

type flags uint8

const (
	seen flags = 1 << iota
	hidden
	left
	right
	stale
	result
)

// done marks commits that a walk need not come back to for their own sake.
const done = hidden | stale

// A walk is the state of one walk over commits: a queue with the newest in front, and marks.
type walk struct {
	repo  *Repo
	ctx   context.Context // one call's; a walk does not outlive it
	queue commitQueue
	marks []mark
	live  int // places in the queue that hold a commit not done
	steps int

	tolerant bool // notes gaps instead of ending at the first
	gaps     []Gap
}

type mark struct {
	flags
	places int32 // in the queue
}

func (w *walk) mark(c *commit) *mark {
	for c.number >= len(w.marks) {
		w.marks = append(w.marks, make([]mark, 1+len(w.marks))...)
	}
	return &w.marks[c.number]
}

func (w *walk) has(c *commit, f flags) bool { return w.mark(c).flags&f != 0 }

func (w *walk) start(ids []odb.ID, f flags) error {
	for _, id := range ids {
		c, err := w.repo.startOf(id)
		if err != nil {
			if err = w.gap(odb.ID{}, id, err); err != nil {
				return err
			}
		}
		if c != nil {
			w.push(c, f)
		}
	}
	return nil
}

// startOf peels a tag to a commit. It may name a blob or a tree instead; neither has history.
func (r *Repo) startOf(id odb.ID) (*commit, error) {
	id, t, err := r.Peel(id)
	if err != nil || t != odb.Commit {
		return nil, err
	}
	return r.commit(id)
}

func (w *walk) gap(child, id odb.ID, err error) error {
	if !w.tolerant {
		return err
	}
	w.gaps = append(w.gaps, Gap{Child: child, Commit: id, Err: err})
	return nil
}

// parents reads the parents of a commit; none at the shallow boundary. Where the answer does not depend on them, as
// below commits that are hidden or stale, one that cannot be read is passed over.
func (w *walk) parents(c *commit, needed bool) ([]*commit, error) {
	var up []*commit
	for _, id := range w.parentIDs(c) {
		p, err := w.repo.commit(id)
		if err != nil {
			if !needed {
				continue
			}
			if err = w.gap(c.id, id, fmt.Errorf("parent of commit %s: %w", c.id, err)); err != nil {
				return nil, err
			}
			continue
		}
		up = append(up, p)
	}
	return up, nil
}

// push adds marks to a commit, and queues it if there were new ones among them.
func (w *walk) push(c *commit, f flags) {
	m := w.mark(c)
	if m.flags&f == f {
		return
	}
	if m.flags&done == 0 && f&done != 0 {
		w.live -= int(m.places)
	}
	m.flags |= f
	if m.places++; m.flags&done == 0 {
		w.live++
	}
	w.queue.push(c)
}

func (w *walk) pop() (*commit, error) {
	if w.steps++; w.steps%1024 == 1 && w.ctx.Err() != nil {
		return nil, w.ctx.Err()
	}
	c := w.queue.pop()
	m := w.mark(c)
	if m.places--; m.flags&done == 0 {
		w.live--
	}
	return c, nil
}

func (w *walk) parentIDs(c *commit) []odb.ID {
	if _, cut := w.repo.shallow[c.id]; cut {
		return nil
	}
	return c.parents
}
