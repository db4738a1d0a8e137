// Package azure owns the report "azure": logging commands that Azure Pipelines shows beside a run, an error for what stops
// and a warning for what warns. There is no command for a notice, so the outcome is a line of the log.
//
// It promises that every other line is a command that this package made, in which the target's text is escaped as the
// agent unescapes it, so that nothing of a target is obeyed.
package azure
