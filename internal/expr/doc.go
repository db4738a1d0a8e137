// Package expr matches RE2 expressions with the exact semantics of the standard library's regexp, from literals found
// beforehand.
//
// The package owns three things: what literals an expression cannot match without (so that one pass of litscan serves
// all expressions), the check of an expression around the places where its literals stand, and the question which of
// many expressions match a text. It promises that FindAll gives what regexp.FindAllSubmatchIndex gives, and that time
// and memory are bounded on any text for any expression: no step is exponential, automata are built as far as a text
// needs them, and their memory has a ceiling. It leaves the search for literals to litscan and the meaning of a match
// to its callers.
//
// How it works. An expression is taken apart into branches, each a sequence P·F, where F begins with one of the
// branch's literals; the language of the expression is exactly the union of the branches (split.go). For an occurrence
// of a literal at h a forward automaton says whether F matches at h, and a backward automaton gives the leftmost start
// from which P matches up to h. The leftmost match of the whole expression begins at the least of these starts. There,
// and only there, a backtracking matcher runs over the expression's program to find the end and the groups by
// leftmost-first priority. An expression that has no useful literals, or that reaches unboundedly far to the left of
// them, is searched in the whole text: an automaton that keeps priorities finds the end of the first match, a backward
// one its start.
//
// Automata are deterministic, made state by state while they run (dfa.go), and read runes, not bytes: a table leads
// from ASCII bytes to classes, and other runes are decoded as the standard library decodes them. Their answers are
// therefore exact and nothing has to be checked again. They look at the text itself and not at a slice of it, so
// anchors and word boundaries see what really stands beside a match.
//
// Some expressions need too many states: counting that overlaps with what follows ("(?s:.){0,200}?data") is the usual
// cause. An automaton notices when its states serve too few bytes and gives up. A relaxed one that does not count takes
// its place, which refuses most places, and at the others threads are run side by side (simulate.go), in time linear in
// text and program.
package expr
