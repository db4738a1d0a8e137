package git

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/assaysec/assay/internal/git/odb"
	"github.com/assaysec/assay/internal/nearest"
)

// ErrUnknownRevision is wrapped by errors about names that lead to nothing.
var ErrUnknownRevision = errors.New("unknown revision")

// An AmbiguousError is about an abbreviated ID that more than one object begins with.
type AmbiguousError struct {
	Prefix     string
	Candidates []odb.ID
}

func (e *AmbiguousError) Error() string {
	const most = 10
	var names []string
	for _, id := range e.Candidates[:min(most, len(e.Candidates))] {
		names = append(names, id.String())
	}
	msg := fmt.Sprintf("abbreviated ID %s is ambiguous: %s", e.Prefix, strings.Join(names, ", "))
	if more := len(e.Candidates) - most; more > 0 {
		msg += fmt.Sprintf(" and %d more", more)
	}
	return msg
}

// Resolve returns the commit that a revision names (gitrevisions(7)), annotated tags peeled. For "REV:PATH" and
// "REV^{tree}" use ResolveTree.
func (r *Repo) Resolve(rev string) (odb.ID, error) {
	id, err := r.resolve(rev, odb.Commit)
	if err != nil {
		return odb.ID{}, err
	}
	if id, err = r.peelTo(id, odb.Commit); err != nil {
		return odb.ID{}, fmt.Errorf("revision %.200q: %w", rev, err)
	}
	return id, nil
}

// ResolveTree returns the tree that a revision names or has.
func (r *Repo) ResolveTree(rev string) (odb.ID, error) {
	id, err := r.resolve(rev, odb.Tree)
	if err != nil {
		return odb.ID{}, err
	}
	if id, err = r.TreeOf(id); err != nil {
		return odb.ID{}, fmt.Errorf("revision %.200q: %w", rev, err)
	}
	return id, nil
}

func (r *Repo) resolve(rev string, want odb.Type) (odb.ID, error) {
	base, path, hasPath := cutPath(rev)
	if hasPath {
		want = odb.Tree
	}
	id, err := r.expression(base, want)
	if err == nil && hasPath {
		id, err = r.At(id, path)
	}
	if err != nil {
		return odb.ID{}, fmt.Errorf("revision %.200q: %w", rev, err)
	}
	return id, nil
}

// cutPath finds the colon of "REV:PATH"; one inside braces belongs to what they hold.
func cutPath(rev string) (base, path string, ok bool) {
	depth := 0
	for i := range len(rev) {
		switch rev[i] {
		case '{':
			depth++
		case '}':
			depth--
		case ':':
			if depth <= 0 {
				return rev[:i], rev[i+1:], true
			}
		}
	}
	return rev, "", false
}

// At finds the entry at a path below a commit or tree.
func (r *Repo) At(id odb.ID, path string) (odb.ID, error) {
	tree, err := r.TreeOf(id)
	if err != nil {
		return odb.ID{}, err
	}
	if path == "" {
		return tree, nil
	}
	id = tree
	for name := range strings.SplitSeq(strings.TrimSuffix(path, "/"), "/") {
		data, err := r.tree(id)
		if err != nil {
			return odb.ID{}, err
		}
		it, found := odb.IterTree(data, r.format), false
		for !found && it.Next() {
			found = string(it.Name) == name
		}
		if !found {
			return odb.ID{}, fmt.Errorf("%w: no path %q in tree %s", ErrUnknownRevision, path, tree)
		}
		id = it.ID
	}
	return id, nil
}

// expression resolves a name and what follows it of "~N", "^N" and "^{TYPE}".
func (r *Repo) expression(rev string, want odb.Type) (odb.ID, error) {
	end := strings.IndexAny(rev, "^~")
	if end < 0 {
		return r.name(rev, want)
	}
	if end == 0 {
		return odb.ID{}, fmt.Errorf("%w: no name before %q", ErrUnknownRevision, rev[:1])
	}
	id, err := r.name(rev[:end], odb.Commit)
	for rest := rev[end:]; err == nil && rest != ""; {
		id, rest, err = r.suffix(id, rest)
	}
	return id, err
}

