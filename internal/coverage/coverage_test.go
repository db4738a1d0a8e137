package coverage

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSettle(t *testing.T) {
	unchecked := []Unchecked{{"b", "x"}, {"a", "y"}, {"a", "x"}, {"a", "y"}}
	for _, tt := range []struct {
		name string
		in   Record
		want Record
	}{
		{"done", Record{Status: Done}, Record{Status: Done}},
		{
			"done, and something stayed unchecked",
			Record{Status: Done, Unchecked: unchecked},
			Record{Status: Partial, Unchecked: []Unchecked{{"a", "x"}, {"a", "y"}, {"b", "x"}}},
		},
		{"an error stays one", Record{Status: Error, Unchecked: unchecked[:1]}, Record{Status: Error, Unchecked: unchecked[:1]}},
		{
			"what is capped was looked at",
			Record{Status: Done, Capped: []Capped{{"b", "r", 1}, {"a", "s", 1}, {"a", "r", 1}}},
			Record{Status: Done, Capped: []Capped{{"a", "r", 1}, {"a", "s", 1}, {"b", "r", 1}}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.in
			got.Unchecked = append([]Unchecked(nil), tt.in.Unchecked...)
			got.Settle()
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got.Complete() != (tt.want.Status == Done) {
				t.Errorf("complete: %v", got.Complete())
			}
		})
	}
}
