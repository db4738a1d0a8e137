package secret

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/scan"
)

// A rule that requires another one is looked at anew when a change far from its match brings that one's or takes it away.
func TestTraceOfRequired(t *testing.T) {
	c, _, err := ParseConfig("t.toml", []byte("[[rules]]\nid='two'\nregex='''two-[a-z0-9]{6}'''\nkeywords=['two-']\n[[rules.required]]\nid='one'\n"+
		"[[rules]]\nid='one'\nregex='''one-[a-z0-9]{6}'''\nkeywords=['one-']\n"), true)
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(c, Options{Foreign: true})
	if err != nil {
		t.Fatal(err)
	}
	far := strings.Repeat("lorem ipsum dolor sit amet\n", 100)
	const one, two, note = "one-abc123\n", "two-abc123\n", "one- is no more\n"
	for _, tt := range []struct{ name, base, text string }{
		{"brought", two + far + note, two + far + one},
		{"taken away", two + far + one, two + far + note},
		{"the other brought", note + two[:4] + "\n" + far + one, two + far + one},
	} {
		same := func(i int) bool { return i < len(tt.base) && i < len(tt.text) && tt.base[i] == tt.text[i] }
		n := 0
		for same(n) {
			n++
		}
		state := e.Trace(context.Background(), traced(tt.base), nil, nil).State
		from := e.Trace(context.Background(), traced(tt.text), state, []scan.Copy{{From: 0, To: 0, Len: n}}).Seen
		alone := e.Trace(context.Background(), traced(tt.text), nil, nil).Seen
		if diff := cmp.Diff(told(e, tt.text, alone), told(e, tt.text, from)); diff != "" {
			t.Errorf("%s (-alone +from its base)\n%s", tt.name, diff)
		}
	}
}

// What stands in the lines behind a value says that it is none, so that a change there has the value looked at again.
func TestTraceOfTypes(t *testing.T) {
	e := builtinEngine(t)
	value := strings.ReplaceAll("new Secret(\"5e1f0b94e2d84a6f95b3¦1c0de2f7a8461c2d3e4f\", \"mtls\")\n{\n", breakMark, "")
	far := strings.Repeat("lorem ipsum dolor sit amet\n", 100)
	const shared, thumbprint = "    Type = Kinds.Shared\n", "    Type = Kinds.Thumbprint\n"
	for _, tt := range []struct {
		name, from, to string
		want           int
	}{{"becomes a hash", shared, thumbprint, 0}, {"is a secret after all", thumbprint, shared, 1}} {
		head, tail := far+value, "}\n"+far
		base, text := head+tt.from+tail, head+tt.to+tail
		copies := []scan.Copy{{From: 0, To: 0, Len: len(head)}, {From: len(head) + len(tt.from), To: len(head) + len(tt.to), Len: len(tail)}}
		state := e.Trace(context.Background(), traced(base), nil, nil).State
		from := e.Trace(context.Background(), traced(text), state, copies).Seen
		alone := e.Trace(context.Background(), traced(text), nil, nil).Seen
		if diff := cmp.Diff(told(e, text, alone), told(e, text, from)); diff != "" || len(from) != tt.want {
			t.Errorf("%s: %d found, want %d (-alone +from its base)\n%s", tt.name, len(from), tt.want, diff)
		}
	}
}
