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
	pieceBytes   = 8 << 20   // of a large file, looked at at a time
	pieceOverlap = 128 << 10 // of one piece with the next; what is longer can be cut in two
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
	p := &pieces{run: r, worker: w, file: f, text: make([]byte, 0, pieceBytes), line: 1}
	if err := p.all(ctx, io.NewSectionReader(h, 0, h.Size())); err != nil {
		r.account.Fail(f.Path, "could not be read to its end: "+reason(err))
	}
	p.finish(h.Size())
}

// pieces is the state of a walk through one large file.
type pieces struct {
	run    *run
	worker *worker
	file   *source.File
	class  coverage.Class
	text   []byte
	line   int // number of the line that text begins on
	column int // code points of that line before text
	found  []Result
}

func (p *pieces) all(ctx context.Context, r io.Reader) error {
	p.found = make([]Result, len(p.run.engines))
	for ctx.Err() == nil {
		n, err := io.ReadFull(r, p.text[len(p.text):pieceBytes])
		p.text = p.text[:len(p.text)+n]
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return err
		}
		if p.class == "" {
			if source.IsUTF16(p.text) {
				return errors.New("UTF-16 text larger than the limit for one read")
			}
			p.class = source.ClassOf(p.file.Class, p.file.Path, p.text)
		}
		if p.class == coverage.Binary && !p.run.includesBinary() {
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

// cut is where the next piece begins: at the start of a line, if there is one in the overlap.
func (p *pieces) cut() int {
	at := len(p.text) - pieceOverlap
	if i := bytes.IndexByte(p.text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	for at > 0 && !utf8.RuneStart(p.text[at]) {
		at--
	}
	return at
}

// advance drops what lies before the next piece.
func (p *pieces) advance(next int) {
	gone := p.text[:next]
	if i := bytes.LastIndexByte(gone, '\n'); i >= 0 {
		p.line += bytes.Count(gone, []byte{'\n'})
		p.column = 0
		gone = gone[i+1:]
	}
	p.column += utf8.RuneCount(gone)
	p.text = append(p.text[:0], p.text[next:]...)
}

// look hands one piece to the engines. What begins at or behind next is left to the next piece, which sees it whole.
func (p *pieces) look(ctx context.Context, next int, last bool) {
	r, w := p.run, p.worker
	info := FileInfo{Path: p.file.Path, Size: int64(len(p.text)), Class: p.class, Head: p.text[:min(len(p.text), 512)]}
	w.hits = r.literals.Append(w.hits[:0], p.text)
	r.split(w)
	end := p.position(next)
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
			if last || f.Place.Kind == finding.InFile && before(f.Place.Start, end) {
				p.found[i].Findings = append(p.found[i].Findings, f)
			}
		}
		p.found[i].Unchecked = append(p.found[i].Unchecked, res.Unchecked...)
		for rule, kept := range res.Capped {
			p.cap(i, rule, kept)
		}
	}
	for _, m := range marks(p.file.Path, p.text, w.hits, r.first[len(r.engines)]) {
		p.shift(&m.Place)
		if last || before(m.Place.Start, end) {
			w.marks = append(w.marks, m)
		}
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
		p.run.count(p.worker, i, size, p.class != coverage.Binary || p.run.includesBinary())
	}
	p.run.progress(size)
}
