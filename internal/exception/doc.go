// Package exception knows what holds a finding back from the gate: the baseline, baselines and ignore files of gitleaks,
// and marks in the scanned text.
//
// It promises that a baseline only shrinks by itself, that growth names an owner and a reason, that a credential known
// to be live is never held back by a baseline, and that an inline mark of ours hides nothing which the gate would deny.
// It keeps no secret: where a foreign file holds some, they are not read. Bytes come from the caller, who decides
// whether they are read from the base of a change or from disk.
package exception
