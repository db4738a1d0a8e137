package git

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/git/odb"
)

// An Appearance is one path under which a blob stood in history.
type Appearance struct {
	Path   string
	Mode   odb.Mode
	First  odb.ID // the oldest commit that has the blob there
	Last   odb.ID // the newest commit that has it there
	InHead bool   // HEAD has it there
}

// Locate finds where in history blobs stood: for each of them the paths, sorted, with their first and last commit among
// all that tips lead to. Without tips all Roots are taken. A blob that no commit has is not in the answer. Paths given
// with a blob are all that it may stand under, and spare reading other trees; without paths it may stand anywhere.
//
// Each tree is read once, however many commits share it. If roots, commits or trees could not be read, the answer is what
// could be found without them, and the error tells of them (*GapError, *UnreadableError).
func (r *Repo) Locate(ctx context.Context, blobs map[odb.ID][]string, tips ...odb.ID) (map[odb.ID][]Appearance, error) {
	commits, head, unread, err := r.locateCommits(ctx, tips)
	if err != nil {
		return nil, err
	}
	slices.Reverse(commits)
	l := newLocator(r.newTreeReader(ctx, 0), blobs)
	for i, c := range slices.Backward(commits) { // packs keep newer trees whole and older ones as deltas
		if err := l.look(c.tree, span{first: i, last: i}); err != nil {
			return nil, err
		}
	}
	if err := l.look(head, span{first: len(commits), last: -1, inHead: true}); err != nil {
		return nil, err
	}
	found, err := l.appearances(commits)
	if err != nil {
		return nil, err
	}
	return found, errors.Join(unread, l.reader.done())
}

// locateCommits gives the commits to look at, newest first, HEAD's tree, and what is wrong with those that cannot be
// looked at.
func (r *Repo) locateCommits(ctx context.Context, tips []odb.ID) (commits []*commit, head odb.ID, unread, err error) {
	var broken error
	if len(tips) == 0 {
		if tips, broken, err = r.rootIDs(); err != nil {
			return nil, head, nil, err
		}
	}
	commits, gaps := r.reach(ctx, tips, nil)
	if gaps != nil && !isGap(gaps) {
		return nil, head, nil, gaps
	}
	at, err := r.Head()
	if err == nil && !at.ID.IsZero() {
		head, err = r.TreeOf(at.ID)
	}
	if errors.Is(err, ErrNoRef) {
		err = nil
	}
	return commits, head, errors.Join(broken, gaps, err), nil
}

// rootIDs gives the roots that can be entered, and what is wrong with the others but those that git has pruned.
func (r *Repo) rootIDs() (ids []odb.ID, broken, err error) {
	roots, err := r.Roots()
	if err != nil {
		return nil, nil, err
	}
	for _, root := range roots {
		switch {
		case root.Err == nil:
			ids = append(ids, root.ID)
		case !root.Prunable || !errors.Is(root.Err, odb.ErrMissing):
			broken = errors.Join(broken, fmt.Errorf("%s: %w", root.Name, root.Err))
		}
	}
	return ids, broken, nil
}

// hits is the part of a tree that leads to wanted blobs. Equal parts are one value, whatever trees they come from.
type hits struct {
	number  int
	entries []hit
}

// A hit is an entry of a tree that is a wanted blob, or a tree with one below it.
type hit struct {
	name string
	mode odb.Mode
	blob odb.ID
	sub  *hits
}

type locator struct {
	reader *treeReader
	wanted map[odb.ID][]string
	where  *folder            // where to look; nil: everywhere
	byTree map[lookedAt]*hits // nil for a tree without wanted blobs
	shared map[string]*hits   // by what they hold
	roots  map[*hits]*span
}

// A span is the first and last of the commits that have something, counted from the oldest. None has it if last < 0.
type span struct {
	first, last int
	inHead      bool
}

func (s *span) join(other span) {
	s.first, s.last = min(s.first, other.first), max(s.last, other.last)
	s.inHead = s.inHead || other.inHead
}

// A folder is a part of the tree of paths under which wanted blobs may stand.
type folder struct{ subs map[string]*folder }

// lookedAt is a tree, as far as it was looked at.
type lookedAt struct {
	tree  odb.ID
	where *folder
}

func newLocator(t *treeReader, wanted map[odb.ID][]string) *locator {
	return &locator{reader: t, wanted: wanted, where: folders(wanted), byTree: map[lookedAt]*hits{}, shared: map[string]*hits{}, roots: map[*hits]*span{}}
}

