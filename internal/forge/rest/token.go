package rest

import (
	"fmt"
	"io"
	"strings"
)

// A Token is a credential for a forge. However it is printed or encoded, it does not show.
type Token string

const redacted = "[redacted]"

// Format prints no token, whatever the verb.
func (Token) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) } // a Formatter has no error to give

// MarshalText encodes no token.
func (Token) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// fits reports whether the token can stand in a header: printable ASCII without a space, as all forges' tokens are.
func (t Token) fits() bool {
	return len(t) <= 4096 && !strings.ContainsFunc(string(t), func(r rune) bool { return r <= ' ' || r > '~' })
}

// scrub takes the token out of a text that others wrote.
func (t Token) scrub(s string) string {
	if t == "" {
		return s
	}
	return strings.ReplaceAll(s, string(t), redacted)
}
