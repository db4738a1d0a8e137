// Package regohost compiles and evaluates policies in Rego (https://www.openpolicyagent.org/docs/policy-language), for
// package policy: deny and warn rules over the whole run, their tests, and compensating checks of exceptions.
//
// It promises that what compiles names only what exists; that rules reach no network, environment, randomness, process or
// clock, and see the verdict's time as time.now_ns; that their work is bounded in steps and bytes, so that the same input
// gives the same bytes on any machine; and that an unknown value never makes a verdict milder.
//
// # Unknown values
//
// Parsing, resolving names, ordering bodies and checking types is the work of package ast, and so are values; built-ins are
// those of package topdown. The evaluation itself is this package's own, because neither way that topdown offers gives
// exact answers about unknown values. With the values left out, a rule that asks "not f.new" would hold, and one that
// asks "f.new" would not, whatever the truth is. And its partial evaluation takes a reference for unknown that shares a
// beginning with an unknown one, in either direction: with one value of one finding unknown, all of input.findings is.
//
// So each solution of a query carries its doubt, the names of the unknown values that it hangs on. A conjunction doubts
// what its parts doubt; a negation holds for sure only if what it negates surely does not; a branch of an else is reached
// in doubt if those before it are; a set keeps a doubt for each member; an alternative that is certain settles a
// member that another one leaves open. A value worked out from an unknown one is unknown, unless the others settle it: as
// in CEL, the same unknown value twice counts as two that may differ. What remains in doubt denies as an error, also where the rule would only warn.
//
// # What rules see
//
// The input is policy.Input.Document, with every finding in it, also those that an exception, a baseline or a suppression
// holds back: a rule that means to spare these asks f.status == "open". A message is a text, or an object with "msg" (or
// "message"), and with "fingerprint", and perhaps "target", where it is about a finding.
//
// What the names mean is for package policy to say, which files are read for the shell.
package regohost
