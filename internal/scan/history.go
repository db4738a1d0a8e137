package scan

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
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
// finding, placed where it first came in; the other paths it stood under are related places.
func RunHistory(ctx context.Context, name string, repo *git.Repo, engines []Engine, o Options) (*Report, error) {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.MaxFile == 0 {
		o.MaxFile = defaultMaxFile
	}
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
		run := &history{run: r, engine: h, number: i, versions: make([][]sighted, o.Workers)}
		err = errors.Join(err, run.look(ctx, name, repo, out))
	}
	whole := r.finish(ctx, out.Target, err)
	whole.Target = out.Target
	whole.Findings = append(whole.Findings, out.Findings...)
	finding.Sort(whole.Findings)
	return whole, err
}

// A history is the work of one engine on one repository.
type history struct {
	run      *run
	engine   Historian
	number   int
	source   *source.History
	versions [][]sighted // by worker
	kinds    sync.Map    // path to kind
	mu       sync.Mutex
	messages []finding.Finding
	names    []finding.Finding // of rules that ask about paths only
}

// A sighted is what was seen in one version, looked at as files of one kind of path are, or in a member of one that is an
// archive. Members are told of at once: they are not to be had again without opening the archive.
type sighted struct {
	id     odb.ID
	kind   string
	seen   []Sighting
	member string // "!/path" of a member, empty for the version itself
	told   []finding.Finding
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
	if err := h.source.Each(ctx, workers, h.run.options.MaxFile, account, func(worker int, v *source.Version) any {
		return h.version(ctx, worker, v)
	}); err != nil {
		return err
	}
	h.source.Paths(func(p string) {
		f := &File{FileInfo: FileInfo{Path: p, Class: coverage.Binary}}
		h.names = append(h.names, lookSafely(ctx, h.engine, f).Findings...)
	})
	findings, err := h.tell(ctx)
	out.Findings = append(out.Findings, findings...)
	return err
}

func (h *history) message(ctx context.Context, worker int, m *source.Message) {
	w := h.run.workers[worker]
	f := &File{FileInfo: FileInfo{Path: "", Size: int64(len(m.Text)), Class: coverage.Source}, Text: m.Text}
	w.hits = h.run.literals.Append(w.hits[:0], m.Text)
	h.run.split(w)
	f.Hits = w.own[h.number]
	res := lookSafely(ctx, h.engine, f)
	w.bytes[h.number] += f.Size
	for _, why := range res.Unchecked {
		h.run.account.Fail(m.Kind+" "+m.ID.String(), why)
	}
	if len(res.Findings) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, fd := range res.Findings {
		fd.Place.Kind = finding.InCommit
		fd.Place.Commit = &finding.Commit{ID: m.ID.String()}
		h.messages = append(h.messages, fd)
	}
}

// states are what an engine remembers of one version, by kind of path.
type states map[string]any