// folders makes the tree of all paths, nil if a blob has none.
func folders(wanted map[odb.ID][]string) *folder {
	root := &folder{subs: map[string]*folder{}}
	for _, paths := range wanted {
		if len(paths) == 0 {
			return nil
		}
		for _, p := range paths {
			at := root
			for part := range strings.SplitSeq(p, "/") {
				if at.subs[part] == nil {
					at.subs[part] = &folder{subs: map[string]*folder{}}
				}
				at = at.subs[part]
			}
		}
	}
	return root
}

// enter tells whether to look at an entry, and where below it.
func (f *folder) enter(name []byte) (*folder, bool) {
	if f == nil {
		return nil, true
	}
	sub, ok := f.subs[string(name)]
	return sub, ok
}

// look notes that the commits of a span have a tree.
func (l *locator) look(tree odb.ID, s span) error {
	h, err := l.hits(tree, l.where, 0)
	if h != nil {
		joinSpan(l.roots, h, s)
	}
	return err
}

func (l *locator) hits(id odb.ID, where *folder, depth int) (*hits, error) {
	key := lookedAt{id, where}
	if h, ok := l.byTree[key]; ok {
		return h, nil
	}
	// Set before the tree is read, so that one that contains itself (objects are not hashed here) comes to an end.
	l.byTree[key] = nil
	it := l.reader.open("", id)
	var entries []hit
	for it.Next() {
		if err := l.reader.step(depth); err != nil {
			return nil, err
		}
		below, in := where.enter(it.Name)
		if !in {
			continue
		}
		h := hit{mode: it.Mode}
		if it.Mode.IsTree() {
			sub, err := l.hits(it.ID, below, depth+1)
			if err != nil {
				return nil, err
			}
			if sub == nil {
				continue
			}
			h.sub = sub
		} else if _, ok := l.wanted[it.ID]; ok && it.Mode.IsBlob() {
			h.blob = it.ID
		} else {
			continue
		}
		h.name = string(it.Name)
		entries = append(entries, h)
	}
	l.reader.note("", id, it.Err())
	h := l.intern(entries)
	l.byTree[key] = h
	return h, nil
}

func (l *locator) intern(entries []hit) *hits {
	if len(entries) == 0 {
		return nil
	}
	var key []byte
	for i := range entries {
		e := &entries[i]
		key = append(append(key, e.name...), 0)
		key = binary.BigEndian.AppendUint32(key, uint32(e.mode))
		if e.sub != nil {
			key = binary.AppendUvarint(key, uint64(e.sub.number))
		} else {
			key = append(key, e.blob.String()...)
		}
	}
	h, ok := l.shared[string(key)]
	if !ok {
		h = &hits{number: len(l.shared), entries: entries}
		l.shared[string(key)] = h
	}
	return h
}

// maxAppearances bounds the paths: a few trees that hold one another many times make up billions of them.
const maxAppearances = 1_000_000

// A standing is hits at a path; a place is a blob at a path.
type (
	standing struct {
		path string
		hits *hits
	}
	place struct {
		path string
		mode odb.Mode
		blob odb.ID
	}
)

// appearances goes down from the roots level by level. At each level all that lead to the same standing are joined, so
// that one that a thousand commits share is entered once.
func (l *locator) appearances(commits []*commit) (map[odb.ID][]Appearance, error) {
	level := map[standing]*span{}
	for h, s := range l.roots {
		level[standing{"", h}] = s
	}
	places := map[place]*span{}
	for count := 0; len(level) > 0; {
		next := map[standing]*span{}
		for at, s := range level {
			for i := range at.hits.entries {
				at.hits.entries[i].enter(at.path, *s, next, places)
			}
			if count+len(next)+len(places) > maxAppearances {
				return nil, fmt.Errorf("%w: the blobs appear under more than %d paths", ErrTooLarge, maxAppearances)
			}
		}
		count += len(next)
		level = next
	}
	found := map[odb.ID][]Appearance{}
	for p, s := range places {
		if s.last < 0 {
			continue // in HEAD, which was not asked about
		}
		found[p.blob] = append(found[p.blob], Appearance{Path: p.path, Mode: p.mode,
			First: commits[s.first].id, Last: commits[s.last].id, InHead: s.inHead})
	}
	for _, list := range found {
		slices.SortFunc(list, func(a, b Appearance) int {
			return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Mode, b.Mode))
		})
	}
	return found, nil
}

func (e *hit) enter(dir string, s span, trees map[standing]*span, places map[place]*span) {
	path := join(dir, e.name)
	if e.sub != nil {
		joinSpan(trees, standing{path, e.sub}, s)
	} else {
		joinSpan(places, place{path, e.mode, e.blob}, s)
	}
}

func joinSpan[K comparable](spans map[K]*span, key K, s span) {
	if old, ok := spans[key]; ok {
		old.join(s)
		return
	}
	spans[key] = &s
}
