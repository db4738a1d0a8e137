//go:build unix

package odb

import (
	"os"

	"golang.org/x/sys/unix"
)

// nonBlocking keeps the opening of a named pipe from waiting for somebody who writes into it.
const nonBlocking = unix.O_NONBLOCK

func mapping(f *os.File, size int) ([]byte, func() error, error) {
	data, err := unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, nil, err
	}
	return data, func() error { return unix.Munmap(data) }, nil
}
