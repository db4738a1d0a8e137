// Package fault holds the words in which the platforms tell what is wrong with a pipeline: a Fault, its Span in the
// file's bytes, the Steps of a flow and the Edits that remove it. The engine above turns a Fault into a finding.
package fault
