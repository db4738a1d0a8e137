package shell

import (
	"slices"
	"strings"
)

// A Spot is what stands around a hole.
type Spot uint8

// Elsewhere is code outside of words, such as a function's name, and all text of a dialect that is not read.
const (
	Elsewhere Spot = iota
	InName
	InArgument
	InAssignment
	InRedirect
	InHeredoc
	InComment
	InTest
)

var spotNames = [...]string{"code", "command name", "argument", "assignment", "redirection", "heredoc", "comment", "test"}

func (s Spot) String() string { return spotNames[min(int(s), len(spotNames)-1)] }

// A Context tells where a hole stands. In each of them a value can become code, for it is pasted before the shell reads
// the text: a quote in the value ends the quotes around it, a line break ends a comment or a here-document.
type Context struct {
	Hole    int
	Range   Range
	Spot    Spot
	Quote   Quote
	Command int    // index; -1 outside of commands
	Name    string // of the command, where it is known
	Arg     int    // of the argument, from 0; -1 elsewhere
	Assigns string // the variable, in an assignment
	Target  string // the file that the command's output goes to, as written
	role    UseKind
	kind    CommandKind
	Nested  bool // in a script in a string: a replacement would be expanded by the inner shell
}

// Contexts are the surroundings of the holes, one for each, in order.
func (s *Script) Contexts() []Context { return slices.Clone(s.contexts) }

func (s *Script) findContexts() {
	if len(s.Holes) == 0 {
		return
	}
	out := make([]Context, len(s.Holes))
	for i, h := range s.Holes {
		out[i] = Context{Hole: i, Range: h, Command: -1, Arg: -1}
	}
	for n := range s.Commands {
		s.holesOf(n, out)
	}
	comment, seen := s.comment(0), 0
	for i, h := range s.Holes {
		if start := strings.LastIndexByte(s.Text[seen:h.Start], '\n'); start >= 0 {
			comment = s.comment(seen + start + 1)
		}
		seen = h.Start
		if out[i].Command < 0 && comment >= 0 && comment < h.Start {
			out[i].Spot = InComment
		}
	}
	s.contexts = out
}

func (s *Script) holesOf(n int, out []Context) {
	c := &s.Commands[n]
	var roles map[int]UseKind
	note := func(w Word, spot Spot, arg int, assigns string) {
		for _, p := range w.Parts {
			if p.Kind != Hole || p.Hole >= len(out) {
				continue
			}
			at := &out[p.Hole]
			if at.Command >= 0 && (c.Nested > 0 || s.Commands[at.Command].Nested == 0) {
				at.Nested = at.Nested || c.Nested > 0
				continue // the outermost reading is what a replacement must fit in
			}
			if roles == nil {
				roles = s.roles(c)
			}
			at.role, at.kind = roles[arg], c.Kind
			at.Spot, at.Quote, at.Command, at.Name, at.Arg, at.Assigns = spot, p.Quote, n, c.Name, arg, assigns
			if c.Stdout != nil {
				at.Target = c.Stdout.Target.Text
			}
		}
	}
	spot := InArgument
	if c.Kind == Test || c.Kind == Case || c.Kind == Calculation {
		spot = InTest
	}
	note(c.NameWord, InName, -1, "")
	for i, w := range c.Args {
		note(w, spot, i, "")
	}
	for _, a := range c.Assigns {
		note(a.Value, InAssignment, -1, a.Name)
	}
	for _, r := range c.Redirects {
		if !strings.HasPrefix(r.Op, "<<") || r.Op == "<<<" { // a delimiter is never expanded
			note(r.Target, InRedirect, -1, "")
		}
		note(r.Body, InHeredoc, -1, "")
	}
}

// comment is where a comment begins in the line that starts there; -1 where there is none. It is asked only for holes
// that are part of no word, so that a # in a string is none.
func (s *Script) comment(start int) int {
	line, _, _ := strings.Cut(s.Text[start:], "\n")
	switch s.Dialect {
	case Cmd:
		lower := strings.TrimLeft(strings.ToLower(line[:min(len(line), 64)]), " \t@")
		if strings.HasPrefix(lower, "rem ") || strings.HasPrefix(lower, "::") {
			return start
		}
		return -1
	case JavaScript, Other:
		return -1
	}
	for i := range len(line) {
		if line[i] == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t' || line[i-1] == ';') {
			return start + i
		}
	}
	return -1
}

// Replacement is what can stand in a hole's place once a variable of the environment holds the value, so that the shell
// takes it for data. It refuses where no text can do that: in comments and here-documents that expand nothing, in code,
// in the name of a command, in arithmetic, and in cmd, which pastes variables as the platform pastes holes.
func (s *Script) Replacement(hole int, name string) (string, bool) {
	if hole < 0 || hole >= len(s.contexts) || !validName(name) {
		return "", false
	}
	c := s.contexts[hole]
	if c.Nested || c.Command < 0 || c.Spot == InComment || c.Spot == InName || c.Spot == Elsewhere {
		return "", false
	}
	if c.role != Safe && c.role != Format {
		return "", false // the value would still be code, for another reader
	}
	if before := c.Range.Start - 1; before >= 0 && c.Quote != Single && strings.IndexByte("\\$`", s.Text[before]) >= 0 {
		return "", false // it would escape, or belong to, what comes in
	}
	switch s.Dialect {
	case Bash, POSIX:
		return bashReplacement(s.Text, c, name)
	case PowerShell:
		return powershellReplacement(s.Text, c, name)
	}
	return "", false
}

func bashReplacement(text string, c Context, name string) (string, bool) {
	plain := "$" + name
	if c.Range.End < len(text) && (word(text[c.Range.End]) || text[c.Range.End] == '_' || text[c.Range.End] == '[') {
		plain = "${" + name + "}"
	}
	switch c.Quote {
	case Bare:
		if c.kind == For || c.Spot == InTest && c.Arg > 0 {
			return plain, true // a list that is meant to be split, and patterns, which quotes would make fixed texts
		}
		if c.Spot == InAssignment || c.Spot == InArgument || c.Spot == InRedirect || c.Spot == InTest {
			return `"$` + name + `"`, true
		}
	case Double, Heredoc:
		return plain, true
	case Single:
		if open := strings.LastIndexByte(text[:c.Range.Start], '\''); open > 0 && text[open-1] == '$' {
			return "", false // $'…' cannot be left and entered again without its dollar
		}
		return `'"$` + name + `"'`, true
	}
	return "", false
}

func powershellReplacement(text string, c Context, name string) (string, bool) {
	switch c.Quote {
	case Bare:
		alone := func(at int) bool {
			return at < 0 || at >= len(text) || strings.IndexByte(" \t\r\n();,|=}", text[at]) >= 0
		}
		if alone(c.Range.Start-1) && alone(c.Range.End) {
			return "$env:" + name, true
		}
	case Double, Heredoc:
		return "${env:" + name + "}", true
	case Single:
		// 'a' + $env:X + 'b' is an expression, and an argument is none. Only a whole string can give way, and its quotes
		// are not part of the hole.
	}
	return "", false
}
