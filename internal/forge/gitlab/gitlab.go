package gitlab

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/assaysec/assay/internal/forge"
	"github.com/assaysec/assay/internal/forge/rest"
)

// Options say how to ask. Transport is required.
type Options struct {
	Transport http.RoundTripper
	Token     rest.Token
	JobToken  bool // the token is a pipeline's own, which goes into another header
	UserAgent string
}

// A Thread is the notes of one merge request.
type Thread struct {
	client *rest.Client
	notes  string // the path of the list
}

var _ forge.Thread = (*Thread)(nil)

// NewThread makes the thread of one merge request. base is the interface's address, such as https://host/api/v4; project
// is its number or its path.
func NewThread(base, project string, number int, o Options) (*Thread, error) {
	if o.Token == "" {
		return nil, errors.New("GitLab: no token, and nobody comments without one")
	}
	header := "PRIVATE-TOKEN"
	if o.JobToken {
		header = "JOB-TOKEN"
	}
	client, err := rest.New(base, rest.Options{Transport: o.Transport, Token: o.Token, Auth: header, UserAgent: o.UserAgent, Hint: hint})
	if err != nil {
		return nil, err
	}
	path := rest.Path("projects", project, "merge_requests", strconv.Itoa(number), "notes")
	return &Thread{client, path}, nil
}

// A note is what GitLab says of one. https://docs.gitlab.com/api/notes/#merge-requests
type note struct {
	ID     int64  `json:"id"`
	Body   string `json:"body"`
	System bool   `json:"system"` // written by GitLab itself, such as "changed the description"
	Author user   `json:"author"`
}

type user struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	Bot      bool   `json:"bot"`
}

func (u user) author() forge.Author { return forge.Author{ID: u.ID, Name: u.Username, Bot: u.Bot} }

func (n note) note() forge.Note { return forge.Note{ID: n.ID, Body: n.Body, By: n.Author.author()} }

// Self asks who the token is. A project's or group's token is a user of its own.
func (t *Thread) Self(ctx context.Context) (forge.Author, error) {
	var u user
	err := t.client.Get(ctx, "/user", nil, &u)
	if err == nil && u.ID == 0 {
		err = errors.New("GET /user: GitLab does not say who the token is")
	}
	return u.author(), err
}

// Notes gives the notes that people and tokens wrote.
func (t *Thread) Notes(ctx context.Context, take func(forge.Note) bool) error {
	// A note may hold a million characters, so pages are kept small.
	query := url.Values{"per_page": {"50"}, "order_by": {"created_at"}, "sort": {"desc"}}
	return rest.Pages(ctx, t.client, t.notes, query, func(n note) bool { return n.System || take(n.note()) })
}

type body struct {
	Body string `json:"body"`
}

// Create writes a note.
func (t *Thread) Create(ctx context.Context, text string) (forge.Note, error) {
	return t.write(ctx, http.MethodPost, t.notes, text)
}

// Update writes a note anew.
func (t *Thread) Update(ctx context.Context, id int64, text string) (forge.Note, error) {
	return t.write(ctx, http.MethodPut, t.notes+"/"+strconv.FormatInt(id, 10), text)
}

func (t *Thread) write(ctx context.Context, method, path, text string) (forge.Note, error) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "/") {
			return forge.Note{}, errors.New("GitLab: a line of the comment starts with a slash, which would be a quick action")
		}
	}
	var n note
	err := t.client.Do(ctx, method, path, nil, body{text}, &n)
	if err == nil && n.ID <= 0 {
		err = errors.New("GitLab: the answer does not name the note that was written")
	}
	return n.note(), err
}

// hint says which right is missing.
func hint(method, path string, status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return "the token is wrong, expired or a job's own, which may not comment: make a project access token with the scope api"
	case status == http.StatusForbidden && method == http.MethodGet:
		return "the token needs the scope api"
	case status == http.StatusForbidden:
		return "the token needs the scope api and at least the role Reporter in the project"
	case status == http.StatusNotFound && !strings.HasSuffix(path, "/user"):
		return "no such merge request, or the token may not see the project: it needs the scope api and at least the role Reporter there"
	}
	return ""
}
