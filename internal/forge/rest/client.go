package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Options say how to ask.
type Options struct {
	// Transport is the only way to the network; required.
	Transport http.RoundTripper

	Token  Token
	Auth   string            // the header that carries the token; empty means Authorization
	Scheme string            // stands before the token in the header, such as "Bearer"
	Header map[string]string // sent with every request, such as the version of the interface

	UserAgent string

	// Hint says what to do about a status, in the forge's own terms; empty leaves it to this package.
	Hint func(method, path string, status int) string

	Timeout time.Duration // for one request with its answer; 0 means 30 seconds
	MaxWait time.Duration // for all waiting of one call; 0 means 2 minutes

	// Sleep waits; nil means the clock. Now is what an answer's times are compared with; nil means the clock.
	Sleep func(context.Context, time.Duration) error
	Now   func() time.Time
}

// The limits that no option moves.
const (
	maxTries  = 3
	maxAnswer = 16 << 20
	maxFault  = 64 << 10 // of an answer that is no success
	maxPages  = 50
	maxList   = 64 << 20 // one page: a hundred comments as long as forges take them
)

// A Client asks one forge.
type Client struct {
	base    *url.URL
	options Options
}

// New makes a client for an interface's base address, such as https://forge.example/api/v4. Nothing is asked yet.
func New(base string, o Options) (*Client, error) {
	if o.Transport == nil {
		return nil, errors.New("forge: no transport")
	}
	u, err := parseBase(base)
	if err != nil {
		return nil, err
	}
	if !o.Token.fits() {
		return nil, errors.New("the token holds characters that no token has: it was not read or pasted whole")
	}
	if o.Auth == "" {
		o.Auth = "Authorization"
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.MaxWait <= 0 {
		o.MaxWait = 2 * time.Minute
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Client{base: u, options: o}, nil
}

// parseBase checks an address that a token is sent to.
func parseBase(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return nil, errors.New("the address of the forge's interface is not known")
	case err != nil:
		return nil, errors.New("the address of the forge's interface does not parse") // without its text, which may hold a password
	case u.User != nil:
		return nil, errors.New("the address of the forge's interface must not hold a user or password")
	case u.Host == "" || u.Opaque != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, fmt.Errorf("the address of the forge's interface is %q: want https://host/path", text)
	case u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())):
		return nil, fmt.Errorf("the address of the forge's interface is %q: a token goes nowhere without https", text)
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), ""
	return u, nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// Path makes a path of parts, each escaped, so that none can leave its place.
func Path(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteByte('/')
		if p == "." || p == ".." {
			b.WriteString(strings.ReplaceAll(p, ".", "%2E")) // a client would take a step up
			continue
		}
		b.WriteString(url.PathEscape(p))
	}
	return b.String()
}

// Get reads one object.
func (c *Client) Get(ctx context.Context, path string, query url.Values, into any) error {
	return c.Do(ctx, http.MethodGet, path, query, nil, into)
}

// Do asks, with a JSON body unless it is nil, and decodes the answer unless into is nil.
func (c *Client) Do(ctx context.Context, method, path string, query url.Values, body, into any) error {
	var payload []byte
	if body != nil {
		var err error
		if payload, err = json.Marshal(body); err != nil {
			return err
		}
	}
	u, err := c.address(path, query)
	if err != nil {
		return err
	}
	_, err = c.send(ctx, method, u, payload, func(r io.Reader) error {
		text, err := readAll(r, maxAnswer)
		if err != nil || into == nil {
			return err
		}
		if json.Unmarshal(text, into) != nil {
			return errNotJSON // without the decoder's words, which may quote the answer
		}
		return nil
	})
	return err
}

var (
	errNotJSON = errors.New("the answer is not what the interface is documented to give")
	ErrTooLong = errors.New("the answer is too long") // more than is read of one
)

func (c *Client) address(path string, query url.Values) (*url.URL, error) {
	u, err := url.Parse(c.base.String() + path)
	if err != nil {
		return nil, fmt.Errorf("%q is no path", path)
	}
	u.RawQuery = query.Encode()
	return u, nil
}

// within reports whether an address is one that the token may go to.
func (c *Client) within(u *url.URL) bool {
	path := u.EscapedPath()
	return u.Scheme == c.base.Scheme && u.Host == c.base.Host && u.User == nil && u.Opaque == "" &&
		strings.HasPrefix(path, c.base.EscapedPath()+"/") && !strings.Contains(path, "..") && !strings.Contains(strings.ToLower(path), "%2e%2e")
}

func (c *Client) request(ctx context.Context, method string, u *url.URL, payload []byte) (*http.Request, error) {
	var body io.Reader
	if payload != nil {
		body = bytes.NewReader(payload)
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, fmt.Errorf("%s: no request can be made of it", c.asked(method, u))
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.options.UserAgent)
	for name, value := range c.options.Header {
		req.Header.Set(name, value)
	}
	if payload != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.options.Token != "" {
		req.Header.Set(c.options.Auth, strings.TrimPrefix(c.options.Scheme+" "+string(c.options.Token), " "))
	}
	return req, nil
}

// asked names a request in errors. Queries hold no secret, and nobody needs them to understand what went wrong.
func (c *Client) asked(method string, u *url.URL) string {
	return method + " " + short(u.EscapedPath()) + " at " + short(u.Host)
}

// readAll reads a text of at most limit bytes.
func readAll(r io.Reader, limit int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, err
	case int64(len(text)) > limit:
		return nil, ErrTooLong
	}
	return text, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
