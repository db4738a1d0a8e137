//go:build !unix

package source

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// readFile appends up to limit+1 bytes of a regular file to buf.
func readFile(buf []byte, full string, limit int64) ([]byte, error) {
	info, err := os.Lstat(full)
	if err != nil {
		return buf, err
	}
	if !info.Mode().IsRegular() {
		return buf, &fs.PathError{Op: "open", Path: full, Err: errors.New("not a regular file any more")}
	}
	f, err := os.Open(full)
	if err != nil {
		return buf, err
	}
	defer f.Close()
	rest, err := io.ReadAll(io.LimitReader(f, limit+1))
	return append(buf, rest...), err
}
