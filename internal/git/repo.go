package git

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/assaysec/assay/internal/git/odb"
)

// Options are what git takes from the environment, and how far a repository is trusted. The zero value is git's
// behaviour without any of its variables set, and trust in nothing outside the repository.
type Options struct {
	GitDir                     string   // GIT_DIR: no search; the path given to Open is the worktree
	IndexFile                  string   // GIT_INDEX_FILE
	ObjectDirectory            string   // GIT_OBJECT_DIRECTORY
	AlternateObjectDirectories []string // GIT_ALTERNATE_OBJECT_DIRECTORIES; naming them here allows them
	AllowedRoots               []string // further folders that .git files, commondir and alternates may lead to
	MaxTreeEntries             int      // entries that one walk over a tree may visit; 0 is 20 million
}

const defaultMaxTreeEntries = 20_000_000

// A Repo is one repository, open for reading. Its methods may be called from several goroutines.
type Repo struct {
	location
	options Options
	config  *Config
	format  odb.Format
	store   *odb.Store

	gitRoot, commonRoot *os.Root

	shallow map[odb.ID]struct{}
	refs    refStorage
	commits commitCache
	allRefs func() ([]Ref, error)
}

// Open finds the repository that path is in, path itself included, and reads its configuration. It returns an error
// that wraps ErrNotRepository when there is none.
func Open(path string, o Options) (*Repo, error) {
	loc, err := locate(path, o)
	if err != nil {
		return nil, err
	}
	if o.MaxTreeEntries == 0 {
		o.MaxTreeEntries = defaultMaxTreeEntries
	}
	r := &Repo{location: loc, options: o}
	if err := r.open(); err != nil {
		r.Close()
		return nil, fmt.Errorf("repository %s: %w", loc.gitDir, err)
	}
	return r, nil
}

func (r *Repo) open() (err error) {
	if r.gitRoot, err = os.OpenRoot(r.gitDir); err != nil {
		return err
	}
	if r.commonRoot, err = os.OpenRoot(r.common); err != nil {
		return err
	}
	if err = r.readConfig(); err != nil {
		return err
	}
	if r.bare() {
		r.workTree = ""
	}
	if r.shallow, err = r.readShallow(); err != nil {
		return err
	}
	r.commits.init()
	r.allRefs = sync.OnceValues(r.loadRefs)
	return r.openStore()
}

// bare obeys core.bare only for a folder named .git, where it can take the worktree away but never add one.
func (r *Repo) bare() bool { return r.gitDir == r.common && r.config.Bool("core", "", "bare") }

func (r *Repo) openStore() (err error) {
	objects := r.options.ObjectDirectory
	if objects == "" {
		objects = filepath.Join(r.common, "objects")
		if !within(objects, r.common) && !r.options.allows(objects) {
			return fmt.Errorf("objects: %w", ErrOutside)
		}
	}
	roots := append([]string{r.common}, r.options.AllowedRoots...)
	r.store, err = odb.Open(objects, odb.Options{
		Format:       r.format,
		AllowedRoots: append(roots, r.options.AlternateObjectDirectories...),
		Extra:        r.options.AlternateObjectDirectories,
	})
	return err
}

// Close gives back what Open took. Object data handed out before stays valid.
func (r *Repo) Close() error {
	var errs []error
	for _, root := range []*os.Root{r.gitRoot, r.commonRoot} {
		if root != nil {
			errs = append(errs, root.Close())
		}
	}
	if r.store != nil {
		errs = append(errs, r.store.Close())
	}
	return errors.Join(errs...)
}

// GitDir is the folder that holds HEAD and the index.
func (r *Repo) GitDir() string { return r.gitDir }

// CommonDir is the folder that holds objects and shared refs; it differs from GitDir in a linked worktree.
func (r *Repo) CommonDir() string { return r.common }

// WorkTree is the folder of the checked-out files, empty for a bare repository.
func (r *Repo) WorkTree() string { return r.workTree }

// Objects is the object store.
func (r *Repo) Objects() *odb.Store { return r.store }

