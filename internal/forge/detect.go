package forge

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/assaysec/assay/internal/forge/rest"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// A Kind is a make of forge.
type Kind string

// The makes.
const (
	GitHub Kind = "github"
	GitLab Kind = "gitlab"
)

// A Request is one pull or merge request, and how its forge is reached.
type Request struct {
	Forge   Kind
	API     string // base address of the interface
	Project string // owner/name, or the number or path of GitLab's project
	Number  int
	Token   rest.Token

	Commit string // the commit under judgement; empty where it is not known
	Web    string // address of the pages of the repository that holds the commit; empty where it is not known
	Fork   bool   // the change comes from a fork, whose pipelines hold weaker tokens
}

// Blob is the address below which a file of the commit can be looked at, empty where it is not known.
func (r Request) Blob() string {
	switch {
	case r.Web == "" || r.Commit == "":
		return ""
	case r.Forge == GitLab:
		return r.Web + "/-/blob/" + r.Commit
	}
	return r.Web + "/blob/" + r.Commit
}

// ErrNoRequest says that a pipeline does not run for a pull or merge request. There is nothing to comment on, and nothing
// is wrong.
var ErrNoRequest = errors.New("this pipeline does not run for a pull or merge request")

// A MissingError names what the environment should hold and does not.
type MissingError struct {
	Variable string
	What     string // what is wrong with it
	Hint     string // what to do
}

func (e *MissingError) Error() string { return e.Variable + " " + e.What }

func missing(variable, hint string) error { return &MissingError{variable, "is not set", hint} }

// MaxEvent is how much of an event file is read.
const MaxEvent = 32 << 20

// EventFile is the file that describes what started the pipeline; empty where the forge writes none.
func EventFile(getenv func(string) string) string {
	if getenv("GITHUB_ACTIONS") == "true" {
		return getenv("GITHUB_EVENT_PATH")
	}
	return ""
}

// Detect finds the request that a pipeline runs for, from the environment and the bytes of the event file.
func Detect(getenv func(string) string, event []byte) (Request, error) {
	switch {
	case getenv("GITHUB_ACTIONS") == "true":
		return detectGitHub(getenv, event)
	case getenv("GITLAB_CI") == "true":
		return detectGitLab(getenv)
	}
	return Request{}, missing("GITHUB_ACTIONS or GITLAB_CI", "run this in a pipeline of GitHub or GitLab, or name forge, project and number")
}

