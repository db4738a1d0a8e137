//go:build unix

package testkit

import (
	"testing"

	"golang.org/x/sys/unix"
)

// Pipe makes a named pipe, where that can be done.
func Pipe(t *testing.T, name string) bool {
	t.Helper()
	if err := unix.Mkfifo(name, 0o600); err != nil {
		t.Log(err)
		return false
	}
	return true
}
