package gitlab

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// A text is a script put together from the items of a list, as the runner does, that knows where each byte stands in the
// file.
type text struct {
	all    string
	pieces []piece
	holes  []shell.Range
	names  []string // of the input that each hole is filled with
}

type piece struct {
	at     int // in the text
	scalar *document.Scalar
}

// span is the place in the file of a part of the text.
func (t *text) span(r shell.Range) fault.Span {
	for i := len(t.pieces) - 1; i >= 0; i-- {
		p := t.pieces[i]
		if r.Start >= p.at {
			end := min(r.End-p.at, len(p.scalar.Value))
			return p.scalar.Span(min(r.Start-p.at, end), end)
		}
	}
	return fault.Span{}
}

// inputRef is what GitLab pastes before anything else reads the file.
var inputRef = lazyregexp.New(`\$\[\[\s*(?:inputs\.([\w-]+))?[^\]]*\]\]`)

// assemble joins the items of a script by line ends.
func (r *reader) assemble(items []*yaml.Node) *text {
	t := &text{}
	var b strings.Builder
	for _, item := range items {
		if !document.IsScalar(item) || b.Len()+len(item.Value) > shell.MaxSize {
			continue
		}
		s := r.doc.Scalar(item)
		t.pieces = append(t.pieces, piece{b.Len(), s})
		value := item.Value
		for _, m := range inputRef().FindAllStringSubmatchIndex(value, 1000) {
			t.holes = append(t.holes, shell.Range{Start: b.Len() + m[0], End: b.Len() + m[1]})
			name := ""
			if m[2] >= 0 {
				name = value[m[2]:m[3]]
			}
			t.names = append(t.names, name)
		}
		b.WriteString(inputRef().ReplaceAllStringFunc(value, func(m string) string { return strings.Repeat("_", len(m)) }))
		b.WriteByte('\n')
	}
	t.all = b.String()
	return t
}

// windows are signs of PowerShell, the runner's shell on Windows, which no key of the file names.
var windows = lazyregexp.New(`(?i)\$env:\w|\b(?:Write-(?:Host|Output|Error)|Get-(?:ChildItem|Content|Item)|Set-(?:Item|Location|ExecutionPolicy)|New-Item|Invoke-\w+|Remove-Item|Copy-Item)\b`)

// script reads one script of a job, tells what is wrong in it and leaves what Join needs.
func (r *reader) script(n *yaml.Node) script {
	n = document.Follow(n)
	if known, ok := r.scripts[n]; ok {
		return known
	}
	items, refs := plain(n)
	t := r.assemble(items)
	in := shell.Input{Text: t.all, Dialect: shell.Bash, Holes: t.holes, PipeFail: true}
	if windows().MatchString(t.all) && !strings.Contains(t.all, "pwsh") {
		in.Dialect = shell.PowerShell
	}
	s, err := shell.Parse(in)
	if err != nil {
		r.facts.Uncheckedf("a script of %q is not read as a whole: %v", r.job, err)
	}
	got := script{Refs: refs}
	r.sinks(t, s, &got)
	r.commands(t, s, &got)
	r.remarks(t, s)
	r.holes(t, s)
	r.scripts[n] = got
	return got
}

// sinks finds where the text of each variable that the script is given could be run.
func (r *reader) sinks(t *text, s *shell.Script, got *script) {
	names := s.Variables()
	r.carries(s, names, got)
	if len(s.Flow(func(name string) bool { return slices.Contains(names, name) })) == 0 {
		return
	}
	for _, name := range names {
		for _, f := range s.Flow(func(n string) bool { return n == name }) {
			r.sink(t, s, name, f, got)
		}
	}
	writes := s.Writes()
	for i := range writes {
		r.write(s, t, &writes[i], names, got)
	}
}

// carries notes which variables of the shell hold the text of which that the script was given.
func (r *reader) carries(s *shell.Script, names []string, got *script) {
	if len(s.Tainted(func(name string) bool { return slices.Contains(names, name) })) == 0 {
		return
	}
	for _, from := range names {
		for _, name := range slices.Sorted(maps.Keys(s.Tainted(func(n string) bool { return n == from }))) {
			if name != from && len(got.Carries) < maxSinks {
				got.Carries = append(got.Carries, carry{name, from})
			}
		}
	}
}

// maxSinks bounds what the summary tells of one script.
const maxSinks = 200

func (r *reader) sink(t *text, s *shell.Script, name string, f shell.Sink, got *script) {
	switch f.Kind {
	case shell.Split, shell.Option, shell.Program, shell.Arithmetics, shell.CommandName, shell.Eval:
	default:
		return
	}
	if len(got.Sinks) >= maxSinks {
		return
	}
	what := ""
	if f.Command >= 0 && f.Command < len(s.Commands) {
		what = s.Commands[f.Command].Name
	}
	got.Sinks = append(got.Sinks, sink{Var: name, Kind: f.Kind.String(), What: what, Span: t.span(f.Range),
		Low: f.Kind == shell.Split || f.Kind == shell.Option})
}

// write keeps what Join needs to follow values into dotenv reports.
func (r *reader) write(s *shell.Script, t *text, w *shell.Write, names []string, got *script) {
	if w.Workflow != "" || strings.Contains(w.Target, "$") || len(got.Dotenv) >= maxSinks {
		return
	}
	out := write{File: strings.TrimPrefix(w.Target, "./"), Keys: w.Keys, Span: t.span(w.Range), Open: w.Multiline}
	for _, name := range names {
		if _, ok := s.Follow(func(n string) bool { return n == name }).Via(w.Parts); ok {
			out.Vars = append(out.Vars, name)
		}
	}
	if len(out.Vars) > 0 {
		got.Dotenv = append(got.Dotenv, out)
	}
}

// holes tells of inputs that may hold any text and are pasted into a script, once for each.
func (r *reader) holes(t *text, s *shell.Script) {
	told := map[string]bool{}
	for _, c := range s.Contexts() {
		name := t.names[c.Hole]
		if c.Spot == shell.InComment || told[name] || !r.inputs[name].free {
			continue
		}
		told[name] = true
		span := t.span(c.Range)
		r.add(fault.Fault{Rule: "gitlab-input-injection", Span: span, Key: name,
			Message: fmt.Sprintf("The input %q is pasted into the script before the shell reads it, and may hold any text", name)})
	}
}
