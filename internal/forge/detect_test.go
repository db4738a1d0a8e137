package forge

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/forge/rest"
)

const sha = "0123456789abcdef0123456789abcdef01234567"

var onGitHub = map[string]string{
	"GITHUB_ACTIONS": "true", "GITHUB_API_URL": "https://forge.example/api/v3", "GITHUB_SERVER_URL": "https://forge.example",
	"GITHUB_REPOSITORY": "acme/payments", "GITHUB_TOKEN": "t", "GITHUB_EVENT_PATH": "/e.json",
}

var onGitLab = map[string]string{
	"GITLAB_CI": "true", "CI_API_V4_URL": "https://lab.example/api/v4", "CI_PROJECT_ID": "5", "CI_MERGE_REQUEST_IID": "12",
	"CI_PROJECT_URL": "https://lab.example/acme/payments", "CI_COMMIT_SHA": sha, "GITLAB_TOKEN": "t",
}

// with is an environment in which some variables differ; an empty value unsets.
func with(env map[string]string, changes ...string) func(string) string {
	env = maps.Clone(env)
	for i := 0; i < len(changes); i += 2 {
		env[changes[i]] = changes[i+1]
	}
	return func(name string) string { return env[name] }
}

const opened = `{"number":3,"pull_request":{"number":3,"head":{"sha":"` + sha + `","repo":{"id":1}},"base":{"repo":{"id":1}}}}`

func TestDetect(t *testing.T) {
	github := Request{Forge: GitHub, API: "https://forge.example/api/v3", Project: "acme/payments", Number: 3, Token: "t", Commit: sha, Web: "https://forge.example/acme/payments"}
	gitlab := Request{Forge: GitLab, API: "https://lab.example/api/v4", Project: "5", Number: 12, Token: "t", Commit: sha, Web: "https://lab.example/acme/payments"}
	but := func(r Request, change func(*Request)) Request { change(&r); return r }
	for _, tt := range []struct {
		name   string
		getenv func(string) string
		event  string
		want   Request
		blob   string
	}{
		{"a pull request", with(onGitHub), opened, github, "https://forge.example/acme/payments/blob/" + sha},
		{"of a fork", with(onGitHub), strings.Replace(opened, `"repo":{"id":1}},"base"`, `"repo":{"id":2}},"base"`, 1), but(github, func(r *Request) { r.Fork = true }), "https://forge.example/acme/payments/blob/" + sha},
		{"of a fork that is gone", with(onGitHub), strings.Replace(opened, `"repo":{"id":1}},"base"`, `"repo":null},"base"`, 1), but(github, func(r *Request) { r.Fork = true }), "https://forge.example/acme/payments/blob/" + sha},
		{"another token", with(onGitHub, "ASSAY_FORGE_TOKEN", "u"), opened, but(github, func(r *Request) { r.Token = "u" }), "https://forge.example/acme/payments/blob/" + sha},
		{"a comment on a pull request", with(onGitHub), `{"issue":{"number":4,"pull_request":{}}}`, but(github, func(r *Request) { r.Number, r.Commit = 4, "" }), ""},
		{"after a workflow", with(onGitHub), `{"workflow_run":{"pull_requests":[{"number":3,"head":{"sha":"` + sha + `","repo":{"id":1}},"base":{"repo":{"id":1}}}]}}`, github, "https://forge.example/acme/payments/blob/" + sha},
		{"a commit that is none", with(onGitHub), strings.Replace(opened, sha, ")evil", 1), but(github, func(r *Request) { r.Commit = "" }), ""},
		{"pages that are none", with(onGitHub, "GITHUB_SERVER_URL", "javascript:x"), opened, but(github, func(r *Request) { r.Web = "" }), ""},
		{"a merge request", with(onGitLab), "", gitlab, "https://lab.example/acme/payments/-/blob/" + sha},
		{"of a fork's pipeline", with(onGitLab, "CI_MERGE_REQUEST_PROJECT_ID", "6", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "5", "CI_MERGE_REQUEST_SOURCE_PROJECT_URL", "https://lab.example/me/payments"), "",
			but(gitlab, func(r *Request) { r.Project, r.Fork, r.Web = "6", true, "https://lab.example/me/payments" }), "https://lab.example/me/payments/-/blob/" + sha},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Detect(tt.getenv, []byte(tt.event))
			if err != nil {
				t.Fatal(err)
			}
			if string(got.Token) != string(tt.want.Token) {
				t.Error("another token")
			}
			got.Token, tt.want.Token = "", ""
			if diff := cmp.Diff(tt.want, got, cmp.Transformer("token", func(t rest.Token) int { return len(t) })); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
			if got.Blob() != tt.blob {
				t.Errorf("blob %s, want %s", got.Blob(), tt.blob)
			}
		})
	}
}

