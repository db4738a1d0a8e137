package scan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/source"
)

const (
	largestPiece  = 8 << 20 // of a large file, looked at at a time
	smallestPiece = 64 << 10
	// overlaps is how many times the overlap of pieces goes into one. A piece knows as much of what stands before its own
	// part and behind it; what is longer can be cut in two.
	overlaps = 64

	// maxHits is how many hits of literals are held at a time. Engines keep them by rule, so they take several times their
	// own memory, and a text can be made of nothing else. One with more is looked at in pieces of floodPiece.
	maxHits    = 1 << 20
	floodPiece = 1 << 20
)

// A Piecewise is an engine that may be given a large file piece by piece, each as a file of its own.
type Piecewise interface{ Piecewise() bool }

// large looks at a file that is too large for memory: an archive by its members, another in pieces that overlap.
func (r *run) large(ctx context.Context, w *worker, f *source.File) {
	h, err := f.Open()
	if err != nil {
		r.account.Fail(f.Path, "could not be read: "+reason(err))
		return
	}
	defer h.Close()
	head := make([]byte, 512)
	n, err := h.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		r.account.Fail(f.Path, "could not be read: "+reason(err))
		return
	}
	if source.IsArchive(f.Path, head[:n]) {
		r.members(ctx, w, f, h, h.Size())
		return
	}
	p := newPieces(r, w, f, int(min(max(r.options.MaxFile/2, smallestPiece), largestPiece)))
	if err := p.all(ctx, source.TextReader(io.NewSectionReader(h, 0, h.Size()))); err != nil {
		r.account.Fail(f.Path, "could not be read to its end: "+reason(err))
	}
	p.finish(h.Size())
}

// flood looks at a text in memory that has too many hits.
func (r *run) flood(ctx context.Context, w *worker, f *source.File, info *FileInfo, text []byte) {
	p := newPieces(r, w, f, floodPiece)
	p.class = info.Class
	_ = p.all(ctx, bytes.NewReader(text)) // memory has no errors
	p.finish(info.Size)
}

// pieces is the state of a walk through one large file.
type pieces struct {
	run     *run
	worker  *worker
	file    *source.File
	class   coverage.Class
	overlap int
	text    []byte
	first   int // where in text the piece's own part begins; before it stands what the last piece has looked at
	line    int // number of the line that text begins on
	column  int // code points of that line before text
	found   []Result
}

func newPieces(r *run, w *worker, f *source.File, size int) *pieces {
	return &pieces{run: r, worker: w, file: f, overlap: size / overlaps, text: make([]byte, 0, size), line: 1, found: make([]Result, len(r.engines))}
}

func (p *pieces) all(ctx context.Context, r io.Reader) error {
	for ctx.Err() == nil {
		n, err := io.ReadFull(r, p.text[len(p.text):cap(p.text)])
		p.text = p.text[:len(p.text)+n]
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return err
		}
		if p.class == "" {
			p.class = source.ClassOf(p.file.Class, p.file.Path, p.text)
		}
		if p.class == coverage.Binary && !p.run.includes(p.class) {
			p.run.account.Skip(p.class, 1)
			return nil
		}
		next := len(p.text)
		if !last {
			next = p.cut()
		}
		p.look(ctx, next, last)
		if last {
			return nil
		}
		p.advance(next)
	}
	return nil
}

// cut is where the part of the next piece begins: at the start of a line, if there is one in the overlap.
func (p *pieces) cut() int { return p.startOfLine(len(p.text)-p.overlap, len(p.text)) }

// startOfLine is the first start of a line behind from, or, if there is none before end, a start of a character near it.
func (p *pieces) startOfLine(from, end int) int {
	if i := bytes.IndexByte(p.text[from:end], '\n'); i >= 0 && from+i+1 < end {
		return from + i + 1
	}
	for least := from - utf8.UTFMax; from > max(least, 0) && !utf8.RuneStart(p.text[from]); {
		from--
	}
	return from
}

// advance drops what the next piece, whose own part begins at next, need not see.
func (p *pieces) advance(next int) {
	from := p.startOfLine(next-p.overlap, next)
	gone := p.text[:from]
	if i := bytes.LastIndexByte(gone, '\n'); i >= 0 {
		p.line += bytes.Count(gone, []byte{'\n'})
		p.column = 0
		gone = gone[i+1:]
	}
	p.column += utf8.RuneCount(gone)
	p.text = append(p.text[:0], p.text[from:]...)
	p.first = next - from
}

