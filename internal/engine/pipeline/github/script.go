package github

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// A Script is the text of a step's `run`, read once.
type Script struct {
	Step    *Step
	Node    *yaml.Node // the scalar
	Exprs   []*Expr    // the holes of Shell, in order
	Dialect shell.Dialect
	Shell   *shell.Script // nil where there is no script
	Err     error

	c      *context
	write  []shell.Write
	output map[string][]shell.Write // see outputs
	names  []string
	holes  map[string][]int
	ready  bool
	own    map[string]bool // the files that it writes
}

// script is what a step runs. It is never nil; for a step that uses an action it has no Node.
func (c *context) script(s *Step) *Script {
	if sc, ok := c.memo.scripts[s]; ok {
		return sc
	}
	sc := &Script{Step: s, c: c}
	c.memo.scripts[s] = sc
	if n := document.Follow(s.Run); n != nil && n.Kind == yaml.ScalarNode {
		sc.read(n)
	}
	return sc
}

func (sc *Script) read(n *yaml.Node) {
	sc.Node, sc.Exprs = n, sc.c.exprs(n)
	name, explicit := sc.c.shellOf(sc.Step)
	sc.Dialect = shell.DialectOf(name)
	text := []byte(n.Value)
	var holes []shell.Range
	for _, e := range sc.Exprs {
		for i := e.From; i < e.To; i++ {
			text[i] = 'X'
		}
		holes = append(holes, shell.Range{Start: e.From, End: e.To})
	}
	sc.Shell, sc.Err = shell.Parse(shell.Input{
		Text: string(text), Dialect: sc.Dialect, Holes: holes,
		PipeFail: explicit && name == "bash" || strings.Contains(name, "pipefail"),
		Lenient:  explicit && strings.Contains(name, "{0}") && !strings.Contains(name, "-e"),
	})
}

// scope is where the script's expressions stand.
func (sc *Script) scope() scope { return scope{job: sc.Step.Job, step: sc.Step} }

// Span is the place in the file of a part of the script.
func (sc *Script) Span(r shell.Range) fault.Span {
	if sc.Node == nil {
		return fault.Span{}
	}
	return sc.c.scalar(sc.Node).Span(r.Start, r.End)
}

// writes are those that go to one of the files or commands by which a script talks to the runner, such as GITHUB_ENV and
// set-env.
func (sc *Script) writes(targets ...string) []shell.Write {
	if sc.Shell == nil {
		return nil
	}
	if !sc.ready {
		sc.write, sc.ready = sc.Shell.Writes(), true
	}
	var list []shell.Write
	for _, w := range sc.write {
		if slices.Contains(targets, commandFile(w)) {
			list = append(list, w)
		}
	}
	return list
}

// commandFile is the name of the runner's file or command that a write goes to.
func commandFile(w shell.Write) string {
	if w.Variable != "" {
		return w.Variable
	}
	return w.Workflow
}

// pasted are the variables that the script sets from expressions, with the indexes of these.
func (sc *Script) pasted() map[string][]int {
	if sc.holes == nil && sc.Shell != nil {
		sc.holes = map[string][]int{}
		for i := range sc.Shell.Commands {
			for _, a := range sc.Shell.Commands[i].Assigns {
				for _, p := range a.Value.Parts {
					if p.Kind == shell.Hole && p.Hole < len(sc.Exprs) {
						sc.holes[a.Name] = append(sc.holes[a.Name], p.Hole)
					}
				}
			}
		}
	}
	return sc.holes
}

// identifier finds what may be the name of a variable.
var identifier = lazyregexp.New(`[A-Za-z_][A-Za-z0-9_]*`)

// variables are the names in the script that the environment sets, sorted.
func (sc *Script) variables() []string {
	if sc.names == nil {
		sc.names = []string{}
		written := sc.c.envWriters(sc.Step.Job)
		seen := map[string]bool{}
		for _, name := range identifier().FindAllString(sc.Node.Value, -1) {
			if !seen[name] && (written[strings.ToLower(name)] != nil || builtins[strings.ToLower(name)] != "" || sc.c.inEnvironment(sc.Step, name)) {
				sc.names = append(sc.names, name)
			}
			seen[name] = true
		}
		slices.Sort(sc.names)
	}
	return sc.names
}

// inEnvironment reports whether a variable is set for a step by the file.
func (c *context) inEnvironment(s *Step, name string) bool {
	for _, env := range c.environments(s) {
		if c.entry(env, name) != nil {
			return true
		}
	}
	return false
}

// environments are the maps of variables that a step sees, the nearest first.
func (c *context) environments(s *Step) []*yaml.Node {
	list := []*yaml.Node{s.Env, s.Job.Env}
	if s.Job.Workflow != nil {
		list = append(list, s.Job.Workflow.Env)
	}
	return list
}

// shellOf names the shell of a step, and whether the file does.
func (c *context) shellOf(s *Step) (name string, explicit bool) {
	for _, name := range []string{document.Text(s.Shell), s.Job.Shell, s.Job.Workflow.shell()} {
		if name != "" && !strings.Contains(name, "${{") {
			return name, true
		}
	}
	if s.Job.onWindows() {
		return "pwsh", false
	}
	return "bash", false
}

func (w *Workflow) shell() string {
	if w == nil {
		return ""
	}
	return w.Shell
}

// onWindows reports whether all runners of a job that the file names are Windows machines.
func (j *Job) onWindows() bool {
	labels := document.Items(j.RunsOn)
	for _, l := range labels {
		text := strings.ToLower(document.Text(l))
		if strings.HasPrefix(text, "windows") {
			return true
		}
		if row, ok := strings.CutPrefix(strings.ReplaceAll(text, " ", ""), "${{matrix."); ok {
			return allWindows(document.Get(j.Matrix, strings.TrimSuffix(row, "}}")))
		}
	}
	return false
}

func allWindows(row *yaml.Node) bool {
	items := document.Items(row)
	for _, i := range items {
		if !strings.HasPrefix(strings.ToLower(document.Text(i)), "windows") {
			return false
		}
	}
	return len(items) > 0
}
