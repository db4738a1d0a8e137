package github

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/finding"
)

// scriptInjection: an expression is pasted into the text of a script before the shell reads it.
func scriptInjection(c *context) {
	for _, s := range c.steps() {
		sc := c.script(s)
		for _, e := range sc.Exprs {
			if atoms := c.taint(e.Tree, sc.scope()); len(atoms) > 0 {
				c.flows(fault.Fault{
					Span: c.exprSpan(e), Key: s.Key() + " " + e.Text, Fix: covering(c.indirection(sc), c.exprSpan(e)),
					Message: fmt.Sprintf("“%s” is pasted into the script of step %q", short(e.Text), s.Label()),
				}, atoms)
			}
		}
	}
}

// actionScriptInjection: an expression is pasted into an input that an action runs, or a program there runs what it reads.
func actionScriptInjection(c *context) {
	for _, s := range c.steps() {
		for _, in := range codeInputs[s.Ref.Name()] {
			node := s.Input(in.input)
			for _, e := range c.exprs(node) {
				c.flows(fault.Fault{
					Span: c.exprSpan(e), Key: s.Key() + " " + in.input + " " + e.Text, Fix: covering(c.throughEnvironment(s, node), c.exprSpan(e)),
					Message: fmt.Sprintf("“%s” is pasted into the input %q of %s, which is %s", short(e.Text), in.input, s.Ref.Name(), in.language),
				}, c.taint(e.Tree, scope{job: s.Job, step: s}))
			}
		}
		if s.Is("actions/github-script") {
			c.programSinks(s)
		}
	}
}

// unknownInjection: an expression is pasted into a script, and nothing here tells that its value is harmless.
func unknownInjection(c *context) {
	for _, s := range c.steps() {
		sc := c.script(s)
		for _, e := range sc.Exprs {
			if c.unknown(e, s) {
				f := c.tell(c.exprSpan(e), s.Key()+" "+e.Text, fmt.Sprintf("“%s” is pasted into the script of step %q", short(e.Text), s.Label()))
				f.Fix = covering(c.indirection(sc), c.exprSpan(e))
			}
		}
		for _, in := range codeInputs[s.Ref.Name()] {
			node := s.Input(in.input)
			for _, e := range c.exprs(node) {
				if c.unknown(e, s) {
					f := c.tell(c.exprSpan(e), s.Key()+" "+in.input+" "+e.Text, fmt.Sprintf("“%s” is pasted into the input %q of %s, which is %s", short(e.Text), in.input, s.Ref.Name(), in.language))
					f.Fix = covering(c.throughEnvironment(s, node), c.exprSpan(e))
				}
			}
		}
	}
}

// unknown reports whether nobody is known to write an expression's value, and it is not known to be harmless.
func (c *context) unknown(e *Expr, s *Step) bool {
	return e.Tree != nil && !c.inert(e, s) && len(c.taint(e.Tree, scope{job: s.Job, step: s})) == 0
}

// inertNames are contexts whose values cannot hold code: digests, numbers, dates, addresses made by GitHub, names of few
// characters.
var inertNames = []string{
	"github.sha", "github.run_id", "github.run_number", "github.run_attempt", "github.repository", "github.repository_owner",
	"github.repository_id", "github.repository_owner_id", "github.actor", "github.actor_id", "github.triggering_actor", "github.event_name",
	"github.job", "github.workspace", "github.action", "github.action_path", "github.action_ref", "github.action_repository", "github.api_url", "github.server_url",
	"github.graphql_url", "github.ref_type", "github.ref_protected", "github.retention_days", "github.workflow_sha", "github.workflow_ref", "github.token", "github.env",
	"github.path", "github.output", "github.step_summary", "github.event_path", "github.secret_source", "github.repositoryurl", "runner", "job.status", "job.container.id",
	"job.services", "strategy", "github.workflow",
}

var inertFields = []string{
	".number", ".id", ".node_id", ".sha", ".login", ".full_name", ".name", ".html_url", ".clone_url", ".ssh_url", ".created_at", ".updated_at",
	".merged", ".draft", ".fork", ".state", ".action", ".conclusion", ".event", ".before", ".after", ".head_sha", ".run_number", ".run_attempt",
	".merge_commit_sha", ".commits", ".author_association", ".private", ".merged_at", ".url", ".default_branch", ".diff_url", ".patch_url", ".comments_url",
}

// inert reports whether an expression's value is known to be no code.
func (c *context) inert(e *Expr, s *Step) bool {
	if folder(nil).fold(e.Tree).constant() {
		return true
	}
	for _, p := range shownPaths(e.Tree) {
		if !c.inertPath(p, s) {
			return false
		}
	}
	return true
}

