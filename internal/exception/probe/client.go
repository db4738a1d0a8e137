package probe

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/assaysec/assay/internal/exception/register"
)

const (
	timeout    = 10 * time.Second
	maxBody    = 64 << 10
	maxHeader  = 64 << 10
	maxAddress = 8 // addresses of a name that are tried
)

// hostForm matches host names as they are compared: ASCII, without the last dot.
var hostForm = regexp.MustCompile(`^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$`)

var portForm = regexp.MustCompile(`^[1-9][0-9]{0,4}$`)

// Options say whom a client may ask. They are the policy's, from the base.
type Options struct {
	// Hosts are those that may be asked: pay.example.com, or *.example.com for all below example.com. Without a port only
	// 443 may be asked; with one, such as pay.example.com:8443, only that.
	Hosts []string

	// AllowPrivate opens addresses that are not public: a host opens private, shared and loopback addresses for itself;
	// an address or a network (10.1.0.0/16) is opened for every host, link-local and metadata addresses only so.
	AllowPrivate []string

	Roots  *x509.CertPool // nil: those of the system
	Lookup Lookup         // nil: the system's resolver
}

// A Lookup gives the addresses of a host.
type Lookup func(ctx context.Context, host string) ([]netip.Addr, error)

// A Client asks. It is safe for use by several goroutines.
type Client struct {
	hosts     []hostRule
	allowed   allowance
	lookup    Lookup
	transport *http.Transport
}

var _ register.Prober = (*Client)(nil)

// hostRule is an entry of Options.Hosts.
type hostRule struct {
	name, port string
	below      bool // all hosts below name, and not name itself
}

// New makes a client. An entry of the options that cannot be understood is an error.
func New(o Options) (*Client, error) {
	c := &Client{lookup: o.Lookup}
	for _, entry := range o.Hosts {
		rule, err := parseHost(entry)
		if err != nil {
			return nil, err
		}
		c.hosts = append(c.hosts, rule)
	}
	var err error
	if c.allowed, err = parseAllowance(o.AllowPrivate); err != nil {
		return nil, err
	}
	if c.lookup == nil {
		c.lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	c.transport = &http.Transport{
		DialContext:            c.dial,
		TLSClientConfig:        &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    timeout,
		ResponseHeaderTimeout:  timeout,
		MaxResponseHeaderBytes: maxHeader,
		DisableKeepAlives:      true, // each question has a connection of its own, whose address is looked at
		DisableCompression:     true, // what is compressed may be a bomb
	}
	return c, nil
}

func parseHost(entry string) (hostRule, error) {
	r := hostRule{port: "443"}
	host := entry
	if h, port, err := net.SplitHostPort(entry); err == nil {
		host, r.port = h, port
	}
	if after, ok := strings.CutPrefix(host, "*."); ok {
		host, r.below = after, true
	}
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil && !r.below {
		r.name = addr.Unmap().String()
		return r, nil
	}
	if r.name = foldHost(host); !hostForm.MatchString(r.name) || !portForm.MatchString(r.port) || r.below && !strings.Contains(r.name, ".") {
		return r, fmt.Errorf("%q is not a host: want one as pay.example.com, pay.example.com:8443 or *.example.com", entry)
	}
	return r, nil
}

func (r hostRule) fits(host, port string) bool {
	return port == r.port && (!r.below && host == r.name || r.below && strings.HasSuffix(host, "."+r.name))
}

// Probe asks one question. What stands in the detail is ours: nothing of the answer is repeated.
func (c *Client) Probe(ctx context.Context, h register.HTTPS) (ok bool, detail string) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	u, err := c.permitted(h.URL)
	if err != nil {
		return false, err.Error()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return false, "the address cannot be asked"
	}
	req.Header.Set("User-Agent", "assay-probe")
	resp, err := c.transport.RoundTrip(req) // below a http.Client: no redirects, no cookies
	if err != nil {
		return false, explain(ctx, err)
	}
	defer resp.Body.Close()
	return compare(resp, &h)
}

