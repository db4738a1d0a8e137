//go:build unix

package source

import (
	"errors"
	"io/fs"
	"slices"

	"golang.org/x/sys/unix"
)

// readFile appends up to limit+1 bytes of a regular file to buf. It uses the system calls themselves: a walk opens many
// small files, and half of what os.Open does is for pipes and terminals. A link that took the file's place since the
// folder was listed is refused, and so is a pipe, which would never end.
func readFile(buf []byte, full string, limit int64) ([]byte, error) {
	fd, err := retry(func() (int, error) {
		return unix.Open(full, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	})
	if err != nil {
		return buf, &fs.PathError{Op: "open", Path: full, Err: err}
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return buf, &fs.PathError{Op: "stat", Path: full, Err: err}
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return buf, &fs.PathError{Op: "open", Path: full, Err: errors.New("not a regular file any more")}
	}
	return fill(buf, full, fd, min(st.Size, limit+1))
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

func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err != unix.EINTR {
			return n, err
		}
	}
}
