package git

import (
	"context"
	"errors"

	"github.com/assaysec/assay/internal/git/odb"
)

// DiffIndex visits what is staged: how the index differs from a tree, usually HEAD's, the zero ID standing for the empty
// tree. Of a conflict each side is visited, as Unmerged. Trees that cannot be read count as empty, so that all that is
// staged there is visited, and are in the *UnreadableError at the end.
func (r *Repo) DiffIndex(ctx context.Context, tree odb.ID, x *Index, visit func(Change) error) error {
	s := stagedDiffer{rest: x.Entries, visit: visit}
	unread := r.WalkTree(ctx, tree, s.treeEntry)
	var unreadable *UnreadableError
	if unread != nil && !errors.As(unread, &unreadable) {
		return unread
	}
	if err := s.flush(""); err != nil {
		return err
	}
	return unread
}

// A stagedDiffer goes through the index beside a walk over a tree; both are sorted by path.
type stagedDiffer struct {
	rest  []IndexEntry
	visit func(Change) error
}

func (s *stagedDiffer) treeEntry(path string, mode odb.Mode, id odb.ID) error {
	if mode.IsTree() {
		return nil
	}
	if err := s.flush(path); err != nil {
		return err
	}
	if len(s.rest) == 0 || s.rest[0].Path != path {
		return s.visit(deleted(path, mode, id))
	}
	if s.rest[0].Stage > 0 {
		return s.conflict(path, mode, id)
	}
	e := &s.rest[0]
	s.rest = s.rest[1:]
	switch {
	case e.IntentToAdd:
		return s.visit(deleted(path, mode, id))
	case e.ID == id && e.Mode == mode:
		return nil
	}
	return s.visit(changed(path, mode, e.Mode, id, e.ID))
}

// flush visits the entries before a path, all for an empty one. The tree does not have them.
func (s *stagedDiffer) flush(path string) error {
	for len(s.rest) > 0 && (path == "" || s.rest[0].Path < path) {
		e := &s.rest[0]
		s.rest = s.rest[1:]
		c := added(e.Path, e.Mode, e.ID)
		if e.Stage > 0 {
			c.Kind = Unmerged
		}
		if e.IntentToAdd {
			continue // nothing of it is staged but the name
		}
		if err := s.visit(c); err != nil {
			return err
		}
	}
	return nil
}

func (s *stagedDiffer) conflict(path string, mode odb.Mode, id odb.ID) error {
	for len(s.rest) > 0 && s.rest[0].Path == path {
		c := changed(path, mode, s.rest[0].Mode, id, s.rest[0].ID)
		c.Kind = Unmerged
		s.rest = s.rest[1:]
		if err := s.visit(c); err != nil {
			return err
		}
	}
	return nil
}
