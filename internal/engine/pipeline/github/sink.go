package github

import (
	"cmp"
	"fmt"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/finding"
)

// flows tells that a value gets to a place that runs it or trusts it, if its sources are not clean. What is in the fault
// beside rule, severity and the way is the check's; its message tells the place, and the source is added to it. Where
// other files decide who writes the value, Join does.
func (c *context) flows(f fault.Fault, atoms []Atom) { c.flowsLines(f, atoms, false) }

// flowsLines does so where, if lines is set, only a value of several lines does harm.
func (c *context) flowsLines(f fault.Fault, atoms []Atom, lines bool) {
	if len(atoms) == 0 {
		return
	}
	f.Rule = c.rule
	for _, a := range atoms {
		if open(a.Origin) {
			c.pending = append(c.pending, Pending{Fault: f, Atoms: atoms, Lines: lines})
			return
		}
	}
	c.faults = append(c.faults, judged(f, worst(atoms)))
}

// open reports whether other files tell who writes a value.
func open(o Origin) bool { return o == Caller || o == Output || o == Context || o == Run }

// judged completes a fault by the source that its value has.
func judged(f fault.Fault, a Atom) fault.Fault {
	f.Message += ": " + because(a)
	f.Key += " " + a.Name
	severity, confidence := weight(a)
	if f.Rule == "github-output-write" {
		severity = min(severity, finding.Medium) // what an output does is for later steps to say
		if a.Origin == Outsider && powers[a.Event] == limited {
			severity = finding.Low // and they have no rights that the author of the change does not
		}
	}
	f.Severity = cmp.Or(f.Severity, severity)
	f.Confidence = cmp.Or(f.Confidence, confidence)
	f.Steps = a.steps(f.Span)
	return f
}

// weight is how bad it is that a source gets where it is run.
func weight(a Atom) (finding.Severity, finding.Confidence) {
	switch a.Origin {
	case Outsider:
		if powers[a.Event] == limited {
			return finding.Medium, finding.HighConfidence
		}
		return finding.High, finding.HighConfidence
	case Run:
		return finding.High, finding.MediumConfidence
	case Merged:
		return finding.Medium, finding.MediumConfidence
	case Context:
		return finding.Medium, finding.MediumConfidence
	}
	return finding.Low, finding.MediumConfidence
}

// because tells who writes a source.
func because(a Atom) string {
	switch a.Origin {
	case Outsider:
		if a.Event == "" {
			return fmt.Sprintf("outsiders write %s", a.Name)
		}
		return fmt.Sprintf("outsiders write %s (event %s)", a.Name, a.Event)
	case Run:
		return fmt.Sprintf("%s is that of the run before, which outsiders may have started", a.Name)
	case Merged:
		return fmt.Sprintf("%s is text of others that a member let in", a.Name)
	case Context:
		return fmt.Sprintf("%s is written by outsiders where the caller's event allows it", a.Name)
	case Caller:
		return fmt.Sprintf("whoever uses this gives the input %q", a.Name)
	case Output:
		return fmt.Sprintf("the output %q is not known here", a.Name)
	}
	return fmt.Sprintf("members who may push or start the workflow write %s", a.Name)
}
