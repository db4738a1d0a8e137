package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/git/odb"
	"github.com/assaysec/assay/internal/git/paths"
)

// A History is everything a repository holds: each distinct version of each file, whatever reference leads to it or none,
// and the messages of commits and tags.
type History struct {
	Name string
	Repo *git.Repo

	account *Account // of the run that opened it
	paths   *paths.Index
	log     *git.Log       // commits reachable from a reference
	order   map[odb.ID]int // their places in it, 0 for the newest
	head    odb.ID
}

// A Version is one content that files of the history had. It is valid during the visit only.
type Version struct {
	ID    odb.ID
	Paths []string // where it ever stood, sorted; none for one that no tree names
	Text  []byte

	// Base is what the visitor returned for the version that this one is stored as a change of, nil if there is none.
	Base   any
	Copies []odb.Copy
}

// A Message is what a commit or an annotated tag says. It is valid during the visit only.
type Message struct {
	ID      odb.ID
	Kind    string // commit or tag
	Headers []byte // names and addresses of people, and what else the headers say
	Text    []byte
}

// problems accounts for packs and object directories that could not be used: nobody knows what they hold.
func (h *History) problems(account *Account, list []odb.Problem) {
	for _, p := range list {
		name := p.Path
		if rel, err := filepath.Rel(h.Repo.CommonDir(), name); err == nil && filepath.IsLocal(rel) {
			name = filepath.ToSlash(rel)
		}
		account.Fail(name, "objects in it could not be used: "+p.Err.Error())
	}
}

// OpenHistory reads which commits and which paths there are. It visits all commits and tags.
func OpenHistory(ctx context.Context, name string, repo *git.Repo, workers int, account *Account, messages func(worker int, m *Message)) (*History, error) {
	h := &History{Name: name, Repo: repo, account: account}
	builder := paths.NewBuilder(repo.Format(), workers)
	roots := make([][]odb.ID, workers)
	want := func(t odb.Type, _ int64) bool { return t != odb.Blob }
	stats, err := repo.Objects().Each(ctx, workers, want, func(worker int, o *odb.Object) (any, error) {
		switch o.Type {
		case odb.Tree:
			return builder.Add(worker, o), nil
		case odb.Commit:
			tree, err := repo.Learn(o.ID, o.Data)
			if err != nil {
				account.Fail("commit "+o.ID.String(), err.Error())
				return nil, nil
			}
			roots[worker] = append(roots[worker], tree)
		}
		headers, text := odb.Said(o.Data)
		messages(worker, &Message{ID: o.ID, Kind: o.Type.String(), Headers: headers, Text: text})
		return nil, nil
	})
	failures(account, &stats)
	h.problems(account, slices.Concat(repo.Objects().Problems(), stats.Problems))
	if err != nil {
		return nil, err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return h.readOrder(ctx, account) })
	g.Go(func() (err error) {
		h.paths, err = builder.Index(ctx, slices.Concat(roots...))
		return err
	})
	return h, g.Wait()
}

func (h *History) readOrder(ctx context.Context, account *Account) error {
	roots, err := h.Repo.Roots()
	if err != nil {
		return err
	}
	var tips []odb.ID
	for _, r := range roots {
		switch {
		case r.Err == nil:
			tips = append(tips, r.ID)
		case !r.Prunable:
			account.Fail(r.Name, "history could not be entered here: "+r.Err.Error())
		}
	}
	log, err := h.Repo.Log(ctx, tips, nil)
	var gaps *git.GapError
	if errors.As(err, &gaps) {
		for _, g := range gaps.Gaps {
			account.Fail("commit "+g.Commit.String(), g.Err.Error())
		}
		err = nil
	}
	if err != nil {
		return err
	}
	h.log = log
	h.order = make(map[odb.ID]int, len(log.Commits))
	for i, id := range log.Commits {
		h.order[id] = i
	}
	if len(log.Shallow) > 0 {
		account.Fail("history", fmt.Sprintf("the clone is shallow: what came before %d of its commits is not here; git fetch --unshallow brings it", len(log.Shallow)))
	}
	if head, err := h.Repo.Head(); err == nil {
		h.head = head.ID
	} else if !errors.Is(err, git.ErrNoRef) {
		return err
	}
	return nil
}

// Target names the repository.
func (h *History) Target() finding.Target {
	t := finding.Target{Kind: "git-history", Name: h.Name}
	if !h.head.IsZero() {
		t.Revision = h.head.String()
	}
	return t
}

// Commits counts the commits that a reference leads to.
func (h *History) Commits() int { return len(h.order) }

// Each calls visit for each version once, the version that one is stored as a change of before it. What visit returns is
// handed to it again as Base. limit is the largest version that is looked at, in bytes.
func (h *History) Each(ctx context.Context, workers int, limit int64, account *Account, visit func(worker int, v *Version) any) error {
	want := func(t odb.Type, _ int64) bool { return t == odb.Blob }
	seen := h.paths.NewSet()
	stats, err := h.Repo.Objects().Each(ctx, workers, want, func(worker int, o *odb.Object) (any, error) {
		seen.Add(o.ID)
		v := &Version{ID: o.ID, Paths: h.paths.Paths(o.ID), Text: o.Data, Base: o.Base, Copies: o.Copies}
		if int64(len(o.Data)) > limit {
			account.Fail(versionName(v), fmt.Sprintf("larger than the limit of %d bytes", limit))
			return nil, nil
		}
		return visit(worker, v), nil
	})
	failures(account, &stats)
	h.missing(seen, account)
	return err
}

// Estimate is how many versions there are, without those that no commit names.
func (h *History) Estimate() int {
	n := 0
	h.paths.Blobs(func(odb.ID) { n++ })
	return n
}

