// Package pipelinetest runs the examples of a platform's rules (rules/pipeline/testdata) as the engine would, and asks of
// every platform the same: that each rule tells its bad example and no good one, that no rule is without a check, and that
// fixes mend what they say. It is for tests.
package pipelinetest
