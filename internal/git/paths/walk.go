package paths

import (
	"context"
	"slices"

	"github.com/assaysec/assay/internal/git/odb"
)

// A few small trees that hold one another can make up billions of paths.
const (
	maxDepth   = 2048 // git's own limit
	maxFolders = 2_000_000
	maxPairs   = 20_000_000 // of a tree and a folder that it was
	maxEntries = 1 << 31    // and runs of them that are looked at
	maxPath    = 1 << 16    // bytes
	maxNoted   = 1_000_000  // links and holes
)

// Homes remembers in which folders things stand: most of them in one only, which is their home.
type homes struct {
	first []uint32 // by thing: its home, plus one; 0 if it has none
	more  map[pair]struct{}
}

// A pair is a thing and a folder that is not its home.
type pair struct{ thing, dir uint32 }

func newHomes(things int) homes {
	return homes{first: make([]uint32, things), more: map[pair]struct{}{}}
}

// add reports whether the thing was not yet known to stand in the folder.
func (h *homes) add(thing, dir uint32) bool {
	switch home := &h.first[thing]; *home {
	case dir + 1:
		return false
	case 0:
		*home = dir + 1
		return true
	}
	before := len(h.more)
	h.more[pair{thing, dir}] = struct{}{}
	return len(h.more) > before
}

// A walker goes down from the roots, one folder after the other: all trees that ever were this folder, then the folders
// that are in them. A folder comes after the one it is in, so each has all its trees when its turn comes.
type walker struct {
	*Index
	depth []uint16       // by folder
	size  []int          // by folder: bytes of its path and a slash
	queue [][]uint32     // by folder: the trees to be entered
	child []uint32       // by name: a folder of this name, perhaps elsewhere
	noted map[place]bool // places of links and holes

	longest        int // name
	pairs, entries int
}

// walk notes the paths of blobs. Each run of entries is looked at once in each folder that it was in.
func (x *Index) walk(ctx context.Context, roots []odb.ID) error {
	w := walker{Index: x, longest: x.names.longest(), depth: make([]uint16, 1), size: make([]int, 1), queue: make([][]uint32, 1), child: make([]uint32, x.names.limit()), noted: map[place]bool{}}
	x.homes, x.runIn = newHomes(len(x.trees)), newHomes(len(x.runs))
	for _, t := range append(x.rootTrees(roots), x.unnamed()...) {
		w.put(t, 0)
	}
	for d := 0; d < len(x.dirs); d++ {
		for i, t := range w.queue[d] {
			if i%1024 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			w.enter(t, uint32(d))
		}
		w.queue[d] = nil
	}
	return nil
}

// rootTrees are the trees there are of some objects, in the order of their IDs, so that two runs agree.
func (x *Index) rootTrees(ids []odb.ID) []uint32 {
	ids = slices.Clone(ids)
	empty := x.format.EmptyTree()
	slices.SortFunc(ids, odb.ID.Compare)
	var out []uint32
	for _, id := range slices.Compact(ids) {
		if t, ok := x.tree(id); ok {
			out = append(out, t)
		} else if id != empty {
			x.lost = append(x.lost, id)
		}
	}
	return out
}

// unnamed are the trees that no other names.
func (x *Index) unnamed() []uint32 {
	named := make([]bool, len(x.treeOf))
	for _, entries := range x.runs {
		for _, e := range entries {
			named[e.node] = true
		}
	}
	var ids []odb.ID
	x.nodes.all(func(id odb.ID, n uint32) {
		if x.treeOf[n] != 0 && !named[n] {
			ids = append(ids, id)
		}
	})
	return x.rootTrees(ids)
}

func (w *walker) enter(tree, at uint32) {
	for _, r := range w.trees[tree] {
		if w.entries++; w.entries > maxEntries {
			w.cut = true
			return
		}
		if w.runIn.add(r, at) {
			w.entries += len(w.runs[r])
			w.look(w.runs[r], at)
		}
	}
}

func (w *walker) look(entries []entry, at uint32) {
	for _, e := range entries {
		p := place{at, e.name &^ kindBits}
		if w.size[at]+w.longest > maxPath && w.size[at]+len(w.names.text(p.name)) > maxPath {
			w.cut = true
			continue
		}
		switch e.name & kindBits {
		case isTree:
			if t := w.treeOf[e.node]; t == 0 {
				w.note(&w.holes, p)
			} else if d, ok := w.folder(p); ok {
				w.put(t-1, d)
			}
		case isLink:
			w.note(&w.links, p)
		default:
			w.add(e.node, p)
		}
	}
}

// folder is the number of the folder that stands at a place.
func (w *walker) folder(p place) (uint32, bool) {
	if d := w.child[p.name]; d != 0 && w.dirs[d] == p {
		return d, true
	}
	if w.depth[p.dir] == maxDepth || len(w.dirs) == maxFolders {
		w.cut = true
		return 0, false
	}
	d := uint32(len(w.dirs))
	w.dirs = append(w.dirs, p)
	w.depth = append(w.depth, w.depth[p.dir]+1)
	w.size = append(w.size, w.size[p.dir]+len(w.names.text(p.name))+1)
	w.queue = append(w.queue, nil)
	w.child[p.name] = d
	return d, true
}

// put queues a tree for a folder, once.
func (w *walker) put(tree, dir uint32) {
	if w.pairs >= maxPairs {
		w.cut = true
		return
	}
	if w.homes.add(tree, dir) {
		w.pairs++
		w.queue[dir] = append(w.queue[dir], tree)
	}
}

// note puts a place on a list, once.
func (w *walker) note(list *[]place, p place) {
	switch {
	case w.noted[p]:
	case len(w.noted) == maxNoted:
		w.cut = true
	default:
		w.noted[p] = true
		*list = append(*list, p)
	}
}
