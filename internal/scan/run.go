package scan

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/assaysec/assay/internal/cache"
	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/litscan"
	"github.com/assaysec/assay/internal/source"
)

// Options tune a run. The zero value is the documented default.
type Options struct {
	Workers  int              // goroutines that look at files; 0 means one for each processor
	Include  []coverage.Class // classes looked at as source is: binary files, which are left out, and those that engines ask less of
	MaxFile  int64            // bytes of a file that are held in memory; larger ones are looked at in pieces; 0 means 16 MiB
	Limits   source.Limits    // for archives
	Progress *Progress        // told of each file, if not nil
	Cache    *cache.Store     // of what engines said before, if not nil
	Literals *Literals        // kept from one run to the next, if not nil

	// Keep names files whose content the report is to hold, up to 1 MiB each.
	Keep func(path string) bool
}

// DefaultMaxFile is the default of Options.MaxFile.
const DefaultMaxFile = 16 << 20

// A Progress counts what has been looked at, for whoever wants to show it meanwhile. Done of about Total are the files or
// versions that the target has itself, without members of archives; Total is 0 where nobody knows yet.
type Progress struct{ Files, Bytes, Done, Total atomic.Int64 }

// expect notes how many files a source has, if it can tell.
func (p *Progress) expect(src any) {
	if e, ok := src.(interface{ Estimate() int }); ok && p != nil {
		p.Total.Store(int64(e.Estimate()))
	}
}

func (p *Progress) done() {
	if p != nil {
		p.Done.Add(1)
	}
}

// A Report is what one run over one target came to: findings numbered and sorted, facts sorted, one coverage record for
// each engine.
type Report struct {
	Target   finding.Target
	Findings []finding.Finding
	Facts    []Fact
	Coverage []coverage.Record
	Kept     map[string][]byte // by path: what Options.Keep named
	paths    map[string]bool   // all files looked at or skipped
	source   source.Source
}

// Holds reports whether the target has a file of a path, whether or not it was looked at.
func (r *Report) Holds(path string) bool {
	if s, ok := r.source.(interface{ Holds(path string) bool }); ok && s.Holds(path) {
		return true
	}
	return r.paths[path]
}

// Paths is how many files the target handed out, whether or not an engine wanted them.
func (r *Report) Paths() int { return len(r.paths) }

const maxKept = 1 << 20

// complete puts the defaults where nothing is said.
func (o *Options) complete() {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.MaxFile == 0 {
		o.MaxFile = DefaultMaxFile
	}
}

// Run looks at every file of a source with every engine. It returns an error, with what it has so far, where the target
// as a whole could not be read or ctx ended; everything smaller is in the coverage.
func Run(ctx context.Context, src source.Source, engines []Engine, o Options) (*Report, error) {
	o.complete()
	r, err := newRun(engines, o)
	if err != nil {
		return nil, err
	}
	o.Progress.expect(src)
	err = src.Each(ctx, o.Workers, &r.account, func(worker int, f *source.File) {
		r.visit(ctx, r.workers[worker], f)
		o.Progress.done()
	})
	r.beside(ctx, src)
	out := r.finish(ctx, src.Target(), err)
	out.source = src
	return out, err
}

type run struct {
	*literalSet
	options Options
	engines []Engine
	search  []func([]litscan.Hit, []byte) []litscan.Hit // by engine: for its own literals
	account source.Account
	room    chan struct{} // for large files: taken as long as one is looked at
	workers []*worker
}

// A worker holds what one goroutine needs and has collected.
type worker struct {
	buf     []byte
	hits    []litscan.Hit
	own     [][]litscan.Hit // by engine
	results [][]fileResult  // by engine
	files   []int           // by engine: how many it looked at
	classes []map[coverage.Class]int
	bytes   []int64
	marks   []Fact
	kept    map[string][]byte
	paths   []string
	class   coverage.Class // of the last file
	size    int64
}

type fileResult struct {
	path string
	Result
}

