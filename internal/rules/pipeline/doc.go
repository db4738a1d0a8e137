// Package pipeline holds the rules for pipelines, as data: one file a platform. Of each rule testdata holds a pipeline
// that has the fault and the nearest one that has not; the platforms' tests run both, and the documentation shows them.
package pipeline

import "embed"

// Files are the rule files, by the name of their platform with ".yaml".
//
//go:embed *.yaml
var Files embed.FS
