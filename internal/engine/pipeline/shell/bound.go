package shell

import "strings"

// The parser and the walk over its tree are recursive. These bounds on what can nest keep their stacks to some ten
// megabytes whatever the text is; scripts that people write have a hundredth of it.
const (
	maxOpeners   = 12_000
	maxOperators = 60_000
	maxDepth     = 200
)

// boundless says that a text holds more of what could nest than is read.
func boundless(text string) bool {
	openers, operators := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '(', '{', '`', '|', '&', '!', '~', '[':
			openers++
		case '+', '-', '*', '/', '%', ',', '?', ':', '<', '>', '=', '^':
			operators++
		}
	}
	for _, word := range []string{"if", "while", "until", "for", "case", "select", "time", "coproc", "function"} {
		openers += strings.Count(text, word)
	}
	return openers > maxOpeners || operators > maxOperators
}
