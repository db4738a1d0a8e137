package expr

import "github.com/assaysec/assay/internal/litscan"

// machineMemory is how many bytes the automata of one machine may take together; then all are made anew.
const machineMemory = 64 << 20

// A Machine holds what changes while matching: the states of automata and scratch memory. One goroutine uses it at a
// time, and it grows faster the more texts it has seen. The zero value is ready.
type Machine struct {
	exprs  map[*Expr]*warm
	groups map[*Group]*dfa
	memory int // of all automata, as of the last time each was used
	back   backtracker
	sim    simulator
	work   int      // steps taken around hits in the current call
	which  []uint64 // of a group, a bit for each expression
}

// warm is what a machine has built for one expression. Its automata are made when they are first wanted.
type warm struct {
	parts  []warmPart
	search *dfa // of the whole expression, unanchored
	start  *dfa // of the whole expression, backward
	sieve  *dfa // of the whole expression, unanchored and relaxed, once search has given up
	memory int
}

// warmPart belongs to one branch.
type warmPart struct {
	forward *dfa
	loose   *dfa // instead of forward, once that has given up
	reverse *dfa // nil where nothing stands before the literal
	after   int  // how many bytes a match of the forward part has at most
	span    int  // how many characters
}

func (m *Machine) warm(e *Expr) *warm {
	if w := m.exprs[e]; w != nil {
		return w
	}
	w := &warm{memory: 1 << 10}
	m.memory += w.memory
	if m.exprs == nil || m.memory > machineMemory {
		m.forget()
		m.exprs[e] = w
		return w
	}
	m.exprs[e] = w
	return w
}

func (m *Machine) forget() {
	m.exprs = make(map[*Expr]*warm)
	m.groups = make(map[*Group]*dfa)
	m.memory = 0
}

// used takes account of what an expression's automata have grown by.
func (m *Machine) used(w *warm) {
	memory := 1<<10 + w.search.size() + w.start.size() + w.sieve.size()
	for i := range w.parts {
		p := &w.parts[i]
		memory += p.forward.size() + p.loose.size() + p.reverse.size()
	}
	m.memory += memory - w.memory
	w.memory = memory
	if m.memory > machineMemory {
		m.forget()
	}
}

func (w *warm) prepareParts(e *Expr) {
	if w.parts != nil {
		return
	}
	for i, a := range e.parts() {
		from := e.split.branches[i].from
		part := warmPart{forward: newDFA(a.forward, allThreads), after: maxLength(from), span: maxCharacters(from)}
		if a.backward != nil {
			part.reverse = newDFA(a.backward, allThreads)
		}
		part.relax(e, i)
		w.parts = append(w.parts, part)
	}
}

// relax makes the substitute for a forward automaton that has given up.
func (p *warmPart) relax(e *Expr, branch int) {
	if p.forward.giveUp && p.loose == nil {
		p.forward.reset()
		p.loose = newDFA(e.loose()[branch], allThreads)
	}
}

// partsGaveUp says that an automaton has given up without which there is no looking around hits.
func (w *warm) partsGaveUp() bool {
	for i := range w.parts {
		if p := &w.parts[i]; p.reverse != nil && p.reverse.giveUp || p.loose != nil && p.loose.giveUp {
			return true
		}
	}
	return false
}

// FindAll appends what regexp.FindAllSubmatchIndex(text, -1) returns. hits are all occurrences in text of the
// expression's Literals, in ascending order; their Lit is not looked at. Where Literals is nil, hits do not matter. The
// ends of text count as such for anchors and word boundaries: who cuts a long text into windows keeps this in mind.
func (m *Machine) FindAll(dst [][]int, e *Expr, text []byte, hits []litscan.Hit) [][]int {
	return m.FindUpTo(dst, e, text, hits, -1)
}

