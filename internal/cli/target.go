package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/git/odb"
	"github.com/assaysec/assay/internal/source"
)

// A target is what a person asked to be looked at.
type target struct {
	name     string
	dir      string    // folder on disk, or the repository's
	stdin    bool      // read standard input
	file     bool      // dir is one file
	revision string    // look at this revision, not at the files on disk
	bare     bool      // there are no files on disk; nobody named the revision
	served   bool      // git itself calls in this repository, and has read what it borrows from others
	repo     *git.Repo // nil where there is none
	prefix   string    // dir's path from the top of the work tree

	given source.Source // what is looked at, where no path or revision names it
}

// laterTargets are kinds of target that other tools know and this version does not.
var laterTargets = []string{"image:", "oci:", "tar:", "sbom:"}

// openTarget finds out what an argument names.
func (a *app) openTarget(arg string) (*target, error) {
	for _, kind := range laterTargets {
		if strings.HasPrefix(arg, kind) {
			return nil, hint(fmt.Errorf("%s targets are not supported by this version", kind), "give a path, git:PATH@REVISION, or - for standard input")
		}
	}
	if arg == "" {
		return nil, hint(errors.New("the target is empty"), "give a path, git:PATH@REVISION, or - for standard input")
	}
	if arg == "-" {
		return &target{name: "-", stdin: true}, nil
	}
	t := &target{name: arg, dir: arg}
	if rest, ok := strings.CutPrefix(arg, "git:"); ok {
		t.dir, t.revision = splitRevision(rest)
		if strings.Contains(t.dir, "://") {
			return nil, hint(fmt.Errorf("%s: repositories elsewhere are not supported by this version", arg), "clone it, then give git:PATH@REVISION")
		}
		if t.revision == "" {
			return nil, hint(fmt.Errorf("%s: the revision is empty", arg), "give one, such as git:%s@HEAD", t.dir)
		}
	}
	info, err := os.Stat(t.dir)
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) {
			return nil, hint(fmt.Errorf("%s: %w", t.dir, p.Err), "give a path that exists, or - for standard input")
		}
		return nil, err
	}
	if !info.IsDir() {
		if t.revision != "" {
			return nil, hint(fmt.Errorf("%s: not a folder", t.dir), "give git:FOLDER@REVISION")
		}
		t.file = true
		return t, nil
	}
	if err := a.openRepo(t); err != nil {
		return nil, err
	}
	if t.revision != "" {
		_, err = t.needRepo("git:")
		return t, err
	}
	if t.repo != nil && t.holdsObjects() {
		t.revision, t.bare = "HEAD", true
	}
	return t, nil
}

// holdsObjects reports whether the target's folder is that of a repository's objects, without a work tree: what it holds
// can be read in the repository only.
func (t *target) holdsObjects() bool {
	if t.repo.WorkTree() == "" {
		return true
	}
	dir, err1 := filepath.EvalSymlinks(t.dir)
	inner, err2 := filepath.EvalSymlinks(t.repo.GitDir())
	if err1 != nil || err2 != nil {
		return false
	}
	dir, err1 = filepath.Abs(dir)
	inner, err2 = filepath.Abs(inner)
	rel, err := filepath.Rel(inner, dir)
	return errors.Join(err1, err2, err) == nil && filepath.IsLocal(rel)
}

// splitRevision parts PATH@REVISION at the first @ before which a path stands that exists: both may hold one, such as
// HEAD@{1}.
func splitRevision(text string) (dir, revision string) {
	for i, c := range text {
		if c != '@' || i == 0 {
			continue
		}
		if _, err := os.Stat(text[:i]); err == nil {
			return text[:i], text[i+1:]
		}
	}
	if at := strings.LastIndexByte(text, '@'); at > 0 {
		if _, err := os.Stat(text); err != nil {
			return text[:at], text[at+1:]
		}
	}
	return text, "HEAD"
}

