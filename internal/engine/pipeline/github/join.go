package github

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/finding"
)

// A repository is all summaries of a target.
type repository struct {
	paths   []string
	files   map[string]*Summary
	callers map[string][]caller // by path of the file that is called
	known   map[question][]Atom
	runs    map[string]started // by name of the workflow

	entrances map[entrance]string
}

// A question is where an atom of a file comes from, for all callers or for one.
type question struct {
	path         string
	origin       Origin
	name, call   string
	caller, from string // of the one
}

// started tells of workflows of a name whether there are any, and whether outsiders start one of them.
type started struct{ found, open bool }

type caller struct {
	path string
	call *Call
}

// Join gets the summaries of all files of the target by path, sorted, and returns the faults that lie between them, each
// with its Path.
func Join(paths []string, summaries [][]byte) (faults []fault.Fault, unchecked []string) {
	r := &repository{files: map[string]*Summary{}, callers: map[string][]caller{}, known: map[question][]Atom{}, runs: map[string]started{}, entrances: map[entrance]string{}}
	for i, p := range paths {
		if i >= len(summaries) || len(summaries[i]) == 0 {
			continue
		}
		s := &Summary{}
		if err := json.Unmarshal(summaries[i], s); err != nil {
			unchecked = append(unchecked, fmt.Sprintf("%s: summary not readable", p))
			continue
		}
		r.paths, r.files[p] = append(r.paths, p), s
	}
	slices.Sort(r.paths)
	for _, p := range r.paths {
		for i := range r.files[p].Calls {
			call := &r.files[p].Calls[i]
			if target := r.find(call.Target); target != "" {
				r.callers[target] = append(r.callers[target], caller{p, call})
			}
		}
	}
	for _, check := range joinChecks {
		faults = append(faults, check.run(r)...)
	}
	fault.Sort(faults)
	return compact(faults), unchecked
}

// find is the file that a call means: a workflow, or the action of a folder.
func (r *repository) find(target string) string {
	target = path.Clean(target)
	for _, p := range []string{target, path.Join(target, "action.yml"), path.Join(target, "action.yaml")} {
		if _, ok := r.files[p]; ok {
			return p
		}
	}
	return ""
}

// resolvePending completes the faults for which other files decide.
func resolvePending(r *repository) []fault.Fault {
	var faults []fault.Fault
	for _, p := range r.paths {
		for _, pending := range r.files[p].Pending {
			if len(pending.Gates) > 0 {
				f := r.guarded(pending)
				f.Path = p
				faults = append(faults, f)
				continue
			}
			if pending.Call != nil {
				if f, ok := r.resolveCall(p, pending); ok {
					f.Path = p
					faults = append(faults, f)
				}
				continue
			}
			var atoms []Atom
			for _, a := range pending.Atoms {
				atoms = merge(atoms, r.resolve(p, a, nil, 0))
			}
			if pending.Lines {
				atoms = reachingLines(atoms)
			}
			if len(atoms) == 0 {
				if f, ok := harmlessPaste(pending.Fault); ok {
					f.Path = p
					faults = append(faults, f)
				}
				continue
			}
			a := worst(atoms)
			if pending.Foreign && a.Origin != Outsider {
				continue
			}
			f := judged(pending.Fault, a)
			f.Path = p
			faults = append(faults, f)
		}
	}
	return faults
}

// guarded is a fault that a workflow stands before: less where it stops outsiders.
func (r *repository) guarded(p Pending) fault.Fault {
	f := p.Fault
	if r.stopped(p.Gates, p.Event) {
		f.Severity, f.Confidence, f.Message = finding.Info, finding.LowConfidence, p.Guarded
	}
	return f
}

// stopped reports whether one of the workflows stops outsiders who come by an event.
func (r *repository) stopped(gates []string, event string) bool {
	return slices.ContainsFunc(gates, func(gate string) bool {
		s := r.files[r.find(gate)]
		return s != nil && slices.Contains(s.Stops, event)
	})
}

// harmlessPaste is what is left of a pasted expression when all callers of the repository give it clean values.
func harmlessPaste(f fault.Fault) (fault.Fault, bool) {
	if f.Rule != "github-script-injection" {
		return f, false
	}
	f.Rule, f.Severity, f.Confidence = "github-expression-in-script", finding.Info, finding.LowConfidence
	return f, true
}

// resolve follows an atom of a file through the files that call it and that it calls. The call by which the file was
// entered, where there is one, stands for all of its callers.
func (r *repository) resolve(p string, a Atom, by *caller, depth int) []Atom {
	if !open(a.Origin) {
		return []Atom{a}
	}
	if depth > maxDepth {
		return nil
	}
	q := question{path: p, origin: a.Origin, name: a.Name, call: a.Call}
	if by != nil {
		q.caller, q.from = by.path, by.call.Key
	}
	var atoms []Atom
	for _, got := range remember(r.known, q, func() []Atom {
		return r.answer(p, Atom{Origin: a.Origin, Name: a.Name, Call: a.Call, Event: a.Event}, by, depth)
	}) {
		atoms = append(atoms, onward(got, a))
	}
	return atoms
}

