package github

import (
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// runOutput is where an output comes from that a script writes.
func (c *context) runOutput(s *Step, name string) []Atom {
	sc := c.script(s)
	var atoms []Atom
	for _, w := range sc.outputs(name) {
		atoms = merge(atoms, c.through(c.writeTaint(sc, w), sc.Span(w.Range)))
	}
	return atoms
}

// anyName stands for the outputs whose names are not known.
const anyName = "*"

// outputs are the writes that give a value to an output, or may: those whose names are not known may give one to any.
func (sc *Script) outputs(name string) []shell.Write {
	if sc.output == nil {
		sc.output = map[string][]shell.Write{}
		for _, w := range sc.writes("GITHUB_OUTPUT", "set-output") {
			names := w.Keys
			if w.AnyKey {
				names = []string{anyName}
			}
			for _, name := range names {
				name = strings.ToLower(name)
				sc.output[name] = append(sc.output[name], w)
			}
		}
	}
	return slices.Concat(sc.output[strings.ToLower(name)], sc.output[anyName])
}

// A writer is a step that writes a variable for those after it.
type writer struct {
	step  *Step
	write shell.Write
}

// maxWriters bounds how many steps are asked that write one variable.
const maxWriters = 8

// writtenEnv is where a variable comes from that earlier steps of the job write, and whether any does.
func (c *context) writtenEnv(name string, s *Step) (atoms []Atom, set bool) {
	list := c.envWriters(s.Job)[strings.ToLower(name)]
	n, _ := slices.BinarySearchFunc(list, s.Index, func(w writer, index int) int { return w.step.Index - index })
	for _, w := range list[max(0, n-maxWriters):n] {
		sc := c.script(w.step)
		set = true
		atoms = merge(atoms, c.through(c.writeTaint(sc, w.write), sc.Span(w.write.Range)))
	}
	return atoms, set
}

// envWriters are the steps of a job that write variables, in order, by the variable's name in lower case.
func (c *context) envWriters(j *Job) map[string][]writer {
	return remember(c.memo.writers, j, func() map[string][]writer {
		list := map[string][]writer{}
		for _, s := range j.Steps {
			for _, w := range c.script(s).writes("GITHUB_ENV", "set-env") {
				for _, k := range w.Keys {
					list[strings.ToLower(k)] = append(list[strings.ToLower(k)], writer{s, w})
				}
			}
		}
		return list
	})
}

// writeTaint is where what is written comes from: words and files.
func (c *context) writeTaint(sc *Script, w shell.Write) []Atom {
	return merge(c.partsTaint(sc, w.Parts), c.readTaint(sc, w))
}

// partsTaint is where the parts of a shell's word come from: pasted expressions, and variables.
func (c *context) partsTaint(sc *Script, parts []shell.Part) []Atom {
	var atoms []Atom
	for _, p := range parts {
		if p.Kind == shell.Hole && p.Hole < len(sc.Exprs) {
			atoms = merge(atoms, c.holeTaint(sc, p.Hole))
		}
	}
	if sc.Shell == nil {
		return atoms
	}
	for _, g := range c.variableTaints(sc) {
		if via, ok := g.follow(sc).Via(parts); ok && len(via) > 0 {
			atoms = merge(atoms, g.variables[via[0]])
		}
	}
	return atoms
}

func (c *context) holeTaint(sc *Script, hole int) []Atom {
	e := sc.Exprs[hole]
	return c.through(c.taint(e.Tree, sc.scope()), c.exprSpan(e))
}

// A taintGroup is the variables that a script sees and that are not clean, those of one origin together.
type taintGroup struct {
	origin    Origin
	variables map[string][]Atom
	followed  **shell.Taint
}

func (g taintGroup) holds(name string) bool { return len(g.variables[name]) > 0 }

// follow is how far the variables come in the script.
func (g taintGroup) follow(sc *Script) *shell.Taint {
	if *g.followed == nil {
		*g.followed = sc.Shell.Follow(g.holds)
	}
	return *g.followed
}

// variableTaints are the variables that are not clean, of the environment, of what the script reads, and of pasted
// expressions: the worst first.
func (c *context) variableTaints(sc *Script) []taintGroup {
	return remember(c.memo.taints, taintKey{sc, c.seekHeads}, func() []taintGroup {
		all := map[string][]Atom{}
		for _, name := range sc.variables() {
			all[name] = c.envTaint(name, sc.scope())
		}
		for name, atoms := range c.readVariables(sc) {
			all[name] = merge(all[name], atoms)
		}
		for name, holes := range sc.pasted() {
			for _, hole := range holes[:min(len(holes), maxWriters)] {
				all[name] = merge(all[name], c.holeTaint(sc, hole))
			}
		}
		var list []taintGroup
		for o := Outsider; o > Nobody; o-- {
			g := taintGroup{o, map[string][]Atom{}, new(*shell.Taint)}
			for name, atoms := range all {
				if worst(atoms).Origin == o {
					g.variables[name] = atoms
				}
			}
			if len(g.variables) > 0 {
				list = append(list, g)
			}
		}
		return list
	})
}

// setOutput finds core.setOutput('name', value) in the scripts of actions/github-script.
var setOutput = lazyregexp.New(`core\.setOutput\(\s*["'` + "`" + `]([\w-]+)["'` + "`" + `]\s*,\s*([^\n;]*)`)

// payload finds the texts that people write in what such a script reads.
var payload = lazyregexp.New(`context\.payload\.((?:issue|pull_request|comment|review|discussion)\??\.(?:title|body)|pull_request\??\.head\??\.(?:ref|label))|context\.payload\.(head_commit\??\.message)`)

// actionOutput is where an output of an action comes from that is not of this repository.
func (c *context) actionOutput(s *Step, name string) []Atom {
	if s.Is("actions/github-script") {
		return c.javaScriptOutput(s, name)
	}
	if c.seekHeads {
		if headOutputs[s.Ref.Name()][strings.ToLower(name)] {
			return []Atom{{Origin: Outsider, Name: lookedUp + s.Ref.Name() + " looks up"}}
		}
		return nil
	}
	r, ok := relays[s.Ref.Name()]
	if !ok {
		return nil
	}
	if r.outputs != nil && !r.outputs[strings.ToLower(name)] {
		return nil
	}
	sc := scope{job: s.Job, step: s}
	var atoms []Atom
	if r.input != "" {
		atoms = c.taintOf(s.Input(r.input), sc)
	}
	if r.source != "" {
		atoms = merge(atoms, c.through(c.relayed(s, name, r), c.span(s.Uses)))
	}
	return atoms
}

// relayed is the taint of what an action looks up by itself, under the events that lead to it.
func (c *context) relayed(s *Step, name string, r relay) []Atom {
	label := "steps." + s.Label() + ".outputs." + strings.ToLower(name) + " (" + r.source + ")"
	if c.workflow == nil || r.always && !asksForPeople(document.Text(s.Input("route"))+document.Text(s.Input("query"))) {
		return nil
	}
	var atoms []Atom
	for _, e := range c.events(s.Job, s) {
		if r.always || outsiders(e) && r.under(e) {
			atoms = worse(atoms, Atom{Origin: c.relayedBy(s, e), Name: label, Event: e})
		}
	}
	return atoms
}

// asksForPeople reports whether a question to the forge is about what anybody writes: pull requests, issues, comments.
func asksForPeople(question string) bool {
	question = strings.ToLower(question)
	for _, word := range []string{"/pulls", "/issues", "/comments", "/discussions", "pullrequest", "issue", "comment", "discussion"} {
		if strings.Contains(question, word) {
			return true
		}
	}
	return false
}

// relayedBy is who writes what an action looks up: gates keep outsiders from starting a run, and not from writing what a
// member's run finds.
func (c *context) relayedBy(s *Step, event string) Origin {
	if !outsiders(event) {
		return Outsider
	}
	return c.weaken(Outsider, event, scope{job: s.Job, step: s})
}

// javaScriptOutput is where an output comes from that a program of actions/github-script sets.
func (c *context) javaScriptOutput(s *Step, name string) []Atom {
	script := s.Input("script")
	var atoms []Atom
	for _, value := range c.setOutputs(s)[strings.ToLower(name)] {
		if c.seekHeads && headFields().MatchString(value) && strings.Contains(document.Text(script), "pulls") {
			atoms = merge(atoms, []Atom{{Origin: Outsider, Name: lookedUp + "a program looks up"}})
		}
		if p := payload().FindStringSubmatch(value); p != nil {
			path := "github.event." + strings.ReplaceAll(p[1]+p[2], "?", "")
			atoms = merge(atoms, c.through(c.githubTaint(path, scope{job: s.Job, step: s}), c.span(script)))
		}
		if c.readsFiles(s) && !strings.Contains(value, "Number(") && !strings.Contains(value, "parseInt(") {
			atoms = merge(atoms, c.through(c.fileAtoms(s), c.span(script)))
		}
	}
	return atoms
}

// setOutputs are the values that a program sets outputs to, by the output's name in lower case.
func (c *context) setOutputs(s *Step) map[string][]string {
	return remember(c.memo.outputs, s, func() map[string][]string {
		values := map[string][]string{}
		for _, m := range setOutput().FindAllStringSubmatch(document.Text(s.Input("script")), -1) {
			name := strings.ToLower(m[1])
			values[name] = append(values[name], m[2])
		}
		return values
	})
}

// readsFiles reports whether a program reads files.
func (c *context) readsFiles(s *Step) bool {
	return remember(c.memo.reading, s, func() bool { return strings.Contains(document.Text(s.Input("script")), "readFileSync") })
}

// steps are the way of an atom as steps of a fault that stands at a place: the place itself is not one of them.
func (a Atom) steps(at fault.Span) []fault.Step {
	var list []fault.Step
	for _, s := range a.Steps {
		if s.Path != "" || s.Span != at {
			list = append(list, s)
		}
	}
	return list
}
