package paths

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/git/odb"
)

// An Appearance is one path under which a blob stood.
type Appearance struct {
	Path        string
	First, Last int  // the lowest and the highest of the roots that have it there
	InHead      bool // so has the head
}

// maxAppearances bounds the paths: a few trees that hold one another many times make up billions of them.
const maxAppearances = 250_000

// Locate tells where blobs stood below the trees in roots, and in head, which is one of them or zero. One that stands in no root
// is not in the answer, whose lists are sorted by path. It reports false if there were more paths than it can hold.
func (x *Index) Locate(ctx context.Context, roots []odb.ID, head odb.ID, blobs map[odb.ID]struct{}) (found map[odb.ID][]Appearance, whole bool, err error) {
	l := x.newLocator(blobs)
	for i, id := range roots {
		l.start(id, span{first: int32(i), last: int32(i)})
	}
	l.start(head, span{first: math.MaxInt32, last: -1, inHead: true})
	for d := range x.dirs {
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		if l.cut {
			break
		}
		l.enter(uint32(d))
	}
	return l.appearances(), !l.cut, nil
}

// A span is the first and last of the roots that have something. None has it if last < 0.
type span struct {
	first, last int32
	inHead      bool
}

func (s *span) join(other span) {
	s.first, s.last = min(s.first, other.first), max(s.last, other.last)
	s.inHead = s.inHead || other.inHead
}

// A standing is a tree or a run, and where the roots have it in a folder.
type standing struct {
	thing uint32
	span
}

type blobPlace struct {
	node uint32
	place
}

// A locator goes from folder to folder as a walker does, but only where wanted blobs may stand.
type locator struct {
	*Index
	wanted map[uint32]odb.ID
	inWay  []bool       // by folder
	queue  [][]standing // by folder: trees
	runs   []standing   // of the folder at hand
	treeAt slots
	runAt  slots
	child  []uint32   // by name: the folder of this name in the one at hand, if it is that
	subs   [][]uint32 // by folder: those in it that are in the way
	places map[blobPlace]span
	cut    bool
}

func (x *Index) newLocator(blobs map[odb.ID]struct{}) *locator {
	l := &locator{
		Index: x, wanted: map[uint32]odb.ID{}, inWay: make([]bool, len(x.dirs)), queue: make([][]standing, len(x.dirs)),
		treeAt: newSlots(&x.homes), runAt: newSlots(&x.runIn),
		child: make([]uint32, x.names.limit()), subs: make([][]uint32, len(x.dirs)), places: map[blobPlace]span{},
	}
	for id := range blobs {
		n, ok := x.nodes.find(id)
		if !ok {
			continue
		}
		l.wanted[n] = id
		places := x.places(n)
		if len(places) == MaxPaths { // perhaps there were more
			for d := range l.inWay {
				l.inWay[d] = true
			}
		}
		for _, p := range places {
			for d := p.dir; !l.inWay[d]; d = x.dirs[d].dir {
				l.inWay[d] = true
			}
		}
	}
	for d, is := range l.inWay {
		if is && d > 0 {
			l.subs[x.dirs[d].dir] = append(l.subs[x.dirs[d].dir], uint32(d))
		}
	}
	return l
}

// start puts a root on the list of the topmost folder.
func (l *locator) start(id odb.ID, s span) {
	if t, ok := l.tree(id); ok {
		l.put(0, standing{t, s})
	}
}

func (l *locator) put(dir uint32, s standing) { l.queue[dir] = l.treeAt.join(l.queue[dir], s, dir) }

func (l *locator) enter(d uint32) {
	for _, sub := range l.subs[d] {
		l.child[l.dirs[sub].name] = sub
	}
	l.runs = l.runs[:0]
	for _, s := range l.queue[d] {
		for _, r := range l.trees[s.thing] {
			l.runs = l.runAt.join(l.runs, standing{r, s.span}, d)
		}
	}
	l.queue[d] = nil
	for _, s := range l.runs {
		l.look(d, s)
	}
}

func (l *locator) look(d uint32, s standing) {
	for _, e := range l.Index.runs[s.thing] {
		name := e.name &^ kindBits
		switch e.name & kindBits {
		case isTree:
			if sub := l.child[name]; sub != 0 && l.dirs[sub].dir == d && l.treeOf[e.node] != 0 {
				l.put(sub, standing{l.treeOf[e.node] - 1, s.span})
			}
		case isBlob:
			if _, ok := l.wanted[e.node]; ok {
				l.found(blobPlace{e.node, place{d, name}}, s.span)
			}
		}
	}
}

// Slots find a thing in the list of a folder.
type slots struct {
	homes *homes
	at    []uint32 // by thing: its place in the list of its home
	more  map[pair]uint32
}

func newSlots(h *homes) slots { return slots{h, make([]uint32, len(h.first)), map[pair]uint32{}} }

// join puts a standing on the list of a folder, or joins it to that of the same thing there.
func (s *slots) join(list []standing, one standing, dir uint32) []standing {
	at, ok := s.at[one.thing], true
	home := s.homes.first[one.thing] == dir+1
	if !home {
		at, ok = s.more[pair{one.thing, dir}]
	}
	if ok && int(at) < len(list) && list[at].thing == one.thing {
		list[at].join(one.span)
		return list
	}
	if at = uint32(len(list)); home {
		s.at[one.thing] = at
	} else {
		s.more[pair{one.thing, dir}] = at
	}
	return append(list, one)
}

func (l *locator) found(p blobPlace, s span) {
	old, ok := l.places[p]
	if ok {
		s.join(old)
	} else if len(l.places) == maxAppearances {
		l.cut = true
		return
	}
	l.places[p] = s
}

func (l *locator) appearances() map[odb.ID][]Appearance {
	out := map[odb.ID][]Appearance{}
	for p, s := range l.places {
		if s.last < 0 {
			continue // in a head that is none of the roots
		}
		id := l.wanted[p.node]
		out[id] = append(out[id], Appearance{Path: l.path(p.place), First: int(s.first), Last: int(s.last), InHead: s.inHead})
	}
	for _, list := range out {
		slices.SortFunc(list, func(a, b Appearance) int { return cmp.Or(strings.Compare(a.Path, b.Path), a.First-b.First) })
	}
	return out
}
