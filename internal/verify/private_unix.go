//go:build unix

package verify

import "io/fs"

// openToOthers reports whether anybody but its owner can read a file.
func openToOthers(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }
