// Package register owns Assay's own exceptions: .assay/exceptions.yaml (design §6), what each of them permits today, and
// why not where it does not.
//
// It promises that a fault anywhere in the file is an error with its place, never a permission; that an exception permits
// through the day of expires in UTC and nothing from 00:00:00Z of the next; that one which is expired, unsigned where a
// signature is asked for, changed after its approval, too long, too often renewed, too broad, or whose compensating check
// does not hold, is void and changes nothing of a finding; that a live credential is never excepted; and that no answer,
// an old one and one to another question all count as no.
//
// It is values to values. The caller reads files (from the base, where a change is judged), history and clock, and brings
// the evaluators of CEL and Rego and the prober; what was answered is an input of Apply, so that a verdict can be repeated.
// What the gate says about an exception is for package policy to say.
package register
