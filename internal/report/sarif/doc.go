// Package sarif owns the report "sarif": SARIF 2.1.0 (OASIS, with errata 01) for code scanning services and editors. One
// run, results sorted by risk, URIs relative to the target and percent-encoded, columns in code points.
//
// It promises that a run that could not check everything says so (executionSuccessful and a notification for each gap),
// that results which are held back carry a suppression, and that no more than MaxResults are written, because services
// refuse or cut larger logs; the rest is counted in a notification.
package sarif
