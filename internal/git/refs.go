package git

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/git/odb"
)

// A Ref is a name for an object. A symbolic one has a Target, and the ID its target leads to, zero if that does not
// exist yet.
type Ref struct {
	Name   string
	ID     odb.ID
	Target string // the name it stands for, when symbolic
	Peeled odb.ID // what the tag leads to, where the storage says so; else zero
	Err    error  // why it could not be read; one broken reference does not hide the others
}

// ErrNoRef is returned for a name that no reference has.
var ErrNoRef = errors.New("no such reference")

// refStorage is one of git's two ways to keep references. A dir is a folder that has a HEAD: the repository's, or that of
// a linked worktree. Values are as stored: symbolic ones unresolved.
type refStorage interface {
	// list gives all shared refs, and those of the worktree own, which is nil for the main one.
	list(common, own *os.Root) ([]Ref, error)
	// pseudo gives HEAD and its like.
	pseudo(dir *os.Root, name string) (Ref, error)
	// log gives the entries of a reflog, oldest first.
	log(dir *os.Root, name string) ([]LogEntry, error)
	// logs gives all reflogs.
	logs(dir *os.Root) (map[string][]LogEntry, error)
}

// Refs returns all references below refs/, sorted by name, symbolic ones resolved.
func (r *Repo) Refs() ([]Ref, error) {
	refs, err := r.allRefs()
	return slices.Clone(refs), err
}

func (r *Repo) loadRefs() ([]Ref, error) {
	refs, err := r.refs.list(r.commonRoot, r.ownRoot())
	if err != nil {
		return nil, fmt.Errorf("refs: %w", err)
	}
	slices.SortFunc(refs, func(a, b Ref) int { return strings.Compare(a.Name, b.Name) })
	for i := range refs {
		if refs[i].Target != "" {
			refs[i].ID, refs[i].Err = resolveIn(refs, refs[i].Target)
		}
	}
	return refs, nil
}

// maxSymbolic is how many symbolic references may follow one another; git allows as many.
const maxSymbolic = 5

// resolveIn follows name through sorted refs. A loop and a missing end give the zero ID, as for an unborn branch.
func resolveIn(refs []Ref, name string) (odb.ID, error) {
	for range maxSymbolic {
		ref, ok := findRef(refs, name)
		if !ok {
			return odb.ID{}, nil
		}
		if ref.Target == "" {
			return ref.ID, ref.Err
		}
		name = ref.Target
	}
	return odb.ID{}, nil
}

func findRef(refs []Ref, name string) (Ref, bool) {
	i, ok := slices.BinarySearchFunc(refs, name, func(ref Ref, name string) int { return strings.Compare(ref.Name, name) })
	if !ok {
		return Ref{}, false
	}
	return refs[i], true
}

// Head returns HEAD. Its Target is the current branch, empty when detached; its ID is zero before the first commit.
func (r *Repo) Head() (Ref, error) { return r.headOf(r.gitRoot) }

func (r *Repo) headOf(gitDir *os.Root) (Ref, error) { return r.pseudo(gitDir, "HEAD") }

func (r *Repo) pseudo(gitDir *os.Root, name string) (Ref, error) {
	ref, err := r.refs.pseudo(gitDir, name)
	if isAbsent(err) {
		err = ErrNoRef
	}
	if err != nil {
		return Ref{}, fmt.Errorf("%s: %w", name, err)
	}
	if ref.Target == "" {
		return ref, nil
	}
	refs, err := r.allRefs()
	if err != nil {
		return Ref{}, err
	}
	if ref.ID, err = resolveIn(refs, ref.Target); err != nil {
		return Ref{}, fmt.Errorf("%s: %w", name, err)
	}
	return ref, nil
}

// ownRoot is the folder of the refs that only a linked worktree has; nil in the main one.
func (r *Repo) ownRoot() *os.Root {
	if r.gitDir == r.common {
		return nil
	}
	return r.gitRoot
}

// logRoot is the folder that the reflog of a reference is in.
func (r *Repo) logRoot(name string) *os.Root {
	if name == "HEAD" || isPerWorktree(name) {
		return r.gitRoot
	}
	return r.commonRoot
}

// Ref returns the reference with exactly this name, such as HEAD, FETCH_HEAD or refs/heads/main. The error wraps
// ErrNoRef if there is none.
func (r *Repo) Ref(name string) (Ref, error) {
	if name == "HEAD" {
		return r.Head()
	}
	refs, err := r.allRefs()
	if err != nil {
		return Ref{}, err
	}
	if ref, ok := findRef(refs, name); ok {
		return ref, ref.Err
	}
	if isPseudoRef(name) {
		return r.pseudo(r.gitRoot, name)
	}
	return Ref{}, fmt.Errorf("%.200q: %w", name, ErrNoRef)
}

