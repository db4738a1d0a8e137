package expr

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"sort"
	"unicode"
	"unicode/utf8"
)

type op uint8

const (
	opFail op = iota
	opAlt
	opRune
	opCapture
	opAssert
	opMatch
)

// An inst is one instruction of a program.
type inst struct {
	op    op
	out   uint32
	arg   uint32    // opAlt: second choice, opCapture: slot, opAssert: syntax.EmptyOp, opMatch: number in a group
	set   uint32    // opRune: index in program.sets
	alt   uint32    // opAlt: ordinal among the alternatives
	ascii [2]uint64 // opRune: which ASCII characters match
}

// A program is the standard library's program for an expression in a form that automata and matchers share: runes are
// mapped to classes that no instruction tells apart.
type program struct {
	insts   []inst
	start   uint32
	numCap  int
	numAlt  int
	asserts bool // there are assertions, so states depend on the character before
	varied  bool // there are too many sets for classes and so for automata
	sets    []runeSet
	index   map[string]uint32 // of sets, while the program is made

	ascii      [128]uint16 // class of each ASCII character
	bounds     []rune      // where the classes of other runes change, ascending from 0x80
	beyond     []uint16    // class of the runes from bounds[i] on
	numClasses int
	matches    []bool // class*len(sets)+set
	kinds      []kind // of each class
}

// A kind is what assertions see of a character.
type kind uint8

const (
	kindEdge kind = iota // there is no character: begin or end of the text
	kindOther
	kindWord
	kindNewline
	numKinds
)

func kindOf(b byte) kind {
	switch {
	case b == '\n':
		return kindNewline
	case b == '_' || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z':
		return kindWord
	}
	return kindOther
}

// emptyOps returns the assertions that hold between two characters.
func emptyOps(before, after kind) syntax.EmptyOp {
	var ops syntax.EmptyOp
	if before == kindEdge {
		ops |= syntax.EmptyBeginText | syntax.EmptyBeginLine
	}
	if before == kindNewline {
		ops |= syntax.EmptyBeginLine
	}
	if after == kindEdge {
		ops |= syntax.EmptyEndText | syntax.EmptyEndLine
	}
	if after == kindNewline {
		ops |= syntax.EmptyEndLine
	}
	if (before == kindWord) != (after == kindWord) {
		return ops | syntax.EmptyWordBoundary
	}
	return ops | syntax.EmptyNoWordBoundary
}

// before and after give the kinds of the characters around a position. Only ASCII matters to assertions, so a byte is
// enough.
func before(text []byte, i int) kind {
	if i == 0 {
		return kindEdge
	}
	return kindOf(text[i-1])
}

func after(text []byte, i int) kind {
	if i == len(text) {
		return kindEdge
	}
	return kindOf(text[i])
}

// maxVariety is how large the table of classes and sets may become.
const maxVariety = 4 << 20

// compile makes a program of a syntax tree, which is not changed.
func compile(re *syntax.Regexp) (*program, error) {
	p := &program{}
	if err := p.add(re, 0); err != nil {
		return nil, err
	}
	p.finish()
	return p, nil
}

// unanchored makes a program that looks for any of the expressions anywhere in a text. The search prefers an earlier
// start, as a lazy loop in front of the expression would.
func unanchored(res []*syntax.Regexp) (*program, error) {
	p := &program{}
	starts := make([]uint32, len(res))
	for i, re := range res {
		if err := p.add(re, uint32(i)); err != nil {
			return nil, err
		}
		starts[i] = p.start
	}
	any := uint32(len(p.insts))
	p.insts = append(p.insts, inst{op: opRune, set: p.intern(runeSet{0, unicode.MaxRune})})
	next := any
	for _, s := range slices.Backward(starts) {
		p.insts = append(p.insts, inst{op: opAlt, out: s, arg: next})
		next = uint32(len(p.insts) - 1)
	}
	p.insts[any].out = next
	p.start = next
	p.finish()
	return p, nil
}

// add appends the instructions of one expression, which ends in a match with the number given.
func (p *program) add(re *syntax.Regexp, number uint32) error {
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return err
	}
	base := uint32(len(p.insts))
	target := func(pc uint32) uint32 { // no-ops are passed over; they never form a loop of their own
		for prog.Inst[pc].Op == syntax.InstNop {
			pc = prog.Inst[pc].Out
		}
		return base + pc
	}
	p.insts = slices.Grow(p.insts, len(prog.Inst))
	for i := range prog.Inst {
		from := &prog.Inst[i]
		to := inst{out: target(from.Out)}
		switch from.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			to.op, to.arg = opAlt, target(from.Arg)
		case syntax.InstCapture:
			to.op, to.arg = opCapture, from.Arg
		case syntax.InstEmptyWidth:
			to.op, to.arg = opAssert, from.Arg
			p.asserts = true
		case syntax.InstMatch:
			to.op, to.arg = opMatch, number
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			to.op, to.set = opRune, p.intern(setOf(from))
		}
		p.insts = append(p.insts, to)
	}
	p.start = target(uint32(prog.Start))
	p.numCap = max(p.numCap, prog.NumCap)
	return nil
}

// A runeSet is a list of ranges, ascending and apart: low, high, low, high.
type runeSet []rune

