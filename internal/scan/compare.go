package scan

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/exception/native"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/git/odb"
	"github.com/assaysec/assay/internal/source"
)

// A Difference knows what the base of a change had.
type Difference struct {
	fingerprints map[string]bool
	moved        map[string]bool // fingerprints of what the change moved from a place that is gone
	marks        map[marking]bool
	unread       map[string]bool // files with findings that the base has too, and that could not be looked at there
}

// A marking is a mark that speaks about a finding, which is named by fingerprint or, where its place is gone, by trail.
type marking struct{ finding, word, text string }

// Has reports whether the base had a finding, at its place or at one that the change moved away from.
func (d *Difference) Has(f *finding.Finding) bool {
	return d.fingerprints[f.Fingerprint] || d.moved[f.Fingerprint]
}

// Knows reports whether the base's version of a finding's file could be looked at, if there is one.
func (d *Difference) Knows(f *finding.Finding) bool { return !d.unread[f.Place.Path] }

// HasMark reports whether the base had a mark that speaks about a finding, word for word.
func (d *Difference) HasMark(f *finding.Finding, m *native.Found) bool {
	return d.marks[marking{f.Fingerprint, m.Word, m.Text}] || d.marks[marking{f.Trail, m.Word, m.Text}]
}

// Compare looks at the base of a change, as far as it can matter for what was seen of the change: the files with findings,
// as the base had them, and those that the change took away, whose faults may have moved. What could not be looked at is
// added to the account of the change.
func Compare(ctx context.Context, seen *Report, base *source.GitFiles, engines []Engine, o Options) (*Difference, error) {
	asked := map[string]bool{}
	for i := range seen.Findings {
		asked[seen.container(seen.Findings[i].Place.Path)] = true
	}
	part := *base
	part.Entries = nil
	for _, e := range base.Entries {
		if asked[e.Path] || !seen.Holds(e.Path) {
			part.Entries = append(part.Entries, e)
		} else {
			part.Others = append(part.Others, e)
		}
	}
	d := &Difference{fingerprints: map[string]bool{}, moved: map[string]bool{}, marks: map[marking]bool{}, unread: map[string]bool{}}
	if len(part.Entries) == 0 || len(seen.Findings) == 0 {
		return d, nil
	}
	o.Progress, o.Keep, o.Cache = nil, nil, nil
	old, err := Run(ctx, &part, engines, o)
	if err != nil {
		return nil, err
	}
	marks := map[string][]*Fact{}
	for i := range old.Facts {
		if f := &old.Facts[i]; f.Kind == MarkKind {
			marks[f.Place.Path] = append(marks[f.Place.Path], f)
		}
	}
	gone := map[string]int{} // by trail
	for i := range old.Findings {
		f := &old.Findings[i]
		names := []string{f.Fingerprint}
		d.fingerprints[f.Fingerprint] = true
		if !seen.Holds(seen.container(f.Place.Path)) {
			gone[f.Trail]++
			names = append(names, f.Trail)
		}
		for _, m := range marks[f.Place.Path] {
			if m.speaksOf(&f.Place) {
				for _, name := range names {
					d.marks[marking{name, m.Name, m.Mark.Text}] = true
				}
			}
		}
	}
	d.move(seen, gone)
	d.account(seen, old)
	return d, nil
}

// move finds what the change moved: each place that is gone stands for one finding elsewhere, not for its copies.
func (d *Difference) move(seen *Report, gone map[string]int) {
	for i := range seen.Findings {
		f := &seen.Findings[i]
		if !d.fingerprints[f.Fingerprint] && gone[f.Trail] > 0 {
			gone[f.Trail]--
			d.moved[f.Fingerprint] = true
		}
	}
}

// account notes in the records of a change which files with findings could not be looked at in its base.
func (d *Difference) account(seen, base *Report) {
	found := map[string]bool{}
	for i := range seen.Findings {
		found[seen.Findings[i].Place.Path] = true
	}
	for i := range base.Coverage {
		for _, u := range base.Coverage[i].Unchecked {
			if !found[u.Path] {
				continue
			}
			d.unread[u.Path] = true
			rec := &seen.Coverage[i]
			rec.Unchecked = append(rec.Unchecked, coverage.Unchecked{Path: u.Path, Reason: "in the base of the change: " + u.Reason})
			rec.Settle()
		}
	}
}

// container is the path of the file that holds a path: of the outermost archive, for a member of one. A folder may be
// named like an archive, so what the target has decides.
func (r *Report) container(path string) string {
	if r.Holds(path) {
		return path
	}
	outer, _, _ := strings.Cut(path, "!/")
	for i := range path {
		if strings.HasPrefix(path[i:], "!/") && r.Holds(path[:i]) {
			return path[:i]
		}
	}
	return outer
}

