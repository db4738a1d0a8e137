package native

import (
	"regexp"
	"sync"
)

// An expression is compiled on first use: most runs meet few kinds of marks, and starting the program costs nothing.
type expression struct {
	text string
	once sync.Once
	re   *regexp.Regexp
}

func lazy(text string) *expression { return &expression{text: text} }

// whole is an expression that matches all of a text.
func whole(form string) *expression { return lazy(`^(?:` + form + `)$`) }

func (e *expression) get() *regexp.Regexp {
	e.once.Do(func() { e.re = regexp.MustCompile(e.text) })
	return e.re
}