// permitted gives the address to ask, if the policy names its host.
func (c *Client) permitted(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, errors.New("the address cannot be read")
	case u.Scheme != "https" || u.Opaque != "":
		return nil, errors.New("the address is not one of https")
	case u.User != nil:
		return nil, errors.New("the address holds credentials")
	}
	host, port := foldHost(u.Hostname()), u.Port()
	if addr, err := netip.ParseAddr(host); err == nil {
		host = addr.Unmap().String()
	} else if !hostForm.MatchString(host) {
		return nil, errors.New("the address names no host")
	}
	if port == "" {
		port = "443"
	}
	for _, r := range c.hosts {
		if r.fits(host, port) {
			u.Host = net.JoinHostPort(host, port)
			if port == "443" {
				u.Host = strings.TrimSuffix(u.Host, ":443")
			}
			u.Fragment = ""
			return u, nil
		}
	}
	return nil, fmt.Errorf("the policy does not name the host %s", net.JoinHostPort(host, port))
}

// dial resolves by itself, so that all addresses are known, and connects to the first that answers. One that is silent
// leaves time for the next.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addrs, err := c.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{Timeout: timeout / 3, ControlContext: func(_ context.Context, network, address string, _ syscall.RawConn) error {
		return c.control(host, network, address)
	}}
	for _, addr := range addrs {
		var conn net.Conn
		if conn, err = d.DialContext(ctx, "tcp", net.JoinHostPort(addr.String(), port)); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

// resolve refuses a host as soon as one of its addresses is not permitted: who mixes them wants to be mistaken.
func (c *Client) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	addrs := []netip.Addr{}
	if addr, err := netip.ParseAddr(host); err == nil {
		addrs = append(addrs, addr)
	} else if addrs, err = c.lookup(ctx, host); err != nil {
		return nil, &refusal{"the host " + host + " cannot be resolved"}
	}
	if len(addrs) == 0 {
		return nil, &refusal{"the host " + host + " has no address"}
	}
	addrs = addrs[:min(len(addrs), maxAddress)]
	for i, addr := range addrs {
		if err := c.allowed.check(host, addr); err != nil {
			return nil, &refusal{err.Error()}
		}
		addrs[i] = addr.Unmap()
	}
	return addrs, nil
}

// control looks at the address that a socket is about to connect to. Whatever happened before, this is where it goes.
func (c *Client) control(host, network, address string) error {
	if network != "tcp4" && network != "tcp6" {
		return &refusal{"a connection of the kind " + network}
	}
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return &refusal{"the address of " + host + " cannot be read"}
	}
	if err := c.allowed.check(host, to.Addr()); err != nil {
		return &refusal{err.Error()}
	}
	return nil
}

// A refusal is an error of ours, whose words may be shown.
type refusal struct{ words string }

func (r *refusal) Error() string { return r.words }

// explain says why there is no answer, without words that the other side could have chosen.
func explain(ctx context.Context, err error) string {
	var refused *refusal
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &refused):
		return refused.words
	case ctx.Err() != nil:
		return "there was no answer in time"
	case errors.As(err, &name):
		return "the certificate is for another host"
	case errors.As(err, &unknown):
		return "the certificate is by an unknown authority"
	case errors.As(err, &invalid):
		return "the certificate is not valid"
	}
	return "there was no answer that could be read"
}

// compare holds an answer against what it should be.
func compare(resp *http.Response, h *register.HTTPS) (ok bool, detail string) {
	if resp.StatusCode != h.Status {
		return false, fmt.Sprintf("the status is %d, want %d", resp.StatusCode, h.Status)
	}
	for _, name := range slices.Sorted(maps.Keys(h.Header)) {
		if resp.Header.Get(name) != h.Header[name] {
			return false, fmt.Sprintf("the header %s is not as it should be", name)
		}
	}
	if h.BodyContains == "" {
		return true, ""
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	switch {
	case bytes.Contains(body, []byte(h.BodyContains)):
		return true, ""
	case err != nil:
		return false, "the answer broke off"
	}
	return false, fmt.Sprintf("the first %d KiB do not contain what they should", maxBody>>10)
}
