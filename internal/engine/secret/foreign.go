package secret

import (
	"bytes"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/litscan"
	"github.com/assaysec/assay/internal/scan"
)

// What gitleaks does that a rule's author may rely on, knowingly or not, holds for foreign configurations. Where it does
// not look, hides more than was asked for or counts wrongly, we do not follow; the tests name each such place.

// leavesOut reports whether gitleaks dir passes a file by: an empty one, or one in a folder that a global path names.
func (e *Engine) leavesOut(s *scratch, f *scan.File, commit string) bool {
	if f.Size == 0 {
		return true
	}
	if commit != "" {
		return false
	}
	for i := strings.LastIndexByte(f.Path, '/'); i > 0; i = strings.LastIndexByte(f.Path[:i], '/') {
		t := s.file(f.Path[:i], "")
		for n := range e.global {
			if a := &e.global[n]; !a.and && a.paths.match(&s.machine, t.path) {
				return true
			}
		}
	}
	return false
}

// alone looks for the groups of a match in the match itself, without the line feeds around it and what stands beside it,
// as gitleaks does. Without them the expression may match another part, or nothing.
func (e *Engine) alone(s *scratch, p *page, i int, span []int, whole []byte) []int {
	r := &e.rules[i]
	out := slices.Repeat([]int{-1}, len(span))
	out[0], out[1] = span[0], span[1]
	from := span[0] + bytes.IndexFunc(p.text[span[0]:], func(c rune) bool { return c != '\n' })
	var hits []litscan.Hit
	first, _ := slices.BinarySearchFunc(s.hits[i], from, func(h litscan.Hit, at int) int { return int(h.Pos) - at })
	for _, h := range s.hits[i][first:] {
		if int(h.Pos) >= from+len(whole) {
			break
		}
		if at := int(h.Pos) - from; at+len(e.literals[h.Lit].Text) <= len(whole) {
			hits = append(hits, litscan.Hit{Pos: uint32(at), Lit: h.Lit})
		}
	}
	found := s.machine.FindUpTo(nil, r.regex, whole, hits, 1)
	if len(found) == 0 {
		return out
	}
	for n := 2; n < len(out); n++ {
		if found[0][n] >= 0 {
			out[n] = from + found[0][n]
		}
	}
	return out
}

// lineOf is what allowlists take for the line of a match. gitleaks counts the line feed before a line to it, so that an
// expression beginning with ^ matches on the first line only.
func (e *Engine) lineOf(p *page, m *match, span []int) []byte {
	if !e.foreign {
		return p.text[m.lineFrom:m.lineTo]
	}
	if p.layer != nil {
		return p.layer.line(p.text, span)
	}
	from := m.lineFrom
	if m.start < len(p.text) && p.text[m.start] == '\n' {
		from = m.start
	} else if from > 0 && p.text[from-1] == '\n' {
		from--
	}
	return p.text[from:m.lineTo]
}

// allowMark is the comment by which gitleaks lets a line pass. Whoever started the scan heeds it for findings. Here it
// counts for matches that speak about others: one that a rule requires, and one that a generic rule gives way to.
const allowMark = "gitleaks:allow"

func (e *Engine) marked(text []byte, m *match) bool {
	if !e.foreign || m.start < 0 {
		return false
	}
	start := m.start
	if start < len(text) && text[start] == '\n' { // it belongs to the line that it begins
		start++
	}
	from, to := lineAround(text, start, m.end)
	return bytes.Contains(text[from:to], []byte(allowMark))
}
