package probe

import (
	"net/netip"
	"testing"
)

func TestReach(t *testing.T) {
	for _, tt := range []struct {
		addr string
		want reach
	}{
		{"8.8.8.8", public},
		{"2606:4700::1", public},
		{"100.63.255.255", public},
		{"100.128.0.0", public},
		{"172.32.0.1", public},
		{"10.0.0.1", inner},
		{"172.16.0.1", inner},
		{"172.31.255.255", inner},
		{"192.168.1.1", inner},
		{"127.0.0.1", inner},
		{"127.9.9.9", inner},
		{"100.64.0.1", inner},
		{"::1", inner},
		{"fd12::1", inner},
		{"::ffff:127.0.0.1", inner},
		{"::ffff:10.0.0.1", inner},
		{"169.254.169.254", special},
		{"::ffff:169.254.169.254", special},
		{"fd00:ec2::254", special},
		{"168.63.129.16", special},
		{"100.100.100.200", special},
		{"192.0.0.192", special},
		{"198.18.0.1", special},
		{"fe80::1", special},
		{"64:ff9b::7f00:1", special},
		{"64:ff9b:1::1", special},
		{"2002:7f00:1::1", special},
		{"2001:0:1::1", special},
		{"2001:db8::1", special},
		{"::127.0.0.1", special},
		{"100::1", special},
		{"4000::1", special},
		{"0.0.0.0", never},
		{"0.1.2.3", never},
		{"::", never},
		{"224.0.0.1", never},
		{"239.255.255.250", never},
		{"255.255.255.255", never},
		{"240.0.0.1", never},
		{"ff02::1", never},
		{"fe80::1%eth0", never},
	} {
		if got, what := reachOf(netip.MustParseAddr(tt.addr)); got != tt.want || (got == public) != (what == "") {
			t.Errorf("%s: %d %s, want %d", tt.addr, got, what, tt.want)
		}
	}
}

func TestAllowance(t *testing.T) {
	for _, tt := range []struct {
		name  string
		allow []string
		addr  string
		ok    bool
	}{
		{"public", nil, "8.8.8.8", true},
		{"private", nil, "10.0.0.1", false},
		{"host", []string{"Pay.example.com."}, "10.0.0.1", true},
		{"another host", []string{"example.com"}, "10.0.0.1", false},
		{"a host does not open metadata", []string{"pay.example.com"}, "169.254.169.254", false},
		{"address", []string{"10.0.0.1"}, "10.0.0.1", true},
		{"address, written as one of version 6", []string{"::ffff:10.0.0.1"}, "10.0.0.1", true},
		{"another address", []string{"10.0.0.2"}, "10.0.0.1", false},
		{"network", []string{"10.0.0.0/8"}, "::ffff:10.0.0.1", true},
		{"another network", []string{"10.1.0.0/16"}, "10.0.0.1", false},
		{"link-local network", []string{"169.254.0.0/16"}, "169.254.169.254", true},
		{"multicast is no place", []string{"224.0.0.0/4", "0.0.0.0/0"}, "224.0.0.1", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := parseAllowance(tt.allow)
			if err != nil {
				t.Fatal(err)
			}
			if err := a.check("pay.example.com", netip.MustParseAddr(tt.addr)); (err == nil) != tt.ok {
				t.Errorf("%v", err)
			}
		})
	}
}
