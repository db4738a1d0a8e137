package git

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/git/odb"
)

// A Line is one line of a file, without its end.
type Line struct{ Path, Text string }

const (
	// maxOriginCommits bounds how far a search for origins goes back.
	maxOriginCommits = 100_000
	// maxOriginBlob is the largest file that is looked into.
	maxOriginBlob = 16 << 20
	// maxMoved bounds the files that are looked into for a line of which the file was not there before.
	maxMoved = 16
)

// Origins finds the commits that brought lines in: going back from a commit that has the file, the last one that has the
// line while none of its parents does, as git blame would say of a line that occurs once. A file that was renamed is
// followed if it kept its last name or its content. The answer has no commit for a line that the commit does not have,
// where the clone is cut off before the origin, and where the way back is too long to go.
func (r *Repo) Origins(ctx context.Context, from odb.ID, lines []Line) ([]odb.ID, error) {
	head, err := r.commit(from)
	if err != nil {
		return nil, err
	}
	o := &origins{
		repo: r, ctx: ctx, lines: lines, asked: map[string]bool{}, found: make([]odb.ID, len(lines)), waiting: map[odb.ID]*pending{},
		names: recent[folderOf, []odb.ID]{limit: 512}, blobs: recent[odb.ID, map[string]bool]{limit: 64},
	}
	byPath := map[string][]int{}
	for i, l := range lines {
		o.asked[l.Text] = true
		byPath[l.Path] = append(byPath[l.Path], i)
	}
	for p, which := range byPath {
		if held, _ := o.holding(o.at(head.tree, p), which); len(held) > 0 {
			o.pass(head, p, held)
		}
	}
	return o.found, o.walk()
}

type origins struct {
	repo    *Repo
	ctx     context.Context // one call's
	lines   []Line
	asked   map[string]bool // texts of lines
	found   []odb.ID
	queue   commitQueue
	waiting map[odb.ID]*pending // by commit in the queue
	names   recent[folderOf, []odb.ID]
	blobs   recent[odb.ID, map[string]bool]
	steps   int
}

// pending are lines that a commit has, by path.
type pending struct {
	files map[string][]int
	root  *searched // of all paths; nil until it is wanted
}

// searched is a folder in which files are searched for.
type searched struct {
	index map[string]int // of names in subs
	names []string
	subs  []*searched // nil for a file
	paths []string    // of files
}

// folderOf is a folder as one tree has it.
type folderOf struct {
	tree odb.ID
	*searched
}

func (s *searched) add(name, path string, file bool) *searched {
	key := name + "/"
	if file {
		key = name
	}
	i, ok := s.index[key]
	if !ok {
		i = len(s.names)
		s.index[key] = i
		s.names, s.subs, s.paths = append(s.names, key), append(s.subs, nil), append(s.paths, path)
		if !file {
			s.subs[i] = newSearched()
		}
	}
	return s.subs[i]
}

func newSearched() *searched { return &searched{index: map[string]int{}} }

func (p *pending) folder() *searched {
	if p.root == nil {
		p.root = newSearched()
		for path := range p.files {
			at, rest := p.root, path
			for {
				name, below, deeper := strings.Cut(rest, "/")
				at = at.add(name, path, !deeper)
				if !deeper {
					break
				}
				rest = below
			}
		}
	}
	return p.root
}

// pass hands lines over to a commit that has them.
func (o *origins) pass(c *commit, path string, which []int) {
	p := o.waiting[c.id]
	if p == nil {
		p = &pending{files: map[string][]int{}}
		o.waiting[c.id] = p
		o.queue.push(c)
	}
	if _, known := p.files[path]; !known {
		p.root = nil
	}
	p.files[path] = append(p.files[path], which...)
}

// passAll is pass for everything that waits for another commit, which is done with.
func (o *origins) passAll(c *commit, p *pending) {
	if o.waiting[c.id] == nil {
		o.waiting[c.id] = p
		o.queue.push(c)
		return
	}
	for path, which := range p.files {
		o.pass(c, path, which)
	}
}

func (o *origins) walk() error {
	for o.queue.len() > 0 {
		c := o.queue.pop()
		p := o.waiting[c.id]
		delete(o.waiting, c.id)
		if o.steps++; o.steps > maxOriginCommits {
			return nil
		}
		if err := o.ctx.Err(); err != nil {
			return err
		}
		if o.repo.cutOff(c) {
			continue
		}
		parents := make([]*commit, len(c.parents))
		for i, id := range c.parents {
			var err error
			if parents[i], err = o.repo.commit(id); err != nil {
				return err
			}
		}
		if err := o.back(c, parents, p); err != nil {
			return err
		}
	}
	return nil
}

// back hands the lines that a commit has over to the parents that have them, or says that it brought them in. A file that
// is the same in a parent is that parent's as a whole.
func (o *origins) back(c *commit, parents []*commit, p *pending) error {
	for _, parent := range parents {
		changed := map[string]bool{}
		o.compare(p.folder(), c.tree, parent.tree, changed)
		if len(changed) == 0 {
			o.passAll(parent, p)
			return nil
		}
		if len(changed) < len(p.files) {
			rest := &pending{files: map[string][]int{}}
			for path, which := range p.files {
				if changed[path] {
					rest.files[path] = which
				} else {
					o.pass(parent, path, which)
				}
			}
			p = rest
		}
	}
	for _, path := range slices.Sorted(maps.Keys(p.files)) {
		if err := o.change(c, parents, path, p.files[path]); err != nil {
			return err
		}
	}
	return nil
}

