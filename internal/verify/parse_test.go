package verify

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRegistry(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"none", "save-exact=true\n", ""},
		{"one", "registry=https://registry.example.com/npm/\n", "https://registry.example.com/npm/"},
		{"spaces and quotes", " registry = \"https://registry.example.com\" \r\n", "https://registry.example.com"},
		{"the last counts", "registry=https://a.example.com\nregistry=https://b.example.com", "https://b.example.com"},
		{"a comment", "; registry=https://a.example.com\n# registry=https://b.example.com\n", ""},
		{"of a scope", "@acme:registry=https://a.example.com\n", ""},
		{"from a variable", "registry=https://${HOST}/\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Registry([]byte(tt.text))); diff != "" {
				t.Errorf("registry (-want +got):\n%s", diff)
			}
		})
	}
}

// A registry in plain text is one that is not asked.
func TestPlainRegistry(t *testing.T) {
	c := newClient(t, Options{Transport: forbidden(t), NPMRegistry: "http://registry.example.com"})
	if a := checkOne(t, c, Credential{Verifier: "npm", Value: plain("npm_x")}); a.Verification != open || a.Note == "" {
		t.Errorf("answer %+v", a)
	}
}

func TestProxy(t *testing.T) {
	for _, tt := range []struct {
		name, host string
		env        map[string]string
		want       string
	}{
		{"none", "api.example.com", nil, ""},
		{"one", "api.example.com", map[string]string{"HTTPS_PROXY": "http://proxy.example.com:3128"}, "http://proxy.example.com:3128"},
		{"lower case wins", "api.example.com", map[string]string{"HTTPS_PROXY": "http://a", "https_proxy": "http://b"}, "http://b"},
		{"without a scheme", "api.example.com", map[string]string{"HTTPS_PROXY": "proxy.example.com:3128"}, "http://proxy.example.com:3128"},
		{"not that for http", "api.example.com", map[string]string{"HTTP_PROXY": "http://a"}, ""},
		{"not for loopback", "127.0.0.1", map[string]string{"HTTPS_PROXY": "http://a"}, ""},
		{"direct by name", "api.example.com", map[string]string{"HTTPS_PROXY": "http://a", "NO_PROXY": "x, api.example.com:443"}, ""},
		{"direct by domain", "api.example.com", map[string]string{"HTTPS_PROXY": "http://a", "no_proxy": ".example.com"}, ""},
		{"another domain", "api.badexample.com", map[string]string{"HTTPS_PROXY": "http://a", "NO_PROXY": "example.com"}, "http://a"},
		{"direct by network", "10.1.2.3", map[string]string{"HTTPS_PROXY": "http://a", "NO_PROXY": "10.0.0.0/8"}, ""},
		{"all direct", "api.example.com", map[string]string{"HTTPS_PROXY": "http://a", "NO_PROXY": "*"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tr, err := Transport(func(name string) string { return tt.env[name] })
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if tr.Proxy != nil {
				req, _ := http.NewRequest("GET", "https://"+tt.host+"/", nil)
				u, err := tr.Proxy(req)
				if err != nil {
					t.Fatal(err)
				}
				if u != nil {
					got = u.String()
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("proxy (-want +got):\n%s", diff)
			}
		})
	}
	_, err := Transport(func(string) string { return "http://me:hush@%zz" })
	if err == nil || err.Error() != "HTTPS_PROXY is not the address of a proxy" {
		t.Errorf("a broken proxy: %v", err)
	}
}

// Nothing but a provider's own JSON is ever more than unknown, and no bytes break the reader.
func FuzzRead(f *testing.F) {
	for _, x := range exchanges {
		for _, p := range x.plays {
			f.Add(p.status, []byte(p.body))
		}
	}
	f.Add(200, []byte(`[[[[{"ok":[true]}]]]]`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		for _, p := range All {
			v := read(p.readings, status, body)
			known := slices.ContainsFunc(p.readings, func(r reading) bool { return r.status == status && r.means == v })
			if v != open && !known {
				t.Errorf("%s: status %d means %s", p.Name, status, v)
			}
		}
	})
}

func FuzzRegistry(f *testing.F) {
	f.Add([]byte("registry=https://registry.example.com/npm/\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		if _, err := parseBase(Registry(in)); err == nil {
			newClient(t, Options{Transport: forbidden(t), NPMRegistry: Registry(in)})
		}
	})
}
