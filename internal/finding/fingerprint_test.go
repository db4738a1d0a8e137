package finding

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func at(path string, line int, surroundings string) Finding {
	return Finding{Rule: "secret/x", Place: Place{Kind: InFile, Path: path, Start: Position{line, 1}}, Surroundings: surroundings}
}

func numbered(findings ...Finding) []Finding {
	Sort(findings)
	Number(findings)
	return findings
}

func TestNumber(t *testing.T) {
	base := numbered(at("a.go", 3, "key = …"))[0]
	for _, c := range []struct {
		name        string
		other       Finding
		same, trail bool
	}{
		{"the same fault on another line", at("a.go", 40, "key = …"), true, true},
		{"a renamed file", at("b.go", 3, "key = …"), false, true},
		{"other surroundings", at("a.go", 3, "token = …"), false, false},
		{"another rule", func() Finding { f := at("a.go", 3, "key = …"); f.Rule = "secret/y"; return f }(), false, false},
		{"parts that only meet where they are joined", at("a.gok", 3, "ey = …"), false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := numbered(c.other)[0]
			if same := got.Fingerprint == base.Fingerprint; same != c.same {
				t.Errorf("fingerprint equal: %v, want %v", same, c.same)
			}
			if same := got.Trail == base.Trail; same != c.trail {
				t.Errorf("trail equal: %v, want %v", same, c.trail)
			}
		})
	}
}

func TestNumberTellsEqualsApart(t *testing.T) {
	two := numbered(at("a.go", 9, "key = …"), at("a.go", 3, "key = …"))
	if two[0].Fingerprint == two[1].Fingerprint {
		t.Error("two faults have one fingerprint")
	}
	if one := numbered(at("a.go", 5, "key = …")); one[0].Fingerprint != two[0].Fingerprint {
		t.Error("the first of equals has another fingerprint than one alone")
	}
}

func TestLevelsAreWords(t *testing.T) {
	for want := range Critical + 1 {
		text, _ := want.MarshalText()
		var got Severity
		if err := got.UnmarshalText(text); err != nil || got != want {
			t.Errorf("%s is read as %v, %v", text, got, err)
		}
	}
	var s Severity
	if err := s.UnmarshalText([]byte("grave")); err == nil {
		t.Error("an unknown word was read")
	}
	if got := Severity(200).String(); got != "unknown" {
		t.Errorf("a value that is none is %q", got)
	}
}

// TestSort holds the order of reports: path, place, rule, commit.
func TestSort(t *testing.T) {
	in := func(path string, line, column, end int, rule, commit string) Finding {
		f := Finding{Rule: rule, Place: Place{Path: path, Start: Position{line, column}, End: Position{line, end}}}
		if commit != "" {
			f.Place.Commit = &Commit{ID: commit}
		}
		return f
	}
	want := []Finding{
		in("", 1, 1, 2, "b", ""),
		in("a", 2, 9, 9, "b", ""),
		in("a", 10, 1, 2, "b", ""),
		in("a", 10, 2, 3, "b", ""),
		in("a", 10, 2, 4, "a", ""),
		in("a", 10, 2, 4, "b", ""),
		in("a", 10, 2, 4, "b", "1"),
		in("a", 10, 2, 4, "b", "2"),
		in("b", 1, 1, 1, "a", ""),
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
