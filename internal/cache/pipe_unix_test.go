//go:build unix

package cache

import (
	"testing"

	"golang.org/x/sys/unix"
)

// makePipe makes a named pipe, where that can be done.
func makePipe(t *testing.T, name string) bool {
	t.Helper()
	if err := unix.Mkfifo(name, 0o600); err != nil {
		t.Log(err)
		return false
	}
	return true
}
