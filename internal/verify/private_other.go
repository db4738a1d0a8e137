//go:build !unix

package verify

import "io/fs"

// openToOthers is false where a file's mode says nothing about who can read it: the folder is the user's own.
func openToOthers(fs.FileInfo) bool { return false }
