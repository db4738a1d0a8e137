package formats

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/escape"
	"github.com/assaysec/assay/internal/report/reporttest"
)

func TestFind(t *testing.T) {
	for _, f := range All {
		got, err := Find(f.Name)
		if err != nil || got.Name != f.Name || got.Write == nil || got.About == "" {
			t.Errorf("Find(%q) = %+v, %v", f.Name, got, err)
		}
	}
	_, err := Find("xlm")
	want := `report format "xlm": want one of text, json, jsonl, sarif, gitlab-secret-detection, gitlab-sast, junit, markdown, github, github-summary, azure, html`
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// helpers are the packages beside the formats that are none.
var helpers = map[string]bool{"annotation": true, "comment": true, "escape": true, "formats": true, "frame": true, "reporttest": true}

// TestListIsWhole fails when a package beside this one is not in the list.
func TestListIsWhole(t *testing.T) {
	dirs, err := filepath.Glob("../*/doc.go")
	if err != nil || len(dirs) == 0 {
		t.Fatal(err)
	}
	source, err := os.ReadFile("formats.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		name := filepath.Base(filepath.Dir(d))
		if !helpers[name] && !bytes.Contains(source, []byte("Write: "+name+".Write")) {
			t.Errorf("package %s is not in All", name)
		}
	}
}

// TestHostile holds for every format what its own tests refine: valid UTF-8, nothing that a reader could not see, no
// control but the line break, no command to a CI system, when the report itself is printed to a log.
func TestHostile(t *testing.T) {
	for _, f := range All {
		t.Run(f.Name, func(t *testing.T) {
			got := reporttest.Render(t, f.Write, reporttest.Hostile(), report.Options{})
			if !utf8.ValidString(got) {
				t.Error("invalid UTF-8")
			}
			for line := range strings.Lines(got) {
				line = strings.TrimPrefix(strings.TrimSuffix(line, "\n"), own[f.Name])
				if i := strings.IndexFunc(line, hidden); i >= 0 {
					t.Errorf("%.40q cannot be seen", line[i:])
				}
				if escape.Workflow(strings.TrimSpace(line)) != strings.TrimSpace(line) && command(line) {
					t.Errorf("%.80q is a command", line)
				}
			}
		})
	}
}

// own is how the lines of a format begin that is made of commands; its own tests hold what follows.
var own = map[string]string{"github": "::", "azure": "##vso[task.logissue "}

func hidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || r != '\ufe0f' && escape.Hidden(r)
}

func command(line string) bool {
	return strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.Contains(line, "##vso[") || strings.Contains(line, "##teamcity[")
}

// TestSameBytes holds that reports of equal documents are equal bytes, also in one process.
func TestSameBytes(t *testing.T) {
	for _, f := range All {
		for _, r := range reporttest.Recordings {
			first := reporttest.Render(t, f.Write, r.New(), report.Options{Color: true, Width: 100})
			for range 3 {
				if reporttest.Render(t, f.Write, r.New(), report.Options{Color: true, Width: 100}) != first {
					t.Errorf("%s of %s differs from run to run", f.Name, r.Name)
				}
			}
		}
	}
}

// TestDocumentStays holds that no format changes the document that the next one gets.
func TestDocumentStays(t *testing.T) {
	json, err := Find("json")
	if err != nil {
		t.Fatal(err)
	}
	d := reporttest.Recorded()
	before := reporttest.Render(t, json.Write, d, report.Options{})
	for _, f := range All {
		reporttest.Render(t, f.Write, d, report.Options{})
	}
	if reporttest.Render(t, json.Write, d, report.Options{}) != before {
		t.Error("a format changed the document")
	}
}

// TestFailedEngineIsNamed holds that each format tells of the engine that failed, in its own words.
func TestFailedEngineIsNamed(t *testing.T) {
	words := map[string]string{
		"text": "ERROR    secret", "json": `"status": "error"`, "jsonl": `"status":"error"`, "sarif": `"executionSuccessful": false`,
		"gitlab-secret-detection": `"status": "failure"`, "gitlab-sast": `"status": "success"`, "junit": "<error message=\"secret: error",
		"markdown": "Not proven clean", "github": "::error title=Not proven clean", "github-summary": "Not proven clean", "azure": "]Not proven clean", "html": "Not proven clean",
	}
	for _, f := range All {
		if got := reporttest.Render(t, f.Write, reporttest.Failed(), report.Options{}); !strings.Contains(got, words[f.Name]) || words[f.Name] == "" {
			t.Errorf("%s does not tell: %q", f.Name, words[f.Name])
		}
	}
}

// TestStanding holds for every format that it tells of an exception that is void, of one that permits, of what the change
// alters, of suppressions, and of what rules say about the run and about a finding. GitLab's report of all other engines
// says nothing of the finding, and annotations nothing of what is as it should be.
func TestStanding(t *testing.T) {
	told := map[string]string{
		"void": "403 is wanted", "in force": "EX-7", "alteration": "adds the exception EX-15", "count": "12",
		"run": "a release needs no finding that is overdue", "warning of the run": "the change touches 2 services", "finding": "live keys are revoked",
	}
	less := map[string][]string{
		"gitlab-sast": {"finding"}, "github": {"in force", "alteration", "count"}, "azure": {"in force", "alteration", "count"},
	}
	for _, f := range All {
		got := strings.Join(strings.Fields(reporttest.Render(t, f.Write, reporttest.Recorded(), report.Options{Width: 1000})), " ")
		got = strings.ReplaceAll(got, "`", "")
		for what, words := range told {
			if !strings.Contains(got, words) && !slices.Contains(less[f.Name], what) {
				t.Errorf("%s does not tell: %s", f.Name, what)
			}
		}
	}
}

// TestNothing holds that no format speaks of exceptions, suppressions, alterations or rules where there are none.
func TestNothing(t *testing.T) {
	for _, f := range All {
		got := reporttest.Render(t, f.Write, reporttest.Clean(), report.Options{})
		for _, word := range []string{"xception", "lteration", "census", report.AltersTitle} {
			if strings.Contains(got, word) {
				t.Errorf("%s says %q where there is nothing", f.Name, word)
			}
		}
	}
}

// TestFiltered holds for every format that it tells of what --severity leaves out.
func TestFiltered(t *testing.T) {
	d := reporttest.Filtered()
	if d.Filtered == nil || len(d.Findings) == 0 {
		t.Fatal("the recording has no findings on both sides")
	}
	for _, f := range All {
		got := reporttest.Render(t, f.Write, d, report.Options{Width: 200})
		if !strings.Contains(got, d.NotShown()) && !strings.Contains(strings.ReplaceAll(got, " ", ""), `"below":"critical"`) {
			t.Errorf("%s does not tell of: %s", f.Name, d.NotShown())
		}
	}
}
