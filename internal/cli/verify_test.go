package cli_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/cli"
)

// A provider is a network that holds one provider. It remembers the credentials that it was asked about.
type provider struct {
	status int
	body   string

	mu    sync.Mutex
	asked []string
}

func (p *provider) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, r.Method+" "+r.URL.String()+" "+r.Header.Get("Authorization"))
	if p.status == 0 {
		return nil, errors.New("the network is forbidden")
	}
	return &http.Response{StatusCode: p.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(p.body))}, nil
}

const leaked = "ghp_glmjpN8pASH4gZvE¦qe2mGEZtYenoTt0wAYe7"

func TestVerify(t *testing.T) {
	question := "GET https://git.example.com/api/v3/user Bearer " + whole(leaked)
	for _, tt := range []struct {
		name         string
		args         []string
		status       int
		body         string
		asked        []string
		says, hushes string // in the report; what must not stand in it
		note         string
	}{
		{"live", []string{"--verify"}, 200, `{"login":"octo"}`, []string{question}, `"verification": "live"`, "", ""},
		{"dead", []string{"--verify"}, 401, `{"message":"Bad credentials"}`, []string{question}, `"verification": "dead"`, "", ""},
		{"unclear", []string{"--verify"}, 500, ``, []string{question}, `"verification": "unknown"`, "",
			"assay: note: --verify: github: 1 unknown: git.example.com gave no clear answer (status 500)\n"},
		{"no network", []string{"--verify"}, 0, ``, []string{question}, `"verification": "unknown"`, "",
			"assay: note: --verify: github: 1 unknown: git.example.com could not be reached\n"},
		{"not asked for", nil, 200, `{"login":"octo"}`, nil, "secret/github-personal-access-token", `"verification"`, ""},
		{"offline", []string{"--offline"}, 200, `{"login":"octo"}`, nil, "secret/github-personal-access-token", `"verification"`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := &provider{status: tt.status, body: tt.body}
			code, stdout, stderr := runVerify(t, p, t.TempDir(), tt.args...)
			if code != cli.Done {
				t.Errorf("exit code %d", code)
			}
			if diff := cmp.Diff(tt.asked, p.asked); diff != "" {
				t.Errorf("questions (-want +got):\n%s", diff)
			}
			if !strings.Contains(stdout, tt.says) || tt.hushes != "" && strings.Contains(stdout, tt.hushes) {
				t.Errorf("report, want %s and not %s:\n%s", tt.says, tt.hushes, stdout)
			}
			if diff := cmp.Diff(tt.note, stderr); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			if strings.Contains(stdout+stderr, whole(leaked)[4:]) {
				t.Error("the credential shows")
			}
		})
	}
}

// A second run within the hour asks nothing; --no-cache asks again.
func TestVerifyRemembers(t *testing.T) {
	p := &provider{status: 200, body: `{"login":"octo"}`}
	cache := t.TempDir()
	for _, run := range []struct {
		args []string
		want int
	}{{[]string{"--verify"}, 1}, {[]string{"--verify"}, 1}, {[]string{"--verify", "--no-cache"}, 2}} {
		if _, stdout, _ := runVerify(t, p, cache, run.args...); !strings.Contains(stdout, `"verification": "live"`) {
			t.Errorf("report:\n%s", stdout)
		}
		if len(p.asked) != run.want {
			t.Errorf("%d questions by now, want %d", len(p.asked), run.want)
		}
	}
}

// Where credentials go is not for a target to say.
func TestVerifyIgnoresTarget(t *testing.T) {
	p := &provider{status: 200, body: `{"username":"u"}`}
	app := t.TempDir()
	write(t, filepath.Join(app, ".npmrc"), "registry=https://attacker.example.com/\n")
	write(t, filepath.Join(app, "env.sh"), "NPM_TOKEN="+whole("npm_¦"+"3Kq9ZtB7xW2mVd8Hs5Lf0RgJ4pYc6NaUe1Tn")+"\n")
	t.Chdir(app)
	env, stdout, _ := verifyEnv(p, t.TempDir())
	cli.Main(t.Context(), []string{"scan", "--format", "json", "--verify"}, env)
	if len(p.asked) > 0 {
		t.Errorf("asked %q", p.asked)
	}
	if !strings.Contains(stdout.String(), `"verification": "unknown"`) {
		t.Errorf("report:\n%s", stdout)
	}
}

