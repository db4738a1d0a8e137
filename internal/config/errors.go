package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/policy"
)

// An Error is one thing that is wrong in a file.
type Error struct {
	At      policy.Position
	Problem string
	Hint    string // what to write instead
}

func (e *Error) Error() string { return e.At.String() + ": " + e.Problem }

// Errors is all that is wrong in a file, in the order of its lines, up to a limit.
type Errors []*Error

const maxErrors = 20

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

func (list Errors) settle() error {
	if len(list) == 0 {
		return nil
	}
	slices.SortStableFunc(list, func(a, b *Error) int {
		if a.At.Line != b.At.Line {
			return a.At.Line - b.At.Line
		}
		return a.At.Column - b.At.Column
	})
	if len(list) > maxErrors {
		list = list[:maxErrors]
	}
	return list
}

// unknownWord says that a word is not one of the known ones, and which one it may stand for.
func unknownWord(what, word string, known []string) (problem, hint string) {
	problem = fmt.Sprintf("unknown %s %q", what, word)
	if near := policy.Nearest(word, known); near != "" {
		problem += fmt.Sprintf(", did you mean %q?", near)
	}
	return problem, "known are " + strings.Join(known, ", ")
}
