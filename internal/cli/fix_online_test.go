package cli_test

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/cli"
)

// A pinForge is a server that holds repositories, by path and query of what is asked.
type pinForge struct {
	answers map[string]string
	status  map[string]int // where it is not 200
	before  func()         // is called with each question

	mu    sync.Mutex
	asked []string
}

func (f *pinForge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, r.RequestURI)
	if f.before != nil {
		f.before()
	}
	answer, known := f.answers[strings.Replace(r.RequestURI, "/Acme/", "/acme/", 1)]
	switch status := f.status[r.RequestURI]; {
	case status == http.StatusForbidden:
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(status)
	case !known:
		w.WriteHeader(http.StatusNotFound)
	}
	io.WriteString(w, answer)
}

var commits = map[string]string{"checkout": strings.Repeat("c", 40), "setup": strings.Repeat("5", 40), "deploy": strings.Repeat("d", 40), "object": strings.Repeat("0b", 20)}

// newPinForge has a tag, an annotated tag, a branch, a name that is both tag and branch, and a tag whose commit nobody holds.
func newPinForge() *pinForge {
	ref := func(kind, name, object, commit string) (string, string) {
		return "/git/ref/" + kind + "/" + name, fmt.Sprintf(`{"ref":"refs/%s/%s","object":{"type":%q,"sha":%q}}`, kind, name, object, commit)
	}
	list := func(names, commit string) string {
		var items []string
		for name := range strings.FieldsSeq(names) {
			items = append(items, fmt.Sprintf(`{"name":%q,"commit":{"sha":%q}}`, name, commit))
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	f := &pinForge{answers: map[string]string{}, status: map[string]int{}}
	put := func(repository, path, answer string) { f.answers["/repos/"+repository+path] = answer }
	tags, branches := "/tags?per_page=100", "/branches?per_page=100"

	path, answer := ref("tags", "v4", "commit", commits["checkout"])
	put("acme/checkout", path, answer)
	put("acme/checkout", tags, list("v4.2.1 v4 v4.2", commits["checkout"]))

	path, answer = ref("tags", "v1", "tag", commits["object"])
	put("acme/setup", path, answer)
	put("acme/setup", "/git/tags/"+commits["object"], fmt.Sprintf(`{"sha":%q,"object":{"type":"commit","sha":%q}}`, commits["object"], commits["setup"]))
	put("acme/setup", tags, list("v1", commits["setup"]))

	path, answer = ref("heads", "main", "commit", commits["deploy"])
	put("acme/deploy", path, answer)
	put("acme/deploy", tags, list("", ""))
	put("acme/deploy", branches, list("main", commits["deploy"]))

	for _, kind := range []string{"tags", "heads"} {
		path, answer = ref(kind, "v2", "commit", commits["deploy"])
		put("acme/both", path, answer)
	}

	path, answer = ref("tags", "v3", "commit", strings.Repeat("f", 40))
	put("acme/fork", path, answer)
	put("acme/fork", tags, list("v3", commits["deploy"]))
	put("acme/fork", branches, list("main", commits["deploy"]))
	for _, name := range []string{"tags%2Fv3", "heads%2Fmain"} {
		put("acme/fork", "/compare/refs%2F"+name+"..."+strings.Repeat("f", 40)+"?per_page=1", `{"status":"diverged"}`)
	}
	return f
}

// online runs assay fix --online against a forge.
func online(t *testing.T, f *pinForge, dir string, args ...string) (code int, out, notes string) {
	t.Helper()
	server := httptest.NewServer(f)
	defer server.Close()
	var stdout, stderr bytes.Buffer
	code = cli.Main(t.Context(), append([]string{"fix", "--online", "--no-cache", dir}, args...), cli.Env{
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
		Getenv:  func(name string) string { return map[string]string{"GITHUB_API_URL": server.URL}[name] },
		Now:     func() time.Time { return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) },
		Width:   func(io.Writer) int { return 0 },
		Network: server.Client().Transport,
	})
	return code, stdout.String(), strings.ReplaceAll(stderr.String(), server.Listener.Addr().String(), "FORGE")
}

const workflowHead = "name: w\non: push\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n"

func workflowOf(uses ...string) string {
	text := workflowHead
	for _, u := range uses {
		text += "      - uses: " + u + "\n"
	}
	return text
}

func TestFixOnline(t *testing.T) {
	dir := t.TempDir()
	file, pins := filepath.Join(dir, ".github/workflows/w.yml"), filepath.Join(dir, ".assay/pins.yaml")
	put(t, file, workflowOf("Acme/checkout/sub@v4 # get", "acme/setup@v1", "acme/deploy@main", "acme/both@v2", "acme/fork@v3", "acme/gone@v1", "acme/kept@v9"))
	kept := strings.Repeat("9", 40)
	put(t, pins, "# by hand\npins:\n  - {uses: acme/kept@v9, commit: \""+kept+"\", checked: 2026-01-01}\n")

	f := newPinForge()
	code, stdout, stderr := online(t, f, dir, "--write", "--rule", "github-action-unpinned")
	if code != cli.Done {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	want := workflowOf("Acme/checkout/sub@"+commits["checkout"]+" # v4.2.1, get", "acme/setup@"+commits["setup"]+" # v1", "acme/deploy@"+commits["deploy"]+" # main",
		"acme/both@v2", "acme/fork@v3", "acme/gone@v1", "acme/kept@v9")
	if diff := gocmp.Diff(want, read(t, file)); diff != "" {
		t.Errorf("workflow (-want +got):\n%s\n%s", diff, stdout)
	}
	list := pinEntry("Acme/checkout@v4", commits["checkout"], "v4.2.1", "refs/tags/v4", "2026-11-24") + pinEntry("acme/deploy@main", commits["deploy"], "main", "refs/heads/main", "2026-11-24") +
		pinEntry("acme/kept@v9", kept, "", "", "2026-01-01") + pinEntry("acme/setup@v1", commits["setup"], "v1", "refs/tags/v1", "2026-11-24")
	if _, got, _ := strings.Cut(read(t, pins), "pins:\n"); got != list {
		t.Errorf("pins (-want +got):\n%s", gocmp.Diff(list, got))
	}
	notes := `assay: note: acme/both@v2 is not pinned: v2 is both a tag and a branch of acme/both
assay: note: acme/fork@v3 is not pinned: v3 is said to be commit ` + strings.Repeat("f", 40) + `, and it is not known to belong to acme/fork: none of its branches and tags holds the commit: it may come from a fork
assay: note: acme/gone@v1 is not pinned: acme/gone@v1: no such tag or branch
assay: note: acme/kept@v9 cannot be checked, and is not used: GET /repos/acme/kept/tags at FORGE: 404 Not Found
  → the token may not read the repository: it needs contents: read there, and public ones can be read without a token
assay: 3 pins looked up and written to .assay/pins.yaml
assay: 3 fixes in 1 file written
`
	if diff := gocmp.Diff(notes, stderr); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}

	// A second run finds everything as it is.
	before := read(t, pins)
	if _, stdout, _ = online(t, f, dir, "--write", "--rule", "github-action-unpinned"); stdout != "" || read(t, pins) != before {
		t.Errorf("a second run says %s and writes\n%s", stdout, read(t, pins))
	}
}

// pinEntry is a pin as the file of pins has it.
func pinEntry(uses, commit, version, ref, day string) string {
	text := fmt.Sprintf("  - uses: %q\n    commit: %q\n", uses, commit)
	for _, f := range [][2]string{{"version", version}, {"ref", ref}, {"checked", day}} {
		if f[1] != "" {
			text += fmt.Sprintf("    %s: %q\n", f[0], f[1])
		}
	}
	return text
}

// Pins that are there are checked before they are used: one whose tag moved stays and is told, and with one whose commit is
// not the repository's nothing is written.
func TestFixOnlineChecks(t *testing.T) {
	old, stray := strings.Repeat("0d", 20), strings.Repeat("f", 40)
	for _, c := range []struct {
		name, uses, pin, becomes string
		code                     int
		want, note               string
	}{
		{"right", "acme/checkout@v4", pinEntry("acme/checkout@v4", commits["checkout"], "v4.2", "", "2026-01-01"),
			pinEntry("acme/checkout@v4", commits["checkout"], "v4.2", "refs/tags/v4", "2026-11-24"), cli.Done, commits["checkout"] + " # v4.2", "1 pin of .assay/pins.yaml checked"},
		{"right, under a version that it is not", "acme/checkout@v4", pinEntry("acme/checkout@v4", commits["checkout"], "v9.9.9", "", ""),
			pinEntry("acme/checkout@v4", commits["checkout"], "v4.2.1", "refs/tags/v4", "2026-11-24"), cli.Done, commits["checkout"] + " # v4.2.1", "checked"},
		{"its tag moved", "acme/checkout@v4", pinEntry("acme/checkout@v4", old, "v4.1.0", "refs/tags/v4", "2026-01-01"),
			pinEntry("acme/checkout@v4", old, "v4.1.0", "refs/tags/v4", "2026-01-01"), cli.Done, old + " # v4.1.0", "acme/checkout@v4 leads to cccccccccccc by now, and stays pinned to 0d0d0d0d0d0d, of refs/tags/v4: delete the entry in .assay/pins.yaml:2 to take"},
		{"its tag is gone", "acme/checkout@v0", pinEntry("acme/checkout@v0", old, "", "refs/tags/v0", "2026-01-01"),
			pinEntry("acme/checkout@v0", old, "", "refs/tags/v0", "2026-01-01"), cli.Done, old + " # v0", "acme/checkout@v0 stays pinned to 0d0d0d0d0d0d, of refs/tags/v4: acme/checkout@v0: no such tag"},
		{"the commit of a fork", "acme/checkout@v4", pinEntry("acme/checkout@v4", stray, "v4.2.1", "refs/tags/v4", "2026-11-24"), "",
			cli.Wrong, "v4", ".assay/pins.yaml:2: acme/checkout@v4 is pinned to commit " + stray + ", which is not known to belong to acme/checkout: none of its branches and tags holds"},
		{"the commit of a fork, for an action that nobody uses", "acme/setup@v1", pinEntry("acme/checkout@v4", stray, "v4.2.1", "refs/tags/v4", "2026-11-24"), "",
			cli.Wrong, "v1", ".assay/pins.yaml:2: acme/checkout@v4 is pinned"},
		{"the commit of a fork that the forge vouches for", "acme/fork@v3", pinEntry("acme/fork@v3", stray, "", "", ""), "", cli.Wrong, "v3", "which is not known to belong to acme/fork"},
		{"the forge does not answer", "acme/setup@v1", pinEntry("acme/setup@v1", commits["setup"], "", "refs/tags/v1", "2026-11-24"), "", cli.Done, "v1", "acme/setup@v1 cannot be checked, and is not used"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			file, pins := filepath.Join(dir, ".github/workflows/w.yml"), filepath.Join(dir, ".assay/pins.yaml")
			put(t, file, workflowOf(c.uses))
			put(t, pins, "pins:\n"+c.pin)
			f := newPinForge()
			f.answers["/repos/acme/checkout/branches?per_page=100"] = "[]"
			for name := range strings.SplitSeq("v4.2.1 v4 v4.2", " ") {
				compare := "/repos/acme/checkout/compare/refs%2Ftags%2F" + name + "..."
				f.answers[compare+old+"?per_page=1"], f.answers[compare+stray+"?per_page=1"] = `{"status":"diverged"}`, `{"status":"diverged"}`
				if name == "v4" {
					f.answers[compare+old+"?per_page=1"] = `{"status":"behind"}`
				}
			}
			if c.name == "the forge does not answer" {
				f.status["/repos/acme/setup/git/ref/tags/v1"] = http.StatusForbidden
			}
			code, stdout, stderr := online(t, f, dir, "--write", "--rule", "github-action-unpinned")
			if code != c.code || !strings.Contains(stderr, c.note) {
				t.Errorf("exit code %d, want %d, and the note %q:\n%s%s", code, c.code, c.note, stdout, stderr)
			}
			name, _, _ := strings.Cut(c.uses, "@")
			if got := read(t, file); got != workflowOf(name+"@"+c.want) {
				t.Errorf("the workflow became\n%s", got)
			}
			if _, got, _ := strings.Cut(read(t, pins), "pins:\n"); got != cmp.Or(c.becomes, c.pin) {
				t.Errorf("the pins became\n%s", got)
			}
		})
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A forge that refuses is not asked on, and what it said before is kept.
func TestFixOnlineLimited(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, ".github/workflows/w.yml"), workflowOf("acme/checkout@v4", "acme/setup@v1", "acme/x@v1", "acme/y@v1"))
	f := newPinForge()
	f.status["/repos/acme/setup/git/ref/tags/v1"] = http.StatusForbidden
	code, stdout, stderr := online(t, f, dir, "--rule", "github-action-unpinned")
	if code != cli.Done || !strings.Contains(stdout, "+      - uses: acme/checkout@"+commits["checkout"]+" # v4.2.1\n") {
		t.Errorf("exit code %d:\n%s", code, stdout)
	}
	for _, want := range []string{"acme/setup@v1 is not pinned", "403", "rate limit is used up", "not asked about 2 actions more", "1 pin looked up"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q is not said:\n%s", want, stderr)
		}
	}
	if strings.Contains(strings.Join(f.asked, " "), "acme/x") {
		t.Errorf("asked on: %q", f.asked)
	}
	if !strings.Contains(read(t, filepath.Join(dir, ".assay/pins.yaml")), "acme/checkout@v4") {
		t.Error("the first pin was not kept")
	}
}

