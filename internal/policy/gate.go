package policy

import (
	"errors"
	"reflect"
	"slices"

	"github.com/assaysec/assay/internal/coverage"
)

// A Host compiles expressions. Its errors are of type *diagnostic.Error.
type Host interface {
	Finding(Line) (FindingProgram, error)
	Run(Line) (RunProgram, error)
}

// A Lookup gives the value of a name. A value that is not known may be anything.
type Lookup func(name string) (value any, known bool)

// A FindingProgram answers a line about one finding.
type FindingProgram interface {
	Reads() []string // the names it mentions, sorted
	Eval(Lookup) Outcome
}

// A RunProgram answers a line about the run.
type RunProgram interface {
	Eval(Lookup, []coverage.Record) Outcome
}

// An Outcome is an answer. It is not certain where it hangs on something unknown, which Unknowns then names.
type Outcome struct {
	Holds    bool
	Unknowns []string
	Err      error
}

// Gates is the compiled policy of one stage.
type Gates struct {
	stage string
	gates []gate
}

type gate struct {
	folder  string
	deny    []findingLine
	warn    []findingLine
	require []runLine
	engines []string
	given   bool // the gate says what it requires, as engines or as an expression
}

type findingLine struct {
	Line
	FindingProgram
}

type runLine struct {
	Line
	RunProgram
}

// Compile makes the gates of a stage. The scope of the root takes the default policy for what its text leaves out; the
// scopes of folders are asked in addition, for what lies in them. Without any scope the default policy holds. A scope
// that says what one before it says is asked once: so it is where several targets have the same policy.
func Compile(stage string, scopes []Scope, host Host) (*Gates, error) {
	g := &Gates{stage: stage}
	var errs []error
	for _, s := range Explicit(stage, scopes) {
		t := s.Text
		compiled := gate{folder: s.Folder, engines: t.Engines, given: t.Engines != nil || t.Require != nil}
		compiled.deny = compileFinding(t.Deny, host, &errs)
		compiled.warn = compileFinding(t.Warn, host, &errs)
		for _, l := range t.Require {
			p, err := host.Run(l)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			compiled.require = append(compiled.require, runLine{l, p})
		}
		g.gates = append(g.gates, compiled)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return g, nil
}

// Explicit gives scopes in which nothing is left to the default policy, so that they mean the same whatever it is. A scope
// that says what one before it says is left out.
func Explicit(stage string, scopes []Scope) []Scope {
	if len(scopes) == 0 || scopes[0].Folder != "" {
		scopes = append([]Scope{{}}, scopes...)
	}
	scopes = slices.Clone(scopes)
	for i := range scopes {
		if scopes[i].Folder == "" {
			scopes[i].Text = scopes[i].Text.withDefault(stage)
		}
	}
	return distinct(scopes)
}

// distinct leaves out each scope that says of its folder what one before it says.
func distinct(scopes []Scope) []Scope {
	var list []Scope
	said := map[string][]Text{}
	for _, s := range scopes {
		if slices.ContainsFunc(said[s.Folder], func(t Text) bool { return reflect.DeepEqual(t, s.Text) }) {
			continue
		}
		said[s.Folder] = append(said[s.Folder], s.Text)
		list = append(list, s)
	}
	return list
}

// withDefault fills in what the text leaves out: a stage without rules has the default policy, never none.
func (t Text) withDefault(stage string) Text {
	if t.Deny == nil {
		t.Deny = defaultLines(stage, "deny", DefaultDeny)
	}
	if t.Warn == nil {
		t.Warn = defaultLines(stage, "warn", DefaultWarn)
	}
	return t
}

func compileFinding(lines []Line, host Host, errs *[]error) []findingLine {
	var compiled []findingLine
	for _, l := range lines {
		p, err := host.Finding(l)
		if err != nil {
			*errs = append(*errs, err)
			continue
		}
		compiled = append(compiled, findingLine{l, p})
	}
	return compiled
}
