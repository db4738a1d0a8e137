package git

import (
	"context"
	"errors"

	"github.com/assaysec/assay/internal/git/odb"
)

// Reachable is the set of all objects that ids lead to: commits, tags, trees, blobs. Submodules are not among them;
// objects that are named and missing are. If commits or trees could not be read, the set is what could be found without
// them, and the error tells of them (*GapError, *UnreadableError).
func (r *Repo) Reachable(ctx context.Context, ids ...odb.ID) (map[odb.ID]struct{}, error) {
	commits, gaps := r.reach(ctx, ids, nil)
	if gaps != nil && !isGap(gaps) {
		return nil, gaps
	}
	m := marker{treeReader: r.newTreeReader(ctx, 0), set: map[odb.ID]struct{}{}}
	for _, id := range ids {
		if err := m.tags(id); err != nil && !errors.Is(err, odb.ErrMissing) { // a missing one is among the gaps
			return nil, err
		}
	}
	for _, c := range commits {
		m.set[c.id] = struct{}{}
		if err := m.tree(c.tree, 0); err != nil {
			return nil, err
		}
	}
	return m.set, errors.Join(gaps, m.done())
}

type marker struct {
	*treeReader
	set map[odb.ID]struct{}
}

// tags marks a chain of tags and what it ends in; the commits are known already.
func (m *marker) tags(id odb.ID) error {
	for range maxTagDepth {
		t, _, err := m.repo.store.Header(id)
		if err != nil {
			return err
		}
		switch t {
		case odb.Tree:
			return m.tree(id, 0)
		case odb.Tag:
			m.set[id] = struct{}{}
			_, data, err := m.repo.store.Get(id)
			if err != nil {
				return err
			}
			tag, err := odb.ParseTag(data)
			if err != nil {
				return err
			}
			id = tag.Object
		default:
			m.set[id] = struct{}{}
			return nil
		}
	}
	return nil
}

func (m *marker) tree(id odb.ID, depth int) error {
	if _, ok := m.set[id]; ok {
		return nil
	}
	m.set[id] = struct{}{}
	it := m.open("", id)
	for it.Next() {
		if err := m.step(depth); err != nil {
			return err
		}
		if it.Mode.IsTree() {
			if err := m.tree(it.ID, depth+1); err != nil {
				return err
			}
		} else if it.Mode != odb.ModeSubmodule {
			m.set[it.ID] = struct{}{}
		}
	}
	m.note("", id, it.Err())
	return nil
}
