// Package policy turns risks and coverage into a verdict. Decide is a pure function: the same risks, coverage, gates,
// stage and time give the same verdict.
//
// It owns the stages, the default policy, the names that an expression may use and what each of them means. It promises
// that an unknown never makes a verdict milder: a line whose answer hangs on something unknown holds, and a line that
// fails denies. Expressions are compiled and evaluated by a host, such as package celhost below; rules that see the whole
// run at once are a Rulebook, such as package regohost's, and the stricter of all answers wins. How a file is read is
// config's matter, and what holds a finding back is exception's.
package policy
