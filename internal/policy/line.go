package policy

import (
	"fmt"

	"github.com/assaysec/assay/internal/diagnostic"
)

// A Line is one line of a policy: an expression, and where it was written.
type Line struct {
	Key  string // "gate.pull-request.deny"
	Expr string
	At   diagnostic.Position // of the expression's first character; without a file for the default policy

	// Starts are the positions at which the expression's lines begin, where it has several. It may be shorter than the
	// expression: then a place in a later line is told as At.
	Starts []diagnostic.Position
}

// Place gives the position in the file of a line (from 1) and a column (from 0) of the expression.
func (l *Line) Place(line, column int) diagnostic.Position {
	p := l.At
	switch {
	case line > 1 && line <= len(l.Starts):
		p = l.Starts[line-1]
	case line > 1:
		return p
	}
	p.Column += column
	return p
}

// By names the line in a ruling.
func (l *Line) By() string {
	if l.At.File == "" {
		return l.Key
	}
	return fmt.Sprintf("%s (%s:%d)", l.Key, l.At.File, l.At.Line)
}

// A Text is what one file says about one stage. A nil list was not given, and has the default; an empty one was given
// and says nothing.
type Text struct {
	Deny    []Line
	Warn    []Line
	Require []Line   // asked once for the run
	Engines []string // that must be done
}

// A Scope is the text for a stage and the folder that it speaks about; "" is the root.
type Scope struct {
	Folder string
	Text   Text
}

// DefaultDeny and DefaultWarn are the default policy. It is quiet: it denies what the change brought in, what is at
// least a high risk, and what is surely a fault; it warns of new medium risks; the rest is kept.
const (
	DefaultDeny = "new && risk >= high && confidence >= high"
	DefaultWarn = "new && risk >= medium"
)

func defaultLines(stage, key, expr string) []Line {
	return []Line{{Key: fmt.Sprintf("default policy, %s, %s", stage, key), Expr: expr}}
}
