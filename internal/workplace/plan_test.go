package workplace_test

import (
	"bytes"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/workplace"
)

// in is a repository that has some files.
func in(files map[string]string) workplace.Repository {
	return workplace.Repository{
		Read: func(path string) ([]byte, error) {
			text, ok := files[path]
			switch {
			case !ok:
				return nil, fs.ErrNotExist
			case text == "unreadable":
				return nil, errors.New("a link leads out of the target")
			}
			return []byte(text), nil
		},
		Folder: "app", Config: ".assay.yaml", Deny: "new && risk >= high", Warn: "new && risk >= medium",
	}
}

func TestPlan(t *testing.T) {
	const preCommit, odd = "repos:\n  - repo: local\n    hooks: []\n", "repos: []\n"
	for _, test := range []struct {
		name  string
		forge workplace.Forge
		files map[string]string
		want  map[string]workplace.Kind
	}{
		{"empty", workplace.NoForge, nil, map[string]workplace.Kind{".assay.yaml": workplace.Create}},
		{"github", workplace.GitHub, nil, map[string]workplace.Kind{".assay.yaml": workplace.Create, workplace.GitHubWorkflow: workplace.Create}},
		{"kept", workplace.GitHub, map[string]string{".assay.yaml": "service: {name: x}\n", workplace.GitHubWorkflow: "on: push\n"},
			map[string]workplace.Kind{".assay.yaml": workplace.Keep, workplace.GitHubWorkflow: workplace.Keep}},
		{"unreadable", workplace.GitLab, map[string]string{".assay.yaml": "unreadable", ".gitlab-ci.yml": "unreadable", workplace.PreCommitConfig: "unreadable"},
			map[string]workplace.Kind{".assay.yaml": workplace.ByHand, ".gitlab/assay.yml": workplace.Create, ".gitlab-ci.yml": workplace.ByHand, workplace.PreCommitConfig: workplace.ByHand}},
		{"pre-commit", workplace.NoForge, map[string]string{workplace.PreCommitConfig: preCommit},
			map[string]workplace.Kind{".assay.yaml": workplace.Create, workplace.PreCommitConfig: workplace.Extend}},
		{"an odd pre-commit", workplace.NoForge, map[string]string{workplace.PreCommitConfig: odd},
			map[string]workplace.Kind{".assay.yaml": workplace.Create, workplace.PreCommitConfig: workplace.ByHand}},
		{"gitlab", workplace.GitLab, nil,
			map[string]workplace.Kind{".assay.yaml": workplace.Create, ".gitlab/assay.yml": workplace.Create, ".gitlab-ci.yml": workplace.Create}},
		{"azure", workplace.Azure, map[string]string{"azure-pipelines.yml": "steps: []\n"},
			map[string]workplace.Kind{".assay.yaml": workplace.Create, ".azure/assay.yml": workplace.Create, "azure-pipelines.yml": workplace.ByHand}},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := map[string]string{}
			for path, text := range test.files {
				files[path] = text
			}
			r := in(files)
			r.Forge = test.forge
			got := map[string]workplace.Kind{}
			for _, step := range r.Plan() {
				got[step.Path] = step.Kind
				if step.Kind == workplace.Create || step.Kind == workplace.Extend {
					files[step.Path] = string(step.After)
				}
				var v any
				if err := yaml.Unmarshal(step.After, &v); err != nil {
					t.Errorf("%s: %v", step.Path, err)
				}
				if len(step.Diff()) == 0 && step.Kind == workplace.Extend {
					t.Errorf("%s: nothing to show", step.Path)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			for _, step := range r.Plan() {
				if step.Kind == workplace.Create || step.Kind == workplace.Extend {
					t.Errorf("a second time: %s %s", step.Kind, step.Path)
				}
			}
		})
	}
}

