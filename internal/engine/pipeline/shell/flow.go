package shell

import (
	"slices"
	"strings"
)

// A Sink is a place that a foreign value reaches and where it can do harm.
type Sink struct {
	Kind    UseKind // never Safe
	Range   Range   // of the variable, hole or substitution that brings the value
	Command int
	Via     []string // the variables that the value came through, the first one foreign; empty for a hole
}

// maxRounds bounds the search for a fixpoint; each round finds a variable at least.
const maxRounds = 50

// A Taint is how far foreign values come: the variables that hold them, each with the way there. It is not for use by
// several goroutines at once.
type Taint struct {
	script  *Script
	foreign func(string) bool
	via     map[string][]string
	streams map[int][]string // what is known of streams, in this round; nil for clean ones
}

// Flow follows foreign values through assignments, substitutions, pipes, read, for and function arguments, and gives the
// places where they can do harm. Uses in a guard's range (see guard) are clean, and so are values that went through
// certain filters alone: a digest, a count, tr -cd with a set of safe characters, ${x//[^a-z]/}.
//
// Order is not looked at: a variable that is foreign anywhere is foreign everywhere. Holes are not part of this; each of
// them is code, whatever it holds.
func (s *Script) Flow(foreign func(name string) bool) []Sink {
	t := s.Follow(foreign)
	var sinks []Sink
	for _, u := range s.uses {
		if u.Kind == Safe {
			continue
		}
		if via, ok := t.part(u.Part, 0); ok {
			sinks = append(sinks, Sink{Kind: u.Kind, Range: u.Part.Range, Command: u.Command, Via: via})
		}
	}
	for _, w := range s.Writes() {
		for _, p := range w.Parts {
			if via, ok := t.part(p, 0); ok {
				sinks = append(sinks, Sink{Kind: Written, Range: p.Range, Command: w.Command, Via: via})
				break
			}
		}
	}
	return sinks
}

// Tainted are the script's variables that hold a foreign value at some time, with those asked for left out.
func (s *Script) Tainted(foreign func(name string) bool) map[string][]string {
	return s.Follow(foreign).via
}

// Follow finds where foreign values come. Its answers serve for all words of the script.
func (s *Script) Follow(foreign func(name string) bool) *Taint {
	t := &Taint{script: s, foreign: foreign, via: map[string][]string{}, streams: map[int][]string{}}
	for range maxRounds {
		more := t.round()
		clear(t.streams)
		if !more {
			break
		}
	}
	return t
}

// Via says whether one of the parts brings a foreign value, and through which variables that came.
func (t *Taint) Via(parts []Part) (via []string, ok bool) {
	for _, p := range parts {
		if via, ok := t.part(p, 0); ok {
			return via, true
		}
	}
	return nil, false
}

// round looks at each command once and says whether it learnt something.
func (t *Taint) round() bool {
	before := len(t.via)
	for i := range t.script.Commands {
		c := &t.script.Commands[i]
		for _, a := range c.Assigns {
			for _, p := range a.Value.Parts {
				t.learn(a.Name, p)
			}
		}
		for _, name := range t.script.readNames(c) {
			if via, ok := t.input(c, 0); ok {
				t.set(name, via)
			}
		}
		if t.script.functions[c.Name] {
			for n, w := range c.Args {
				for _, p := range w.Parts {
					t.learn(c.Name+"."+position(n+1), p)
					t.learn(c.Name+".@", p)
					t.learn(c.Name+".*", p)
				}
			}
		}
	}
	return len(t.via) > before
}

func position(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return position(n/10) + position(n%10)
}

func (t *Taint) learn(name string, p Part) {
	if via, ok := t.part(p, 0); ok {
		t.set(name, via)
	}
}

func (t *Taint) set(name string, via []string) {
	if _, known := t.via[name]; known || name == "" || t.foreign(name) || len(via) > 20 {
		return
	}
	t.via[name] = append(slices.Clone(via), name)
}

