// Package judge decides a case: from what was found, what is known of services, what holds findings back, and the policy,
// it makes the verdict. It is one pure function, so that scan, gate, explain and the replay of a receipt cannot differ.
//
// A Case holds every input and nothing else; what was looked at, asked and read is the shell's. The order is fixed:
// baselines and ignore files have held findings back before a case is made; then marks speak, which may ask what the gate
// would say, then exceptions, and at last the policy.
package judge