func (c *context) inertPath(p string, s *Step) bool {
	for _, name := range inertNames {
		if within(p, name) {
			return true
		}
	}
	if strings.HasPrefix(p, "github.event.") {
		for _, f := range inertFields {
			if strings.HasSuffix(p, f) {
				return true
			}
		}
	}
	name, _ := strings.CutPrefix(p, "matrix.")
	if row, _, _ := strings.Cut(name, "."); name != p {
		return c.staticRow(s.Job, row)
	}
	if name, ok := strings.CutPrefix(p, "env."); ok {
		for _, env := range c.environments(s) {
			if v := c.entry(env, name); v != nil {
				return len(c.exprs(v)) == 0
			}
		}
	}
	if name, ok := strings.CutPrefix(p, "inputs."); ok && c.workflow != nil {
		for _, t := range c.workflow.Triggers {
			if in := c.entry(document.Get(t.Node, "inputs"), name); in != nil && !harmless(document.Text(document.Get(in, "type"))) {
				return false
			}
		}
		return true
	}
	return false
}

// staticRow reports whether all values of a matrix row are written in the file.
func (c *context) staticRow(j *Job, row string) bool {
	values, ok := c.rowValues(j, row)
	for _, n := range values {
		ok = ok && len(c.exprs(n)) == 0
	}
	return ok
}

// rowValues are the scalars of a matrix row, those that are included too, and whether the file holds all of them.
func (c *context) rowValues(j *Job, name string) (list []*yaml.Node, all bool) {
	m := document.Follow(j.Matrix)
	if m == nil || m.Kind != yaml.MappingNode || document.IsScalar(document.Get(m, "include")) {
		return nil, false
	}
	return c.matrixRows(j)[strings.ToLower(name)], true
}

// matrixRows are the scalars of all rows of a matrix, those that are included too, by the row's name in lower case.
func (c *context) matrixRows(j *Job) map[string][]*yaml.Node {
	return remember(c.memo.rows, j, func() map[string][]*yaml.Node {
		rows := map[string][]*yaml.Node{}
		add := func(m *yaml.Node) {
			for k, v := range document.Pairs(m) {
				name := strings.ToLower(k.Value)
				rows[name] = slices.AppendSeq(rows[name], document.Scalars(v))
			}
		}
		add(j.Matrix)
		for _, item := range document.Items(document.Get(j.Matrix, "include")) {
			add(item)
		}
		return rows
	})
}

// evaluated: a variable that is not clean gets to a place of a script where it is read as code, although no expression is
// pasted.
func evaluated(c *context) {
	for _, s := range c.steps() {
		sc := c.script(s)
		if sc.Shell == nil {
			continue
		}
		for _, g := range c.variableTaints(sc) {
			for _, sink := range sc.Shell.Flow(g.holds) {
				if !dangerous(sink.Kind) || len(sink.Via) == 0 || len(sc.pasted()[sink.Via[0]]) > 0 {
					continue // where an expression is pasted, that is told
				}
				name := sink.Via[0]
				c.flows(fault.Fault{
					Span: sc.Span(sink.Range), Key: s.Key() + " $" + name + " " + sink.Kind.String(),
					Message: fmt.Sprintf("$%s of step %q is used as %s", name, s.Label(), sinkNames[sink.Kind]),
				}, g.variables[name])
			}
		}
	}
}

func dangerous(k shell.UseKind) bool { return sinkNames[k] != "" }

var sinkNames = map[shell.UseKind]string{
	shell.Eval: "code", shell.CommandName: "the name of a command", shell.Program: "a part of a program", shell.Arithmetics: "an arithmetic expression, which may run commands",
}

// environmentWrite: a value that is not clean is written to the file that sets variables or PATH for all later steps.
func environmentWrite(c *context) {
	c.runnerWrites("sets variables of all later steps", "GITHUB_ENV", "set-env")
	c.runnerWrites("adds a folder of commands for all later steps", "GITHUB_PATH", "add-path")
}

// outputWrite: a value of several lines is written to the file of outputs, and so may set others.
func outputWrite(c *context) { c.runnerWrites("may set other outputs of the step", "GITHUB_OUTPUT") }

func (c *context) runnerWrites(effect string, targets ...string) {
	for _, s := range c.steps() {
		sc := c.script(s)
		for _, w := range sc.writes(targets...) {
			if !w.Multiline && targets[0] != "GITHUB_PATH" && !loadsCode(w.Keys) || w.RandomDelimiter {
				continue
			}
			lines := targets[0] != "GITHUB_PATH" && !sc.splitsLines()
			atoms := c.writeTaint(sc, w)
			if lines {
				atoms = reachingLines(atoms)
			}
			c.flowsLines(fault.Fault{
				Span: sc.Span(w.Range), Key: s.Key() + " " + targets[0] + " " + strings.Join(w.Keys, ","),
				Message: fmt.Sprintf("step %q writes to %s, which %s", s.Label(), targets[0], effect),
			}, atoms, lines)
		}
	}
}

// loadsCode reports whether a variable that is set decides what programs later steps run.
func loadsCode(keys []string) bool {
	for _, k := range keys {
		switch k {
		case "PATH", "LD_PRELOAD", "LD_LIBRARY_PATH", "NODE_OPTIONS", "BASH_ENV", "PYTHONPATH", "PYTHONSTARTUP", "PERL5OPT", "RUBYOPT", "JAVA_TOOL_OPTIONS", "GIT_SSH_COMMAND":
			return true
		}
	}
	return false
}

