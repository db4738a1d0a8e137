package policy

import "slices"

// The stages at which a gate stands.
const (
	PreCommit   = "pre-commit"
	PullRequest = "pull-request"
	Build       = "build"
	Deploy      = "deploy"
	Scheduled   = "scheduled" // a run that no change asked for
)

// Stages is every stage, in the order a change meets them.
var Stages = []string{PreCommit, PullRequest, Build, Deploy, Scheduled}

// IsStage reports whether name is one of Stages.
func IsStage(name string) bool { return slices.Contains(Stages, name) }

// NeedsBase reports whether a verdict at the stage makes no sense without knowing what is new: the caller refuses to
// run such a stage that has neither a base nor a baseline.
func NeedsBase(stage string) bool { return stage == PullRequest }
