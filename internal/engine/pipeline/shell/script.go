package shell

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

// MaxSize is the size of the largest script that is read.
const MaxSize = 256 << 10

// What keeps a script from being read as a whole.
var (
	ErrTooLarge = errors.New("script too large")
	ErrTooDeep  = errors.New("script nested too deeply")
)

// A Range is a part of the script's text, in bytes.
type Range = fault.Span

// Input is a script as its platform hands it over.
type Input struct {
	Text    string
	Dialect Dialect

	// Holes are the places where the platform pastes a value into the text before the shell sees it, in order. Text
	// holds a placeholder of the same length there, made of letters, digits and underscores.
	Holes []Range

	// Lenient says that the shell goes on after a command that fails: it runs without -e.
	Lenient bool
	// PipeFail says that the shell runs with pipefail, so that a pipe fails with any of its commands.
	PipeFail bool
}

// A Script is what Parse read. It is not changed afterwards and may be shared.
type Script struct {
	Text     string
	Dialect  Dialect
	Holes    []Range
	Commands []Command // in the order of execution, those of substitutions before the command that holds them

	functions map[string]bool
	guards    []guard            // as they are found
	proven    map[string][]Range // where a variable is known to be safe: sorted, apart
	constants map[string]Word    // variables that are set once, and to what
	lines     map[string]int     // variables that only read sets, a line at a time, and from where on
	writers   map[int][]int      // by stream: the commands that write to it
	readers   map[int][]int
	tempfiles map[string][]int // by variable: the commands that write to the file that mktemp made
	uses      []Use
	contexts  []Context
	sources   func() sources  // of variables, made when Origins is asked first
	fed       map[int]UseKind // by stream: what its readers make of it
}

// Parse reads a script. The script is never nil: beside an error it holds what was read before it.
func Parse(in Input) (*Script, error) {
	s := &Script{Text: in.Text, Dialect: in.Dialect, Holes: sound(in)}
	if len(in.Text) > MaxSize {
		s.settle()
		return s, fmt.Errorf("%w: %d bytes, the limit is %d", ErrTooLarge, len(in.Text), MaxSize)
	}
	b := &builder{script: s, lenient: in.Lenient, pipefail: in.PipeFail}
	var err error
	switch in.Dialect {
	case Bash, POSIX:
		err = b.bash()
	case PowerShell:
		err = b.powershell()
	case Cmd:
		err = b.cmd()
	}
	s.settle()
	return s, err
}

// sound keeps the holes that lie in the text and do not overlap, in order.
func sound(in Input) []Range {
	holes := slices.Clone(in.Holes)
	slices.SortFunc(holes, func(a, b Range) int { return a.Start - b.Start })
	kept, end := holes[:0], 0
	for _, h := range holes {
		if h.Start >= end && h.End > h.Start && h.End <= len(in.Text) {
			kept, end = append(kept, h), h.End
		}
	}
	return kept
}

// settle derives what is asked for again and again, once all commands are known.
func (s *Script) settle() {
	s.writers, s.readers = map[int][]int{}, map[int][]int{}
	set := map[string]int{}
	s.constants, s.lines = map[string]Word{}, map[string]int{}
	for i := range s.Commands {
		c := &s.Commands[i]
		if c.Out != 0 && c.Stdout == nil {
			s.writers[c.Out] = append(s.writers[c.Out], i)
		}
		if c.In != 0 {
			s.readers[c.In] = append(s.readers[c.In], i)
		}
		for _, a := range c.Assigns {
			delete(s.lines, a.Name)
			if set[a.Name]++; set[a.Name] == 1 && !a.Append && c.Kind != For {
				s.constants[a.Name] = a.Value
			} else {
				delete(s.constants, a.Name)
			}
		}
		for _, name := range s.readNames(c) {
			if set[name]++; set[name] == 1 && readsLine(c) {
				s.lines[name] = c.Range.Start
			} else if !readsLine(c) {
				delete(s.lines, name)
			}
			delete(s.constants, name)
		}
	}
	s.findTempfiles()
	s.trimGuards()
	s.findUses()
	s.findContexts()
	s.sources = sync.OnceValue(s.findSources)
}

// constant is a word's text, following variables that the script sets exactly once.
func (s *Script) constant(w Word) (string, bool) {
	var text strings.Builder
	for range 4 {
		if static, ok := w.Static(); ok {
			return static, true
		}
		if len(w.Parts) != 1 || w.Parts[0].Kind != Variable {
			break
		}
		next, ok := s.constants[w.Parts[0].Name]
		if !ok {
			return "", false
		}
		w = next
	}
	for _, p := range w.Parts {
		switch {
		case p.Kind == Literal:
			text.WriteString(p.Text)
		case p.Kind == Variable:
			static, ok := s.constants[p.Name].Static()
			if !ok || len(s.constants[p.Name].Parts) == 0 {
				return "", false
			}
			text.WriteString(static)
		default:
			return "", false
		}
	}
	return text.String(), true
}

func contains(outer Range, at int) bool { return outer.Start <= at && at < outer.End }
