package litscan

// pairs holds the literals of two bytes. They are too short for a probe: the bitmap gets their windows with every
// third byte, and a table of exactly the byte pairs that occur in one decides.
type pairs struct {
	bitmap   [1 << 16 / 64]uint64
	lits     []short
	inBitmap bool
}

// singles holds the literals of one byte.
type singles struct {
	is   [256]bool
	lits []short
}

type short struct {
	text    string
	fold    bool
	indexes []uint32
}

func (p *pairs) with(l Literal, indexes []uint32) *pairs {
	if p == nil {
		p = &pairs{}
	}
	p.lits = append(p.lits, short{l.Text, l.Fold, indexes})
	for _, a := range cases(l.Text[0], l.Fold) {
		for _, b := range cases(l.Text[1], l.Fold) {
			i := uint(a) | uint(b)<<8
			p.bitmap[i/64] |= 1 << (i % 64)
		}
	}
	return p
}

func (p *pairs) has(a, b byte) bool {
	i := uint(a) | uint(b)<<8
	return p.bitmap[i/64]>>(i%64)&1 != 0
}

func (s *singles) with(l Literal, indexes []uint32) *singles {
	if s == nil {
		s = &singles{}
	}
	s.lits = append(s.lits, short{l.Text, l.Fold, indexes})
	for _, a := range cases(l.Text[0], l.Fold) {
		s.is[a] = true
	}
	return s
}

// cases returns the bytes that match b: one, or two for a letter under fold.
func cases(b byte, fold bool) []byte {
	if fold && isLetter(b) {
		return []byte{b | 0x20, b &^ 0x20}
	}
	return []byte{b}
}

func (s *short) matches(text []byte) bool {
	for i := range len(s.text) {
		b := text[i]
		if s.fold && isLetter(b) {
			b |= 0x20
		}
		if b != s.text[i] {
			return false
		}
	}
	return true
}
