package git

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/git/odb"
)

// A Root is a place where history can be entered, with a name that people know it by.
type Root struct {
	Name     string // "HEAD", "branch main", "stash@{1}", "reflog of branch main", …
	ID       odb.ID // zero if it could not be read
	Prunable bool   // known only from a reflog or a file like ORIG_HEAD, whose objects git removes after a while
	Err      error  // why history cannot be entered here: the name is broken or the object missing (odb.ErrMissing)
}

// Roots returns every known starting point, each object once under the first of its names: HEAD, branches, other
// references, heads of linked worktrees, what an operation under way has noted, stashes, and the values that reflogs
// remember. One that cannot be read is in the list with the reason, and does not hide the others.
func (r *Repo) Roots() ([]Root, error) {
	c := rootCollector{seen: map[odb.ID]bool{}, has: r.store.Has}
	steps := []func(*rootCollector) error{r.headRoot, r.refRoots, r.worktreeRoots, r.pseudoRoots, r.reflogRoots}
	for _, step := range steps {
		if err := step(&c); err != nil {
			return nil, err
		}
	}
	return c.roots, nil
}

type rootCollector struct {
	roots []Root
	seen  map[odb.ID]bool
	has   func(odb.ID) bool
}

func (c *rootCollector) add(name string, id odb.ID, err error) {
	c.addRoot(Root{Name: name, ID: id, Err: err})
}

func (c *rootCollector) addPrunable(name string, id odb.ID, err error) {
	c.addRoot(Root{Name: name, ID: id, Err: err, Prunable: true})
}

func (c *rootCollector) addRoot(root Root) {
	switch {
	case root.Err != nil:
	case root.ID.IsZero() || c.seen[root.ID]:
		return
	default:
		c.seen[root.ID] = true
		if !c.has(root.ID) {
			root.Err = fmt.Errorf("object %s: %w", root.ID, odb.ErrMissing)
		}
	}
	c.roots = append(c.roots, root)
}

func (r *Repo) headRoot(c *rootCollector) error {
	head, err := r.Head()
	if errors.Is(err, ErrNoRef) {
		return nil
	}
	c.add("HEAD", head.ID, err)
	return nil
}

func (r *Repo) refRoots(c *rootCollector) error {
	refs, err := r.allRefs()
	if err != nil {
		return err
	}
	if stash, ok := findRef(refs, "refs/stash"); ok {
		c.add("stash@{0}", stash.ID, stash.Err)
	}
	for _, branches := range []bool{true, false} {
		for _, ref := range refs {
			if strings.HasPrefix(ref.Name, "refs/heads/") == branches {
				c.add(TitleOf(ref.Name), ref.ID, ref.Err)
			}
		}
	}
	return nil
}

// TitleOf says what kind of reference a name belongs to.
func TitleOf(name string) string {
	for _, kind := range []struct{ prefix, title string }{
		{"refs/heads/", "branch "}, {"refs/tags/", "tag "}, {"refs/remotes/", "remote branch "}, {"refs/notes/", "notes "},
	} {
		if short, ok := strings.CutPrefix(name, kind.prefix); ok {
			return kind.title + short
		}
	}
	if name == "refs/stash" {
		return "stash"
	}
	return name
}

// worktreeRoots adds the HEAD of each linked worktree.
func (r *Repo) worktreeRoots(c *rootCollector) error {
	entries, err := fs.ReadDir(r.commonRoot.FS(), "worktrees")
	if err != nil && !isAbsent(err) {
		return err
	}
	for _, e := range entries {
		if err := r.worktreeRoot(c, e.Name()); err != nil {
			c.add("worktree "+e.Name(), odb.ID{}, err)
		}
	}
	return nil
}

func (r *Repo) worktreeRoot(c *rootCollector, name string) error {
	dir, err := r.commonRoot.OpenRoot("worktrees/" + name)
	if err != nil {
		return err
	}
	defer dir.Close()
	head, err := r.headOf(dir)
	if isAbsent(err) || errors.Is(err, ErrNoRef) {
		return nil // half removed
	}
	c.add("HEAD of worktree "+name, head.ID, err)
	refs, err := r.refs.list(r.commonRoot, dir)
	if err != nil {
		return err
	}
	for _, ref := range refs {
		if isPerWorktree(ref.Name) {
			c.add(ref.Name+" of worktree "+name, ref.ID, ref.Err)
		}
	}
	return r.addLogs(c, dir, " of worktree "+name)
}

// addLogs adds the values of all reflogs in a folder, HEAD's first.
func (r *Repo) addLogs(c *rootCollector, dir *os.Root, where string) error {
	logs, err := r.refs.logs(dir)
	if err != nil {
		return fmt.Errorf("reflogs: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(logs)) {
		entries := logs[name]
		if name == "refs/stash" {
			for i := range entries {
				c.add(fmt.Sprintf("stash@{%d}", i), entries[len(entries)-1-i].New, nil) // a broken one is added below
			}
		}
		c.addEntries("reflog of "+TitleOf(name)+where, entries)
	}
	return nil
}

// addEntries adds the values of a reflog, newest first.
func (c *rootCollector) addEntries(title string, entries []LogEntry) {
	for _, e := range slices.Backward(entries) {
		c.addPrunable(title, e.New, e.Err)
		c.addPrunable(title, e.Old, nil)
	}
}

var pseudoRefs = [...]string{
	"ORIG_HEAD", "FETCH_HEAD", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD", "BISECT_HEAD", "AUTO_MERGE",
}

// pseudoRoots adds what merges, rebases and fetches leave beside HEAD.
func (r *Repo) pseudoRoots(c *rootCollector) error {
	for _, name := range pseudoRefs {
		data, err := readFile(r.gitRoot, name, maxLargeFile)
		if isAbsent(err) {
			ref, err := r.pseudo(r.gitRoot, name)
			if errors.Is(err, ErrNoRef) {
				err = nil
			}
			c.addPrunable(name, ref.ID, err)
			continue
		}
		if err != nil {
			c.addPrunable(name, odb.ID{}, err)
		}
		// FETCH_HEAD and MERGE_HEAD hold one ID a line; what else stands there is no root.
		for line := range strings.Lines(string(data)) {
			digits, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
			if id, err := odb.ParseID(digits); err == nil {
				c.addPrunable(name, id, nil)
			}
		}
	}
	return nil
}

func (r *Repo) reflogRoots(c *rootCollector) error { return r.addLogs(c, r.commonRoot, "") }
