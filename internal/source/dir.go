package source

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/git/ignore"
)

// A Dir is a directory tree. Each regular file is handed out once under its own path. A link is handed out with the text of
// what it points to as its content, as git has it, and not followed: what lies there inside the tree has a path of its own,
// and what lies outside is not the target.
type Dir struct {
	Root string // as the person gave it; the target's name
	Options
}

// Options say which files of a directory are left out.
type Options struct {
	// NoIgnore looks at what ignore files name, too.
	NoIgnore bool
	// Tracked lists the files that git tracks: they are looked at, whatever ignore files say. Nil: none.
	Tracked *Tracked
	// Above holds the patterns of ignore files above the root, and Prefix is the root's path from where they begin: both
	// are empty unless the root is a folder within a work tree.
	Above  *ignore.Matcher
	Prefix string
}

// Tracked is a set of paths, with the folders above them.
type Tracked struct{ files, dirs map[string]struct{} }

// Estimate is how many files git tracks there; 0, which is unknown, where it tracks none.
func (d *Dir) Estimate() int {
	if d.Tracked == nil {
		return 0
	}
	return len(d.Tracked.files)
}

// NewTracked makes the set of the given slash-separated paths.
func NewTracked(paths []string) *Tracked {
	t := &Tracked{files: make(map[string]struct{}, len(paths)), dirs: map[string]struct{}{}}
	for _, p := range paths {
		t.files[p] = struct{}{}
		for i := strings.LastIndexByte(p, '/'); i > 0; i = strings.LastIndexByte(p[:i], '/') {
			if _, known := t.dirs[p[:i]]; known {
				break
			}
			t.dirs[p[:i]] = struct{}{}
		}
	}
	return t
}

func (t *Tracked) file(p string) bool {
	if t == nil {
		return false
	}
	_, ok := t.files[p]
	return ok
}

func (t *Tracked) dir(p string) bool {
	if t == nil {
		return false
	}
	_, ok := t.dirs[p]
	return ok
}

// ignoreFiles are the names of ignore files, weakest first.
var ignoreFiles = []string{".gitignore", ".ignore", ".assayignore"}

const (
	maxIgnoreFile = 1 << 20
	batchFiles    = 64 // files of one folder that are handed to one worker at a time
)

var _ Source = (*Dir)(nil)

// Target names the directory.
func (d *Dir) Target() finding.Target { return finding.Target{Kind: "directory", Name: d.Root} }

// Each walks the tree.
func (d *Dir) Each(ctx context.Context, workers int, account *Account, visit func(int, *File)) error {
	info, err := os.Stat(d.Root)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return &fs.PathError{Op: "walk", Path: d.Root, Err: errors.New("not a directory")}
	}
	w := &walk{dir: d, account: account, visit: visit}
	w.queue.push(task{matcher: d.Above})
	var wg sync.WaitGroup
	for n := range workers {
		wg.Go(func() { w.work(ctx, n) })
	}
	wg.Wait()
	return ctx.Err()
}

// A task is a folder to read, or a batch of files of a folder to hand out.
type task struct {
	path    string // of the folder, "" for the root
	matcher *ignore.Matcher
	ignored bool // an ignore file names the folder: only tracked files of it count
	files   []string
	links   bool // the files are links
}

type walk struct {
	dir     *Dir
	account *Account
	visit   func(int, *File)
	queue   queue
}

func (w *walk) work(ctx context.Context, worker int) {
	for {
		t, ok := w.queue.pop()
		if !ok {
			return
		}
		switch {
		case ctx.Err() != nil: // let the queue run dry
		case t.files != nil:
			w.hand(ctx, worker, t)
		default:
			w.read(t)
		}
		w.queue.done()
	}
}

func (w *walk) hand(ctx context.Context, worker int, t task) {
	for _, name := range t.files {
		if ctx.Err() != nil {
			return
		}
		p := join(t.path, name)
		full := filepath.Join(w.dir.Root, filepath.FromSlash(p))
		if t.links {
			w.visit(worker, linkOnDisk(p, full))
			continue
		}
		w.visit(worker, onDisk(p, full))
	}
}

// onDisk is a regular file by its path. A link that took its place meanwhile is not followed.
func onDisk(p, full string) *File {
	return &File{
		Path: p, Size: -1, Class: classOfPath(p),
		Read:     func(buf []byte, limit int64) ([]byte, error) { return readFile(buf, full, limit) },
		Open:     func() (Handle, error) { return openFile(full) },
		Identity: func() string { return identity(full) },
	}
}