func (r *Repo) suffix(id odb.ID, s string) (_ odb.ID, rest string, err error) {
	if inner, ok := strings.CutPrefix(s, "^{"); ok {
		kind, rest, ok := strings.Cut(inner, "}")
		if !ok {
			return id, "", errors.New("brace is not closed")
		}
		id, err = r.peelSuffix(id, kind)
		return id, rest, err
	}
	digits := 1
	for digits < len(s) && isDigit(s[digits]) {
		digits++
	}
	n := 1
	if digits > 1 {
		if n, err = strconv.Atoi(s[1:digits]); err != nil {
			return id, "", fmt.Errorf("number %q: %w", s[1:digits], err)
		}
	}
	switch s[0] {
	case '~':
		id, err = r.ancestor(id, n)
	case '^':
		id, err = r.parent(id, n)
	default:
		err = fmt.Errorf("%w: unexpected %q", ErrUnknownRevision, s)
	}
	return id, s[digits:], err
}

func (r *Repo) peelSuffix(id odb.ID, kind string) (odb.ID, error) {
	switch kind {
	case "":
		id, _, err := r.Peel(id)
		return id, err
	case "object":
		_, _, err := r.store.Header(id)
		return id, err
	case "commit":
		return r.peelTo(id, odb.Commit)
	case "tree":
		return r.TreeOf(id)
	case "blob":
		return r.peelTo(id, odb.Blob)
	case "tag":
		return id, r.expect(id, odb.Tag)
	}
	return id, fmt.Errorf("^{%s} is not supported", kind)
}

func (r *Repo) peelTo(id odb.ID, want odb.Type) (odb.ID, error) {
	peeled, t, err := r.Peel(id)
	if err == nil && t != want {
		err = fmt.Errorf("object %s is a %s, not a %s", id, t, want)
	}
	return peeled, err
}

func (r *Repo) expect(id odb.ID, want odb.Type) error {
	t, _, err := r.store.Header(id)
	if err == nil && t != want {
		err = fmt.Errorf("object %s is a %s, not a %s", id, t, want)
	}
	return err
}

func (r *Repo) ancestor(id odb.ID, n int) (odb.ID, error) {
	id, err := r.parent(id, 0)
	for ; err == nil && n > 0; n-- {
		id, err = r.parent(id, 1)
	}
	return id, err
}

func (r *Repo) parent(id odb.ID, n int) (odb.ID, error) {
	id, err := r.peelTo(id, odb.Commit)
	if err != nil || n == 0 {
		return id, err
	}
	c, err := r.commit(id)
	switch {
	case err != nil:
		return odb.ID{}, err
	case r.cutOff(c):
		return odb.ID{}, shallowError(id)
	case n > len(c.parents):
		return odb.ID{}, fmt.Errorf("%w: commit %s has %d parents", ErrUnknownRevision, id, len(c.parents))
	}
	return c.parents[n-1], nil
}

// rules is where git looks for a short name, in order.
var rules = [...]string{"%s", "refs/%s", "refs/tags/%s", "refs/heads/%s", "refs/remotes/%s", "refs/remotes/%s/HEAD"}

// name resolves a name without suffixes. What is wanted decides between objects that share an abbreviation.
func (r *Repo) name(name string, want odb.Type) (odb.ID, error) {
	if name == "@" {
		name = "HEAD"
	}
	if len(name) == 2*r.format.Size() && isHex(name) {
		return odb.ParseID(strings.ToLower(name))
	}
	if base, inner, ok := strings.Cut(name, "@{"); ok {
		return r.fromLog(base, inner)
	}
	ref, err := r.Lookup(name)
	if err == nil {
		return ref.ID, nil
	}
	if !errors.Is(err, ErrNoRef) {
		return odb.ID{}, err
	}
	digits := name
	if i := strings.LastIndex(name, "-g"); i > 0 {
		digits = name[i+2:] // as git describe prints it
	}
	if len(digits) >= 4 && len(digits) < 2*r.format.Size() && isHex(digits) {
		return r.abbreviated(strings.ToLower(digits), want)
	}
	return odb.ID{}, r.unknown(name)
}

