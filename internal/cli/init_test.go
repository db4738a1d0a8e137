package cli

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAgreed answers the questions of init as a person does.
func TestAgreed(t *testing.T) {
	type answer struct{ Yes, GoOn bool }
	for _, test := range []struct {
		name, typed string
		want        []answer
	}{
		{"one by one", "y\nno\nYES\n", []answer{{true, true}, {false, true}, {true, true}}},
		{"all", "n\na\n", []answer{{false, true}, {true, true}, {true, true}}},
		{"enough", "y\nq\n", []answer{{true, true}, {false, false}}},
		{"no answer", "what\n\nhm\ny\n", []answer{{false, false}}},
		{"the end", "", []answer{{false, false}}},
		{"the end, without a line end", "y", []answer{{true, true}, {false, false}}},
	} {
		var out bytes.Buffer
		s := &setup{app: &app{Env: Env{Stdout: &out}}, ask: bufio.NewReader(strings.NewReader(test.typed))}
		var got []answer
		for range test.want {
			yes, goOn := s.agreed("a\x1bb")
			got = append(got, answer{yes, goOn})
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", test.name, diff)
		}
		if strings.Contains(out.String(), "\x1b") {
			t.Errorf("%s: a path speaks to the terminal: %q", test.name, out.String())
		}
	}
}