// linkOnDisk is a link by its path: its content is what it points to, which is at most as long as a path may be.
func linkOnDisk(p, full string) *File {
	return &File{Path: p, Size: -1, Class: coverage.Link, Read: func(buf []byte, limit int64) ([]byte, error) {
		to, err := os.Readlink(full)
		return append(buf, to[:min(int64(len(to)), limit+1)]...), err
	}}
}

// read lists one folder and queues what is in it.
func (w *walk) read(t task) {
	entries, err := readDir(filepath.Join(w.dir.Root, filepath.FromSlash(t.path)), t.path == "")
	if err != nil {
		w.account.Fail(orDot(t.path), "the folder could not be read: "+reason(err))
	}
	if !w.dir.NoIgnore {
		t.matcher = w.descend(t, entries)
	}
	var files, links []string
	skipped := map[coverage.Class]int{}
	for _, e := range entries {
		p := join(t.path, e.Name())
		switch {
		case e.IsDir():
			if e.Name() != ".git" {
				w.enter(t, p, skipped)
			}
		case !e.Type().IsRegular() && e.Type()&fs.ModeSymlink == 0:
			skipped[coverage.Special]++
		case w.leftOut(t, p, false) && !w.dir.Tracked.file(p):
			skipped[coverage.Ignored]++
		case !e.Type().IsRegular():
			links = append(links, e.Name())
		default:
			files = append(files, e.Name())
		}
	}
	for c, n := range skipped {
		w.account.Skip(c, n)
	}
	w.batch(task{path: t.path, files: files})
	w.batch(task{path: t.path, files: links, links: true})
}

// batch queues the files of a folder in parts.
func (w *walk) batch(t task) {
	for files := range slices.Chunk(t.files, batchFiles) {
		t.files = files
		w.queue.push(t)
	}
}

// enter queues a subfolder, unless it is ignored and nothing in it is tracked. A folder that is tracked itself is that of
// a submodule, in which other ignore files hold.
func (w *walk) enter(t task, p string, skipped map[coverage.Class]int) {
	if w.dir.Tracked.file(p) {
		w.queue.push(task{path: p})
		return
	}
	out := w.leftOut(t, p, true)
	if out && !w.dir.Tracked.dir(p) {
		skipped[coverage.Ignored]++
		return
	}
	w.queue.push(task{path: p, matcher: t.matcher, ignored: out})
}

func (w *walk) leftOut(t task, p string, isDir bool) bool {
	if w.dir.NoIgnore {
		return false
	}
	if t.ignored {
		return true
	}
	out, _ := t.matcher.Match(join(w.dir.Prefix, p), isDir)
	return out
}

// descend adds the ignore files of a folder to those of the folders above.
func (w *walk) descend(t task, entries []fs.DirEntry) *ignore.Matcher {
	var files []ignore.File
	for _, name := range ignoreFiles {
		for _, e := range entries {
			if e.Name() != name || !e.Type().IsRegular() {
				continue
			}
			f, err := readIgnore(w.dir.Root, join(t.path, name))
			if err != nil {
				w.account.Fail(f.Name, "the ignore file could not be read and was not applied: "+reason(err))
				continue
			}
			files = append(files, f)
		}
	}
	return t.matcher.Child(strings.TrimSuffix(join(w.dir.Prefix, t.path), "/"), files...)
}

func readIgnore(root, p string) (ignore.File, error) {
	text, err := readFile(nil, filepath.Join(root, filepath.FromSlash(p)), maxIgnoreFile)
	if err == nil && len(text) > maxIgnoreFile {
		err = errors.New("too large")
	}
	return ignore.File{Name: p, Content: text}, err
}

// IgnoreAbove reads the ignore files from the top of a work tree down to the folder above prefix, and exclude, the
// content of .git/info/exclude. Files that are not there are passed over.
func IgnoreAbove(top, prefix string, exclude []byte) *ignore.Matcher {
	m := (*ignore.Matcher)(nil).Child("", ignore.File{Name: ".git/info/exclude", Content: exclude})
	if prefix == "" {
		return m
	}
	at := ""
	for _, part := range strings.Split(prefix, "/") {
		var files []ignore.File
		for _, name := range ignoreFiles {
			if f, err := readIgnore(top, join(at, name)); err == nil {
				files = append(files, f)
			}
		}
		m = m.Child(at, files...)
		at = join(at, part)
	}
	return m
}

// readDir lists a folder as far as it can be read.
func readDir(full string, follow bool) ([]fs.DirEntry, error) {
	f, err := openFolder(full, follow)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.ReadDir(-1)
}

func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

func orDot(p string) string {
	if p == "" {
		return "."
	}
	return p
}

// reason is an error without the path, which stands beside it already.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return err.Error()
}
