package source

import (
	"context"
	"io"
	"path/filepath"

	"github.com/assaysec/assay/internal/finding"
)

// A Single is one file, or standard input.
type Single struct {
	Kind string // file or stdin
	Name string // the target's name
	Path string // as findings show it
	file *File
}

var _ Source = (*Single)(nil)

// NewFile is the file at a path.
func NewFile(name string) *Single {
	p := filepath.ToSlash(filepath.Base(name))
	return &Single{Kind: "file", Name: name, Path: p, file: onDisk(p, name)}
}

// NewStream is a stream that is read to its end, such as standard input.
func NewStream(name string, r io.Reader) *Single {
	read := func(buf []byte, limit int64) ([]byte, error) {
		text, err := io.ReadAll(io.LimitReader(r, limit+1))
		return append(buf, text...), err
	}
	return &Single{Kind: "stdin", Name: name, Path: name, file: &File{Path: name, Size: -1, Class: classOfPath(name), Read: read}}
}

// Target names the file.
func (s *Single) Target() finding.Target { return finding.Target{Kind: s.Kind, Name: s.Name} }

// Each hands the file out.
func (s *Single) Each(ctx context.Context, _ int, _ *Account, visit func(int, *File)) error {
	visit(0, s.file)
	return ctx.Err()
}
