package git

import (
	"context"
	"errors"
	"fmt"

	"github.com/assaysec/assay/internal/git/odb"
)

// A Log is the commits of a walk, newest first and never before one of their children.
type Log struct {
	Commits []odb.ID
	Trees   []odb.ID // theirs, in the same order
	Shallow []odb.ID // those among them whose parents were cut off
}

// A GapError lists commits that a walk could not read, and so could not go beyond.
type GapError struct{ Gaps []Gap }

// A Gap is a commit that is missing or malformed, and the child that led to it: zero for where the walk began.
type Gap struct {
	Child, Commit odb.ID
	Err           error
}

func (e *GapError) Error() string {
	msg := e.Gaps[0].Err.Error()
	if n := len(e.Gaps) - 1; n > 0 {
		msg += fmt.Sprintf(" and %d more", n)
	}
	return "history has a gap: " + msg
}

func (e *GapError) Unwrap() []error {
	var errs []error
	for _, g := range e.Gaps {
		errs = append(errs, g.Err)
	}
	return errs
}

// Log walks from tips to the beginning and leaves out what can be reached from not, as git rev-list does. Where dates of
// commits contradict their order it may hold commits that not reaches after all, never less than it should. With a
// *GapError comes what could be reached all the same.
func (r *Repo) Log(ctx context.Context, tips, not []odb.ID) (*Log, error) {
	commits, err := r.reach(ctx, tips, not)
	if err != nil && !isGap(err) {
		return nil, err
	}
	log := &Log{Commits: make([]odb.ID, len(commits)), Trees: make([]odb.ID, len(commits))}
	for i, c := range commits {
		log.Commits[i], log.Trees[i] = c.id, c.tree
		if r.cutOff(c) {
			log.Shallow = append(log.Shallow, c.id)
		}
	}
	return log, err
}

func isGap(err error) bool {
	var gap *GapError
	return errors.As(err, &gap)
}

// reach gives the commits of a Log, also together with a *GapError.
func (r *Repo) reach(ctx context.Context, tips, not []odb.ID) ([]*commit, error) {
	w := &walk{repo: r, ctx: ctx}
	if err := w.start(not, hidden|seen); err != nil {
		return nil, err
	}
	w.tolerant = true
	if err := w.start(tips, seen); err != nil {
		return nil, err
	}
	found, err := w.collect()
	if err != nil {
		return nil, err
	}
	if len(w.gaps) > 0 {
		err = &GapError{Gaps: w.gaps}
	}
	return w.sort(found), err
}

// slack is how many more hidden commits are walked after the queue holds nothing else, to find wanted commits that a
// wrong date brought up too early.
const slack = 64

func (w *walk) collect() ([]*commit, error) {
	var found []*commit
	oldest := int64(0)
	for spare := slack; w.queue.len() > 0; {
		if w.live == 0 {
			if spare--; len(found) == 0 || spare < 0 && w.queue.top().date < oldest {
				break
			}
		}
		c, err := w.pop()
		if err != nil {
			return nil, err
		}
		f := w.mark(c).flags & (seen | hidden)
		if f&hidden == 0 {
			if len(found) == 0 || c.date < oldest {
				oldest = c.date
			}
			found = append(found, c)
		}
		up, err := w.parents(c, f&hidden == 0)
		if err != nil {
			return nil, err
		}
		for _, p := range up {
			w.push(p, f)
		}
	}
	return found, nil
}

// sort puts commits in order: newest first, but none before all of its children.
func (w *walk) sort(found []*commit) []*commit {
	children := map[*commit]int{}
	for _, c := range found {
		if !w.has(c, hidden) {
			children[c] = 0
		}
	}
	for c := range children {
		for _, id := range w.parentIDs(c) {
			if p := w.repo.commits.get(id); p != nil {
				if _, ok := children[p]; ok {
					children[p]++
				}
			}
		}
	}
	var queue commitQueue
	for _, c := range found {
		if n, ok := children[c]; ok && n == 0 {
			queue.push(c)
		}
	}
	sorted := make([]*commit, 0, len(children))
	for queue.len() > 0 {
		c := queue.pop()
		sorted = append(sorted, c)
		for _, id := range w.parentIDs(c) {
			p := w.repo.commits.get(id)
			if p == nil {
				continue
			}
			if n, ok := children[p]; ok {
				if children[p] = n - 1; n == 1 {
					queue.push(p)
				}
			}
		}
	}
	if len(sorted) < len(children) {
		sorted = appendRest(sorted, found, children)
	}
	return sorted
}

// appendRest appends the commits that wait for a child for ever. There are none unless somebody has forged a commit that
// is its own ancestor: commits are not hashed when they are read.
func appendRest(sorted, found []*commit, children map[*commit]int) []*commit {
	for _, c := range sorted {
		delete(children, c)
	}
	for _, c := range found {
		if _, ok := children[c]; ok {
			delete(children, c)
			sorted = append(sorted, c)
		}
	}
	return sorted
}
