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
	f, err := openFile(full)
	if err != nil {
		return buf, err
	}
	defer f.Close()
	rest, err := io.ReadAll(io.NewSectionReader(f, 0, min(f.Size(), limit+1)))
	return append(buf, rest...), err
}

// openFolder opens a folder to be listed. But for the target itself no link is followed.
func openFolder(full string, follow bool) (*os.File, error) {
	if info, err := os.Lstat(full); err != nil {
		return nil, err
	} else if !follow && !info.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: full, Err: errors.New("not a folder any more")}
	}
	return os.Open(full)
}

// openFile opens a regular file.
func openFile(full string) (Handle, error) {
	info, err := os.Lstat(full)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: full, Err: errors.New("not a regular file any more")}
	}
	f, err := os.Open(full)
	if err != nil {
		return nil, err
	}
	return sized{f, info.Size()}, nil
}

type sized struct {
	*os.File
	size int64
}

func (s sized) Size() int64 { return s.size }

// identity is not known: what the system says of a file here can be set by whoever changes it.
func identity(string) string { return "" }
