// Package shell reads the scripts that pipelines hold and says what they do. It owns one model of a script, whatever its
// language: commands in the order of execution, each with its words, assignments, redirections and streams. On it stand
// the questions that the platforms ask: where does an interpolation stand and what could replace it (Contexts,
// Replacement), how is a variable used (Uses), where does a foreign value arrive (Flow), what is written to which file
// (Writes), what is a text made of (Origins), and which habits are dangerous (the Remarks of PipedInstallers and its neighbours).
//
// POSIX sh and bash are parsed by mvdan.cc/sh; PowerShell and cmd by small readers of our own, which know words, quotes,
// variables, pipes and redirections and nothing of types; Python, JavaScript and all others are text in which only the
// interpolations are seen.
//
// It promises that every position is a byte offset in the text that was handed in, that no text makes it panic, and that
// its work is bounded: a script has at most MaxSize bytes, and nesting is bounded too. What lies beyond a bound or does
// not parse is told by the error of Parse, beside what could be read before it.
//
// It says what a variable's value can do, and not who may set it: platforms know that. It knows no platform beyond the
// names of command files that a Write's target shows, and starts nothing.
package shell
