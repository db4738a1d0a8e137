package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/forge/forgetest"
)

const token Token = "zq9x" + "-of-the-test"

var sent = map[string]string{"Accept": "application/json", "User-Agent": "assay/test", "Private-Token": string(token)}

// newTest is a client that sleeps by writing down for how long.
func newTest(t *testing.T, base string, slept *[]time.Duration) *Client {
	t.Helper()
	c, err := New(base, Options{
		Transport: http.DefaultTransport, Token: token, Auth: "PRIVATE-TOKEN", UserAgent: "assay/test",
		Sleep: func(_ context.Context, d time.Duration) error {
			if slept != nil {
				*slept = append(*slept, d)
			}
			return nil
		},
		Now: func() time.Time { return time.Unix(1_800_000_000, 0) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNew(t *testing.T) {
	for _, tt := range []struct{ base, want string }{
		{"https://forge.example/api/v4/", ""},
		{"http://127.0.0.1:8080", ""},
		{"", "is not known"},
		{"http://forge.example", "without https"},
		{"https://u:p@forge.example", "user or password"},
		{"https://forge.example/?x=1", "want https://host/path"},
		{"forge.example", "want https://host/path"},
		{"https://forge.example:x/", "does not parse"},
	} {
		_, err := New(tt.base, Options{Transport: http.DefaultTransport})
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: error %v, want %q", tt.base, err, tt.want)
		}
	}
	if _, err := New("https://forge.example", Options{}); err == nil {
		t.Error("no transport, and no error")
	}
	for _, bad := range []Token{"a\nb", "a b", "ü"} {
		_, err := New("https://forge.example", Options{Transport: http.DefaultTransport, Token: bad})
		if err == nil || strings.Contains(err.Error(), string(bad)) {
			t.Errorf("token %q: error %v", string(bad), err)
		}
	}
}

func TestTokenDoesNotShow(t *testing.T) {
	holder := struct{ T Token }{token}
	encoded, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{fmt.Sprintf("%v %s %q %x %d %#v %+v", token, token, token, token, token, holder, holder), string(encoded), fmt.Sprint(token)} {
		if strings.Contains(got, string(token)) || !strings.Contains(got, redacted) {
			t.Errorf("shows %s", got)
		}
	}
}

func TestPath(t *testing.T) {
	for want, parts := range map[string][]string{
		"/projects/a%2Fb/notes": {"projects", "a/b", "notes"},
		"/%2E%2E/%2E/x%3Fy%23z": {"..", ".", "x?y#z"},
	} {
		if got := Path(parts...); got != want {
			t.Errorf("Path(%q) = %s, want %s", parts, got, want)
		}
	}
}

func TestDo(t *testing.T) {
	base := forgetest.Serve(t, sent,
		forgetest.Exchange{Method: "POST", URI: "/api/projects/a%2Fb?x=1", Body: `{"n":1}`, Status: 201, Answer: `{"n":2}`},
	)
	c := newTest(t, base+"/api/", nil)
	type number struct {
		N int `json:"n"`
	}
	var got number
	if err := c.Do(t.Context(), "POST", Path("projects", "a/b"), url.Values{"x": {"1"}}, number{1}, &got); err != nil || got.N != 2 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		name, method string
		exchange     forgetest.Exchange
		want         string
		hint         string
	}{
		{"unauthorised", "GET", forgetest.Exchange{Status: 401, Answer: `{"message":"401 Unauthorized"}`},
			"401 Unauthorized: 401 Unauthorized", "the token is wrong, expired or revoked: make a new one"},
		{"an echo of the token", "GET", forgetest.Exchange{Status: 404, Answer: `{"message":"no ` + string(token) + `"}`}, "404 Not Found: no [redacted]", ""},
		{"an echo at the edge", "GET", forgetest.Exchange{Status: 404, Answer: `{"message":"` + strings.Repeat("x", maxSaid-4) + string(token) + `"}`}, "404 Not Found: xxx", ""},
		{"a hostile message", "GET", forgetest.Exchange{Status: 422, Answer: `{"message":"::error::x\u001b[2J"}`}, `\u{3a}:error::x\u{1b}[2J`, ""},
		{"a message of fields", "GET", forgetest.Exchange{Status: 400, Answer: `{"message":{"body":["is too long"]}}`}, `400 Bad Request: {"body":["is too long"]}`, ""},
		{"GitLab's error", "GET", forgetest.Exchange{Status: 403, Answer: `{"error":"insufficient_scope"}`}, "403 Forbidden: insufficient_scope", ""},
		{"a page", "GET", forgetest.Exchange{Status: 404, Answer: `<html>`}, "404 Not Found", ""},
		{"wrong types", "GET", forgetest.Exchange{Answer: `{"n":"` + string(token) + `"}`}, "not what the interface is documented to give", ""},
		{"no JSON", "GET", forgetest.Exchange{Answer: `<html>` + string(token)}, "not what the interface is documented to give", ""},
		{"huge", "GET", forgetest.Exchange{Answer: `{"x":"` + strings.Repeat("x", maxAnswer) + `"}`}, "the answer is too long", ""},
		{"deep", "GET", forgetest.Exchange{Answer: strings.Repeat("[", 1<<20)}, "not what the interface is documented to give", ""},
		{"elsewhere", "GET", forgetest.Exchange{Status: 301, Header: map[string]string{"Location": "https://evil.example/"}}, "301 Moved Permanently",
			"the forge sends this address elsewhere, and a token does not follow: give the repository's new name, or the interface's own address"},
		{"here, but not there", "POST", forgetest.Exchange{Status: 307, Header: map[string]string{"Location": "{base}/y"}}, "307 Temporary Redirect",
			"the forge sends this address elsewhere, and a token does not follow: give the repository's new name, or the interface's own address"},
		{"broken on writing", "POST", forgetest.Exchange{Status: 502}, "502 Bad Gateway", "the forge is in trouble: try again later"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.exchange.Method, tt.exchange.URI = tt.method, "/x"
			c := newTest(t, forgetest.Serve(t, sent, tt.exchange), nil)
			var into struct {
				N int `json:"n"`
			}
			err := c.Do(t.Context(), tt.method, "/x", nil, nil, &into)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), tt.method+" /x at 127.0.0.1") {
				t.Errorf("error %v, want %s", err, tt.want)
			}
			if strings.Contains(fmt.Sprintf("%v %#v", err, err), string(token[:4])) {
				t.Errorf("the token stands in %v", err)
			}
			if diff := cmp.Diff(tt.hint, HintOf(err)); diff != "" {
				t.Errorf("hint (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRetry(t *testing.T) {
	ok := forgetest.Exchange{Answer: `{}`}
	header := func(name, value string) map[string]string { return map[string]string{name: value} }
	for _, tt := range []struct {
		name, method string
		script       []forgetest.Exchange
		slept        []time.Duration
		want         string
	}{
		{"in trouble once", "GET", []forgetest.Exchange{{Status: 503}, ok}, []time.Duration{time.Second}, ""},
		{"in trouble three times", "PUT", []forgetest.Exchange{{Status: 500}, {Status: 502}, {Status: 503}}, []time.Duration{time.Second, time.Second}, "503"},
		{"asked too often", "POST", []forgetest.Exchange{{Status: 429, Header: header("Retry-After", "7")}, ok}, []time.Duration{7 * time.Second}, ""},
		{"until a date", "GET", []forgetest.Exchange{{Status: 429, Header: header("Retry-After", time.Unix(1_800_000_030, 0).UTC().Format(http.TimeFormat))}, ok}, []time.Duration{30 * time.Second}, ""},
		{"until the limit is lifted", "GET", []forgetest.Exchange{{Status: 403, Header: map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1800000005"}}, ok}, []time.Duration{5 * time.Second}, ""},
		{"the second limit", "POST", []forgetest.Exchange{{Status: 403, Answer: `{"message":"You have exceeded a secondary rate limit"}`}, ok}, []time.Duration{time.Minute}, ""},
		{"at once", "GET", []forgetest.Exchange{{Status: 429, Header: header("Retry-After", "0")}, {Status: 429, Header: header("Retry-After", "-5")}, ok}, []time.Duration{time.Second, time.Second}, ""},
		{"for too long", "GET", []forgetest.Exchange{{Status: 429, Header: header("Retry-After", "3600")}}, nil, "asks to wait 1h0m0s, which is too long"},
		{"for longer than there is", "GET", []forgetest.Exchange{{Status: 429, Header: header("Retry-After", "9999999999999999")}}, nil, "too long"},
		{"too long in sum", "GET", []forgetest.Exchange{{Status: 429, Header: header("Retry-After", "100")}, {Status: 429, Header: header("Retry-After", "100")}}, []time.Duration{100 * time.Second}, "too long"},
		{"forbidden", "GET", []forgetest.Exchange{{Status: 403}}, nil, "403"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for i := range tt.script {
				tt.script[i].Method, tt.script[i].URI = tt.method, "/x"
			}
			var slept []time.Duration
			c := newTest(t, forgetest.Serve(t, sent, tt.script...), &slept)
			err := c.Do(t.Context(), tt.method, "/x", nil, nil, nil)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if diff := cmp.Diff(tt.slept, slept); diff != "" {
				t.Errorf("slept (-want +got):\n%s", diff)
			}
		})
	}
}

func pages(t *testing.T, c *Client, take func(int) bool) error {
	t.Helper()
	return Pages(t.Context(), c, "/list", url.Values{"per_page": {"2"}}, func(n struct{ N int }) bool { return take(n.N) })
}

func TestPages(t *testing.T) {
	next := func(uri string) map[string]string {
		return map[string]string{"Link": `<{base}/api/list?page=1>; rel="prev", <` + uri + `>; rel="next"`}
	}
	first := func(uri string) forgetest.Exchange {
		return forgetest.Exchange{URI: "/api/list?per_page=2", Header: next(uri), Answer: `[{"n":1},{"n":2}]`}
	}
	last := forgetest.Exchange{URI: "/api/list?page=2&per_page=2", Answer: `[{"n":3}]`}
	for _, tt := range []struct {
		name   string
		script []forgetest.Exchange
		want   []int
		err    string
	}{
		{"two pages", []forgetest.Exchange{first("{base}/api/list?page=2&per_page=2"), last}, []int{1, 2, 3}, ""},
		{"a relative link", []forgetest.Exchange{first("?page=2&per_page=2"), last}, []int{1, 2, 3}, ""},
		{"another host", []forgetest.Exchange{first("https://evil.example/api/list?page=2")}, []int{1, 2}, "lies elsewhere"},
		{"the same host, another part", []forgetest.Exchange{first("{base}/apix/list")}, []int{1, 2}, "lies elsewhere"},
		{"a step up", []forgetest.Exchange{first("{base}/api/%2e%2E/list")}, []int{1, 2}, "lies elsewhere"},
		{"a user", []forgetest.Exchange{first("http://u@127.0.0.1/api/list")}, []int{1, 2}, "lies elsewhere"},
		{"no list", []forgetest.Exchange{{URI: "/api/list?per_page=2", Answer: `{"message":"x"}`}}, nil, "not what"},
		{"cut short", []forgetest.Exchange{{URI: "/api/list?per_page=2", Answer: `[{"n":1},{"n":`}}, []int{1}, "not what"},
		{"not closed", []forgetest.Exchange{{URI: "/api/list?per_page=2", Answer: `[{"n":1}`}}, []int{1}, "not what"},
		{"nothing", []forgetest.Exchange{{URI: "/api/list?per_page=2"}}, nil, "not what"},
		{"wrong types", []forgetest.Exchange{{URI: "/api/list?per_page=2", Answer: `[{"n":[]}]`}}, nil, "not what"},
		{"too long", []forgetest.Exchange{{URI: "/api/list?per_page=2", Answer: `[{"n":1},"` + strings.Repeat("x", maxList) + `"]`}}, []int{1}, "too long"},
		{"forbidden", []forgetest.Exchange{{URI: "/api/list?per_page=2", Status: 403}}, nil, "403"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newTest(t, forgetest.Serve(t, sent, tt.script...)+"/api", nil)
			var got []int
			err := pages(t, c, func(n int) bool { got = append(got, n); return true })
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("items (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPagesEnd(t *testing.T) {
	again := forgetest.Exchange{URI: "/list?per_page=2", Header: map[string]string{"Link": `<{base}/list?per_page=2>; rel=next`}, Answer: `[{"n":1}]`}
	c := newTest(t, forgetest.Serve(t, sent, slices.Repeat([]forgetest.Exchange{again}, maxPages)...), nil)
	if err := pages(t, c, func(int) bool { return true }); !errors.Is(err, ErrTooMany) {
		t.Errorf("error %v, want %v", err, ErrTooMany)
	}
	c = newTest(t, forgetest.Serve(t, sent, again), nil)
	if err := pages(t, c, func(int) bool { return false }); err != nil {
		t.Error(err)
	}
}

// lost is a transport that fails with words of its own.
type lost struct{ err error }

func (l lost) RoundTrip(*http.Request) (*http.Response, error) { return nil, l.err }

func TestLost(t *testing.T) {
	c, err := New("https://forge.example", Options{Transport: lost{errors.New("dial\n::error::" + string(token))}, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	err = c.Get(t.Context(), "/x", nil, nil)
	if diff := cmp.Diff(`GET /x at forge.example: dial\u{a}::error::[redacted]`, fmt.Sprint(err)); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

func TestTime(t *testing.T) {
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "[")
		w.(http.Flusher).Flush()
		<-stop
	}))
	defer server.Close()
	defer close(stop)
	c, err := New(server.URL, Options{Transport: http.DefaultTransport, Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := pages(t, c, nil); err == nil || !strings.Contains(err.Error(), "no whole answer within 50ms") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Get(ctx, "/x", nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	if sleep(ctx, time.Hour) == nil || sleep(t.Context(), time.Nanosecond) != nil {
		t.Error("sleep does not heed its context, or does not end")
	}
}

func FuzzNextLink(f *testing.F) {
	for _, s := range []string{`<a>; rel="next"`, `<a>; rel=prev, <b>; REL=next`, `<`, `<a`, `,<>,;=`, `<a>;;rel`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if got := nextLink([]string{in}); got != "" && !strings.Contains(in, "<"+got+">") {
			t.Errorf("%q: %q does not stand in it", in, got)
		}
	})
}

func FuzzItems(f *testing.F) {
	for _, s := range []string{`[]`, `[{"n":1}]`, `[1`, `{`, `[null]`, `]`, "\xff", `[{"n":1}] x`, `null`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		n := 0
		_, err := items(strings.NewReader(in), func(map[string]any) bool { n++; return true })
		var list []map[string]any
		if json.Unmarshal([]byte(in), &list) == nil && list != nil && (err != nil || n != len(list)) {
			t.Errorf("%q: %d items and %v, want %d", in, n, err, len(list))
		}
		if err != nil && !errors.Is(err, errNotJSON) {
			t.Errorf("%q: error %v", in, err)
		}
	})
}
