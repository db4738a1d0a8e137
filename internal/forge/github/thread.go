package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/assaysec/assay/internal/forge"
	"github.com/assaysec/assay/internal/forge/rest"
)

// A Thread is the comments of one pull request.
type Thread struct {
	client       *rest.Client
	repo, number string // the repository's path, and the number of the pull request
	login        string
}

var _ forge.Thread = (*Thread)(nil)

// workflows is who the token of a workflow writes as. No person can have a name with brackets.
const (
	workflows = "github-actions[bot]"
	botSuffix = "[bot]"
)

// NewThread makes the thread of one pull request. base is the interface's address, such as https://host/api/v3;
// repository is owner/name.
func NewThread(base, repository string, number int, o Options) (*Thread, error) {
	repo, ok := repoPath(repository)
	if !ok {
		return nil, fmt.Errorf("%q is no repository: want owner/name", repository)
	}
	if o.Token == "" {
		return nil, errors.New("GitHub: no token, and nobody comments without one")
	}
	client, err := newClient(base, o, threadHint(o.Fork))
	if err != nil {
		return nil, err
	}
	return &Thread{client, repo, strconv.Itoa(number), cmp.Or(o.Login, workflows)}, nil
}

// An issueComment is what GitHub says of one; to it a pull request is an issue.
// https://docs.github.com/en/rest/issues/comments
type issueComment struct {
	ID   int64  `json:"id"`
	Body string `json:"body"`
	User *user  `json:"user"` // null where the account is gone
	App  *struct {
		Slug string `json:"slug"`
	} `json:"performed_via_github_app"`
}

type user struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
	Type  string `json:"type"`
}

func (u user) author() forge.Author {
	return forge.Author{ID: u.ID, Name: u.Login, Bot: u.Type == "Bot"}
}

func (c issueComment) note() forge.Note {
	n := forge.Note{ID: c.ID, Body: c.Body}
	if c.User != nil {
		n.By = c.User.author()
	}
	if c.App != nil {
		n.By.App = c.App.Slug
	}
	return n
}

// Self asks who the token is. An application's token, a workflow's among them, may not ask: it is then known by the name
// of its bot alone, which must also be a bot's in GitHub's eyes, and must not have written for another application.
func (t *Thread) Self(ctx context.Context) (forge.Author, error) {
	var u user
	err := t.client.Get(ctx, "/user", nil, &u)
	switch status := rest.StatusOf(err); {
	case status == http.StatusForbidden || status == http.StatusNotFound:
		slug, _ := strings.CutSuffix(t.login, botSuffix)
		return forge.Author{Name: t.login, Bot: true, App: slug}, nil
	case err == nil && u.ID == 0:
		err = errors.New("GET /user: GitHub does not say who the token is")
	}
	return u.author(), err
}

// Notes gives the comments of the conversation, without those on lines of code.
func (t *Thread) Notes(ctx context.Context, take func(forge.Note) bool) error {
	path := t.repo + "/issues/" + t.number + "/comments"
	return rest.Pages(ctx, t.client, path, url.Values{"per_page": {"100"}}, func(c issueComment) bool { return take(c.note()) })
}

type body struct {
	Body string `json:"body"`
}

// Create writes a comment.
func (t *Thread) Create(ctx context.Context, text string) (forge.Note, error) {
	return t.write(ctx, http.MethodPost, t.repo+"/issues/"+t.number+"/comments", text)
}

// Update writes a comment anew.
func (t *Thread) Update(ctx context.Context, id int64, text string) (forge.Note, error) {
	return t.write(ctx, http.MethodPatch, t.repo+"/issues/comments/"+strconv.FormatInt(id, 10), text)
}

func (t *Thread) write(ctx context.Context, method, path, text string) (forge.Note, error) {
	var c issueComment
	err := t.client.Do(ctx, method, path, nil, body{text}, &c)
	if err == nil && c.ID <= 0 {
		err = errors.New("GitHub: the answer does not name the comment that was written")
	}
	return c.note(), err
}

// threadHint says which right is missing.
func threadHint(fork bool) func(method, path string, status int) string {
	return func(method, path string, status int) string {
		switch {
		case status == http.StatusForbidden && method != http.MethodGet && fork:
			return "a pull request from a fork has a token that only reads: write the job summary instead, or comment from a workflow_run that checks out nothing of the fork"
		case status == http.StatusForbidden && method != http.MethodGet:
			return "the token may not comment: give the job permissions: pull-requests: write"
		case status == http.StatusForbidden:
			return "the token may not read the comments: give the job permissions: pull-requests: write"
		case status == http.StatusNotFound:
			return "no such pull request, or the token may not see it: it needs permissions: pull-requests: write in this repository"
		case status == http.StatusUnprocessableEntity || status == http.StatusGone:
			return "the conversation may be locked or closed to comments"
		}
		return ""
	}
}
