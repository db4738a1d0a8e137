package scan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/git/odb"
	"github.com/assaysec/assay/internal/source"
)

// RunHistory looks at all versions of all files of a repository, and at its commit and tag messages. One fault is one
// finding, placed where it first came in; the other paths it stood under are related places. Of the files only those in
// folder count, a path from the top of the tree; empty, all do. Engines that do not look at history look at head, the files
// as they are now, which may be nil before the first commit.
func RunHistory(ctx context.Context, name string, repo *git.Repo, folder string, head *source.GitFiles, engines []Engine, o Options) (*Report, error) {
	o.complete()
	r, err := newRun(engines, o)
	if err != nil {
		return nil, err
	}
	out := &Report{Target: finding.Target{Kind: "git-history", Name: name}}
	for i, e := range engines {
		h, ok := e.(Historian)
		if !ok {
			continue
		}
		run := &history{run: r, engine: h, number: i, folder: folder, versions: make([][]sighted, o.Workers)}
		for range o.Workers {
			run.heard = append(run.heard, map[string]heard{})
		}
		err = errors.Join(err, run.look(ctx, name, repo, out))
	}
	whole := r.finish(ctx, out.Target, err)
	whole.Target = out.Target
	whole.Findings = append(whole.Findings, out.Findings...)
	whole.Facts = append(whole.Facts, out.Facts...)
	err = errors.Join(err, whole.lookAtHead(ctx, head, engines, o))
	sortFacts(whole.Facts)
	finding.Sort(whole.Findings)
	return whole, err
}

// lookAtHead adds what the engines say that do not look at history.
func (r *Report) lookAtHead(ctx context.Context, head *source.GitFiles, engines []Engine, o Options) error {
	var others []Engine
	var numbers []int
	for i, e := range engines {
		if _, ok := e.(Historian); !ok {
			others, numbers = append(others, e), append(numbers, i)
		}
	}
	if len(others) == 0 || head == nil {
		return nil
	}
	o.Progress, o.Cache = nil, nil
	now, err := Run(ctx, head, others, o)
	if now != nil {
		for i, n := range numbers {
			r.Coverage[n] = now.Coverage[i]
		}
		r.Findings = append(r.Findings, now.Findings...)
		r.Facts = append(r.Facts, now.Facts...)
	}
	return err
}

// A history is the work of one engine on one repository.
type history struct {
	run      *run
	engine   Historian
	number   int
	folder   string
	source   *source.History
	versions [][]sighted                  // by worker
	kinds    sync.Map                     // path to kind
	heard    []map[string]heard           // by worker: of headers
	names    map[string][]finding.Finding // by path: what was found in it
	mu       sync.Mutex
	capped   map[string]map[string]int // by path and rule
}

// A sighted is what was seen in one version, looked at as files of one kind of path are, in a member of one that is an
// archive, or in the message of a commit or tag. What only the visit has at hand is told of at once.
type sighted struct {
	id      odb.ID
	kind    string
	seen    []Sighting
	member  string // "!/path" of a member, empty for the version itself
	message bool
	header  bool    // what stands before a message
	told    *retold // nil: once its text is read again
}

func (h *history) look(ctx context.Context, name string, repo *git.Repo, out *Report) error {
	var err error
	account := &h.run.account
	workers := h.run.options.Workers
	h.source, err = source.OpenHistory(ctx, name, repo, workers, account, func(worker int, m *source.Message) {
		h.message(ctx, worker, m)
	})
	if err != nil {
		return err
	}
	out.Target = h.source.Target()
	progress := h.run.options.Progress
	progress.expect(h.source)
	if err := h.source.Each(ctx, workers, h.run.options.MaxFile, account, func(worker int, v *source.Version) any {
		defer progress.done()
		return h.version(ctx, worker, v)
	}); err != nil {
		return err
	}
	for name, capped := range h.capped {
		h.run.keep(h.run.workers[0], h.number, Result{Capped: capped}, name)
	}
	h.source.Paths(func(p string) {
		p, in := h.below(p)
		if !in {
			return
		}
		h.name(ctx, &FileInfo{Path: p, Class: coverage.Binary})
	})
	return h.tell(ctx, out)
}

// name asks the engine about a path. A member of an archive has one in each version of it.
func (h *history) name(ctx context.Context, info *FileInfo) {
	found := lookSafely(ctx, h.engine, &File{FileInfo: *info}).Findings
	if len(found) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.names == nil {
		h.names = map[string][]finding.Finding{}
	}
	h.names[info.Path] = found
}

func (h *history) message(ctx context.Context, worker int, m *source.Message) {
	h.headers(ctx, worker, m)
	f := &File{FileInfo: FileInfo{Size: int64(len(m.Text)), Class: coverage.Source}, Text: m.Text}
	t := h.trace(ctx, f, m.Kind+" "+m.ID.String(), nil, nil)
	h.run.workers[worker].bytes[h.number] += f.Size
	if len(t.Seen) > 0 {
		h.versions[worker] = append(h.versions[worker], sighted{id: m.ID, seen: t.Seen, message: true, told: h.retell(f, t.Seen)})
	}
}

// states are what an engine remembers of one version, by kind of path.
type states map[string]any

