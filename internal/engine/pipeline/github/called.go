package github

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/finding"
)

// What a called workflow or an action does has the rights of its callers, and their events bring it about.

// byCall is the event of a file that others call.
const byCall = "workflow_call"

// openForeign are the events with the repository's rights by which an outsider gets to a step, and a call if that may bring
// one here.
func (c *context) openForeign(s *Step) []string {
	if c.action != nil {
		return []string{byCall}
	}
	open := c.openPrivileged(s)
	if c.openToCallers(s.Job, s) {
		open = append(open, byCall)
	}
	return open
}

// openToCallers reports whether nothing in a called workflow itself keeps outsiders from a job or step.
func (c *context) openToCallers(j *Job, s *Step) bool {
	return slices.Contains(c.events(j, s), byCall) && c.lets(audience{byCall, stranger}, scope{job: j, step: s}) && !c.approved(j) && !c.checkedBefore(j, s)
}

// A callFault is what makes a fault of a pending one: that a caller lets outsiders in, and gives somebody's code.
type callFault struct {
	Event  string `json:"event"`            // that leads here; byCall where callers say which
	Input  string `json:"input,omitempty"`  // that names the code
	Target string `json:"target,omitempty"` // the action that has to fetch it by that input
	Runs   bool   `json:"runs,omitempty"`   // an event is enough that brings an outsider's code by itself
	Else   string `json:"else,omitempty"`   // what is left to say where it is no fault
}

// called holds a fault back until the files that call, or are called, are known.
func (c *context) called(f fault.Fault, event string, checkout foreignCheckout) Pending {
	call := &callFault{Event: event}
	switch {
	case checkout.by != nil:
		call.Target, call.Input = root(c.path)+checkout.by.Path, checkout.input
	case checkout.input != "":
		call.Input = checkout.input
	}
	return Pending{Fault: f, Call: call}
}

// checkedOut are the inputs by which an action fetches somebody's code.
func (c *context) checkedOut() []string {
	var inputs []string
	for _, f := range c.foreignCheckouts(c.action.Job) {
		if f.input != "" {
			inputs = append(inputs, f.input)
		}
	}
	return inputs
}

// headArgs are the inputs that a call gives names of somebody's code.
func (c *context) headArgs(j *Job, s *Step) map[string][]Atom {
	with := j.With
	if s != nil {
		with = s.With
	}
	var args map[string][]Atom
	for k, v := range document.Pairs(with) {
		if atoms := c.headsIn(v, scope{job: j, step: s}); len(atoms) > 0 {
			if args == nil {
				args = map[string][]Atom{}
			}
			args[strings.ToLower(k.Value)] = atoms
		}
	}
	return args
}

// resolveCall completes a fault that depends on a call, and reports whether it is one.
func (r *repository) resolveCall(p string, pending Pending) (fault.Fault, bool) {
	f, call := pending.Fault, pending.Call
	if call.Target != "" {
		if s := r.files[r.find(call.Target)]; s == nil || !slices.Contains(s.Fetches, call.Input) {
			return f, false
		}
	}
	event, input := call.Event, call.Input
	if call.Target != "" {
		input = "" // the place itself names the code
	}
	if event == byCall {
		if event = r.lets(p, input, call.Runs, 0); event == "" {
			f.Message, f.Severity, f.Confidence = call.Else, finding.Info, finding.LowConfidence
			return f, call.Else != ""
		}
	}
	f.Message += fmt.Sprintf(" (event %s)", event)
	return f, true
}

// An entrance is the question whether callers of a file let outsiders in.
type entrance struct {
	path, input string
	runs        bool
}

// lets is an event by which callers let outsiders in, empty where none does. With an input a caller has to give somebody's
// code by it.
func (r *repository) lets(p, input string, runs bool, depth int) string {
	if depth > maxDepth {
		return ""
	}
	return remember(r.entrances, entrance{p, input, runs}, func() string {
		for _, from := range r.callers[p][:min(len(r.callers[p]), maxCallers)] {
			if event := r.letsBy(from, input, runs, depth); event != "" {
				return event
			}
		}
		return ""
	})
}

func (r *repository) letsBy(from caller, input string, runs bool, depth int) string {
	outer := []string{""}
	if input != "" {
		outer = outer[:0]
		for _, a := range from.call.Heads[input] {
			if a.Origin == Caller {
				outer = append(outer, strings.ToLower(a.Name))
			} else {
				outer = append(outer, "")
			}
		}
	}
	for _, in := range outer {
		if in == "" {
			for _, e := range from.call.Open {
				if (powers[e] == privileged && !runs || runs && runsForeignCode(e)) && !r.stopped(from.call.Gates, e) {
					return e
				}
			}
		}
		if !from.call.Called {
			continue
		}
		if event := r.lets(from.path, in, runs, depth+1); event != "" {
			return event
		}
	}
	return ""
}
