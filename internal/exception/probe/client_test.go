package probe

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/assaysec/assay/internal/exception/register"
)

// A stand is a server on the loopback interface that example.com leads to.
type stand struct {
	*httptest.Server
	port string
	hits atomic.Int32
	last *http.Request
}

func newStand(t *testing.T, handle http.HandlerFunc) *stand {
	t.Helper()
	s := &stand{}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.hits.Add(1)
		s.last = r
		handle(w, r)
	}))
	s.Config.ErrorLog = nil
	t.Cleanup(s.Close)
	_, s.port, _ = net.SplitHostPort(s.Listener.Addr().String())
	return s
}

func (s *stand) url(path string) string { return "https://example.com:" + s.port + path }

func (s *stand) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

// options permit to ask the stand.
func (s *stand) options() Options {
	return Options{Hosts: []string{"example.com:" + s.port}, AllowPrivate: []string{"example.com"}, Roots: s.roots(), Lookup: leads("127.0.0.1")}
}

func leads(addrs ...string) Lookup {
	return func(context.Context, string) (list []netip.Addr, err error) {
		for _, a := range addrs {
			list = append(list, netip.MustParseAddr(a))
		}
		return list, nil
	}
}

func ask(t *testing.T, o Options, h register.HTTPS) (bool, string) {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c.Probe(t.Context(), h)
}

func blocked(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("X-Blocked-By", "waf")
	w.WriteHeader(http.StatusForbidden)
	fmt.Fprint(w, "rule 942 says no")
}

func TestProbe(t *testing.T) {
	for _, tt := range []struct {
		name   string
		handle http.HandlerFunc
		want   register.HTTPS
		detail string
	}{
		{"status", blocked, register.HTTPS{Status: 403}, ""},
		{"another status", blocked, register.HTTPS{Status: 200}, "the status is 403, want 200"},
		{"body", blocked, register.HTTPS{Status: 403, BodyContains: "942"}, ""},
		{"another body", blocked, register.HTTPS{Status: 403, BodyContains: "943"}, "the first 64 KiB do not contain what they should"},
		{"header", blocked, register.HTTPS{Status: 403, Header: map[string]string{"X-Blocked-By": "waf"}}, ""},
		{"another header", blocked, register.HTTPS{Status: 403, Header: map[string]string{"X-Blocked-By": "wa"}}, "the header X-Blocked-By is not as it should be"},
		{"a redirect is an answer", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/other", http.StatusFound) }, register.HTTPS{Status: 302}, ""},
		{"a redirect is not followed", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/other" {
				http.Redirect(w, r, "/other", http.StatusFound)
			}
		}, register.HTTPS{Status: 200}, "the status is 302, want 200"},
		{"far down in the body", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, strings.Repeat("x", maxBody), "942")
		}, register.HTTPS{Status: 200, BodyContains: "942"}, "the first 64 KiB do not contain what they should"},
		{"endless body", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := fmt.Fprint(w, strings.Repeat("x", 1<<16)); err != nil {
					return
				}
			}
		}, register.HTTPS{Status: 200, BodyContains: "942"}, "the first 64 KiB do not contain what they should"},
		{"large header", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", maxHeader+1<<12))
		},
			register.HTTPS{Status: 200}, "there was no answer that could be read"},
		{"no answer", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, register.HTTPS{Status: 200}, "there was no answer that could be read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStand(t, tt.handle)
			tt.want.URL = s.url("/probe?q=1")
			ok, detail := ask(t, s.options(), tt.want)
			if ok != (tt.detail == "") || detail != tt.detail {
				t.Errorf("%v %q, want %q", ok, detail, tt.detail)
			}
			if n := s.hits.Load(); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// A question tells nothing about who asks.
func TestQuestion(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	t.Setenv("ALL_PROXY", "http://127.0.0.1:1")
	s := newStand(t, func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
	})
	c, err := New(s.options())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if ok, detail := c.Probe(t.Context(), register.HTTPS{URL: s.url("/p?q=1"), Status: 200}); !ok {
			t.Fatal(detail)
		}
	}
	if s.last.Method != "GET" || s.last.RequestURI != "/p?q=1" || s.last.Host != "example.com:"+s.port {
		t.Errorf("%s %s %s", s.last.Method, s.last.Host, s.last.RequestURI)
	}
	for name := range s.last.Header {
		if name != "User-Agent" && name != "Connection" {
			t.Errorf("header %s: %s", name, s.last.Header[name])
		}
	}
}

