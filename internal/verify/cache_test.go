package verify

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A counted transport plays one answer and counts.
func counted(questions *atomic.Int32, status int, body string) fake {
	return func(*http.Request) (*http.Response, error) {
		questions.Add(1)
		return response(status, body), nil
	}
}

func TestCache(t *testing.T) {
	start := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	const yes, no = `{"login":"octo"}`, `{"message":"Bad credentials"}`
	credential := Credential{Verifier: "github", Value: plain("ghp_x")}
	for _, tt := range []struct {
		name   string
		status int
		body   string
		later  time.Duration
		change func(*Options, *Credential)
		want   int32 // questions of the second run
	}{
		{"live is kept", 200, yes, time.Minute, nil, 0},
		{"dead is kept", 401, no, time.Minute, nil, 0},
		{"unknown is not", 500, "", time.Minute, nil, 1},
		{"it holds for its time", 200, yes, time.Hour, nil, 0},
		{"and not longer", 200, yes, time.Hour + time.Second, nil, 1},
		{"a time of one's own", 200, yes, 2 * time.Hour, func(o *Options, _ *Credential) { o.CacheFor = 3 * time.Hour }, 0},
		{"an answer of the future", 200, yes, -time.Minute, nil, 1},
		{"another value", 200, yes, 0, func(_ *Options, c *Credential) { c.Value = plain("ghp_y") }, 1},
		{"another address", 200, yes, 0, func(o *Options, _ *Credential) { o.Instances = at("github", "https://b.example.com") }, 1},
		{"no folder", 200, yes, 0, func(o *Options, _ *Credential) { o.CacheFolder = "" }, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var questions atomic.Int32
			o := Options{
				Transport: counted(&questions, tt.status, tt.body), Instances: at("github", "https://a.example.com"),
				CacheFolder: filepath.Join(t.TempDir(), "made", "when needed"), Now: func() time.Time { return start },
			}
			first := checkOne(t, newClient(t, o), credential)
			questions.Store(0)
			asked := credential
			o.Now = func() time.Time { return start.Add(tt.later) }
			if tt.change != nil {
				tt.change(&o, &asked)
			}
			second := checkOne(t, newClient(t, o), asked)
			if questions.Load() != tt.want {
				t.Errorf("%d questions in the second run, want %d", questions.Load(), tt.want)
			}
			if first.Verification != second.Verification {
				t.Errorf("first %+v, then %+v", first, second)
			}
		})
	}
}

func TestCacheIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing there")
	}
	folder := filepath.Join(t.TempDir(), "cache")
	c := newClient(t, Options{Transport: sayer(200, `{"login":"octo"}`), CacheFolder: folder})
	checkOne(t, c, Credential{Verifier: "github", Value: plain("ghp_x")})
	got := map[string]string{}
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		info, err := d.Info()
		if err != nil {
			t.Fatal(err)
		}
		got[d.Name()] = info.Mode().String()
	}
	want := map[string]string{keyFile: "-rw-------", cacheFile: "-rw-------"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder %v, %v", info.Mode(), err)
	}
}

// Two folders have two keys: an entry of one says nothing in the other.
func TestKeysDiffer(t *testing.T) {
	var names []string
	for range 2 {
		folder := t.TempDir()
		c := newClient(t, Options{Transport: sayer(200, `{"login":"octo"}`), CacheFolder: folder})
		checkOne(t, c, Credential{Verifier: "github", Value: plain("ghp_x")})
		text, err := os.ReadFile(filepath.Join(folder, cacheFile))
		if err != nil {
			t.Fatal(err)
		}
		var entries map[string]entry
		if err := json.Unmarshal(text, &entries); err != nil || len(entries) != 1 {
			t.Fatalf("%s: %v", text, err)
		}
		for name := range entries {
			names = append(names, name)
		}
	}
	if names[0] == names[1] {
		t.Error("the same hash under two keys")
	}
}

// What is wrong with the cache is told, and asking goes on without it.
func TestBrokenCache(t *testing.T) {
	write := func(t *testing.T, folder, name, text string, mode os.FileMode) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	key := strings.Repeat("k", keySize)
	for _, tt := range []struct {
		name   string
		damage func(t *testing.T, folder string)
		note   string
	}{
		{"a short key", func(t *testing.T, f string) { write(t, f, keyFile, "k", 0o600) }, "is not a key"},
		{"a key that others read", func(t *testing.T, f string) { write(t, f, keyFile, key, 0o644) }, "can be read by others"},
		{"a key that is a link", func(t *testing.T, f string) {
			write(t, f, "other", key, 0o600)
			if err := os.Symlink("other", filepath.Join(f, keyFile)); err != nil {
				t.Skip(err)
			}
		}, "is not a key"},
		{"a folder that is a file", func(t *testing.T, f string) {
			if err := os.Remove(f); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Dir(f), filepath.Base(f), "", 0o600)
		}, "answers are not kept"},
		{"garbage", func(t *testing.T, f string) { write(t, f, cacheFile, "{garbage", 0o600) }, ""},
		{"a list", func(t *testing.T, f string) { write(t, f, cacheFile, "[]", 0o600) }, ""},
		{"null", func(t *testing.T, f string) { write(t, f, cacheFile, "null", 0o600) }, ""},
		{"too long", func(t *testing.T, f string) {
			write(t, f, cacheFile, string(bytes.Repeat([]byte(" "), maxCache+1)), 0o600)
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.Contains(tt.note, "others") {
				t.Skip("modes say nothing there")
			}
			folder := filepath.Join(t.TempDir(), "cache")
			if err := os.Mkdir(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			tt.damage(t, folder)
			c := newClient(t, Options{Transport: sayer(200, `{"login":"octo"}`), CacheFolder: folder})
			answers, notes := c.Check(t.Context(), []Credential{{Verifier: "github", Value: plain("ghp_x")}})
			if answers[0].Verification != alive {
				t.Errorf("answer %+v", answers[0])
			}
			if got := strings.Join(notes, "\n"); tt.note == "" && got != "" || !strings.Contains(got, tt.note) {
				t.Errorf("notes %q, want %q", got, tt.note)
			}
		})
	}
}

func TestTrim(t *testing.T) {
	start := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	c := &cache{entries: map[string]entry{}}
	for i := range maxEntries + 100 {
		c.entries[time.Duration(i).String()] = entry{alive, start.Add(time.Duration(i) * time.Second)}
	}
	c.trim()
	if len(c.entries) != maxEntries {
		t.Errorf("%d entries, want %d", len(c.entries), maxEntries)
	}
	if _, ok := c.entries[time.Duration(maxEntries+99).String()]; !ok {
		t.Error("the newest is gone")
	}
}

func FuzzParseEntries(f *testing.F) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	f.Add([]byte(`{"` + strings.Repeat("0", 64) + `":{"answer":"live","at":"2026-11-24T08:59:00Z"}}`))
	f.Add([]byte(`{"x":{"answer":"unknown","at":"9999-11-24T08:59:00Z"}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, in []byte) {
		for key, e := range parseEntries(in, now, time.Hour) {
			if age := now.Sub(e.At); age < 0 || age > time.Hour || len(key) != 64 || e.Answer != alive && e.Answer != gone {
				t.Errorf("kept %q: %+v", key, e)
			}
		}
	})
}