func setOf(i *syntax.Inst) runeSet {
	switch {
	case i.Op == syntax.InstRuneAny:
		return runeSet{0, unicode.MaxRune}
	case i.Op == syntax.InstRuneAnyNotNL:
		return runeSet{0, '\n' - 1, '\n' + 1, unicode.MaxRune}
	case len(i.Rune) != 1:
		return i.Rune
	}
	orbit := []rune{i.Rune[0]}
	if syntax.Flags(i.Arg)&syntax.FoldCase != 0 {
		for r := unicode.SimpleFold(i.Rune[0]); r != i.Rune[0]; r = unicode.SimpleFold(r) {
			orbit = append(orbit, r)
		}
		slices.Sort(orbit)
	}
	var set runeSet
	for _, r := range orbit {
		set = append(set, r, r)
	}
	return set
}

func (s runeSet) has(r rune) bool {
	i := sort.Search(len(s)/2, func(i int) bool { return r <= s[2*i+1] })
	return i < len(s)/2 && s[2*i] <= r
}

func (p *program) intern(s runeSet) uint32 {
	key := make([]byte, 0, 64)
	for _, r := range s {
		key = binary.LittleEndian.AppendUint32(key, uint32(r))
	}
	i, ok := p.index[string(key)]
	if !ok {
		if p.index == nil {
			p.index = make(map[string]uint32)
		}
		i = uint32(len(p.sets))
		p.index[string(key)] = i
		p.sets = append(p.sets, s)
	}
	return i
}

// finish computes what follows from instructions and sets.
func (p *program) finish() {
	masks := make([][2]uint64, len(p.sets))
	for i, s := range p.sets {
		for at := 0; at < len(s) && s[at] < utf8.RuneSelf; at += 2 {
			for r := s[at]; r <= min(s[at+1], utf8.RuneSelf-1); r++ {
				masks[i][r/64] |= 1 << (r % 64)
			}
		}
	}
	for i := range p.insts {
		switch in := &p.insts[i]; in.op {
		case opAlt:
			in.alt = uint32(p.numAlt)
			p.numAlt++
		case opRune:
			in.ascii = masks[in.set]
		}
	}
	p.index = nil
	p.bounds = p.boundaries()
	if p.varied = len(p.sets)*(len(p.ascii)+len(p.bounds)) > maxVariety; !p.varied {
		p.classify(masks)
	}
}

// classify finds the classes: characters that are in the same sets and, where there are assertions, of the same kind.
func (p *program) classify(masks [][2]uint64) {
	known := make(map[string]uint16)
	signature := make([]byte, 1+len(p.sets)) // kind, then a 1 for each set
	class := func() uint16 {
		c, ok := known[string(signature)]
		if !ok {
			c = uint16(len(known))
			known[string(signature)] = c
			p.kinds = append(p.kinds, kind(signature[0]))
			for _, b := range signature[1:] {
				p.matches = append(p.matches, b != 0)
			}
		}
		return c
	}
	for r := range p.ascii {
		signature[0] = byte(kindOther)
		if p.asserts {
			signature[0] = byte(kindOf(byte(r)))
		}
		for i := range masks {
			signature[1+i] = byte(masks[i][r/64] >> (r % 64) & 1)
		}
		p.ascii[r] = class()
	}
	signature[0] = byte(kindOther)
	for _, r := range p.bounds {
		for i, s := range p.sets {
			signature[1+i] = 0
			if s.has(r) {
				signature[1+i] = 1
			}
		}
		p.beyond = append(p.beyond, class())
	}
	p.kinds = append(p.kinds, kindEdge) // the class after the last is the end of the text
	p.numClasses = len(known)
}

// boundaries are the runes beyond ASCII at which some set begins or has ended.
func (p *program) boundaries() []rune {
	bounds := []rune{utf8.RuneSelf}
	for _, s := range p.sets {
		for i := 0; i < len(s); i += 2 {
			if s[i+1] >= utf8.RuneSelf {
				bounds = append(bounds, max(s[i], utf8.RuneSelf), s[i+1]+1)
			}
		}
	}
	slices.Sort(bounds)
	return slices.Compact(bounds)
}

// classOf returns the class of a rune that is not ASCII.
func (p *program) classOf(r rune) int {
	i := sort.Search(len(p.bounds), func(i int) bool { return r < p.bounds[i] })
	return int(p.beyond[i-1])
}

// forward reads the character at i, which is not ASCII.
func (p *program) forward(text []byte, i int) (class, width int) {
	r, width := utf8.DecodeRune(text[i:])
	return p.classOf(r), width
}

// backward reads the character that ends at i, which is not ASCII. Valid encodings cannot overlap and every other byte
// is a character of its own, so both directions cut a text at the same places.
func (p *program) backward(text []byte, i int) (class, width int) {
	r, width := utf8.DecodeLastRune(text[:i])
	return p.classOf(r), width
}

// accepts says whether the instruction matches the character at i, and how wide that is.
func (p *program) accepts(in *inst, text []byte, i int) (width int, ok bool) {
	if b := text[i]; b < utf8.RuneSelf {
		return 1, in.ascii[b/64]>>(b%64)&1 != 0
	}
	r, width := utf8.DecodeRune(text[i:])
	return width, p.sets[in.set].has(r)
}
