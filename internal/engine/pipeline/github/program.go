package github

import (
	"fmt"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// A program of actions/github-script reads values by itself, without an expression that is pasted. That is the safe way,
// until it gives them to a shell or has them read as code.

var (
	// codeCalls finds calls that run the text of their first argument. exec.exec of the toolkit is none: it starts no shell.
	codeCalls = lazyregexp.New(`(?:^|[^.\w])(?:(?:child_process|cp)\.)?(execSync|exec|eval|Function)\(\s*([^\n;]*)`)

	// programVariable finds variables of the environment.
	programVariable = lazyregexp.New(`process\.env(?:\.(\w+)|\[["'](\w+)["']\])`)
)

// maxCalls bounds how many calls of a program are looked at.
const maxCalls = 100

// programSinks tells of values that a program runs as code.
func (c *context) programSinks(s *Step) {
	script := s.Input("script")
	text := document.Text(script)
	for _, m := range codeCalls().FindAllStringSubmatchIndex(text, maxCalls) {
		call, argument := text[m[2]:m[3]], text[m[4]:m[5]]
		argument, _, _ = strings.Cut(argument, ", {") // what follows are options
		for value, atoms := range c.programValues(s, argument) {
			c.flows(fault.Fault{
				Span: c.scalar(script).Span(m[2], m[4]+len(argument)), Key: s.Key() + " " + call + " " + value,
				Message: fmt.Sprintf("“%s” is run as code by %s in the program of step %q", value, call, s.Label()),
			}, atoms)
		}
	}
}

// programValues are the values of others that a piece of a program reads.
func (c *context) programValues(s *Step, text string) map[string][]Atom {
	at := scope{job: s.Job, step: s}
	found := map[string][]Atom{}
	for _, p := range payload().FindAllStringSubmatch(text, -1) {
		found[p[0]] = c.githubTaint("github.event."+strings.ReplaceAll(p[1]+p[2], "?", ""), at)
	}
	for _, v := range programVariable().FindAllStringSubmatch(text, -1) {
		found[v[0]] = c.envTaint(v[1]+v[2], at)
	}
	return found
}
