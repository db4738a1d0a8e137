// Package github owns what a run says on GitHub: the report "github", workflow commands that the runner shows beside the
// lines of a change, and "github-summary", the page of a job.
//
// It promises that every line that the report prints is a command that this package made, in which the target's text is
// escaped as the runner unescapes it, so that nothing of a target is obeyed; and that the summary is short enough to be
// taken.
package github
