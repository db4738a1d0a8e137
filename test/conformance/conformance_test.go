package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNormal(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"monday.com", "mondaycom"}, {"Kit (ConvertKit)", "kitconvertkit"}, {"D7 Networks", "d7networks"}, {"Ünï", "n"},
	} {
		if got := normal(tt.name); got != tt.want {
			t.Errorf("normal(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestCompressedName(t *testing.T) {
	for _, tt := range []struct{ path, want string }{
		{"main.go", "main.go"},
		{"main.go.gz!/main.go", "main.go.gz"},
		{"a.tar!/b/main.go.gz!/main.go", "a.tar!/b/main.go.gz"},
		{"a.tar!/main.go", "a.tar!/main.go"},
		{"main.tar!/b/main", "main.tar!/b/main"},
	} {
		if got := compressedName(tt.path); got != tt.want {
			t.Errorf("compressedName(%q) = %q, want %q", tt.path, got, tt.want)
		}
	}
}

func TestAddCountsCrashes(t *testing.T) {
	a := &account{}
	a.add("g", "one", func() (outcome, string) { panic("what an example holds") })
	a.add("g", "two", func() (outcome, string) { return passed, "" })
	want := []result{
		{group: "g", name: "one", outcome: crashed, note: "panic of type string"},
		{group: "g", name: "two", outcome: passed},
	}
	if diff := cmp.Diff(want, a.results, cmp.AllowUnexported(result{})); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	names, tallies := a.groups()
	if diff := cmp.Diff([]string{"g"}, names); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if got := tallies["g"].total(); got != 2 {
		t.Errorf("total = %d, want 2", got)
	}
}

func TestPlaces(t *testing.T) {
	document := `{"findings":[
		{"rule":"secret/a","status":"open","location":{"path":"x","start":{"line":3}},"related":[{"path":"y","start":{"line":4}}]},
		{"rule":"secret/b","status":"suppressed","location":{"path":"z","start":{"line":5}}}]}`
	got, err := places([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]string{{"a x:3", "a y:4"}}, got); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
}
