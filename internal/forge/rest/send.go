package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// send asks until there is an answer, and gives a success to read. What may have been done is not asked for again: a
// comment must not be written twice because its answer was lost.
func (c *Client) send(ctx context.Context, method string, u *url.URL, payload []byte, read func(io.Reader) error) (http.Header, error) {
	waited := time.Duration(0)
	for try := 1; ; try++ {
		header, pause, err := c.once(ctx, method, u, payload, read)
		if err == nil || pause == 0 || try == maxTries {
			return header, err
		}
		if waited += pause; waited > c.options.MaxWait {
			return nil, fmt.Errorf("%w; it asks to wait %s, which is too long", err, pause.Round(time.Second))
		}
		if c.options.Sleep(ctx, pause) != nil {
			return nil, err
		}
	}
}

// once asks once. pause is how long to wait before asking again, 0 where that is no use.
func (c *Client) once(ctx context.Context, method string, u *url.URL, payload []byte, read func(io.Reader) error) (http.Header, time.Duration, error) {
	limited, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	req, err := c.request(limited, method, u, payload)
	if err != nil {
		return nil, 0, err
	}
	// The transport is used without a client around it: that follows no redirect and keeps no cookie.
	resp, err := c.options.Transport.RoundTrip(req)
	if err != nil {
		return nil, 0, c.lost(ctx, limited, method, u, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		pause, err := c.fault(method, u, resp)
		return nil, pause, err
	}
	if err := read(resp.Body); err != nil {
		return nil, 0, c.lost(ctx, limited, method, u, err)
	}
	return resp.Header, 0, nil
}

// lost describes a request without a whole answer.
func (c *Client) lost(ctx, limited context.Context, method string, u *url.URL, err error) error {
	asked := c.asked(method, u)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", asked, ctx.Err())
	case limited.Err() != nil:
		return fmt.Errorf("%s: no whole answer within %s", asked, c.options.Timeout)
	case errors.Is(err, errNotJSON), errors.Is(err, ErrTooLong):
		return fmt.Errorf("%s: %w", asked, err)
	}
	// The cause's text is others': it may quote what was sent.
	return fmt.Errorf("%s: %s", asked, short(c.options.Token.scrub(err.Error())))
}

// fault describes an answer that is no success, and says how long to wait before asking again.
func (c *Client) fault(method string, u *url.URL, resp *http.Response) (time.Duration, error) {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxFault)) // what is there is enough
	status := resp.StatusCode
	e := &Error{Asked: c.asked(method, u), Status: status, Said: said(body, c.options.Token)}
	if limited(resp, body) {
		e.Hint = advice(http.StatusTooManyRequests)
		return c.pause(resp.Header, time.Minute), e
	}
	if c.options.Hint != nil {
		e.Hint = c.options.Hint(method, u.EscapedPath(), status)
	}
	if e.Hint == "" {
		e.Hint = advice(status)
	}
	if status >= 500 && method != http.MethodPost {
		return c.pause(resp.Header, time.Second), e
	}
	return 0, e
}

// limited reports whether a forge refused because of how often it was asked. GitHub says so with 429 and also with 403.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
func limited(resp *http.Response, body []byte) bool {
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusForbidden:
		return resp.Header.Get("Retry-After") != "" || resp.Header.Get("X-RateLimit-Remaining") == "0" ||
			bytes.Contains(bytes.ToLower(body), []byte("secondary rate limit"))
	}
	return false
}

// pause is how long an answer asks to wait, by what it says first: a number of seconds or a date, or when the limit is
// lifted. It is never nothing, so that a forge cannot make us ask without rest.
func (c *Client) pause(h http.Header, otherwise time.Duration) time.Duration {
	now := c.options.Now()
	pause := otherwise
	after := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(after); err == nil {
		pause = time.Duration(min(seconds, 1<<30)) * time.Second
	} else if at, err := http.ParseTime(after); err == nil {
		pause = at.Sub(now)
	} else if h.Get("X-RateLimit-Remaining") == "0" {
		if at, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64); err == nil {
			pause = time.Unix(at, 0).Sub(now)
		}
	}
	return max(pause, time.Second)
}
