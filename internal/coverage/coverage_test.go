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

func TestSaw(t *testing.T) {
	in := func(paths ...string) Record {
		r := Record{Status: Done}
		for _, p := range paths {
			r.Unchecked = append(r.Unchecked, Unchecked{Path: p})
		}
		r.Settle()
		return r
	}
	for _, tt := range []struct {
		name   string
		record Record
		path   string
		want   bool
	}{
		{"done", in(), "a/b", true},
		{"the file", in("a/b"), "a/b", false},
		{"a folder", in("a"), "a/b", false},
		{"a folder of which it begins with the name", in("a"), "ab", true},
		{"another file", in("a/c"), "a/b", true},
		{"all", in("."), "a/b", false},
		{"an archive", in("a.zip"), "a.zip!/b", false},
		{"another place of its archive", in("a.zip!/c.tar"), "a.zip!/b", false},
		{"the archive itself", in("a.zip!/b"), "a.zip", false},
		{"an error", Record{Status: Error}, "a", false},
		{"an error with a place elsewhere", Record{Status: Error, Unchecked: []Unchecked{{Path: "b"}}}, "a", false},
		{"not run", Record{Status: NotRun}, "a", false},
		{"stale", Record{Status: Stale}, "a", false},
		{"without a status", Record{}, "a", false},
		{"partial for no reason", Record{Status: Partial}, "a", false},
		{"capped", Record{Status: Done, Capped: []Capped{{"a", "r", 1}}}, "a", false},
		{"another rule capped", Record{Status: Done, Capped: []Capped{{"a", "s", 1}}}, "a", true},
		{"another file capped", Record{Status: Done, Capped: []Capped{{"b", "r", 1}}}, "a", true},
	} {
		if got := tt.record.Sight().Saw(tt.path, "r"); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
