//go:build unix

package source

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// readFile appends up to limit+1 bytes of a regular file to buf. It uses the system calls themselves: a walk opens many
// small files, and half of what os.Open does is for pipes and terminals.
func readFile(buf []byte, full string, limit int64) ([]byte, error) {
	fd, size, err := openRegular(full)
	if err != nil {
		return buf, err
	}
	defer unix.Close(fd)
	if size == 0 { // what a system makes up while it is read, as in /proc, has no size
		return drain(buf, full, fd, limit+1)
	}
	return fill(buf, full, fd, min(size, limit+1))
}

// openFolder opens a folder to be listed. But for the target itself no link is followed.
func openFolder(full string, follow bool) (*os.File, error) {
	flags := os.O_RDONLY | unix.O_DIRECTORY
	if !follow {
		flags |= unix.O_NOFOLLOW
	}
	return os.OpenFile(full, flags, 0)
}

// openRegular opens a file and tells its size. A link that took the file's place since the folder was listed is refused,
// and so is a pipe, which would never end.
func openRegular(full string) (fd int, size int64, err error) {
	fd, err = retry(func() (int, error) {
		return unix.Open(full, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	})
	if err != nil {
		return -1, 0, &fs.PathError{Op: "open", Path: full, Err: err}
	}
	var st unix.Stat_t
	if err = unix.Fstat(fd, &st); err == nil && st.Mode&unix.S_IFMT != unix.S_IFREG {
		err = errors.New("not a regular file any more")
	}
	if err != nil {
		unix.Close(fd)
		return -1, 0, &fs.PathError{Op: "open", Path: full, Err: err}
	}
	return fd, st.Size, nil
}

// openFile opens a file to be read in pieces.
func openFile(full string) (Handle, error) {
	fd, size, err := openRegular(full)
	if err != nil {
		return nil, err
	}
	return sized{os.NewFile(uintptr(fd), full), size}, nil
}

type sized struct {
	*os.File
	size int64
}

func (s sized) Size() int64 { return s.size }

// settled is how long a file must have stayed as it is before its times name its content: a second change within the
// resolution of the clock would not show.
const settled = 2 * time.Second

// identity names a file's content by what the system knows of it. The change time cannot be set by whoever changes a
// file, so a file that has it has not been written to.
func identity(full string) string {
	var st unix.Stat_t
	if unix.Lstat(full, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
		return ""
	}
	mtime, ctime := time.Unix(st.Mtim.Unix()), time.Unix(st.Ctim.Unix())
	if limit := time.Now().Add(-settled); mtime.After(limit) || ctime.After(limit) {
		return ""
	}
	return fmt.Sprint("disk ", st.Dev, st.Ino, st.Size, mtime.UnixNano(), ctime.UnixNano())
}

// fill reads at most n bytes. What is appended to the file meanwhile belongs to the next run.
func fill(buf []byte, full string, fd int, n int64) ([]byte, error) {
	start := len(buf)
	buf = slices.Grow(buf, int(n))
	for int64(len(buf)-start) < n {
		got, err := retry(func() (int, error) { return unix.Read(fd, buf[len(buf):start+int(n)]) })
		if err != nil {
			return buf, &fs.PathError{Op: "read", Path: full, Err: err}
		}
		if got == 0 {
			break
		}
		buf = buf[:len(buf)+got]
	}
	return buf, nil
}

// drain reads to the end, at most n bytes.
func drain(buf []byte, full string, fd int, n int64) ([]byte, error) {
	const step = 4 << 10
	for end := int64(len(buf)) + n; ; {
		before := len(buf)
		var err error
		if buf, err = fill(buf, full, fd, min(step, end-int64(before))); err != nil || len(buf) == before {
			return buf, err
		}
	}
}

func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err != unix.EINTR {
			return n, err
		}
	}
}