func newRun(engines []Engine, o Options) (*run, error) {
	if o.Limits.Member == 0 {
		o.Limits.Member = o.MaxFile
	}
	r := &run{options: o, engines: engines, room: make(chan struct{}, largeFiles)}
	var err error
	if r.literalSet, err = o.Literals.of(engines); err != nil {
		return nil, err
	}
	for i := range engines {
		r.search = append(r.search, r.searcher(i))
	}
	for range o.Workers {
		r.workers = append(r.workers, &worker{
			own: make([][]litscan.Hit, len(engines)), results: make([][]fileResult, len(engines)),
			files: make([]int, len(engines)), bytes: make([]int64, len(engines)), classes: make([]map[coverage.Class]int, len(engines)),
		})
	}
	return r, nil
}

// visit looks at one file: from the cache, in memory, in pieces or, if it is an archive, at its members.
func (r *run) visit(ctx context.Context, w *worker, f *source.File) {
	w.paths = append(w.paths, f.Path)
	if f.Class == coverage.Link {
		r.link(ctx, w, f)
		return
	}
	known := r.key(f)
	if r.recall(w, f, known) {
		return
	}
	raw, err := w.read(f, min(smallFile, r.options.MaxFile))
	if err == nil && (len(raw) > smallFile || source.IsArchive(f.Path, raw)) {
		r.room <- struct{}{}
		defer func() { <-r.room }()
		raw, err = w.read(f, r.options.MaxFile)
	}
	size := int64(len(raw))
	switch {
	case err != nil:
		r.account.Fail(f.Path, "could not be read: "+reason(err))
	case source.IsArchive(f.Path, raw) && size <= r.options.MaxFile:
		r.members(ctx, w, f, bytes.NewReader(raw), size)
	case size <= r.options.MaxFile:
		r.remember(w, f, known, raw, func() { r.look(ctx, w, f, raw) })
	case f.Open != nil:
		r.large(ctx, w, f)
	default:
		r.account.Fail(f.Path, fmt.Sprintf("larger than the limit of %d bytes", r.options.MaxFile))
	}
}

// link looks at what a link points to: a short text, which is no archive whatever it begins with.
func (r *run) link(ctx context.Context, w *worker, f *source.File) {
	raw, err := w.read(f, min(smallFile, r.options.MaxFile))
	switch {
	case err != nil:
		r.account.Fail(f.Path, "could not be read: "+reason(err))
	case len(raw) > smallFile || int64(len(raw)) > r.options.MaxFile:
		r.account.Fail(f.Path, fmt.Sprintf("a link of more than %d bytes", min(smallFile, r.options.MaxFile)))
	default:
		r.look(ctx, w, f, raw)
	}
}

const (
	// smallFile is how large a file may be to be read at once by every worker. Its memory is kept for the next file.
	smallFile = 4 << 20
	// largeFiles is how many larger files and archives are in memory at a time, so that memory in flight has a ceiling
	// that does not grow with the number of workers beyond small files.
	largeFiles = 8
)

// read reads a file as far as a limit and one byte more.
func (w *worker) read(f *source.File, limit int64) ([]byte, error) {
	raw, err := f.Read(w.buf[:0], limit)
	if cap(raw) <= 2*smallFile {
		w.buf = raw
	}
	return raw, err
}

// members looks at what is in an archive.
func (r *run) members(ctx context.Context, w *worker, f *source.File, content io.ReaderAt, size int64) {
	r.named(ctx, w, f.Path, size)
	source.Members(ctx, f.Path, content, size, r.options.Limits, &r.account, func(m *source.File) {
		raw, err := m.Read(nil, r.options.MaxFile)
		if err != nil || int64(len(raw)) > r.options.MaxFile {
			r.account.Fail(m.Path, fmt.Sprintf("larger than the limit of %d bytes", r.options.MaxFile))
			return
		}
		r.lookIn(ctx, w, f.Path, m, raw)
	})
}

// named asks the engines about the name of an archive, of which they only see the members.
func (r *run) named(ctx context.Context, w *worker, path string, size int64) {
	info := FileInfo{Path: path, Size: size, Class: coverage.Binary}
	for i, e := range r.engines {
		if e.Wants(&info) {
			r.take(w, i, lookSafely(ctx, e, &File{FileInfo: info, Search: r.search[i]}), path)
		}
	}
}

