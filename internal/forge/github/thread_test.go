package github

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/forge"
	"github.com/assaysec/assay/internal/forge/forgetest"
	"github.com/assaysec/assay/internal/forge/rest"
	"github.com/assaysec/assay/internal/report/comment"
	"github.com/assaysec/assay/internal/report/reporttest"
)

const (
	token  rest.Token = "zq9x" + "-of-the-test"
	marker            = "<!-- assay:gate v1 x -->"
	list              = "/api/v3/repos/acme/pay.ments/issues/12/comments"
	page              = list + "?per_page=100"
	one               = "/api/v3/repos/acme/pay.ments/issues/comments/31"
)

var sent = map[string]string{
	"Accept": "application/vnd.github+json", "X-Github-Api-Version": "2022-11-28", "User-Agent": "assay/test", "Authorization": "Bearer " + string(token),
}

var options = Options{Transport: http.DefaultTransport, Token: token, UserAgent: "assay/test"}

func thread(t *testing.T, o Options, script ...forgetest.Exchange) *Thread {
	t.Helper()
	th, err := NewThread(forgetest.Serve(t, sent, script...)+"/api/v3", "acme/pay.ments", 12, o)
	if err != nil {
		t.Fatal(err)
	}
	return th
}

func text(s string) string {
	b, _ := json.Marshal(map[string]string{"body": s})
	return string(b)
}

var (
	person = forgetest.Exchange{URI: "/api/v3/user", Answer: `{"id":7,"login":"dana","type":"User"}`}
	app    = forgetest.Exchange{URI: "/api/v3/user", Status: 403, Answer: `{"message":"Resource not accessible by integration"}`}
)

// note is a comment as the interface gives it.
func note(id, body, user, slug string) string {
	app := "null"
	if slug != "" {
		app = `{"slug":"` + slug + `"}`
	}
	return `{"id":` + id + `,"body":"` + marker + `\n` + body + `","user":` + user + `,"performed_via_github_app":` + app + `}`
}

const (
	dana     = `{"id":7,"login":"dana","type":"User"}`
	workflow = `{"id":41,"login":"github-actions[bot]","type":"Bot"}`
	ours     = `{"id":50,"login":"ours[bot]","type":"Bot"}`
)

