package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/workplace"
)

// A hookPlace is the folder that git runs a repository's hooks from.
type hookPlace struct {
	dir     string // without links
	from    *workplace.GitSetting
	sourced bool // husky's: a manager reads the scripts in it
}

// maxHook bounds a hook that our lines are put into. A larger one is moved aside, as a program is.
const maxHook = 1 << 20

// hooksOf finds the folder, and makes it where create says so: the one of core.hooksPath, else hooks in the folder that all worktrees share. Without the
// setting it has to lie in the repository: a link elsewhere would let us write into somebody else's.
func (a *app) hooksOf(repo *git.Repo, create bool) (hookPlace, error) {
	c, files := a.gitConfig(repo)
	if s := c.Last(files, "core", "hookspath"); s != nil {
		return a.hooksPath(repo, c.Expand(s.Value), s, create)
	}
	dir := filepath.Join(repo.CommonDir(), "hooks")
	if create {
		if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return hookPlace{}, err
		}
	}
	real, err := filepath.EvalSymlinks(dir)
	if errors.Is(err, fs.ErrNotExist) && !create {
		return hookPlace{dir: dir}, nil
	}
	if err != nil {
		return hookPlace{}, err
	}
	for _, inside := range []string{repo.CommonDir(), repo.WorkTree()} {
		if isWithin(inside, real) {
			return hookPlace{dir: real}, nil
		}
	}
	return hookPlace{}, hint(fmt.Errorf("%s is a link that leads out of the repository, to %s", dir, real),
		"if that is meant, say so: git config core.hooksPath %s", shellWord(real))
}

func (a *app) hooksPath(repo *git.Repo, dir string, s *workplace.GitSetting, create bool) (hookPlace, error) {
	if !filepath.IsAbs(dir) {
		top := repo.WorkTree()
		if top == "" {
			top = repo.GitDir()
		}
		dir = filepath.Join(top, dir)
	}
	place := hookPlace{from: s}
	// husky renews what lies in this folder, and lets the script of the same name above it speak.
	if filepath.Base(dir) == "_" && filepath.Base(filepath.Dir(dir)) == ".husky" {
		dir, place.sourced = filepath.Dir(dir), true
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return place, hint(fmt.Errorf("core.hooksPath is %s (%s), which is no folder: git runs no hooks here", s.Value, s.File), "git config --unset core.hooksPath, where that is not meant")
	}
	if create {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return place, err
		}
	}
	var err error
	place.dir, err = filepath.EvalSymlinks(dir)
	if errors.Is(err, fs.ErrNotExist) && !create {
		place.dir, err = dir, nil
	}
	return place, err
}

// isWithin reports whether a path without links lies in a folder.
func isWithin(folder, path string) bool {
	if folder == "" {
		return false
	}
	folder, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(rel)
}

// gitConfig is how git's configuration is read, and the files of it in git's order (git-config(1), "Files").
func (a *app) gitConfig(repo *git.Repo) (*workplace.GitConfig, []string) {
	home := a.Getenv("HOME")
	c := &workplace.GitConfig{Read: readConfigFile, Home: home, GitDir: repo.GitDir()}
	if real, err := filepath.EvalSymlinks(repo.GitDir()); err == nil {
		c.GitDir = real
	}
	if head, err := repo.Head(); err == nil {
		c.Branch = strings.TrimPrefix(head.Target, "refs/heads/")
	}
	var files []string
	if off := a.Getenv("GIT_CONFIG_NOSYSTEM"); off == "" || off == "0" || off == "false" {
		files = append(files, orElse(a.Getenv("GIT_CONFIG_SYSTEM"), "/etc/gitconfig"))
	}
	if global := a.Getenv("GIT_CONFIG_GLOBAL"); global != "" {
		files = append(files, global)
	} else if home != "" {
		files = append(files, filepath.Join(orElse(a.Getenv("XDG_CONFIG_HOME"), filepath.Join(home, ".config")), "git", "config"), filepath.Join(home, ".gitconfig"))
	}
	files = append(files, filepath.Join(repo.CommonDir(), "config"))
	if repo.Config().Bool("extensions", "", "worktreeconfig") {
		files = append(files, filepath.Join(repo.GitDir(), "config.worktree"))
	}
	return c, files
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// readConfigFile reads a regular file, through links: people keep their configuration where they like.
func readConfigFile(path string) ([]byte, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	return readOwn(filepath.Dir(real), filepath.Base(real))
}

// readHook looks at one hook without following a link.
func readHook(root *os.Root, name string, sourced bool) (f workplace.HookFile, mode fs.FileMode, err error) {
	info, err := root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return f, 0, nil
	}
	if err != nil {
		return f, 0, plainError(err)
	}
	f.Exists, f.Regular, f.Sourced = true, info.Mode().IsRegular(), sourced
	f.Executable = info.Mode()&0o111 != 0
	if !f.Regular || info.Size() > maxHook {
		return f, info.Mode(), nil
	}
	file, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return f, 0, plainError(err)
	}
	defer file.Close()
	f.Text, err = io.ReadAll(io.LimitReader(file, maxHook))
	return f, info.Mode(), err
}

// carryOut does what a plan says. The hook appears whole or not at all, and what was there before is put back where that
// goes wrong.
func carryOut(root *os.Root, name string, plan workplace.HookPlan, mode fs.FileMode) error {
	aside := name + workplace.Aside
	_, err := root.Lstat(aside)
	had := err == nil
	if plan.SetAside {
		if had {
			return hint(fmt.Errorf("%s is in the way: it keeps the hook from before", aside), "move it away, or back to %s", name)
		}
		if err := root.Rename(name, aside); err != nil {
			return plainError(err)
		}
	}
	if plan.Write != nil {
		if err := writeFile(root, name, plan.Write, mode); err != nil {
			if plan.SetAside {
				_ = root.Rename(aside, name)
			}
			return err
		}
	}
	if plan.Restore {
		if had {
			return plainError(root.Rename(aside, name))
		}
		return plainError(root.Remove(name))
	}
	return nil
}

// writeFile writes a file of a folder as a whole. A mode of 0 is that of a new program.
func writeFile(root *os.Root, name string, text []byte, mode fs.FileMode) error {
	temp := filepath.Join(filepath.Dir(name), fmt.Sprintf(".%s.assay-%d", filepath.Base(name), os.Getpid()))
	f, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return plainError(err)
	}
	_, err = f.Write(text)
	if err == nil && mode != 0 {
		err = f.Chmod(mode.Perm())
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = root.Rename(temp, name)
	}
	if err != nil {
		_ = root.Remove(temp)
		return plainError(err)
	}
	return nil
}

// hookFile is a hook as it lies there, and where. It changes nothing.
func (a *app) hookFile(repo *git.Repo, hook string) (file workplace.HookFile, path string, err error) {
	place, err := a.hooksOf(repo, false)
	if err != nil {
		return file, "", err
	}
	path = filepath.Join(place.dir, hook)
	root, err := os.OpenRoot(place.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return file, path, nil
	}
	if err != nil {
		return file, path, err
	}
	defer root.Close()
	file, _, err = readHook(root, hook, place.sourced)
	return file, path, err
}
