package gitlab

import (
	"github.com/assaysec/assay/internal/engine/pipeline/assembly"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

// facts are the summary of a file: what Join needs to put jobs together. There are names, references and conditions in it,
// and no script and no variable's value.
type facts struct {
	assembly.Standing

	Includes []string   `json:"includes,omitempty"`
	Foreign  bool       `json:"foreign,omitempty"` // something is included that lies elsewhere
	Globals  []variable `json:"globals,omitempty"`
	Maybe    []variable `json:"maybe,omitempty"` // that workflow:rules set
	Default  job        `json:"default"`
	Workflow []rule     `json:"workflow,omitempty"`
	HasFlow  bool       `json:"hasFlow,omitempty"` // workflow: is there
	Jobs     []job      `json:"jobs,omitempty"`
}

// A job is what one file says of it.
type job struct {
	Name    string            `json:"name"`
	Span    fault.Span        `json:"span"`
	Keys    []string          `json:"keys,omitempty"` // that it sets itself, sorted
	Extends []string          `json:"extends,omitempty"`
	Vars    []variable        `json:"vars,omitempty"`
	Maybe   []variable        `json:"maybe,omitempty"`   // that rules set
	Scripts map[string]script `json:"scripts,omitempty"` // by key: script, before_script, after_script
	Rules   []rule            `json:"rules,omitempty"`
	Only    []string          `json:"only,omitempty"`
	Except  []string          `json:"except,omitempty"`
	When    string            `json:"when,omitempty"`
	WhenAt  fault.Span        `json:"whenAt"`
	Env     *environment      `json:"env,omitempty"`
	Needs   []string          `json:"needs,omitempty"` // of whose artifacts it gets; nil with the key set means none
	Dotenv  []string          `json:"dotenv,omitempty"`
	Stage   string            `json:"stage,omitempty"`
	Child   []string          `json:"child,omitempty"` // local files of a child pipeline

	NoDefault bool `json:"noDefault,omitempty"` // inherit: default: false
	NoGlobals bool `json:"noGlobals,omitempty"`
}

// sets says that the job sets a key itself.
func (j *job) sets(key string) bool {
	for _, k := range j.Keys {
		if k == key {
			return true
		}
	}
	return false
}

// A variable is one of variables:, with the variables that its value is made of.
type variable struct {
	Name string     `json:"name"`
	Refs []string   `json:"refs,omitempty"`
	Span fault.Span `json:"span"`

	// Asked says that GitLab asks whoever starts a pipeline by hand for it, and takes any text.
	Asked bool `json:"asked,omitempty"`
}

// A rule is one of rules:.
type rule struct {
	If      string     `json:"if,omitempty"`
	HasIf   bool       `json:"hasIf,omitempty"`
	Changes bool       `json:"changes,omitempty"` // changes: or exists: decide too
	When    string     `json:"when,omitempty"`
	Span    fault.Span `json:"span"`
	Ref     []string   `json:"ref,omitempty"` // a !reference instead
}

// An environment is what a job deploys to. Name keeps its variables unexpanded.
type environment struct {
	Name   string     `json:"name"`
	Action string     `json:"action,omitempty"`
	Span   fault.Span `json:"span"`
}

// A script is what Join needs to know of one.
type script struct {
	Sinks   []sink     `json:"sinks,omitempty"`
	Dotenv  []write    `json:"dotenv,omitempty"`
	Deploys []act      `json:"deploys,omitempty"`
	Carries []carry    `json:"carries,omitempty"`
	Refs    [][]string `json:"refs,omitempty"` // !reference
}

// A sink is where the text of a variable would be run, if a foreigner could choose it.
type sink struct {
	Var  string     `json:"var"`
	Kind string     `json:"kind"` // of shell
	What string     `json:"what"` // the command
	Span fault.Span `json:"span"`
	Low  bool       `json:"low,omitempty"` // the text is split into arguments, and not run
}

// A carry is a variable of the shell that a script leaves to the one that runs in the same shell after it.
type carry struct {
	Name string `json:"name"`
	From string `json:"from"`
}

// A write is a line that goes to a file whose lines become variables of later jobs.
type write struct {
	File string     `json:"file"`
	Keys []string   `json:"keys,omitempty"`
	Vars []string   `json:"vars,omitempty"` // that flow into it
	Span fault.Span `json:"span"`
	Open bool       `json:"open,omitempty"` // line breaks of the value go through
}

// An act is a command that changes what runs elsewhere.
type act struct {
	What string     `json:"what"`
	Span fault.Span `json:"span"`
}