// Lookup returns the reference that a name or its short form stands for, in git's order.
func (r *Repo) Lookup(name string) (Ref, error) {
	for _, rule := range rules {
		ref, err := r.Ref(fmt.Sprintf(rule, name))
		if err == nil && !ref.ID.IsZero() {
			return ref, nil
		}
		if err != nil && !errors.Is(err, ErrNoRef) {
			return Ref{}, err
		}
	}
	return Ref{}, fmt.Errorf("%.200q: %w", name, ErrNoRef)
}

// fromLog resolves "REF@{N}".
func (r *Repo) fromLog(base, inner string) (odb.ID, error) {
	digits, ok := strings.CutSuffix(inner, "}")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 0 {
		return odb.ID{}, fmt.Errorf("@{%.100s is not supported: only the number of a reflog entry is", inner)
	}
	full, err := r.logName(cmp.Or(base, "HEAD"))
	if err != nil {
		return odb.ID{}, err
	}
	entries, err := r.Reflog(full)
	if err != nil {
		return odb.ID{}, err
	}
	if n >= len(entries) {
		return odb.ID{}, fmt.Errorf("%w: the reflog of %s has %d entries", ErrUnknownRevision, full, len(entries))
	}
	return entries[len(entries)-1-n].New, nil
}

func (r *Repo) logName(base string) (string, error) {
	if base == "@" {
		base = "HEAD"
	}
	if base == "HEAD" {
		return base, nil
	}
	ref, err := r.Lookup(base)
	return ref.Name, err
}

func (r *Repo) abbreviated(digits string, want odb.Type) (odb.ID, error) {
	ids, err := r.store.Prefix(digits)
	if err != nil {
		return odb.ID{}, err
	}
	if len(ids) > 1 {
		if fitting := r.fitting(ids, want); len(fitting) == 1 {
			ids = fitting
		}
	}
	switch len(ids) {
	case 0:
		return odb.ID{}, fmt.Errorf("%w: no object begins with %s, and no reference has that name", ErrUnknownRevision, digits)
	case 1:
		return ids[0], nil
	}
	return odb.ID{}, &AmbiguousError{Prefix: digits, Candidates: ids}
}

// fitting keeps the IDs of objects that lead to the wanted type; any if no type is wanted.
func (r *Repo) fitting(ids []odb.ID, want odb.Type) []odb.ID {
	var fit []odb.ID
	for _, id := range ids {
		_, t, err := r.Peel(id)
		if err == nil && (t == want || want == 0 || want == odb.Tree && t == odb.Commit) {
			fit = append(fit, id)
		}
	}
	return fit
}

// unknown makes an error that tells what was tried and what names are near.
func (r *Repo) unknown(name string) error {
	msg := "tried it as an object ID and as a reference under refs/, refs/tags/, refs/heads/ and refs/remotes/"
	if near := r.nearest(name); len(near) > 0 {
		msg += "; similar names: " + strings.Join(near, ", ")
	}
	return fmt.Errorf("%w: %s", ErrUnknownRevision, msg)
}

// nearest gives up to three short names of references that differ little from name.
func (r *Repo) nearest(name string) []string {
	refs, err := r.allRefs()
	if err != nil || len(name) > 200 {
		return nil
	}
	type near struct {
		name     string
		distance int
	}
	var found []near
	for _, ref := range refs {
		short := ShortName(ref.Name)
		limit := 1 + len(name)/4
		if d := nearest.Distance(name, short, limit+1); d <= limit {
			found = append(found, near{short, d})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return cmp.Compare(a.distance, b.distance) })
	var names []string
	for _, f := range found[:min(3, len(found))] {
		names = append(names, f.name)
	}
	return names
}
