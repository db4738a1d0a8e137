package register

import (
	"fmt"
	"strings"
	"testing"
)

func TestOwnerIsNotTheApprover(t *testing.T) {
	for _, tt := range []struct {
		owner, approver string
		same            bool
	}{
		{"ann", "ann", true},
		{"Ann", "aNN", true},
		{"ann@example.com", "Ann@Example.com", true},
		{"ann@example.com", "Ann Smith <ann@example.com>", true},
		{"Ann  Smith", "Ann Smith <ann@example.com>", true},
		{"ann", "ann@example.com", true},
		{"ann+work@example.com", "ann@example.com", true},
		{"@acme/payments", "acme/payments", true},
		{"mailto:ann@example.com", "ann@example.com", true},
		{"ａｎｎ", "ann", true},
		{"ann", "bob", false},
		{"ann@example.com", "ann@example.org", false},
		{"ann+a", "ann+b", false},
		{"team-payments", "security@example.com", false},
		{"Ann <ann@example.com>", "Bob <bob@example.com>", false},
		{"ann < bob", "ann < carl", false},
	} {
		text := strings.Replace(strings.Replace(simple, "owner: ann", fmt.Sprintf("owner: %q", tt.owner), 1), "approver: bob@example.com", fmt.Sprintf("approver: %q", tt.approver), 1)
		_, err := Parse(File, []byte(text))
		if got := err != nil && strings.Contains(err.Error(), "is the owner"); got != tt.same || err != nil && !got {
			t.Errorf("%s asks %s: %v", tt.owner, tt.approver, err)
		}
	}
}
