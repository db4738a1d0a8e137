package github

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// A value that anybody writes does not get everywhere: the events and gates that lead to where it is used count, too.

// weaken takes into account that gates keep outsiders out.
func (c *context) weaken(who Origin, event string, sc scope) Origin {
	if sc.job == nil || c.isOpen(event, sc) {
		return who
	}
	if c.lets(audience{event, merging}, sc) && !c.lets(audience{event, stranger}, sc) && !c.approved(sc.job) && !c.onlyLabelled(event) {
		return Merged
	}
	if triaged(event) && !c.approved(sc.job) && !c.checkedBefore(sc.job, sc.step) && c.lets(audience{event, labelled}, sc) {
		return Merged
	}
	return Member
}

// lets reports whether the conditions on the way to a place let an audience pass.
func (c *context) lets(who audience, sc scope) bool {
	return c.reached(sc.job, who) && (sc.step == nil || c.holds(sc.step.If, c.folderFor(who, sc.job, maxOutputs)))
}

// triaged reports whether a label on what an event is about says of what kind that is, and not that somebody has read it
// for what it may do. Forms for new issues bring labels of their own.
func triaged(event string) bool { return event == "issues" || event == "discussion" }

// arriving is what is left of the sources of another step or job where their value is used: events that do not lead there
// bring nothing, and gates keep outsiders out.
func (c *context) arriving(atoms []Atom, sc scope) []Atom {
	if c.workflow == nil || sc.job == nil || c.seekHeads {
		return atoms
	}
	var list []Atom
	for _, a := range atoms {
		if a.Event != "" && a.Event != "workflow_call" {
			if a.Event = c.bringing(a, sc); a.Event == "" {
				continue
			}
		}
		if (a.Origin == Run || a.Origin > Member) && outsiders(a.Event) {
			a.Origin = c.weaken(a.Origin, a.Event, sc)
		}
		list = append(list, a)
	}
	return list
}

// bringing is the event by which a source gets to a place: the one that is known to, or another that may, the worst first.
func (c *context) bringing(a Atom, sc scope) string {
	events := c.events(sc.job, sc.step)
	if slices.Contains(events, a.Event) {
		return a.Event
	}
	found := ""
	for _, e := range events {
		who, _ := classify(a.Name, e, true)
		if (who != Nobody || outsiders(e)) && (found == "" || powers[e] > powers[found]) {
			found = e
		}
	}
	return found
}

func (c *context) isOpen(event string, sc scope) bool {
	return slices.Contains(c.openTo(sc.job, sc.step), event)
}

// outerTaint is where the scalars at or below a value come from that stands outside of steps: worked out once for a job, and
// then judged by what leads to the step.
func (c *context) outerTaint(n *yaml.Node, sc scope) []Atom {
	return c.arriving(remember(c.memo.outer, outerKey{n, sc.job, c.seekHeads}, func() []Atom { return c.treeTaint(n, scope{job: sc.job}) }), sc)
}
