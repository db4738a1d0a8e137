// Package paths answers under which paths each blob of a repository ever stood, and in which commits. It takes every tree
// of the object store once, in the store's own order, which is far cheaper than walking commits; so it also knows the trees
// of commits that no reference leads to. Of a tree that is stored as a change of another only the change is parsed.
//
// What it keeps of a tree is two numbers an entry. Which commits there are, and in what order, is the caller's to say.
package paths