// What may not be asked is not asked: the stand hears nothing.
func TestRefuses(t *testing.T) {
	s := newStand(t, func(http.ResponseWriter, *http.Request) {})
	port := s.port
	for _, tt := range []struct {
		name   string
		url    string
		change func(*Options)
		detail string
	}{
		{"host not named", "https://other.example:" + port, nil, "the policy does not name the host other.example:" + port},
		{"no hosts named", s.url(""), func(o *Options) { o.Hosts = nil }, "the policy does not name the host example.com:" + port},
		{"another port", "https://example.com", nil, "the policy does not name the host example.com:443"},
		{"named without the port", s.url(""), func(o *Options) { o.Hosts = []string{"example.com"} }, "the policy does not name the host example.com:" + port},
		{"the end of a name", "https://badexample.com:" + port, nil, "the policy does not name the host badexample.com:" + port},
		{"a host below", "https://a.example.com:" + port, nil, "the policy does not name the host a.example.com:" + port},
		{"a star is not the host itself", s.url(""), func(o *Options) { o.Hosts = []string{"*.example.com:" + port} }, "the policy does not name the host example.com:" + port},
		{"userinfo", "https://example.com:" + port + "@other.example/", nil, "the address holds credentials"},
		{"userinfo with a named host", "https://me@example.com:" + port + "/", nil, "the address holds credentials"},
		{"http", "http://example.com:" + port, nil, "the address is not one of https"},
		{"no host", "https://", nil, "the address names no host"},
		{"not an address", "https://exa mple", nil, "the address cannot be read"},
		{"an address of our own", "https://127.0.0.1:" + port, func(o *Options) { o.Hosts = []string{"127.0.0.1:" + port}; o.AllowPrivate = nil },
			"127.0.0.1 has the loopback address 127.0.0.1, which the policy does not open"},
		{"an address of version 4 as one of 6", "https://[::ffff:127.0.0.1]:" + port, func(o *Options) { o.Hosts = []string{"127.0.0.1:" + port}; o.AllowPrivate = nil },
			"127.0.0.1 has the loopback address 127.0.0.1, which the policy does not open"},
		{"an address as a number", "https://2130706433:" + port, nil, "the policy does not name the host 2130706433:" + port},
		{"private", s.url(""), func(o *Options) { o.AllowPrivate = nil }, "example.com has the loopback address 127.0.0.1, which the policy does not open"},
		{"mapped", s.url(""), func(o *Options) { o.AllowPrivate = nil; o.Lookup = leads("::ffff:127.0.0.1") }, "example.com has the loopback address 127.0.0.1, which the policy does not open"},
		{"metadata behind a host that may be private", s.url(""), func(o *Options) { o.Lookup = leads("169.254.169.254") },
			"example.com has the link-local address 169.254.169.254, which the policy does not open"},
		{"one of several", s.url(""), func(o *Options) { o.AllowPrivate = nil; o.Lookup = leads("8.8.8.8", "127.0.0.1") },
			"example.com has the loopback address 127.0.0.1, which the policy does not open"},
		{"unknown", s.url(""), func(o *Options) {
			o.Lookup = func(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("<script>") }
		}, "the host example.com cannot be resolved"},
		{"nowhere", s.url(""), func(o *Options) { o.Lookup = leads() }, "the host example.com has no address"},
		{"unknown authority", s.url(""), func(o *Options) { o.Roots = x509.NewCertPool() }, "the certificate is by an unknown authority"},
		{"certificate of another host", "https://other.example:" + port, func(o *Options) {
			o.Hosts, o.AllowPrivate = []string{"other.example:" + port}, []string{"127.0.0.0/8"}
		}, "the certificate is for another host"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := s.options()
			if tt.change != nil {
				tt.change(&o)
			}
			ok, detail := ask(t, o, register.HTTPS{URL: tt.url, Status: 200})
			if ok || detail != tt.detail {
				t.Errorf("%v %q, want %q", ok, detail, tt.detail)
			}
			if n := s.hits.Load(); n != 0 {
				t.Errorf("it was asked %d times", n)
			}
		})
	}
}