// Between adds to seen what the commits after base up to head brought in and what is neither in head any more nor was in
// base, each file's versions and each message looked at once: a secret that was added and deleted again is still in the
// history that the change brings. Of the files only those in folder count, a path from the top of the tree; empty, all do.
// It asks the engines that look at history: what others find is a fault only as long as it is there.
func Between(ctx context.Context, seen *Report, repo *git.Repo, folder string, base, head odb.ID, engines []Engine, o Options) error {
	log, err := repo.Log(ctx, []odb.ID{head}, []odb.ID{base})
	if err != nil {
		return err
	}
	b := &between{
		repo: repo, folder: folder, base: base, head: head, seen: seen,
		told: map[[16]byte]bool{}, headKeys: map[keyed]map[[16]byte]bool{}, looked: map[version]bool{}, known: map[string]bool{}, heard: map[string]bool{}, trails: map[string][]string{}, based: map[string]map[string]bool{},
	}
	for i := range seen.Findings {
		b.learn(&seen.Findings[i])
	}
	if b.run, err = newRun(engines, withOneWorker(o)); err != nil {
		return err
	}
	for _, id := range slices.Backward(log.Commits) {
		if err := b.commit(ctx, id); err != nil {
			return err
		}
	}
	b.finish(log)
	return nil
}

func withOneWorker(o Options) Options {
	o.Workers, o.Progress, o.Keep, o.Cache = 1, nil, nil, nil
	if o.MaxFile == 0 {
		o.MaxFile = DefaultMaxFile
	}
	return o
}

type between struct {
	run    *run
	repo   *git.Repo
	folder string
	base   odb.ID
	head   odb.ID
	seen   *Report
	looked map[version]bool
	known  map[string]bool     // fingerprints
	heard  map[string]bool     // headers of commits
	trails map[string][]string // paths of what is known
	told   map[[16]byte]bool   // faults that were added to seen

	bases    map[string]odb.ID          // of the base's files, by path; read when first wanted
	based    map[string]map[string]bool // by path: fingerprints of what the base has there
	heads    map[string]odb.ID          // as bases
	headKeys map[keyed]map[[16]byte]bool
}

// A version is one content of a file under one of its paths: a rule may go by the path.
type version struct {
	path string
	id   odb.ID
}

// commit looks at what one commit brought in against its first parent, and at its message.
func (b *between) commit(ctx context.Context, id odb.ID) error {
	info, err := b.repo.Commit(id)
	if err != nil {
		b.run.account.Fail("commit "+id.String(), err.Error())
		return nil
	}
	place := &finding.Commit{ID: id.String(), Author: info.Author.Name, Email: info.Author.Email, Date: info.Committer.When.UTC()}
	b.say(ctx, id, place)
	var parent odb.ID
	if len(info.Parents) > 0 {
		if parent, err = b.repo.TreeOf(info.Parents[0]); err != nil {
			b.run.account.Fail("commit "+info.Parents[0].String(), err.Error())
			return nil
		}
	}
	return b.repo.DiffTrees(ctx, parent, info.Tree, func(c git.Change) error {
		if c.Kind == git.Deleted || !c.Mode.IsBlob() {
			return nil
		}
		path, in := b.below(c.Path)
		if !in || b.looked[version{path, c.ID}] {
			return nil
		}
		b.looked[version{path, c.ID}] = true
		_, text, err := b.repo.Objects().Get(c.ID)
		if err != nil {
			b.run.account.Fail(path, "a version of it could not be read: "+err.Error())
			return nil
		}
		f := source.NewHeld(path, text)
		f.Class = source.ClassOfMode(c.Mode, path)
		b.look(ctx, f, text, place, func(*finding.Finding) {})
		return ctx.Err()
	})
}

// say looks at what a commit says: its headers, and its message.
func (b *between) say(ctx context.Context, id odb.ID, place *finding.Commit) {
	_, data, err := b.repo.Objects().Get(id)
	if err != nil {
		b.run.account.Fail("commit "+id.String(), err.Error())
		return
	}
	headers, message := odb.Said(data)
	b.look(ctx, source.NewHeld("", message), message, place, func(f *finding.Finding) { f.Place.Kind = finding.InCommit })
	if !b.heard[string(headers)] {
		b.heard[string(headers)] = true
		lines := sync.OnceValue(func() []string { return headerLines(headers) })
		b.look(ctx, source.NewHeld("", headers), headers, place, func(f *finding.Finding) { inHeader(f, lines()) })
	}
}

// below gives a path as it is from the folder that counts, if it is in there.
func (b *between) below(path string) (string, bool) {
	if b.folder == "" {
		return path, true
	}
	return strings.CutPrefix(path, b.folder+"/")
}

// look takes over the findings that neither head nor base has. What is no file has no path, and is placed by the caller.
func (b *between) look(ctx context.Context, f *source.File, text []byte, at *finding.Commit, place func(*finding.Finding)) {
	path := f.Path
	for i, list := range b.visit(ctx, f) {
		if _, ok := b.run.engines[i].(Historian); !ok {
			continue
		}
		var keys map[spot][16]byte
		for _, res := range list {
			for _, fd := range res.Findings {
				if b.known[fd.Fingerprint] || path != "" && (b.moved(ctx, &fd) || b.inBase(ctx, path, fd.Fingerprint)) {
					continue
				}
				if keys == nil {
					keys = b.keys(ctx, i, path, text)
				}
				key, told := keys[spotOf(&fd)]
				if told && (b.told[key] || b.inHead(ctx, i, path, key)) {
					continue
				}
				b.learn(&fd)
				b.told[key] = told
				fd.Place.Commit = at
				place(&fd)
				b.seen.Findings = append(b.seen.Findings, fd)
			}
			note(&b.seen.Coverage[i], res.path, res.Result)
		}
	}
}

