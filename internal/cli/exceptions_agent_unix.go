//go:build unix

package cli

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// dialSocket connects to a socket of this machine. It stands on the system's call because package net, which leads
// elsewhere too, is closed to this package.
func dialSocket(path string) (io.ReadWriteCloser, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, err
	}
	unix.CloseOnExec(fd)
	if err := unix.Connect(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), path), nil
}
