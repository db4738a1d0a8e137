package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/assaysec/assay/internal/report/escape"
)

// An Error is an answer that is no success.
type Error struct {
	Asked  string // method, path and host
	Status int
	Said   string // the forge's own words, made safe to print; may be empty
	Hint   string // what to do
}

func (e *Error) Error() string {
	s := fmt.Sprintf("%s: %d %s", e.Asked, e.Status, http.StatusText(e.Status))
	if e.Said != "" {
		s += ": " + e.Said
	}
	return s
}

// StatusOf is the status of an answer that is no success; 0 where there was none.
func StatusOf(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status
	}
	return 0
}

// Gone reports whether an answer says that a thing is not there any more.
func Gone(err error) bool {
	status := StatusOf(err)
	return status == http.StatusNotFound || status == http.StatusGone
}

// HintOf says what to do about an error of this package; empty where it does not know.
func HintOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Hint
	}
	return ""
}

const maxSaid = 200

// said is the message in an error's body: a string under "message" or "error" in both forges' words; an object, as GitLab
// gives for a field that it refuses, is shown as it is.
func said(body []byte, token Token) string {
	var fields struct {
		Message json.RawMessage `json:"message"`
		Error   json.RawMessage `json:"error"`
	}
	if json.Unmarshal(body, &fields) != nil {
		return ""
	}
	for _, raw := range []json.RawMessage{fields.Message, fields.Error} {
		var text string
		switch {
		case json.Unmarshal(raw, &text) == nil && text != "":
			return short(token.scrub(text))
		case bytes.HasPrefix(raw, []byte("{")):
			return short(token.scrub(string(raw)))
		}
	}
	return ""
}

func short(s string) string {
	runes := []rune(escape.Terminal(s[:min(len(s), 8*maxSaid)]))
	if len(runes) > maxSaid {
		return string(runes[:maxSaid]) + "…"
	}
	return string(runes)
}

// advice is what to do about a status, where the forge's package has nothing better to say.
func advice(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return "the token is wrong, expired or revoked: make a new one"
	case status >= 300 && status < 400:
		return "the forge sends this address elsewhere, and a token does not follow: give the repository's new name, or the interface's own address"
	case status == http.StatusTooManyRequests:
		return "the forge's rate limit is used up: try again later, or with a token of your own"
	case status >= 500:
		return "the forge is in trouble: try again later"
	}
	return ""
}
