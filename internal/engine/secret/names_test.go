package secret

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNames(t *testing.T) {
	c := &Config{Rules: []RuleConfig{{ID: "acme", Regex: "acme_[0-9]{8}", Aliases: []string{"gitleaks:acme-key"}}}}
	e, err := New(c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"secret/acme": true, "gitleaks:acme-key": true, "CWE-798": true, "gosec:G101": true,
		"acme": false, "secret/acme-key": false, "secret/other": false, "code/acme": false, "": false,
	} {
		if got := slices.Contains(e.Names(), name); got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
}

// A tool that reads one language names nothing in files of another.
func TestNamesOfOneLanguage(t *testing.T) {
	c := &Config{Rules: []RuleConfig{{ID: "acme", Regex: "acme_[0-9]{8}", Aliases: []string{"bandit:B105", "trufflehog:Acme"}}}}
	e, err := New(c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]string{
		"a.go": {"CWE-798", "gosec:G101", "trufflehog:Acme"},
		"a.py": {"CWE-798", "bandit:B105", "trufflehog:Acme"},
		"a.rb": {"CWE-798", "trufflehog:Acme"},
	} {
		found := lookAt(e, path, "x = acme_83910472\n").Findings
		if len(found) != 1 {
			t.Fatalf("%s: %d findings", path, len(found))
		}
		if diff := cmp.Diff(want, found[0].Aliases); diff != "" {
			t.Errorf("%s (-want +got)\n%s", path, diff)
		}
	}
}
