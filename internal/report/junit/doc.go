// Package junit owns the report "junit", for CI systems that show test results. Each engine is a suite. A finding that
// the gate denies is a failure, one that it warns of is a passing test with output, one that is held back is a skipped
// test. An engine that is done has a passing test "coverage", so that a suite is green only where something was looked
// at. One that was required and is not done, or that broke, is an error; one that was optional and did not run is
// skipped, with the reason. The suite "verdict" holds the decision itself, which may deny without a finding.
//
// It promises that no two tests of a suite have one name, and no attribute beyond those that strict readers know.
package junit
