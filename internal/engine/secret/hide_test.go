package secret

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/scan"
)

var tokenForTest = "ghp_" + strings.ReplaceAll("glmjpN8pASH4gZvE¦qe2mGEZtYenoTt0wAYe7", "¦", "")

// TestPaths holds that what is found in a path is what Hide takes out of it: no path is shown with a credential that nobody
// was told of.
func TestPaths(t *testing.T) {
	e := builtinEngine(t)
	token := tokenForTest
	for _, tt := range []struct {
		path, archive string
		want          int
	}{
		{path: token, want: 1},
		{path: "in/" + token + "/a.txt", want: 1},
		{path: token + "/" + token + ".txt", want: 1},
		{path: "a.zip!/" + token, archive: "a.zip", want: 1},
		{path: token + ".zip!/a.txt", archive: token + ".zip"}, // told of the archive
		{path: token[:39] + "x.txt"},
		{path: "src/cmd/compile/internal/ssa/rewriteRISCV64latelower.go"},
		{path: "objects/8843d7f92416211de9ebb963ff4ce28125932878"},
		{path: "store/sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
	} {
		f := &scan.File{FileInfo: scan.FileInfo{Path: tt.path, Archive: tt.archive, Class: coverage.Source}}
		got := e.Look(t.Context(), f).Findings
		if len(got) != tt.want {
			t.Errorf("%s: %d findings, want %d", tt.path, len(got), tt.want)
		}
		if hidden := e.Hide(tt.path) != tt.path; hidden != (tt.want > 0 || tt.archive != "") {
			t.Errorf("%s: hidden %v", tt.path, hidden)
		}
		for _, fd := range got {
			if diff := cmp.Diff(finding.Place{Kind: finding.InPath, Path: tt.path}, fd.Place); diff != "" || strings.Contains(fd.Surroundings, token[4:12]) {
				t.Errorf("%q (-want +got)\n%s", fd.Surroundings, diff)
			}
		}
	}
}

// A file that moves takes the credential in its name along.
func TestPathThatMoves(t *testing.T) {
	e, around := builtinEngine(t), map[string]bool{}
	for _, dir := range []string{"", "in/", "in/another/"} {
		found := e.Look(t.Context(), &scan.File{FileInfo: scan.FileInfo{Path: dir + tokenForTest}}).Findings
		if len(found) != 1 {
			t.Fatalf("%s: %d findings", dir, len(found))
		}
		around[found[0].Surroundings] = true
	}
	if len(around) != 1 {
		t.Errorf("surroundings %v", around)
	}
}

// A link of a name that usually holds a credential holds none.
func TestLinkIsNoSuchFile(t *testing.T) {
	e, err := New(&Config{Rules: []RuleConfig{{ID: "key-file", Path: `\.p12$`}}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for class, want := range map[coverage.Class]int{coverage.Binary: 1, coverage.Link: 0} {
		f := &scan.File{FileInfo: scan.FileInfo{Path: "a.p12", Class: class}}
		if got := e.Look(t.Context(), f).Findings; len(got) != want {
			t.Errorf("%s: %d findings, want %d", class, len(got), want)
		}
	}
}
