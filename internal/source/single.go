package source

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
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

// NewFile is the file at a path, which may be a link.
func NewFile(name string) *Single {
	full := name
	if to, err := filepath.EvalSymlinks(name); err == nil { // else reading it tells
		full = to
	}
	p := filepath.ToSlash(filepath.Base(name))
	return &Single{Kind: "file", Name: name, Path: p, file: onDisk(p, full)}
}

// NewStream is a stream that is read to its end, such as standard input.
func NewStream(name string, r io.Reader) *Single {
	s := &stream{r: r, quota: streamQuota}
	return &Single{Kind: "stdin", Name: name, Path: name, file: &File{Path: name, Size: -1, Class: classOfPath(name), Read: s.read, Open: s.open}}
}

// streamQuota is how much of a stream is kept on disk while it is looked at.
const streamQuota = 1 << 30

// A stream remembers what was read of it, so that it can be read again like a file.
type stream struct {
	r     io.Reader
	head  []byte
	quota int64
}

func (s *stream) read(buf []byte, limit int64) ([]byte, error) {
	if more := limit + 1 - int64(len(s.head)); more > 0 {
		text, err := io.ReadAll(io.LimitReader(s.r, more))
		s.head = append(s.head, text...)
		if err != nil {
			return append(buf, s.head...), err
		}
	}
	return append(buf, s.head[:min(int64(len(s.head)), limit+1)]...), nil
}

// open puts the stream into a file that only the user can read, and that has no name any more where a system allows that.
func (s *stream) open() (Handle, error) {
	f, err := os.CreateTemp("", "assay-*")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(f.Name()) // else Close does it
	h := spooled{sized{f, 0}}
	h.size, err = io.Copy(f, io.LimitReader(io.MultiReader(bytes.NewReader(s.head), s.r), s.quota+1))
	if err == nil && h.size > s.quota {
		err = fmt.Errorf("larger than the limit of %d bytes for a stream", s.quota)
	}
	if err != nil {
		h.Close()
		return nil, err
	}
	return h, nil
}

type spooled struct{ sized }

func (s spooled) Close() error {
	err := s.sized.Close()
	_ = os.Remove(s.Name()) // gone already, where a system allows that
	return err
}

// Target names the file.
func (s *Single) Target() finding.Target { return finding.Target{Kind: s.Kind, Name: s.Name} }

// Each hands the file out.
func (s *Single) Each(ctx context.Context, _ int, _ *Account, visit func(int, *File)) error {
	visit(0, s.file)
	return ctx.Err()
}