// isPseudoRef tells names like ORIG_HEAD, which are kept beside HEAD.
func isPseudoRef(name string) bool {
	for i := range len(name) {
		if c := name[i]; c != '_' && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return strings.HasSuffix(name, "_HEAD")
}

// validRefName holds the rules of git-check-ref-format(1) that keep a name inside its folder and readable by people.
func validRefName(name string) bool {
	if name == "" || strings.HasSuffix(name, ".") || strings.Contains(name, "..") || strings.Contains(name, "@{") {
		return false
	}
	for element := range strings.SplitSeq(name, "/") {
		if element == "" || element[0] == '.' || strings.HasSuffix(element, ".lock") {
			return false
		}
	}
	return !strings.ContainsFunc(name, func(c rune) bool { return c <= ' ' || c == 0x7f || strings.ContainsRune(`~^:?*[\`, c) })
}

// fileRefs is the storage with one file a reference and packed-refs for the others.
type fileRefs struct{}

func (fileRefs) list(common, own *os.Root) ([]Ref, error) {
	packed, err := readFile(common, "packed-refs", maxLargeFile)
	if err != nil && !isAbsent(err) {
		return nil, err
	}
	refs, err := addLoose(parsePackedRefs(string(packed)), common, "refs", func(string) bool { return true })
	if err != nil || own == nil {
		return refs, err
	}
	shared := slices.DeleteFunc(refs, func(ref Ref) bool { return isPerWorktree(ref.Name) })
	return addLoose(shared, own, "refs", isPerWorktree)
}

func isPerWorktree(name string) bool {
	for _, prefix := range []string{"refs/bisect/", "refs/worktree/", "refs/rewritten/"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// addLoose adds the references that are files below dir. A loose one hides a packed one of the same name.
func addLoose(refs []Ref, root *os.Root, dir string, wanted func(string) bool) ([]Ref, error) {
	byName := make(map[string]int, len(refs))
	for i := range refs {
		byName[refs[i].Name] = i
	}
	err := fs.WalkDir(root.FS(), dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil && !isAbsent(err) { // absent: removed since its folder was listed, or no folder of refs at all
			refs = append(refs, Ref{Name: name, Err: err})
		}
		if err != nil || entry.IsDir() {
			return nil
		}
		if !validRefName(name) || !wanted(name) {
			return nil // lock files and what else git does not take for a reference
		}
		ref, err := readLoose(root, name, name)
		if isAbsent(err) {
			return nil
		}
		if err != nil {
			ref = Ref{Name: name, Err: fmt.Errorf("%s: %w", name, err)}
		}
		if i, ok := byName[name]; ok {
			refs[i] = ref
			return nil
		}
		byName[name] = len(refs)
		refs = append(refs, ref)
		return nil
	})
	return refs, err
}

func (fileRefs) pseudo(dir *os.Root, name string) (Ref, error) { return readLoose(dir, name, name) }

// readLoose reads a reference from its file. A symbolic link below refs/ is the oldest kind of symbolic reference.
func readLoose(root *os.Root, file, name string) (Ref, error) {
	if target, err := root.Readlink(file); err == nil {
		if target = filepath.ToSlash(target); strings.HasPrefix(target, "refs/") && validRefName(target) {
			return Ref{Name: name, Target: target}, nil
		}
	}
	data, err := readFile(root, file, maxSmallFile)
	if err != nil {
		return Ref{}, err
	}
	return parseLoose(name, string(data))
}

// parseLoose keeps the file's content out of its errors: a link could have led it to something that is not a ref.
func parseLoose(name, text string) (Ref, error) {
	if target, ok := strings.CutPrefix(text, "ref:"); ok {
		target = strings.Trim(target, " \t\r\n")
		if !validRefName(target) {
			return Ref{}, errors.New("symbolic reference to an invalid name")
		}
		return Ref{Name: name, Target: target}, nil
	}
	// FETCH_HEAD has more words after the ID, and more lines; the first is the one that counts.
	end := strings.IndexAny(text, " \t\r\n")
	if end < 0 {
		end = len(text)
	}
	id, err := odb.ParseID(text[:end])
	if err != nil {
		return Ref{}, errors.New("neither an object ID nor a symbolic reference")
	}
	return Ref{Name: name, ID: id}, nil
}

// maxBroken is how many malformed lines of a file are told of one by one; the file may consist of them.
const maxBroken = 100

// parsePackedRefs reads lines of "ID NAME", each perhaps followed by "^ID" for what a tag leads to.
func parsePackedRefs(text string) []Ref {
	const shortest = 48 // a line with an ID and a name
	refs := make([]Ref, 0, len(text)/shortest)
	broken := 0
	for line := 1; text != ""; line++ {
		var s string
		s, text, _ = strings.Cut(text, "\n")
		s = strings.TrimSuffix(s, "\r")
		if s == "" || s[0] == '#' {
			continue
		}
		if s[0] == '^' && len(refs) > 0 {
			refs[len(refs)-1].Peeled, _ = odb.ParseID(s[1:]) // only saves readers a look at the tag
			continue
		}
		ref, err := parsePacked(s)
		if err != nil {
			if broken++; broken > maxBroken {
				continue
			}
			// The name may be anything, so the place stands for it.
			place := fmt.Sprintf("packed-refs:%d", line)
			ref = Ref{Name: place, Err: fmt.Errorf("%s: %w", place, err)}
		}
		refs = append(refs, ref)
	}
	if more := broken - maxBroken; more > 0 {
		refs = append(refs, Ref{Name: "packed-refs", Err: fmt.Errorf("packed-refs: %d more lines are malformed", more)})
	}
	return refs
}

func parsePacked(line string) (Ref, error) {
	digits, name, _ := strings.Cut(line, " ")
	id, err := odb.ParseID(digits)
	if err != nil {
		return Ref{}, err
	}
	if !validRefName(name) {
		return Ref{}, fmt.Errorf("invalid name %.200q", name)
	}
	return Ref{Name: name, ID: id}, nil
}

// ShortName takes away the part of a reference's name that people leave out.
func ShortName(name string) string {
	for _, prefix := range []string{"refs/heads/", "refs/tags/", "refs/remotes/", "refs/"} {
		if short, ok := strings.CutPrefix(name, prefix); ok {
			return short
		}
	}
	return path.Clean(name)
}
