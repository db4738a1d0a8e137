package git

import (
	"context"
	"fmt"

	"github.com/assaysec/assay/internal/git/odb"
)

// maxBases bounds the candidates, each of which costs a walk. Real histories have a handful.
const maxBases = 1000

// MergeBase returns the best common ancestors of two commits, as git merge-base --all does. None and no error means
// that the histories have nothing in common; where a shallow clone hides the answer the error is *ErrShallow. A base that
// is found in a shallow clone may be older than the best one, so that a comparison with it shows more, never less.
func (r *Repo) MergeBase(ctx context.Context, a, b odb.ID) ([]odb.ID, error) {
	w := &walk{repo: r, ctx: ctx}
	if err := w.start([]odb.ID{a}, left); err != nil {
		return nil, err
	}
	if err := w.start([]odb.ID{b}, right); err != nil {
		return nil, err
	}
	bases, cut, err := w.paint()
	if err != nil {
		return nil, err
	}
	if len(bases) == 0 && cut != nil {
		return nil, shallowError(cut.id)
	}
	if len(bases) > maxBases {
		return nil, fmt.Errorf("commits %s and %s have more than %d common ancestors to choose from", a, b, maxBases)
	}
	if len(bases) > 1 {
		if bases, err = r.withoutAncestors(ctx, bases); err != nil {
			return nil, err
		}
	}
	ids := make([]odb.ID, len(bases))
	for i, c := range bases {
		ids[i] = c.id
	}
	return ids, nil
}

// paint walks down from both sides until all that is left is known to be common. It also gives a commit whose parents
// were cut off before that, if there is one.
func (w *walk) paint() (bases []*commit, cut *commit, err error) {
	for w.live > 0 {
		c, err := w.pop()
		if err != nil {
			return nil, nil, err
		}
		m := w.mark(c)
		f := m.flags & (left | right | stale)
		if f == left|right {
			if m.flags&result == 0 {
				m.flags |= result
				bases = append(bases, c)
			}
			f |= stale
		}
		if f&stale == 0 && w.repo.cutOff(c) {
			cut = c
		}
		up, err := w.parents(c, f&stale == 0)
		if err != nil {
			return nil, nil, err
		}
		for _, p := range up {
			w.push(p, f)
		}
	}
	best := bases[:0]
	for _, c := range bases {
		if !w.has(c, stale) {
			best = append(best, c)
		}
	}
	return best, cut, nil
}

// withoutAncestors drops commits that another one of the list can reach.
func (r *Repo) withoutAncestors(ctx context.Context, commits []*commit) ([]*commit, error) {
	redundant := map[*commit]bool{}
	for _, c := range commits {
		if redundant[c] {
			continue
		}
		w := &walk{repo: r, ctx: ctx}
		w.push(c, left)
		for _, other := range commits {
			if other != c && !redundant[other] {
				w.push(other, right)
			}
		}
		if _, _, err := w.paint(); err != nil {
			return nil, err
		}
		for _, other := range commits {
			side := left
			if other == c {
				side = right
			}
			if w.has(other, side) {
				redundant[other] = true
			}
		}
	}
	var best []*commit
	for _, c := range commits {
		if !redundant[c] {
			best = append(best, c)
		}
	}
	return best, nil
}
