package workplace

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// A Kind is what is done about one file.
type Kind string

// The kinds. A file that is there is never written over: it is extended where that is certain, else a person is told.
const (
	Create  Kind = "create"
	Extend  Kind = "extend"
	InPlace Kind = "in place"
	Keep    Kind = "keep"    // there is another one, which stays as it is
	ByHand  Kind = "by hand" // only a person can add to it
)

// A Step is what is done about one file.
type Step struct {
	Path          string // from the top of the repository, in slashes
	Kind          Kind
	Before, After []byte
	Why           string // why it is kept, or to be done by hand
	Add           string // what a person adds
	Needs         string // a file without which it would be wrong
	Note          string // what has to be there for it to work
}

// A Reader reads a file by its path from the top of the repository. The error wraps fs.ErrNotExist where there is none.
type Reader func(path string) ([]byte, error)

// A Repository is what a plan is made from.
type Repository struct {
	Read   Reader
	Remote string // URL of origin; empty where there is none
	Folder string // name of the folder
	Forge  Forge
	Action string // commit of Assay whose action a workflow uses; empty where it is not known
	Config string // name of the configuration
	Deny   string // the default policy of pull requests, which the first configuration shows
	Warn   string
}

// Plan is what init does to a repository, but for the hook, which lies outside of its tree.
func (r *Repository) Plan() []Step {
	steps := []Step{create(r.Config, r.starter(), r.Read)}
	if step, ok := r.preCommit(); ok {
		steps = append(steps, step)
	}
	return append(steps, workflow(r.Forge, r.Read, r.Action)...)
}

// starter is the first configuration. What nobody said is not said for them: unknown weighs as the worst.
func (r *Repository) starter() string {
	return `# What this repository is to Assay. Every line may go; docs/configuration.md of Assay tells what can stand here.
service:
  name: ` + yamlWord(ServiceName(r.Remote, r.Folder)) + `
  # What is not said is unknown, and weighs as the worst. Say it, and the gate judges by it:
  # tier: medium         # low, medium, high, critical: how much the business would miss it
  # exposure: internal   # isolated, internal, internet: who can reach it
  # data: [internal]     # public, internal, personal, financial, health, cardholder, credentials
  # owner: team-name     # who answers for it, where CODEOWNERS names nobody

# Who may pass. Without this the default policy holds, which is the same:
# gate:
#   pull-request:
#     deny: "` + r.Deny + `"
#     warn: "` + r.Warn + `"
`
}

// yamlWord quotes a word that YAML would take for something else than text.
func yamlWord(s string) string {
	if strings.IndexFunc(s, func(c rune) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }) != 0 {
		return `"` + s + `"`
	}
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "null", "y", "n":
		return `"` + s + `"`
	}
	return s
}

func (r *Repository) preCommit() (Step, bool) {
	before, err := r.Read(PreCommitConfig)
	if errors.Is(err, fs.ErrNotExist) {
		return Step{}, false
	}
	var after []byte
	var done bool
	if err == nil {
		after, done, err = AddPreCommit(before)
	}
	switch {
	case err != nil:
		return Step{Path: PreCommitConfig, Kind: ByHand, Why: err.Error(), Add: preCommitEntry("  ")}, true
	case done:
		return Step{Path: PreCommitConfig, Kind: InPlace}, true
	}
	return Step{Path: PreCommitConfig, Kind: Extend, Before: before, After: after}, true
}

func create(path, text string, read Reader) Step {
	before, err := read(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Step{Path: path, Kind: Create, After: []byte(text)}
	case err != nil:
		return Step{Path: path, Kind: ByHand, Why: err.Error()}
	case string(before) == text:
		return Step{Path: path, Kind: InPlace}
	}
	return Step{Path: path, Kind: Keep, Before: before, Why: "it is there already and stays as it is"}
}

// context is how many lines around an addition are shown.
const context = 2

// Diff shows what a step adds. It only adds, so what is between the common beginning and the common end is new.
func (s *Step) Diff() []string {
	before, after := linesOf(s.Before), linesOf(s.After)
	from, to := 0, 0
	for from < len(before) && from < len(after) && before[from] == after[from] {
		from++
	}
	for to < len(before)-from && to < len(after)-from && before[len(before)-1-to] == after[len(after)-1-to] {
		to++
	}
	var out []string
	start := max(0, from-context)
	if len(before) > 0 {
		out = append(out, fmt.Sprintf("@@ line %d @@", start+1))
	}
	for _, l := range after[start:from] {
		out = append(out, "  "+l)
	}
	for _, l := range after[from : len(after)-to] {
		out = append(out, "+ "+l)
	}
	for _, l := range after[len(after)-to : min(len(after), len(after)-to+context)] {
		out = append(out, "  "+l)
	}
	return out
}

func linesOf(text []byte) []string {
	if len(text) == 0 {
		return nil
	}
	return strings.Split(strings.ReplaceAll(string(bytes.TrimSuffix(text, []byte("\n"))), "\r\n", "\n"), "\n")
}
