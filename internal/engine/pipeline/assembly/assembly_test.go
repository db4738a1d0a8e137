package assembly

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

type summary struct {
	Standing
	Name string `json:"name"`
}

// look is the summary of a file with one fault, and one thing that was not looked at.
func look(sure bool) (told []fault.Fault, unchecked []string, text []byte) {
	s := &summary{Name: "x"}
	s.Uncheckedf("line %d", 7)
	told, unchecked = s.Settle(sure, []fault.Fault{{Rule: "r", Span: fault.Span{Start: 1, End: 2}}})
	return told, unchecked, Encode(s)
}

func TestPending(t *testing.T) {
	sureTold, sureNot, sure := look(true)
	told, not, pending := look(false)
	if len(sureTold) != 1 || len(sureNot) != 1 || len(told)+len(not) != 0 {
		t.Fatalf("told at once: %v %q, %v %q", sureTold, sureNot, told, not)
	}
	j, files := Decode([]string{"a", "b", "c", "d"}, [][]byte{sure, pending, pending, []byte("{")}, func(s *summary) *Standing { return &s.Standing })
	if len(files) != 3 || files["b"].Name != "x" {
		t.Fatalf("files %v", files)
	}
	j.Used["a"], j.Used["b"] = true, true
	j.Add(fault.Fault{Rule: "r", Path: "b", Span: fault.Span{Start: 1, End: 2}, Key: "told before"})
	faults, unchecked := j.Finish()
	want := []fault.Fault{{Rule: "r", Path: "b", Span: fault.Span{Start: 1, End: 2}, Key: "told before"}}
	if diff := cmp.Diff(want, faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"b: line 7", "d: its summary cannot be read"}, unchecked); diff != "" {
		t.Errorf("unchecked (-want +got):\n%s", diff)
	}
}

func TestBounds(t *testing.T) {
	j, _ := Decode[summary](nil, nil, nil)
	j.TooMuch = "too much"
	if !j.Spend(maxSteps) || !j.Spend(1) || j.Spend(1) {
		t.Error("work is not cut off after the last step that was allowed")
	}
	for i := range maxFound + 5 {
		j.Add(fault.Fault{Rule: fmt.Sprint(i)})
	}
	faults, unchecked := j.Finish()
	if len(faults) != maxFound || len(unchecked) != 1 || unchecked[0] != "too much" {
		t.Errorf("%d faults, unchecked %q", len(faults), unchecked)
	}
	var s Standing
	for range 2 * maxUnchecked {
		s.Uncheckedf("x")
	}
	if len(s.Unchecked) != maxUnchecked {
		t.Errorf("%d reasons", len(s.Unchecked))
	}
}

func TestUnpinnedImage(t *testing.T) {
	for name, want := range map[string]string{
		"ruby": "neither", "host.example.com:5000/ruby": "neither", "ruby:latest": "pushed last", "host.example.com:5000/ruby:3": "by a tag",
	} {
		if f := UnpinnedImage("r", "image", name); !strings.Contains(f.Message, want) {
			t.Errorf("%s: %q, want %q", name, f.Message, want)
		}
	}
}

func TestLooksMade(t *testing.T) {
	made := "kZ83" + "hdQ2lT" + "x9Rb44"
	for value, want := range map[string]bool{
		made: true, made[:7]: false, "": false, "correcthorsebattery": false, "2026112400": false, "$" + made: false, "/" + made: false,
		"https://" + made: false, "example" + made: false, strings.Repeat(made, 40): false, "<" + made + ">": false,
	} {
		if got := LooksMade(value); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}
