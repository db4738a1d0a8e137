package cli

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// A report to a device must not replace the device, nor one to a link the link.
func TestReplace(t *testing.T) {
	hello := func(w io.Writer) error {
		_, err := io.WriteString(w, "hello")
		return err
	}
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := os.Symlink("file", link); err != nil {
		t.Fatal(err)
	}
	device := filepath.Join(dir, "device")
	if err := os.Symlink(os.DevNull, device); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{file, link, device} {
		if err := replace(name, hello); err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
		}
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "hello" {
		t.Errorf("file: %q, %v", text, err)
	}
	for _, name := range []string{link, device} {
		if info, err := os.Lstat(name); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("%s is no link any more: %v, %v", filepath.Base(name), info, err)
		}
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode()&os.ModeDevice == 0 {
		t.Errorf("%s: %v, %v", os.DevNull, info, err)
	}
	if err := replace(dir, hello); err == nil {
		t.Error("a folder is written to")
	}
}
