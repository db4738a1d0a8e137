package scan

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/git/odb"
	"github.com/assaysec/assay/internal/source"
)

// A trail is everything that was seen of one fault.
type trail []standing

// A standing is one version under one path, or one message, in which a fault stood.
type standing struct {
	at      source.Appearance
	version int // which of the versions seen
	one     int // which of its sightings
}

// retold is what one version of a file or one message has: the findings, in the order of what was seen, and the marks.
type retold struct {
	findings []finding.Finding
	marks    []Fact
}

// retell makes findings of what was seen in a text.
func (h *history) retell(f *File, seen []Sighting) (t *retold) {
	defer func() {
		if p := recover(); p != nil {
			h.run.account.Fail(f.Path, "the engine crashed on a version of it ("+panicPlace(p)+")")
			t = &retold{}
		}
	}()
	return &retold{
		findings: h.engine.Retell(f, seen),
		marks:    marks(f.Path, f.Text, h.run.set.Append(nil, f.Text), h.run.first[len(h.run.engines)]),
	}
}

// tell turns what was seen into findings, one for each fault, and the marks that speak about them into facts.
func (h *history) tell(ctx context.Context, out *Report) error {
	b := &builder{history: h, versions: slices.Concat(h.versions...), texts: map[int]*retold{}}
	slices.SortFunc(b.versions, func(x, y sighted) int {
		return cmp.Or(x.id.Compare(y.id), strings.Compare(x.kind, y.kind), strings.Compare(x.member, y.member))
	})
	ids := map[odb.ID]struct{}{}
	for _, v := range b.versions {
		if !v.message {
			ids[v.id] = struct{}{}
		}
	}
	where, err := h.source.Locate(ctx, ids)
	if err != nil {
		return err
	}
	trails := map[[16]byte]trail{}
	var keys [][16]byte
	for n, v := range b.versions {
		for _, at := range h.appearances(where[v.id], v) {
			for one, s := range v.seen {
				if trails[s.Key] == nil {
					keys = append(keys, s.Key)
				}
				trails[s.Key] = append(trails[s.Key], standing{at, n, one})
			}
		}
	}
	for _, k := range keys {
		b.add(trails[k])
	}
	out.Findings = append(out.Findings, b.done()...)
	out.Facts = append(out.Facts, b.marks...)
	return nil
}

// appearances are those of the kind of path that a version was looked at under. A version that stood nowhere has one,
// without a path.
func (h *history) appearances(all []source.Appearance, v sighted) []source.Appearance {
	if v.message {
		return []source.Appearance{{First: v.id, Last: v.id}}
	}
	if len(all) == 0 {
		return []source.Appearance{{Path: v.member}}
	}
	var out []source.Appearance
	for _, a := range all {
		p, in := h.below(a.Path)
		if in && (v.member != "" || strings.HasPrefix(v.kind, h.kind(p))) {
			a.Path = p + v.member
			out = append(out, a)
		}
	}
	return out
}

// A builder makes findings of trails. Versions that several findings are placed in are read once.
type builder struct {
	*history
	versions []sighted
	texts    map[int]*retold // by version
	findings []finding.Finding
	marks    []Fact
}

func (b *builder) add(t trail) {
	slices.SortFunc(t, b.older)
	f := b.find(t[0])
	if f == nil {
		return // find has said why
	}
	f.Place.Commit = b.commit(t)
	seen := map[string]bool{b.name(t[0]): true}
	for _, s := range t[1:] {
		if name := b.name(s); !seen[name] {
			seen[name] = true
			if again := b.find(s); again != nil {
				f.Related = append(f.Related, b.related(s, again.Place))
			}
		}
	}
	b.mark(f, t[0])
	if newest := b.newest(t); newest.version != t[0].version {
		b.mark(f, newest)
	}
	b.findings = append(b.findings, *f)
}

