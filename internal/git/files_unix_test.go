//go:build unix

package git

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestPipeDoesNotBlock puts a pipe where a reference should be: opening one waits for a writer that never comes.
func TestPipeDoesNotBlock(t *testing.T) {
	f := newFixture(t)
	if err := syscall.Mkfifo(filepath.Join(f.dir, ".git/refs/heads/pipe"), 0o600); err != nil {
		t.Skip(err)
	}
	done := make(chan []Ref)
	r := f.open()
	go func() {
		refs, _ := r.Refs()
		done <- refs
	}()
	select {
	case refs := <-done:
		if len(refs) != 1 || refs[0].Err == nil || !strings.Contains(refs[0].Err.Error(), "not a regular file") {
			t.Errorf("refs %+v, want one that is no regular file", refs)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("reading refs waits for a pipe")
	}
}
