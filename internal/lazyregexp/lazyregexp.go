// Package lazyregexp compiles a regular expression when it is first used, so that commands that use none do not wait for
// it: start-up counts, and there are more than a hundred of them.
package lazyregexp

import (
	"regexp"
	"sync"
)

// New gives a function that compiles the expression at its first call and answers with the same one ever after. It panics
// there if the expression is wrong, so each one needs a test that comes by.
func New(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
