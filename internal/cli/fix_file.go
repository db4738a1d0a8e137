package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/fix"
	"github.com/assaysec/assay/internal/risk"
	"github.com/assaysec/assay/internal/scan"
)

// A fixFile is a file with findings that may be fixed.
type fixFile struct {
	path  string
	text  []byte
	risks []*risk.Risk
}

// pinnable are the rules about actions that no full commit names.
var pinnable = map[string]bool{"pipeline/github-action-unpinned": true, "pipeline/github-short-commit": true}

// read reads the files in which something may be done, sorted.
func (w *fixer) read(open map[string][]*risk.Risk) ([]*fixFile, error) {
	var files []*fixFile
	for _, path := range slices.Sorted(maps.Keys(open)) {
		f := &fixFile{path: path}
		for _, r := range open[path] {
			if pinnable[r.Rule] || len(r.Fixes) > 0 && len(r.Fixes[0].Edits) > 0 {
				f.risks = append(f.risks, r)
			}
		}
		if len(f.risks) == 0 {
			continue
		}
		var err error
		if f.text, err = readOwn(w.root, filepath.FromSlash(path)); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if slices.ContainsFunc(f.risks, f.stale) {
			return nil, fmt.Errorf("%s: %w", path, errChanged)
		}
		files = append(files, f)
	}
	return files, nil
}

var errChanged = errors.New("changed while assay looked at it; run it again")

// stale reports whether the lines that a finding shows are others by now, so that its edits would hit the wrong place.
func (f *fixFile) stale(r *risk.Risk) bool {
	if r.Place.Frame == nil {
		return false
	}
	lines := bytes.Split(f.text, []byte{'\n'})
	for i, shown := range r.Place.Frame.Lines {
		n := r.Place.Frame.First + i - 1
		if n >= len(lines) {
			return true
		}
		now := scan.Mask(strings.TrimRight(string(lines[n]), "\r"))
		begin, cut := strings.CutSuffix(shown, "…")
		if now != shown && !(cut && strings.HasPrefix(now, begin)) {
			return true
		}
	}
	return false
}

// uses is the name of an action that a finding wants pinned, as the file has it; empty for other findings.
func (f *fixFile) uses(r *risk.Risk) string {
	if !pinnable[r.Rule] {
		return ""
	}
	uses, _ := fix.Uses(f.text, &r.Place)
	return uses
}

// change makes the fixes of the file.
func (f *fixFile) change(pins *fix.Pins) (*fix.Change, error) {
	var list []fix.Wanted
	for _, r := range f.risks {
		if len(r.Fixes) > 0 && len(r.Fixes[0].Edits) > 0 {
			list = append(list, fix.Wanted{Finding: &r.Finding, Fix: r.Fixes[0]})
		} else if pinned, ok := fix.Pinned(f.text, &r.Place, pins); ok && pinnable[r.Rule] {
			list = append(list, fix.Wanted{Finding: &r.Finding, Fix: pinned})
		}
	}
	return fix.Apply(f.path, f.text, list)
}

// writable says why a text may not be put in the place of another one in a file of a target's folder: the file holds
// something else by now, may not be written, or is what a link leads to.
func writable(folder, name string, old []byte) (mode fs.FileMode, err error) {
	current, err := readOwn(folder, name)
	if err != nil {
		return 0, err
	}
	if !bytes.Equal(current, old) {
		return 0, errChanged
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return 0, err
	}
	defer root.Close()
	info, err := root.Lstat(name)
	switch {
	case err != nil:
		return 0, plainError(err)
	case !info.Mode().IsRegular():
		return 0, errNotRegular
	case info.Mode().Perm()&0o200 == 0:
		return 0, errors.New("may not be written: it is read-only")
	}
	return info.Mode().Perm(), nil
}

// rewriteOwn puts a text in the place of another one in a file that is writable. The file keeps its mode, and has the old
// text or the new one at every moment.
func rewriteOwn(folder, name string, old, now []byte) error {
	mode, err := writable(folder, name, old)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	return swapOwn(root, name, now, mode)
}

// swapOwn writes a file beside another one and gives it the other's name.
func swapOwn(root *os.Root, name string, text []byte, mode fs.FileMode) error {
	tmp := filepath.Join(filepath.Dir(name), fmt.Sprintf(".%s.assay-%d", filepath.Base(name), os.Getpid()))
	f, err := root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return plainError(err)
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(mode), f.Close())
	if err == nil {
		err = root.Rename(tmp, name)
	}
	if err != nil {
		root.Remove(tmp) // what is there is of no use, and the error is told
		return cause(err)
	}
	return nil
}
