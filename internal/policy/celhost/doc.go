// Package celhost compiles and evaluates policy expressions in CEL, the Common Expression Language
// (https://github.com/google/cel-spec), for package policy.
//
// It promises that what compiles is well typed and names only what exists, also where a text is compared with a word
// that it can never be; that the work of an evaluation is bounded; and that an answer which hangs on an unknown value
// says so. What the names mean is for package policy to say. It stands apart from it so that packages which only hold a
// verdict need not link CEL.
package celhost