// A spot is where a finding of one text stands.
type spot struct {
	rule       string
	start, end finding.Position
}

func spotOf(f *finding.Finding) spot { return spot{f.Rule, f.Place.Start, f.Place.End} }

// keys tell which findings of a text are about a fault that other texts have too.
func (b *between) keys(ctx context.Context, engine int, path string, text []byte) map[spot][16]byte {
	keys := map[spot][16]byte{}
	h, ok := b.run.engines[engine].(Historian)
	if !ok {
		return keys
	}
	text = source.Text(text)
	f := &File{FileInfo: FileInfo{Path: path, Size: int64(len(text)), Class: source.ClassOfVersion(path, text)}, Text: text}
	seen := h.Trace(ctx, f, nil, nil).Seen
	for n, fd := range h.Retell(f, seen) {
		keys[spotOf(&fd)] = seen[n].Key
	}
	return keys
}

// inHead reports whether head has a fault in a file, on a line that says something else around it.
func (b *between) inHead(ctx context.Context, engine int, path string, key [16]byte) bool {
	if b.heads == nil {
		b.heads = b.filesOf(ctx, b.head)
	}
	id, ok := b.heads[path]
	if !ok || path == "" {
		return false
	}
	in := keyed{engine, path}
	if _, ok := b.headKeys[in]; !ok {
		b.headKeys[in] = map[[16]byte]bool{}
		if _, text, err := b.repo.Objects().Get(id); err == nil {
			for _, k := range b.keys(ctx, engine, path, text) {
				b.headKeys[in][k] = true
			}
		}
	}
	return b.headKeys[in][key]
}

type keyed struct {
	engine int
	path   string
}

func (b *between) learn(f *finding.Finding) {
	b.known[f.Fingerprint] = true
	if f.Place.Path != "" { // a message does not move
		b.trails[f.Trail] = append(b.trails[f.Trail], b.seen.container(f.Place.Path))
	}
}

// visit returns what the engines say of a file, by engine.
func (b *between) visit(ctx context.Context, f *source.File) [][]fileResult {
	w := b.run.workers[0]
	b.run.visit(ctx, w, f)
	out := slices.Clone(w.results)
	clear(w.results)
	return out
}

// moved reports whether a finding's file was renamed on the way: it is gone, and another that the change made has the
// same.
func (b *between) moved(ctx context.Context, f *finding.Finding) bool {
	return !b.seen.Holds(b.seen.container(f.Place.Path)) && slices.ContainsFunc(b.trails[f.Trail], func(path string) bool {
		_, old := b.baseFile(ctx, path)
		return !old
	})
}

// inBase reports whether the base has a finding in a file: who takes an old secret out did not bring it in with the
// versions before. Where the base's file cannot be read, that is not known, and the finding counts.
func (b *between) inBase(ctx context.Context, path, fingerprint string) bool {
	id, ok := b.baseFile(ctx, path)
	if !ok {
		return false
	}
	has, ok := b.based[path]
	if !ok {
		has = map[string]bool{}
		if _, text, err := b.repo.Objects().Get(id); err == nil {
			for _, list := range b.visit(ctx, source.NewHeld(path, text)) {
				for _, res := range list {
					for i := range res.Findings {
						has[res.Findings[i].Fingerprint] = true
					}
				}
			}
		}
		b.based[path] = has
	}
	return has[fingerprint]
}

func (b *between) baseFile(ctx context.Context, path string) (odb.ID, bool) {
	if b.bases == nil {
		b.bases = b.filesOf(ctx, b.base)
	}
	id, ok := b.bases[path]
	return id, ok
}

// filesOf are a commit's files by path, as far as its trees can be read.
func (b *between) filesOf(ctx context.Context, commit odb.ID) map[string]odb.ID {
	files := map[string]odb.ID{}
	tree, err := b.repo.TreeOf(commit)
	if err != nil {
		return files
	}
	// What cannot be read of the base is accounted for by whoever compares with it.
	entries, _ := source.TreeOf(ctx, b.repo, tree, &source.Account{})
	for _, e := range entries {
		if path, in := b.below(e.Path); in && e.Mode.IsBlob() {
			files[path] = e.ID
		}
	}
	return files
}

// finish accounts for what could not be looked at.
func (b *between) finish(log *git.Log) {
	for i := range b.seen.Coverage {
		rec := &b.seen.Coverage[i]
		rec.Unchecked = append(rec.Unchecked, b.run.account.Unchecked()...)
		for _, id := range log.Shallow {
			rec.Unchecked = append(rec.Unchecked, coverage.Unchecked{Path: "commit " + id.String(), Reason: "its parents are not in this shallow clone"})
		}
		rec.Settle()
	}
	finding.Sort(b.seen.Findings)
}