// version looks at one version once for each kind of path it stood under.
func (h *history) version(ctx context.Context, worker int, v *source.Version) any {
	w := h.run.workers[worker]
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
		for _, p := range v.Paths {
			h.run.account.Fail(p, keptInLFS)
		}
	}
	if source.IsArchive(first(v.Paths), v.Text) {
		h.members(ctx, worker, v)
		return nil
	}
	mine := states{}
	for _, p := range h.onePerKind(v.Paths) {
		class := source.ClassOfVersion(p, text)
		if class == coverage.Binary && !slices.Contains(h.run.options.Include, coverage.Binary) {
			h.run.account.Skip(class, 1)
			continue
		}
		kind := h.kind(p) + string(class)
		f := &File{FileInfo: FileInfo{Path: p, Size: int64(len(text)), Class: class, Head: text[:min(len(text), 512)]}, Text: text}
		state, seen := h.trace(ctx, f, old[kind], copies)
		if state != nil {
			mine[kind] = state
		}
		if len(seen) > 0 {
			h.versions[worker] = append(h.versions[worker], sighted{id: v.ID, kind: kind, seen: seen})
		}
		w.files[h.number]++
		w.bytes[h.number] += f.Size
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

func first(paths []string) string {
	if len(paths) == 0 {
		return ""
	}
	return paths[0]
}

// members looks at what is in a version that is an archive.
func (h *history) members(ctx context.Context, worker int, v *source.Version) {
	r, w := h.run, h.run.workers[worker]
	name := first(v.Paths)
	source.Members(ctx, name, bytes.NewReader(v.Text), int64(len(v.Text)), r.options.Limits, &r.account, func(m *source.File) {
		raw, err := m.Read(nil, r.options.MaxFile)
		if err != nil || int64(len(raw)) > r.options.MaxFile {
			r.account.Fail(m.Path, fmt.Sprintf("larger than the limit of %d bytes", r.options.MaxFile))
			return
		}
		text := source.Text(raw)
		class := source.ClassOf(m.Class, m.Path, text)
		if class == coverage.Binary && !r.includesBinary() {
			r.account.Skip(class, 1)
			return
		}
		f := &File{FileInfo: FileInfo{Path: m.Path, Size: int64(len(text)), Class: class, Head: text[:min(len(text), 512)]}, Text: text}
		_, seen := h.trace(ctx, f, nil, nil)
		r.count(w, h.number, f.Size, true)
		if len(seen) > 0 {
			told := h.engine.Retell(f, seen)
			h.versions[worker] = append(h.versions[worker], sighted{v.ID, "", seen, strings.TrimPrefix(m.Path, name), told})
		}
	})
}

// trace turns a panic of the engine into something that could not be checked.
func (h *history) trace(ctx context.Context, f *File, old any, copies []Copy) (state any, seen []Sighting) {
	defer func() {
		if p := recover(); p != nil {
			h.run.account.Fail(f.Path, "the engine crashed on a version of it ("+panicPlace(p)+")")
			state, seen = nil, nil
		}
	}()
	return h.engine.Trace(ctx, f, old, copies)
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

// A trail is everything that was seen of one fault.
type trail struct {
	places []standing
}

// A standing is one version under one path in which a fault stood.
type standing struct {
	id  odb.ID
	at  source.Appearance
	n   int // which of the versions seen
	one int // which of its sightings
}

// tell turns what was seen into findings: one for each fault.
func (h *history) tell(ctx context.Context) ([]finding.Finding, error) {
	versions := slices.Concat(h.versions...)
	slices.SortFunc(versions, func(a, b sighted) int {
		return cmp.Or(a.id.Compare(b.id), strings.Compare(a.kind, b.kind), strings.Compare(a.member, b.member))
	})
	ids := map[odb.ID]struct{}{}
	for _, v := range versions {
		ids[v.id] = struct{}{}
	}
	where, err := h.source.Locate(ctx, ids)
	if err != nil {
		return nil, err
	}
	trails := map[[16]byte]*trail{}
	var keys [][16]byte
	for n, v := range versions {
		for _, at := range h.appearances(where[v.id], v) {
			for one, s := range v.seen {
				t := trails[s.Key]
				if t == nil {
					t = &trail{}
					trails[s.Key] = t
					keys = append(keys, s.Key)
				}
				t.places = append(t.places, standing{v.id, at, n, one})
			}
		}
	}
	b := &builder{history: h, versions: versions}
	for _, k := range keys {
		b.add(trails[k])
	}
	for i := range h.messages {
		b.message(&h.messages[i])
	}
	b.out = append(b.out, h.names...)
	return b.done(), nil
}

// appearances are those of the kind of path that a version was looked at under. A version that stood nowhere has one,
// without a path.
func (h *history) appearances(all []source.Appearance, v sighted) []source.Appearance {
	var out []source.Appearance
	for _, a := range all {
		if v.member != "" || strings.HasPrefix(v.kind, h.kind(a.Path)) {
			a.Path += v.member
			out = append(out, a)
		}
	}
	if len(all) == 0 {
		return []source.Appearance{{Path: v.member}}
	}
	return out
}

// A builder makes findings of trails. Versions that several findings are placed in are read once.
type builder struct {
	*history
	versions []sighted
	texts    map[int][]finding.Finding // by version: its findings, in the order of what was seen
	out      []finding.Finding
}

func (b *builder) add(t *trail) {
	slices.SortFunc(t.places, func(x, y standing) int {
		return cmp.Or(b.source.Age(y.at.First)-b.source.Age(x.at.First), strings.Compare(x.at.Path, y.at.Path),
			x.id.Compare(y.id), x.one-y.one)
	})
	first := t.places[0]
	all := b.retell(first.n, first.at.Path)
	if first.one >= len(all) {
		return // retell has said why
	}
	f := all[first.one]
	f.Place.Commit = b.commit(t)
	seen := map[string]bool{f.Place.Path: true}
	for _, p := range t.places[1:] {
		if seen[p.at.Path] {
			continue
		}
		seen[p.at.Path] = true
		if again := b.retell(p.n, p.at.Path); p.one < len(again) {
			place := again[p.one].Place
			place.Frame = nil
			place.Commit = &finding.Commit{ID: p.at.First.String(), InHead: p.at.InHead, Unreachable: p.at.First.IsZero()}
			f.Related = append(f.Related, place)
		}
	}
	b.out = append(b.out, f)
}

// commit tells when a fault came in, when it was last there, and whether it still is.
func (b *builder) commit(t *trail) *finding.Commit {
	first, last := t.places[0].at.First, t.places[0].at.Last
	inHead := false
	for _, p := range t.places {
		inHead = inHead || p.at.InHead
		if b.source.Age(p.at.Last) >= 0 && b.source.Age(p.at.Last) < b.source.Age(last) {
			last = p.at.Last
		}
	}
	if first.IsZero() {
		return &finding.Commit{Unreachable: true}
	}
	c := b.source.Commit(first)
	c.Last, c.InHead = last.String(), inHead
	return c
}

// retell makes the findings of one version under one path.
func (b *builder) retell(n int, path string) []finding.Finding {
	v := b.versions[n]
	if v.told != nil {
		b.keep(n, v.told)
	}
	if _, ok := b.texts[n]; !ok {
		raw, err := b.source.Read(v.id)
		if err != nil {
			b.run.account.Fail(path, "a version of it could not be read again: "+err.Error())
			b.keep(n, nil)
		} else {
			b.keep(n, b.engine.Retell(&File{FileInfo: FileInfo{Path: path}, Text: source.Text(raw)}, v.seen))
		}
	}
	out := slices.Clone(b.texts[n])
	for i := range out {
		out[i].Place.Path = path
		if strings.TrimSuffix(path, v.member) == "" {
			out[i].Place.Path = "blob:" + v.id.String() + v.member
		}
	}
	return out
}

func (b *builder) keep(n int, told []finding.Finding) {
	if b.texts == nil {
		b.texts = map[int][]finding.Finding{}
	}
	b.texts[n] = told
}

func (b *builder) message(f *finding.Finding) {
	id, err := odb.ParseID(f.Place.Commit.ID)
	if err != nil {
		return
	}
	f.Place.Commit = b.source.Commit(id)
	b.out = append(b.out, *f)
}

// done numbers the findings. Those of one path and surroundings are told apart by when they came in.
func (b *builder) done() []finding.Finding {
	slices.SortStableFunc(b.out, func(x, y finding.Finding) int { return finding.Compare(&x, &y) })
	finding.Number(b.out)
	return b.out
}
