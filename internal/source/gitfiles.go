package source

import (
	"bytes"
	"context"
	"errors"
	"sync"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/git/odb"
)

// A GitFiles is a set of files whose content lies in a repository's objects: a tree that nobody checked out, or what is
// staged.
type GitFiles struct {
	Repo    *git.Repo
	Of      finding.Target
	Entries []GitEntry
	Others  []GitEntry // files of the target that are not handed out
	all     *Tracked   // the paths of both; nil: there are no others
}

// Estimate is how many files there are.
func (g *GitFiles) Estimate() int { return len(g.Entries) }

// A GitEntry is one file of a GitFiles.
type GitEntry struct {
	Path string
	Mode odb.Mode
	ID   odb.ID
}

var _ Source = (*GitFiles)(nil)

// TreeOf lists the files of the tree that a revision names. What could not be read of the tree goes to the account.
func TreeOf(ctx context.Context, repo *git.Repo, tree odb.ID, account *Account) ([]GitEntry, error) {
	var out []GitEntry
	err := repo.WalkTree(ctx, tree, func(path string, mode odb.Mode, id odb.ID) error {
		if !mode.IsTree() {
			out = append(out, GitEntry{path, mode, id})
		}
		return nil
	})
	return out, unreadable(err, account)
}

// unreadable moves the trees that a walk left out to the account.
func unreadable(err error, account *Account) error {
	var trees *git.UnreadableError
	if !errors.As(err, &trees) {
		return err
	}
	for _, t := range trees.Trees {
		account.Fail(orDot(t.Path), "the tree could not be read: "+t.Err.Error())
	}
	return nil
}

// Staged is what the index holds and HEAD does not: the files that the next commit would bring in. committed are HEAD's
// files, by their paths within the target; of a path from the top of the work tree below gives that path, if the file
// lies in the target.
func Staged(ctx context.Context, repo *git.Repo, of finding.Target, committed []GitEntry, below func(string) (string, bool)) (*GitFiles, error) {
	index, err := repo.Index(ctx)
	if err != nil {
		return nil, err
	}
	had := make(map[string]odb.ID, len(committed))
	for _, e := range committed {
		had[e.Path] = e.ID
	}
	g := &GitFiles{Repo: repo, Of: of}
	for i := range index.Entries {
		e := &index.Entries[i]
		p, in := below(e.Path)
		if !in {
			continue
		}
		if entry := (GitEntry{p, e.Mode, e.ID}); !e.IntentToAdd && had[p] != e.ID {
			g.Entries = append(g.Entries, entry)
		} else {
			g.Others = append(g.Others, entry)
		}
	}
	g.Know()
	return g, nil
}

// Holds reports whether the target has a file, whether or not it is handed out.
func (g *GitFiles) Holds(path string) bool { return g.all.file(path) }

// Know makes Holds answer for all files, handed out or not.
func (g *GitFiles) Know() {
	paths := make([]string, 0, len(g.Entries)+len(g.Others))
	for _, list := range [][]GitEntry{g.Entries, g.Others} {
		for _, e := range list {
			paths = append(paths, e.Path)
		}
	}
	g.all = NewTracked(paths)
}

// Beside hands out the others whose paths are wanted, one after another.
func (g *GitFiles) Beside(ctx context.Context, wants func(path string) bool, visit func(*File)) {
	for _, e := range g.Others {
		if ctx.Err() == nil && !e.ID.IsZero() && e.Mode.IsBlob() && e.Mode != odb.ModeSymlink && wants(e.Path) {
			o := &object{store: g.Repo.Objects(), id: e.ID}
			visit(&File{Path: e.Path, Size: -1, Class: classOfPath(e.Path), Read: o.read, Open: o.open})
			o.release()
		}
	}
}

// Target is what the entries are of.
func (g *GitFiles) Target() finding.Target { return g.Of }

// Each hands out the entries. The content of a link is what it points to. Submodules are accounted for and not followed.
func (g *GitFiles) Each(ctx context.Context, workers int, account *Account, visit func(int, *File)) error {
	next := make(chan GitEntry)
	room := make(chan struct{}, largeObjects)
	var wg sync.WaitGroup
	for n := range workers {
		wg.Go(func() {
			for e := range next {
				o := &object{store: g.Repo.Objects(), id: e.ID}
				if workers > largeObjects {
					o.room = room
				}
				visit(n, &File{
					Path: e.Path, Size: -1, Class: ClassOfMode(e.Mode, e.Path), Read: o.read, Open: o.open,
					Identity: func() string { return "git " + e.ID.String() },
				})
				o.release()
			}
		})
	}
	for _, e := range g.Entries {
		switch {
		case ctx.Err() != nil:
		case !e.Mode.IsBlob():
			account.Fail(e.Path, "a submodule: its files are those of another repository")
		default:
			next <- e
		}
	}
	close(next)
	wg.Wait()
	return ctx.Err()
}

const (
	// largeObject is the size from which on objects are inflated only so many at a time, however many workers there are.
	largeObject  = 4 << 20
	largeObjects = 8
)

// An object is one file's content. It is inflated once, however often it is read during a visit.
type object struct {
	store *odb.Store
	id    odb.ID
	data  []byte
	got   bool
	room  chan struct{} // for large objects; nil where there are few workers
	holds bool          // a place in room
}

func (o *object) get() (err error) {
	if o.got {
		return nil
	}
	if o.room != nil && !o.holds {
		if _, size, err := o.store.Header(o.id); err == nil && size > largeObject {
			o.room <- struct{}{}
			o.holds = true
		}
	}
	_, o.data, err = o.store.Get(o.id)
	o.got = err == nil
	return err
}

// release ends a visit.
func (o *object) release() {
	if o.data = nil; o.holds {
		<-o.room
	}
}

func (o *object) read(buf []byte, limit int64) ([]byte, error) {
	if err := o.get(); err != nil {
		return buf, err
	}
	return append(buf, o.data[:min(int64(len(o.data)), limit+1)]...), nil
}

func (o *object) open() (Handle, error) {
	if err := o.get(); err != nil {
		return nil, err
	}
	return inMemory{bytes.NewReader(o.data)}, nil
}

type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }
