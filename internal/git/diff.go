package git

import (
	"context"
	"strings"

	"github.com/assaysec/assay/internal/git/odb"
)

// ChangeKind is how a path differs between two trees.
type ChangeKind uint8

const (
	Added ChangeKind = iota + 1
	Deleted
	Modified    // other content or other permissions
	TypeChanged // between file, symbolic link and submodule
)

func (k ChangeKind) String() string {
	return [...]string{"none", "added", "deleted", "modified", "type changed"}[k]
}

// A Change is one path that differs. The old side of an added one and the new side of a deleted one are zero.
type Change struct {
	Kind          ChangeKind
	Path          string
	OldMode, Mode odb.Mode
	OldID, ID     odb.ID
}

// DiffTrees visits what differs between two trees, without looking into subtrees that are equal. The zero ID stands
// for the empty tree. Trees that cannot be read count as empty, and are in the *UnreadableError at the end.
func (r *Repo) DiffTrees(ctx context.Context, from, to odb.ID, visit func(Change) error) error {
	d := differ{treeReader: r.newTreeReader(ctx, r.options.MaxTreeEntries), visit: visit}
	if err := d.trees("", from, to, 0); err != nil {
		return err
	}
	return d.done()
}

type differ struct {
	*treeReader
	visit func(Change) error
}

// trees goes through two sorted lists of entries side by side.
func (d *differ) trees(dir string, from, to odb.ID, depth int) error {
	if from == to {
		return nil
	}
	a, b := d.open(dir, from), d.open(dir, to)
	for moreA, moreB := a.Next(), b.Next(); moreA || moreB; {
		if err := d.step(depth); err != nil {
			return err
		}
		order := 0
		switch {
		case !moreB:
			order = -1
		case !moreA:
			order = 1
		default:
			order = compareEntries(&a, &b)
		}
		var err error
		switch {
		case order < 0:
			err = d.oneSide(dir, &a, Deleted, depth)
		case order > 0:
			err = d.oneSide(dir, &b, Added, depth)
		default:
			err = d.both(dir, &a, &b, depth)
		}
		if err != nil {
			return err
		}
		if order <= 0 {
			moreA = a.Next()
		}
		if order >= 0 {
			moreB = b.Next()
		}
	}
	d.note(dir, from, a.Err())
	d.note(dir, to, b.Err())
	return nil
}

// oneSide reports an entry that the other tree does not have, or all that is below it.
func (d *differ) oneSide(dir string, e *odb.TreeIter, kind ChangeKind, depth int) error {
	name := join(dir, e.Name)
	if e.Mode.IsTree() {
		if kind == Deleted {
			return d.trees(name, e.ID, odb.ID{}, depth+1)
		}
		return d.trees(name, odb.ID{}, e.ID, depth+1)
	}
	if kind == Deleted {
		return d.visit(deleted(name, e.Mode, e.ID))
	}
	return d.visit(added(name, e.Mode, e.ID))
}

func added(path string, mode odb.Mode, id odb.ID) Change {
	return Change{Kind: Added, Path: path, Mode: mode, ID: id}
}

func deleted(path string, mode odb.Mode, id odb.ID) Change {
	return Change{Kind: Deleted, Path: path, OldMode: mode, OldID: id}
}

func (d *differ) both(dir string, a, b *odb.TreeIter, depth int) error {
	if a.ID == b.ID && a.Mode == b.Mode {
		return nil
	}
	name := join(dir, a.Name)
	if a.Mode.IsTree() {
		return d.trees(name, a.ID, b.ID, depth+1)
	}
	return d.visit(changed(name, a.Mode, b.Mode, a.ID, b.ID))
}

func changed(path string, oldMode, mode odb.Mode, oldID, id odb.ID) Change {
	c := Change{Kind: Modified, Path: path, OldMode: oldMode, Mode: mode, OldID: oldID, ID: id}
	const kindMask = 0o170000
	if (oldMode^mode)&kindMask != 0 {
		c.Kind = TypeChanged
	}
	return c
}

// compareEntries is the order of entries in a tree: that of names, where a tree's name ends in a slash. So a file and a
// tree of the same name are different entries.
func compareEntries(a, b *odb.TreeIter) int {
	n := min(len(a.Name), len(b.Name))
	if c := strings.Compare(string(a.Name[:n]), string(b.Name[:n])); c != 0 {
		return c
	}
	return int(charAt(a, n)) - int(charAt(b, n))
}

func charAt(e *odb.TreeIter, i int) byte {
	switch {
	case i < len(e.Name):
		return e.Name[i]
	case e.Mode.IsTree():
		return '/'
	}
	return 0
}
