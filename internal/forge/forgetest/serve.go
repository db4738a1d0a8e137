package forgetest

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An Exchange is one request that is expected, and its answer.
type Exchange struct {
	Method string // empty means GET
	URI    string // path and query, as they stand in the request
	Body   string // what is sent; empty for nothing

	Status int               // of the answer; 0 means 200
	Header map[string]string // of the answer; "{base}" in a value stands for the server's address
	Answer string
}

// request is what is compared of a request.
type request struct {
	Method, URI, Body string
	Header            map[string]string
}

// Serve answers the exchanges of a script in their order. header is what every request must carry beside a body's type and
// what Go's transport adds, no less and no more.
func Serve(t *testing.T, header map[string]string, script ...Exchange) (base string) {
	t.Helper()
	var mu sync.Mutex
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if len(script) == 0 {
			t.Errorf("unexpected: %s %s", r.Method, r.RequestURI)
			w.WriteHeader(http.StatusTeapot)
			return
		}
		e := script[0]
		script = script[1:]
		if diff := cmp.Diff(e.request(header), received(r)); diff != "" {
			t.Errorf("request (-want +got):\n%s", diff)
		}
		e.answer(w, server.URL)
	}))
	t.Cleanup(func() {
		server.Close()
		for _, e := range script {
			t.Errorf("not asked: %s %s", e.Method, e.URI)
		}
	})
	return server.URL
}

func (e Exchange) request(header map[string]string) request {
	r := request{e.Method, e.URI, e.Body, maps.Clone(header)}
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	if r.Body != "" {
		r.Header["Content-Type"] = "application/json"
	}
	return r
}

func received(r *http.Request) request {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20)) // a body that breaks off differs
	got := request{r.Method, r.RequestURI, string(body), map[string]string{}}
	for name, values := range r.Header {
		if name != "Accept-Encoding" && name != "Content-Length" {
			got.Header[name] = strings.Join(values, " AND ")
		}
	}
	return got
}

func (e Exchange) answer(w http.ResponseWriter, base string) {
	for name, value := range e.Header {
		w.Header().Set(name, strings.ReplaceAll(value, "{base}", base))
	}
	if e.Status != 0 {
		w.WriteHeader(e.Status)
	}
	io.WriteString(w, e.Answer) // a client that went away is the test's matter
}