// look hands one file in memory to the engines that want it.
func (r *run) look(ctx context.Context, w *worker, f *source.File, raw []byte) {
	r.lookIn(ctx, w, "", f, raw)
}

// lookIn is look for a file in an archive.
func (r *run) lookIn(ctx context.Context, w *worker, archive string, f *source.File, raw []byte) {
	text := source.Text(raw)
	class := source.ClassOf(f.Class, f.Path, text)
	w.class, w.size = class, int64(len(raw))
	looked := class != coverage.Binary || r.includes(class)
	if !looked {
		r.account.Skip(class, 1)
		text = nil // a rule may ask about the name
	}
	info := FileInfo{Path: f.Path, Archive: archive, Size: int64(len(raw)), Class: r.seenAs(class), Head: text[:min(len(text), 512)]}
	most := maxHits
	if len(text) <= floodPiece {
		most = math.MaxInt
	}
	var all bool
	if w.hits, all = r.set.AppendUpTo(w.hits[:0], text, most); !all {
		r.flood(ctx, w, f, &info, text)
		return
	}
	r.split(w)
	for i, e := range r.engines {
		if e.Wants(&info) {
			res := lookSafely(ctx, e, &File{FileInfo: info, Text: text, Hits: w.own[i], Search: r.search[i]})
			if class != coverage.Link && git.IsLFSPointer(text) {
				res.Unchecked = append(res.Unchecked, keptInLFS)
			}
			r.take(w, i, res, f.Path)
			if looked {
				w.count(i, class, info.Size)
			}
		}
	}
	r.progress(info.Size)
	if r.options.Keep != nil && class != coverage.Link && r.options.Keep(f.Path) && len(text) <= maxKept {
		if w.kept == nil {
			w.kept = map[string][]byte{}
		}
		w.kept[f.Path] = slices.Clone(text)
	}
	w.marks = append(w.marks, marks(f.Path, text, w.hits, r.first[len(r.engines)])...)
}

// keptInLFS is why a file whose pointer alone is here counts as unchecked.
const keptInLFS = "its content is kept in Git LFS and is not here; git lfs pull brings it"

func (r *run) includes(c coverage.Class) bool { return slices.Contains(r.options.Include, c) }

// seenAs is the class that engines are told: of files that are asked for by their class they ask as much as of source.
func (r *run) seenAs(c coverage.Class) coverage.Class {
	if c != coverage.Binary && r.includes(c) {
		return coverage.Source
	}
	return c
}

// count notes a file that an engine looked at.
func (w *worker) count(engine int, c coverage.Class, size int64) {
	if w.classes[engine] == nil {
		w.classes[engine] = map[coverage.Class]int{}
	}
	w.files[engine]++
	w.classes[engine][c]++
	w.bytes[engine] += size
}

func (r *run) progress(size int64) {
	if p := r.options.Progress; p != nil {
		p.Files.Add(1)
		p.Bytes.Add(size)
	}
}

// split deals the hits out to the engines, each literal under its engine's own number.
func (r *run) split(w *worker) {
	if len(r.engines) == 1 {
		n := r.first[1]
		w.own[0] = w.hits
		if slices.ContainsFunc(w.hits, func(h litscan.Hit) bool { return int(h.Lit) >= n }) {
			w.own[0] = slices.DeleteFunc(slices.Clone(w.hits), func(h litscan.Hit) bool { return int(h.Lit) >= n })
		}
		return
	}
	for i := range w.own {
		w.own[i] = w.own[i][:0]
	}
	for _, h := range w.hits {
		at, exact := slices.BinarySearch(r.first, int(h.Lit))
		if !exact {
			at--
		}
		for at+1 < len(r.first) && r.first[at+1] == int(h.Lit) { // engines without literals
			at++
		}
		if at < len(r.engines) {
			w.own[at] = append(w.own[at], litscan.Hit{Pos: h.Pos, Lit: h.Lit - uint32(r.first[at])})
		}
	}
}

