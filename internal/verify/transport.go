package verify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Transport is the way to the network, through the proxy that the environment names if it names one. Nothing else of the
// environment counts.
func Transport(getenv func(string) string) (*http.Transport, error) {
	proxy, err := proxyFrom(getenv)
	if err != nil {
		return nil, err
	}
	return &http.Transport{
		Proxy:                  proxy,
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    5 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		IdleConnTimeout:        10 * time.Second,
		DisableCompression:     true, // so that a bound on what is read bounds what is unpacked
		ForceAttemptHTTP2:      true,
	}, nil
}

// either is a variable by its lower-case name, or its upper-case one, as most programs have it.
func either(getenv func(string) string, name string) string {
	if v := getenv(strings.ToLower(name)); v != "" {
		return v
	}
	return getenv(name)
}

func proxyFrom(getenv func(string) string) (func(*http.Request) (*url.URL, error), error) {
	text := either(getenv, "HTTPS_PROXY")
	if text == "" {
		return nil, nil
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	proxy, err := url.Parse(text)
	if err != nil || proxy.Host == "" {
		return nil, errors.New("HTTPS_PROXY is not the address of a proxy") // without its text, which may hold a password
	}
	direct := strings.FieldsFunc(either(getenv, "NO_PROXY"), func(r rune) bool { return r == ',' || r == ' ' })
	return func(req *http.Request) (*url.URL, error) {
		if isLoopback(req.URL.Hostname()) || goesDirect(req.URL.Hostname(), direct) {
			return nil, nil
		}
		return proxy, nil
	}, nil
}

// goesDirect reports whether a list such as NO_PROXY holds a host: by name, by a domain above it, by address or network.
func goesDirect(host string, list []string) bool {
	host = strings.ToLower(host)
	addr, addrErr := netip.ParseAddr(host)
	for _, entry := range list {
		entry = strings.ToLower(entry)
		if name, _, err := net.SplitHostPort(entry); err == nil {
			entry = name
		}
		if entry == "*" || entry == host {
			return true
		}
		if network, err := netip.ParsePrefix(entry); err == nil && addrErr == nil && network.Contains(addr) {
			return true
		}
		domain := strings.TrimPrefix(strings.TrimPrefix(entry, "*"), ".")
		if domain != "" && addrErr != nil && strings.HasSuffix(host, "."+domain) {
			return true
		}
	}
	return false
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// parseBase checks an address that credentials are sent to.
func parseBase(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, errors.New("an address does not parse") // without its text, which may hold a password
	case u.User != nil:
		return nil, errors.New("an address must not hold a user or password")
	case u.Host == "" || u.Opaque != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, fmt.Errorf("%q is not an address of the form https://host/path", text)
	case u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()):
		return u, nil
	}
	return nil, fmt.Errorf("%q does not use https, and a credential goes nowhere without it", text)
}

const interrupted = "the run was interrupted"

// describe says why a host was not reached, without the error's own text: that may hold the address, and with it a token.
func describe(ctx context.Context, err error) string {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var timeout net.Error
	switch {
	case ctx.Err() != nil:
		return interrupted
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "did not answer in time"
	case errors.As(err, &dns):
		return "has a name that does not resolve"
	case errors.As(err, &cert):
		return "showed a certificate that is not trusted"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused the connection"
	}
	return "could not be reached"
}
