package github

import (
	"encoding/json"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

// A Summary is what Join needs to know of a file. It holds names, references and sources, never a script or a value.
type Summary struct {
	Kind    kind              `json:"kind"`
	Name    string            `json:"name,omitempty"`    // of a workflow
	Events  []string          `json:"events,omitempty"`  // that start a workflow
	After   []string          `json:"after,omitempty"`   // the workflows that a workflow_run follows
	Calls   []Call            `json:"calls,omitempty"`   // of actions and workflows of the repository
	Outputs map[string][]Atom `json:"outputs,omitempty"` // where the outputs of an action or called workflow come from
	Stops   []string          `json:"stops,omitempty"`   // events for which a called workflow fails when an outsider started its caller
	Fetches []string          `json:"fetches,omitempty"` // inputs by which an action fetches somebody's code
	Pending []Pending         `json:"pending,omitempty"` // faults for which other files decide
}

// A Call is a use of an action or workflow of the repository.
type Call struct {
	Key    string            `json:"key"`              // see callKey
	Target string            `json:"target"`           // path of the folder or file, relative to the target
	Args   map[string][]Atom `json:"args,omitempty"`   // inputs that are not clean, in lower case
	Events []string          `json:"events"`           // that may lead here
	Open   []string          `json:"open"`             // those of them by which outsiders get here
	Heads  map[string][]Atom `json:"heads,omitempty"`  // inputs that name somebody's code
	Gates  []string          `json:"gates,omitempty"`  // workflows that must succeed before
	Called bool              `json:"called,omitempty"` // callers of this file lead here, too
	Span   fault.Span        `json:"span"`
}

// A Pending is a fault that Join completes when it knows the sources.
type Pending struct {
	Fault   fault.Fault `json:"fault"`
	Atoms   []Atom      `json:"atoms"`
	Lines   bool        `json:"lines,omitempty"`   // only values of several lines count
	Foreign bool        `json:"foreign,omitempty"` // told only where outsiders are the source
	Gates   []string    `json:"gates,omitempty"`   // workflows, one of which may stop outsiders
	Event   string      `json:"event,omitempty"`   // by which they would come
	Guarded string      `json:"guarded,omitempty"` // what is told where one does
	Call    *callFault  `json:"call,omitempty"`    // told only where a call makes it one; there are no atoms then
}

// callKey names a call within its file.
func callKey(j *Job, s *Step) string {
	if s == nil {
		return j.ID
	}
	return j.ID + "/" + strconv.Itoa(s.Index)
}

// findCalls are the uses of what lies in the repository itself.
func (c *context) findCalls() []Call {
	var list []Call
	for _, j := range c.jobs() {
		if j.Ref.Kind == Local {
			list = append(list, c.call(j, nil, j.Ref, j.With, c.span(j.Uses)))
		}
		for _, s := range j.Steps {
			if s.Ref.Kind == Local {
				list = append(list, c.call(j, s, s.Ref, s.With, c.span(s.Uses)))
			}
		}
	}
	return list
}

func (c *context) call(j *Job, s *Step, ref Ref, with *yaml.Node, span fault.Span) Call {
	call := Call{Key: callKey(j, s), Target: root(c.path) + ref.Path, Span: span, Events: c.events(j, s), Open: c.openTo(j, s)}
	if s == nil {
		call.Gates = c.gates(j)
	}
	call.Heads, call.Called = c.headArgs(j, s), c.action != nil || c.openToCallers(j, s)
	for k, v := range document.Pairs(with) {
		if atoms := c.treeTaint(v, scope{job: j, step: s}); len(atoms) > 0 {
			if call.Args == nil {
				call.Args = map[string][]Atom{}
			}
			call.Args[strings.ToLower(k.Value)] = atoms
		}
	}
	return call
}

func (c *context) summary() []byte {
	s := Summary{Kind: c.kind, Calls: c.findCalls(), Pending: c.pending, Outputs: map[string][]Atom{}}
	if w := c.workflow; w != nil {
		s.Name, s.Stops = w.Name, c.stopping()
		for _, t := range w.Triggers {
			s.Events = append(s.Events, t.Name)
		}
		t, _ := w.Trigger("workflow_run")
		s.After = t.Filter("workflows")
		call, _ := w.Trigger("workflow_call")
		c.outputs(&s, document.Get(call.Node, "outputs"), scope{})
	}
	if a := c.action; a != nil {
		s.Name = a.Name
		c.outputs(&s, a.Outputs, scope{job: a.Job})
		s.Fetches = c.checkedOut()
	}
	if c.kind == dependabotFile {
		return nil
	}
	text, _ := json.Marshal(s) // of plain values: cannot fail
	return text
}

func (c *context) outputs(s *Summary, outputs *yaml.Node, sc scope) {
	for k, v := range document.Pairs(outputs) {
		if atoms := c.taintOf(document.Get(v, "value"), sc); len(atoms) > 0 {
			s.Outputs[strings.ToLower(k.Value)] = atoms
		}
	}
}