// part says whether a part of a word brings a foreign value, and how that came.
func (t *Taint) part(p Part, depth int) ([]string, bool) {
	switch {
	case p.Clean || depth > 20:
		return nil, false
	case p.Kind == Variable:
		return t.variable(p.Name, p.Range.Start)
	case p.Kind == Capture || p.Kind == Process:
		return t.stream(p.Stream, depth+1)
	}
	return nil, false
}

func (t *Taint) variable(name string, at int) ([]string, bool) {
	if t.script.guarded(name, at) {
		return nil, false
	}
	if t.foreign(name) {
		return []string{name}, true
	}
	via, ok := t.via[name]
	return via, ok
}

// stream says whether the output of some commands holds a foreign value.
func (t *Taint) stream(stream, depth int) ([]string, bool) {
	if stream == 0 || depth > 20 {
		return nil, false
	}
	if via, known := t.streams[stream]; known {
		return via, via != nil
	}
	t.streams[stream] = nil
	for _, i := range t.script.writers[stream] {
		if via, ok := t.output(&t.script.Commands[i], depth); ok {
			t.streams[stream] = via
			return via, true
		}
	}
	return nil, false
}

// output says whether a command puts out what it gets. Commands that are not known to do so count as clean: what they
// print is their own.
func (t *Taint) output(c *Command, depth int) ([]string, bool) {
	if cleans(c) || c.Name == "printf" && c.verb(0) == "%q" {
		return nil, false
	}
	passes := echoes(c) || filters[c.Name] || passing[c.Name]
	if !passes {
		return nil, false
	}
	if c.Name != "cat" && c.Name != "jq" && c.Name != "grep" { // the arguments of these name files and patterns
		for _, w := range c.Args {
			for _, p := range w.Parts {
				if via, ok := t.part(p, depth+1); ok {
					return via, true
				}
			}
		}
	}
	if c.Name == "jq" {
		for i, a := range c.Args {
			if a.Text == "--arg" && i+2 < len(c.Args) {
				for _, p := range c.Args[i+2].Parts {
					if via, ok := t.part(p, depth+1); ok {
						return via, true
					}
				}
			}
		}
	}
	if c.Kind == Expression && c.In == 0 {
		return nil, false
	}
	return t.input(c, depth+1)
}

var passing = map[string]bool{"basename": true, "dirname": true, "realpath": true, "readlink": true, "expr": true, "iconv": true, "cygpath": true}

// input says whether a command reads a foreign value from its standard input.
func (t *Taint) input(c *Command, depth int) ([]string, bool) {
	for _, r := range c.Redirects {
		parts := r.Body.Parts
		switch r.Op {
		case "<<<":
			parts = r.Target.Parts
		case "<":
			parts = nil
			for _, p := range r.Target.Parts {
				if p.Kind == Process {
					parts = append(parts, p)
				}
			}
		}
		for _, p := range parts {
			if via, ok := t.part(p, depth+1); ok {
				return via, true
			}
		}
	}
	return t.stream(c.In, depth+1)
}

// readsLine says that a command is read, and ends at the end of a line.
func readsLine(c *Command) bool {
	for _, a := range c.Args {
		if a.Text == "" || a.Text[0] != '-' || a.quoted() {
			break
		}
		if strings.ContainsAny(a.Text, "dN") {
			return false
		}
	}
	return c.Name == "read"
}

// readNames are the variables that a command sets from its input.
func (s *Script) readNames(c *Command) []string {
	var operands []Word
	switch c.Name {
	case "read":
		operands = c.Operands("-d", "-n", "-N", "-p", "-t", "-u", "-i", "-a", "-ra")
	case "mapfile", "readarray":
		operands = c.Operands("-d", "-n", "-s", "-u", "-O", "-C", "-c")
	default:
		return nil
	}
	var names []string
	for _, w := range operands {
		if name, ok := w.Static(); ok && validName(name) {
			names = append(names, name)
		}
	}
	if w, i := c.Value("-a", "-ra"); i >= 0 && validName(w.Text) {
		names = append(names, w.Text)
	}
	if len(names) == 0 {
		names = []string{map[bool]string{true: "REPLY", false: "MAPFILE"}[c.Name == "read"]}
	}
	return names
}
