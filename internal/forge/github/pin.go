package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/forge/rest"
	"github.com/assaysec/assay/internal/lazyregexp"
	"github.com/assaysec/assay/internal/report/escape"
)

// Actions asks about the repositories that actions and reusable workflows come from. It works without a token, more
// slowly.
type Actions struct {
	client *rest.Client
}

// NewActions makes a client. Nothing is asked yet.
func NewActions(base string, o Options) (*Actions, error) {
	client, err := newClient(base, o, actionsHint)
	if err != nil {
		return nil, err
	}
	return &Actions{client}, nil
}

// ErrNoRef says that a repository has no such tag or branch, or that there is no such repository.
var ErrNoRef = errors.New("no such tag or branch")

// The kinds of reference.
const (
	Tag    = "tag"
	Branch = "branch"
)

// A Pin is what a reference of a repository names.
type Pin struct {
	Repository string // as it was asked about
	Ref        string // without refs/tags/ or refs/heads/
	Kind       string // Tag or Branch
	Commit     string

	// Ambiguous says that a branch has the same name as the tag, so that tools differ on what is meant.
	Ambiguous bool
}

var objectID = lazyregexp.New(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// Resolve finds the commit that a tag, or else a branch, of this very repository names. Its answer needs no further proof
// that the commit belongs there.
func (a *Actions) Resolve(ctx context.Context, repository, ref string) (Pin, error) {
	repo, err := place(repository, ref)
	if err != nil {
		return Pin{}, err
	}
	tag, tagErr := a.ref(ctx, repo, "tags", ref)
	if tagErr != nil && !errors.Is(tagErr, ErrNoRef) {
		return Pin{}, tagErr
	}
	branch, err := a.ref(ctx, repo, "heads", ref)
	if err != nil && !errors.Is(err, ErrNoRef) {
		return Pin{}, err
	}
	switch {
	case tagErr == nil:
		return Pin{repository, ref, Tag, tag, branch != ""}, nil
	case err == nil:
		return Pin{Repository: repository, Ref: ref, Kind: Branch, Commit: branch}, nil
	}
	return Pin{}, fmt.Errorf("%s@%s: %w", repository, ref, ErrNoRef)
}

// place is a repository's path, where it and the reference can be one.
func place(repository, ref string) (string, error) {
	repo, ok := repoPath(repository)
	if !ok {
		return "", fmt.Errorf("%q is no repository: want owner/name", repository)
	}
	if !plainRef(ref) {
		return "", fmt.Errorf("%s: %q is no name of a tag or branch", repository, ref)
	}
	return repo, nil
}

// plainRef reports whether git allows the name (git-check-ref-format) and a reader can see all of it.
func plainRef(ref string) bool {
	if ref == "" || len(ref) > 250 || strings.Contains(ref, "..") || strings.Contains(ref, "@{") || ref == "@" {
		return false
	}
	for part := range strings.SplitSeq(ref, "/") {
		if part == "" || part[0] == '.' || strings.HasSuffix(part, ".") || strings.HasSuffix(part, ".lock") {
			return false
		}
	}
	return escape.Line(ref) == ref && !strings.ContainsAny(ref, ` ~^:?*[\`)
}

// An object is what a reference or an annotated tag points to.
type object struct {
	SHA  string `json:"sha"`
	Type string `json:"type"`
}

// maxPeel is how many annotated tags may point to one another.
const maxPeel = 5

// ref is the commit that a reference names, through annotated tags.
// https://docs.github.com/en/rest/git/refs and /tags
func (a *Actions) ref(ctx context.Context, repo, kind, name string) (string, error) {
	var answer struct {
		Ref    string `json:"ref"`
		Object object `json:"object"`
	}
	full := "refs/" + kind + "/" + name
	path := repo + "/git/ref/" + kind + rest.Path(strings.Split(name, "/")...)
	if err := a.client.Get(ctx, path, nil, &answer); err != nil {
		if rest.StatusOf(err) == http.StatusNotFound {
			return "", ErrNoRef
		}
		return "", err
	}
	if answer.Ref != full {
		return "", fmt.Errorf("%s: asked for %s, and the answer is about another reference", repo, full)
	}
	return a.peel(ctx, repo, answer.Object)
}

func (a *Actions) peel(ctx context.Context, repo string, o object) (string, error) {
	for range maxPeel {
		switch {
		case !objectID().MatchString(o.SHA):
			return "", fmt.Errorf("%s: the answer names no object", repo)
		case o.Type == "commit":
			return o.SHA, nil
		case o.Type != "tag":
			return "", fmt.Errorf("%s: the reference names a %.20q and no commit", repo, o.Type)
		}
		var tag struct {
			SHA    string `json:"sha"`
			Object object `json:"object"`
		}
		if err := a.client.Get(ctx, repo+"/git/tags/"+o.SHA, nil, &tag); err != nil {
			return "", err
		}
		if tag.SHA != o.SHA {
			return "", fmt.Errorf("%s: asked for tag object %s, and the answer is about another", repo, o.SHA)
		}
		o = tag.Object
	}
	return "", fmt.Errorf("%s: more than %d tags point to one another", repo, maxPeel)
}

// A named commit is one entry of a list of tags or branches.
type named struct {
	Name   string `json:"name"`
	Commit object `json:"commit"`
}

// Tags lists the tags of a repository that name a commit, the most exact version first: v4.2.1 before v4.
func (a *Actions) Tags(ctx context.Context, repository, commit string) ([]string, error) {
	repo, ok := repoPath(repository)
	if !ok {
		return nil, fmt.Errorf("%q is no repository: want owner/name", repository)
	}
	var tags []string
	err := a.list(ctx, repo+"/tags", func(n named) {
		if n.Commit.SHA == commit {
			tags = append(tags, n.Name)
		}
	})
	slices.SortFunc(tags, func(x, y string) int {
		return cmp.Or(cmp.Compare(strings.Count(y, "."), strings.Count(x, ".")), cmp.Compare(len(x), len(y)), cmp.Compare(y, x))
	})
	return tags, err
}

func (a *Actions) list(ctx context.Context, path string, take func(named)) error {
	return rest.Pages(ctx, a.client, path, url.Values{"per_page": {"100"}}, func(n named) bool {
		if plainRef(n.Name) { // others cannot be asked for, nor be written in a comment
			take(n)
		}
		return true
	})
}

func actionsHint(_, _ string, status int) string {
	switch status {
	case http.StatusForbidden, http.StatusNotFound:
		return "the token may not read the repository: it needs contents: read there, and public ones can be read without a token"
	case http.StatusMovedPermanently:
		return "the repository has moved: name its new place in the workflow"
	}
	return ""
}
