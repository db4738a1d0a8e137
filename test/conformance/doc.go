// Command conformance runs Assay over public test suites and tells how much of each it passes.
//
// It owns the reading of the suites, the facts of what they expect, and docs/conformance.md. It promises that every case
// of a suite is in the denominator, whether it passed, failed, is unsupported or crashed, and that no value of an example
// is printed. What a suite holds is read where the suite lies; nothing of it is kept here.
//
//	SUITES=/path/to/suites go run ./test/conformance -commit kingfisher=REVISION
package main
