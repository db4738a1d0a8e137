// Package paths answers under which paths each blob of a repository ever stood. It reads every tree of the object store
// once, in the store's own order, which is far cheaper than walking commits; so it also knows the trees of commits that no
// reference leads to. It says nothing of when: that is git.Repo.Locate's, for the few blobs that somebody asks about.
package paths
