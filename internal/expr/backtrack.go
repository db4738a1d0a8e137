package expr

// backtrackMemory is how many bytes the backtracker's memory of visited places may take; longer matches are left to
// the thread simulation.
const backtrackMemory = 128 << 10

// A backtracker finds the groups of a match whose start is known. It tries threads in order of preference and
// remembers at which place it has taken which alternative, so that its work is bounded by the product of the two.
type backtracker struct {
	visited []uint64 // a row of bits for each position, one bit for each alternative
	stamps  []uint32 // rows with another stamp than the current count as empty
	stamp   uint32
	jobs    []job
	caps    []int
	work    int // threads tried since the caller set it to 0
}

// A job is a thread to try, or with restore a slot to put back.
type job struct {
	pc, pos int
	restore bool
}

// match looks for the preferred match that begins at start and ends at most at end. over says that memory would not
// have sufficed, so that the answer is not known. The result is valid until the next call.
func (b *backtracker) match(p *program, text []byte, start, end int) (caps []int, over bool) {
	width := (p.numAlt + 63) / 64
	limit := min(end, start+backtrackMemory/8/max(width, 1)-1)
	if limit < start {
		return nil, true
	}
	b.prepare(p.numCap, limit-start+1, width)
	b.jobs = append(b.jobs[:0], job{pc: int(p.start), pos: start})
	for len(b.jobs) > 0 {
		j := b.jobs[len(b.jobs)-1]
		b.jobs = b.jobs[:len(b.jobs)-1]
		if j.restore {
			b.caps[j.pc] = j.pos
			continue
		}
		ok, beyond := b.try(p, text, j.pc, j.pos, start, limit, width)
		if beyond && limit < end {
			return nil, true
		}
		if ok {
			b.caps[0] = start
			return b.caps, false
		}
	}
	return nil, false
}

func (b *backtracker) prepare(numCap, rows, width int) {
	if len(b.stamps) < rows {
		b.stamps = make([]uint32, rows)
	}
	if len(b.visited) < rows*width {
		b.visited = make([]uint64, rows*width)
		clear(b.stamps)
	}
	if b.stamp++; b.stamp == 0 {
		clear(b.stamps)
		b.stamp = 1
	}
	b.caps = b.caps[:0]
	for range max(numCap, 2) {
		b.caps = append(b.caps, -1)
	}
}

// visit says whether the alternative is new at this position.
func (b *backtracker) visit(alt uint32, row, width int) bool {
	bits := b.visited[row*width : row*width+width]
	if b.stamps[row] != b.stamp {
		b.stamps[row] = b.stamp
		clear(bits)
	}
	if bits[alt/64]>>(alt%64)&1 != 0 {
		return false
	}
	bits[alt/64] |= 1 << (alt % 64)
	return true
}

// try follows one thread until it fails or matches; beyond says that it failed for wanting to read past limit.
func (b *backtracker) try(p *program, text []byte, pc, pos, start, limit, width int) (ok, beyond bool) {
	for {
		b.work++
		in := &p.insts[pc]
		switch in.op {
		case opAlt:
			if !b.visit(in.alt, pos-start, width) {
				return false, false
			}
			b.jobs = append(b.jobs, job{pc: int(in.arg), pos: pos})
		case opRune:
			if pos >= limit {
				return false, true
			}
			w, accepted := p.accepts(in, text, pos)
			if !accepted {
				return false, false
			}
			if pos += w; pos > limit {
				return false, true
			}
		case opCapture:
			if int(in.arg) < len(b.caps) {
				b.jobs = append(b.jobs, job{pc: int(in.arg), pos: b.caps[in.arg], restore: true})
				b.caps[in.arg] = pos
			}
		case opAssert:
			if in.arg&^uint32(emptyOps(before(text, pos), after(text, pos))) != 0 {
				return false, false
			}
		case opMatch:
			b.caps[1] = pos
			return true, false
		default:
			return false, false
		}
		pc = int(in.out)
	}
}
