package cli

import (
	"slices"

	"github.com/assaysec/assay/internal/source"
)

// unaltered gives the files that a commit is compared with to tell what it alters: those of its first base, but where any of
// the trees has a file as the commit has it, or like the commit does not have it, the commit alters nothing.
func unaltered(brought []source.GitEntry, trees [][]source.GitEntry) []source.GitEntry {
	now, missing := map[string]source.GitEntry{}, map[string]bool{}
	for _, e := range brought {
		now[e.Path] = e
	}
	was := map[string]source.GitEntry{}
	for _, e := range trees[0] {
		was[e.Path] = e
	}
	for _, tree := range trees[1:] {
		has := make(map[string]bool, len(tree))
		for _, e := range tree {
			has[e.Path] = true
			if now[e.Path] == e {
				was[e.Path] = e
			}
		}
		for p := range was {
			if _, there := now[p]; !there && !has[p] {
				missing[p] = true
			}
		}
	}
	out := make([]source.GitEntry, 0, len(was))
	for p, e := range was {
		if !missing[p] {
			out = append(out, e)
		}
	}
	return out
}

// shared are the files of a tree whose paths another one has too: a history of its own takes nothing away.
func shared(entries, other []source.GitEntry) []source.GitEntry {
	has := make(map[string]bool, len(other))
	for _, e := range other {
		has[e.Path] = true
	}
	return slices.DeleteFunc(slices.Clone(entries), func(e source.GitEntry) bool { return !has[e.Path] })
}

// sorted parts entries into those that are in a set and those that are not.
func sorted(entries []source.GitEntry, in map[source.GitEntry]bool) (inside, outside []source.GitEntry) {
	for _, e := range entries {
		if in[e] {
			inside = append(inside, e)
		} else {
			outside = append(outside, e)
		}
	}
	return inside, outside
}
