package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

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

	paths *paths.Index
	order map[odb.ID]int // commits reachable from a reference, 0 for the newest
	head  odb.ID
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

// A Message is the text of a commit or an annotated tag.
type Message struct {
	ID   odb.ID
	Kind string // commit or tag
	Text []byte
}

// OpenHistory reads which commits and which paths there are.
func OpenHistory(ctx context.Context, name string, repo *git.Repo, workers int, account *Account, messages func(worker int, m *Message)) (*History, error) {
	h := &History{Name: name, Repo: repo}
	trees, err := h.messages(ctx, workers, account, messages)
	if err != nil {
		return nil, err
	}
	if h.paths, err = paths.Build(ctx, repo.Objects(), repo.Format(), workers, trees); err != nil {
		return nil, err
	}
	failures(account, h.paths.Stats())
	return h, h.readOrder(ctx, account)
}

// messages visits all commits and tags, and returns the trees of the commits.
func (h *History) messages(ctx context.Context, workers int, account *Account, visit func(int, *Message)) ([]odb.ID, error) {
	trees := make([][]odb.ID, workers)
	want := func(t odb.Type, _ int64) bool { return t == odb.Commit || t == odb.Tag }
	stats, err := h.Repo.Objects().Each(ctx, workers, want, func(worker int, o *odb.Object) (any, error) {
		m := &Message{ID: o.ID, Kind: "commit"}
		if o.Type == odb.Tag {
			m.Kind = "tag"
			m.Text = messageOf(o.Data)
		} else if c, err := odb.ParseCommit(o.Data); err != nil {
			account.Fail("commit "+o.ID.String(), err.Error())
			return nil, nil
		} else {
			h.Repo.Learn(o.ID, o.Data)
			trees[worker] = append(trees[worker], c.Tree)
			m.Text = []byte(c.Message)
		}
		visit(worker, m)
		return nil, nil
	})
	failures(account, &stats)
	return slices.Concat(trees...), err
}

// messageOf is what stands behind the headers.
func messageOf(object []byte) []byte {
	_, message, _ := strings.Cut(string(object), "\n\n")
	return []byte(message)
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
	seen := make([]map[odb.ID]struct{}, workers)
	for i := range seen {
		seen[i] = map[odb.ID]struct{}{}
	}
	stats, err := h.Repo.Objects().Each(ctx, workers, want, func(worker int, o *odb.Object) (any, error) {
		seen[worker][o.ID] = struct{}{}
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

func versionName(v *Version) string {
	if len(v.Paths) == 0 {
		return "blob " + v.ID.String()
	}
	return v.Paths[0] + " (blob " + v.ID.String()[:12] + ")"
}

// listedMissing bounds how many missing objects are named one by one.
const listedMissing = 100

// missing accounts for the versions that trees name and the store does not have, and for submodules.
func (h *History) missing(seen []map[odb.ID]struct{}, account *Account) {
	var absent []odb.ID
	h.paths.Blobs(func(id odb.ID) {
		for _, s := range seen {
			if _, ok := s[id]; ok {
				return
			}
		}
		absent = append(absent, id)
	})
	slices.SortFunc(absent, odb.ID.Compare)
	why := "the object is missing from the repository"
	if h.Repo.IsPartial() {
		why = "the object was left out when the repository was cloned (partial clone); git fetch --refetch brings it"
	}
	for i, id := range absent {
		if i == listedMissing {
			account.Fail("history", fmt.Sprintf("%d more objects are missing", len(absent)-i))
			break
		}
		account.Fail(versionName(&Version{ID: id, Paths: h.paths.Paths(id)}), why)
	}
	for _, p := range h.paths.Holes() {
		account.Fail(p, "the tree is missing from the repository, and with it the names of what was below")
	}
	for _, p := range h.paths.Links() {
		account.Fail(p, "a submodule: its history is that of another repository")
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
	where := make(map[odb.ID][]string, len(ids))
	for id := range ids {
		if where[id] = h.paths.Paths(id); len(where[id]) >= paths.MaxPaths {
			where[id] = nil
		}
	}
	found, err := h.Repo.Locate(ctx, where)
	var unreadable *git.UnreadableError
	var gaps *git.GapError
	if err != nil && !errors.As(err, &unreadable) && !errors.As(err, &gaps) {
		return nil, err
	}
	out := make(map[odb.ID][]Appearance, len(ids))
	for id := range ids {
		var list []Appearance
		for _, a := range found[id] {
			list = append(list, Appearance{Path: a.Path, First: a.First, Last: a.Last, InHead: a.InHead})
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
