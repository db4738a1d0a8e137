package expr

import "unicode/utf8"

// A simulator runs all threads of a program side by side over a text. It is the slow and sure way: linear in the text
// times the program, whatever the expression. It serves where a match is too long for the backtracker, and where an
// automaton has too many states to be worth its making.
type simulator struct {
	now, next threads
	stack     []pending
	best      []int
	work      int // threads moved since the caller set it to 0
}

// threads is a list in order of preference, each instruction at most once.
type threads struct {
	pcs   []uint32
	seen  []uint32 // stamps by instruction
	stamp uint32
	caps  []int // numCap values for each thread
}

// pending is an instruction to add, or a slot to put back.
type pending struct {
	pc      int
	value   int
	restore bool
}

// match returns the slots of the preferred match that begins at start or later and at most at last; nil if there is
// none. The result is valid until the next call.
func (s *simulator) match(p *program, text []byte, start, last int) []int {
	numCap := max(p.numCap, 2)
	s.now.reset(len(p.insts))
	s.next.reset(len(p.insts))
	s.best = s.best[:0]
	caps := make([]int, numCap)
	for i := start; ; {
		if len(s.best) == 0 && i <= last {
			for j := range caps {
				caps[j] = -1
			}
			caps[0] = i
			s.add(p, &s.now, int(p.start), text, i, caps)
		}
		if len(s.now.pcs) == 0 && (i >= last || len(s.best) > 0) {
			break
		}
		width := 1
		if i < len(text) && text[i] >= utf8.RuneSelf {
			_, width = utf8.DecodeRune(text[i:])
		}
		s.work += len(s.now.pcs) + 1
		s.step(p, text, i, numCap, caps)
		s.now, s.next = s.next, s.now
		s.next.clear()
		if i >= len(text) {
			break
		}
		i += width
	}
	if len(s.best) == 0 {
		return nil
	}
	return s.best
}

// step moves the threads over the character at i and stops at a match, which is preferred to all after it.
func (s *simulator) step(p *program, text []byte, i, numCap int, caps []int) {
	for t, pc := range s.now.pcs {
		own := s.now.caps[t*numCap : t*numCap+numCap]
		in := &p.insts[pc]
		if in.op == opMatch {
			s.best = append(s.best[:0], own...)
			s.best[1] = i
			return
		}
		if i >= len(text) {
			continue
		}
		if width, ok := p.accepts(in, text, i); ok {
			copy(caps, own)
			s.add(p, &s.next, int(in.out), text, i+width, caps)
		}
	}
}

// add follows a thread to the instructions that read a character or match, in order of preference. caps is scratch
// and comes back as it was.
func (s *simulator) add(p *program, list *threads, pc int, text []byte, i int, caps []int) {
	holds := uint32(emptyOps(before(text, i), after(text, i)))
	s.stack = append(s.stack[:0], pending{pc: pc})
	for len(s.stack) > 0 {
		top := s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
		if top.restore {
			caps[top.pc] = top.value
			continue
		}
		if list.seen[top.pc] == list.stamp {
			continue
		}
		list.seen[top.pc] = list.stamp
		switch in := &p.insts[top.pc]; in.op {
		case opAlt:
			s.stack = append(s.stack, pending{pc: int(in.arg)}, pending{pc: int(in.out)})
		case opCapture:
			if int(in.arg) < len(caps) {
				s.stack = append(s.stack, pending{pc: int(in.arg), value: caps[in.arg], restore: true})
				caps[in.arg] = i
			}
			s.stack = append(s.stack, pending{pc: int(in.out)})
		case opAssert:
			if in.arg&^holds == 0 {
				s.stack = append(s.stack, pending{pc: int(in.out)})
			}
		case opRune, opMatch:
			list.pcs = append(list.pcs, uint32(top.pc))
			list.caps = append(list.caps, caps...)
		}
	}
}

func (t *threads) reset(insts int) {
	if len(t.seen) < insts {
		t.seen = make([]uint32, insts)
		t.stamp = 0
	}
	t.clear()
}

func (t *threads) clear() {
	t.pcs, t.caps = t.pcs[:0], t.caps[:0]
	if t.stamp++; t.stamp == 0 {
		clear(t.seen)
		t.stamp = 1
	}
}
