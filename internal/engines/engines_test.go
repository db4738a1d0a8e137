package engines

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/scan"
	"github.com/assaysec/assay/internal/source"
)

func TestFind(t *testing.T) {
	for _, c := range []struct{ ask, want []string }{
		{nil, []string{"secret", "pipeline"}}, {[]string{"secret"}, []string{"secret"}}, {[]string{"pipeline", "secret", "pipeline"}, []string{"secret", "pipeline"}},
	} {
		entries, err := Find(c.ask)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range entries {
			got = append(got, e.Name)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.ask, diff)
		}
	}
	if _, err := Find([]string{"secret", "secrets"}); err == nil || !strings.Contains(err.Error(), `"secrets" is not known: there is secret, pipeline`) {
		t.Errorf("error %v", err)
	}
}

// TestRules asks every engine for its rules: each ID is the engine's, and is there once.
func TestRules(t *testing.T) {
	rules, err := Rules()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, r := range rules {
		engine, _, _ := strings.Cut(r.ID, "/")
		if seen[r.ID]++; seen[r.ID] > 1 || r.Finds == "" {
			t.Errorf("%+v", r)
		}
		seen[engine]++
	}
	for _, e := range All {
		if seen[e.Name] == 0 {
			t.Errorf("no rule of %s", e.Name)
		}
	}
}

// Rule files stand in place of the built-in pack, beside it where they say so, and an error names what could not be read.
func TestNewSecret(t *testing.T) {
	files := map[string]string{
		"one.toml": "[[rules]]\nid = \"one\"\nregex = '''one_[0-9]{4}'''\n",
		"two.toml": "[[rules]]\nid = \"two\"\nregex = '''two_[0-9]{4}'''\n",
		"bad.toml": "[[rules]]\nid = \"bad\"\nregex = '''(?=x)'''\n",
	}
	read := func(name string) ([]byte, error) {
		text, ok := files[name]
		if !ok {
			return nil, errors.New("no such file")
		}
		return []byte(text), nil
	}
	digests := map[string]string{}
	for _, rules := range [][]string{nil, {Builtin}, {"one.toml"}, {"one.toml", "two.toml"}, {Builtin, "one.toml"}} {
		e, _, err := newSecret(Settings{Rules: rules, Read: read})
		if err != nil {
			t.Fatalf("%q: %v", rules, err)
		}
		digests[strings.Join(rules, " ")] = e.Digests()["rules"]
	}
	if diff := cmp.Diff(digests[""], digests[Builtin]); diff != "" {
		t.Errorf("the built-in pack, named and not (-want +got)\n%s", diff)
	}
	delete(digests, "")
	known := map[string]string{}
	for rules, digest := range digests {
		if other, ok := known[digest]; ok {
			t.Errorf("%q and %q have the same digest", rules, other)
		}
		known[digest] = rules
	}
	for name, want := range map[string]string{"bad.toml": "lookahead", "nowhere.toml": "no such file"} {
		if _, _, err := newSecret(Settings{Rules: []string{name}, Read: read}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", name, err, want)
		}
	}
}

// A team's rule finds the same beside the built-in pack as alone: our filters are not for it.
func TestRulesBesideOurs(t *testing.T) {
	const value = "house" + "key-k3j9x0q8w7z6v5u4t3s2"
	read := func(string) ([]byte, error) {
		return []byte("[[rules]]\nid = \"mine\"\nregex = '''[a-z]{8}-[0-9a-z]{20}'''\nkeywords = [\"house\"]\n"), nil
	}
	for _, rules := range [][]string{{"mine.toml"}, {Builtin, "mine.toml"}} {
		e, _, err := newSecret(Settings{Rules: rules, Read: read})
		if err != nil {
			t.Fatal(err)
		}
		report, err := scan.Run(t.Context(), source.NewStream("-", strings.NewReader("v: "+value+"\n")), []scan.Engine{e}, scan.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Findings) != 1 || report.Findings[0].Rule != "secret/mine" {
			t.Errorf("%q: %+v", rules, report.Findings)
		}
	}
}