func TestDetectRefuses(t *testing.T) {
	for _, tt := range []struct {
		name     string
		getenv   func(string) string
		event    string
		variable string // empty means that there is no request
	}{
		{"nowhere", with(nil), "", "GITHUB_ACTIONS or GITLAB_CI"},
		{"a push", with(onGitHub), `{"ref":"refs/heads/main"}`, ""},
		{"a push without a token", with(onGitHub, "GITHUB_TOKEN", ""), `{}`, ""},
		{"a comment on an issue", with(onGitHub), `{"issue":{"number":4,"pull_request":null}}`, ""},
		{"after a fork's workflow", with(onGitHub), `{"workflow_run":{"pull_requests":[]}}`, ""},
		{"a negative number", with(onGitHub), `{"pull_request":{"number":-1}}`, ""},
		{"no event", with(onGitHub), "", "GITHUB_EVENT_PATH"},
		{"no JSON", with(onGitHub), "<html>", "GITHUB_EVENT_PATH"},
		{"wrong types", with(onGitHub), `{"pull_request":{"number":"3"}}`, "GITHUB_EVENT_PATH"},
		{"huge", with(onGitHub), strings.Repeat(" ", MaxEvent) + "{}", "GITHUB_EVENT_PATH"},
		{"no interface", with(onGitHub, "GITHUB_API_URL", ""), opened, "GITHUB_API_URL"},
		{"no repository", with(onGitHub, "GITHUB_REPOSITORY", "a/b/c"), opened, "GITHUB_REPOSITORY"},
		{"no token", with(onGitHub, "GITHUB_TOKEN", ""), opened, "GITHUB_TOKEN"},
		{"a branch", with(onGitLab, "CI_MERGE_REQUEST_IID", ""), "", ""},
		{"no number", with(onGitLab, "CI_MERGE_REQUEST_IID", "1/2"), "", "CI_MERGE_REQUEST_IID"},
		{"GitLab without interface", with(onGitLab, "CI_API_V4_URL", ""), "", "CI_API_V4_URL"},
		{"GitLab without project", with(onGitLab, "CI_PROJECT_ID", ""), "", "CI_PROJECT_ID"},
		{"GitLab without token", with(onGitLab, "GITLAB_TOKEN", "", "CI_JOB_TOKEN", "x"), "", "GITLAB_TOKEN"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Detect(tt.getenv, []byte(tt.event))
			if tt.variable == "" {
				if !errors.Is(err, ErrNoRequest) {
					t.Errorf("error %v, want %v", err, ErrNoRequest)
				}
				return
			}
			m, ok := errors.AsType[*MissingError](err)
			if !ok || m.Variable != tt.variable || m.Hint == "" || !strings.HasPrefix(err.Error(), m.Variable+" ") {
				t.Errorf("error %v, want one about %s", err, tt.variable)
			}
		})
	}
}

func TestEventFile(t *testing.T) {
	if got := EventFile(with(onGitHub)); got != "/e.json" {
		t.Errorf("got %q", got)
	}
	if got := EventFile(with(onGitLab, "GITHUB_EVENT_PATH", "/x")); got != "" {
		t.Errorf("got %q", got)
	}
}

func FuzzDetect(f *testing.F) {
	for _, s := range []string{opened, "{}", `{"issue":{"number":4,"pull_request":{}}}`, `{"workflow_run":{"pull_requests":[{}]}}`, `{"pull_request":null}`, "["} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		r, err := Detect(with(onGitHub), []byte(in))
		if err == nil && (r.Number <= 0 || r.Commit != "" && !objectID().MatchString(r.Commit)) {
			t.Errorf("%q gives %+v", in, r)
		}
	})
}
