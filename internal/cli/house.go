package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/config"
	"github.com/assaysec/assay/internal/engines"
	"github.com/assaysec/assay/internal/exception"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/git/odb"
	"github.com/assaysec/assay/internal/policy/celhost"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/source"
)

// A house is where a target's own files about itself are read from: its configuration, catalogue, owners, rules and
// baselines. When a change is judged it is the base's tree, so that a change cannot judge itself.
type house interface {
	// read returns a file; the error wraps fs.ErrNotExist where there is none, and leaves it to the caller to name the file.
	read(path string) ([]byte, error)
	// find lists the files whose paths are wanted, wherever they lie; known is false where only a look at the target can tell.
	find(wanted func(path string) bool) (paths []string, known bool)
	// list gives the paths of the files in a folder, none where there is no such folder.
	list(folder string) ([]string, error)
}

// diskHouse reads from a folder.
type diskHouse struct {
	root string
	part bool // the target is one file of the folder: a baseline of the whole says nothing about what is gone
}

func (h diskHouse) read(p string) ([]byte, error) {
	if h.part && p == exception.BaselineFile {
		return nil, fs.ErrNotExist
	}
	return readOwn(h.root, filepath.FromSlash(path.Clean(p)))
}

func (h diskHouse) find(func(string) bool) ([]string, bool) { return nil, false }

func (h diskHouse) list(folder string) ([]string, error) { return listOwn(h.root, folder) }

// A reader reads the files that flags name.
type reader interface {
	read(path string) ([]byte, error)
}

// saidFiles reads the files that flags name. Where a change is judged, those that lie in its repository are read from the
// base: naming a baseline by a flag does not make the change's own a good one.
type saidFiles struct {
	base *gitHouse // the whole base; nil where no change is judged
	top  string    // the work tree, without links
}

func (s saidFiles) read(p string) ([]byte, error) {
	inside, ok := s.inside(p)
	if s.base == nil || !ok {
		return readNamed(p)
	}
	text, err := s.base.read(inside)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("it is read from the base of the change: %w", err)
	}
	return text, err
}

// inside is a file's path from the top of the work tree, by its name or by what its name leads to. A name in the work tree
// decides first: the change may have made a link of it.
func (s saidFiles) inside(p string) (string, bool) {
	full, err := filepath.Abs(p)
	if err != nil || s.top == "" {
		return "", false
	}
	names := []string{full}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(full)); err == nil {
		names = append(names, filepath.Join(folder, filepath.Base(full)))
	}
	if led, err := filepath.EvalSymlinks(full); err == nil {
		names = append(names, led)
	}
	for _, name := range names {
		if rel, err := filepath.Rel(s.top, name); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel), true
		}
	}
	return "", false
}

// gitHouse reads from a tree that nobody checked out.
type gitHouse struct {
	repo  *git.Repo
	files map[string]odb.ID
}

func newGitHouse(entries []source.GitEntry, repo *git.Repo) *gitHouse {
	h := &gitHouse{repo: repo, files: make(map[string]odb.ID, len(entries))}
	for _, e := range entries {
		if e.Mode.IsBlob() && e.Mode != odb.ModeSymlink {
			h.files[e.Path] = e.ID
		}
	}
	return h
}

func (h *gitHouse) read(p string) ([]byte, error) {
	id, ok := h.files[path.Clean(p)]
	if !ok {
		return nil, fs.ErrNotExist
	}
	_, data, err := h.repo.Objects().Get(id)
	return data, err
}

func (h *gitHouse) find(wanted func(string) bool) ([]string, bool) {
	var out []string
	for p := range h.files {
		if wanted(p) && !source.Vendored(p) {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out, true
}

func (h *gitHouse) list(folder string) ([]string, error) {
	out, _ := h.find(func(p string) bool { return path.Dir(p) == folder })
	return out, nil
}

// openHouse is the house of a target.
func openHouse(ctx context.Context, t *target, account *source.Account) (house, error) {
	switch {
	case t.stdin:
		return diskHouse{root: ".", part: true}, nil
	case t.file:
		return diskHouse{root: filepath.Dir(t.dir), part: true}, nil
	case t.revision == "":
		return diskHouse{root: t.dir}, nil
	}
	if t.bare {
		if head, err := t.repo.Head(); errors.Is(err, git.ErrNoRef) || err == nil && head.ID.IsZero() {
			return newGitHouse(nil, t.repo), nil // before the first commit
		}
	}
	id, err := t.resolve(t.revision)
	if err != nil {
		return nil, err
	}
	entries, err := treeEntries(ctx, t, id, account)
	return newGitHouse(entries, t.repo), err
}

// houseAbove is the house of the whole repository where the target is a folder of it, and the files of settings that lie
// in the folders on the way to it.
func (c *change) houseAbove(ctx context.Context, t *target, account *source.Account) (house, map[string][]byte, error) {
	switch {
	case t.prefix == "" || t.bare:
		return nil, nil, nil
	case c.known:
		return c.said.base, nil, nil
	case t.revision != "":
		id, err := t.repo.Resolve(t.revision)
		if err != nil {
			return nil, nil, err
		}
		entries, err := commitEntries(ctx, t.repo, id, account)
		return newGitHouse(entries, t.repo), nil, err
	}
	h, kept := diskHouse{root: t.repo.WorkTree()}, map[string][]byte{}
	for dir := path.Dir(t.prefix); dir != "."; dir = path.Dir(dir) {
		for _, name := range settingsNames {
			p := path.Join(dir, name)
			text, err := h.read(p)
			if err == nil {
				kept[p] = text
			} else if !errors.Is(err, fs.ErrNotExist) {
				return nil, nil, fmt.Errorf("%s: %w", p, err)
			}
		}
	}
	return h, kept, nil
}

// noteBaselineAbove tells that a folder has fingerprints of its own, where the repository above it has a baseline.
func (a *app) noteBaselineAbove(t *target, h house) {
	if _, err := h.read(exception.BaselineFile); err == nil {
		a.note("assay: note: %s is looked at by itself; the baseline at the top of the repository does not speak about it", t.name)
	}
}

// settings are what the files of a house say.
type settings struct {
	config  *config.Config
	catalog *profile.Catalog
	notes   []string
	own     bool // there is a file of its own

	// Of the whole repository, where the target is a folder of it: the house and what its files say.
	above      *settings
	aboveHouse house
	folder     string

	// speaks is where the files that the configuration names lie, if that is not the target's house.
	speaks house
}

// isSettings names the files that settings are made of, wherever they lie but in somebody else's code, which speaks about
// somebody else's services.
func isSettings(p string) bool {
	return slices.Contains(settingsNames, path.Base(p)) && !source.Vendored(p)
}

var settingsNames = []string{config.Name, profile.CatalogFile}

// isKept names the files of a target whose text is wanted after the look.
func isKept(p string) bool { return isSettings(p) || isIgnoreFile(p) }

// headFiles are the files that HEAD has, nil before the first commit.
func headFiles(ctx context.Context, t *target, account *source.Account) (*source.GitFiles, error) {
	head, err := t.repo.Head()
	if errors.Is(err, git.ErrNoRef) || err == nil && head.ID.IsZero() {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	entries, err := treeEntries(ctx, t, head.ID, account)
	return &source.GitFiles{Repo: t.repo, Of: finding.Target{Kind: "git-tree", Name: t.name, Revision: head.ID.String()}, Entries: entries}, err
}

// headSettings are the files of settings that HEAD has in folders.
func headSettings(head *source.GitFiles) (map[string][]byte, error) {
	if head == nil {
		return nil, nil
	}
	h, kept := newGitHouse(head.Entries, head.Repo), map[string][]byte{}
	for p := range h.files {
		if isKept(p) {
			text, err := h.read(p)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p, err)
			}
			kept[p] = text
		}
	}
	return kept, nil
}

// readSettings reads the configuration of the root. own is the file that --config names.
func readSettings(h house, said reader, own string) (*settings, error) {
	files, err := configFiles(h, said, own)
	if err != nil {
		return nil, err
	}
	s := &settings{own: len(files) > 0}
	return s, s.merge(files)
}

// merge puts the files together and checks the expressions of all stages: a gate that asks tomorrow says today what is
// wrong with it.
func (s *settings) merge(files []*config.File) (err error) {
	if s.config, err = config.Merge(files...); err != nil {
		return err
	}
	return s.config.Check(celhost.New())
}

func configFiles(h house, said reader, own string) ([]*config.File, error) {
	name := config.Name
	text, err := h.read(name)
	if own != "" {
		name = own
		text, err = said.read(own)
	}
	if errors.Is(err, fs.ErrNotExist) && own == "" {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("configuration %s: %w", name, err)
	}
	file, err := config.ParseRoot(name, text, engines.Names())
	if err != nil {
		return nil, err
	}
	return []*config.File{file}, nil
}

// complete adds what lies in folders, and the services and owners. kept are the files that the scan came across.
func (s *settings) complete(h house, said reader, own string, kept map[string][]byte) error {
	files, err := configFiles(h, said, own)
	if err != nil {
		return err
	}
	var services []profile.Service
	paths, read := keptFiles(h, kept, isSettings)
	for _, p := range paths {
		text, err := read(p)
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		switch {
		case path.Base(p) == config.Name && p != config.Name:
			file, err := config.Parse(p, text, engines.Names())
			if err != nil {
				return err
			}
			files = append(files, file)
		case path.Base(p) == profile.CatalogFile:
			found, notes, err := profile.ParseCatalog(p, text)
			s.notes = append(s.notes, notes...)
			if err != nil {
				s.notes = append(s.notes, err.Error())
			}
			services = append(services, found...)
		}
	}
	if err := s.merge(files); err != nil {
		return err
	}
	if len(s.config.Services) > 0 {
		services = s.config.Services
	}
	owners, notes := readOwners(h)
	s.notes = append(s.notes, notes...)
	s.catalog = profile.NewCatalog(services, owners)
	s.bow()
	return nil
}

// keptFiles lists the wanted files that lie in a target, and says how to read them. What a house of its own holds is never
// taken from the target: that may be the change that is judged.
func keptFiles(h house, kept map[string][]byte, wanted func(string) bool) (paths []string, read func(string) ([]byte, error)) {
	read = h.read
	paths, known := h.find(wanted)
	if !known {
		paths = slices.DeleteFunc(slices.Collect(maps.Keys(kept)), func(p string) bool { return !wanted(p) })
		read = func(p string) ([]byte, error) { return kept[p], nil }
	}
	paths = slices.DeleteFunc(paths, func(p string) bool { return strings.Contains(p, "!/") })
	slices.Sort(paths)
	return paths, read
}

func readOwners(h house) (*profile.Owners, []string) {
	for _, p := range profile.OwnersLocations {
		text, err := h.read(p)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, []string{fmt.Sprintf("%s: %v", p, err)}
		}
		owners, errs := profile.ParseOwners(p, text)
		var notes []string
		for _, e := range errs {
			notes = append(notes, e.Error())
		}
		return owners, notes
	}
	return nil, nil
}

// readBaselines reads the baseline, ours or gitleaks' own. name is what --baseline says; where that is about to be made, it
// need not be there.
func readBaselines(h house, said reader, name string, made bool) (own *exception.Baseline, foreign *exception.Gitleaks, err error) {
	text, err := h.read(exception.BaselineFile)
	file := exception.BaselineFile
	if name != "" {
		file = name
		text, err = said.read(name)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) && (name == "" || made):
		return nil, nil, nil
	case err != nil:
		return nil, nil, fmt.Errorf("baseline %s: %w", file, err)
	case looksLikeGitleaks(text) && made:
		return nil, nil, hint(fmt.Errorf("%s: a report of gitleaks, which is read as a baseline and never written", file), "name another file with --baseline, or move this one away")
	case looksLikeGitleaks(text):
		foreign, err = exception.ParseGitleaksBaseline(file, text)
	default:
		own, err = exception.ParseBaseline(file, text)
	}
	return own, foreign, err
}

// looksLikeGitleaks reports whether a baseline is gitleaks' report: a list, where ours is an object.
func looksLikeGitleaks(text []byte) bool {
	return strings.HasPrefix(strings.TrimSpace(string(text)), "[")
}
