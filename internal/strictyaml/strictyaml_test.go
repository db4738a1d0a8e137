package strictyaml

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

var small = Limits{Size: 200, Nodes: 20, Depth: 4, Text: 20}

// read reads a file of two keys, and tells what is in it and what is wrong with it.
func read(text, plain string) (got, wrong string) {
	r := New("f", small, plain)
	var values []string
	if top := r.Document([]byte(text)); top != nil {
		r.Mapping(top, "", "key", []Field{
			{Name: "name", Required: true, Read: func(path string, n *yaml.Node) { values = append(values, path+"="+r.Text(path, n)) }},
			{Name: "kind", Read: func(path string, n *yaml.Node) {
				values = append(values, OneOf(r, "kind", path, n, []string{"tall", "wide"}))
			}},
			{Name: "sizes", Read: func(path string, n *yaml.Node) {
				r.OneOrMore(path, n, func(path string, n *yaml.Node) {
					values = append(values, fmt.Sprint(path, "=", r.Number(path, n, 1, 9)))
				})
			}},
		})
	}
	if err := r.Errs.Settle(); err != nil {
		wrong = err.Error()
	}
	return strings.Join(values, " "), wrong
}

func TestRead(t *testing.T) {
	for _, c := range []struct{ name, text, plain, got, wrong string }{
		{"all", "name: a\nkind: tall\nsizes: [1, 2]\n", "", "name=a tall sizes[0]=1 sizes[1]=2", ""},
		{"one for a list", "name: a\nsizes: 3\n", "", "name=a sizes=3", ""},
		{"empty", "", "", "", ""},
		{"an alias", "name: &x a\nkind: *x\n", "", "name=a ", `f:2:7: unknown kind "a"`},
		{"an alias where none may be", "name: &x a\n", "no aliases", "", "f:1:7: no aliases"},
		{"every fault at once", "nmae: a\nkind: wdie\nsizes: [0, x]\n", "", " sizes[0]=0 sizes[1]=0",
			"f:1:1: unknown key \"nmae\", did you mean \"name\"?\nf:1:1: name is missing\nf:2:7: unknown kind \"wdie\", did you mean \"wide\"?\nf:3:9: sizes[0] is 0: want a whole number from 1 to 9\nf:3:12: sizes[1] is text: want a whole number"},
		{"twice", "name: a\nname: b\n", "", "name=a", `f:2:1: "name" is given twice`},
		{"no text", "name: 1\n", "", "name=", "f:1:7: name is a number: want text"},
		{"a tag", "name: !x 1\n", "", "name=", "f:1:7: name is of the kind !x: want text"},
		{"blank", "name: ' '\n", "", "name=", "f:1:7: name is empty"},
		{"long", "name: aaaaaaaaaaaaaaaaaaaaa\n", "", "name=", "f:1:7: name is longer than 20 bytes"},
		{"no mapping", "[a]\n", "", "", "f:1:1: the file is a list: want a mapping of keys to values"},
		{"a key that is a list", "? [a]\n: b\nname: a\n", "", "name=a", "f:1:3: a key must be a word"},
		{"not YAML", "name: a\n  b: [\n", "", "", "f:2:3: not valid YAML: mapping values are not allowed in this context"},
		{"no such anchor", "name: a\nkind: *x\n", "", "", "f:2:1: not valid YAML: unknown anchor 'x' referenced"},
		{"two documents", "name: a\n---\nname: b\n", "", "name=a", "f:2:1: a second document"},
		{"not UTF-8", "name: a\nkind: \xff\n", "", "", "f:2:1: not valid UTF-8"},
		{"too large", strings.Repeat("#", 201), "", "", "f:1:1: the file is larger than 200 bytes"},
		{"too deep", "name: [[[[[a]]]]]\n", "", "", "f:1:11: nested more than 4 deep"},
		{"too many by aliases", "a: &a [1, 2, 3, 4, 5]\nb: [*a, *a, *a]\n", "", "", "f:1:11: more than 20 values, counting what aliases stand for"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, wrong := read(c.text, c.plain)
			if diff := cmp.Diff([]string{c.got, c.wrong}, []string{got, wrong}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add("name: &x a\nkind: *x\n")
	f.Add("a: &a [*a]\n")
	f.Fuzz(func(t *testing.T, text string) {
		r := New("f", small, "")
		r.Document([]byte(text))
		for _, e := range r.Errs {
			if e.At.Line < 1 || e.At.Line > 1+strings.Count(text, "\n") || e.At.Column < 1 {
				t.Errorf("%v is outside of the file", e)
			}
		}
	})
}