// look hands one piece to the engines. What begins before its own part was seen by the piece before, and what begins at
// or behind next is left to the next one, which sees it whole.
func (p *pieces) look(ctx context.Context, next int, last bool) {
	r, w := p.run, p.worker
	info := FileInfo{Path: p.file.Path, Size: int64(len(p.text)), Class: r.seenAs(p.class), Head: p.text[:min(len(p.text), 512)]}
	w.hits = r.set.Append(w.hits[:0], p.text)
	r.split(w)
	own := p.part(next, last)
	for i, e := range r.engines {
		if !e.Wants(&info) {
			continue
		}
		if piecewise, ok := e.(Piecewise); !ok || !piecewise.Piecewise() {
			p.found[i].Unchecked = []string{fmt.Sprintf("larger than the limit of %d bytes for this engine", r.options.MaxFile)}
			continue
		}
		res := lookSafely(ctx, e, &File{FileInfo: info, Text: p.text, Hits: w.own[i], Search: r.search[i]})
		for _, f := range res.Findings {
			p.shift(&f.Place)
			if _, over := p.found[i].Capped[f.Rule]; over {
				continue // a cap is for the file: pieces do not start anew
			}
			if own(&f.Place) {
				p.found[i].Findings = append(p.found[i].Findings, f)
			}
		}
		p.found[i].Unchecked = append(p.found[i].Unchecked, res.Unchecked...)
		for rule, kept := range res.Capped {
			p.cap(i, rule, kept)
		}
	}
	for _, m := range marks(p.file.Path, p.text, w.hits, r.first[len(r.engines)]) {
		onFirst := m.Place.Start.Line == 1
		if m = m.moved(p.line - 1); onFirst {
			m.Place.Start.Column += p.column
			m.Place.End.Column += p.column
		}
		if own(&m.Place) {
			w.marks = append(w.marks, m)
		}
	}
}

// part tells which places are the piece's own. What has no line is about the whole file, and the first piece's.
func (p *pieces) part(next int, last bool) func(*finding.Place) bool {
	from, end := p.position(p.first), p.position(next)
	return func(place *finding.Place) bool {
		if place.Start.Line == 0 || p.first == 0 {
			return p.first == 0 && (last || before(place.Start, end))
		}
		return !before(place.Start, from) && (last || before(place.Start, end))
	}
}

// cap notes that a rule found more than is kept. From then on nothing of it is taken over.
func (p *pieces) cap(engine int, rule string, kept int) {
	found := &p.found[engine]
	if _, over := found.Capped[rule]; over {
		return
	}
	if found.Capped == nil {
		found.Capped = map[string]int{}
	}
	n := 0
	for i := range found.Findings {
		if found.Findings[i].Rule == rule {
			n++
		}
	}
	found.Capped[rule] = max(n, kept)
}

// position is that of an offset of the piece in the file.
func (p *pieces) position(offset int) finding.Position {
	part := p.text[:offset]
	pos := finding.Position{Line: p.line + bytes.Count(part, []byte{'\n'}), Column: 1}
	if i := bytes.LastIndexByte(part, '\n'); i >= 0 {
		part = part[i+1:]
	} else {
		pos.Column += p.column
	}
	pos.Column += utf8.RuneCount(part)
	return pos
}

// shift moves a place from the piece to the file.
func (p *pieces) shift(place *finding.Place) {
	if place.Kind != finding.InFile {
		return
	}
	for _, pos := range []*finding.Position{&place.Start, &place.End} {
		if pos.Line == 1 {
			pos.Column += p.column
		}
		if pos.Line > 0 {
			pos.Line += p.line - 1
		}
	}
	if place.Frame != nil {
		place.Frame.First += p.line - 1
	}
}

func before(a, b finding.Position) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
}

// finish hands over what was found in all pieces.
func (p *pieces) finish(size int64) {
	for i := range p.found {
		p.run.take(p.worker, i, p.found[i], p.file.Path)
		if p.class != "" && (p.class != coverage.Binary || p.run.includes(p.class)) {
			p.worker.count(i, p.class, size)
		}
	}
	p.run.progress(size)
}
