package github

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rhysd/actionlint"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// maxSyntax is how many errors of one file are told.
const maxSyntax = 20

// syntax: GitHub refuses the workflow, or takes a part of it for something else than its author meant. A job that does not
// run protects nothing.
func syntax(c *context) {
	if c.workflow == nil {
		return
	}
	if c.tooNested() {
		c.tellAt(c.workflow.Node, "nesting", fmt.Sprintf("an expression is longer than %d bytes or nested more than %d deep, which GitHub refuses", maxExpression, maxParens))
		return
	}
	if j := c.needsTooMuch(); j != nil {
		c.tellAt(j.Key, j.ID+" needs", fmt.Sprintf("job %q needs more than %d jobs", j.ID, maxNeeds))
		return
	}
	told := 0
	for _, e := range lint(c.file.Text) {
		if told == maxSyntax {
			return
		}
		span := c.file.LineSpan(e.Line)
		if saidElsewhere(e) || newer(e, string(c.file.Text[span.Start:span.End])) {
			continue
		}
		told++
		if at := c.file.Offset(e.Line, e.Column); at > span.Start && at < span.End {
			span.Start = at
		}
		f := c.tell(span, e.Kind+" "+brief(e.Message), brief(e.Message))
		if undefinedProperty(e) {
			f.Severity, f.Confidence = finding.Info, finding.MediumConfidence
		}
	}
}

// tooNested reports whether an expression is one that readers which call themselves had better not see.
func (c *context) tooNested() bool {
	for n := range document.Scalars(c.workflow.Node) {
		rest := n.Value
		for i := strings.Index(rest, "${{"); i >= 0; i = strings.Index(rest, "${{") {
			rest = rest[i+len("${{"):]
			end := closing(rest)
			if end < 0 {
				end = len(rest)
			}
			if end > maxExpression || nested(rest[:end]) {
				return true
			}
		}
	}
	tooDeep := false
	c.eachIf(func(text string) { tooDeep = tooDeep || len(text) > maxExpression || nested(text) })
	return tooDeep
}

// maxNeeds is how many jobs one may need before the library is asked, which compares each with all others.
const maxNeeds = 2000

func (c *context) needsTooMuch() *Job {
	for _, j := range c.workflow.Jobs {
		if len(j.Needs) > maxNeeds {
			return j
		}
	}
	return nil
}

// eachIf gives the texts of all conditions.
func (c *context) eachIf(visit func(text string)) {
	for _, j := range c.workflow.Jobs {
		visit(document.Text(j.If))
		for _, s := range j.Steps {
			visit(document.Text(s.If))
		}
	}
}

// nested is as tooDeep, and closing brackets that open nowhere do not count.
func nested(s string) bool {
	depth, nots := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth = max(depth-1, 0)
		case '!':
			nots++
		}
		if depth > maxParens || nots > maxParens {
			return true
		}
	}
	return false
}

// lint asks actionlint's rules about one workflow by itself: without a project it looks at no other file, and its rules
// that start outside programs are not among them. Neither are those whose faults other checks tell.
func lint(text []byte) (errs []*actionlint.Error) {
	defer func() {
		if recover() != nil { // its reader of YAML is not ours, and strange bytes are known to make such readers panic
			errs = nil
		}
	}()
	w, errs := actionlint.Parse(text)
	if w == nil {
		return errs
	}
	actions, workflows := actionlint.NewLocalActionsCache(nil, io.Discard), actionlint.NewLocalReusableWorkflowCache(nil, "", io.Discard)
	rules := []actionlint.Rule{
		actionlint.NewRuleMatrix(), actionlint.NewRuleShellName(), actionlint.NewRuleEvents(), actionlint.NewRuleJobNeeds(),
		actionlint.NewRuleAction(actions), actionlint.NewRuleEnvVar(), actionlint.NewRuleID(), actionlint.NewRuleGlob(),
		actionlint.NewRulePermissions(), actionlint.NewRuleWorkflowCall("", workflows), actionlint.NewRuleExpression(actions, workflows),
	}
	v := actionlint.NewVisitor()
	for _, r := range rules {
		v.AddPass(r)
	}
	if v.Visit(w) != nil {
		return errs
	}
	for _, r := range rules {
		errs = append(errs, r.Errs()...)
	}
	return errs
}

// saidElsewhere reports whether another check tells it, the reader of YAML did, or GitHub makes no fault of it: it runs old
// actions on a newer Node.js.
func saidElsewhere(e *actionlint.Error) bool {
	for _, part := range []string{"potentially untrusted", "could not parse as YAML", "is too old to run", "avoid using deprecated input"} {
		if strings.Contains(e.Message, part) {
			return true
		}
	}
	return false
}

// learnt are parts of errors about what GitHub knows and actionlint does not yet: queues of runs, commands of services, and
// ports named by their numbers, and actions of the workflow's own repository.
var learnt = []string{
	`unexpected key "queue"`, `unexpected key "entrypoint" for "services"`, `unexpected key "command" for "services"`, `must be type of string but got "number"`,
	`specifying action "$/`, `reusable workflow call "$/`,
}

// newer reports whether an error on a line is about such a thing, or about steps that run side by side.
func newer(e *actionlint.Error, line string) bool {
	return strings.Contains(line, "parallel:") || slices.ContainsFunc(learnt, func(part string) bool { return strings.Contains(e.Message, part) })
}

// undefinedProperty reports whether an error is about a name that nothing defines, which GitHub takes for an empty text.
// Rows of a matrix and outputs of actions may lack it on purpose.
func undefinedProperty(e *actionlint.Error) bool {
	return strings.Contains(e.Message, "is not defined in object type") || strings.Contains(e.Message, "object filtering")
}

var objectType = lazyregexp.New(` in object type .*| since it has no object element.*|\. available inputs are .*|\. expected one of .*|\. available .*|\. note that .*|\. note: .*|\. see https?:.*`)

// brief is an error's message without lists of what else there is.
func brief(message string) string {
	m, _, _ := strings.Cut(message, "\n")
	return short(strings.TrimSuffix(objectType().ReplaceAllString(m, ""), "."))
}
