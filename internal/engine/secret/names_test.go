package secret

import (
	"slices"
	"testing"
)

func TestNames(t *testing.T) {
	c := &Config{Rules: []RuleConfig{{ID: "acme", Regex: "acme_[0-9]{8}", Aliases: []string{"gitleaks:acme-key"}}}}
	e, err := New(c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"secret/acme": true, "gitleaks:acme-key": true, "CWE-798": true,
		"acme": false, "secret/acme-key": false, "secret/other": false, "code/acme": false, "": false,
	} {
		if got := slices.Contains(e.Names(), name); got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
}
