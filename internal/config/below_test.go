package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/config"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/profile"
)

// TestBelow holds, key by key, what a folder's file can say beside the root's.
func TestBelow(t *testing.T) {
	read := func(text string) *config.Config {
		t.Helper()
		var files []*config.File
		if text != "" {
			f, err := config.ParseRoot(config.Name, []byte(text), nil)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		c, err := config.Merge(files...)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	const loose = "rules: [x]\nsecret: {decode-depth: 0, config: x}\nscan: {include: [binary], limits: {file-size: 1KB}}\nexceptions: {max-days: 900}\nsuppressions: {accept-from-change: true}\n"
	for _, tt := range []struct {
		name, top, own string
		want           string // the file that would say the same alone
		unheard        []string
	}{
		{"nothing in either", "", "", "", nil},
		{"a folder says nothing", "due: {low: {low: 3}}\nrules: [y]\n", "", "due: {low: {low: 3}}\nrules: [y]\n", nil},
		{"a later due date", "", "due: {low: {low: 900}}\n", "", []string{"due.low.low"}},
		{"a sooner one", "", "due: {low: {low: 9}}\n", "due: {low: {low: 9}}\n", nil},
		{"the same one", "due: {low: {low: 9}}\n", "due: {low: {low: 9}}\n", "due: {low: {low: 9}}\n", nil},
		{"what concerns the run", "due: {low: {low: 3}}\n", loose, "due: {low: {low: 3}}\n", []string{"exceptions", "rules", "scan", "secret", "suppressions"}},
		{"jobs", "scan: {jobs: 3, include: [ignored]}\n", "scan: {jobs: 2}\n", "scan: {jobs: 2, include: [ignored]}\n", nil},
		{"jobs of the root", "scan: {jobs: 3}\n", "due: {low: {low: 3}}\n", "scan: {jobs: 3}\ndue: {low: {low: 3}}\n", nil},
		{"no file at the root", "", loose, loose, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			top, own, want := read(tt.top), read(tt.own), read(tt.want)
			got := own.Below(top, "../")
			if diff := cmp.Diff(want, got, cmp.FilterPath(func(p cmp.Path) bool {
				name := p.Last().String()
				return name == ".places" || name == ".rooted" || name == ".gates"
			}, cmp.Ignore()), cmp.AllowUnexported(config.Config{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.unheard, own.Unheard(top)); diff != "" {
				t.Errorf("unheard (-want +got):\n%s", diff)
			}
		})
	}
	c := read("due: {low: {low: 9}}\n").Below(read("due: {low: {high: 2, low: 90}}\n"), "../../")
	if at, _ := c.PlaceOf("due.low.high"); at.File != "../../.assay.yaml" || c.Due[profile.TierLow][finding.High] != 2 {
		t.Errorf("%v, %d days", at, c.Due[profile.TierLow][finding.High])
	}
	if at, _ := c.PlaceOf("due.low.low"); at.File != ".assay.yaml" {
		t.Errorf("%v", at)
	}
}
