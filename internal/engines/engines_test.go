package engines

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFind(t *testing.T) {
	for _, names := range [][]string{nil, {"secret"}, {"secret", "secret"}} {
		got, err := Find(names)
		if err != nil || len(got) != 1 || got[0].Name != "secret" {
			t.Errorf("%q: %v, %v", names, got, err)
		}
	}
	if _, err := Find([]string{"secret", "secrets"}); err == nil || !strings.Contains(err.Error(), `"secrets" is not known: there is secret`) {
		t.Errorf("error %v", err)
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
