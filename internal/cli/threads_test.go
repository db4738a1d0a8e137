package cli_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// A threads keeps the comments of one request, as GitHub and GitLab do, and counts what was written.
type threads struct {
	*httptest.Server
	mu       sync.Mutex
	texts    []string
	created  int
	updated  int
	requests int
}

func newThreads(t *testing.T) *threads {
	t.Helper()
	f := &threads{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.requests++
		if !f.answer(w, r) {
			t.Errorf("the forge was asked %s %s", r.Method, r.RequestURI)
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *threads) bodies() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.texts...)
}

// comment is what both forges say of one.
func (f *threads) comment(n int) map[string]any {
	user := map[string]any{"id": 9, "login": "gate", "username": "gate", "type": "User"}
	return map[string]any{"id": n + 1, "body": f.texts[n], "user": user, "author": user}
}

func (f *threads) answer(w http.ResponseWriter, r *http.Request) bool {
	var sent struct{ Body string }
	_ = json.NewDecoder(r.Body).Decode(&sent) // those without a body are told by their method
	list := strings.HasSuffix(r.URL.Path, "/issues/7/comments") || strings.HasSuffix(r.URL.Path, "/merge_requests/7/notes")
	switch {
	case r.Header.Get("Authorization") == "" && r.Header.Get("Private-Token") == "":
		return false
	case r.Method == http.MethodGet && r.URL.Path == "/user":
		fmt.Fprint(w, `{"id": 9, "login": "gate", "username": "gate", "type": "User"}`)
	case r.Method == http.MethodGet && list:
		all := []any{}
		for n := range f.texts {
			all = append(all, f.comment(n))
		}
		_ = json.NewEncoder(w).Encode(all)
	case r.Method == http.MethodPost && list && sent.Body != "":
		f.texts, f.created = append(f.texts, sent.Body), f.created+1
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(f.comment(len(f.texts) - 1))
	case (r.Method == http.MethodPatch || r.Method == http.MethodPut) && strings.HasSuffix(r.URL.Path, "/1") && sent.Body != "":
		f.texts[0], f.updated = sent.Body, f.updated+1
		_ = json.NewEncoder(w).Encode(f.comment(0))
	default:
		return false
	}
	return true
}
