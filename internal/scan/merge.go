package scan

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/litscan"
)

// note adds what an engine could not do on one file to its record.
func note(rec *coverage.Record, path string, res Result) {
	for _, why := range res.Unchecked {
		rec.Unchecked = append(rec.Unchecked, coverage.Unchecked{Path: path, Reason: why})
	}
	for rule, kept := range res.Capped {
		rec.Capped = append(rec.Capped, coverage.Capped{Path: path, Rule: rule, Kept: kept})
	}
}

// join asks the engines that need what all of them learnt.
func (r *run) join(ctx context.Context, out *Report) {
	for i, e := range r.engines {
		j, ok := e.(Joiner)
		if !ok || ctx.Err() != nil {
			continue
		}
		res := j.Join(ctx, out.Facts)
		finding.Sort(res.Findings)
		finding.Number(res.Findings)
		out.Findings = append(out.Findings, res.Findings...)
		note(&out.Coverage[i], ".", res)
	}
}

func sortFacts(facts []Fact) {
	slices.SortFunc(facts, func(a, b Fact) int {
		return cmp.Or(
			strings.Compare(a.Kind, b.Kind), strings.Compare(a.Place.Path, b.Place.Path),
			cmp.Compare(a.Place.Start.Line, b.Place.Start.Line), cmp.Compare(a.Place.Start.Column, b.Place.Start.Column),
			strings.Compare(a.Name, b.Name), strings.Compare(a.Value, b.Value),
		)
	})
}

// reason is an error without the path, which stands beside it already.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return err.Error()
}

// MarkKind is the kind of the facts that suppression marks are. Name is the mark's word, Value the text from there to the
// end of the line, masked, because a line with a mark often holds a credential. The place starts at the mark and ends on
// the line that it speaks about: the next one, where it stands alone in a comment.
const MarkKind = "mark"

// markWords are the marks of today's engines: our own, and those of tools whose findings these engines repeat.
var markWords = []string{"assay:ignore", "gitleaks:allow"}

const maxMark = 512

// speaksOf reports whether a mark stands on a line of a place, or on the one before it.
func (m *Fact) speaksOf(p *finding.Place) bool {
	return m.Place.End.Line >= p.Start.Line && m.Place.Start.Line <= max(p.End.Line, p.Start.Line)
}

func markLiterals() []litscan.Literal {
	out := make([]litscan.Literal, len(markWords))
	for i, w := range markWords {
		out[i].Text = w
	}
	return out
}

// comments are what comments begin with, longer ones before those that they end with.
var comments = []string{"<!--", "{/*", "/*", "//", "--", "##", "#", ";", "%", "'"}

// BeforeMark is a line up to the comment that holds a mark, or all of it: a mark beside a fault does not make it another
// fault.
func BeforeMark(line []byte) []byte {
	at := -1
	for _, w := range markWords {
		if i := bytes.Index(line, []byte(w)); i >= 0 && (at < 0 || i < at) {
			at = i
		}
	}
	if at < 0 {
		return line
	}
	line = bytes.TrimRight(line[:at], " \t")
	for _, c := range comments {
		if rest, ok := bytes.CutSuffix(line, []byte(c)); ok {
			return bytes.TrimRight(rest, " \t")
		}
	}
	return line
}

// alone reports whether nothing but the signs of a comment stands before a mark.
func alone(before []byte) bool {
	return len(bytes.Trim(before, " \t/#*-;%<!{'\"")) == 0
}

// marks turns the hits of mark words, which are numbered from first on, into facts.
func marks(path string, text []byte, hits []litscan.Hit, first int) []Fact {
	var out []Fact
	line, at := 1, 0
	for _, h := range hits {
		if int(h.Lit) < first {
			continue
		}
		word := markWords[int(h.Lit)-first]
		line += bytes.Count(text[at:h.Pos], []byte{'\n'})
		at = int(h.Pos)
		rest := text[at:]
		if end := bytes.IndexByte(rest, '\n'); end >= 0 {
			rest = rest[:end]
		}
		rest = rest[:min(len(rest), maxMark)]
		start := bytes.LastIndexByte(text[:at], '\n') + 1
		place := finding.Place{Kind: finding.InFile, Path: path,
			Start: finding.Position{Line: line, Column: utf8.RuneCount(text[start:at]) + 1}, End: finding.Position{Line: line}}
		if alone(text[start:at]) {
			place.End.Line++
		}
		out = append(out, Fact{Kind: MarkKind, Place: place, Name: word, Value: Mask(strings.TrimSpace(string(rest)))})
	}
	return out
}