func TestWaysToTheStand(t *testing.T) {
	s := newStand(t, func(http.ResponseWriter, *http.Request) {})
	for _, tt := range []struct {
		name, url string
		change    func(*Options)
	}{
		{"named", s.url(""), func(*Options) {}},
		{"capitals and a dot at the end", "https://EXAMPLE.com.:" + s.port, func(*Options) {}},
		{"an address", "https://127.0.0.1:" + s.port, func(o *Options) { o.Hosts, o.AllowPrivate = []string{"127.0.0.1:" + s.port}, []string{"127.0.0.1"} }},
		{"a network", s.url(""), func(o *Options) { o.AllowPrivate = []string{"127.0.0.0/8"} }},
		{"the second address answers", s.url(""), func(o *Options) {
			o.AllowPrivate, o.Lookup = []string{"127.0.0.0/8"}, leads("127.255.255.254", "127.0.0.1")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := s.options()
			tt.change(&o)
			if ok, detail := ask(t, o, register.HTTPS{URL: tt.url, Status: 200}); !ok {
				t.Error(detail)
			}
		})
	}
}

// A name that changes its mind: what was looked at is what is connected to, and each question looks again.
func TestRebinding(t *testing.T) {
	s := newStand(t, func(http.ResponseWriter, *http.Request) {})
	o := s.options()
	o.AllowPrivate = []string{"127.0.0.1"}
	var asked atomic.Int32
	o.Lookup = func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, byte(asked.Add(1))})}, nil
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if ok, detail := c.Probe(t.Context(), register.HTTPS{URL: s.url(""), Status: 200}); !ok || asked.Load() != 1 {
		t.Errorf("%s, after %d look-ups", detail, asked.Load())
	}
	const want = "example.com has the loopback address 127.0.0.2, which the policy does not open"
	if ok, detail := c.Probe(t.Context(), register.HTTPS{URL: s.url(""), Status: 200}); ok || detail != want {
		t.Errorf("%v %q, want %q", ok, detail, want)
	}
}

// The socket itself is looked at, whatever resolving said.
func TestControl(t *testing.T) {
	c, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for address, ok := range map[string]bool{
		"8.8.8.8:443": true, "[2606:4700::1]:443": true, "127.0.0.1:443": false, "[::1]:443": false, "[::ffff:10.0.0.1]:443": false,
		"169.254.169.254:443": false, "[fe80::1%eth0]:443": false, "": false, "/var/run/docker.sock": false,
	} {
		if err := c.control("example.com", "tcp4", address); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
	if err := c.control("example.com", "unix", "8.8.8.8:443"); err == nil {
		t.Error("a connection that is not TCP")
	}
}

func TestTimeIsBounded(t *testing.T) {
	s := newStand(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	c, err := New(s.options())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if ok, detail := c.Probe(ctx, register.HTTPS{URL: s.url(""), Status: 200}); ok || detail != "there was no answer in time" {
		t.Errorf("%v %q", ok, detail)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestOptions(t *testing.T) {
	for _, bad := range []Options{
		{Hosts: []string{""}}, {Hosts: []string{"*"}}, {Hosts: []string{"*.com"}}, {Hosts: []string{"a b"}}, {Hosts: []string{"https://a.example"}},
		{Hosts: []string{"a.*.example"}}, {AllowPrivate: []string{"10.0.0.1/8"}}, {AllowPrivate: []string{"*.example.com"}}, {AllowPrivate: []string{""}},
	} {
		if _, err := New(bad); err == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
	rule, err := parseHost("*.Example.com:8443")
	if err != nil || !rule.fits("a.b.example.com", "8443") || rule.fits("a.example.com", "443") || rule.fits("example.com", "8443") || rule.fits("aexample.com", "8443") {
		t.Errorf("%+v %v", rule, err)
	}
}
