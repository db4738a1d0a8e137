package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/assaysec/assay/internal/forge/rest"
)

// The answers to whether a commit belongs to a repository.
const (
	Yes     = "yes"
	No      = "no"
	Unknown = "unknown"
)

// A Membership says whether a commit belongs to a repository, and how that is known.
type Membership struct {
	Answer string
	By     string // the reference that holds the commit, such as "refs/tags/v4.2.1"
	Reason string // why the answer is not yes
}

// maxCompared is how many references are asked whether they hold a commit.
const maxCompared = 40

// Belongs finds out whether one of the repository's own branches or tags holds a commit. Refs that point to it are looked
// for first, in two requests; then, one by one, the histories of those named in likely, of the branches, and of the tags.
// A commit that only a fork holds is in none: GitHub would serve it all the same, under the repository's own name.
func (a *Actions) Belongs(ctx context.Context, repository, commit string, likely ...string) (Membership, error) {
	repo, ok := repoPath(repository)
	switch {
	case !ok:
		return Membership{}, fmt.Errorf("%q is no repository: want owner/name", repository)
	case !objectID().MatchString(commit):
		return Membership{}, fmt.Errorf("%s: %.80q is no commit", repository, commit)
	}
	refs, by, err := a.refs(ctx, repo, commit)
	if errors.Is(err, rest.ErrTooMany) {
		return Membership{Answer: Unknown, Reason: "it has more branches or tags than are looked through"}, nil
	}
	if err != nil || by != "" {
		return Membership{Answer: Yes, By: by}, err
	}
	rank := func(ref string) int {
		for i, name := range likely {
			if ref == "refs/tags/"+name || ref == "refs/heads/"+name {
				return i
			}
		}
		return len(likely)
	}
	slices.SortStableFunc(refs, func(x, y string) int { return rank(x) - rank(y) })
	return a.compare(ctx, repo, commit, refs)
}

// refs lists the branches and tags, or gives the one that points to the commit. A tag says more than a branch.
func (a *Actions) refs(ctx context.Context, repo, commit string) (refs []string, by string, err error) {
	var branches []string
	for _, l := range []struct {
		path, lead string
		into       *[]string
	}{{"/tags", "refs/tags/", &refs}, {"/branches", "refs/heads/", &branches}} {
		err = a.list(ctx, repo+l.path, func(n named) {
			*l.into = append(*l.into, l.lead+n.Name)
			if n.Commit.SHA == commit && by == "" {
				by = l.lead + n.Name
			}
		})
		if err != nil || by != "" {
			return nil, by, err
		}
	}
	return append(branches, refs...), "", nil
}

// compare asks of one reference after another whether its history holds the commit.
func (a *Actions) compare(ctx context.Context, repo, commit string, refs []string) (Membership, error) {
	sure := len(refs) <= maxCompared
	for _, ref := range refs[:min(len(refs), maxCompared)] {
		holds, known, err := a.holds(ctx, repo, ref, commit)
		switch {
		case err != nil:
			return Membership{}, err
		case holds:
			return Membership{Answer: Yes, By: ref}, nil
		}
		sure = sure && known
	}
	if !sure {
		return Membership{Answer: Unknown, Reason: "not all of its branches and tags could be asked"}, nil
	}
	return Membership{Answer: No, Reason: "none of its branches and tags holds the commit: it may come from a fork"}, nil
}

// holds reports whether a reference's history holds a commit: seen from the reference, it is then the same or behind.
// https://docs.github.com/en/rest/commits/commits#compare-two-commits
func (a *Actions) holds(ctx context.Context, repo, ref, commit string) (holds, known bool, err error) {
	var answer struct {
		Status string `json:"status"`
	}
	path := repo + "/compare" + rest.Path(ref+"..."+commit)
	err = a.client.Get(ctx, path, url.Values{"per_page": {"1"}}, &answer)
	switch status := rest.StatusOf(err); {
	case status == http.StatusNotFound:
		return false, true, nil // no common history, or no such commit anywhere
	case status == http.StatusInternalServerError, errors.Is(err, rest.ErrTooLong):
		return false, false, nil // too much lies between them to be compared, which happens to what is far apart
	case err != nil:
		return false, false, err
	}
	switch answer.Status {
	case "identical", "behind":
		return true, true, nil
	case "ahead", "diverged":
		return false, true, nil
	}
	return false, false, nil
}
