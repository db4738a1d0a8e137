package source

import (
	"context"
	"io"
	"sync"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
)

// A Source hands out the files of one target, each once.
type Source interface {
	// Target says what is looked at. Its ID is set by the caller.
	Target() finding.Target
	// Each calls visit for every file, from as many goroutines as workers, each with its own number from 0. It returns
	// when all calls have returned. An error means that the target as a whole could not be read or that ctx ended.
	Each(ctx context.Context, workers int, account *Account, visit func(worker int, f *File)) error
}

// A File is one file of a target. It is valid during the visit only.
type File struct {
	Path  string         // slash-separated, relative to the target; archive members as "a.zip!/member"
	Size  int64          // in bytes; -1 where it is not known before reading
	Class coverage.Class // as far as the path tells

	// Read appends up to limit+1 bytes of the file's content to buf; more than limit says that the file is larger.
	Read func(buf []byte, limit int64) ([]byte, error)

	// Open gives the content of a file that is too large to be read at once. nil where there is no such way.
	Open func() (Handle, error)

	// Identity names the content without reading it: two files of one path and identity hold the same. Empty where that
	// is not known. nil is the same.
	Identity func() string
}

// A Handle is an open file.
type Handle interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// An Account is what a source, and whoever visits its files, left out and could not check. It is safe for concurrent
// use; the zero value is ready.
type Account struct {
	mu        sync.Mutex
	skipped   map[string]int
	unchecked []coverage.Unchecked
}

// Skip counts files left out by choice.
func (a *Account) Skip(c coverage.Class, n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.skipped == nil {
		a.skipped = map[string]int{}
	}
	a.skipped[string(c)] += n
}

// Fail records something that should have been looked at and could not be.
func (a *Account) Fail(path, reason string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.unchecked = append(a.unchecked, coverage.Unchecked{Path: path, Reason: reason})
}

// Skipped counts what was left out by choice, by class.
func (a *Account) Skipped() map[string]int { return a.skipped }

// Unchecked lists what could not be looked at, in no order.
func (a *Account) Unchecked() []coverage.Unchecked { return a.unchecked }

// NewHeld is a file whose content is in memory already.
func NewHeld(path string, raw []byte) *File {
	read := func(buf []byte, limit int64) ([]byte, error) {
		return append(buf, raw[:min(int64(len(raw)), limit+1)]...), nil
	}
	return &File{Path: path, Size: int64(len(raw)), Class: classOfPath(path), Read: read}
}

// NewLink is a symbolic link, of which to is at hand, what it points to.
func NewLink(path string, to []byte) *File {
	f := NewHeld(path, to)
	f.Class = coverage.Link
	return f
}
