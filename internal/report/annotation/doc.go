// Package annotation owns which few things a run says beside the lines of a change: what CI systems show as annotations is
// limited to ten errors and ten warnings a step, so what counts comes first and the rest is counted.
//
// It promises that a gap in coverage, what the policy says of the run as a whole, and exceptions that permit nothing any
// more take a place of their own before any finding, that a path is given only where the line
// stands in the tree under judgement, and that no text of it holds a line break, a hidden character or a command to a CI
// system. How an annotation is written is left to the formats github and azure.
package annotation