func versionName(v *Version) string {
	if len(v.Paths) == 0 {
		return "blob " + v.ID.String()
	}
	return v.Paths[0] + " (blob " + v.ID.String()[:12] + ")"
}

// missing accounts for the versions that trees name and the store does not have, for what of the trees is not known, and for
// submodules.
func (h *History) missing(seen *paths.Set, account *Account) {
	var absent []odb.ID
	h.paths.Blobs(func(id odb.ID) {
		if !seen.Has(id) {
			absent = append(absent, id)
		}
	})
	slices.SortFunc(absent, odb.ID.Compare)
	why := " is missing from the repository"
	if h.Repo.IsPartial() {
		why = " was left out when the repository was cloned (partial clone); git fetch --refetch brings it"
	}
	failEach(account, absent, len(absent), "objects are missing", func(id odb.ID) (string, string) {
		return versionName(&Version{ID: id, Paths: h.paths.Paths(id)}), "the object" + why
	})
	tree := func(id odb.ID) string { return "tree " + id.String() }
	failEach(account, h.paths.Lost(), len(h.paths.Lost()), "trees of commits are missing", func(id odb.ID) (string, string) {
		return tree(id), "the tree of a commit" + why
	})
	failEach(account, h.paths.Broken(), len(h.paths.Broken()), "trees are malformed", func(id odb.ID) (string, string) {
		return tree(id), "the tree is malformed, and what comes after the fault in it is not known"
	})
	holes, all := h.paths.Holes(listedFaults)
	failEach(account, holes, all, "folders are missing", func(p string) (string, string) {
		return p, "the tree is missing from the repository, and with it the names of what was below"
	})
	links, all := h.paths.Links(listedFaults)
	failEach(account, links, all, "submodules", func(p string) (string, string) {
		return p, "a submodule: its history is that of another repository"
	})
	if h.paths.Cut() {
		account.Fail("history", "there are more paths than can be kept: rules that ask for a path may have missed some of them")
	}
}

// listedFaults bounds how many things with the same fault are named one by one.
const listedFaults = 100

// failEach records a fault of each thing on a list, of which there may be more than are on it, and of the many the number.
func failEach[T any](account *Account, list []T, all int, more string, one func(T) (path, reason string)) {
	for _, t := range list[:min(len(list), listedFaults)] {
		account.Fail(one(t))
	}
	if n := all - listedFaults; n > 0 {
		account.Fail("history", fmt.Sprintf("%d more %s", n, more))
	}
}

func failures(account *Account, stats *odb.EachStats) {
	for what, list := range map[string][]odb.Unread{"delta base missing": stats.MissingBase, "damaged": stats.Corrupt, "too large": stats.TooLarge} {
		for _, u := range list {
			account.Fail("object "+u.ID.String(), what)
		}
	}
}

// Paths calls visit for every path under which a file ever stood, each once, in no order.
func (h *History) Paths(visit func(path string)) { h.paths.All(visit) }

// An Appearance is one path under which a version stood.
type Appearance struct {
	Path        string
	First, Last odb.ID // zero where no reference leads to a commit with it
	InHead      bool
}

// Locate finds where and when versions stood, oldest first. One that no reference leads to has the paths that trees give
// it, and no commits.
func (h *History) Locate(ctx context.Context, ids map[odb.ID]struct{}) (map[odb.ID][]Appearance, error) {
	head := odb.ID{}
	if !h.head.IsZero() {
		head, _ = h.Repo.TreeOf(h.head) // that of a commit which cannot be read is accounted for already
	}
	found, whole, err := h.paths.Locate(ctx, h.log.Trees, head, ids)
	if err != nil {
		return nil, err
	}
	if !whole {
		h.account.Fail("history", "what was found stands under more paths than can be listed: some of them are not named")
	}
	out := make(map[odb.ID][]Appearance, len(ids))
	for id := range ids {
		var list []Appearance
		for _, a := range found[id] { // the last of the log is the oldest
			list = append(list, Appearance{Path: a.Path, First: h.log.Commits[a.Last], Last: h.log.Commits[a.First], InHead: a.InHead})
		}
		if len(list) == 0 {
			for _, p := range h.paths.Paths(id) {
				list = append(list, Appearance{Path: p})
			}
		}
		slices.SortFunc(list, func(a, b Appearance) int {
			return cmp.Or(h.Age(b.First)-h.Age(a.First), strings.Compare(a.Path, b.Path))
		})
		out[id] = list
	}
	return out, nil
}

// Age is how many commits are newer than id; -1 for one that no reference leads to.
func (h *History) Age(id odb.ID) int {
	if age, ok := h.order[id]; ok {
		return age
	}
	return -1
}

// Commit tells of a commit what a finding shows. The summary is left to the caller, which must redact it.
func (h *History) Commit(id odb.ID) *finding.Commit {
	c := &finding.Commit{ID: id.String(), Unreachable: h.Age(id) < 0}
	if kind, data, err := h.Repo.Objects().Get(id); err == nil {
		if kind == odb.Tag { // it has no place in the order of commits
			c.Unreachable = false
			return c
		}
		if info, err := odb.ParseCommit(data); err == nil {
			c.Author, c.Email = info.Author.Name, info.Author.Email
			c.Date = info.Committer.When.UTC().Truncate(time.Second)
		}
	}
	return c
}

// Read returns the text of one version.
func (h *History) Read(id odb.ID) ([]byte, error) {
	_, data, err := h.Repo.Objects().Get(id)
	return data, err
}

// ClassOfVersion is the class of a version under one of its paths.
func ClassOfVersion(p string, text []byte) coverage.Class { return ClassOf(classOfPath(p), p, text) }