func TestDiff(t *testing.T) {
	step := workplace.Step{Before: []byte("a\nb\nc\nd\ne\n"), After: []byte("a\nb\nc\nnew\nd\ne\n")}
	want := []string{"@@ line 2 @@", "  b", "  c", "+ new", "  d", "  e"}
	if diff := cmp.Diff(want, step.Diff()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestForgeOf(t *testing.T) {
	for _, test := range []struct {
		remote string
		files  []string
		want   workplace.Forge
	}{
		{"", nil, workplace.NoForge},
		{"git@github.com:acme/app.git", nil, workplace.GitHub},
		{"https://token@GitHub.com/acme/app", nil, workplace.GitHub},
		{"ssh://git@gitlab.example.com:2222/acme/app.git", nil, workplace.GitLab},
		{"https://acme@dev.azure.com/acme/p/_git/app", nil, workplace.Azure},
		{"git@ssh.dev.azure.com:v3/acme/p/app", nil, workplace.Azure},
		{"https://example.com/github.com/app", nil, workplace.NoForge},
		{"/srv/github.com:x/app.git", nil, workplace.NoForge},
		{"git@github.com:acme/app.git", []string{".gitlab-ci.yml"}, workplace.GitLab},
		{"", []string{"azure-pipelines.yml"}, workplace.Azure},
		{"", []string{".github/workflows", ".gitlab-ci.yml"}, workplace.GitHub},
	} {
		has := func(path string) bool {
			for _, f := range test.files {
				if f == path {
					return true
				}
			}
			return false
		}
		if got := workplace.ForgeOf(has, test.remote); got != test.want {
			t.Errorf("%q %v: %s, want %s", test.remote, test.files, got, test.want)
		}
	}
}

func TestServiceName(t *testing.T) {
	for _, test := range []struct{ remote, folder, want string }{
		{"", "my app", "my-app"},
		{"git@github.com:acme/payments-api.git", "x", "payments-api"},
		{"https://user:word@example.com/a/b.git/", "x", "b"},
		{"https://example.com/a/b?token=hidden", "x", "b"},
		{"", "…", "service"},
		{"", "unassigned", "service"},
		{"", "a: b\n# c", "a-b-c"},
		{"host:app", "x", "app"},
	} {
		if got := workplace.ServiceName(test.remote, test.folder); got != test.want {
			t.Errorf("%q %q: %q, want %q", test.remote, test.folder, got, test.want)
		}
	}
}

func TestPinned(t *testing.T) {
	commit := strings.Repeat("a", 40)
	for _, test := range []struct {
		text         string
		asks, pinned bool
	}{
		{"steps:\n- uses: actions/checkout@v4\n", false, true},
		{"- uses: assaysec/assay@" + commit + " # v1\n", true, true},
		{"- uses: assaysec/assay@v1\n", true, false},
		{"  uses: 'assaysec/assay@main'\n", true, false},
		{"# - uses: assaysec/assay@v1\n", false, true},
		{"run: assay gate --diff-base x\n", true, true},
		{"include:\n  - local: .gitlab/assay.yml\n", true, true},
	} {
		if asks, pinned := workplace.Pinned("f", []byte(test.text)); asks != test.asks || pinned != test.pinned {
			t.Errorf("%q: asks %v, pinned %v", test.text, asks, pinned)
		}
	}
}

// added holds for a file that was added to: what was there is there, in two pieces at most.
func added(t *testing.T, before, after []byte) {
	t.Helper()
	from, to := 0, 0
	for from < len(before) && from < len(after) && before[from] == after[from] {
		from++
	}
	for to < len(before)-from && to < len(after)-from && before[len(before)-1-to] == after[len(after)-1-to] {
		to++
	}
	if from+to != len(before) {
		t.Errorf("%q became %q", before, after)
	}
}

func TestAddPreCommit(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"at the end, without a line end", "repos:\n- repo: x\n  rev: y\n  hooks: [{id: z}]", "- repo: local"},
		{"indented, with comments", "# c\nrepos:\n    # d\n    - repo: x # e\n      hooks: []\n    # f\n\nci: {}\n", "    - repo: local"},
		{"carriage returns", "repos:\r\n- repo: x\r\n  hooks: []\r\n", "- repo: local\r"},
		{"ends marked", "repos:\n- repo: x\n  hooks: []\n...\n", "- repo: local"},
	} {
		got, done, err := workplace.AddPreCommit([]byte(test.text))
		if err != nil || done {
			t.Errorf("%s: %v, %v", test.name, done, err)
			continue
		}
		if !bytes.Contains(got, []byte("\n"+test.want+"\n")) {
			t.Errorf("%s: %q", test.name, got)
		}
		added(t, []byte(test.text), got)
		if _, done, err := workplace.AddPreCommit(got); err != nil || !done {
			t.Errorf("%s, again: %v, %v", test.name, done, err)
		}
	}
	for _, text := range []string{"", "repos:\n", "repos: []", "repos: [{repo: x, hooks: []}]", "- repo: x\n", "a: b\n", "repos:\n- &a\n  repo: x\n---\nb: c\n", "repos: *a\n", "\x00", "\tx: y"} {
		if _, _, err := workplace.AddPreCommit([]byte(text)); !errors.Is(err, workplace.ErrByHand) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAddInclude(t *testing.T) {
	for _, text := range []string{"", "test:\n  script: x\n", "# c\nstages: [a]\n", "include:\n- local: a.yml\n", "include:\n  - a.yml\n  # c\n\nx: {}\n", "include:\r\n  - a.yml\r\n"} {
		got, done, err := workplace.AddInclude([]byte(text))
		if err != nil || done {
			t.Errorf("%q: %v, %v", text, done, err)
			continue
		}
		added(t, []byte(text), got)
		if _, done, err := workplace.AddInclude(got); err != nil || !done {
			t.Errorf("%q, again: %v, %v", got, done, err)
		}
	}
	for _, text := range []string{"include: a.yml\n", "include: [a.yml]\n", "include: {local: a.yml}\n", "--- \nx: y\n", "{x: y}", "include:\n", "# only\n", "spec: {}\n---\nx: y\n"} {
		if _, _, err := workplace.AddInclude([]byte(text)); !errors.Is(err, workplace.ErrByHand) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzAdd holds that adding keeps what is there, and is done once.
func FuzzAdd(f *testing.F) {
	for _, text := range []string{"repos:\n- repo: x\n  hooks: []\n", "repos:\n  - repo: |\n      - a\n    hooks: []\nb: c\n", "include:\n- a\n- b\n", "x: |\n  y\n", "include:\n- ? a\n  : b\n# c\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 4096 {
			return
		}
		for _, add := range []func([]byte) ([]byte, bool, error){workplace.AddPreCommit, workplace.AddInclude} {
			got, done, err := add(text)
			if err != nil || done {
				continue
			}
			if bytes.HasSuffix(text, []byte("\n")) || len(text) == 0 {
				added(t, text, got)
			}
			if _, done, err := add(got); err != nil || !done {
				t.Errorf("%q became %q, and then: %v, %v", text, got, done, err)
			}
		}
	})
}

// FuzzRoff holds that no text of a page is taken for a request, and that it ends no argument.
func FuzzRoff(f *testing.F) {
	f.Add(".de x\n'br\n\\fB", "a \"b\"", "-x…")
	f.Fuzz(func(t *testing.T, long, term, text string) {
		if len(long)+len(term)+len(text) > 4096 {
			return
		}
		page := workplace.ManPage{Name: "n", Short: text, Long: long, Usage: term, Example: long, Flags: []workplace.ManItem{{Term: term, Text: text}}, See: []string{term}}
		for line := range strings.Lines(page.Roff()) {
			request, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
			if strings.HasPrefix(line, "'") || strings.HasPrefix(line, ".") && !strings.Contains(" .TH .SH .B .BR .TP .PP .nf .fi ", " "+request+" ") {
				t.Errorf("a request of the text's own: %q", line)
			}
			for _, after := range strings.Split(line, `\`)[1:] {
				if after == "" || !strings.ContainsAny(after[:1], "e-&([") {
					t.Errorf("an escape of the text's own: %q", line)
				}
			}
		}
	})
}