func TestPublish(t *testing.T) {
	body := marker + "\nnew"
	write := func(method, uri, user string) forgetest.Exchange {
		return forgetest.Exchange{Method: method, URI: uri, Body: text(body), Answer: note("31", "new", user, "")}
	}
	for _, tt := range []struct {
		name   string
		login  string
		script []forgetest.Exchange
		want   forge.Published
	}{
		{"a person's first", "", []forgetest.Exchange{person, {URI: page, Answer: `[]`}, write("POST", list, dana), {URI: page, Answer: `[]`}}, forge.Published{Did: forge.Created, ID: 31}},
		{"a person's, changed, on the second page", "", []forgetest.Exchange{
			person,
			{URI: page, Header: map[string]string{"Link": `<{base}` + list + `?per_page=100&page=2>; rel="next", <{base}/x>; rel="last"`}, Answer: `[` + note("30", "x", workflow, "github-actions") + `]`},
			{URI: list + "?per_page=100&page=2", Answer: `[` + note("31", "x", dana, "") + `]`},
			write("PATCH", one, dana),
		}, forge.Published{Did: forge.Updated, ID: 31}},
		{"a workflow's, changed", "", []forgetest.Exchange{
			app, {URI: page, Answer: `[` + note("29", "x", dana, "") + `,` + note("30", "x", "null", "") + `,` + note("31", "x", workflow, "github-actions") + `,` + note("32", "x", ours, "ours") + `]`},
			write("PATCH", one, workflow),
		}, forge.Published{Did: forge.Updated, ID: 31}},
		{"an application's, unchanged", "ours[bot]", []forgetest.Exchange{app, {URI: page, Answer: `[` + note("31", "new", ours, "ours") + `]`}}, forge.Published{Did: forge.Unchanged, ID: 31}},
		{"busy", "", []forgetest.Exchange{{URI: "/api/v3/user", Status: 502}, person, {URI: page, Answer: `[` + note("31", "new", dana, "") + `]`}}, forge.Published{Did: forge.Unchanged, ID: 31}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := options
			o.Login = tt.login
			got, err := forge.Publish(t.Context(), thread(t, o, tt.script...), forge.Comment{Marker: marker, Body: body})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOneComment plays two runs over a hostile change: the first writes, the second finds its comment as GitHub keeps it, with
// other line ends, and leaves it alone.
func TestOneComment(t *testing.T) {
	o := comment.Options{Blob: "https://forge.example/acme/pay.ments/blob/" + commit}
	d := reporttest.Hostile()
	c := forge.Comment{Marker: comment.Marker(comment.Key(d, o)), Body: comment.Body(d, o)}
	kept, err := json.Marshal(strings.ReplaceAll(strings.TrimSpace(c.Body), "\n", "\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	stored := `{"id":31,"body":` + string(kept) + `,"user":` + workflow + `}`
	th := thread(t, options,
		app, forgetest.Exchange{URI: page, Answer: `[]`}, forgetest.Exchange{Method: "POST", URI: list, Body: text(c.Body), Status: 201, Answer: stored}, forgetest.Exchange{URI: page, Answer: `[` + stored + `]`},
		app, forgetest.Exchange{URI: page, Answer: `[` + stored + `]`},
	)
	for _, want := range []string{forge.Created, forge.Unchanged} {
		if got, err := forge.Publish(t.Context(), th, c); err != nil || got.Did != want || got.Notice != "" {
			t.Errorf("got %+v, %v, want %s", got, err, want)
		}
	}
}

func TestFails(t *testing.T) {
	empty := forgetest.Exchange{URI: page, Answer: `[]`}
	create := func(status int, answer string) forgetest.Exchange {
		return forgetest.Exchange{Method: "POST", URI: list, Body: text(marker), Status: status, Answer: answer}
	}
	for _, tt := range []struct {
		name   string
		fork   bool
		script []forgetest.Exchange
		want   string
		hint   string
	}{
		{"a wrong token", false, []forgetest.Exchange{{URI: "/api/v3/user", Status: 401, Answer: `{"message":"Bad credentials"}`}}, "Bad credentials", "make a new one"},
		{"nobody", false, []forgetest.Exchange{{URI: "/api/v3/user", Answer: `{}`}}, "does not say who", ""},
		{"not allowed to read", false, []forgetest.Exchange{app, {URI: page, Status: 403}}, "403", "pull-requests: write"},
		{"no pull request", false, []forgetest.Exchange{app, {URI: page, Status: 404}}, "404", "no such pull request"},
		{"moved", false, []forgetest.Exchange{app, {URI: page, Status: 301, Header: map[string]string{"Location": "{base}/repositories/1/issues/12/comments"}}}, "301", "new name"},
		{"not allowed to write", false, []forgetest.Exchange{app, empty, create(403, "")}, "403", "permissions: pull-requests: write"},
		{"a fork", true, []forgetest.Exchange{app, empty, create(403, "")}, "403", "from a fork"},
		{"locked", false, []forgetest.Exchange{app, empty, create(422, `{"message":"Validation Failed"}`)}, "Validation Failed", "locked"},
		{"an empty answer", false, []forgetest.Exchange{app, empty, create(201, `{}`)}, "does not name the comment", ""},
		{"wrong types", false, []forgetest.Exchange{app, {URI: page, Answer: `[{"id":"x"}]`}}, "not what the interface", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := options
			o.Fork = tt.fork
			_, err := forge.Publish(t.Context(), thread(t, o, tt.script...), forge.Comment{Marker: marker, Body: marker})
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), string(token)) {
				t.Errorf("error %v, want %s", err, tt.want)
			}
			if !strings.Contains(rest.HintOf(err), tt.hint) {
				t.Errorf("hint %q, want %q", rest.HintOf(err), tt.hint)
			}
		})
	}
}

func TestNewThread(t *testing.T) {
	for _, repository := range []string{"", "a", "a/b/c", "../x", "a/..", "a/b?x", "a/%2e", "a b/c"} {
		if _, err := NewThread("https://forge.example", repository, 1, options); err == nil {
			t.Errorf("%q is a repository", repository)
		}
	}
	if _, err := NewThread("https://forge.example", "a/b", 1, Options{Transport: http.DefaultTransport}); err == nil {
		t.Error("no token, and no error")
	}
	if _, err := NewThread("", "a/b", 1, options); err == nil {
		t.Error("no address, and no error")
	}
}
