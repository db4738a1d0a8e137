package github

import (
	"net/http"
	"strings"

	"github.com/assaysec/assay/internal/forge/rest"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// Options say how to ask. Transport is required.
type Options struct {
	Transport http.RoundTripper
	Token     rest.Token
	UserAgent string

	// Login is who the token writes as where it cannot say so itself, such as "name[bot]" for an application; empty means
	// the one that workflows write as.
	Login string

	// Fork says that the change comes from a fork, for better advice.
	Fork bool
}

// apiVersion is the version of the interface that this package was written for.
// https://docs.github.com/en/rest/about-the-rest-api/api-versions
const apiVersion = "2022-11-28"

func newClient(base string, o Options, hint func(method, path string, status int) string) (*rest.Client, error) {
	return rest.New(base, rest.Options{
		Transport: o.Transport, Token: o.Token, Scheme: "Bearer", UserAgent: o.UserAgent, Hint: hint,
		Header: map[string]string{"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": apiVersion},
	})
}

var fullName = lazyregexp.New(`^([A-Za-z0-9_.-]{1,100})/([A-Za-z0-9_.-]{1,100})$`)

// repoPath is the path of a repository, named owner/name; ok is false for what is no such name.
func repoPath(repository string) (path string, ok bool) {
	m := fullName().FindStringSubmatch(repository)
	if m == nil || strings.Trim(m[1], ".") == "" || strings.Trim(m[2], ".") == "" {
		return "", false
	}
	return rest.Path("repos", m[1], m[2]), true
}
