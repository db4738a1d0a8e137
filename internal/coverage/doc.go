// Package coverage holds the record of what a run looked at: what was done, what was left out by choice, and what could
// not be checked. It travels with the findings into every report and every verdict, so that "could not check" never
// looks like "clean". Pass and fail belong to the verdict.
package coverage
