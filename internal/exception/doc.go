// Package exception knows what holds a finding back from the gate. Here are the baselines, ours and that of gitleaks;
// below it lie our exceptions (register, with the network's part in probe), the marks and ignore files of tools (native),
// and the list of the latter (census).
//
// It promises that a baseline only shrinks by itself, that growth names an owner and a reason, and that a credential known
// to be live is never held back by a baseline. It keeps no secret: where a foreign file holds some, they are not read.
// Bytes come from the caller, who decides whether they are read from the base of a change or from disk.
package exception
