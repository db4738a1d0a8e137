package scan

import (
	"context"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/git/odb"
	"github.com/assaysec/assay/internal/source"
)

// A Difference knows what the base of a change had.
type Difference struct {
	fingerprints map[string]bool
	trails       map[string]bool // of findings whose place is gone
	facts        map[factKey]bool
}

type factKey struct{ kind, path, name, value string }

func keyOf(f *Fact) factKey { return factKey{f.Kind, f.Place.Path, f.Name, f.Value} }

// Has reports whether the base had a finding, at its place or at one that the change moved away from.
func (d *Difference) Has(f *finding.Finding) bool {
	return d.fingerprints[f.Fingerprint] || d.trails[f.Trail]
}

// HasFact reports whether the base had a fact.
func (d *Difference) HasFact(f *Fact) bool { return d.facts[keyOf(f)] }

// Compare looks at the base of a change, as far as it can matter for what was seen of the change: the files with findings
// or marks, as the base had them, and those that the change took away, whose faults may have moved.
func Compare(ctx context.Context, seen *Report, base *source.GitFiles, engines []Engine, o Options) (*Difference, error) {
	asked := map[string]bool{}
	for i := range seen.Findings {
		asked[container(seen.Findings[i].Place.Path)] = true
	}
	for i := range seen.Facts {
		asked[container(seen.Facts[i].Place.Path)] = true
	}
	part := *base
	part.Entries = slices.DeleteFunc(slices.Clone(base.Entries), func(e source.GitEntry) bool {
		return !asked[e.Path] && seen.Holds(e.Path)
	})
	d := &Difference{fingerprints: map[string]bool{}, trails: map[string]bool{}, facts: map[factKey]bool{}}
	if len(part.Entries) == 0 {
		return d, nil
	}
	o.Progress, o.Keep, o.Cache = nil, nil, nil
	old, err := Run(ctx, &part, engines, o)
	if err != nil {
		return nil, err
	}
	for i := range old.Findings {
		f := &old.Findings[i]
		d.fingerprints[f.Fingerprint] = true
		if !seen.Holds(container(f.Place.Path)) {
			d.trails[f.Trail] = true
		}
	}
	for i := range old.Facts {
		d.facts[keyOf(&old.Facts[i])] = true
	}
	return d, nil
}

// container is the path of the file that holds a path: of the outermost archive, for a member of one.
func container(path string) string {
	for i := 0; i+1 < len(path); i++ {
		if path[i] == '!' && path[i+1] == '/' {
			return path[:i]
		}
	}
	return path
}

// Between adds to seen what the commits after base up to head brought in and what is in head no more, each blob and each
// message looked at once: a secret that was added and deleted again is still in the history that the change brings. Of
// the files only those in folder count, a path from the top of the tree; empty, all do.
func Between(ctx context.Context, seen *Report, repo *git.Repo, folder string, base, head odb.ID, engines []Engine, o Options) error {
	log, err := repo.Log(ctx, []odb.ID{head}, []odb.ID{base})
	if err != nil {
		return err
	}
	b := &between{repo: repo, folder: folder, looked: map[odb.ID]bool{}, known: map[string]bool{}, seen: seen}
	for i := range seen.Findings {
		b.known[seen.Findings[i].Fingerprint] = true
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
		o.MaxFile = defaultMaxFile
	}
	return o
}

type between struct {
	run    *run
	repo   *git.Repo
	folder string
	looked map[odb.ID]bool
	known  map[string]bool // fingerprints
	seen   *Report
}

// commit looks at what one commit brought in against its first parent, and at its message.
func (b *between) commit(ctx context.Context, id odb.ID) error {
	info, err := b.repo.Commit(id)
	if err != nil {
		b.run.account.Fail("commit "+id.String(), err.Error())
		return nil
	}
	place := &finding.Commit{ID: id.String(), Author: info.Author.Name, Email: info.Author.Email, Date: info.Committer.When.UTC()}
	b.look(ctx, source.NewHeld("", []byte(info.Message)), finding.InCommit, place)
	var parent odb.ID
	if len(info.Parents) > 0 {
		if parent, err = b.repo.TreeOf(info.Parents[0]); err != nil {
			b.run.account.Fail("commit "+info.Parents[0].String(), err.Error())
			return nil
		}
	}
	return b.repo.DiffTrees(ctx, parent, info.Tree, func(c git.Change) error {
		if c.Kind == git.Deleted || !c.Mode.IsBlob() || c.Mode == odb.ModeSymlink || b.looked[c.ID] {
			return nil
		}
		path, in := c.Path, true
		if b.folder != "" {
			path, in = strings.CutPrefix(c.Path, b.folder+"/")
		}
		if !in {
			return nil
		}
		b.looked[c.ID] = true
		_, text, err := b.repo.Objects().Get(c.ID)
		if err != nil {
			b.run.account.Fail(path, "a version of it could not be read: "+err.Error())
			return nil
		}
		b.look(ctx, source.NewHeld(path, text), finding.InFile, place)
		return ctx.Err()
	})
}

// look takes over the findings that head does not have.
func (b *between) look(ctx context.Context, f *source.File, kind finding.PlaceKind, at *finding.Commit) {
	w := b.run.workers[0]
	b.run.visit(ctx, w, f)
	for i := range w.results {
		for _, res := range w.results[i] {
			for _, fd := range res.Findings {
				if b.known[fd.Fingerprint] {
					continue
				}
				b.known[fd.Fingerprint] = true
				if kind == finding.InCommit {
					fd.Place.Kind = kind
				}
				fd.Place.Commit = at
				b.seen.Findings = append(b.seen.Findings, fd)
			}
			note(&b.seen.Coverage[i], res.path, res.Result)
		}
		w.results[i] = nil
	}
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
