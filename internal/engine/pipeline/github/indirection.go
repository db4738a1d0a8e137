package github

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

// indirection moves the expressions of a script that are not inert to the step's environment. All faults of a script have
// the same fix: applied twice it is applied once. It is nil where one of the edits cannot be made.
func (c *context) indirection(sc *Script) *fault.Fix {
	return remember(c.memo.fixes, sc, func() *fault.Fix { return c.newIndirection(sc) })
}

func (c *context) newIndirection(sc *Script) *fault.Fix {
	if sc.Shell == nil || sc.Err != nil {
		return nil
	}
	names := c.takenNames(sc.Step)
	names.keep(sc)
	text := c.scalar(sc.Node)
	var edits []fault.Edit
	var added []string
	for i, e := range sc.Exprs {
		if e.Tree == nil || c.inert(e, sc.Step) && len(c.taint(e.Tree, sc.scope())) == 0 {
			continue
		}
		name, isNew := names.of(e.Text)
		with, ok := sc.Shell.Replacement(i, name)
		if !ok || !text.Verbatim(e.From, e.To) || strings.Contains(e.Text, "\n") {
			continue
		}
		with = quotedIn(sc.Node, with)
		if isNew {
			added = append(added, name+": ${{ "+e.Text+" }}")
		}
		edits = append(edits, fault.Edit{Span: text.Span(e.From, e.To), Text: with})
	}
	env, ok := c.addEnv(sc.Step, added)
	if !ok || len(edits) == 0 {
		return nil
	}
	edits = append(edits, env...)
	slices.SortFunc(edits, func(a, b fault.Edit) int { return a.Span.Start - b.Span.Start })
	return &fault.Fix{Title: fmt.Sprintf("Hand the values to step %q as environment variables", sc.Step.Label()), Edits: edits}
}

// quotedIn is a text as it stands in a scalar of that style.
func quotedIn(n *yaml.Node, text string) string {
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
	case n.Style&yaml.SingleQuotedStyle != 0:
		return strings.ReplaceAll(text, "'", "''")
	}
	return text
}

// addEnv is the edit that gives a step more variables. It refuses steps that are written in one line.
func (c *context) addEnv(s *Step, lines []string) ([]fault.Edit, bool) {
	if len(lines) == 0 {
		return nil, true
	}
	key, env := document.Entry(s.Node, "env")
	if s.Node.Style&yaml.FlowStyle != 0 || env != nil && !owns(s.Node, "env") {
		return nil, false
	}
	if env == nil {
		for _, name := range []string{"run", "with", "uses"} {
			if key, _ = document.Entry(s.Node, name); key != nil {
				break
			}
		}
		return c.newEnv(key, lines)
	}
	if !document.IsMap(env) || env.Style&yaml.FlowStyle != 0 || len(env.Content) == 0 || env.Line == key.Line {
		return nil, false
	}
	at := c.file.Start(env.Content[0])
	indent := strings.Repeat(" ", env.Content[0].Column-1)
	return []fault.Edit{{Span: fault.Span{Start: at, End: at}, Text: strings.Join(lines, "\n"+indent) + "\n" + indent}}, true
}

// newEnv puts an env above a key.
func (c *context) newEnv(key *yaml.Node, lines []string) ([]fault.Edit, bool) {
	if key == nil {
		return nil, false
	}
	at := c.file.Start(key)
	indent := strings.Repeat(" ", key.Column-1)
	text := "env:\n" + indent + "  " + strings.Join(lines, "\n"+indent+"  ") + "\n" + indent
	return []fault.Edit{{Span: fault.Span{Start: at, End: at}, Text: text}}, true
}

// handedOut are variables for expressions: the same one for the same expression.
type handedOut struct {
	taken map[string]bool
	given map[string]string
}

func (c *context) takenNames(s *Step) *handedOut {
	n := &handedOut{taken: map[string]bool{}, given: map[string]string{}}
	for _, env := range c.environments(s) {
		for k := range document.Pairs(env) {
			n.taken[strings.ToUpper(k.Value)] = true
		}
	}
	for k, v := range document.Pairs(s.Env) {
		if e := c.whole(v); e != nil {
			n.given[e.Text] = k.Value
		}
	}
	return n
}

// keep leaves alone the names that a script has for its own: one that it mentions is not made anew, and one that it may set
// does not hold what the environment gave it.
func (n *handedOut) keep(sc *Script) {
	own := map[string]bool{}
	for _, m := range identifier().FindAllStringIndex(sc.Shell.Text, -1) {
		name, before := sc.Shell.Text[m[0]:m[1]], sc.Shell.Text[:m[0]]
		n.taken[strings.ToUpper(name)] = true
		if !strings.HasSuffix(before, "$") && !strings.HasSuffix(before, "${") && !strings.HasSuffix(strings.ToLower(before), "$env:") {
			own[name] = true
		}
	}
	maps.DeleteFunc(n.given, func(_, name string) bool { return own[name] })
}

// of is the variable of an expression, and whether it has to be added.
func (n *handedOut) of(text string) (name string, isNew bool) {
	if name, ok := n.given[text]; ok {
		return name, false
	}
	base := variableName(text)
	if name = base; n.taken[name] {
		name = longName(text, base)
	}
	for i := 2; n.taken[name]; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	n.taken[name], n.given[text] = true, name
	return name, true
}

// longName is a longer name than the one that is taken: all names of the expression.
func longName(text, base string) string {
	name := strings.Trim(strings.ReplaceAll(strings.Join(nameParts(text), "_"), "-", "_"), "_")
	name = strings.TrimPrefix(name, "GITHUB_")
	if len(name) > 40 || name == "" || name[0] >= '0' && name[0] <= '9' || strings.HasPrefix(name, "RUNNER_") {
		return base
	}
	return name
}

func nameParts(text string) []string {
	return strings.FieldsFunc(strings.ToUpper(text), func(r rune) bool {
		return (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
	})
}

// variableName makes a variable's name of an expression: the last two names of github.event.issue.title are ISSUE_TITLE.
func variableName(text string) string {
	parts := nameParts(text)
	switch {
	case len(parts) > 2 && (parts[0] == "STEPS" || parts[0] == "NEEDS"):
		parts = []string{parts[1], parts[len(parts)-1]}
	case len(parts) > 3:
		parts = parts[len(parts)-2:]
	case len(parts) > 1 && (parts[0] == "GITHUB" || parts[0] == "INPUTS" || parts[0] == "ENV" || parts[0] == "SECRETS" || parts[0] == "VARS"):
		parts = parts[1:]
	}
	name := strings.Trim(strings.ReplaceAll(strings.Join(parts, "_"), "-", "_"), "_")
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "VALUE_" + name
	}
	for _, reserved := range []string{"GITHUB_", "RUNNER_", "PATH", "HOME", "SHELL", "USER", "CI", "NODE_OPTIONS", "BASH_ENV"} {
		if name == reserved || strings.HasSuffix(reserved, "_") && strings.HasPrefix(name, reserved) {
			return "VALUE_" + name
		}
	}
	return name
}
