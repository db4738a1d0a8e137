// Package text owns the report "text", for a person at the end of a day: what was looked at and what was not, then what
// stops the change with the place in its code, what warns, what is only noted, what is held back and until when, and as
// the last lines the verdict and the next step to type.
//
// It promises that its bytes hold no control character but the line break and, with Options.Color, its own colours; that
// no line is a command to a CI system; and that a gap in coverage stands on the first screen and beside the verdict.
package text
