package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/scan"
)

func newEngine(_ testing.TB, most int) *Engine { return New(most) }

func look(e *Engine, path, text string) scan.Result {
	return e.Look(context.Background(), &scan.File{FileInfo: scan.FileInfo{Path: path, Size: int64(len(text))}, Text: []byte(text)})
}

const injected = `on: issues
jobs:
  greet:
    runs-on: ubuntu-24.04
    permissions: {}
    steps:
      - name: "grüßen"
        run: |
          echo "ä ${{ github.event.issue.title }}"
`

func TestLook(t *testing.T) {
	res := look(newEngine(t, 0), ".github/workflows/a.yml", injected)
	i := slices.IndexFunc(res.Findings, func(f finding.Finding) bool { return f.Rule == "pipeline/github-script-injection" })
	if i < 0 {
		t.Fatalf("not found: %+v", res.Findings)
	}
	f := res.Findings[i]
	want := finding.Place{Kind: finding.InFile, Path: ".github/workflows/a.yml", Start: finding.Position{Line: 9, Column: 19}, End: finding.Position{Line: 9, Column: 50},
		Frame: &finding.Frame{First: 9, Lines: []string{`          echo "ä ${{ github.event.issue.title }}"`}}}
	if diff := cmp.Diff(want, f.Place); diff != "" {
		t.Errorf("place (-want +got):\n%s", diff)
	}
	if !slices.Contains(f.Aliases, "zizmor:template-injection") || !slices.Contains(f.Aliases, "CWE-78") || !slices.IsSorted(f.Aliases) {
		t.Errorf("aliases %v", f.Aliases)
	}
	if f.Severity < finding.High || f.Title == "" || f.Advice == "" || f.Surroundings == "" {
		t.Errorf("%+v", f)
	}
	if len(f.Fixes) != 1 || len(f.Fixes[0].Edits) < 2 {
		t.Errorf("fixes %+v", f.Fixes)
	}
}

// TestLinesDoNotMatter moves a fault: its fingerprint stays.
func TestLinesDoNotMatter(t *testing.T) {
	e := newEngine(t, 0)
	print := func(text string) []string {
		res := look(e, ".github/workflows/a.yml", text)
		finding.Sort(res.Findings)
		finding.Number(res.Findings)
		var out []string
		for _, f := range res.Findings {
			out = append(out, f.Rule+" "+f.Fingerprint)
		}
		slices.Sort(out)
		return out
	}
	if diff := cmp.Diff(print(injected), print("# a comment\n\n"+injected)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCap(t *testing.T) {
	text := injected + strings.Repeat("          echo ${{ github.event.issue.title }}\n", 20)
	res := look(newEngine(t, 5), ".github/workflows/a.yml", text)
	n := 0
	for _, f := range res.Findings {
		if f.Rule == "pipeline/github-script-injection" {
			n++
		}
	}
	if n != 5 || res.Capped["pipeline/github-script-injection"] != 5 {
		t.Errorf("%d findings, capped %v", n, res.Capped)
	}
}

func TestWants(t *testing.T) {
	e := newEngine(t, 0)
	for path, want := range map[string]bool{
		".github/workflows/a.yml": true, "action.yaml": true, "sub/action.yml": true, ".gitlab-ci.yml": true, "azure-pipelines.yml": true,
		"main.go": false, "a.zip!/.github/workflows/a.yml": false,
	} {
		if got := e.Wants(&scan.FileInfo{Path: path}); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	if e.Wants(&scan.FileInfo{Path: "node_modules/x/action.yml", Class: coverage.Vendored}) {
		t.Error("somebody else's action is wanted")
	}
}

// TestJoin follows a value into a composite action of the repository, through summaries that were kept on disk.
func TestJoin(t *testing.T) {
	e := newEngine(t, 0)
	files := map[string]string{
		".github/workflows/a.yml":        "on: issues\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: ./.github/actions/say\n        with:\n          text: ${{ github.event.issue.title }}\n",
		".github/actions/say/action.yml": "name: say\ninputs: {text: {}}\nruns:\n  using: composite\n  steps:\n    - shell: bash\n      run: echo ${{ inputs.text }}\n",
	}
	var facts []scan.Fact
	for path, text := range files {
		kept, err := json.Marshal(look(e, path, text).Facts)
		if err != nil {
			t.Fatal(err)
		}
		var again []scan.Fact
		if err := json.Unmarshal(kept, &again); err != nil {
			t.Fatal(err)
		}
		facts = append(facts, again...)
	}
	slices.SortFunc(facts, func(a, b scan.Fact) int { return strings.Compare(a.Place.Path, b.Place.Path) })
	var got []string
	for _, f := range e.Join(context.Background(), facts).Findings {
		if f.Severity >= finding.Medium {
			got = append(got, fmt.Sprintf("%s %s:%d:%d", f.Rule, f.Place.Path, f.Place.Start.Line, f.Place.Start.Column))
			if len(f.Related) == 0 || f.Related[0].Path != ".github/workflows/a.yml" || f.Related[0].Start.Line != 8 {
				t.Errorf("the flow comes from %+v", f.Related)
			}
		}
	}
	want := []string{"pipeline/github-script-injection .github/actions/say/action.yml:7:17"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSummariesKeepNothing holds that neither scripts nor values are in what may be written to disk.
func TestSummariesKeepNothing(t *testing.T) {
	secret := "hunter2" + "hunter2"
	for path, text := range map[string]string{
		".github/workflows/a.yml": "on: push\nenv: {PASSWORD: " + secret + "}\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: login " + secret + "\n      - uses: ./x\n        with: {password: " + secret + "}\n",
		"action.yml":              "runs:\n  using: composite\n  steps:\n    - run: login " + secret + "\n      shell: bash\n",
		".gitlab-ci.yml":          "variables: {PASSWORD: " + secret + "}\na:\n  script: [login " + secret + "]\n",
		"azure-pipelines.yml":     "variables: {password: " + secret + "}\nsteps:\n  - script: login " + secret + "\n",
	} {
		for _, f := range look(newEngine(t, 0), path, text).Facts {
			if strings.Contains(f.Value, secret) {
				t.Errorf("%s: %s", path, f.Value)
			}
		}
	}
}

func TestRules(t *testing.T) {
	c, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	seen, counts := map[string]bool{}, map[string]int{}
	for _, r := range c.Rules {
		platform, _, _ := strings.Cut(r.ID, "-")
		counts[platform]++
		switch {
		case seen[r.ID]:
			t.Errorf("%s is there twice", r.ID)
		case r.Title == "" || r.Severity == finding.SeverityUnknown || r.Confidence == finding.ConfidenceUnknown || r.About == "" || r.Advice == "" || len(r.CWE) == 0 || strings.TrimSpace(r.About+"."+r.Advice) != r.About+"."+r.Advice:
			t.Errorf("%s says too little", r.ID)
		case strings.HasSuffix(r.Title, "."):
			t.Errorf("%s: its title ends with a full stop", r.ID)
		}
		seen[r.ID] = true
	}
	for platform, least := range map[string]int{"github": 36, "gitlab": 14, "azure": 10} {
		if counts[platform] < least {
			t.Errorf("%d rules for %s, want %d", counts[platform], platform, least)
		}
	}
}

func TestLayout(t *testing.T) {
	text := "ab\nä€x\n\n😀"
	l := newLayout([]byte(text))
	kept, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	var again layout
	if err := json.Unmarshal(kept, &again); err != nil {
		t.Fatal(err)
	}
	line, column := 1, 1
	for at, r := range text {
		want := finding.Position{Line: line, Column: column}
		if got := again.position(at); got != want {
			t.Errorf("byte %d is at %v, want %v", at, got, want)
		}
		if column++; r == '\n' {
			line, column = line+1, 1
		}
	}
	if got, want := again.position(1000), (finding.Position{Line: 4, Column: 2}); got != want {
		t.Errorf("the end is at %v, want %v", got, want)
	}
}

func FuzzLayout(f *testing.F) {
	f.Add([]byte("a\n\xff\xe4b"), 3)
	f.Fuzz(func(t *testing.T, text []byte, at int) {
		p := newLayout(text).position(at)
		if p.Line < 1 || p.Column < 1 || p.Line > 1+strings.Count(string(text), "\n") || p.Column > 1+utf8.RuneCount(text) && utf8.Valid(text) {
			t.Errorf("%d is at %v", at, p)
		}
	})
}

// BenchmarkLook looks at a thousand workflows and joins them.
func BenchmarkLook(b *testing.B) {
	e := newEngine(b, 0)
	for b.Loop() {
		var facts []scan.Fact
		for i := range 1000 {
			facts = append(facts, look(e, fmt.Sprintf(".github/workflows/%d.yml", i), injected).Facts...)
		}
		e.Join(context.Background(), facts)
	}
}
