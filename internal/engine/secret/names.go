package secret

import (
	"slices"
	"strings"
)

// Knows reports whether a name is that of a rule, under any of its names.
func (e *Engine) Knows(name string) bool {
	id, ours := strings.CutPrefix(name, "secret/")
	for i := range e.rules {
		if ours && e.rules[i].id == id || slices.Contains(e.describe(&e.rules[i]).Aliases, name) {
			return true
		}
	}
	return false
}
