package verify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// at is an option that puts a provider at an address.
func at(name string, addresses ...string) map[string][]string {
	return map[string][]string{name: addresses}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	elsewhere := newStand(t, says(200, `{"login":"octo"}`))
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := newStand(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+"/user", status)
		})
		c := newClient(t, Options{Instances: at("github", s.URL)})
		a := checkOne(t, c, Credential{Verifier: "github", Value: plain("ghp_x")})
		if a.Verification != open || !strings.Contains(a.Note, "redirect") {
			t.Errorf("status %d: %+v", status, a)
		}
	}
	if heard := elsewhere.questions(); len(heard) > 0 {
		t.Errorf("the other host heard %v", heard)
	}
}

func TestHugeAnswer(t *testing.T) {
	s := newStand(t, func(w http.ResponseWriter, _ *http.Request) {
		chunk := []byte(strings.Repeat(" ", 64<<10))
		for range 1024 { // the client hangs up long before the end
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	c := newClient(t, Options{Instances: at("github", s.URL)})
	a := checkOne(t, c, Credential{Verifier: "github", Value: plain("ghp_x")})
	if a.Verification != open || !strings.Contains(a.Note, "too long") {
		t.Errorf("answer %+v", a)
	}
}

func TestSlowAnswer(t *testing.T) {
	release := make(chan struct{})
	s := newStand(t, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	c := newClient(t, Options{Instances: at("github", s.URL), Timeout: 50 * time.Millisecond})
	a := checkOne(t, c, Credential{Verifier: "github", Value: plain("ghp_x")})
	if a.Verification != open || !strings.Contains(a.Note, "did not answer in time") {
		t.Errorf("answer %+v", a)
	}
}

func TestCutAnswer(t *testing.T) {
	s := newStand(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, `{"login":"octo"}`)
	})
	c := newClient(t, Options{Instances: at("github", s.URL)})
	if a := checkOne(t, c, Credential{Verifier: "github", Value: plain("ghp_x")}); a.Verification != open {
		t.Errorf("answer %+v", a)
	}
}

// A certificate that nobody vouches for gets no credential.
func TestUntrustedCertificate(t *testing.T) {
	s := newStand(t, says(200, `{"login":"octo"}`))
	s.Close()
	s.Server = newTLS(t, s)
	c := newClient(t, Options{Instances: at("github", s.URL)})
	a := checkOne(t, c, Credential{Verifier: "github", Value: plain("ghp_x")})
	if a.Verification != open || !strings.Contains(a.Note, "certificate") {
		t.Errorf("answer %+v", a)
	}
	if heard := s.questions(); len(heard) > 0 {
		t.Errorf("it heard %v", heard)
	}
}

func TestTLS(t *testing.T) {
	s := newStand(t, says(200, `{"login":"octo"}`))
	s.Close()
	s.Server = newTLS(t, s)
	c := newClient(t, Options{Transport: s.Client().Transport, Instances: at("github", s.URL)})
	if a := checkOne(t, c, Credential{Verifier: "github", Value: plain("ghp_x")}); a.Verification != alive {
		t.Errorf("answer %+v", a)
	}
}

// Each distinct credential is asked about once, answers come in the order of the question, and a second call asks nothing.
func TestAskedOnce(t *testing.T) {
	s := newStand(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer good" {
			says(200, `{"login":"octo"}`)(w, r)
			return
		}
		says(401, `{"message":"Bad credentials"}`)(w, r)
	})
	c := newClient(t, Options{Instances: at("github", s.URL)})
	var list []Credential
	for _, v := range []string{"good", "bad", "good", "bad", "good"} {
		list = append(list, Credential{Verifier: "github", Value: plain(v)})
	}
	want := []Answer{{alive, ""}, {gone, ""}, {alive, ""}, {gone, ""}, {alive, ""}}
	for range 2 {
		got, notes := c.Check(context.Background(), list)
		if diff := cmp.Diff(want, got); diff != "" || notes != nil {
			t.Errorf("answers (-want +got):\n%s\nnotes %v", diff, notes)
		}
	}
	if n := len(s.questions()); n != 2 {
		t.Errorf("%d questions, want 2", n)
	}
}

func TestMostAsked(t *testing.T) {
	var questions atomic.Int32
	tr := fake(func(*http.Request) (*http.Response, error) {
		questions.Add(1)
		return response(200, `{"login":"octo"}`), nil
	})
	c := newClient(t, Options{Transport: tr, MaxAsked: 3})
	var list []Credential
	for i := range 10 {
		list = append(list, Credential{Verifier: "github", Value: plain(fmt.Sprint(i % 5))})
	}
	answers, _ := c.Check(context.Background(), list)
	if questions.Load() != 3 {
		t.Errorf("%d questions, want 3", questions.Load())
	}
	want := []string{"github: 4 unknown: at most 3 credentials are asked about in a run"}
	if diff := cmp.Diff(want, Summary(list, answers)); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
	// A run of several targets asks several times, and what is known already costs nothing.
	if answers, _ := c.Check(context.Background(), list); questions.Load() != 3 || answers[0].Verification != alive || answers[3].Verification != open {
		t.Errorf("%d questions after a second call, answers %+v", questions.Load(), answers)
	}
}

