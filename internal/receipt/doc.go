// Package receipt owns the record of a verdict: an in-toto Statement (https://in-toto.io/Statement/v1) whose subjects are
// what was judged and whose predicate holds everything the verdict depends on, and the verdict. docs/receipt.md describes
// the predicate.
//
// It promises that a receipt holds nothing that a report may not show; that Replay decides from the inputs and never
// reads the stored decision but to compare it; that the inputs are held against their digests, so that one which was
// changed is named; and that every later version reads the receipts of this one.
package receipt
