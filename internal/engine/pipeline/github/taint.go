package github

import (
	"slices"
	"strings"

	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

// Bounds of the search for sources: how deep names lead to others, how many sources a value has, how many steps a flow.
const (
	maxDepth = 12
	maxAtoms = 12
	maxSteps = 10
)

// An Atom is one source of a value. A value's taint is a list of them; without any it is clean.
type Atom struct {
	Origin Origin       `json:"origin"`
	Name   string       `json:"name"`            // the source, such as github.event.issue.title; of a Caller the input, of an Output the output
	Call   string       `json:"call,omitempty"`  // of an Output: the key of the call
	Event  string       `json:"event,omitempty"` // that brings it; of the worst power where there are several
	Steps  []fault.Step `json:"steps,omitempty"` // the way so far, the first where it enters
}

// A scope is where an expression stands: in a step, or in a job where step is nil, or above all jobs where job is nil.
type scope struct {
	job  *Job
	step *Step
	deep bool // the value is written out as a whole, as toJSON does

	above bool // it stands in the step's env, which sees only the variables above it
}

// taint is where the value of an expression comes from.
func (c *context) taint(n actionlint.ExprNode, sc scope) []Atom {
	switch n := n.(type) {
	case *actionlint.LogicalOpNode:
		if n.Kind == actionlint.LogicalOpNodeKindAnd {
			return c.taint(n.Right, sc) // the left shows only where it is empty
		}
		return merge(c.taint(n.Left, sc), c.taint(n.Right, sc))
	case *actionlint.FuncCallNode:
		return c.callTaint(n, sc)
	case *actionlint.CompareOpNode, *actionlint.NotOpNode:
		return nil
	}
	if p := pathOf(n); p != "" {
		return c.pathTaint(p, sc)
	}
	if field, ok := n.(*actionlint.ObjectDerefNode); ok && cleanField[field.Property] {
		return nil
	}
	var atoms []Atom
	for _, child := range children(n) {
		if _, index := n.(*actionlint.IndexAccessNode); index && child == n.(*actionlint.IndexAccessNode).Index {
			continue
		}
		atoms = merge(atoms, c.taint(child, sc))
	}
	return atoms
}

// cleanField are fields of the forge's answers that cannot hold code, as in fromJSON(…).number.
var cleanField = named("number", "id", "node_id", "sha", "login", "full_name", "mergeable", "merged", "draft", "state", "created_at", "updated_at", "html_url", "url")

func (c *context) callTaint(n *actionlint.FuncCallNode, sc scope) []Atom {
	switch strings.ToLower(n.Callee) {
	case "tojson":
		sc.deep = true
	case "format", "join", "fromjson", "case":
	default:
		return nil
	}
	var atoms []Atom
	for _, a := range n.Args {
		atoms = merge(atoms, c.taint(a, sc))
	}
	return atoms
}

// taintOf is where the expressions of a scalar come from. The scalar becomes a step of the flow.
func (c *context) taintOf(n *yaml.Node, sc scope) []Atom {
	var atoms []Atom
	for _, e := range c.exprs(n) {
		atoms = merge(atoms, c.through(c.taint(e.Tree, sc), c.exprSpan(e)))
	}
	return atoms
}

// through adds a place to the way of each atom.
func (c *context) through(atoms []Atom, span fault.Span) []Atom {
	out := slices.Clone(atoms)
	for i := range out {
		if len(out[i].Steps) < maxSteps {
			out[i].Steps = append(slices.Clone(out[i].Steps), fault.Step{Span: span})
		}
	}
	return out
}

// merge joins two lists without saying a source twice.
func merge(a, b []Atom) []Atom {
	for _, x := range b {
		if len(a) >= maxAtoms {
			return a
		}
		if !slices.ContainsFunc(a, func(y Atom) bool { return x.Origin == y.Origin && x.Name == y.Name && x.Call == y.Call }) {
			a = append(slices.Clip(a), x)
		}
	}
	return a
}

// worst is the atom to tell of: the strongest origin, of those the one with the most power.
func worst(atoms []Atom) Atom {
	var best Atom
	for _, a := range atoms {
		if a.Origin > best.Origin || a.Origin == best.Origin && powers[a.Event] > powers[best.Event] {
			best = a
		}
	}
	return best
}

// pathTaint is where the value of a chain of names comes from.
func (c *context) pathTaint(p string, sc scope) []Atom {
	if c.depth > maxDepth {
		return nil
	}
	key := valueKey{place{sc.job, sc.step}, "path", p, sc.deep, sc.above, c.seekHeads}
	return remember(c.memo.values, key, func() []Atom {
		c.depth++
		defer func() { c.depth-- }()
		return c.newPathTaint(p, sc)
	})
}

func (c *context) newPathTaint(p string, sc scope) []Atom {
	first, rest, _ := strings.Cut(p, ".")
	name, tail, _ := strings.Cut(rest, ".")
	if sc.deep && c.workflow != nil && sc.job != nil {
		if atoms, ok := c.wholeTaint(first, name, tail, sc); ok {
			return atoms
		}
	}
	switch first {
	case "github":
		if in, ok := strings.CutPrefix(p, "github.event.inputs."); ok {
			return c.inputTaint(in, sc)
		}
		return c.githubTaint(p, sc)
	case "inputs":
		return c.inputTaint(rest, sc)
	case "env":
		return c.envTaint(rest, sc)
	case "matrix":
		return c.matrixTaint(rest, sc)
	case "steps":
		if out, ok := strings.CutPrefix(tail, "outputs."); ok && sc.job != nil {
			return c.arriving(c.outputTaint(sc.job.Step(name), out), sc)
		}
	case "needs", "jobs":
		if out, ok := strings.CutPrefix(tail, "outputs."); ok && c.workflow != nil {
			return c.arriving(c.jobOutputTaint(c.workflow.Job(name), out), sc)
		}
	}
	return nil
}

// githubTaint is who writes a value of the github context, over all events that lead here.
func (c *context) githubTaint(p string, sc scope) []Atom {
	if c.seekHeads {
		return headAtoms(p)
	}
	if c.workflow == nil {
		if foreign(p, sc.deep) {
			return []Atom{{Origin: Context, Name: p}}
		}
		return nil
	}
	var atoms []Atom
	for _, event := range c.eventsIn(sc) {
		if event == "workflow_call" {
			if foreign(p, sc.deep) {
				atoms = merge(atoms, []Atom{{Origin: Context, Name: p}})
			}
			continue
		}
		who, name := classify(p, event, sc.deep)
		if who == Nobody || c.filtered(p, event) {
			continue
		}
		if (who == Run || who > Member) && outsiders(event) {
			who = c.weaken(who, event, sc)
		}
		if sc.deep {
			name = p
		}
		atoms = worse(atoms, Atom{Origin: who, Name: shown(p, name), Event: event})
	}
	return atoms
}

// filtered reports whether the trigger's own filters leave only names that are written in the file: branches without a
// pattern.
func (c *context) filtered(p, event string) bool {
	t, _ := c.workflow.Trigger(event)
	switch p {
	case "github.event.workflow_run.head_branch":
		return event == "workflow_run" && onlyNames(t.Filter("branches"))
	case "github.ref", "github.ref_name", "github.event.ref":
		return event == "push" && onlyNames(t.Filter("branches")) && len(t.Filter("tags"))+len(t.Filter("tags-ignore")) == 0
	}
	return false
}

// onlyNames reports whether there are names, and no patterns among them.
func onlyNames(names []string) bool {
	for _, n := range names {
		if n == "" || strings.ContainsAny(n, "*?+[]!$") {
			return false
		}
	}
	return len(names) > 0
}

// shown is a source by the name that the file uses for it, but for numbers of members.
func shown(path, source string) string {
	if strings.Contains(source, "*") && !strings.HasSuffix(source, "**") {
		return source
	}
	return path
}

// worse keeps of one source only the worst way in.
func worse(atoms []Atom, a Atom) []Atom {
	for i := range atoms {
		if atoms[i].Name == a.Name && atoms[i].Origin != Context {
			atoms[i] = worst([]Atom{atoms[i], a})
			return atoms
		}
	}
	return append(atoms, a)
}

func (c *context) eventsIn(sc scope) []string {
	if sc.job == nil {
		var list []string
		for _, t := range c.workflow.Triggers {
			list = append(list, t.Name)
		}
		return list
	}
	return c.events(sc.job, sc.step)
}

// inputTaint is who gives an input: who starts the workflow by hand, or calls it.
func (c *context) inputTaint(name string, sc scope) []Atom {
	name, _, _ = strings.Cut(name, ".")
	if c.action != nil {
		return []Atom{{Origin: Caller, Name: name}}
	}
	if c.workflow == nil || name == "" {
		return nil
	}
	var atoms []Atom
	for _, event := range c.eventsIn(sc) {
		t, _ := c.workflow.Trigger(event)
		input := c.entry(document.Get(t.Node, "inputs"), name)
		if input == nil || harmless(document.Text(document.Get(input, "type"))) {
			continue
		}
		switch event {
		case "workflow_dispatch":
			atoms = append(atoms, Atom{Origin: Member, Name: "inputs." + name, Event: event})
		case "workflow_call":
			atoms = append(atoms, Atom{Origin: Caller, Name: name, Event: event})
		}
	}
	return atoms
}

// harmless reports whether values of an input's type can hold nothing that is not in the file.
func harmless(kind string) bool { return kind == "boolean" || kind == "number" || kind == "choice" }

// envTaint is where the value of an environment variable comes from: the nearest definition, or an earlier step's write.
func (c *context) envTaint(name string, sc scope) []Atom {
	if sc.step != nil {
		if v := c.entry(sc.step.Env, name); v != nil && !sc.above {
			sc.above = true
			return c.taintOf(v, sc)
		}
		if atoms, set := c.writtenEnv(name, sc.step); set {
			return c.arriving(atoms, sc)
		}
	}
	if sc.job != nil {
		if v := c.entry(sc.job.Env, name); v != nil {
			return c.outerTaint(v, sc)
		}
	}
	if c.workflow != nil {
		if v := c.entry(c.workflow.Env, name); v != nil {
			return c.outerTaint(v, sc)
		}
	}
	return c.builtinTaint(name, sc)
}

// builtins are the variables that the runner sets by itself from the github context.
var builtins = map[string]string{
	"github_head_ref": "github.head_ref", "github_ref_name": "github.ref_name", "github_ref": "github.ref", "github_base_ref": "github.base_ref",
}

func (c *context) builtinTaint(name string, sc scope) []Atom {
	if p, ok := builtins[strings.ToLower(name)]; ok {
		return c.githubTaint(p, sc)
	}
	return nil
}

// matrixTaint is where a value of the matrix comes from: the members of its row, those that are included, or the
// expression that all of it is made by.
func (c *context) matrixTaint(name string, sc scope) []Atom {
	if sc.job == nil {
		return nil
	}
	m := document.Follow(sc.job.Matrix)
	at := scope{job: sc.job}
	if document.IsScalar(m) {
		return c.taintOf(m, at)
	}
	row, _, _ := strings.Cut(name, ".")
	var atoms []Atom
	for _, n := range c.matrixRows(sc.job)[row] {
		atoms = merge(atoms, c.taintOf(n, at))
	}
	if include := document.Get(m, "include"); document.IsScalar(include) {
		atoms = merge(atoms, c.taintOf(include, at))
	}
	return atoms
}

// treeTaint is where the scalars at or below a value come from.
func (c *context) treeTaint(n *yaml.Node, sc scope) []Atom {
	var atoms []Atom
	for s := range document.Scalars(document.Follow(n)) {
		atoms = merge(atoms, c.taintOf(s, sc))
	}
	return atoms
}

// jobOutputTaint is where an output of a job comes from.
func (c *context) jobOutputTaint(j *Job, name string) []Atom {
	if j == nil {
		return nil
	}
	if j.Ref.Kind == Local {
		return []Atom{{Origin: Output, Name: name, Call: callKey(j, nil)}}
	}
	if v := c.entry(j.Outputs, name); v != nil {
		return c.taintOf(v, scope{job: j})
	}
	return nil
}

// outputTaint is where an output of a step comes from.
func (c *context) outputTaint(s *Step, name string) []Atom {
	switch {
	case s == nil || c.depth > maxDepth:
		return nil
	case s.Ref.Kind == Local:
		return []Atom{{Origin: Output, Name: name, Call: callKey(s.Job, s)}}
	case s.Uses != nil:
		return c.actionOutput(s, name)
	case s.Run != nil:
		return c.runOutput(s, name)
	}
	return nil
}
