package gitlab

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
	list              = "/api/v4/projects/acme%2Fpayments/merge_requests/12/notes"
	page              = list + "?order_by=created_at&per_page=50&sort=desc"
)

var sent = map[string]string{"Accept": "application/json", "User-Agent": "assay/test", "Private-Token": string(token)}

var options = Options{Transport: http.DefaultTransport, Token: token, UserAgent: "assay/test"}

func thread(t *testing.T, script ...forgetest.Exchange) *Thread {
	t.Helper()
	th, err := NewThread(forgetest.Serve(t, sent, script...)+"/api/v4", "acme/payments", 12, options)
	if err != nil {
		t.Fatal(err)
	}
	return th
}

func text(s string) string {
	b, _ := json.Marshal(map[string]string{"body": s})
	return string(b)
}

var me = forgetest.Exchange{URI: "/api/v4/user", Answer: `{"id":7,"username":"project_5_bot","bot":true}`}

const mine = `"author":{"id":7,"username":"project_5_bot"}`

func TestPublish(t *testing.T) {
	body := marker + "\n<b>"
	written := `{"id":31,"body":"x",` + mine + `}`
	for _, tt := range []struct {
		name   string
		script []forgetest.Exchange
		want   forge.Published
	}{
		{"the first", []forgetest.Exchange{me, {URI: page, Answer: `[]`}, {Method: "POST", URI: list, Body: text(body), Status: 201, Answer: written}, {URI: page, Answer: `[]`}}, forge.Published{Did: forge.Created, ID: 31}},
		{"changed, on the second page", []forgetest.Exchange{
			me,
			{URI: page, Header: map[string]string{"Link": "<{base}" + list + "?page=2>; rel=\"next\""}, Answer: `[{"id":40,"body":"` + marker + `\nx","author":{"id":8}},{"id":41,"system":true,"body":"` + marker + `",` + mine + `}]`},
			{URI: list + "?page=2", Answer: `[{"id":31,"body":"` + marker + `\nx",` + mine + `}]`},
			{Method: "PUT", URI: list + "/31", Body: text(body), Answer: written},
		}, forge.Published{Did: forge.Updated, ID: 31}},
		{"unchanged", []forgetest.Exchange{me, {URI: page, Answer: `[{"id":31,"body":` + strings.TrimSuffix(strings.TrimPrefix(text(body), `{"body":`), `}`) + `,` + mine + `}]`}}, forge.Published{Did: forge.Unchanged, ID: 31}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := forge.Publish(t.Context(), thread(t, tt.script...), forge.Comment{Marker: marker, Body: body})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFails(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script []forgetest.Exchange
		want   string
		hint   string
	}{
		{"a wrong token", []forgetest.Exchange{{URI: "/api/v4/user", Status: 401}}, "401", "scope api"},
		{"too narrow a token", []forgetest.Exchange{{URI: "/api/v4/user", Status: 403, Answer: `{"error":"insufficient_scope"}`}}, "insufficient_scope", "scope api"},
		{"nobody", []forgetest.Exchange{{URI: "/api/v4/user", Answer: `{}`}}, "does not say who", ""},
		{"no merge request", []forgetest.Exchange{me, {URI: page, Status: 404}}, "404", "no such merge request"},
		{"not allowed to write", []forgetest.Exchange{me, {URI: page, Answer: `[]`}, {Method: "POST", URI: list, Body: text(marker), Status: 403}}, "403", "role Reporter"},
		{"in trouble while writing", []forgetest.Exchange{me, {URI: page, Answer: `[]`}, {Method: "POST", URI: list, Body: text(marker), Status: 500}}, "500", "try again later"},
		{"an empty answer", []forgetest.Exchange{me, {URI: page, Answer: `[]`}, {Method: "POST", URI: list, Body: text(marker), Answer: `{}`}}, "does not name the note", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := forge.Publish(t.Context(), thread(t, tt.script...), forge.Comment{Marker: marker, Body: marker})
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), string(token)) {
				t.Errorf("error %v, want %s", err, tt.want)
			}
			if !strings.Contains(rest.HintOf(err), tt.hint) {
				t.Errorf("hint %q, want %q", rest.HintOf(err), tt.hint)
			}
		})
	}
}

func TestNoQuickAction(t *testing.T) {
	th := thread(t)
	for _, body := range []string{"/close", "x\n /approve", "x\r\n\t/merge\n"} {
		if _, err := th.Create(t.Context(), body); err == nil {
			t.Errorf("%q is sent", body)
		}
		if _, err := th.Update(t.Context(), 1, body); err == nil {
			t.Errorf("%q is sent", body)
		}
	}
}

// TestHostileComment holds that a comment about a hostile target is one that can be sent.
func TestHostileComment(t *testing.T) {
	body := comment.Body(reporttest.Hostile(), comment.Options{})
	written := forgetest.Exchange{Method: "POST", URI: list, Body: text(body), Answer: `{"id":31}`}
	if _, err := thread(t, written).Create(t.Context(), body); err != nil {
		t.Error(err)
	}
}

func TestJobToken(t *testing.T) {
	job := map[string]string{"Accept": "application/json", "User-Agent": "assay/test", "Job-Token": string(token)}
	base := forgetest.Serve(t, job, forgetest.Exchange{URI: "/user", Status: 401})
	o := options
	o.JobToken = true
	th, err := NewThread(base, "5", 12, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := th.Self(t.Context()); err == nil {
		t.Error("no error")
	}
	o.Token = ""
	if _, err := NewThread(base, "5", 12, o); err == nil {
		t.Error("no token, and no error")
	}
}
