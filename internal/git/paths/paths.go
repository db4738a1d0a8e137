package paths

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/assaysec/assay/internal/git/odb"
)

// MaxPaths bounds the paths kept for one blob. A licence text that lies in ten thousand places need not be named for each.
const MaxPaths = 256

// An Index holds the paths of all blobs that trees name.
type Index struct {
	format odb.Format
	names  *names
	nodes  *nodes
	treeOf []uint32 // by node: a tree, plus one; 0 where there is none
	trees  [][]run  // kept for Locate
	runs   [][]entry
	dirs   []place // 0 is the root
	homes  homes   // of trees
	runIn  homes   // of runs
	first  []place // by node: where a blob stood
	more   map[uint32][]place
	links  []place  // submodules
	holes  []place  // folders whose tree is not there
	lost   []odb.ID // roots that are not there
	broken []odb.ID
	cut    bool // some paths are not known
}

// A place is a name in a folder. A folder is itself a name in a folder.
type place struct{ dir, name uint32 }

var nowhere = place{name: ^uint32(0)}

// Index makes the index of the trees that were added. roots are the trees that paths start from; trees that no other tree
// names are taken as roots as well. The builder is used up.
func (b *Builder) Index(ctx context.Context, roots []odb.ID) (*Index, error) {
	b.names.close()
	x := &Index{format: b.format, names: b.names, nodes: b.nodes, treeOf: make([]uint32, b.nodes.limit()), dirs: make([]place, 1),
		more: map[uint32][]place{}, cut: b.full.Load()}
	x.joinRuns(b.readers)
	for _, r := range b.readers {
		for _, t := range r.trees {
			x.trees = append(x.trees, t.runs)
			x.treeOf[t.node] = uint32(len(x.trees))
		}
		x.broken = append(x.broken, r.broken...)
	}
	b.readers = nil
	slices.SortFunc(x.broken, odb.ID.Compare)
	x.first = slices.Repeat([]place{nowhere}, len(x.treeOf))
	if err := x.walk(ctx, roots); err != nil {
		return nil, err
	}
	return x, nil
}

// joinRuns puts the runs of all readers where their numbers say.
func (x *Index) joinRuns(readers []reader) {
	most := 0
	for _, r := range readers {
		most = max(most, len(r.runs))
	}
	x.runs = make([][]entry, most*len(readers))
	for i := range readers {
		for n, r := range readers[i].runs {
			x.runs[n*len(readers)+i] = r
		}
		readers[i].runs = nil
	}
}

func (x *Index) tree(id odb.ID) (uint32, bool) {
	n, ok := x.nodes.find(id)
	if !ok || x.treeOf[n] == 0 {
		return 0, false
	}
	return x.treeOf[n] - 1, true
}

func (x *Index) add(node uint32, p place) {
	switch x.first[node] {
	case p:
		return
	case nowhere:
		x.first[node] = p
		return
	}
	list := x.more[node]
	if len(list) == MaxPaths-1 {
		return
	}
	// The newest place is the likeliest to come again: the next version of the same folder.
	for _, old := range slices.Backward(list) {
		if old == p {
			return
		}
	}
	x.more[node] = append(list, p)
}

// places are where a blob stood.
func (x *Index) places(node uint32) []place {
	if x.first[node] == nowhere {
		return nil
	}
	return append([]place{x.first[node]}, x.more[node]...)
}

// Paths returns the paths of a blob, sorted; none for one that no tree names.
func (x *Index) Paths(id odb.ID) []string {
	n, ok := x.nodes.find(id)
	if !ok {
		return nil
	}
	places := x.places(n)
	out := make([]string, len(places))
	for i, p := range places {
		out[i] = x.path(p)
	}
	slices.Sort(out)
	return out
}

func (x *Index) path(p place) string {
	size := len(x.names.text(p.name))
	for d := p.dir; d != 0; d = x.dirs[d].dir {
		size += len(x.names.text(x.dirs[d].name)) + 1
	}
	out := make([]byte, size)
	for {
		name := x.names.text(p.name)
		size -= copy(out[size-len(name):], name)
		if p.dir == 0 {
			return string(out)
		}
		size--
		out[size] = '/'
		p = x.dirs[p.dir]
	}
}

// Blobs calls visit for every blob that trees name, in no order.
func (x *Index) Blobs(visit func(id odb.ID)) {
	x.nodes.all(func(id odb.ID, n uint32) {
		if x.first[n] != nowhere {
			visit(id)
		}
	})
}

// Links are the submodules that any tree holds, each path once, those nearest to the root, sorted, and how many there are.
func (x *Index) Links(most int) (paths []string, all int) { return x.some(x.links, most) }

// Holes are, in the same way, the folders whose tree is missing, so that what was below them is not known.
func (x *Index) Holes(most int) (paths []string, all int) { return x.some(x.holes, most) }

func (x *Index) some(places []place, most int) (paths []string, all int) {
	for _, p := range places[:min(most, len(places))] {
		paths = append(paths, x.path(p))
	}
	slices.Sort(paths)
	return paths, len(places)
}

// Lost are the roots that are missing.
func (x *Index) Lost() []odb.ID { return x.lost }

// Broken are the trees with a malformed entry; those before it are known.
func (x *Index) Broken() []odb.ID { return x.broken }

// Cut tells that some paths are not known, because there are too many or they are too deep.
func (x *Index) Cut() bool { return x.cut }

// All calls visit for every path under which a blob ever stood, each once, in no order.
func (x *Index) All(visit func(path string)) {
	seen := map[place]struct{}{}
	for n, p := range x.first {
		if p == nowhere {
			continue
		}
		for _, p := range x.places(uint32(n)) {
			if _, known := seen[p]; !known {
				seen[p] = struct{}{}
				visit(x.path(p))
			}
		}
	}
}

// A Set is some of the objects that an index knows. Several goroutines may add to it at a time.
type Set struct {
	index *Index
	has   []atomic.Bool // by node
}

// NewSet makes an empty set.
func (x *Index) NewSet() *Set { return &Set{x, make([]atomic.Bool, len(x.first))} }

// Add adds an object, if the index knows it.
func (s *Set) Add(id odb.ID) {
	if n, ok := s.index.nodes.find(id); ok {
		s.has[n].Store(true)
	}
}

// Has tells whether an object was added.
func (s *Set) Has(id odb.ID) bool {
	n, ok := s.index.nodes.find(id)
	return ok && s.has[n].Load()
}
