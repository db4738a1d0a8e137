// Package finding holds the words that every other package shares: Finding, Place, Severity, Confidence, Target and
// Fingerprint. It promises that a Finding's text is already redacted, so that printing one can never show a secret. It
// imports nothing of ours and knows nothing of engines, policies or reports.
package finding
