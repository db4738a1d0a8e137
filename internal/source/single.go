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
	open func(buf []byte, limit int64) ([]byte, error)
}

var _ Source = (*Single)(nil)

// NewFile is the file at a path.
func NewFile(name string) *Single {
	return &Single{Kind: "file", Name: name, Path: filepath.ToSlash(filepath.Base(name)), open: reader(name)}
}

// NewStream is a stream that is read to its end, such as standard input.
func NewStream(name string, r io.Reader) *Single {
	return &Single{Kind: "stdin", Name: name, Path: name, open: func(buf []byte, limit int64) ([]byte, error) {
		text, err := io.ReadAll(io.LimitReader(r, limit+1))
		return append(buf, text...), err
	}}
}

// Target names the file.
func (s *Single) Target() finding.Target { return finding.Target{Kind: s.Kind, Name: s.Name} }

// Each hands the file out.
func (s *Single) Each(ctx context.Context, _ int, _ *Account, visit func(int, *File)) error {
	visit(0, &File{Path: s.Path, Size: -1, Class: classOfPath(s.Path), Read: s.open})
	return ctx.Err()
}
