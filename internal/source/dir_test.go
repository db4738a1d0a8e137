package source

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/testkit"
)

// tree writes files below a new folder. A name that ends in a slash is a folder.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		full := filepath.Join(root, filepath.FromSlash(name))
		if strings.HasSuffix(name, "/") {
			full, content = filepath.Join(full, "keep"), ""
		}
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// walked is what a source handed out and accounted for.
type walked struct {
	Paths     []string
	Classes   map[string]coverage.Class
	Skipped   map[string]int
	Unchecked []coverage.Unchecked
}

func walkAll(t testing.TB, src Source, workers int) walked {
	t.Helper()
	var account Account
	var mu sync.Mutex
	w := walked{Classes: map[string]coverage.Class{}}
	err := src.Each(context.Background(), workers, &account, func(_ int, f *File) {
		mu.Lock()
		defer mu.Unlock()
		w.Paths = append(w.Paths, f.Path)
		w.Classes[f.Path] = f.Class
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(w.Paths)
	w.Skipped, w.Unchecked = account.Skipped(), account.Unchecked()
	slices.SortFunc(w.Unchecked, func(a, b coverage.Unchecked) int { return strings.Compare(a.Path, b.Path) })
	return w
}

func TestDirIgnoreFiles(t *testing.T) {
	files := map[string]string{
		".gitignore":        "*.log\n!keep.log\n/build/\nsecret.env\n",
		"a.log":             "",
		"keep.log":          "",
		"secret.env":        "",
		"build/out.txt":     "",
		"sub/build/out.txt": "",
		"sub/.gitignore":    "!a.log\n*.tmp\n",
		"sub/a.log":         "",
		"sub/b.log":         "",
		"sub/x.tmp":         "",
		"x.tmp":             "",
		".ignore":           "from-ignore\n",
		".assayignore":      "from-assay\n!from-ignore\n",
		"from-ignore":       "",
		"from-assay":        "",
		".git/config":       "",
		"sub/.git/config":   "",
	}
	always := []string{".assayignore", ".gitignore", ".ignore", "from-ignore", "keep.log", "sub/.gitignore", "sub/a.log", "sub/build/out.txt", "x.tmp"}
	tests := []struct {
		name    string
		options Options
		want    []string
		skipped int
	}{
		{"ignore files hold, nearer and later ones more", Options{}, always, 6},
		{"they do not hold for what git tracks", Options{Tracked: NewTracked([]string{"secret.env", "build/out.txt", "sub/x.tmp", "gone"})},
			append([]string{"build/out.txt", "secret.env", "sub/x.tmp"}, always...), 3},
		{"--no-ignore", Options{NoIgnore: true},
			append([]string{"a.log", "secret.env", "build/out.txt", "sub/b.log", "sub/x.tmp", "from-assay"}, always...), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := walkAll(t, &Dir{Root: tree(t, files), Options: tt.options}, 3)
			slices.Sort(tt.want)
			if diff := cmp.Diff(tt.want, got.Paths); diff != "" {
				t.Errorf("paths (-want +got)\n%s", diff)
			}
			if got.Skipped[string(coverage.Ignored)] != tt.skipped {
				t.Errorf("ignored: %d, want %d", got.Skipped["ignored"], tt.skipped)
			}
		})
	}
}

// The folder of a submodule is tracked by its own path, and the ignore files above it do not speak about what is in it.
func TestDirSubmodule(t *testing.T) {
	root := tree(t, map[string]string{".gitignore": "vendor/\n*.log\n", "vendor/a": "", "vendor/module/b.log": "", "vendor/module/c.tmp": "", "vendor/module/.gitignore": "*.tmp\n"})
	got := walkAll(t, &Dir{Root: root, Options: Options{Tracked: NewTracked([]string{"vendor/module"})}}, 2)
	if diff := cmp.Diff([]string{".gitignore", "vendor/module/.gitignore", "vendor/module/b.log"}, got.Paths); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got.Skipped["ignored"] != 2 {
		t.Errorf("skipped: %v", got.Skipped)
	}
}

// A folder within a work tree obeys the ignore files above it, and .git/info/exclude.
func TestDirIgnoreAbove(t *testing.T) {
	root := tree(t, map[string]string{
		".gitignore": "*.log\n/sub/deep/x\n", "sub/.gitignore": "!b.log\n",
		"sub/deep/a.log": "", "sub/deep/b.log": "", "sub/deep/x": "", "sub/deep/y": "", "sub/deep/excluded": "",
	})
	d := &Dir{Root: filepath.Join(root, "sub", "deep"), Options: Options{Prefix: "sub/deep",
		Above: IgnoreAbove(root, "sub/deep", []byte("excluded\n"))}}
	got := walkAll(t, d, 2)
	if diff := cmp.Diff([]string{"b.log", "y"}, got.Paths); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A link is a file that holds what it points to. It is not followed, wherever it leads.
func TestDirLinksAndSpecialFiles(t *testing.T) {
	root := tree(t, map[string]string{"a/file": "x"})
	outside := tree(t, map[string]string{"outside": "y"})
	links := map[string]string{
		"loop": ".", "a/up": "..", "out": outside, "file-out": filepath.Join(outside, "outside"), "to-file": "a/file", "broken": "nowhere",
	}
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(root, filepath.FromSlash(name))); err != nil {
			t.Skip(err)
		}
	}
	special := testkit.Pipe(t, filepath.Join(root, "pipe"))
	got := walkAll(t, &Dir{Root: root}, 2)
	if diff := cmp.Diff([]string{"a/file", "a/up", "broken", "file-out", "loop", "out", "to-file"}, got.Paths); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if special != (got.Skipped["special"] == 1) || got.Skipped["link"] != 0 {
		t.Errorf("skipped %v", got.Skipped)
	}
	err := (&Dir{Root: root}).Each(t.Context(), 1, &Account{}, func(_ int, f *File) {
		text, err := f.Read(nil, 3)
		if to, is := links[f.Path]; is && (err != nil || string(text) != to[:min(4, len(to))] || f.Class != coverage.Link) {
			t.Errorf("%s, a %s, holds %q, %v", f.Path, f.Class, text, err)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

// A link that is a file by the time it is read is told, and so is one that is gone.
func TestDirLinkReplacedMeanwhile(t *testing.T) {
	root := tree(t, map[string]string{"a": "text"})
	for _, name := range []string{"a", "gone"} {
		if text, err := linkOnDisk(name, filepath.Join(root, name)).Read(nil, 10); err == nil {
			t.Errorf("%s: %q", name, text)
		}
	}
}

// What git does not track of links is left out as files are.
func TestDirIgnoredLinks(t *testing.T) {
	root := tree(t, map[string]string{".gitignore": "out*\n"})
	for _, name := range []string{"out", "out-tracked", "in"} {
		if err := os.Symlink("x", filepath.Join(root, name)); err != nil {
			t.Skip(err)
		}
	}
	got := walkAll(t, &Dir{Root: root, Options: Options{Tracked: NewTracked([]string{"out-tracked"})}}, 1)
	if diff := cmp.Diff([]string{".gitignore", "in", "out-tracked"}, got.Paths); diff != "" || got.Skipped["ignored"] != 1 {
		t.Errorf("skipped %v (-want +got)\n%s", got.Skipped, diff)
	}
}

// A link that a person names is followed: it is the target, and nothing leads out of it.
func TestFileByLink(t *testing.T) {
	root := tree(t, map[string]string{"file": "text"})
	link := filepath.Join(root, "link")
	if err := os.Symlink("file", link); err != nil {
		t.Skip(err)
	}
	s := NewFile(link)
	if text, err := s.file.Read(nil, 10); err != nil || string(text) != "text" || s.Path != "link" {
		t.Errorf("%s: %q, %v", s.Path, text, err)
	}
}

// A folder whose place a link takes between being listed and being read is not followed.
func TestDirFolderReplacedMeanwhile(t *testing.T) {
	root, outside := tree(t, map[string]string{"a/x": ""}), tree(t, map[string]string{"secret": ""})
	w := &walk{dir: &Dir{Root: root}, account: &Account{}}
	if err := os.RemoveAll(filepath.Join(root, "a")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(root, "a")); err != nil {
		t.Skip(err)
	}
	w.read(task{path: "a"})
	if len(w.queue.tasks) != 0 || len(w.account.Unchecked()) != 1 {
		t.Errorf("%v was queued; unchecked: %v", w.queue.tasks, w.account.Unchecked())
	}
}

// Some systems give files a size of zero whose content is made when they are read.
func TestFileWithoutSize(t *testing.T) {
	const name = "/proc/self/status"
	if _, err := os.Stat(name); err != nil {
		t.Skip(err)
	}
	if text, err := onDisk("status", name).Read(nil, 1<<20); err != nil || len(text) < 100 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
	if text, err := onDisk("status", name).Read(nil, 9); err != nil || len(text) != 10 {
		t.Errorf("limit 9: %d bytes, %v", len(text), err)
	}
}

// A link that takes a file's place between listing and reading is not followed, and a pipe does not stop the walk.
func TestDirFileReplacedMeanwhile(t *testing.T) {
	root := tree(t, map[string]string{"a": "harmless", "b": "harmless"})
	outside := filepath.Join(tree(t, map[string]string{"secret": "outside"}), "secret")
	var account Account
	d := &Dir{Root: root}
	err := d.Each(context.Background(), 1, &account, func(_ int, f *File) {
		full := filepath.Join(root, f.Path)
		if err := os.Remove(full); err != nil {
			t.Fatal(err)
		}
		if f.Path == "a" {
			if err := os.Symlink(outside, full); err != nil {
				t.Skip(err)
			}
		} else if !testkit.Pipe(t, full) {
			return
		}
		text, err := f.Read(nil, 100)
		if err == nil {
			t.Errorf("%s: read %q from what took its place", f.Path, text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDirUnreadable(t *testing.T) {
	if os.Geteuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("permissions do not bind root")
	}
	root := tree(t, map[string]string{"open/a": "", "closed/b": ""})
	closed := filepath.Join(root, "closed")
	if err := os.Chmod(closed, 0); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(closed, 0o755)
	got := walkAll(t, &Dir{Root: root}, 2)
	want := []coverage.Unchecked{{Path: "closed", Reason: "the folder could not be read: permission denied"}}
	if diff := cmp.Diff(want, got.Unchecked); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestDirIgnoreFileTooLarge(t *testing.T) {
	root := tree(t, map[string]string{".gitignore": "a\n" + strings.Repeat("#", maxIgnoreFile), "a": ""})
	got := walkAll(t, &Dir{Root: root}, 1)
	if diff := cmp.Diff([]string{".gitignore", "a"}, got.Paths); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	want := []coverage.Unchecked{{Path: ".gitignore", Reason: "the ignore file could not be read and was not applied: too large"}}
	if diff := cmp.Diff(want, got.Unchecked); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestDirIsNot(t *testing.T) {
	root := tree(t, map[string]string{"file": ""})
	for _, name := range []string{filepath.Join(root, "nowhere"), filepath.Join(root, "file")} {
		var account Account
		if err := (&Dir{Root: name}).Each(context.Background(), 1, &account, func(int, *File) {}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if got := walkAll(t, &Dir{Root: tree(t, nil)}, 4); len(got.Paths) != 0 {
		t.Errorf("an empty folder has %v", got.Paths)
	}
}

func TestDirCancelled(t *testing.T) {
	files := map[string]string{}
	for _, a := range "abcdefghij" {
		for _, b := range "abcdefghij" {
			files[string(a)+"/"+string(b)] = ""
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var mu sync.Mutex
	n := 0
	err := (&Dir{Root: tree(t, files)}).Each(ctx, 4, &Account{}, func(int, *File) {
		mu.Lock()
		defer mu.Unlock()
		if n++; n == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || n > 20 {
		t.Errorf("%d files and error %v after the end", n, err)
	}
}

func TestClassOf(t *testing.T) {
	long := strings.Repeat("a=1;", 2000)
	for _, tt := range []struct {
		path, text string
		want       coverage.Class
	}{
		{"main.go", "package main\n", coverage.Source},
		{"vendor/x/main.go", "package main\n", coverage.Vendored},
		{"web/node_modules/x/index.js", "", coverage.Vendored},
		{"vendor.go", "", coverage.Source},
		{"a/vendors/x", "", coverage.Source},
		{"a.pb.go", "", coverage.Generated},
		{"x.go", "// Code generated by stringer. DO NOT EDIT.\n", coverage.Generated},
		{"x.py", "# @generated\n", coverage.Generated},
		{"x.go", strings.Repeat("\n", 2000) + "// Code generated by x. DO NOT EDIT.\n", coverage.Source},
		{"app.min.js", "x", coverage.Minified},
		{"app.js", long, coverage.Minified},
		{"app.css", strings.Repeat(strings.Repeat("a", 999)+"\n", 10), coverage.Source},
		{"app.txt", long, coverage.Source},
		{"app.js", long[:4000], coverage.Source},
		{"image.png", "\x89PNG\x00", coverage.Binary},
		{"vendor/a.so", "\x7fELF\x00", coverage.Binary},
		{"late.bin", strings.Repeat("x", headBytes) + "\x00", coverage.Source},
		{"empty", "", coverage.Source},
	} {
		if got := ClassOf(classOfPath(tt.path), tt.path, []byte(tt.text)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.path, got, tt.want)
		}
	}
}

func TestReadLimit(t *testing.T) {
	root := tree(t, map[string]string{"f": "0123456789"})
	read := onDisk("f", filepath.Join(root, "f")).Read
	for _, f := range []func([]byte, int64) ([]byte, error){read, NewHeld("f", []byte("0123456789")).Read,
		NewStream("-", strings.NewReader("0123456789")).file.Read} {
		if got, err := f([]byte("x"), 4); err != nil || string(got) != "x01234" {
			t.Errorf("limit 4 after one byte: %q, %v; want one more than the limit", got, err)
		}
	}
	if got, err := read(nil, 100); err != nil || string(got) != "0123456789" {
		t.Errorf("limit 100: %q, %v", got, err)
	}
	if _, err := onDisk("f", root).Read(nil, 10); err == nil {
		t.Error("a folder was read as a file")
	}
	var p *fs.PathError
	if _, err := onDisk("x", filepath.Join(root, "nowhere")).Read(nil, 10); !errors.As(err, &p) {
		t.Errorf("error %v names no path", err)
	}
}

// A stream is read like a file: again from its beginning, and in pieces where it is large.
func TestStream(t *testing.T) {
	text := strings.Repeat("0123456789", 1000)
	f := NewStream("-", iotest.HalfReader(strings.NewReader(text))).file
	for _, limit := range []int64{10, 4, 100} {
		if got, err := f.Read(nil, limit); err != nil || string(got) != text[:limit+1] {
			t.Errorf("limit %d: %q, %v", limit, got, err)
		}
	}
	h, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(text))
	if n, err := h.ReadAt(got, 0); n != len(text) || string(got) != text || h.Size() != int64(len(text)) {
		t.Errorf("%d of %d bytes, %v", n, h.Size(), err)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	small := &stream{r: strings.NewReader(text), quota: 9_999}
	if _, err := small.open(); err == nil || !strings.Contains(err.Error(), "larger than the limit of 9999 bytes") {
		t.Errorf("a stream over its quota: %v", err)
	}
	if _, err := (&stream{r: iotest.ErrReader(errors.New("broken")), quota: 1}).open(); err == nil {
		t.Error("a broken stream has no error")
	}
}

func FuzzClassOf(f *testing.F) {
	f.Add("vendor/a.js", []byte("x"))
	f.Add("a.min.js", []byte("\x00"))
	f.Add("", []byte(strings.Repeat("a", 5000)))
	f.Fuzz(func(t *testing.T, p string, text []byte) {
		got := ClassOf(classOfPath(p), p, text)
		if !slices.Contains(coverage.Classes, got) {
			t.Errorf("class %q", got)
		}
		if head := text[:min(len(text), headBytes)]; slices.Contains(head, 0) != (got == coverage.Binary) {
			t.Errorf("class %q of a text with or without zero bytes", got)
		}
	})
}
