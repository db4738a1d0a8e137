package git

import (
	"context"
	"errors"
	"fmt"

	"github.com/assaysec/assay/internal/git/odb"
)

// SkipTree is returned by a visitor to stay out of the tree it was called for.
var SkipTree = errors.New("skip this tree")

// ErrTooLarge is returned where a tree has more entries, or is deeper, than a walk may visit: a few small objects can
// make up a tree of billions of paths.
var ErrTooLarge = errors.New("tree is too large")

const maxTreeDepth = 2048 // git's own limit

// An UnreadableError lists the trees that a walk had to leave out. All others were visited.
type UnreadableError struct {
	Trees []UnreadableTree
}

// An UnreadableTree is a tree that is missing or malformed. Of a malformed one the entries before the fault were visited.
type UnreadableTree struct {
	Path string
	ID   odb.ID
	Err  error
}

func (e *UnreadableError) Error() string {
	first := e.Trees[0]
	msg := fmt.Sprintf("tree %q (%s): %v", first.Path, first.ID, first.Err)
	if n := len(e.Trees) - 1; n > 0 {
		msg += fmt.Sprintf(" and %d more", n)
	}
	return msg
}

func (e *UnreadableError) Unwrap() []error {
	var errs []error
	for _, t := range e.Trees {
		errs = append(errs, t.Err)
	}
	return errs
}

// A treeReader reads trees for one walk and remembers what it could not read.
type treeReader struct {
	repo       *Repo
	ctx        context.Context // one call's; a reader does not outlive it
	limit      int             // on entries; 0 where each tree is read once, which bounds the work by the size of the store
	entries    int
	unreadable []UnreadableTree
}

func (r *Repo) newTreeReader(ctx context.Context, limit int) *treeReader {
	return &treeReader{repo: r, ctx: ctx, limit: limit}
}

// open reads a tree. The zero ID is the empty tree. A tree that cannot be read is noted and has no entries.
func (t *treeReader) open(path string, id odb.ID) odb.TreeIter {
	if id.IsZero() {
		return odb.TreeIter{}
	}
	data, err := t.repo.tree(id)
	if err != nil {
		t.note(path, id, err)
		return odb.TreeIter{}
	}
	return odb.IterTree(data, t.repo.format)
}

func (r *Repo) tree(id odb.ID) ([]byte, error) {
	kind, data, err := r.store.Get(id)
	if errors.Is(err, odb.ErrMissing) && id == r.format.EmptyTree() {
		return nil, nil
	}
	if err == nil && kind != odb.Tree {
		err = fmt.Errorf("object %s is a %s, not a tree", id, kind)
	}
	return data, err
}

func (t *treeReader) note(path string, id odb.ID, err error) {
	if err != nil {
		t.unreadable = append(t.unreadable, UnreadableTree{Path: path, ID: id, Err: err})
	}
}

// step counts an entry.
func (t *treeReader) step(depth int) error {
	if t.entries++; t.limit > 0 && t.entries > t.limit {
		return fmt.Errorf("%w: more than %d entries", ErrTooLarge, t.limit)
	}
	if depth > maxTreeDepth {
		return fmt.Errorf("%w: more than %d levels", ErrTooLarge, maxTreeDepth)
	}
	if t.entries%4096 == 0 {
		return t.ctx.Err()
	}
	return nil
}

func (t *treeReader) done() error {
	if len(t.unreadable) > 0 {
		return &UnreadableError{Trees: t.unreadable}
	}
	return nil
}

// WalkTree visits all entries below a tree in the order they are stored: files, symbolic links, submodules, and trees
// before what is in them. Names are as stored and may be hostile, such as "..". Trees that cannot be read do not stop
// it; they are in the *UnreadableError at the end.
func (r *Repo) WalkTree(ctx context.Context, tree odb.ID, visit func(path string, mode odb.Mode, id odb.ID) error) error {
	t := r.newTreeReader(ctx, r.options.MaxTreeEntries)
	if err := t.walk("", tree, 0, visit); err != nil {
		return err
	}
	return t.done()
}

func (t *treeReader) walk(dir string, id odb.ID, depth int, visit func(string, odb.Mode, odb.ID) error) error {
	it := t.open(dir, id)
	for it.Next() {
		if err := t.step(depth); err != nil {
			return err
		}
		path := join(dir, it.Name)
		err := visit(path, it.Mode, it.ID)
		if errors.Is(err, SkipTree) {
			continue
		}
		if err == nil && it.Mode.IsTree() {
			err = t.walk(path, it.ID, depth+1, visit)
		}
		if err != nil {
			return err
		}
	}
	t.note(dir, id, it.Err())
	return nil
}

func join[T string | []byte](dir string, name T) string {
	if dir == "" {
		return string(name)
	}
	return dir + "/" + string(name)
}
