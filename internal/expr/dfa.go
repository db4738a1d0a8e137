package expr

import (
	"encoding/binary"
	"math"
	"slices"
	"unicode/utf8"
)

// What a transition says. A plain value is the offset of the next state's row, which is never 0.
const (
	dead    = 0       // no match can follow
	matched = 1 << 30 // a match ends before the character just read; the rest is the next state
	unknown = -1      // not computed yet
)

const (
	// dfaMemory is how many bytes the states of one automaton may take before they are thrown away and made anew.
	dfaMemory = 1 << 20
	// dfaTrial is when an automaton must have shown its worth: states that serve only a few bytes each cost more than
	// simulating the threads would.
	dfaTrial = 128 << 10
	dfaWorth = 10 // bytes read per state
)

// A priority says what an automaton keeps of its threads.
type priority bool

const (
	allThreads   priority = false // a set: any match counts
	leftmostWins priority = true  // a list in order of preference, cut at a match, as regexp prefers
)

// A dfa is a deterministic automaton over a program, made while it runs. A state is the list of instructions at which
// threads wait and the kind of the character before; threads go on only when the next character is known, because
// assertions depend on it. A match is therefore seen one character late, and the end of the text counts as one.
type dfa struct {
	p       *program
	keep    priority
	ascii   [256]int32 // class of each byte, -1 where a rune must be decoded
	stride  int32
	trans   []int32
	states  []string // what each row stands for: kind and kernel
	index   map[string]int32
	start   [numKinds]int32
	memory  int
	read    int      // bytes read since the states were last thrown away
	giveUp  bool     // the automaton is not worth its making; what it says in the current run is still right
	visited []uint32 // stamps of the instructions seen in this step
	queued  []uint32
	stamp   uint32
	stack   []uint32
	kernel  []uint32
	key     []byte
	numbers []uint32         // of the matches in the step just made
	found   map[int32]uint32 // groups only: transition to index in lists
	lists   [][]uint32
}

func newDFA(p *program, keep priority) *dfa {
	d := &dfa{
		p: p, keep: keep, stride: int32(p.numClasses + 1), giveUp: p.varied,
		visited: make([]uint32, len(p.insts)), queued: make([]uint32, len(p.insts)),
	}
	for b := range d.ascii {
		d.ascii[b] = -1
		if b < utf8.RuneSelf {
			d.ascii[b] = int32(p.ascii[b])
		}
	}
	d.reset()
	return d
}

// size is how many bytes the automaton takes, roughly; none when there is none.
func (d *dfa) size() int {
	if d == nil {
		return 0
	}
	return d.memory + 16*len(d.p.insts) + 4<<10
}

// reset throws all states away. Row 0 stays unused, so that offset 0 can mean dead.
func (d *dfa) reset() {
	d.trans = append(d.trans[:0], make([]int32, d.stride)...)
	d.states = append(d.states[:0], "")
	d.index = make(map[string]int32)
	d.start = [numKinds]int32{}
	d.memory = 0
	d.read = 0
	clear(d.found)
	d.lists = d.lists[:0]
}

// begin returns the state before the first character, after one of kind k.
func (d *dfa) begin(k kind) int32 {
	if !d.p.asserts {
		k = kindOther
	}
	if d.start[k] == 0 {
		d.kernel = append(d.kernel[:0], d.p.start)
		d.start[k] = d.state(k)
	}
	return d.start[k]
}

// state finds or makes the state of d.kernel.
func (d *dfa) state(k kind) int32 {
	if d.keep == allThreads {
		slices.Sort(d.kernel)
	}
	d.key = append(d.key[:0], byte(k))
	for _, pc := range d.kernel {
		d.key = binary.LittleEndian.AppendUint32(d.key, pc)
	}
	if s, ok := d.index[string(d.key)]; ok {
		return s
	}
	s := int32(len(d.trans))
	name := string(d.key)
	d.index[name] = s
	d.states = append(d.states, name)
	for range d.stride {
		d.trans = append(d.trans, unknown)
	}
	d.memory += 4*int(d.stride) + len(name) + 64
	return s
}

// step computes the transition from s on a character of the class given.
func (d *dfa) step(s int32, class int32) int32 {
	name := d.states[s/d.stride]
	if d.memory > dfaTrial && d.read < dfaWorth*len(d.states) {
		d.giveUp = true
	}
	if d.memory > dfaMemory {
		d.reset()
		s = 0
	}
	after := d.p.kinds[class]
	hit := d.threads(name, class, after)
	next := int32(dead)
	if len(d.kernel) > 0 {
		if !d.p.asserts {
			after = kindOther
		}
		next = d.state(after)
	}
	if hit {
		next |= matched
	}
	if s != 0 {
		d.trans[s+class] = next
		if hit && d.found != nil {
			d.found[s+class] = d.list()
		}
	}
	return next
}

// list returns the index of the sorted list d.numbers.
func (d *dfa) list() uint32 {
	slices.Sort(d.numbers)
	i := slices.IndexFunc(d.lists, func(l []uint32) bool { return slices.Equal(l, d.numbers) })
	if i < 0 {
		i = len(d.lists)
		d.lists = append(d.lists, slices.Clone(d.numbers))
	}
	return uint32(i)
}

