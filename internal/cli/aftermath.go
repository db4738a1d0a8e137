package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/loosening"
	"github.com/assaysec/assay/internal/source"
)

// An aftermath is where the files that judge are read before a change and as it leaves them.
type aftermath struct {
	own   *side
	above *side // of the whole repository, where the target is a folder of it: its root judges all the same
	said  reader
}

// A side is the files of one folder.
type side struct {
	base, head house
	paths      []string          // that may be of interest
	kept       map[string][]byte // of head, where only a look at the target can tell
	folder     string            // the target, as it is called from here
}

// after finds the files as the change leaves them; nil where they are no files, such as the message of a commit.
func (c *change) after(ctx context.Context, t *target, kept map[string][]byte, f *lookFlags) (*aftermath, error) {
	var entries []source.GitEntry
	switch {
	case f.staged:
		index, err := c.repo.Index(ctx)
		if err != nil {
			return nil, err
		}
		for _, e := range index.Entries {
			if !e.IntentToAdd {
				entries = append(entries, source.GitEntry{Path: e.Path, Mode: e.Mode, ID: e.ID})
			}
		}
	case t.given != nil && t.revision == "":
		return nil, nil
	case t.revision != "":
		id, err := t.resolve(t.revision)
		if err != nil {
			return nil, err
		}
		if entries, err = commitEntries(ctx, c.repo, id, c.note); err != nil {
			return nil, err
		}
	default:
		return c.afterOnDisk(ctx, t, kept)
	}
	head := newGitHouse(entriesBelow(t.prefix, entries), c.repo)
	m := &aftermath{own: &side{base: c.before(), head: head, paths: head.paths()}, said: readNamedFile}
	if c.said.top != "" {
		m.said = leftFiles{c.said, newGitHouse(entries, c.repo)}
	}
	if t.prefix != "" && !t.bare {
		head := newGitHouse(entries, c.repo)
		m.above = &side{base: c.beforeAbove(), head: head, paths: head.paths(), folder: t.prefix}
	}
	return m, nil
}

// before is what a change is compared with to tell what it alters; beforeAbove the same of the whole repository.
func (c *change) before() house {
	if c.was != nil {
		return c.was
	}
	return c.house
}

func (c *change) beforeAbove() house {
	if c.wasAbove != nil {
		return c.wasAbove
	}
	return c.said.base
}

// afterOnDisk reads the files that are checked out.
func (c *change) afterOnDisk(ctx context.Context, t *target, kept map[string][]byte) (*aftermath, error) {
	h := unlinkedHouse{diskHouse{root: t.dir}}
	m := &aftermath{own: &side{base: c.before(), head: h, kept: kept}, said: readNamedFile}
	policies, err := h.list(loosening.PolicyFolder)
	if err != nil {
		return nil, err
	}
	m.own.paths = slices.Concat(slices.Collect(maps.Keys(kept)), policies, loosening.Fixed())
	if t.prefix == "" || t.bare {
		return m, nil
	}
	h = unlinkedHouse{diskHouse{root: t.repo.WorkTree()}}
	if policies, err = h.list(loosening.PolicyFolder); err != nil {
		return nil, err
	}
	above := &side{base: c.beforeAbove(), head: h, kept: map[string][]byte{}, folder: t.prefix}
	index, err := t.repo.Index(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range index.Entries {
		if isSettings(e.Path) {
			above.keep(e.Path)
		}
	}
	for dir := path.Dir(t.prefix); dir != "."; dir = path.Dir(dir) {
		for _, name := range settingsNames {
			above.keep(path.Join(dir, name))
		}
	}
	above.paths = slices.Concat(slices.Collect(maps.Keys(above.kept)), policies, loosening.Fixed())
	m.above = above
	return m, nil
}

// keep reads one file of settings, if it is there.
func (s *side) keep(p string) {
	if text, err := s.head.read(p); err == nil {
		s.kept[p] = text
	}
}

// judging gives the role that a file of a side has in judging the target. Of what lies beside the target or above it, that
// is what it has to keep to.
func (s *side) judging(p string, named map[string]loosening.Kind) (loosening.Kind, bool) {
	kind, ok := loosening.KindOf(p, named)
	if !ok || source.Vendored(p) || s.folder == "" {
		return kind, ok && !source.Vendored(p)
	}
	switch kind {
	case loosening.Configuration:
		dir := path.Dir(p)
		return kind, named[p] != "" || dir == "." || strings.HasPrefix(s.folder, dir+"/")
	case loosening.Policy, loosening.Owners, loosening.Signers:
		return kind, true
	}
	return kind, named[p] != ""
}

// told is a path of a side as it is told: from the target.
func (s *side) told(p string) string {
	if s.folder == "" {
		return p
	}
	return upFrom(s.folder) + p
}

// compare lists what the change does to the files that judge.
func (s *side) compare(named map[string]loosening.Kind, engines []string) (list []loosening.Alteration) {
	names := map[string]bool{}
	for _, name := range s.paths {
		names[name] = true
	}
	for name := range named {
		names[name] = true
	}
	if base, ok := s.base.(*gitHouse); ok {
		for name := range base.files {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		kind, ok := s.judging(name, named)
		if !ok {
			continue
		}
		for _, a := range loosening.Compare(loosening.File{
			Path: name, Kind: kind, Base: readIfThere(s.base, name), Head: readIfThere(s.head, name), Engines: engines,
		}) {
			a.Path = s.told(name)
			list = append(list, a)
		}
	}
	return list
}

// An unlinkedHouse reads a folder as its next commit will be read: what is a link, or lies behind one, is not there.
type unlinkedHouse struct{ diskHouse }

func (h unlinkedHouse) read(p string) ([]byte, error) {
	if h.linked(p) {
		return nil, fs.ErrNotExist
	}
	return h.diskHouse.read(p)
}

func (h unlinkedHouse) list(folder string) ([]string, error) {
	if h.linked(folder) {
		return nil, nil
	}
	paths, err := h.diskHouse.list(folder)
	return slices.DeleteFunc(paths, h.linked), err
}

func (h unlinkedHouse) linked(p string) bool {
	for p = path.Clean(p); p != "." && p != "/"; p = path.Dir(p) {
		info, err := os.Lstat(filepath.Join(h.root, filepath.FromSlash(p)))
		if err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return true
		}
	}
	return false
}

// readNamedFile reads the files that flags name from where they lie.
var readNamedFile = saidFiles{}

// leftFiles reads the files that flags name. Those that lie in the repository are read as the change leaves them.
type leftFiles struct {
	said saidFiles
	head *gitHouse
}

func (l leftFiles) read(p string) ([]byte, error) {
	inside, ok := l.said.inside(p)
	if !ok {
		return readNamed(p)
	}
	text, err := l.head.read(inside)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("the change leaves no such file: %w", err)
	}
	return text, err
}
