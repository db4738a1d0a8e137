package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/finding"
)

// A zizmorFinding is one of zizmor's JSON output, format 1.
type zizmorFinding struct {
	Ident          string `json:"ident"`
	Determinations struct {
		Severity string `json:"severity"`
		Persona  string `json:"persona"`
	} `json:"determinations"`
	Locations []struct {
		Symbolic struct {
			Key struct {
				Local struct {
					Path string `json:"verbatim_path"`
				}
			} `json:"key"`
			Kind string `json:"kind"`
		} `json:"symbolic"`
		Concrete struct {
			Location struct {
				Start struct {
					Row int `json:"row"` // from 0
				} `json:"start_point"`
				End struct {
					Row int `json:"row"`
				} `json:"end_point"`
			} `json:"location"`
		} `json:"concrete"`
	} `json:"locations"`
}

// runZizmor compares with zizmor, whose binary lies in the suite's folder, on the trees in its folder "trees". Each finding
// of zizmor's is a case: passed where we tell the same audit on a line
// that it names.
func runZizmor(dir string) (*account, error) {
	trees, err := os.ReadDir(filepath.Join(dir, "trees"))
	if err != nil {
		return nil, errors.New("no folder \"trees\" in it")
	}
	a := &account{}
	missed := map[string]int{}
	for _, t := range trees {
		root, err := filepath.EvalSymlinks(filepath.Join(dir, "trees", t.Name()))
		if err != nil {
			return nil, err
		}
		if err := compareZizmor(a, filepath.Join(dir, "zizmor"), t.Name(), root, missed); err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name(), err)
		}
	}
	a.extra = zizmorReasons(missed)
	return a, nil
}

func compareZizmor(a *account, binary, name, root string, missed map[string]int) error {
	cmd := exec.Command(binary, "--offline", "--format", "json", "--persona", "auditor", "--no-config", ".")
	cmd.Dir = root
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	_ = cmd.Run() // its exit code says that there are findings
	var theirs []zizmorFinding
	if err := json.Unmarshal(stdout.Bytes(), &theirs); err != nil {
		return fmt.Errorf("zizmor: %w: %.300s", err, stderr.Bytes())
	}
	files, err := filesBelow(root)
	if err != nil {
		return err
	}
	ours, _, err := lookAt(files)
	if err != nil {
		return err
	}
	for i := range theirs {
		z := &theirs[i]
		path, first, last := z.place()
		a.add(name, fmt.Sprintf("%s %s:%d", z.Ident, path, first), func() (outcome, string) {
			if slices.ContainsFunc(ours, func(f finding.Finding) bool { return matches(&f, z.Ident, path, first, last) }) {
				return passed, ""
			}
			missed[z.Ident]++
			if reason := notTold[z.Ident]; reason != "" {
				return unsupported, reason
			}
			return failed, z.Determinations.Severity + ", " + z.Determinations.Persona
		})
	}
	return nil
}

// place is the file and the lines of all locations.
func (z *zizmorFinding) place() (path string, first, last int) {
	for _, l := range z.Locations {
		from, to := l.Concrete.Location.Start.Row+1, l.Concrete.Location.End.Row+1
		if l.Symbolic.Kind == "Primary" || path == "" {
			path = strings.TrimPrefix(filepath.ToSlash(l.Symbolic.Key.Local.Path), "./")
		}
		if first == 0 || from < first {
			first = from
		}
		last = max(last, to)
	}
	return path, first, last
}

// matches reports whether a finding of ours tells of an audit of zizmor's on lines that overlap. Our findings about a
// whole job or file stand on its first line.
func matches(f *finding.Finding, audit, path string, first, last int) bool {
	if f.Place.Path != path || !slices.Contains(f.Aliases, "zizmor:"+audit) {
		return false
	}
	places := append([]finding.Place{f.Place}, f.Related...)
	return slices.ContainsFunc(places, func(p finding.Place) bool {
		return p.Start.Line <= last && max(p.Start.Line, p.End.Line) >= first
	})
}

// notTold says why an audit of zizmor's has no finding of ours where they differ.
var notTold = map[string]string{
	"template-injection":       "the value cannot hold code: a number, a digest, the name of an account or a repository, a state of the job, a path of the runner, an address that the forge makes, a constant or a row of a matrix that the file itself writes, a choice among fixed words, the result of a comparison",
	"excessive-permissions":    "the default of a workflow whose jobs all say their own, so that no job has it; or a grant that the one job needs",
	"undocumented-permissions": "a comment in the line above says what the permission is for",
	"adhoc-packages":           "an exact version is named, or what is installed lies in the repository or was built in the same job",
	"dependabot-cooldown":      "a file of the name outside of .github, which GitHub does not read",
	"github-env":               "what is written is a constant, a number, or a path of the runner: no value of an outsider reaches it",
	"use-trusted-publishing":   "the registry has no trusted publishing, or the command is an unusual form that we do not know",
	"cache-poisoning":          "the workflow releases nothing",
	"concurrency-limits":       "a group that does not cancel what runs: a release must not be cancelled half-way",
	"archived-uses":            "in a file that is no pipeline of GitHub",
	"unpinned-images":          "the image is an expression: what it will be is written by the caller, another job or a row of the matrix",
	"secrets-outside-env":      "all secrets are given at once, which github-secrets-over-provided tells at that place",
}

func zizmorReasons(missed map[string]int) string {
	if len(missed) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\nWhat zizmor tells and we do not:\n\n| audit | findings | why |\n| --- | ---: | --- |\n")
	for _, audit := range slices.Sorted(maps.Keys(missed)) {
		fmt.Fprintf(&b, "| %s | %d | %s |\n", audit, missed[audit], notTold[audit])
	}
	return b.String()
}
