package register

import (
	"fmt"
	"slices"
	"strings"
)

// A Position is a place in a file. Lines and columns start at 1.
type Position struct {
	File         string
	Line, Column int
}

func (p Position) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }

// An Error is one thing that is wrong in the file.
type Error struct {
	At      Position
	Problem string
	Hint    string // what to write instead
}

func (e *Error) Error() string { return e.At.String() + ": " + e.Problem }

// Errors is all that is wrong in the file, in the order of its lines, up to a limit.
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
	return list[:min(len(list), maxErrors)]
}

// unknownWord says that a word is not one of the known ones, and which one it may stand for.
func unknownWord(what, word string, known []string) (problem, hint string) {
	problem = fmt.Sprintf("unknown %s %q", what, word)
	if near := nearest(word, known); near != "" {
		problem += fmt.Sprintf(", did you mean %q?", near)
	}
	return problem, "known are " + strings.Join(known, ", ")
}

// nearest gives the known word that needs the fewest changes of letters, where they are few.
func nearest(word string, known []string) string {
	best, limit := "", min(len(word)/2, 3)+1
	for _, k := range known {
		if len(word) <= 64 {
			if d := distance(word, k); d < limit {
				best, limit = k, d
			}
		}
	}
	return best
}

func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := before
			if a[i] != b[j] {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}