// answer works out what resolve remembers, without the way that the atom has in its own file.
func (r *repository) answer(p string, a Atom, by *caller, depth int) []Atom {
	switch a.Origin {
	case Caller:
		return r.callersOf(p, a, by, func(from caller) []Atom {
			return r.resolveAll(from.path, from.call.Args[strings.ToLower(a.Name)], depth+1)
		})
	case Context:
		return r.callersOf(p, a, by, func(from caller) []Atom { return r.event(from, a, depth) })
	case Output:
		return r.output(p, a, depth)
	case Run:
		return r.run(p, a)
	}
	return []Atom{a}
}

func (r *repository) resolveAll(p string, atoms []Atom, depth int) []Atom {
	var list []Atom
	for _, a := range atoms {
		list = merge(list, located(p, r.resolve(p, a, nil, depth)))
	}
	return list
}

// located puts a file's path on those steps of a way that lie in it and do not say so yet.
func located(p string, atoms []Atom) []Atom {
	out := slices.Clone(atoms)
	for i := range out {
		out[i].Steps = slices.Clone(out[i].Steps)
		for k := range out[i].Steps {
			if out[i].Steps[k].Path == "" {
				out[i].Steps[k].Path = p
			}
		}
	}
	return out
}

// maxCallers bounds how many callers of a file are asked.
const maxCallers = 200

// callersOf asks each caller of a file. Without any the atom stays open: somebody outside may call.
func (r *repository) callersOf(p string, a Atom, by *caller, ask func(caller) []Atom) []Atom {
	list := r.callers[p][:min(len(r.callers[p]), maxCallers)]
	if by != nil {
		list = []caller{*by}
	}
	if len(list) == 0 {
		return []Atom{a}
	}
	var atoms []Atom
	for _, from := range list {
		atoms = merge(atoms, ask(from))
	}
	return atoms
}

// onward appends the rest of a way to one that another file begins.
func onward(got, rest Atom) Atom {
	got.Steps = append(slices.Clone(got.Steps), rest.Steps...)
	if len(got.Steps) > maxSteps {
		got.Steps = got.Steps[:maxSteps]
	}
	return got
}

// event is who writes a value of the github context where a caller's events lead to the file.
func (r *repository) event(from caller, a Atom, depth int) []Atom {
	s := r.files[from.path]
	if s.Kind == actionFile || slices.Contains(from.call.Events, "workflow_call") {
		return r.resolve(from.path, Atom{Origin: Context, Name: a.Name}, nil, depth+1)
	}
	var atoms []Atom
	for _, e := range from.call.Events {
		who, _ := classify(a.Name, e, true) // that all of it is shown was known where it was held back
		if (who == Run || who > Member) && outsiders(e) && !slices.Contains(from.call.Open, e) {
			who = Member
		}
		if who != Nobody {
			atom := Atom{Origin: who, Name: a.Name, Event: e, Steps: []fault.Step{{Path: from.path, Span: from.call.Span}}}
			atoms = worse(atoms, atom)
		}
	}
	return atoms
}

// output is where an output of a called file comes from, seen from the call.
func (r *repository) output(p string, a Atom, depth int) []Atom {
	s := r.files[p]
	for i := range s.Calls {
		call := &s.Calls[i]
		if call.Key != a.Call {
			continue
		}
		target := r.find(call.Target)
		if target == "" {
			return nil
		}
		var atoms []Atom
		for _, inner := range r.files[target].Outputs[strings.ToLower(a.Name)] {
			atoms = merge(atoms, located(target, r.resolve(target, inner, &caller{p, call}, depth+1)))
		}
		return atoms
	}
	return nil
}

// run is who writes a value of the run that a workflow_run follows: outsiders, unless all the workflows that it names are
// here and none of them runs for outsiders.
func (r *repository) run(p string, a Atom) []Atom {
	a.Origin = Outsider
	known := 0
	for _, name := range r.files[p].After {
		found, open := r.named(name)
		if found {
			known++
		}
		if open {
			return []Atom{a}
		}
	}
	if known > 0 && known == len(r.files[p].After) {
		a.Origin = Member
	}
	return []Atom{a}
}

// named looks workflows up by their name; one without a name goes by its path.
func (r *repository) named(name string) (found, open bool) {
	if len(r.runs) == 0 {
		for _, p := range r.paths {
			if s := r.files[p]; s.Kind == workflowFile {
				run := r.runs[cmp.Or(s.Name, p)]
				r.runs[cmp.Or(s.Name, p)] = started{true, run.open || slices.ContainsFunc(s.Events, outsiders)}
			}
		}
	}
	return r.runs[name].found, r.runs[name].open
}