var (
	fullName = lazyregexp.New(`^[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}$`)
	objectID = lazyregexp.New(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
	project  = lazyregexp.New(`^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$`)
)

// An event is what is read of GitHub's description of what happened.
// https://docs.github.com/en/webhooks/webhook-events-and-payloads
type event struct {
	PullRequest *eventRequest `json:"pull_request"`
	Issue       *struct {
		Number      int             `json:"number"`
		PullRequest json.RawMessage `json:"pull_request"`
	} `json:"issue"`
	WorkflowRun *struct {
		PullRequests []eventRequest `json:"pull_requests"`
	} `json:"workflow_run"`
}

type eventRequest struct {
	Number int `json:"number"`
	Head   struct {
		SHA  string `json:"sha"`
		Repo *struct {
			ID int64 `json:"id"`
		} `json:"repo"` // null where the fork is gone
	} `json:"head"`
	Base struct {
		Repo struct {
			ID int64 `json:"id"`
		} `json:"repo"`
	} `json:"base"`
}

func (r *eventRequest) fork() bool { return r.Head.Repo == nil || r.Head.Repo.ID != r.Base.Repo.ID }

func detectGitHub(getenv func(string) string, text []byte) (Request, error) {
	r := Request{Forge: GitHub, API: getenv("GITHUB_API_URL"), Project: getenv("GITHUB_REPOSITORY")}
	if err := r.fromEvent(text); err != nil {
		return Request{}, err
	}
	if r.API == "" {
		return Request{}, missing("GITHUB_API_URL", "GitHub's runners set it; elsewhere give the address of the forge's interface")
	}
	if !fullName().MatchString(r.Project) {
		return Request{}, &MissingError{"GITHUB_REPOSITORY", "is not of the form owner/name", "GitHub's runners set it"}
	}
	if server := webAddress(getenv("GITHUB_SERVER_URL")); server != "" {
		r.Web = server + "/" + r.Project
	}
	// Tokens are read last, so that what needs none can be told without one.
	r.Token = rest.Token(cmp.Or(getenv("ASSAY_FORGE_TOKEN"), getenv("GITHUB_TOKEN")))
	if r.Token == "" {
		return Request{}, missing("GITHUB_TOKEN", "give the step env: GITHUB_TOKEN: ${{ github.token }}, and the job permissions: pull-requests: write")
	}
	return r, nil
}

// fromEvent takes number and commit from an event.
func (r *Request) fromEvent(text []byte) error {
	if len(text) == 0 {
		return missing("GITHUB_EVENT_PATH", "GitHub's runners set it to a file that must be readable")
	}
	var e event
	if len(text) > MaxEvent || json.Unmarshal(text, &e) != nil {
		return &MissingError{"GITHUB_EVENT_PATH", "names a file that is no description of an event", "GitHub's runners write it"}
	}
	request := e.PullRequest
	if e.WorkflowRun != nil && len(e.WorkflowRun.PullRequests) == 1 {
		request = &e.WorkflowRun.PullRequests[0]
	}
	switch {
	case request != nil:
		r.Number, r.Fork = request.Number, request.fork()
		if objectID().MatchString(request.Head.SHA) {
			r.Commit = request.Head.SHA
		}
	case e.Issue != nil && len(e.Issue.PullRequest) > 0 && string(e.Issue.PullRequest) != "null":
		r.Number = e.Issue.Number
	}
	if r.Number <= 0 {
		return ErrNoRequest
	}
	return nil
}

// detectGitLab reads the variables of a pipeline for merge requests. In a fork's pipeline the project is the fork, and the
// merge request is in another.
// https://docs.gitlab.com/ci/variables/predefined_variables/
func detectGitLab(getenv func(string) string) (Request, error) {
	if getenv("CI_MERGE_REQUEST_IID") == "" {
		return Request{}, fmt.Errorf("%w: CI_MERGE_REQUEST_IID is not set", ErrNoRequest)
	}
	number, err := strconv.Atoi(getenv("CI_MERGE_REQUEST_IID"))
	if err != nil || number <= 0 {
		return Request{}, &MissingError{"CI_MERGE_REQUEST_IID", "is not a number", "GitLab's runners set it"}
	}
	r := Request{
		Forge: GitLab, API: getenv("CI_API_V4_URL"), Number: number,
		Project: cmp.Or(getenv("CI_MERGE_REQUEST_PROJECT_ID"), getenv("CI_PROJECT_ID")),
		Web:     webAddress(cmp.Or(getenv("CI_MERGE_REQUEST_SOURCE_PROJECT_URL"), getenv("CI_PROJECT_URL"))),
	}
	source := getenv("CI_MERGE_REQUEST_SOURCE_PROJECT_ID")
	r.Fork = source != "" && source != r.Project
	if sha := cmp.Or(getenv("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"), getenv("CI_COMMIT_SHA")); objectID().MatchString(sha) {
		r.Commit = sha
	}
	if r.API == "" {
		return Request{}, missing("CI_API_V4_URL", "GitLab's runners set it; elsewhere give the address of the forge's interface")
	}
	if !project().MatchString(r.Project) {
		return Request{}, &MissingError{"CI_PROJECT_ID", "names no project", "GitLab's runners set it"}
	}
	r.Token = rest.Token(cmp.Or(getenv("ASSAY_FORGE_TOKEN"), getenv("GITLAB_TOKEN")))
	if r.Token == "" {
		return Request{}, missing("GITLAB_TOKEN", "make a project access token with the scope api and the role Reporter, and set it as a masked variable; the job's own token may not comment")
	}
	return r, nil
}

// webAddress is an address that links may begin with; empty where it is none.
func webAddress(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return ""
	}
	return strings.TrimRight(u.String(), "/")
}