// A question in a region that says no goes on to the next, and ends at a yes.
func TestRegions(t *testing.T) {
	first := newStand(t, says(403, `{"errors":["Forbidden"]}`))
	second := newStand(t, says(200, `{"valid":true}`))
	third := newStand(t, says(200, `{"valid":true}`))
	c := newClient(t, Options{Instances: at("datadog", first.URL, second.URL, third.URL)})
	if a := checkOne(t, c, Credential{Verifier: "datadog", Value: plain("x")}); a.Verification != alive {
		t.Errorf("answer %+v", a)
	}
	if got := []int{len(first.questions()), len(second.questions()), len(third.questions())}; !slices.Equal(got, []int{1, 1, 0}) {
		t.Errorf("questions %v", got)
	}
}

// One region that cannot be asked leaves a no of the others unclear.
func TestRegionOutOfReach(t *testing.T) {
	tr := fake(func(r *http.Request) (*http.Response, error) {
		if r.URL.Host == "b.example.com" {
			return nil, syscall.ECONNREFUSED
		}
		return response(403, `{"errors":["Forbidden"]}`), nil
	})
	c := newClient(t, Options{Transport: tr, Instances: at("datadog", "https://a.example.com", "https://b.example.com")})
	want := Answer{open, "b.example.com refused the connection"}
	if diff := cmp.Diff(want, checkOne(t, c, Credential{Verifier: "datadog", Value: plain("x")})); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

// A forbidden network is an answer of unknown, and is not tried for ever.
func TestBlockedNetwork(t *testing.T) {
	var tries atomic.Int32
	tr := fake(func(*http.Request) (*http.Response, error) {
		tries.Add(1)
		return nil, &net.OpError{Op: "dial", Err: syscall.ENETUNREACH}
	})
	c := newClient(t, Options{Transport: tr, AtOnce: 1})
	var list []Credential
	for i := range 50 {
		list = append(list, Credential{Verifier: "stripe", Value: plain(fmt.Sprint(i))})
	}
	answers, _ := c.Check(context.Background(), list)
	want := []string{"stripe: 50 unknown: api.stripe.com could not be reached"}
	if diff := cmp.Diff(want, Summary(list, answers)); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
	if tries.Load() != maxFailures {
		t.Errorf("%d tries, want %d", tries.Load(), maxFailures)
	}
}

func TestAskedForFewer(t *testing.T) {
	var questions atomic.Int32
	tr := fake(func(*http.Request) (*http.Response, error) {
		questions.Add(1)
		return response(429, ``), nil
	})
	c := newClient(t, Options{Transport: tr, AtOnce: 1})
	var list []Credential
	for i := range 10 {
		list = append(list, Credential{Verifier: "stripe", Value: plain(fmt.Sprint(i))})
	}
	answers, _ := c.Check(context.Background(), list)
	for i, a := range answers {
		if a.Verification != open {
			t.Errorf("answer %d: %+v", i, a)
		}
	}
	if questions.Load() != 1 {
		t.Errorf("%d questions after a request for fewer", questions.Load())
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	tr := fake(func(r *http.Request) (*http.Response, error) { return nil, r.Context().Err() })
	c := newClient(t, Options{Transport: tr})
	answers, _ := c.Check(ctx, []Credential{{Verifier: "github", Value: plain("x")}})
	if answers[0].Verification != open {
		t.Errorf("answer %+v", answers[0])
	}
}

// The rate holds for a host: so many at a time, so many a second, by a clock that only the test moves.
func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var starts []time.Duration
		var now, most int
		begin := time.Now()
		tr := fake(func(*http.Request) (*http.Response, error) {
			mu.Lock()
			starts = append(starts, time.Since(begin))
			now++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(700 * time.Millisecond)
			mu.Lock()
			now--
			mu.Unlock()
			return response(200, `{"login":"octo"}`), nil
		})
		c, err := New(Options{Transport: tr, PerSecond: 4, AtOnce: 2})
		if err != nil {
			t.Fatal(err)
		}
		var list []Credential
		for i := range 6 {
			list = append(list, Credential{Verifier: "github", Value: plain(fmt.Sprint(i))})
		}
		c.Check(context.Background(), list)
		ms := time.Millisecond
		want := []time.Duration{0, 250 * ms, 700 * ms, 950 * ms, 1400 * ms, 1650 * ms}
		if diff := cmp.Diff(want, starts); diff != "" {
			t.Errorf("questions start (-want +got):\n%s", diff)
		}
		if most != 2 {
			t.Errorf("%d questions at a time, want 2", most)
		}
	})
}

