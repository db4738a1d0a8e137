package cli

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// A checkedWriter remembers that something could not be written: of most lines that a verb prints nobody asks, and what
// was not told must not look done.
type checkedWriter struct {
	io.Writer
	err error // the first
}

func (c *checkedWriter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	if err != nil && c.err == nil {
		c.err = cause(err)
	}
	return n, err
}

// checkStdout lets a run notice that standard output takes no more.
func checkStdout(env *Env) *checkedWriter {
	out, width := &checkedWriter{Writer: env.Stdout}, env.Width
	env.Stdout = out
	env.Width = func(w io.Writer) int {
		if w == io.Writer(out) {
			w = out.Writer
		}
		return width(w)
	}
	return out
}

// cause is what went wrong with a file, without the name: that of a temporary one tells nobody anything.
func cause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
