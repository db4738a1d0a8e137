package github

import (
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
)

// A context may be written out as a whole: all that flows into its parts comes out then.

// wholeTaint is where what a context holds comes from that is written out as a whole, or a part with more below it. ok is
// false for other contexts.
func (c *context) wholeTaint(first, name, tail string, sc scope) (atoms []Atom, ok bool) {
	switch {
	case first == "env" && name == "":
		if sc.step != nil && !sc.above {
			atoms = c.treeTaint(sc.step.Env, scope{job: sc.job, step: sc.step, above: true})
		}
		return merge(merge(atoms, c.outerTaint(sc.job.Env, sc)), c.outerTaint(c.workflow.Env, sc)), true
	case first == "inputs" && name == "":
	case (first == "steps" || first == "needs") && (tail == "" || tail == "outputs"):
	default:
		return nil, false
	}
	key := valueKey{place{sc.job, nil}, "whole", first + "." + name, true, false, c.seekHeads}
	return c.arriving(remember(c.memo.values, key, func() []Atom { return c.newWholeTaint(first, name, sc.job) }), sc), true
}

// newWholeTaint is wholeTaint for a job: of its inputs, and of the outputs of a step or job, or of all of them.
func (c *context) newWholeTaint(first, name string, j *Job) (atoms []Atom) {
	switch first {
	case "inputs":
		for _, t := range c.workflow.Triggers {
			for k := range document.Pairs(document.Get(t.Node, "inputs")) {
				atoms = merge(atoms, c.inputTaint(strings.ToLower(k.Value), scope{job: j}))
			}
		}
	case "steps":
		for _, s := range j.Steps {
			if s.ID != "" && (name == "" || strings.EqualFold(s.ID, name)) {
				atoms = merge(atoms, c.scriptOutputs(s))
			}
		}
	case "needs":
		for _, id := range j.Needs {
			if need := c.workflow.Job(id); need != nil && (name == "" || strings.EqualFold(id, name)) {
				atoms = merge(atoms, c.treeTaint(need.Outputs, scope{job: need}))
			}
		}
	}
	return atoms
}

// scriptOutputs is where all outputs of a script come from.
func (c *context) scriptOutputs(s *Step) []Atom {
	var atoms []Atom
	sc := c.script(s)
	for _, w := range sc.writes("GITHUB_OUTPUT", "set-output") {
		atoms = merge(atoms, c.through(c.writeTaint(sc, w), sc.Span(w.Range)))
	}
	return atoms
}