// compare collects the files that differ between two trees.
func (o *origins) compare(s *searched, a, b odb.ID, changed map[string]bool) {
	if a == b {
		return
	}
	x, y := o.entries(s, a), o.entries(s, b)
	for i := range x {
		switch {
		case x[i] == y[i]:
		case s.subs[i] != nil:
			o.compare(s.subs[i], x[i], y[i], changed)
		default:
			changed[s.paths[i]] = true
		}
	}
}

// entries are what a tree has under the names that are searched for in it.
func (o *origins) entries(s *searched, tree odb.ID) []odb.ID {
	return o.names.get(folderOf{tree, s}, func() []odb.ID {
		ids := make([]odb.ID, len(s.names))
		for it := o.tree(tree); it.Next(); {
			name := it.Name
			switch {
			case it.Mode.IsTree():
				name = append(bytes.Clone(name), '/')
			case !it.Mode.IsBlob():
				continue
			}
			if i, ok := s.index[string(name)]; ok {
				ids[i] = it.ID
			}
		}
		return ids
	})
}

// tree reads a tree. One that cannot be read has no entries: what is below it is not known.
func (o *origins) tree(id odb.ID) odb.TreeIter {
	if id.IsZero() {
		return odb.TreeIter{}
	}
	data, _ := o.repo.tree(id)
	return odb.IterTree(data, o.repo.format)
}

// change hands the lines of a file that differs from all parents over to those that have them too.
func (o *origins) change(c *commit, parents []*commit, path string, rest []int) (err error) {
	absent := len(parents) > 0
	for _, parent := range parents {
		id := o.at(parent.tree, path)
		absent = absent && id.IsZero()
		var held []int
		if held, rest = o.holding(id, rest); len(held) > 0 {
			o.pass(parent, path, held)
		}
	}
	if absent {
		if rest, err = o.moved(c, parents[0], path, rest); err != nil {
			return err
		}
	}
	for _, i := range rest {
		o.found[i] = c.id
	}
	return nil
}

// moved looks for lines of a file that is new in a commit among the files that are gone with it.
func (o *origins) moved(c, parent *commit, p string, rest []int) ([]int, error) {
	var gone []Change
	mine := o.at(c.tree, p)
	err := o.repo.DiffTrees(o.ctx, parent.tree, c.tree, func(ch Change) error {
		if ch.Kind == Deleted && (ch.OldID == mine || path.Base(ch.Path) == path.Base(p)) {
			gone = append(gone, ch)
		}
		return nil
	})
	var unread *UnreadableError // what lies there is not known to be gone
	if err != nil && !errors.As(err, &unread) {
		return nil, err
	}
	slices.SortStableFunc(gone, func(a, b Change) int { // the same content goes first
		switch {
		case a.OldID == mine && b.OldID != mine:
			return -1
		case b.OldID == mine && a.OldID != mine:
			return 1
		}
		return 0
	})
	for _, ch := range gone[:min(len(gone), maxMoved)] {
		var held []int
		if held, rest = o.holding(ch.OldID, rest); len(held) > 0 {
			o.pass(parent, ch.Path, held)
		}
	}
	return rest, nil
}

// holding splits lines into those that a file has and the others.
func (o *origins) holding(id odb.ID, which []int) (held, rest []int) {
	if id.IsZero() || len(which) == 0 {
		return nil, which
	}
	all := o.blobs.get(id, func() map[string]bool { return o.wanted(id) })
	for _, i := range which {
		if all[o.lines[i].Text] {
			held = append(held, i)
		} else {
			rest = append(rest, i)
		}
	}
	return held, rest
}

// wanted are those of all lines asked about that a file has.
func (o *origins) wanted(id odb.ID) map[string]bool {
	kind, text, err := o.repo.store.Get(id)
	if err != nil || kind != odb.Blob || len(text) > maxOriginBlob {
		return nil
	}
	has := map[string]bool{}
	for line := range bytes.Lines(text) {
		line = bytes.TrimRight(line, "\r\n")
		if o.asked[string(line)] {
			has[string(line)] = true
		}
	}
	return has
}

// at is the blob that a tree has under a path, zero if none.
func (o *origins) at(tree odb.ID, path string) odb.ID {
	for {
		name, below, deeper := strings.Cut(path, "/")
		next := odb.ID{}
		for it := o.tree(tree); it.Next(); {
			if string(it.Name) == name && it.Mode.IsTree() == deeper && (deeper || it.Mode.IsBlob()) {
				next = it.ID
				break
			}
		}
		if !deeper || next.IsZero() {
			return next
		}
		tree, path = next, below
	}
}

// recent remembers what was made of the things used last.
type recent[K comparable, T any] struct {
	limit    int
	now, old map[K]T // what is not used while now fills up is forgotten
}

func (r *recent[K, T]) get(key K, make func() T) T {
	if v, ok := r.now[key]; ok {
		return v
	}
	v, ok := r.old[key]
	if !ok {
		v = make()
	}
	if r.now == nil || len(r.now) >= r.limit {
		r.old, r.now = r.now, map[K]T{}
	}
	r.now[key] = v
	return v
}