// threads runs the threads of a state up to the next character and over it. It leaves those that go on in d.kernel.
func (d *dfa) threads(name string, class int32, after kind) (hit bool) {
	if d.stamp == math.MaxUint32 {
		clear(d.visited)
		clear(d.queued)
		d.stamp = 0
	}
	d.stamp++
	d.kernel, d.numbers = d.kernel[:0], d.numbers[:0]
	holds := uint32(emptyOps(kind(name[0]), after))
	accepted := d.accepted(class)
	for at := 1; at < len(name); at += 4 {
		pc := uint32(name[at]) | uint32(name[at+1])<<8 | uint32(name[at+2])<<16 | uint32(name[at+3])<<24
		d.stack = append(d.stack[:0], pc)
		for len(d.stack) > 0 {
			pc := d.stack[len(d.stack)-1]
			d.stack = d.stack[:len(d.stack)-1]
			if d.visited[pc] == d.stamp {
				continue
			}
			d.visited[pc] = d.stamp
			switch in := &d.p.insts[pc]; in.op {
			case opAlt:
				d.stack = append(d.stack, in.arg, in.out)
			case opCapture:
				d.stack = append(d.stack, in.out)
			case opAssert:
				if in.arg&^holds == 0 {
					d.stack = append(d.stack, in.out)
				}
			case opRune:
				if accepted != nil && accepted[in.set] && d.queued[in.out] != d.stamp {
					d.queued[in.out] = d.stamp
					d.kernel = append(d.kernel, in.out)
				}
			case opMatch:
				hit = true
				d.numbers = append(d.numbers, in.arg)
				if d.keep == leftmostWins {
					return hit
				}
			}
		}
	}
	return hit
}

// accepted returns which sets the class is in, nil for the end of the text.
func (d *dfa) accepted(class int32) []bool {
	if int(class) == d.p.numClasses {
		return nil
	}
	n := len(d.p.sets)
	return d.p.matches[int(class)*n : int(class)*n+n]
}

// exists says whether a match begins at i that has at most the number of characters given, and how far it had to read.
// For an unanchored program it says whether one begins at i or later.
func (d *dfa) exists(text []byte, i, characters int) (ok bool, at int) {
	s := d.begin(before(text, i))
	from, limit := i, len(text)
	if characters != unbounded {
		limit = min(limit, i+characters+1) // one more: matches are seen a character late
	}
	for i < limit {
		class, width := d.ascii[text[i]], 1
		if class < 0 {
			c, w := d.p.forward(text, i)
			class, width = int32(c), w
			limit = min(limit+w-1, len(text))
		}
		next := d.trans[s+class]
		if uint32(next-1) < matched-1 {
			s = next
			i += width
			continue
		}
		if next == unknown {
			d.read += i - from
			from = i
			next = d.step(s, class)
		}
		if next >= matched {
			return true, i
		}
		if next == dead {
			return false, i
		}
		s = next
		i += width
	}
	d.read += i - from
	return i >= len(text) && d.final(s), i
}

// final says whether a match ends at the end of the text.
func (d *dfa) final(s int32) bool {
	end := int32(d.p.numClasses)
	next := d.trans[s+end]
	if next == unknown {
		next = d.step(s, end)
	}
	return next >= matched
}

// end returns where the preferred match ends that begins at i (or, for an unanchored program, at i or later), and -1 if
// there is none.
func (d *dfa) end(text []byte, i int) int {
	s := d.begin(before(text, i))
	from, last := i, -1
	for i < len(text) {
		class, width := d.ascii[text[i]], 1
		if class < 0 {
			c, w := d.p.forward(text, i)
			class, width = int32(c), w
		}
		next := d.trans[s+class]
		if uint32(next-1) < matched-1 {
			s = next
			i += width
			continue
		}
		if next == unknown {
			d.read += i - from
			from = i
			next = d.step(s, class)
		}
		if next >= matched {
			last = i
			next &^= matched
		}
		if next == dead {
			return last
		}
		s = next
		i += width
	}
	d.read += i - from
	if d.final(s) {
		return i
	}
	return last
}

// leftmost runs a reversed program from i to the left and returns the leftmost position, not before low, at which it
// matches, and -1 if there is none.
func (d *dfa) leftmost(text []byte, i, low int) (start, at int) {
	s := d.begin(after(text, i))
	from, last := i, -1
	for i >= low {
		class, width := int32(d.p.numClasses), 1
		if i > 0 {
			class = d.ascii[text[i-1]]
			if class < 0 {
				c, w := d.p.backward(text, i)
				class, width = int32(c), w
			}
		}
		next := d.trans[s+class]
		if uint32(next-1) < matched-1 {
			s = next
			i -= width
			continue
		}
		if next == unknown {
			d.read += from - i
			from = i
			next = d.step(s, class)
		}
		if next >= matched {
			last = i
			next &^= matched
		}
		if next == dead {
			return last, i
		}
		s = next
		i -= width
	}
	d.read += from - i
	return last, i
}
