package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/exception/native/effect"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/git/odb"
	"github.com/assaysec/assay/internal/risk"
	"github.com/assaysec/assay/internal/scan"
	"github.com/assaysec/assay/internal/source"
)

// A change is what is judged against its base. The zero value judges no change: whether a finding is new is not known.
type change struct {
	known bool // there is a base
	house house
	said  saidFiles // where the files that flags name are read
	repo  *git.Repo
	base  odb.ID // commit that the change is compared with; zero before the first one

	// The commit whose files judge. Of a branch it is the tip: whoever makes a change chooses the commit that it begins at, and
	// could choose one from before the policy.
	judges odb.ID

	head odb.ID // zero where only what is staged is judged
	tree []source.GitEntry
	diff *scan.Difference
	note *source.Account

	folder string // the target's, from the top of the work tree

	// What a server knows beside (receive.go): the files of the base that head has as they are, and are not in tree; commits
	// that the change merges, whose faults are not new either; and, where it is not nil, the commits between that are not
	// there yet.
	same     []source.GitEntry
	was      *gitHouse // what the change alters, where the house is not its base's
	wasAbove *gitHouse // the same of the whole repository
	beside   []*source.GitFiles
	diffs    []*scan.Difference // from those
	fresh    map[odb.ID]bool
}

// openChange finds the base of what is judged: the merge base with --diff-base, HEAD with --staged.
func (a *app) openChange(ctx context.Context, t *target, f *lookFlags, account *source.Account) (*change, error) {
	c := &change{note: account, folder: t.prefix}
	if f.diffBase == "" && !f.staged {
		return c, nil
	}
	flag := "--diff-base"
	if f.staged {
		flag = "--staged"
	}
	var err error
	if c.repo, err = t.needRepo(flag); err != nil {
		return nil, err
	}
	if f.staged {
		if c.repo.WorkTree() == "" {
			return nil, hint(fmt.Errorf("--staged: %s has no work tree, so nothing is staged", t.name), "leave --staged out: what HEAD has is looked at")
		}
		head, err := c.repo.Head()
		if err != nil && !errors.Is(err, git.ErrNoRef) {
			return nil, err
		}
		c.base, c.judges = head.ID, head.ID
	} else if err := c.findBase(ctx, t, f.diffBase); err != nil {
		return nil, err
	}
	return c, c.standOnBase(ctx, t)
}

// standOnBase lets the base say what the change is judged by.
func (c *change) standOnBase(ctx context.Context, t *target) (err error) {
	c.known = true
	var whole []source.GitEntry // none before the first commit, which must not judge itself either
	if !c.base.IsZero() {
		if whole, err = commitEntries(ctx, c.repo, c.base, c.note); err != nil {
			return err
		}
	}
	c.tree = entriesBelow(t.prefix, whole)
	if c.judges != c.base {
		c.was, c.wasAbove = newGitHouse(c.tree, c.repo), newGitHouse(whole, c.repo)
		if whole, err = commitEntries(ctx, c.repo, c.judges, c.note); err != nil {
			return err
		}
	}
	c.house = newGitHouse(entriesBelow(t.prefix, whole), c.repo)
	c.said.base = newGitHouse(whole, c.repo)
	if top := c.repo.WorkTree(); top != "" {
		c.said.top, err = filepath.EvalSymlinks(top)
	}
	return err
}

// findBase is the merge base of HEAD and a revision.
func (c *change) findBase(ctx context.Context, t *target, rev string) error {
	from := "HEAD"
	if t.revision != "" {
		from = t.revision
	}
	head, err := t.resolve(from)
	if err != nil {
		return err
	}
	other, err := c.repo.Resolve(rev)
	var shallow *git.ErrShallow
	switch {
	case errors.As(err, &shallow):
		return &UserError{Err: fmt.Errorf("--diff-base %s: %w", rev, err), Hint: shallow.Hint, Code: Incomplete}
	case err != nil && c.repo.IsShallow():
		return &UserError{Err: fmt.Errorf("--diff-base %s: %w, and the clone is shallow", rev, err), Hint: fetchOf(c.repo, rev), Code: Incomplete}
	case err != nil:
		return hint(fmt.Errorf("--diff-base %s: %w", rev, err), "fetch it first, or name a revision that git log knows")
	}
	bases, err := c.repo.MergeBase(ctx, head, other)
	if errors.As(err, &shallow) {
		return &UserError{Err: fmt.Errorf("--diff-base %s: the clone is too shallow to hold the base", rev), Hint: shallow.Hint, Code: Incomplete}
	}
	if err != nil {
		return err
	}
	if len(bases) == 0 {
		return hint(fmt.Errorf("--diff-base %s: its history and that of HEAD have nothing in common", rev), "name the branch that this one was made from")
	}
	c.head, c.base, c.judges = head, bases[0], other
	return nil
}

// fetchOf is what brings a revision into a shallow clone. Of one that was made of a single branch git would fetch that one
// again, so that the other is named; what is no branch of a remote may lie on any.
func fetchOf(repo *git.Repo, rev string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(rev, "refs/remotes/"), "~")
	remote, branch, ok := strings.Cut(name, "/")
	if _, known := repo.Config().Get("remote", remote, "url"); ok && known {
		return fmt.Sprintf("git fetch --unshallow %s %s", shellWord(remote), shellWord("+refs/heads/"+branch+":refs/remotes/"+name))
	}
	return "git fetch --unshallow --tags origin '+refs/heads/*:refs/remotes/origin/*'"
}

// compare finds out what of seen the base did not have, and adds what the commits between brought in and took out again.
func (c *change) compare(ctx context.Context, seen *scan.Report, engines []scan.Engine, o scan.Options) error {
	if !c.known {
		return nil
	}
	var err error
	base := &source.GitFiles{Repo: c.repo, Of: finding.Target{Kind: "git-tree"}, Entries: c.tree}
	base.Others = c.same
	if c.diff, err = scan.Compare(ctx, seen, base, engines, o); err != nil {
		return err
	}
	for _, b := range c.beside {
		d, err := scan.Compare(ctx, seen, b, engines, o)
		if err != nil {
			return err
		}
		c.diffs = append(c.diffs, d)
	}
	if c.head.IsZero() {
		return nil
	}
	if err := scan.Between(ctx, seen, c.repo, c.folder, c.base, c.head, engines, o); err != nil || c.fresh == nil {
		return err
	}
	seen.Findings = slices.DeleteFunc(seen.Findings, func(f finding.Finding) bool {
		if f.Place.Commit == nil {
			return false
		}
		id, err := odb.ParseID(f.Place.Commit.ID)
		return err == nil && !c.fresh[id]
	})
	return nil
}

// novelty says whether the change brought a finding in.
func (c *change) novelty(f *finding.Finding) risk.Novelty {
	switch {
	case !c.known:
		return risk.NewUnknown
	case c.diff.Has(f) || slices.ContainsFunc(c.diffs, func(d *scan.Difference) bool { return d.Has(f) }):
		return risk.NewNo
	case !c.diff.Knows(f):
		return risk.NewUnknown
	}
	return risk.NewYes
}

// brings reports whether the change brought a mark to a finding.
func (c *change) brings(m *effect.Mark, f *finding.Finding) bool {
	had := func(d *scan.Difference) bool { return d.HasMark(f, &m.Found) }
	return c.known && !had(c.diff) && !slices.ContainsFunc(c.diffs, had)
}