// Two providers do not wait for each other.
func TestHostsAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := fake(func(*http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return response(500, ``), nil
		})
		c, err := New(Options{Transport: tr})
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		c.Check(context.Background(), []Credential{
			{Verifier: "github", Value: plain("x")}, {Verifier: "stripe", Value: plain("x")}, {Verifier: "slack", Value: plain("x")},
		})
		if took := time.Since(begin); took != time.Second {
			t.Errorf("took %v, want 1s", took)
		}
	})
}

const hush = "123456:AAhush-hush_hush"

// loud are errors whose text holds the credential, as net/http's do where it stands in the address.
func loud(r *http.Request) []error {
	return []error{
		&url.Error{Op: r.Method, URL: r.URL.String(), Err: errors.New("broken " + r.URL.Path)},
		&url.Error{Op: r.Method, URL: r.URL.String(), Err: context.DeadlineExceeded},
		fmt.Errorf("%s: %w", r.URL, &net.DNSError{Err: "no such host " + r.URL.Path, Name: r.URL.Path}),
		fmt.Errorf("%s: %w", r.URL, syscall.ECONNREFUSED),
		errors.New(r.URL.String() + r.Header.Get("Authorization")),
	}
}

// No secret stands in a note, an error, the text of a value or the cache, whatever happens.
func TestNoSecretLeaks(t *testing.T) {
	for n := range 5 {
		folder := t.TempDir()
		tr := fake(func(r *http.Request) (*http.Response, error) { return nil, loud(r)[n] })
		c := newClient(t, Options{Transport: tr, CacheFolder: folder})
		mustHush(t, folder, c, []Credential{{Verifier: "telegram", Value: plain(hush)}, {Verifier: "github", Value: plain(hush)}})
	}
	for _, status := range []int{200, 302, 401, 404, 429, 500} {
		folder := t.TempDir()
		tr := fake(func(r *http.Request) (*http.Response, error) {
			resp := response(status, `{"ok":true,"description":"`+hush+`"}`)
			resp.Header.Set("Location", r.URL.String())
			return resp, nil
		})
		c := newClient(t, Options{Transport: tr, CacheFolder: folder})
		mustHush(t, folder, c, []Credential{{Verifier: "telegram", Value: plain(hush)}, {Verifier: "github", Value: plain(hush)}})
	}
}

func mustHush(t *testing.T, folder string, c *Client, list []Credential) {
	t.Helper()
	answers, notes := c.Check(context.Background(), list)
	text := fmt.Sprintf("%#v %q %q", answers, notes, Summary(list, answers))
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		text += path + string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, "hush") {
		t.Errorf("the credential shows in %s", text)
	}
}

func TestAddressesAreChecked(t *testing.T) {
	for _, tt := range []struct{ name, address, want string }{
		{"plain", "http://api.example.com", `verifier github: "http://api.example.com" does not use https, and a credential goes nowhere without it`},
		{"a name for loopback", "http://localhost:80", `verifier github: "http://localhost:80" does not use https, and a credential goes nowhere without it`},
		{"a password", "https://me:hush@api.example.com", "verifier github: an address must not hold a user or password"},
		{"a query", "https://api.example.com/?x=1", `verifier github: "https://api.example.com/?x=1" is not an address of the form https://host/path`},
		{"an empty query", "https://api.example.com/?", `verifier github: "https://api.example.com/?" is not an address of the form https://host/path`},
		{"a path only", "/user", `verifier github: "/user" is not an address of the form https://host/path`},
		{"no address", "https://%zz", "verifier github: an address does not parse"},
		{"a file", "file:///etc/passwd", `verifier github: "file:///etc/passwd" is not an address of the form https://host/path`},
		{"loopback", "http://127.0.0.1:8080/api/v3/", ""},
		{"loopback of IPv6", "http://[::1]:8080", ""},
		{"a host", "https://git.example.com/api/v3", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(Options{Transport: forbidden(t), Instances: at("github", tt.address)})
			got := ""
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
	if _, err := New(Options{Transport: forbidden(t), Instances: at("githup", "https://x.example.com")}); err == nil || !strings.Contains(err.Error(), "github") {
		t.Errorf("unknown name: %v", err)
	}
	if _, err := New(Options{}); err == nil {
		t.Error("no transport, no error")
	}
}

// A path in the address is kept, with or without a slash at its end.
func TestAddressWithPath(t *testing.T) {
	for _, end := range []string{"", "/"} {
		s := newStand(t, says(200, `{"login":"octo"}`))
		c := newClient(t, Options{Instances: at("github", s.URL+"/api/v3"+end)})
		checkOne(t, c, Credential{Verifier: "github", Value: plain("x")})
		if got := s.questions(); len(got) != 1 || got[0].Path != "/api/v3/user" {
			t.Errorf("questions %v", got)
		}
	}
}
