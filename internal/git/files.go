package git

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Limits on files read whole. The largest real ones seen are an index of 300 MB and packed-refs of 100 MB.
const (
	maxSmallFile = 1 << 20 // HEAD, a loose ref, config, commondir
	maxLargeFile = 1 << 30 // packed-refs, index, reftable, reflog
)

var errTooLarge = errors.New("file is larger than the limit")

// readFile reads a regular file below root. Pipes and devices are refused before they are opened, because opening them
// can block.
func readFile(root *os.Root, name string, limit int64) ([]byte, error) {
	info, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", name)
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%s: %w of %d bytes", name, errTooLarge, limit)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readSized(f, info.Size(), limit)
}

// readGiven reads a file whose path the caller was given by the user.
func readGiven(path string, limit int64) ([]byte, error) {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return readFile(root, filepath.Base(path), limit)
}

// readSized reads to the end of a file that had the given size a moment ago and may have changed.
func readSized(f io.Reader, size, limit int64) ([]byte, error) {
	data := make([]byte, size, size+1)
	n, err := io.ReadFull(f, data)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return data[:n], nil
	}
	if err != nil {
		return nil, err
	}
	rest, err := io.ReadAll(io.LimitReader(f, limit-size))
	return append(data, rest...), err
}

func isAbsent(err error) bool { return errors.Is(err, fs.ErrNotExist) }
