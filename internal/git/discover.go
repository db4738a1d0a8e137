package git

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// ErrNotRepository is returned by Open for a path that is in no repository.
var ErrNotRepository = errors.New("not in a git repository")

// ErrOutside is returned where a repository refers to a place outside the allowed roots that does not refer back.
var ErrOutside = errors.New("points outside the allowed roots")

// location is where a repository's parts are.
type location struct {
	gitDir   string // HEAD, index, per-worktree refs
	common   string // objects, shared refs; the same but for a linked worktree
	workTree string // empty for a bare repository
}

// locate goes from path upward until a folder is a repository or holds one.
func locate(path string, o Options) (location, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return location{}, err
	}
	if o.GitDir != "" {
		return locateGiven(abs, o)
	}
	for dir := abs; ; {
		loc, err := locateIn(dir, o)
		if !errors.Is(err, ErrNotRepository) {
			return loc, err
		}
		up := filepath.Dir(dir)
		if up == dir {
			return location{}, fmt.Errorf("%s: %w", path, ErrNotRepository)
		}
		dir = up
	}
}

func locateGiven(abs string, o Options) (location, error) {
	gitDir, err := filepath.Abs(o.GitDir)
	if err != nil {
		return location{}, err
	}
	loc := location{gitDir: gitDir}
	if loc.common, err = commonDir(gitDir, o); err != nil {
		return location{}, err
	}
	if !isGitDir(gitDir, loc.common) {
		return location{}, fmt.Errorf("%s: %w", o.GitDir, ErrNotRepository)
	}
	if gitDir != abs {
		loc.workTree = abs
	}
	return loc, nil
}

// locateIn looks for a repository in one folder: a folder .git, a file .git, or the folder itself when it is bare.
func locateIn(dir string, o Options) (location, error) {
	dotGit := filepath.Join(dir, ".git")
	info, err := os.Lstat(dotGit)
	switch {
	case err != nil:
	case info.IsDir():
		return locateAt(dotGit, dir, o)
	case info.Mode()&os.ModeSymlink != 0:
		target, err := filepath.EvalSymlinks(dotGit)
		if err != nil {
			return location{}, fmt.Errorf("%s: %w", dotGit, err)
		}
		return follow(dotGit, target, dir, o)
	case info.Mode().IsRegular():
		target, err := readGitFile(dotGit)
		if err != nil {
			return location{}, fmt.Errorf("%s: %w", dotGit, err)
		}
		return follow(dotGit, target, dir, o)
	}
	return locateAt(dir, "", o)
}

// locateAt takes gitDir if it has the shape of a repository.
func locateAt(gitDir, workTree string, o Options) (location, error) {
	common, err := commonDir(gitDir, o)
	if err != nil {
		return location{}, err
	}
	if !isGitDir(gitDir, common) {
		return location{}, ErrNotRepository
	}
	return location{gitDir: gitDir, common: common, workTree: workTree}, nil
}

// isGitDir asks for what git asks for: a HEAD, and folders for objects and refs.
func isGitDir(gitDir, common string) bool {
	if _, err := os.Lstat(filepath.Join(gitDir, "HEAD")); err != nil {
		return false
	}
	return isDir(filepath.Join(common, "objects")) && isDir(filepath.Join(common, "refs"))
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// readGitFile reads "gitdir: PATH" and makes the path absolute.
func readGitFile(file string) (string, error) {
	text, err := readPathFile(file)
	if err != nil {
		return "", err
	}
	target, ok := strings.CutPrefix(text, "gitdir:")
	target = strings.TrimSpace(target)
	if !ok || target == "" {
		return "", errors.New(`no "gitdir: PATH" in it`)
	}
	return absoluteFrom(filepath.Dir(file), target), nil
}

// readPathFile reads a file that holds one path on one line.
func readPathFile(file string) (string, error) {
	data, err := readGiven(file, maxSmallFile)
	return strings.TrimRight(string(data), "\r\n"), err
}

func absoluteFrom(base, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(base, path)
}

// commonDir reads the file that a linked worktree has to name the repository it belongs to.
func commonDir(gitDir string, o Options) (string, error) {
	file := filepath.Join(gitDir, "commondir")
	text, err := readPathFile(file)
	if isAbsent(err) || text == "" {
		return gitDir, nil
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	common := absoluteFrom(gitDir, text)
	// The only place git itself writes is two levels up, which needs no permission: gitDir lies inside it.
	if !within(gitDir, common) && !o.allows(common) {
		return "", fmt.Errorf("%s: %w: %s", file, ErrOutside, common)
	}
	return common, nil
}

// follow goes from dotGit to the repository it names, if that may be done.
func follow(dotGit, target, workTree string, o Options) (location, error) {
	loc, err := locateAt(target, workTree, o)
	if errors.Is(err, ErrNotRepository) {
		return loc, fmt.Errorf("%s: %s: %w", dotGit, target, err)
	}
	if err != nil {
		return loc, err
	}
	if within(target, workTree) || o.allows(target) || pointsBack(loc, dotGit) {
		return loc, nil
	}
	return location{}, fmt.Errorf("%s: %w: %s", dotGit, ErrOutside, target)
}

// pointsBack tells whether the repository knows the worktree that refers to it: a linked worktree is named in the file
// gitdir, a submodule's in core.worktree. Whoever made the tree under examination cannot write there.
func pointsBack(loc location, dotGit string) bool {
	if back, err := readPathFile(filepath.Join(loc.gitDir, "gitdir")); err == nil {
		return sameFile(absoluteFrom(loc.gitDir, back), dotGit)
	}
	root, err := os.OpenRoot(loc.gitDir)
	if err != nil {
		return false
	}
	defer root.Close()
	config, err := readConfig(root, "config")
	if err != nil {
		return false
	}
	back, ok := config.Get("core", "", "worktree")
	return ok && sameFile(absoluteFrom(loc.gitDir, back), loc.workTree)
}

func sameFile(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// allows tells whether path lies in one of the allowed roots, symbolic links resolved on both sides.
func (o Options) allows(path string) bool {
	for _, root := range o.AllowedRoots {
		if within(path, root) {
			return true
		}
	}
	return false
}

// within tells whether path is root or lies below it, symbolic links resolved.
func within(path, root string) bool {
	path, errPath := filepath.EvalSymlinks(path)
	root, errRoot := filepath.EvalSymlinks(root)
	if errPath != nil || errRoot != nil {
		return false
	}
	if abs, err := filepath.Abs(root); err == nil {
		root = abs
	}
	rel, err := filepath.Rel(root, path)
	return err == nil && filepath.IsLocal(rel)
}