// Format is the hash that names objects here.
func (r *Repo) Format() odb.Format { return r.format }

// Config is the repository's own configuration, that of the worktree on top where there is one.
func (r *Repo) Config() *Config { return r.config }

// Exclude is the ignore patterns of .git/info/exclude, for package ignore.
func (r *Repo) Exclude() ([]byte, error) {
	data, err := readFile(r.commonRoot, "info/exclude", maxSmallFile)
	if isAbsent(err) {
		return nil, nil
	}
	return data, err
}

// IsShallow tells whether history was cut off when the repository was cloned or fetched.
func (r *Repo) IsShallow() bool { return len(r.shallow) > 0 }

// IsPartial tells whether the repository was cloned with a filter, so that absent objects are to be expected.
func (r *Repo) IsPartial() bool {
	_, ok := r.config.Get("extensions", "", "partialclone")
	return ok || r.store.Promisor()
}

func (r *Repo) readConfig() (err error) {
	if r.config, err = readConfig(r.commonRoot, "config"); err != nil {
		return err
	}
	if err = r.readFormat(); err != nil {
		return err
	}
	if !r.config.Bool("extensions", "", "worktreeconfig") {
		return nil
	}
	own, err := readConfig(r.gitRoot, "config.worktree")
	if err != nil {
		return err
	}
	r.config = r.config.over(own)
	return nil
}

func readConfig(root *os.Root, name string) (*Config, error) {
	data, err := readFile(root, name, maxSmallFile)
	if isAbsent(err) {
		return &Config{}, nil
	}
	if err != nil {
		return nil, err
	}
	c, err := ParseConfig(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

// readFormat refuses a repository in a format newer than this code: misreading one could look like an empty one.
func (r *Repo) readFormat() error {
	version := 0
	if v, ok := r.config.Get("core", "", "repositoryformatversion"); ok {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n > 1 {
			return fmt.Errorf("core.repositoryformatversion %q is not supported (0 and 1 are)", v)
		}
		version = n
	}
	for _, key := range r.config.Keys("extensions") {
		if version == 0 {
			if needsVersion1(key) {
				return fmt.Errorf("extensions.%s without core.repositoryformatversion 1", key)
			}
			continue
		}
		value, _ := r.config.Get("extensions", "", key)
		if err := r.extension(key, value); err != nil {
			return err
		}
	}
	if r.refs == nil {
		r.refs = fileRefs{}
	}
	return nil
}

// needsVersion1 tells the extensions that git refuses in version 0. Others had no meaning there.
func needsVersion1(key string) bool {
	switch key {
	case "noop-v1", "objectformat", "compatobjectformat", "refstorage", "relativeworktrees":
		return true
	}
	return false
}

func (r *Repo) extension(key, value string) error {
	switch key {
	case "noop", "noop-v1", "preciousobjects", "partialclone", "worktreeconfig", "compatobjectformat", "relativeworktrees":
		return nil
	case "objectformat":
		switch strings.ToLower(value) {
		case "sha1":
			r.format = odb.SHA1
			return nil
		case "sha256":
			r.format = odb.SHA256
			return nil
		}
	case "refstorage":
		switch strings.ToLower(value) {
		case "files":
			r.refs = fileRefs{}
			return nil
		case "reftable":
			r.refs = tableRefs{}
			return nil
		}
	default:
		return fmt.Errorf("extensions.%s is not known", key)
	}
	return fmt.Errorf("extensions.%s %q is not supported", key, value)
}

func (r *Repo) readShallow() (map[odb.ID]struct{}, error) {
	data, err := readFile(r.commonRoot, "shallow", maxLargeFile)
	if isAbsent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	boundary := map[odb.ID]struct{}{}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for line := 1; lines.Scan(); line++ {
		id, err := odb.ParseID(strings.TrimSpace(lines.Text()))
		if err != nil {
			return nil, fmt.Errorf("shallow: line %d: %w", line, err)
		}
		boundary[id] = struct{}{}
	}
	return boundary, lines.Err()
}
