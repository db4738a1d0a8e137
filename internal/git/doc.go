// Package git reads a git repository by itself: where it is, its references and reflogs, names of revisions, the index,
// trees and their differences, and the commit graph. Where in history a blob stood is package paths' to say.
//
// A repository under examination is hostile (design.md §8). So no program is started and no hook, filter or include of
// its configuration is followed; all its files but objects are opened through [os.Root], which does not leave the
// folder, and read up to a limit; a ".git" file is followed out of its tree only where the caller allowed the place or
// the other side points back; walks are bounded by Options. Replacement refs and grafts are not applied: what is looked
// at is what a push would send. The commit-graph file is not believed, because it could hide commits.
//
// Objects come from package odb. Working-tree files, and what to do with a shallow or partial clone, belong to the
// callers: ErrShallow and odb.ErrMissing say what could not be known.
package git
