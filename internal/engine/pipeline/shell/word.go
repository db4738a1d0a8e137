package shell

import (
	"slices"
	"strings"
)

// A Quote is what stands around a part of a word, and so how the shell reads it.
type Quote uint8

// Bare text is split and globbed. In RawHeredoc and Single nothing is expanded.
const (
	Bare Quote = iota
	Single
	Double
	Heredoc
	RawHeredoc
	Arithmetic
)

var quoteNames = [...]string{"unquoted", "single-quoted", "double-quoted", "heredoc", "quoted heredoc", "arithmetic"}

func (q Quote) String() string { return quoteNames[min(int(q), len(quoteNames)-1)] }

// A PartKind is what a part of a word is made of.
type PartKind uint8

// Capture is $(…), Process is <(…) or >(…). Number is an arithmetic expansion.
const (
	Literal PartKind = iota
	Variable
	Hole
	Capture
	Process
	Number
)

// A Part is a piece of a word.
type Part struct {
	Kind  PartKind
	Quote Quote
	Range Range
	Text  string // of a Literal, without quotes and escapes
	Name  string // of a Variable
	Hole  int    // index into the script's holes

	// Stream is what a Capture or Process reads: the standard output of the commands whose Out it is.
	Stream int

	// Clean says that the variable's own text does not come through: its length, or a fixed text where it is set.
	Clean bool
	// OneLine says that the expansion takes line breaks out.
	OneLine bool
	// Indirect says that the value is evaluated again: ${!x} and ${x@P}.
	Indirect bool
}

// A Word is what becomes one argument, or several where it is split.
type Word struct {
	Range Range
	Parts []Part
	Text  string // with $NAME for variables, $() for captures and a replacement character for holes
}

// Static is the word's text where no part of it is known only at run time.
func (w Word) Static() (string, bool) {
	for _, p := range w.Parts {
		if p.Kind != Literal {
			return "", false
		}
	}
	return w.Text, true
}

// Quoted says that the word begins with a quote or an escape, so that it is no operator or option by accident.
func (w Word) quoted() bool { return len(w.Parts) > 0 && w.Parts[0].Quote != Bare }

// Variables are the names of the variables whose text comes through.
func (w Word) Variables() []string {
	var names []string
	for _, p := range w.Parts {
		if p.Kind == Variable && !p.Clean {
			names = append(names, p.Name)
		}
	}
	return names
}

// Variables are the names of all variables whose text comes into the script's commands, sorted.
func (s *Script) Variables() []string {
	var names []string
	for i := range s.Commands {
		c := &s.Commands[i]
		words := append([]Word{c.NameWord}, c.Args...)
		for _, a := range c.Assigns {
			words = append(words, a.Value)
		}
		for _, red := range c.Redirects {
			words = append(words, red.Target, red.Body)
		}
		for _, w := range words {
			names = append(names, w.Variables()...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// lone is the name of the only variable that the word consists of.
func (w Word) lone() (string, bool) {
	name := ""
	for _, p := range w.Parts {
		switch {
		case p.Kind == Variable && name == "" && !p.Clean && !p.Indirect:
			name = p.Name
		case p.Kind == Literal && p.Text == "":
		default:
			return "", false
		}
	}
	return name, name != ""
}

const holeMark = "\uFFFC"

// render fills in Text.
func (w *Word) render() {
	if len(w.Parts) == 1 && w.Parts[0].Kind == Literal {
		w.Text = w.Parts[0].Text
		return
	}
	var b strings.Builder
	for _, p := range w.Parts {
		switch p.Kind {
		case Literal:
			b.WriteString(p.Text)
		case Variable:
			b.WriteString("$" + p.Name)
		case Hole:
			b.WriteString(holeMark)
		default:
			b.WriteString("$()")
		}
	}
	w.Text = b.String()
}
