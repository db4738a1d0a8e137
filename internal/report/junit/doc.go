// Package junit owns the report "junit", for CI systems that show test results. Each engine is a suite. A finding that
// the gate denies is a failure, one that it warns of is a passing test with output, one that is held back is a skipped
// test. An engine that is not done is an error, and one that is done has a passing test "coverage", so that a suite is
// green only where something was looked at. The suite "verdict" holds the decision itself, which may deny without a
// finding.
package junit
