package verify

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/assaysec/assay/internal/finding"
)

// plain is a Value that shows itself, so that a test notices wherever it is printed.
type plain string

func (p plain) Reveal() string { return string(p) }

func (p plain) IsZero() bool { return p == "" }

// asked is what a provider hears.
type asked struct {
	Method, Path string
	Header       map[string]string
	Body         string
}

// A stand is a provider that plays one answer and remembers what it was asked.
type stand struct {
	*httptest.Server
	mu    sync.Mutex
	heard []asked
}

func newStand(t *testing.T, answer http.HandlerFunc) *stand {
	t.Helper()
	s := &stand{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		header := map[string]string{}
		for name := range r.Header {
			header[name] = r.Header.Get(name)
		}
		s.mu.Lock()
		s.heard = append(s.heard, asked{r.Method, r.URL.RequestURI(), header, string(body)})
		s.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *stand) questions() []asked {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard
}

// says plays a status and a body.
func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// transport goes to the network without the environment.
func transport(t *testing.T) *http.Transport {
	t.Helper()
	tr, err := Transport(func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

func newClient(t *testing.T, o Options) *Client {
	t.Helper()
	if o.Transport == nil {
		o.Transport = transport(t)
	}
	if o.PerSecond == 0 {
		o.PerSecond = 1000
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// checkOne asks about one credential.
func checkOne(t *testing.T, c *Client, credential Credential) Answer {
	t.Helper()
	answers, notes := c.Check(context.Background(), []Credential{credential})
	if len(notes) > 0 {
		t.Errorf("notes: %q", notes)
	}
	return answers[0]
}

// fake is a transport in memory.
type fake func(*http.Request) (*http.Response, error)

func (f fake) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func response(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

const (
	alive = finding.Live
	gone  = finding.Dead
	open  = finding.Unknown
)

// sayer is a transport that always plays the same answer.
func sayer(status int, body string) fake {
	return func(*http.Request) (*http.Response, error) { return response(status, body), nil }
}

// forbidden is a transport that must not be used.
func forbidden(t *testing.T) fake {
	return func(r *http.Request) (*http.Response, error) {
		t.Errorf("a question was put to %s", r.URL.Host)
		return nil, context.Canceled
	}
}

// newTLS serves what a stand serves, with a certificate of its own making.
func newTLS(t *testing.T, s *stand) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(s.Config.Handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}
