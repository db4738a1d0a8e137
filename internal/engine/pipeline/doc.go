// Package pipeline is the engine for the files that build, test and deploy: GitHub Actions, GitLab CI and Azure
// Pipelines. It picks the platform of a file, and turns the faults that the platform tells into findings.
//
// What a platform's files mean is its package's: github, gitlab, azure. What a script in them does is shell's, where a
// value stands in the bytes document's, and the words they share fault's. Rules are data (rules/pipeline).
//
// A file is looked at by itself; what lies between files, such as an input of a composite action that its callers fill
// with an attacker's text, is found in Join from summaries. A summary is a fact and may be kept on disk, so it holds names
// and expressions, and never a script or a value.
package pipeline
