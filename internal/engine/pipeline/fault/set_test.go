package fault

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSet(t *testing.T) {
	s := Set{Most: 3}
	for _, f := range []Fault{
		{Rule: "b", Span: Span{5, 6}}, {Rule: "a", Span: Span{5, 6}}, {Rule: "a", Span: Span{5, 6}, Key: "again"}, {Rule: "a", Span: Span{1, 2}}, {Rule: "c"},
	} {
		s.Add(f)
	}
	want := []Fault{{Rule: "a", Span: Span{1, 2}}, {Rule: "a", Span: Span{5, 6}}, {Rule: "b", Span: Span{5, 6}}}
	if diff := cmp.Diff(want, s.Sorted()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
