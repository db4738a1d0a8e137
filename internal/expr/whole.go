package expr

import "unicode/utf8"

func (w *warm) prepareWhole(e *Expr) {
	if w.search != nil {
		return
	}
	whole := e.whole()
	w.search = newDFA(whole.forward, leftmostWins)
	w.start = newDFA(whole.backward, allThreads)
}

// wholeGaveUp says that an automaton has given up without which there is no fast search of the whole text.
func (w *warm) wholeGaveUp() bool { return w.search.giveUp || w.start.giveUp }

// findWhole looks from pos on as regexp does, until dst has n matches: after an empty match it goes on by one
// character, and an empty match beside the match before does not count.
func (m *Machine) findWhole(dst [][]int, w *warm, e *Expr, text []byte, pos, n int) [][]int {
	w.prepareWhole(e)
	lastEnd := -1
	if pos > 0 {
		lastEnd = pos
	}
	for pos <= len(text) && len(dst) != n {
		loc := m.next(w, e, text, pos)
		if loc == nil {
			return dst
		}
		accept := true
		if loc[1] == pos {
			accept = loc[0] != lastEnd
			_, width := utf8.DecodeRune(text[pos:])
			pos += max(width, 1)
		} else {
			pos = loc[1]
		}
		lastEnd = loc[1]
		if accept {
			dst = append(dst, loc)
		}
	}
	return dst
}

// next returns the groups of the preferred match from pos on, nil if there is none.
func (m *Machine) next(w *warm, e *Expr, text []byte, pos int) []int {
	if w.wholeGaveUp() {
		return m.simulate(w, e, text, pos)
	}
	end := w.search.end(text, pos)
	if end < 0 {
		return nil
	}
	start, _ := w.start.leftmost(text, end, pos)
	if e.groups == 0 {
		return []int{start, end}
	}
	return padded(e, m.run(e.main(), text, start, end))
}

// simulate does the same by running threads. A relaxed automaton goes before: where it finds no end of a match, none
// need run, and where it does, only starts near it come into question.
func (m *Machine) simulate(w *warm, e *Expr, text []byte, pos int) []int {
	if w.sieve == nil {
		w.sieve = newDFA(e.sieve(), allThreads)
	}
	reach := maxLength(e.tree)
	for pos <= len(text) {
		first, last := pos, len(text)
		if !w.sieve.giveUp {
			ok, at := w.sieve.exists(text, pos, Unbounded)
			if !ok {
				return nil
			}
			if reach != Unbounded {
				first, last = max(pos, character(text, at-reach)), at
			}
		}
		if caps := m.sim.match(e.main(), text, first, last); caps != nil {
			return padded(e, caps)
		}
		if last == len(text) {
			return nil
		}
		_, width := utf8.DecodeRune(text[last:])
		pos = last + width
	}
	return nil
}

// character returns where the character begins that the byte at i belongs to.
func character(text []byte, i int) int {
	for start := max(i-utf8.UTFMax+1, 0); start < i; start++ {
		if _, width := utf8.DecodeRune(text[start:]); start+width > i {
			return start
		}
	}
	return i
}

// Matches says whether the expression matches anywhere in text.
func (m *Machine) Matches(e *Expr, text []byte) bool {
	e.open()
	w := m.warm(e)
	w.prepareWhole(e)
	ok := false
	if w.wholeGaveUp() {
		ok = m.simulate(w, e, text, 0) != nil
	} else {
		ok, _ = w.search.exists(text, 0, Unbounded)
	}
	m.used(w)
	return ok
}
