// Package github says what is wrong in the pipelines of GitHub Actions: workflows, actions and Dependabot's settings. It
// owns a model of these files (Workflow, Job, Step, Action, Dependabot), a reader of their expressions, and the data flow
// between them: which value an outsider writes, what carries it (environment, outputs, matrices, artifacts, inputs of
// actions and of called workflows), and where it is run as code.
//
// Checks are the list in check.go, one rule each. Look asks them about one file by itself; what depends on other files of
// the repository is held back in the summary, as names and expressions only, until Join has seen all of them.
//
// It promises that an answer depends on path and text alone, that no text makes it panic, and that all work is bounded:
// depth of values, steps of a flow, and circles of calls. It starts nothing and reads no file: actionlint serves as a
// library for the syntax of workflows and of expressions, without its outside programs. Pins and everything that needs a
// network are left to the engine above, and so is what scripts mean, which package shell knows.
package github