// older orders standings by when they began. A file goes before the message of the same commit, and headers after all else:
// who commits with a credential as a name is found by where else it stands, if it stands elsewhere.
func (b *builder) older(x, y standing) int {
	header := func(s standing) int {
		if b.versions[s.version].header {
			return 1
		}
		return 0
	}
	message := func(s standing) int {
		if b.versions[s.version].message {
			return 1
		}
		return 0
	}
	return cmp.Or(header(x)-header(y), b.source.Age(y.at.First)-b.source.Age(x.at.First), message(x)-message(y), strings.Compare(x.at.Path, y.at.Path),
		b.versions[x.version].id.Compare(b.versions[y.version].id), x.one-y.one)
}

// newest is the standing that ended last.
func (b *builder) newest(t trail) standing {
	newest := t[0]
	for _, s := range t[1:] {
		if age := b.source.Age(s.at.Last); age >= 0 && (age < b.source.Age(newest.at.Last) || b.source.Age(newest.at.Last) < 0) {
			newest = s
		}
	}
	return newest
}

// name is equal for the standings of which a finding shows one.
func (b *builder) name(s standing) string {
	switch v := &b.versions[s.version]; {
	case v.header: // who commits once does so often
		return "header"
	case v.message:
		return "message " + s.at.First.String()
	}
	return s.at.Path
}

func (b *builder) related(s standing, p finding.Place) finding.Place {
	p.Frame = nil
	p.Commit = &finding.Commit{ID: s.at.First.String(), InHead: s.at.InHead, Unreachable: s.at.First.IsZero()}
	if b.versions[s.version].message {
		p.Commit = b.source.Commit(s.at.First)
	}
	return p
}

// commit tells when a fault came in, when it was last there, and whether it still is.
func (b *builder) commit(t trail) *finding.Commit {
	first := t[0].at.First
	if first.IsZero() {
		return &finding.Commit{Unreachable: true}
	}
	c := b.source.Commit(first)
	c.Last = b.newest(t).at.Last.String()
	c.InHead = slices.ContainsFunc(t, func(s standing) bool { return s.at.InHead })
	return c
}

// mark keeps the marks that speak about a fault where it stood, moved to where its finding is placed.
func (b *builder) mark(f *finding.Finding, s standing) {
	there := b.find(s)
	if there == nil {
		return
	}
	for _, m := range b.told(s).marks {
		if !m.speaksOf(&there.Place) {
			continue
		}
		m = m.moved(f.Place.Start.Line - there.Place.Start.Line)
		m.Place.Kind, m.Place.Path, m.Place.Commit = f.Place.Kind, f.Place.Path, f.Place.Commit
		b.marks = append(b.marks, m)
	}
}

// find makes the finding of one standing.
func (b *builder) find(s standing) *finding.Finding {
	v, t := &b.versions[s.version], b.told(s)
	if s.one >= len(t.findings) {
		return nil
	}
	f := t.findings[s.one]
	f.Place.Path = s.at.Path
	switch {
	case v.message:
		f.Place.Kind = finding.InCommit
	case strings.TrimSuffix(s.at.Path, v.member) == "":
		f.Place.Path = "blob:" + v.id.String() + v.member
	}
	return &f
}

func (b *builder) told(s standing) *retold {
	if t := b.texts[s.version]; t != nil {
		return t
	}
	v := &b.versions[s.version]
	t := v.told
	if t == nil {
		raw, err := b.source.Read(v.id)
		if err != nil {
			b.run.account.Fail(s.at.Path, fmt.Sprintf("a version of it could not be read again: %v", err))
			t = &retold{}
		} else {
			t = b.retell(&File{FileInfo: FileInfo{Path: s.at.Path}, Text: source.Text(raw)}, v.seen)
		}
	}
	b.texts[s.version] = t
	return t
}

// done numbers the findings, those in paths included. Those of one path and surroundings are told apart by when they came in.
func (b *builder) done() []finding.Finding {
	all := b.findings
	for _, found := range b.names {
		all = append(all, found...)
	}
	slices.SortStableFunc(all, func(x, y finding.Finding) int { return finding.Compare(&x, &y) })
	finding.Number(all)
	return all
}
