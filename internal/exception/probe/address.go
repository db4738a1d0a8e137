package probe

import (
	"fmt"
	"net/netip"
	"strings"
)

// A reach says how an address may be asked.
type reach uint8

const (
	public reach = iota
	// inner is a network that a team may run itself: naming the host, the address or its network opens it.
	inner
	// special is a network where nobody runs a service by a name, such as that of cloud metadata: only naming the address
	// or its network opens it.
	special
	// never is no place to connect to.
	never
)

// networks are those that are not public, by the registries of special-purpose addresses of IANA, and the addresses of
// metadata services outside of them. The first that holds an address counts.
var networks = []struct {
	prefix netip.Prefix
	reach  reach
	what   string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), never, "unspecified"},
	{netip.MustParsePrefix("10.0.0.0/8"), inner, "private"},
	{netip.MustParsePrefix("100.100.100.200/32"), special, "metadata"},
	{netip.MustParsePrefix("100.64.0.0/10"), inner, "shared"},
	{netip.MustParsePrefix("127.0.0.0/8"), inner, "loopback"},
	{netip.MustParsePrefix("168.63.129.16/32"), special, "metadata"},
	{netip.MustParsePrefix("169.254.0.0/16"), special, "link-local"},
	{netip.MustParsePrefix("172.16.0.0/12"), inner, "private"},
	{netip.MustParsePrefix("192.0.0.0/24"), special, "reserved"},
	{netip.MustParsePrefix("192.0.2.0/24"), special, "documentation"},
	{netip.MustParsePrefix("192.88.99.0/24"), special, "relay"},
	{netip.MustParsePrefix("192.168.0.0/16"), inner, "private"},
	{netip.MustParsePrefix("198.18.0.0/15"), special, "benchmark"},
	{netip.MustParsePrefix("198.51.100.0/24"), special, "documentation"},
	{netip.MustParsePrefix("203.0.113.0/24"), special, "documentation"},
	{netip.MustParsePrefix("224.0.0.0/4"), never, "multicast"},
	{netip.MustParsePrefix("240.0.0.0/4"), never, "reserved"},

	{netip.MustParsePrefix("::/128"), never, "unspecified"},
	{netip.MustParsePrefix("::1/128"), inner, "loopback"},
	{netip.MustParsePrefix("fd00:ec2::/32"), special, "metadata"},
	{netip.MustParsePrefix("fd20:ce::254/128"), special, "metadata"},
	{netip.MustParsePrefix("fc00::/7"), inner, "private"},
	{netip.MustParsePrefix("fe80::/10"), special, "link-local"},
	{netip.MustParsePrefix("ff00::/8"), never, "multicast"},
	{netip.MustParsePrefix("2001::/23"), special, "reserved"}, // Teredo and others
	{netip.MustParsePrefix("2001:db8::/32"), special, "documentation"},
	{netip.MustParsePrefix("2002::/16"), special, "relay"}, // 6to4: it holds an address of version 4
	{netip.MustParsePrefix("3fff::/20"), special, "documentation"},
	{netip.MustParsePrefix("5f00::/16"), special, "reserved"},
	{netip.MustParsePrefix("2000::/3"), public, ""},
	{netip.MustParsePrefix("::/0"), special, "reserved"}, // with it 64:ff9b::/96, which leads to any address of version 4
}

// reachOf says how an address may be asked, and what it is where it is not public.
func reachOf(a netip.Addr) (reach, string) {
	if a.Zone() != "" {
		return never, "zoned"
	}
	a = a.Unmap()
	for _, n := range networks {
		if n.prefix.Contains(a) {
			return n.reach, n.what
		}
	}
	return public, ""
}

// An allowance is what the policy names: hosts, and networks.
type allowance struct {
	hosts    []string
	networks []netip.Prefix
}

func parseAllowance(list []string) (allowance, error) {
	var a allowance
	for _, entry := range list {
		if prefix, err := netip.ParsePrefix(entry); err == nil {
			if prefix != prefix.Masked() || prefix.Addr().Is4In6() {
				return a, fmt.Errorf("%q: want the network as %s", entry, prefix.Masked())
			}
			a.networks = append(a.networks, prefix)
		} else if addr, err := netip.ParseAddr(entry); err == nil {
			a.networks = append(a.networks, netip.PrefixFrom(addr.Unmap().WithZone(""), addr.Unmap().BitLen()))
		} else if host := foldHost(entry); hostForm.MatchString(host) {
			a.hosts = append(a.hosts, host)
		} else {
			return a, fmt.Errorf("%q is neither a host nor an address nor a network such as 10.1.0.0/16", entry)
		}
	}
	return a, nil
}

// check says why a host may not be asked at an address.
func (a *allowance) check(host string, addr netip.Addr) error {
	addr = addr.Unmap()
	reach, what := reachOf(addr)
	if reach == public {
		return nil
	}
	if reach != never {
		for _, n := range a.networks {
			if n.Contains(addr) {
				return nil
			}
		}
		for _, h := range a.hosts {
			if reach == inner && h == host {
				return nil
			}
		}
	}
	return fmt.Errorf("%s has the %s address %s, which the policy does not open", host, what, addr)
}

// foldHost gives the one spelling of a host.
func foldHost(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }
