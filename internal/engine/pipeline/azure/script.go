package azure

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
)

// A text is a script with the places where Azure pastes something into it.
type text struct {
	scalar *document.Scalar
	holes  []shell.Range
	refs   [][]ref  // of each hole
	names  []string // of the variable that each hole is, as written; empty for expressions
}

// pastes are the places of a script that are pasted before it runs: ${{ … }}, and $(name) where name is a variable.
func (r *reader) pastes(n *yaml.Node) *text {
	t := &text{scalar: r.doc.Scalar(n)}
	value := n.Value
	if len(value) > shell.MaxSize {
		return t
	}
	taken := templateExpr().FindAllStringIndex(value, 2000)
	for _, m := range taken {
		t.keep(m[0], m[1], exprRefs(value[m[0]:m[1]]), "")
	}
	for _, m := range macroRef().FindAllStringSubmatchIndex(value, 2000) {
		name := value[m[2]:m[3]]
		inside := slices.ContainsFunc(taken, func(o []int) bool { return o[0] <= m[0] && m[0] < o[1] })
		if !inside && r.isMacro(name, value) {
			t.keep(m[0], m[1], []ref{macroOf(name)}, name)
		}
	}
	t.sort()
	return t
}

func (t *text) keep(start, end int, refs []ref, name string) {
	t.holes = append(t.holes, shell.Range{Start: start, End: end})
	t.refs = append(t.refs, refs)
	t.names = append(t.names, name)
}

// sort brings the holes into order, with what belongs to them.
func (t *text) sort() {
	order := make([]int, len(t.holes))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return t.holes[a].Start - t.holes[b].Start })
	old := *t
	t.holes, t.refs, t.names = nil, nil, nil
	for _, i := range order {
		t.keep(old.holes[i].Start, old.holes[i].End, old.refs[i], old.names[i])
	}
}

// bareCommands are those that people call without arguments in $(…).
var bareCommands = []string{"pwd", "nproc", "date", "hostname", "whoami", "uname", "id", "ls", "arch", "tty", "env", "uuidgen", "mktemp", "ps", "groups",
	"logname", "df", "free", "uptime", "set", "locale", "ifconfig", "printenv", "dir", "cat", "lsb_release", "sw_vers", "brew", "tput", "gpgconf", "foreach"}

// isMacro tells a variable from a command of the shell: $(Build.Reason) from $(pwd), $(Get-Date) and $(a_function).
func (r *reader) isMacro(name, script string) bool {
	lower := strings.ToLower(name)
	if r.declared[lower] || isSecret(name) {
		return true
	}
	if first, _, dotted := strings.Cut(lower, "."); dotted && slices.Contains(systemScopes, first) {
		return true
	}
	if strings.Contains(name, "-") || slices.Contains(bareCommands, lower) {
		return false
	}
	return !strings.Contains(script, name+"()") && !strings.Contains(script, name+" ()") && !strings.Contains(script, "function "+name)
}

// masked is the script with letters in the place of what is pasted.
func (t *text) masked() string {
	b := []byte(t.scalar.Value)
	for _, h := range t.holes {
		for i := h.Start; i < h.End; i++ {
			b[i] = '_'
		}
	}
	return string(b)
}

func (t *text) span(r shell.Range) fault.Span {
	end := min(r.End, len(t.scalar.Value))
	return t.scalar.Span(min(r.Start, end), end)
}

// script reads a script, tells what is wrong in it and leaves what Join needs.
func (r *reader) script(n *yaml.Node, d shell.Dialect, c context, env []variable) {
	n = document.Follow(n)
	if document.Text(n) == "" {
		return
	}
	t := r.pastes(n)
	s, err := shell.Parse(shell.Input{Text: t.masked(), Dialect: d, Holes: t.holes, Lenient: true})
	if err != nil {
		r.facts.Uncheckedf("line %d: a script is not read as a whole: %v", r.doc.Line(r.doc.Start(n)), err)
	}
	got := script{Job: c.job, Env: env}
	r.holes(n, t, s, &got)
	r.sinks(t, s, &got)
	r.sets(t, s, &got)
	r.remarks(t, s, c)
	if len(got.Holes)+len(got.Sinks)+len(got.Sets) > 0 {
		r.facts.Scripts = append(r.facts.Scripts, got)
	}
}

// maxHoles bounds what the summary tells of one script.
const maxHoles = 200

// holes notes what is pasted, with the safe form where a variable of the environment has the same value.
func (r *reader) holes(n *yaml.Node, t *text, s *shell.Script, got *script) {
	for _, c := range s.Contexts() {
		if c.Spot == shell.InComment || len(got.Holes) > maxHoles {
			continue
		}
		span := t.span(c.Range)
		safe := ""
		if t.names[c.Hole] != "" && t.scalar.Verbatim(c.Range.Start, c.Range.End) {
			if text, ok := s.Replacement(c.Hole, envName(t.names[c.Hole])); ok {
				safe = encode(n, c.Range.Start, text)
			}
		}
		for _, ref := range t.refs[c.Hole] {
			got.Holes = append(got.Holes, hole{Ref: ref, Span: span, Safe: safe})
		}
	}
}

// encode writes a text so that it may stand in a scalar at a place; "" where it cannot.
func encode(n *yaml.Node, at int, text string) string {
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
	case n.Style&yaml.SingleQuotedStyle != 0:
		return strings.ReplaceAll(text, "'", "''")
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 && at == 0:
		return "" // a quote at its beginning would make it another scalar
	}
	return text
}

// given are the variables of the environment that a script uses. Names have no case on Windows, so they are in upper case.
func given(s *shell.Script) []string {
	var out []string
	for _, name := range s.Variables() {
		if !strings.HasPrefix(name, "$") {
			out = append(out, strings.ToUpper(name))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// sinks finds where the text of each variable of the environment could be run, or be taken for a command to the agent.
func (r *reader) sinks(t *text, s *shell.Script, got *script) {
	for i := range s.Commands {
		r.printed(t, s, i, got)
	}
	names := given(s)
	isGiven := func(n string) bool { return slices.Contains(names, strings.ToUpper(n)) }
	if !slices.ContainsFunc(s.Flow(isGiven), func(f shell.Sink) bool { return runs(s, &f) }) {
		return
	}
	for _, name := range names {
		for _, f := range s.Flow(func(n string) bool { return strings.EqualFold(n, name) }) {
			if runs(s, &f) && len(got.Sinks) < maxHoles {
				got.Sinks = append(got.Sinks, sink{Var: name, Kind: f.Kind.String(), What: s.Commands[f.Command].Name, Span: t.span(f.Range)})
			}
		}
	}
}

// runs says that a text that arrives somewhere is run there.
func runs(s *shell.Script, f *shell.Sink) bool {
	switch f.Kind {
	case shell.Program, shell.Arithmetics, shell.Eval:
		return true
	case shell.CommandName:
		return s.Dialect != shell.PowerShell || called(s, f.Range.Start)
	}
	return false
}

// called says that what stands at a place of PowerShell is run: a variable is, behind & or a dot alone, and is a value
// otherwise.
func called(s *shell.Script, at int) bool {
	before := strings.TrimRight(s.Text[:at], " \t\"'")
	return strings.HasSuffix(before, "&") && !strings.HasSuffix(before, "&&") || before == "." || strings.HasSuffix(before, "\n.") || strings.HasSuffix(before, " .")
}

// printed notes variables that are written into the log as they are. The agent looks for commands anywhere in a line.
func (r *reader) printed(t *text, s *shell.Script, i int, got *script) {
	c := &s.Commands[i]
	if c.Out != 0 || c.Stdout != nil || c.Name != "echo" && c.Name != "printf" && c.Name != "Write-Host" && c.Name != "Write-Output" {
		return
	}
	for _, a := range c.Args {
		for _, p := range a.Parts {
			if p.Kind == shell.Variable && !p.Clean && !strings.HasPrefix(p.Name, "$") && len(got.Sinks) < maxHoles {
				got.Sinks = append(got.Sinks, sink{Var: strings.ToUpper(p.Name), Kind: "log", What: c.Name, Span: t.span(p.Range), Log: true})
			}
		}
	}
}

// sets notes the variables that a script sets for later steps.
func (r *reader) sets(t *text, s *shell.Script, got *script) {
	names := given(s)
	writes := s.Writes()
	for i := range writes {
		w := &writes[i]
		if w.Workflow != "task.setvariable" || len(got.Sets) >= maxHoles {
			continue
		}
		out := set{Span: t.span(w.Range)}
		for _, i := range s.Origins(w.Parts).Holes {
			out.Refs = append(out.Refs, t.refs[i]...)
		}
		for _, name := range names {
			if _, ok := s.Follow(func(n string) bool { return strings.EqualFold(n, name) }).Via(w.Parts); ok {
				out.Vars = append(out.Vars, name)
			}
		}
		for _, key := range w.Keys {
			out.Name = strings.ToLower(key)
			got.Sets = append(got.Sets, out)
		}
	}
}
