package verify

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A Value is a secret that shows itself only when asked to.
type Value interface {
	Reveal() string
	IsZero() bool
}

// A Credential is what a provider is asked about.
type Credential struct {
	Verifier string // name of a Provider
	Value    Value

	// ID and Session belong to credentials of several parts: AWS' access key ID and session token.
	ID, Session Value

	// Unsure says that there were several to choose from when the parts were put together. Then a no may be about the choice.
	Unsure bool
}

// parts are the credential in the clear. They stay in this package and are never printed.
type parts struct{ verifier, value, id, session string }

func (c Credential) parts() parts {
	return parts{c.Verifier, reveal(c.Value), reveal(c.ID), reveal(c.Session)}
}

func reveal(v Value) string {
	if v == nil || v.IsZero() {
		return ""
	}
	return v.Reveal()
}

// A Provider is somebody who can be asked about a kind of credential.
type Provider struct {
	Name  string // as rules name it
	Title string // as it writes its own name

	// bases are the addresses to ask, one after the other while the answer is no: a provider with several regions knows
	// a credential in one of them only.
	bases []string

	// instances says that others run the provider's software, too. Then a no from the public instance says nothing
	// about the others, and counts only where the user has named the instances.
	instances bool

	method, path, body string // {value} in path stands for the credential
	header             map[string]string
	auth               func(http.Header, string)
	sign               func(*http.Request, parts, time.Time) // in place of auth

	// unfit says why a credential is not asked about; empty if it is.
	unfit func(parts) string

	// doubt says why a no about a credential is not a clear no; empty if it is one.
	doubt func(parts) string

	readings []reading
}

// Asks is the question as a person reads it, such as "GET /user", with the body that is sent if there is one.
func (p *Provider) Asks() string {
	return strings.TrimSpace(p.method + " " + strings.ReplaceAll(p.path, "{value}", "…") + " " + p.body)
}

// Hosts are the names of the hosts that are asked by default.
func (p *Provider) Hosts() []string {
	var hosts []string
	for _, b := range p.bases {
		if u, err := url.Parse(b); err == nil {
			hosts = append(hosts, u.Host)
		}
	}
	return hosts
}

// maxValue bounds what is sent as a credential. No provider gives out longer ones.
const maxValue = 8 << 10

// refuses says why a credential is not asked about.
func (p *Provider) refuses(c parts) string {
	switch {
	case c.value == "" && c.id == "":
		return "there is no value to ask about"
	case len(c.value) > maxValue || len(c.id) > maxValue || len(c.session) > maxValue:
		return "the value is too long for a credential"
	case !sendable(c.value) || !sendable(c.id) || !sendable(c.session):
		return "the value has characters that no credential has"
	case p.unfit != nil:
		return p.unfit(c)
	}
	return ""
}

// sendable reports whether text can stand in a header: visible ASCII. Anything else could change the request.
func sendable(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

var errRequest = errors.New("the question cannot be put") // without the cause, whose text holds the address

// request makes the question. base has been checked.
func (p *Provider) request(ctx context.Context, base *url.URL, c parts, now time.Time) (*http.Request, error) {
	address := strings.TrimRight(base.String(), "/") + strings.ReplaceAll(p.path, "{value}", url.PathEscape(c.value))
	var body io.Reader
	if p.body != "" {
		body = strings.NewReader(p.body)
	}
	req, err := http.NewRequestWithContext(ctx, p.method, address, body)
	if err != nil {
		return nil, errRequest
	}
	req.Header.Set("User-Agent", "assay")
	req.Header.Set("Accept", "application/json")
	for name, value := range p.header {
		req.Header.Set(name, value)
	}
	switch {
	case p.sign != nil:
		p.sign(req, c, now)
	case p.auth != nil:
		p.auth(req.Header, c.value)
	}
	return req, nil
}

// in puts the value into a header, after a prefix.
func in(name, prefix string) func(http.Header, string) {
	return func(h http.Header, value string) { h.Set(name, prefix+value) }
}

var bearer = in("Authorization", "Bearer ")

// password puts the value into a header as the password of a user.
func password(user string) func(http.Header, string) {
	return func(h http.Header, value string) {
		h.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+value)))
	}
}
