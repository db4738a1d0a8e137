package assembly

import "strings"

// Wants says whether a path may hold a pipeline. Any YAML file may be a part of one, so any is wanted but those that are
// foreign, but of few the name says it for sure. Both are asked about the path in lower case.
func Wants(path string, named, foreign func(lower string) bool) (wants, sure bool) {
	lower := strings.ToLower(path)
	if !strings.HasSuffix(lower, ".yml") && !strings.HasSuffix(lower, ".yaml") {
		return false, false
	}
	if named(lower) {
		return true, true
	}
	return !foreign(lower), false
}

// SetOf makes a set of words.
func SetOf(words ...string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	return set
}