// searcher finds the literals of one engine, under its own numbers.
func (r *run) searcher(engine int) func([]litscan.Hit, []byte) []litscan.Hit {
	from, to := uint32(r.first[engine]), uint32(r.first[engine+1])
	return func(dst []litscan.Hit, text []byte) []litscan.Hit {
		start := len(dst)
		dst = r.set.Append(dst, text)
		kept := dst[:start]
		for _, h := range dst[start:] {
			if from <= h.Lit && h.Lit < to {
				kept = append(kept, litscan.Hit{Pos: h.Pos, Lit: h.Lit - from})
			}
		}
		return kept
	}
}

// take keeps what an engine said of a file, if it said anything.
func (r *run) take(w *worker, engine int, res Result, path string) {
	if len(res.Findings)+len(res.Facts)+len(res.Unchecked)+len(res.Capped) == 0 {
		return
	}
	finding.Sort(res.Findings)
	finding.Number(res.Findings)
	r.keep(w, engine, res, path)
}

// keep collects a result whose findings are numbered.
func (r *run) keep(w *worker, engine int, res Result, path string) {
	if len(res.Findings)+len(res.Facts)+len(res.Unchecked)+len(res.Capped) > 0 {
		w.results[engine] = append(w.results[engine], fileResult{path, res})
	}
}

// lookSafely turns an engine's panic into something that could not be checked. The panic's own value may hold a part of
// the file, so only its kind and place are told.
func lookSafely(ctx context.Context, e Engine, f *File) (res Result) {
	defer func() {
		if p := recover(); p != nil {
			res = Result{Unchecked: []string{"the engine crashed on it (" + panicPlace(p) + ")"}}
		}
	}()
	return e.Look(ctx, f)
}

func panicPlace(p any) string {
	kind := fmt.Sprintf("%T", p)
	for line := range strings.Lines(string(debug.Stack())) {
		if at := strings.Index(line, "/internal/"); at >= 0 && !strings.Contains(line, "/internal/scan/") && strings.Contains(line, ".go:") {
			place, _, _ := strings.Cut(strings.TrimSpace(line[at+1:]), " ")
			return kind + " at " + place
		}
	}
	return kind
}

// finish merges what the workers collected. Sorting makes it independent of who did what when.
func (r *run) finish(ctx context.Context, target finding.Target, failed error) *Report {
	out := &Report{Target: target}
	for i, e := range r.engines {
		rec := coverage.Record{
			Target: target.ID, Engine: e.Name(), Status: coverage.Done,
			Versions: map[string]string{"engine": e.Version()}, Digests: e.Digests(),
			Classes: map[string]int{}, Skipped: r.account.Skipped(), Unchecked: slices.Clone(r.account.Unchecked()),
		}
		for _, w := range r.workers {
			rec.Files += w.files[i]
			rec.Bytes += w.bytes[i]
			for c, n := range w.classes[i] {
				rec.Classes[string(c)] += n
			}
			for _, res := range w.results[i] {
				out.Findings = append(out.Findings, res.Findings...)
				out.Facts = append(out.Facts, res.Facts...)
				note(&rec, res.path, res.Result)
			}
		}
		switch {
		case ctx.Err() != nil:
			rec.Status, rec.Reason = coverage.Error, "interrupted before the end"
		case failed != nil:
			rec.Status, rec.Reason = coverage.Error, reason(failed)
		}
		out.Coverage = append(out.Coverage, rec)
	}
	out.Kept, out.paths = map[string][]byte{}, map[string]bool{}
	for _, w := range r.workers {
		out.Facts = append(out.Facts, w.marks...)
		maps.Copy(out.Kept, w.kept)
		for _, p := range w.paths {
			out.paths[p] = true
		}
	}
	sortFacts(out.Facts)
	r.join(ctx, out)
	for i := range out.Coverage {
		out.Coverage[i].Settle()
	}
	finding.Sort(out.Findings)
	return out
}
