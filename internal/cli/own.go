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
)

const maxOwnFile = 64 << 20

var errNotRegular = errors.New("not a regular file")

// readOwn reads a file of a target's folder by its path from there. A link is followed as long as it stays in the folder,
// and what is no file, such as a pipe that nobody writes to, is refused without waiting for it.
func readOwn(folder, name string) ([]byte, error) {
	if !filepath.IsLocal(name) {
		return nil, errors.New("lies outside of the target")
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, plainError(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	return readBounded(f)
}

// listOwn lists the files in a folder of a target's folder, none where there is no such folder.
func listOwn(folder, name string) ([]string, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, plainError(err))
	}
	var out []string
	for _, e := range entries {
		if !e.IsDir() {
			out = append(out, name+"/"+e.Name())
		}
	}
	return out, nil
}

// placeOwn makes the folders for a file of a target's folder that is to be written, and gives its path. Neither they nor
// the file may lead out.
func placeOwn(folder, name string) (string, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return "", err
	}
	defer root.Close()
	info, err := root.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = root.MkdirAll(filepath.Dir(name), 0o755)
	case err == nil && !info.Mode().IsRegular():
		err = errNotRegular
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, plainError(err))
	}
	return filepath.Join(folder, name), nil
}

// plainError takes the path off an error, which the caller tells, and says in our words what os.Root has no exported error
// for.
func plainError(err error) error {
	var p *fs.PathError
	if !errors.As(err, &p) {
		return err
	}
	switch {
	case strings.Contains(p.Err.Error(), "path escapes"):
		return errors.New("a link leads out of the target")
	case p.Err == syscall.ENOTDIR: // a file of the name that a folder on the way would have
		return fs.ErrNotExist
	}
	return p.Err
}

// readNamed reads a file that a person has named, wherever it lies and whatever it is.
func readNamed(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, plainError(err)
	}
	defer f.Close()
	return readBounded(f)
}

func readBounded(f *os.File) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(f, maxOwnFile+1))
	if err == nil && len(text) > maxOwnFile {
		err = fmt.Errorf("larger than %d bytes", maxOwnFile)
	}
	return text, plainError(err)
}
