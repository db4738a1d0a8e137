package expr

import (
	"math/bits"
	"regexp/syntax"
	"sync"
)

// A Group is a list of expressions that are asked together which of them match a text. It may be shared.
type Group struct {
	exprs   []*Expr
	program func() *program
}

// NewGroup makes a group; answers are indexes in exprs.
func NewGroup(exprs []*Expr) *Group {
	g := &Group{exprs: exprs}
	g.program = sync.OnceValue(func() *program {
		trees := make([]*syntax.Regexp, len(exprs))
		for i, e := range exprs {
			e.open()
			trees[i] = plain(e.tree)
		}
		return mustSearch(trees...)
	})
	return g
}

// GroupMatch appends to dst, in ascending order, the indexes of the expressions that match anywhere in text.
func (m *Machine) GroupMatch(g *Group, text []byte, dst []int) []int {
	if len(g.exprs) == 0 {
		return dst
	}
	d := m.group(g)
	m.which = append(m.which[:0], make([]uint64, (len(g.exprs)+63)/64)...)
	if !d.giveUp {
		size := d.size()
		d.all(text, m.which)
		m.memory += d.size() - size
	}
	if d.giveUp {
		return m.eachMatch(g, text, dst)
	}
	for i, word := range m.which {
		for ; word != 0; word &= word - 1 {
			dst = append(dst, 64*i+bits.TrailingZeros64(word))
		}
	}
	return dst
}

func (m *Machine) group(g *Group) *dfa {
	if d := m.groups[g]; d != nil {
		return d
	}
	if m.groups == nil || m.memory > machineMemory {
		m.forget()
	}
	d := newDFA(g.program(), allThreads)
	d.found = make(map[int32]uint32)
	m.memory += d.size()
	m.groups[g] = d
	return d
}

// eachMatch asks one expression after the other, where their common automaton is too large.
func (m *Machine) eachMatch(g *Group, text []byte, dst []int) []int {
	for i, e := range g.exprs {
		if m.Matches(e, text) {
			dst = append(dst, i)
		}
	}
	return dst
}

// all sets the bits of the numbers that have a match anywhere in the text.
func (d *dfa) all(text []byte, which []uint64) {
	s := d.begin(kindEdge)
	from := 0
	for i := 0; ; {
		class, width := int32(d.p.numClasses), 1
		if i < len(text) {
			class = d.ascii[text[i]]
			if class < 0 {
				c, w := d.p.forward(text, i)
				class, width = int32(c), w
			}
		}
		next := d.trans[s+class]
		if next == unknown {
			d.read += i - from
			from = i
			if next = d.step(s, class); d.giveUp {
				return
			}
			for _, n := range d.numbers {
				which[n/64] |= 1 << (n % 64)
			}
		} else if next >= matched {
			for _, n := range d.lists[d.found[s+class]] {
				which[n/64] |= 1 << (n % 64)
			}
		}
		if i == len(text) {
			d.read += i - from
			return
		}
		s = next &^ matched
		i += width
	}
}
