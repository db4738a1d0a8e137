package odb

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	maxAlternatesFile  = 1 << 20
	maxAlternatesDepth = 5   // as in git
	maxDirs            = 100 // each takes a file descriptor
)

// allowedRoots resolves the links in the roots once; one that does not exist allows nothing.
func allowedRoots(roots []string) []string {
	var out []string
	for _, r := range roots {
		real, err := filepath.EvalSymlinks(r)
		if err != nil {
			continue
		}
		if real, err = filepath.Abs(real); err == nil {
			out = append(out, real)
		}
	}
	return out
}

// followAlternates opens the directories that the open ones borrow objects from, and those that these borrow from.
func (s *Store) followAlternates(roots []string) {
	level := s.dirs
	for depth := 0; len(level) > 0; depth++ {
		known := len(s.dirs)
		for _, d := range level {
			s.followAlternatesOf(d, roots, depth)
		}
		level = s.dirs[known:]
	}
}

func (s *Store) followAlternatesOf(d *objectDir, roots []string, depth int) {
	file := d.path + "/info/alternates"
	data, err := readSmall(d.root, filepath.Join("info", "alternates"), maxAlternatesFile)
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	if err != nil {
		s.report(file, err)
		return
	}
	for _, path := range parseAlternates(string(data)) {
		if !filepath.IsAbs(path) {
			path = filepath.Join(d.real, path)
		}
		err := errAlternateDeep
		if depth < maxAlternatesDepth {
			err = s.openAlternate(path, roots)
		}
		if err != nil {
			s.report(path, pathless(err))
		}
	}
}

func (s *Store) openAlternate(path string, roots []string) error {
	// Without an allowed root not even the existence of the path is looked at.
	if len(roots) == 0 {
		return ErrOutsideRoots
	}
	if len(s.dirs) >= maxDirs {
		return errTooManyDirs
	}
	real, err := filepath.EvalSymlinks(path)
	if err == nil && inside(roots, real) {
		return s.openDir(real)
	}
	if err != nil && inside(roots, filepath.Clean(path)) {
		return err
	}
	return ErrOutsideRoots // and nothing about what is there
}

func inside(roots []string, path string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		rel, err := filepath.Rel(root, path)
		return err == nil && filepath.IsLocal(rel)
	})
}

// parseAlternates reads one path a line. A line that begins with a quotation mark is quoted as in C.
func parseAlternates(text string) []string {
	var paths []string
	for line := range strings.SplitSeq(text, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '"' {
			if plain, err := strconv.Unquote(line); err == nil {
				line = plain
			}
		}
		paths = append(paths, line)
	}
	return paths
}