// FindUpTo is FindAll for at most n matches, or all if n is negative. Where an expression looks far beyond each match
// and a text has many, a limit keeps the work in proportion to the text.
func (m *Machine) FindUpTo(dst [][]int, e *Expr, text []byte, hits []litscan.Hit, n int) [][]int {
	if n == 0 || e.Literals != nil && len(hits) == 0 {
		return dst
	}
	e.open()
	if n > 0 {
		n += len(dst)
	}
	w := m.warm(e)
	if e.split == nil || e.split.before == Unbounded {
		dst = m.findWhole(dst, w, e, text, 0, n)
	} else {
		dst = m.findAround(dst, w, e, text, hits, n)
	}
	m.used(w)
	return dst
}

// findAround looks around hits only, until dst has n matches. Matches are not empty, for they contain a literal, and so
// each search goes on where the match before ended.
func (m *Machine) findAround(dst [][]int, w *warm, e *Expr, text []byte, hits []litscan.Hit, n int) [][]int {
	w.prepareParts(e)
	m.work = 0
	low := 0
	for len(hits) > 0 && len(dst) != n {
		start := -1
		if !w.partsGaveUp() {
			start = m.leftmost(w, e, text, hits, low)
		}
		if m.overworked(text) || w.partsGaveUp() {
			return m.findWhole(dst, w, e, text, low, n)
		}
		if start < 0 {
			return dst
		}
		loc := padded(e, m.run(e.main(), text, start, len(text)))
		dst = append(dst, loc)
		low = loc[1]
		for len(hits) > 0 && int(hits[0].Pos) < low {
			hits = hits[1:]
		}
	}
	return dst
}

// overworked says that checks at hits have cost more than a search of the whole text would. Long checks at many hits
// are quadratic, and that is not.
func (m *Machine) overworked(text []byte) bool { return m.work > 4*len(text)+1<<16 }

// leftmost returns the least start, from low on, of all matches that contain one of the hits, -1 if there is none.
func (m *Machine) leftmost(w *warm, e *Expr, text []byte, hits []litscan.Hit, low int) int {
	least := -1
	last := -1
	for _, hit := range hits {
		h := int(hit.Pos)
		if least >= 0 && h-e.split.before > least {
			break // a match that contains this hit begins later
		}
		if h == last || h > len(text) {
			continue
		}
		last = h
		for i := range w.parts {
			part := &w.parts[i]
			if !m.follows(e, i, part, text, h) {
				continue
			}
			start := h
			if part.reverse != nil {
				var at int
				start, at = part.reverse.leftmost(text, h, low)
				m.work += h - at
			}
			if start >= 0 && (least < 0 || start < least) {
				least = start
			}
		}
		if m.overworked(text) {
			break
		}
	}
	return least
}

// follows says whether the forward part of a branch matches at h. Where its automaton has given up, a relaxed one
// refuses most places, and the others are checked by running threads.
func (m *Machine) follows(e *Expr, branch int, part *warmPart, text []byte, h int) bool {
	if part.loose == nil {
		ok, at := part.forward.exists(text, h, Unbounded)
		m.work += at - h
		part.relax(e, branch)
		return ok
	}
	ok, at := part.loose.exists(text, h, part.span)
	m.work += at - h
	if !ok {
		return false
	}
	end := len(text)
	if part.after != Unbounded {
		end = min(end, h+part.after)
	}
	m.back.work, m.sim.work = 0, 0
	ok = m.run(e.parts()[branch].forward, text, h, end) != nil
	m.work += m.back.work + m.sim.work
	return ok
}

// run returns the slots of the preferred match at start, which ends at most at end; nil if there is none.
func (m *Machine) run(p *program, text []byte, start, end int) []int {
	caps, over := m.back.match(p, text, start, end)
	if over {
		caps = m.sim.match(p, text, start, start)
	}
	return caps
}

// padded copies slots to a slice that has room for all groups; those that the program has no slots for did not match.
func padded(e *Expr, caps []int) []int {
	loc := make([]int, 2+2*e.groups)
	for i := copy(loc, caps); i < len(loc); i++ {
		loc[i] = -1
	}
	return loc
}