// version looks at one version once for each kind of path it stood under.
func (h *history) version(ctx context.Context, worker int, v *source.Version) any {
	w := h.run.workers[worker]
	paths := h.pathsBelow(v.Paths)
	if len(paths) == 0 && h.folder != "" {
		return nil
	}
	text := source.Text(v.Text)
	copies := make([]Copy, len(v.Copies))
	for i, c := range v.Copies {
		copies[i] = Copy(c)
	}
	old, _ := v.Base.(states)
	decoded := len(text) != len(v.Text)
	if decoded { // offsets of copies are those of the encoded text
		old, copies = nil, nil
	}
	if git.IsLFSPointer(text) {
		for _, p := range paths {
			h.run.account.Fail(p, keptInLFS)
		}
	}
	if name := first(paths); source.IsArchive(name, v.Text) {
		h.members(ctx, worker, v, name)
		return nil
	}
	mine := states{}
	for _, p := range h.onePerKind(paths) {
		class := source.ClassOfVersion(p, text)
		if class == coverage.Binary && !h.run.includes(class) {
			h.run.account.Skip(class, 1)
			continue
		}
		kind := h.kind(p) + string(class)
		f := &File{FileInfo: FileInfo{Path: p, Size: int64(len(text)), Class: h.run.seenAs(class), Head: text[:min(len(text), 512)]}, Text: text}
		t := h.trace(ctx, f, p, old[kind], copies)
		if t.State != nil {
			mine[kind] = t.State
		}
		if len(t.Seen) > 0 {
			h.versions[worker] = append(h.versions[worker], sighted{id: v.ID, kind: kind, seen: t.Seen})
		}
		w.count(h.number, class, f.Size)
	}
	if p := h.run.options.Progress; p != nil {
		p.Files.Add(1)
		p.Bytes.Add(int64(len(text)))
	}
	if decoded { // nor can a version that is made from this one go by it
		return nil
	}
	return mine
}

// below gives a path as it is from the folder, if it is in there.
func (h *history) below(p string) (string, bool) {
	if h.folder == "" {
		return p, true
	}
	return strings.CutPrefix(p, h.folder+"/")
}

func (h *history) pathsBelow(paths []string) []string {
	if h.folder == "" {
		return paths
	}
	var out []string
	for _, p := range paths {
		if p, in := h.below(p); in {
			out = append(out, p)
		}
	}
	return out
}

func first(paths []string) string {
	if len(paths) == 0 {
		return ""
	}
	return paths[0]
}

// members looks at what is in a version that is an archive.
func (h *history) members(ctx context.Context, worker int, v *source.Version, name string) {
	r, w := h.run, h.run.workers[worker]
	source.Members(ctx, name, bytes.NewReader(v.Text), int64(len(v.Text)), r.options.Limits, &r.account, func(m *source.File) {
		raw, err := m.Read(nil, r.options.MaxFile)
		if err != nil || int64(len(raw)) > r.options.MaxFile {
			r.account.Fail(m.Path, fmt.Sprintf("larger than the limit of %d bytes", r.options.MaxFile))
			return
		}
		h.name(ctx, &FileInfo{Path: m.Path, Archive: name, Class: coverage.Binary})
		text := source.Text(raw)
		class := source.ClassOf(m.Class, m.Path, text)
		if class == coverage.Binary && !r.includes(class) {
			r.account.Skip(class, 1)
			return
		}
		f := &File{FileInfo: FileInfo{Path: m.Path, Size: int64(len(text)), Class: r.seenAs(class), Head: text[:min(len(text), 512)]}, Text: text}
		t := h.trace(ctx, f, f.Path, nil, nil)
		w.count(h.number, class, f.Size)
		if len(t.Seen) > 0 {
			h.versions[worker] = append(h.versions[worker], sighted{id: v.ID, seen: t.Seen,
				member: strings.TrimPrefix(m.Path, name), told: h.retell(f, t.Seen)})
		}
	})
}

// trace turns a panic of the engine into something that could not be checked, and notes what was capped. name is what is
// looked at, for the account.
func (h *history) trace(ctx context.Context, f *File, name string, old any, copies []Copy) (t Traced) {
	defer func() {
		if p := recover(); p != nil {
			h.run.account.Fail(name, "the engine crashed on a version of it ("+panicPlace(p)+")")
			t = Traced{}
		}
	}()
	t = h.engine.Trace(ctx, f, old, copies)
	if len(t.Capped) > 0 {
		h.cap(name, t.Capped)
	}
	return t
}

// cap notes the rules that found more in a version than is kept, for each path once.
func (h *history) cap(name string, capped map[string]int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.capped == nil {
		h.capped = map[string]map[string]int{}
	}
	if h.capped[name] == nil {
		h.capped[name] = map[string]int{}
	}
	for rule, kept := range capped {
		h.capped[name][rule] = max(h.capped[name][rule], kept)
	}
}

// onePerKind picks one path for each kind of path; the empty one for a version without a path.
func (h *history) onePerKind(paths []string) []string {
	if len(paths) == 0 {
		return []string{""}
	}
	if len(paths) == 1 {
		return paths
	}
	var kinds, out []string
	for _, p := range paths {
		if k := h.kind(p); !slices.Contains(kinds, k) {
			kinds, out = append(kinds, k), append(out, p)
		}
	}
	return out
}

func (h *history) kind(p string) string {
	if k, ok := h.kinds.Load(p); ok {
		return k.(string)
	}
	k := h.engine.Kind(p)
	h.kinds.Store(p, k)
	return k
}