func TestVerifySettings(t *testing.T) {
	for _, tt := range []struct{ name, variable, value, want string }{
		{"an address in plain text", "ASSAY_VERIFY_GITHUB", "http://git.example.com", "does not use https"},
		{"no time span", "ASSAY_VERIFY_CACHE_FOR", "soon", "is not a time span"},
		{"no time", "ASSAY_VERIFY_CACHE_FOR", "0s", "is not a time span"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := &provider{}
			env, _, stderr := verifyEnv(p, t.TempDir())
			getenv := env.Getenv
			env.Getenv = func(name string) string {
				if name == tt.variable {
					return tt.value
				}
				return getenv(name)
			}
			code := cli.Main(t.Context(), []string{"scan", "--verify", leakyApp(t)}, env)
			if code != cli.Wrong || !strings.Contains(stderr.String(), tt.want) || len(p.asked) > 0 {
				t.Errorf("exit code %d, asked %d times: %s", code, len(p.asked), stderr)
			}
		})
	}
}

func leakyApp(t *testing.T) string {
	app := t.TempDir()
	write(t, filepath.Join(app, "env.sh"), "GITHUB_TOKEN="+whole(leaked)+"\n")
	return app
}

func runVerify(t *testing.T, p *provider, cacheDir string, args ...string) (code int, out, notes string) {
	t.Helper()
	env, stdout, stderr := verifyEnv(p, cacheDir)
	code = cli.Main(t.Context(), append([]string{"scan", "--format", "json", leakyApp(t)}, args...), env)
	return code, stdout.String(), stderr.String()
}

func verifyEnv(p *provider, cacheDir string) (cli.Env, *bytes.Buffer, *bytes.Buffer) {
	var stdout, stderr bytes.Buffer
	vars := map[string]string{"ASSAY_VERIFY_GITHUB": "https://git.example.com/api/v3", "ASSAY_CACHE_DIR": cacheDir}
	return cli.Env{
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
		Getenv:  func(name string) string { return vars[name] },
		Now:     func() time.Time { return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) },
		Width:   func(io.Writer) int { return 0 },
		Network: p,
	}, &stdout, &stderr
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The two halves of an AWS key are two findings and one question.
func TestVerifyPair(t *testing.T) {
	p := &provider{status: 200, body: `{"GetCallerIdentityResponse":{"GetCallerIdentityResult":{"Account":"1"}}}`}
	app := t.TempDir()
	write(t, filepath.Join(app, "credentials"), "[default]\naws_access_key_id = "+whole("AKIA¦Z7QH3NUKX5RWB2JD")+
		"\naws_secret_access_key = "+whole("q8Zt4WfLx0Nv7RbY¦2mKcJ5hPgS9dUe3AoVi6Tz1B")+"\n")
	env, stdout, stderr := verifyEnv(p, t.TempDir())
	cli.Main(t.Context(), []string{"scan", "--format", "json", "--verify", app}, env)
	if n := strings.Count(stdout.String(), `"verification": "live"`); n != 2 {
		t.Errorf("%d live findings, want 2:\n%s%s", n, stdout, stderr)
	}
	if len(p.asked) != 1 || !strings.HasPrefix(p.asked[0], "POST https://sts.us-east-1.amazonaws.com/ AWS4-HMAC-SHA256 Credential=") {
		t.Errorf("asked %q", p.asked)
	}
}

// What history holds is asked about, too.
func TestVerifyHistory(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git to make a repository with")
	}
	app := leakyApp(t)
	for _, args := range [][]string{
		{"init", "-q"}, {"add", "."}, {"commit", "-qm", "one"}, {"rm", "-q", "env.sh"}, {"commit", "-qm", "two", "--allow-empty"},
	} {
		cmd := exec.Command("git", append([]string{"-C", app, "-c", "user.name=Ada", "-c", "user.email=ada@example.com"}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	p := &provider{status: 200, body: `{"login":"octo"}`}
	env, stdout, stderr := verifyEnv(p, t.TempDir())
	cli.Main(t.Context(), []string{"scan", "--format", "json", "--verify", "--history", app}, env)
	if !strings.Contains(stdout.String(), `"verification": "live"`) || len(p.asked) != 1 {
		t.Errorf("asked %q\n%s%s", p.asked, stdout, stderr)
	}
}
