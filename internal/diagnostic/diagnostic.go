// Package diagnostic says what is wrong in a file that people write for us: where, what, and what to write instead. The
// readers of such files make an Error of each fault, and the one who reads them gets all at once.
package diagnostic

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/nearest"
)

// A Position is a place in a file. Lines and columns start at 1.
type Position struct {
	File         string
	Line, Column int
}

func (p Position) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }

// An Error is one thing that is wrong in a file.
type Error struct {
	At      Position
	Problem string
	Hint    string // what to write instead
}

func (e *Error) Error() string { return e.At.String() + ": " + e.Problem }

// From tells the places in an error as they are called from somewhere else: up leads from there to where the files were
// read.
func From(up string, err error) error {
	var list Errors
	if up == "" || !errors.As(err, &list) {
		return err
	}
	out := make(Errors, len(list))
	for i, e := range list {
		moved := *e
		moved.At.File = up + e.At.File
		out[i] = &moved
	}
	return out
}

// Errors is all that is wrong in a file, in the order of its lines, up to a limit.
type Errors []*Error

// MaxErrors is how many faults of one file are told.
const MaxErrors = 20

func (list Errors) Error() string {
	lines := make([]string, len(list))
	for i, e := range list {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap makes each Error reachable for errors.As.
func (list Errors) Unwrap() []error {
	errs := make([]error, len(list))
	for i, e := range list {
		errs[i] = e
	}
	return errs
}

// Settle sorts the list and cuts it. It gives nil, and not an empty list, where nothing is wrong.
func (list Errors) Settle() error {
	if len(list) == 0 {
		return nil
	}
	slices.SortStableFunc(list, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Column, b.At.Column))
	})
	return list[:min(len(list), MaxErrors)]
}

// UnknownWord says that a word is not one of the known ones, and which one it may stand for.
func UnknownWord(what, word string, known []string) (problem, hint string) {
	return fmt.Sprintf("unknown %s %q%s", what, word, DidYouMean(word, known)), "known are " + strings.Join(known, ", ")
}

// DidYouMean ends a problem's sentence with the known word that was meant; it is empty where none is near.
func DidYouMean(word string, known []string) string {
	if near := nearest.Word(word, known); near != "" {
		return fmt.Sprintf(", did you mean %q?", near)
	}
	return ""
}