// Nothing is written over what somebody else wrote in the meantime.
func TestFixChangedMeanwhile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, ".github/workflows/w.yml")
	put(t, file, workflowOf("acme/checkout@v4"))
	f := newPinForge()
	f.before = func() { put(t, file, "# mine\n"+workflowOf("acme/checkout@v4")) }
	code, _, stderr := online(t, f, dir, "--write")
	if code != cli.Wrong || !strings.Contains(stderr, ".github/workflows/w.yml: changed while assay looked at it") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if got := read(t, file); got != "# mine\n"+workflowOf("acme/checkout@v4") {
		t.Errorf("the file became\n%s", got)
	}
}

// What a terminal would obey is not sent there as it is.
func TestFixTerminal(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, ".github/workflows/w.yml"), "# \u202e\non: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: ls\n")
	for _, width := range []int{0, 80} {
		var stdout bytes.Buffer
		cli.Main(t.Context(), []string{"fix", "--no-cache", dir}, cli.Env{
			Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: io.Discard, Getenv: func(string) string { return "" },
			Now: time.Now, Width: func(io.Writer) int { return width },
		})
		if stdout.Len() == 0 || strings.Contains(stdout.String(), "\u202e") != (width == 0) {
			t.Errorf("at width %d: %q", width, stdout.String())
		}
	}
}