// reachingLines drops sources that cannot hold a line's end: titles, and names of branches and tags.
func reachingLines(atoms []Atom) []Atom {
	var list []Atom
	for _, a := range atoms {
		if !oneLine(a.Name) {
			list = append(list, a)
		}
	}
	return list
}

// splitsLines reports whether a filter of the script may make several lines of one.
func (sc *Script) splitsLines() bool {
	for i := range sc.Shell.Commands {
		switch cmd := &sc.Shell.Commands[i]; cmd.Name {
		case "grep":
			if cmd.Has("-o") {
				return true
			}
		case "fold", "xargs", "fmt":
			return true
		case "tr", "sed", "awk", "jq":
			if strings.Contains(commandText(cmd), `\n`) || strings.Contains(commandText(cmd), "[]") {
				return true
			}
		}
	}
	return false
}

func oneLine(name string) bool {
	for _, end := range []string{".title", ".ref", ".label", "head_ref", "base_ref", "ref_name", "github.ref", "_branch", ".tag_name", ".name", ".email", "display_title", ".page_name", ".milestone", ".from", " title", " headRefName"} {
		if strings.HasSuffix(name, end) && !strings.HasSuffix(name, "body.from") {
			return true
		}
	}
	return false
}

// settingInjection: a value that is not clean decides where or in what a job runs.
func settingInjection(c *context) {
	for _, j := range c.jobs() {
		at := scope{job: j}
		c.setting(j.RunsOn, at, j.ID+" runs-on", "decides which machine runs job %q", j.ID)
		c.setting(document.Get(j.Container, "image"), at, j.ID+" image", "names the image that job %q runs in", j.ID)
		c.setting(document.Get(j.Container, "options"), at, j.ID+" options", "is among the options of the container of job %q", j.ID)
		if document.IsScalar(j.Container) {
			c.setting(j.Container, at, j.ID+" container", "names the image that job %q runs in", j.ID)
		}
		for k, service := range document.Pairs(j.Services) {
			c.setting(document.Get(service, "image"), at, j.ID+" "+k.Value, "names the image of a service of job %q", j.ID)
			c.setting(document.Get(service, "options"), at, j.ID+" "+k.Value+" options", "is among the options of a service of job %q", j.ID)
		}
		for _, s := range j.Steps {
			at := scope{job: j, step: s}
			c.setting(s.Shell, at, s.Key()+" shell", "names the program that runs the script of step %q", s.Label())
			c.setting(s.Dir, at, s.Key()+" working-directory", "names the folder in which step %q runs", s.Label())
		}
	}
}

func (c *context) setting(n *yaml.Node, sc scope, key, what, name string) {
	for n := range document.Scalars(document.Follow(n)) {
		for _, e := range c.exprs(n) {
			c.flows(fault.Fault{Span: c.exprSpan(e), Key: key + " " + e.Text, Message: fmt.Sprintf("“%s” "+what, short(e.Text), name)}, c.taint(e.Tree, sc))
		}
	}
}

// insecureCommands: the runner is told to take orders from the log again, where anybody's text may stand.
func insecureCommands(c *context) {
	c.eachEnv(func(where string, k, v *yaml.Node) {
		if k.Value == "ACTIONS_ALLOW_UNSECURE_COMMANDS" && document.Text(v) != "false" && document.Text(v) != "" {
			f := c.tellAt(k, where, "ACTIONS_ALLOW_UNSECURE_COMMANDS lets every printed text set variables and paths")
			f.Fix = c.refuseCommands(v)
		}
	})
	for _, s := range c.steps() {
		for _, w := range c.script(s).writes("GITHUB_ENV") {
			for _, key := range w.Keys {
				if key == "ACTIONS_ALLOW_UNSECURE_COMMANDS" {
					c.tell(c.script(s).Span(w.Range), s.Key(), "ACTIONS_ALLOW_UNSECURE_COMMANDS lets every printed text set variables and paths")
				}
			}
		}
	}
}

// eachEnv gives the variables of all environments with the name of what they belong to.
func (c *context) eachEnv(visit func(where string, k, v *yaml.Node)) {
	each := func(where string, env *yaml.Node) {
		for k, v := range document.Pairs(env) {
			visit(where, k, v)
		}
	}
	if c.workflow != nil {
		each("workflow", c.workflow.Env)
	}
	for _, j := range c.jobs() {
		each(j.ID, j.Env)
		for _, s := range j.Steps {
			each(s.Key(), s.Env)
		}
	}
}

// oldCommands: a script uses orders in the log that runners refuse or are about to.
func oldCommands(c *context) {
	for _, s := range c.steps() {
		sc := c.script(s)
		for _, w := range sc.writes("set-env", "add-path") {
			f := c.tell(sc.Span(w.Range), s.Key()+" "+w.Workflow, fmt.Sprintf("step %q uses the command %s, which runners refuse", s.Label(), w.Workflow))
			f.Confidence, f.Fix = finding.HighConfidence, c.writeToFile(sc, w)
		}
	}
}
