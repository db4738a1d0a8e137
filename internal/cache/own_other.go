//go:build !unix

package cache

import (
	"errors"
	"io/fs"
	"os"
)

// openOwn opens a regular file. Whose it is, the user's own folder must see to.
func openOwn(name string) (*os.File, error) {
	info, err := os.Lstat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: errors.New("not a regular file")}
	}
	if err != nil {
		return nil, err
	}
	return os.Open(name)
}