// openRepo finds the repository that the target's folder lies in, if any.
func (a *app) openRepo(t *target) error {
	o := git.Options{
		GitDir: a.Getenv("GIT_DIR"), IndexFile: a.Getenv("GIT_INDEX_FILE"), ObjectDirectory: a.Getenv("GIT_OBJECT_DIRECTORY"),
		AlternateObjectDirectories: filepath.SplitList(a.Getenv("GIT_ALTERNATE_OBJECT_DIRECTORIES")),
	}
	if t.served {
		o.AllowedRoots = []string{filepath.VolumeName(t.dir) + string(filepath.Separator)}
	}
	repo, err := git.Open(t.dir, o)
	if errors.Is(err, git.ErrNotRepository) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	t.repo = repo
	for _, p := range repo.Objects().Problems() {
		if errors.Is(p.Err, odb.ErrOutsideRoots) {
			a.borrowed = filepath.Clean(p.Path)
		}
	}
	top, err1 := filepath.EvalSymlinks(repo.WorkTree())
	dir, err2 := filepath.EvalSymlinks(t.dir)
	if err1 != nil || err2 != nil || repo.WorkTree() == "" {
		return nil
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if rel, err := filepath.Rel(top, dir); err == nil && rel != "." && !strings.HasPrefix(rel, "..") {
		t.prefix = filepath.ToSlash(rel)
	}
	return nil
}

// lost tells what may be behind an object that is not there: a clone that borrows objects from another one, which is not
// followed out of the repository, since whoever wrote the repository says where that is.
func (a *app) lost(err error) error {
	if a.borrowed == "" || !errors.Is(err, odb.ErrMissing) {
		return err
	}
	said := &UserError{Err: err}
	if user, ok := errors.AsType[*UserError](err); ok {
		said.Code = user.Code
	}
	said.Hint = fmt.Sprintf("the repository borrows objects from %[1]s, which lies outside of it; if that is yours: GIT_ALTERNATE_OBJECT_DIRECTORIES=%[1]s", shellWord(a.borrowed))
	return said
}

// needRepo returns the repository, or an error that says which flag asked for it.
func (t *target) needRepo(flag string) (*git.Repo, error) {
	if t.file {
		return nil, hint(fmt.Errorf("%s: %s takes the folder of a repository, and this is a file", t.name, flag), "give its folder: %s", filepath.Dir(t.dir))
	}
	if t.repo == nil {
		return nil, hint(fmt.Errorf("%s: %w", t.name, git.ErrNotRepository), "%s needs one: give the folder of a clone", flag)
	}
	return t.repo, nil
}

// resolve finds a commit. Where there is none at all, HEAD is no mistake of who typed it.
func (t *target) resolve(rev string) (odb.ID, error) {
	id, err := t.repo.Resolve(rev)
	if !errors.Is(err, git.ErrUnknownRevision) {
		return id, err
	}
	if refs, none := t.repo.Refs(); none == nil && len(refs) == 0 {
		return id, hint(fmt.Errorf("%s: the repository has no commit yet", rev), "commit something, or look at the files as they are: assay scan")
	}
	return id, err
}

// needHistory refuses a target that has no history.
func (t *target) needHistory() error {
	if t.revision != "" && !t.bare {
		return hint(fmt.Errorf("--history looks at every revision, and %s names one", t.name), "give the folder of the repository")
	}
	_, err := t.needRepo("--history")
	return err
}

// source is where the target's bytes come from.
func (a *app) source(ctx context.Context, t *target, f *lookFlags, c *change, account *source.Account) (source.Source, error) {
	switch {
	case t.given != nil:
		return t.given, nil
	case t.stdin:
		return source.NewStream("-", untilDone(ctx, a.Stdin)), nil
	case t.file:
		return source.NewFile(t.dir), nil
	case f.staged:
		return stagedSource(ctx, t, c)
	case t.revision != "":
		return revisionSource(ctx, t, account)
	}
	return dirSource(ctx, t, f, account)
}

// untilDone reads from r until ctx is done, also where r waits for a person at a terminal: nothing else ends that. What
// reads from r is then left behind, since the program is about to end.
func untilDone(ctx context.Context, r io.Reader) io.Reader {
	out, in := io.Pipe()
	go func() {
		_, err := io.Copy(in, r)
		in.CloseWithError(err)
	}()
	context.AfterFunc(ctx, func() { in.CloseWithError(ctx.Err()) })
	return out
}

func stagedSource(ctx context.Context, t *target, c *change) (source.Source, error) {
	of := finding.Target{Kind: "git-staged", Name: t.name}
	return source.Staged(ctx, c.repo, of, c.tree, func(p string) (string, bool) { return below(t.prefix, p) })
}

func revisionSource(ctx context.Context, t *target, account *source.Account) (source.Source, error) {
	repo, err := t.needRepo("git:")
	if err != nil {
		return nil, err
	}
	id, err := t.resolve(t.revision)
	if err != nil {
		return nil, err
	}
	entries, err := treeEntries(ctx, t, id, account)
	return &source.GitFiles{Repo: repo, Of: finding.Target{Kind: "git-tree", Name: t.name, Revision: id.String()}, Entries: entries}, err
}

// treeEntries are the files that a commit has in the target's folder, by their paths from there.
func treeEntries(ctx context.Context, t *target, commit odb.ID, account *source.Account) ([]source.GitEntry, error) {
	entries, err := commitEntries(ctx, t.repo, commit, account)
	return entriesBelow(t.prefix, entries), err
}

// commitEntries are all files that a commit has.
func commitEntries(ctx context.Context, repo *git.Repo, commit odb.ID, account *source.Account) ([]source.GitEntry, error) {
	tree, err := repo.TreeOf(commit)
	if err != nil {
		return nil, err
	}
	return source.TreeOf(ctx, repo, tree, account)
}

func entriesBelow(folder string, entries []source.GitEntry) []source.GitEntry {
	if folder == "" {
		return entries
	}
	var out []source.GitEntry
	for _, e := range entries {
		if p, ok := below(folder, e.Path); ok {
			e.Path = p
			out = append(out, e)
		}
	}
	return out
}

// dirSource is a folder on disk. What git tracks in it is looked at, whatever ignore files say.
func dirSource(ctx context.Context, t *target, f *lookFlags, account *source.Account) (source.Source, error) {
	d := &source.Dir{Root: t.dir, Options: source.Options{NoIgnore: f.noIgnore}}
	if t.repo == nil || f.noIgnore || t.repo.WorkTree() == "" {
		return d, nil
	}
	index, err := t.repo.Index(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: the index: %w", t.name, err)
	}
	var tracked []string
	for _, e := range index.Entries {
		p, ok := below(t.prefix, e.Path)
		switch {
		case !ok:
		case e.Mode == odb.ModeSubmodule:
			tracked = append(tracked, submodule(ctx, t.dir, p, 0, account)...)
		default:
			tracked = append(tracked, p)
		}
	}
	exclude, err := t.repo.Exclude()
	if err != nil {
		return nil, fmt.Errorf("%s: .git/info/exclude: %w", t.name, err)
	}
	d.Tracked, d.Prefix = source.NewTracked(tracked), t.prefix
	d.Above = source.IgnoreAbove(t.repo.WorkTree(), t.prefix, exclude)
	return d, nil
}

// maxNested bounds how deep submodules lie in one another.
const maxNested = 16

// submodule lists what a submodule tracks. One that is not checked out is accounted for.
func submodule(ctx context.Context, dir, p string, depth int, account *source.Account) []string {
	full := filepath.Join(dir, filepath.FromSlash(p))
	info, err := os.Lstat(full)
	if err == nil && info.IsDir() {
		_, err = os.Lstat(filepath.Join(full, ".git"))
	}
	if err != nil {
		account.Fail(p, "a submodule that is not checked out; git submodule update --init brings it")
		return nil
	}
	repo, err := git.Open(full, git.Options{})
	if err != nil {
		return nil // its files are looked at as untracked ones are
	}
	defer repo.Close()
	index, err := repo.Index(ctx)
	if err != nil {
		return nil
	}
	var tracked []string
	for _, e := range index.Entries {
		switch q := path.Join(p, e.Path); {
		case !strings.HasPrefix(q, p+"/"):
		case e.Mode == odb.ModeSubmodule && depth < maxNested:
			tracked = append(tracked, submodule(ctx, dir, q, depth+1, account)...)
		default:
			tracked = append(tracked, q)
		}
	}
	return tracked
}

// below gives a path as it is from a folder, if it is in there.
func below(folder, p string) (string, bool) {
	if folder == "" {
		return p, true
	}
	return strings.CutPrefix(p, folder+"/")
}
