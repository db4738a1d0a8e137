package scan

import (
	"slices"

	"github.com/assaysec/assay/internal/exception/native"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/litscan"
)

// MarkKind is the kind of the facts that suppression marks are. Name is the mark's word, and Mark what it says, masked,
// because a line with a mark often holds a credential. The place is the mark's.
const MarkKind = "mark"

// markWords are the words of all marks, our own and those of other tools.
var markWords = native.Words()

func markLiterals() []litscan.Literal {
	out := make([]litscan.Literal, len(markWords))
	for i, w := range markWords {
		out[i] = litscan.Literal{Text: w.Text, Fold: w.Fold}
	}
	return out
}

// marks turns the hits of mark words, which are numbered from first on, into facts.
func marks(path string, text []byte, hits []litscan.Hit, first int) []Fact {
	var words []native.Hit
	for _, h := range hits {
		if int(h.Lit) >= first && beginsWord(text, int(h.Pos)) {
			words = append(words, native.Hit{Pos: int(h.Pos), Word: int(h.Lit) - first})
		}
	}
	var out []Fact
	for _, f := range native.Find(path, text, words) {
		f.Mask(Mask)
		at := finding.Position{Line: f.Line, Column: f.Column}
		out = append(out, Fact{Kind: MarkKind, Name: f.Word, Mark: &f, Place: finding.Place{Kind: finding.InFile, Path: path, Start: at, End: at}})
	}
	return out
}

// beginsWord reports whether no letter stands before a place, as in nanosecond, which is most of what is met.
func beginsWord(text []byte, at int) bool {
	if at == 0 {
		return true
	}
	c := text[at-1] | 0x20
	return c < 'a' || c > 'z'
}

// speaksOf reports whether a mark reaches a line of a place.
func (m *Fact) speaksOf(p *finding.Place) bool {
	return slices.ContainsFunc(m.Mark.Reach, func(r native.Reach) bool {
		return r.Last >= p.Start.Line && r.First <= max(p.End.Line, p.Start.Line)
	})
}

// moved is a mark as many lines further down.
func (m Fact) moved(by int) Fact {
	mark := *m.Mark
	mark.Line += by
	mark.Reach = slices.Clone(mark.Reach)
	for i := range mark.Reach {
		r := &mark.Reach[i]
		r.First += by
		if r.Last != native.LastLine {
			r.Last += by
		}
	}
	m.Mark = &mark
	m.Place.Start.Line += by
	m.Place.End.Line += by
	return m
}

// BeforeMark is a line up to the comment that holds a mark, or all of it: a mark beside a fault does not make it another
// fault.
func BeforeMark(line []byte) []byte { return native.Before(line) }
