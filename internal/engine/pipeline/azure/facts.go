package azure

import (
	"github.com/assaysec/assay/internal/engine/pipeline/assembly"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

// facts are the summary of a file: names, references and places, and no script and no value.
type facts struct {
	assembly.Standing

	Root    bool       `json:"root,omitempty"`   // by its form, that pipelines begin with it
	ByHand  bool       `json:"byHand,omitempty"` // no push and no pull request starts it
	Params  []param    `json:"params,omitempty"`
	Hooks   []string   `json:"hooks,omitempty"` // webhooks that start it
	Vars    []variable `json:"vars,omitempty"`
	Scripts []script   `json:"scripts,omitempty"`
	Calls   []call     `json:"calls,omitempty"`
}

// A param is a parameter of a template or of a pipeline.
type param struct {
	Name string     `json:"name"`
	Free bool       `json:"free,omitempty"` // any text will do
	Span fault.Span `json:"span"`
}

// A variable is set in variables: or by an environment block.
type variable struct {
	Name string     `json:"name"`
	Refs []ref      `json:"refs,omitempty"`
	Span fault.Span `json:"span"`
}

// A ref is a reference in a text.
type ref struct {
	Kind refKind `json:"kind"`
	Name string  `json:"name"`
}

type refKind string

const (
	macro     refKind = "macro"     // $(name), and variables[…] of both kinds of expressions
	parameter refKind = "parameter" // ${{ parameters.name }}
	output    refKind = "output"    // dependencies.….outputs['step.name'] and $(step.name)
)

// A script is one step's.
type script struct {
	Job   string     `json:"job,omitempty"`
	Holes []hole     `json:"holes,omitempty"`
	Sinks []sink     `json:"sinks,omitempty"`
	Env   []variable `json:"env,omitempty"`
	Sets  []set      `json:"sets,omitempty"`
}

// A hole is a place where a text is pasted into a script.
type hole struct {
	Ref  ref        `json:"ref"`
	Span fault.Span `json:"span"`
	Safe string     `json:"safe,omitempty"` // what could stand there instead
}

// A sink is where the text of an environment variable would be run, or taken for a command to the agent.
type sink struct {
	Var  string     `json:"var"`
	Kind string     `json:"kind"`
	What string     `json:"what"`
	Span fault.Span `json:"span"`
	Log  bool       `json:"log,omitempty"` // it is printed, where lines may be commands to the agent
}

// A set is a variable that a script sets for later steps.
type set struct {
	Name string     `json:"name"`
	Vars []string   `json:"vars,omitempty"` // environment variables that flow into it
	Refs []ref      `json:"refs,omitempty"` // holes that do
	Span fault.Span `json:"span"`
}

// A call is the use of a template of this repository.
type call struct {
	Path string     `json:"path"` // from the root
	With []variable `json:"with,omitempty"`
	Span fault.Span `json:"span"`
}

func (f *facts) empty() bool {
	return len(f.Scripts) == 0 && len(f.Calls) == 0 && len(f.Vars) == 0 && len(f.Unchecked) == 0
}
