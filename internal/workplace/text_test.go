package workplace_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/workplace"
)

const root = "../.."

func readText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestTemplates keeps the templates that are included from elsewhere and those that init writes the same.
func TestTemplates(t *testing.T) {
	for _, name := range []string{"gitlab.yml", "azure.yml"} {
		want := readText(t, "internal/workplace/text/"+name)
		if diff := cmp.Diff(want, readText(t, "templates/"+name)); diff != "" {
			t.Errorf("templates/%s (-want +got)\n%s", name, diff)
		}
		var v any
		if err := yaml.Unmarshal([]byte(want), &v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// lint is what actionlint says of a workflow. It starts no program: neither shellcheck nor pyflakes is named.
func lint(t *testing.T, name, text string) []*actionlint.Error {
	t.Helper()
	l, err := actionlint.NewLinter(t.Output(), &actionlint.LinterOptions{Shellcheck: "", Pyflakes: ""})
	if err != nil {
		t.Fatal(err)
	}
	errs, err := l.Lint(name, []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return errs
}

func TestGitHubWorkflow(t *testing.T) {
	commit := strings.Repeat("0123456789", 4)
	for _, action := range []string{"", commit, "main"} {
		text := workplace.GitHubText(action)
		for _, e := range lint(t, "assay.yml", text) {
			t.Errorf("action %q: %v", action, e)
		}
		if asks, pinned := workplace.Pinned(workplace.GitHubWorkflow, []byte(text)); !asks || !pinned {
			t.Errorf("action %q: asks %v, pinned %v", action, asks, pinned)
		}
		if used := strings.Contains(text, "      - uses: assaysec/assay@"+commit); used != (action == commit) {
			t.Errorf("action %q: used %v:\n%s", action, used, text)
		}
		checkPins(t, text)
	}
}

// checkPins wants each action to be pinned to a commit, with its version beside.
func checkPins(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		_, ref, ok := strings.Cut(line, "uses: ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		_, ref, _ = strings.Cut(ref, "@")
		ref, _, _ = strings.Cut(ref, " ")
		if len(ref) != 40 || strings.Trim(ref, "0123456789abcdef") != "" {
			t.Errorf("not pinned to a commit: %s", line)
		}
	}
}

// An action is the part of action.yml that is looked at here.
type action struct {
	Name, Description string
	Inputs            map[string]struct{ Description, Default string }
	Runs              struct {
		Using string
		Steps []struct {
			Name, ID, If, Uses, Shell, Run string
			With, Env                      map[string]string
		}
	}
}

// TestAction lints the action's steps as those of a job, since actionlint lints workflows, and wants no expression in a script:
// inputs are data, and reach it through the environment.
func TestAction(t *testing.T) {
	text := readText(t, "action.yml")
	var a action
	d := yaml.NewDecoder(strings.NewReader(text))
	if err := d.Decode(&a); err != nil {
		t.Fatal(err)
	}
	if a.Name == "" || a.Description == "" || a.Runs.Using != "composite" {
		t.Errorf("name %q, description %q, using %q", a.Name, a.Description, a.Runs.Using)
	}
	for name, in := range a.Inputs {
		if in.Description == "" {
			t.Errorf("input %s has no description", name)
		}
		if !strings.Contains(text, "inputs."+name) {
			t.Errorf("input %s is not used", name)
		}
	}
	for _, s := range a.Runs.Steps {
		if strings.Contains(s.Run, "${{") {
			t.Errorf("step %s: an expression in the script", s.Name)
		}
		if s.Run != "" && s.Shell != "bash" {
			t.Errorf("step %s: shell %q", s.Name, s.Shell)
		}
	}
	checkPins(t, text)

	_, steps, _ := strings.Cut(text, "  steps:\n")
	head := "on:\n  workflow_call:\n    inputs:\n"
	for name := range a.Inputs {
		head += "      " + name + ": {type: string}\n"
	}
	job := head + "permissions: {}\njobs:\n  gate:\n    runs-on: ubuntu-latest\n    steps:\n"
	for line := range strings.Lines(steps) {
		job += "  " + line
	}
	for _, e := range lint(t, "action.yml", job) {
		t.Errorf("as a job: %v", e)
	}
}

// TestPreCommitHooks wants what the pre-commit framework wants of a list of hooks.
func TestPreCommitHooks(t *testing.T) {
	var hooks []struct {
		ID, Name, Description, Language, Entry string
		PassFilenames                          *bool `yaml:"pass_filenames"`
		AlwaysRun                              bool  `yaml:"always_run"`
		RequireSerial                          bool  `yaml:"require_serial"`
		Stages                                 []string
	}
	d := yaml.NewDecoder(strings.NewReader(readText(t, ".pre-commit-hooks.yaml")))
	d.KnownFields(true)
	if err := d.Decode(&hooks); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"assay": "golang", "assay-system": "system"}
	for _, h := range hooks {
		if h.Language != want[h.ID] || h.Entry != "assay gate --staged --stage pre-commit" || h.PassFilenames == nil || *h.PassFilenames || !h.AlwaysRun {
			t.Errorf("%+v", h)
		}
		delete(want, h.ID)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}
