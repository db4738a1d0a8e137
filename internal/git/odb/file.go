package odb

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// openRegular opens a file below root for reading. Whatever is not a regular file is refused without being opened in a way
// that could block, and os.Root refuses links that lead out of the object directory.
func openRegular(root *os.Root, name string) (*os.File, int64, error) {
	f, err := root.OpenFile(name, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return nil, 0, pathless(err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = ErrNotRegular
	}
	if err != nil {
		f.Close()
		return nil, 0, pathless(err)
	}
	return f, info.Size(), nil
}

// pathless takes the path off an error that will be shown beside one.
func pathless(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// readSmall reads a file of at most limit bytes.
func readSmall(root *os.Root, name string, limit int64) ([]byte, error) {
	f, size, err := openRegular(root, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if size > limit {
		return nil, fmt.Errorf("file has %d bytes, more than the limit of %d", size, limit)
	}
	data := make([]byte, size)
	n, err := io.ReadFull(f, data)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, pathless(err)
	}
	return data[:n], nil
}

// mapFile makes the bytes of a file readable until the returned function is called.
func mapFile(root *os.Root, name string) ([]byte, func() error, error) {
	f, size, err := openRegular(root, name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if size == 0 {
		return nil, func() error { return nil }, nil
	}
	if size > math.MaxInt {
		return nil, nil, fmt.Errorf("file of %d bytes does not fit the address space", size)
	}
	return mapping(f, int(size))
}
