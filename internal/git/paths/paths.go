package paths

import (
	"context"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/git/odb"
)

// MaxPaths bounds the paths kept for one blob. A licence text that lies in ten thousand places need not be named for each.
const MaxPaths = 256

// An Index holds the paths of all blobs that trees name.
type Index struct {
	nodes map[odb.ID]uint32
	names []string
	dirs  []dir     // 0 is the root
	blobs [][]place // by node; empty for trees
	links []string  // submodules
	holes []string  // folders whose tree is not there
	stats odb.EachStats
}

type dir struct{ parent, name uint32 }

type place struct{ dir, name uint32 }

// An entry of a tree, its name and node in the numbering of whoever read it.
type entry struct {
	name, node uint32
	kind       kind
}

type kind uint8

const (
	isBlob kind = iota
	isTree
	isLink
)

type tree struct {
	node        uint32
	first, last int // in entries
}

// A reader is what one worker has read.
type reader struct {
	names   map[string]uint32
	nodes   map[odb.ID]uint32
	entries []entry
	trees   []tree
}

// Build reads all trees of the store. roots are the trees that paths start from; trees that no other tree names are taken
// as roots as well.
func Build(ctx context.Context, store *odb.Store, format odb.Format, workers int, roots []odb.ID) (*Index, error) {
	readers := make([]*reader, workers)
	for i := range readers {
		readers[i] = &reader{names: map[string]uint32{}, nodes: map[odb.ID]uint32{}}
	}
	wantTrees := func(t odb.Type, _ int64) bool { return t == odb.Tree }
	stats, err := store.Each(ctx, workers, wantTrees, func(worker int, o *odb.Object) (any, error) {
		readers[worker].read(o.ID, o.Data, format)
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	x := &Index{nodes: map[odb.ID]uint32{}, dirs: make([]dir, 1), stats: stats}
	x.walk(x.merge(readers), roots)
	return x, nil
}

func (r *reader) read(id odb.ID, data []byte, format odb.Format) {
	first := len(r.entries)
	it := odb.IterTree(data, format)
	for it.Next() {
		e := entry{name: r.name(it.Name), node: r.node(it.ID)}
		switch {
		case it.Mode.IsTree():
			e.kind = isTree
		case !it.Mode.IsBlob():
			e.kind = isLink
		}
		r.entries = append(r.entries, e)
	}
	r.trees = append(r.trees, tree{r.node(id), first, len(r.entries)})
}

func (r *reader) name(b []byte) uint32 {
	n, ok := r.names[string(b)]
	if !ok {
		n = uint32(len(r.names))
		r.names[string(b)] = n
	}
	return n
}

func (r *reader) node(id odb.ID) uint32 {
	n, ok := r.nodes[id]
	if !ok {
		n = uint32(len(r.nodes))
		r.nodes[id] = n
	}
	return n
}

// merge gives names and nodes one numbering and returns the entries of each tree by its node.
func (x *Index) merge(readers []*reader) [][]entry {
	names := map[string]uint32{}
	for _, r := range readers {
		nameAt := make([]uint32, len(r.names))
		for s, n := range r.names {
			g, ok := names[s]
			if !ok {
				g = uint32(len(names))
				names[s] = g
			}
			nameAt[n] = g
		}
		nodeAt := make([]uint32, len(r.nodes))
		for id, n := range r.nodes {
			g, ok := x.nodes[id]
			if !ok {
				g = uint32(len(x.nodes))
				x.nodes[id] = g
			}
			nodeAt[n] = g
		}
		for i := range r.entries {
			e := &r.entries[i]
			e.name, e.node = nameAt[e.name], nodeAt[e.node]
		}
		for i := range r.trees {
			r.trees[i].node = nodeAt[r.trees[i].node]
		}
		r.names, r.nodes = nil, nil
	}
	x.names = make([]string, len(names))
	for s, n := range names {
		x.names[n] = s
	}
	trees := make([][]entry, len(x.nodes))
	for _, r := range readers {
		for _, t := range r.trees {
			trees[t.node] = r.entries[t.first:t.last]
			if trees[t.node] == nil {
				trees[t.node] = []entry{} // read, and empty
			}
		}
	}
	return trees
}

// walk goes down from the roots and notes the paths of blobs. Each tree is entered once under each path.
func (x *Index) walk(trees [][]entry, roots []odb.ID) {
	x.blobs = make([][]place, len(x.nodes))
	w := walker{x: x, trees: trees, seen: map[uint64]struct{}{}, subdirs: map[uint64]uint32{}}
	for _, id := range roots {
		if n, ok := x.nodes[id]; ok {
			w.enter(n, 0, 0)
		}
	}
	named := make([]bool, len(x.nodes))
	for _, entries := range trees {
		for _, e := range entries {
			named[e.node] = true
		}
	}
	for n, entries := range trees {
		if len(entries) > 0 && !named[n] {
			w.enter(uint32(n), 0, 0)
		}
	}
}

type walker struct {
	x       *Index
	trees   [][]entry
	seen    map[uint64]struct{} // tree and folder
	subdirs map[uint64]uint32   // folder and name
	noted   map[place]bool      // places of links and holes
}

const (
	maxDepth = 512
	maxSteps = 20_000_000 // pairs of tree and path: a few small trees can make up billions of paths
)

func (w *walker) enter(tree, at uint32, depth int) {
	key := uint64(tree)<<32 | uint64(at)
	if _, known := w.seen[key]; known || depth > maxDepth || len(w.seen) >= maxSteps {
		return
	}
	w.seen[key] = struct{}{}
	for _, e := range w.trees[tree] {
		switch e.kind {
		case isTree:
			if w.trees[e.node] == nil {
				w.note(&w.x.holes, place{at, e.name})
				continue
			}
			w.enter(e.node, w.subdir(at, e.name), depth+1)
		case isLink:
			w.note(&w.x.links, place{at, e.name})
		default:
			w.x.add(e.node, place{at, e.name})
		}
	}
}

func (w *walker) subdir(at, name uint32) uint32 {
	key := uint64(at)<<32 | uint64(name)
	d, ok := w.subdirs[key]
	if !ok {
		d = uint32(len(w.x.dirs))
		w.x.dirs = append(w.x.dirs, dir{at, name})
		w.subdirs[key] = d
	}
	return d
}

// note appends a path to a list, once.
func (w *walker) note(list *[]string, p place) {
	if w.noted == nil {
		w.noted = map[place]bool{}
	}
	if w.noted[p] {
		return
	}
	w.noted[p] = true
	*list = append(*list, w.x.path(p))
}

func (x *Index) add(node uint32, p place) {
	list := x.blobs[node]
	// The newest place is the likeliest to come again: the next version of the same folder.
	for i := len(list) - 1; i >= 0; i-- {
		if list[i] == p {
			return
		}
	}
	if len(list) < MaxPaths {
		x.blobs[node] = append(list, p)
	}
}

// Paths returns the paths of a blob, sorted; none for one that no tree names.
func (x *Index) Paths(id odb.ID) []string {
	n, ok := x.nodes[id]
	if !ok {
		return nil
	}
	out := make([]string, 0, len(x.blobs[n]))
	for _, p := range x.blobs[n] {
		out = append(out, x.path(p))
	}
	slices.Sort(out)
	return out
}

func (x *Index) path(p place) string {
	parts := []string{x.names[p.name]}
	for d := p.dir; d != 0; d = x.dirs[d].parent {
		parts = append(parts, x.names[x.dirs[d].name])
	}
	slices.Reverse(parts)
	return strings.Join(parts, "/")
}

// Blobs calls visit for every blob that trees name, in no order.
func (x *Index) Blobs(visit func(id odb.ID)) {
	for id, n := range x.nodes {
		if len(x.blobs[n]) > 0 {
			visit(id)
		}
	}
}

// Links are the submodules that any tree holds, each path once.
func (x *Index) Links() []string { return x.links }

// Holes are the folders whose tree is missing, so that what was below them is not known.
func (x *Index) Holes() []string { return x.holes }

// All calls visit for every path under which a blob ever stood, each once, in no order.
func (x *Index) All(visit func(path string)) {
	seen := map[place]struct{}{}
	for _, list := range x.blobs {
		for _, p := range list {
			if _, known := seen[p]; !known {
				seen[p] = struct{}{}
				visit(x.path(p))
			}
		}
	}
}

// Stats tells what of the trees could not be read.
func (x *Index) Stats() *odb.EachStats { return &x.stats }
