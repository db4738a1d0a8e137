package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// ErrTooMany says that a list went on beyond what is read of one. What is known of it is a part.
var ErrTooMany = errors.New("the list is longer than is read")

// Pages reads a list page by page, each item as it comes, until take says false. It follows the Link header to the next
// page, and only below the base address. A list that is cut short is an error: half of it is not all of it.
func Pages[T any](ctx context.Context, c *Client, path string, query url.Values, take func(T) bool) error {
	u, err := c.address(path, query)
	if err != nil {
		return err
	}
	for range maxPages {
		stopped := false
		header, err := c.send(ctx, http.MethodGet, u, nil, func(r io.Reader) error {
			var err error
			stopped, err = items(r, take)
			return err
		})
		if err != nil || stopped {
			return err
		}
		next := nextLink(header.Values("Link"))
		if next == "" {
			return nil
		}
		to, err := u.Parse(next)
		if err != nil || !c.within(to) {
			return fmt.Errorf("%s: its next page lies elsewhere, and a token does not follow", c.asked(http.MethodGet, u))
		}
		u = to
	}
	return fmt.Errorf("%s: %w: %d pages", c.asked(http.MethodGet, u), ErrTooMany, maxPages)
}

// items decodes a JSON array one item at a time, so that a page is never held whole.
func items[T any](r io.Reader, take func(T) bool) (stopped bool, err error) {
	limited := &io.LimitedReader{R: r, N: maxList}
	d := json.NewDecoder(limited)
	wrong := func(err error) error {
		var syntax *json.SyntaxError
		var wrongType *json.UnmarshalTypeError
		switch {
		case limited.N <= 0:
			return ErrTooLong
		case errors.As(err, &syntax), errors.As(err, &wrongType), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return errNotJSON
		}
		return err
	}
	if open, err := d.Token(); err != nil {
		return false, wrong(err)
	} else if open != json.Delim('[') {
		return false, errNotJSON
	}
	for d.More() {
		var item T
		if err := d.Decode(&item); err != nil {
			return false, wrong(err)
		}
		if !take(item) {
			return true, nil
		}
	}
	if _, err := d.Token(); err != nil {
		return false, wrong(err)
	}
	return false, nil
}

// nextLink is the target of rel="next" in Link headers (RFC 8288), empty where there is none.
func nextLink(headers []string) string {
	for _, h := range headers {
		for h != "" {
			var target, params string
			_, rest, ok := strings.Cut(h, "<")
			if !ok {
				break
			}
			if target, rest, ok = strings.Cut(rest, ">"); !ok {
				break
			}
			params, h, _ = strings.Cut(rest, ",")
			for p := range strings.SplitSeq(params, ";") {
				name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
				if strings.EqualFold(name, "rel") && strings.Trim(value, `"`) == "next" {
					return target
				}
			}
		}
	}
	return ""
}
