package github

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rhysd/actionlint"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/pipelinetest"
)

// apply makes all edits that faults of one file propose, each once.
func apply(t *testing.T, text []byte, faults []fault.Fault) string {
	t.Helper()
	var edits []fault.Edit
	for _, f := range faults {
		if f.Fix != nil {
			edits = append(edits, f.Fix.Edits...)
		}
	}
	return string(pipelinetest.Apply(t, text, edits))
}

// TestFixedOnce applies the fixes of every bad example, rule by rule: what comes out has no fault of the rule that could
// be fixed, is no worse for actionlint, and keeps all lines that the edits do not touch.
func TestFixedOnce(t *testing.T) {
	dirs, _ := filepath.Glob(filepath.Join(pipelinetest.RulesDir, "testdata", "github-*"))
	fixed := 0
	for _, dir := range dirs {
		id := filepath.Base(dir)
		for p, text := range platform.Example(t, id, "bad") {
			rules := map[string][]fault.Fault{}
			found, _, _ := Look(p, text)
			for _, f := range found {
				rules[f.Rule] = append(rules[f.Rule], f)
			}
			for rule, faults := range rules {
				out := apply(t, text, faults)
				if out == string(text) {
					continue
				}
				fixed++
				again, _, _ := Look(p, []byte(out))
				for _, f := range again {
					if f.Rule == rule && f.Fix != nil {
						t.Errorf("%s of %s is told again after its fix: %s\n%s", rule, id, f.Message, out)
					}
				}
				if before, after := complaints(text), complaints([]byte(out)); kindOf(p) == workflowFile && after > before {
					t.Errorf("%s of %s: actionlint has %d complaints of the fixed file, %d before\n%s", rule, id, after, before, out)
				}
			}
		}
	}
	if fixed < 5 {
		t.Errorf("%d files fixed; that is too few to prove anything", fixed)
	}
}

func complaints(text []byte) int {
	w, errs := actionlint.Parse(text)
	if w == nil {
		return len(errs)
	}
	v := actionlint.NewVisitor()
	rule := actionlint.NewRuleExpression(actionlint.NewLocalActionsCache(nil, nil), actionlint.NewLocalReusableWorkflowCache(nil, "", nil))
	v.AddPass(rule)
	if err := v.Visit(w); err != nil {
		return 1000
	}
	n := len(errs)
	for _, e := range rule.Errs() {
		if !strings.Contains(e.Message, "potentially untrusted") {
			n++
		}
	}
	return n
}

func TestFixes(t *testing.T) {
	for _, tt := range []struct{ name, rule, in, want string }{
		{
			"indirection", "github-script-injection",
			"on: issues\njobs:\n  a:\n    steps:\n      # says it\n      - name: Say # loudly\n        run: |\n          echo ${{ github.event.issue.title }}\n          echo \"<${{ github.event.issue.title }}>\" '${{ github.event.issue.body }}'\n",
			"on: issues\njobs:\n  a:\n    steps:\n      # says it\n      - name: Say # loudly\n        env:\n          ISSUE_TITLE: ${{ github.event.issue.title }}\n          ISSUE_BODY: ${{ github.event.issue.body }}\n        run: |\n          echo \"$ISSUE_TITLE\"\n          echo \"<$ISSUE_TITLE>\" ''\"$ISSUE_BODY\"''\n",
		},
		{
			"the environment is there", "github-script-injection",
			"on: issues\njobs:\n  a:\n    steps:\n      - run: echo ${{ github.event.issue.title }}\n        env:\n          # kept\n          A: 1\n",
			"on: issues\njobs:\n  a:\n    steps:\n      - run: echo \"$ISSUE_TITLE\"\n        env:\n          # kept\n          ISSUE_TITLE: ${{ github.event.issue.title }}\n          A: 1\n",
		},
		{
			"the variable is there", "github-script-injection",
			"on: issues\njobs:\n  a:\n    steps:\n      - run: echo ${{ github.event.issue.title }}\n        env:\n          T: ${{ github.event.issue.title }}\n",
			"on: issues\njobs:\n  a:\n    steps:\n      - run: echo \"$T\"\n        env:\n          T: ${{ github.event.issue.title }}\n",
		},
		{
			"a name is taken", "github-script-injection",
			"on: issues\nenv:\n  ISSUE_TITLE: x\njobs:\n  a:\n    steps:\n      - run: echo ${{ github.event.issue.title }}\n",
			"on: issues\nenv:\n  ISSUE_TITLE: x\njobs:\n  a:\n    steps:\n      - env:\n          EVENT_ISSUE_TITLE: ${{ github.event.issue.title }}\n        run: echo \"$EVENT_ISSUE_TITLE\"\n",
		},
		{
			"no credentials", "github-persisted-credentials",
			"on: push\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v5 # v5\n      - run: make\n",
			"on: push\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v5 # v5\n        with:\n          persist-credentials: false\n      - run: make\n",
		},
		{
			"permissions", "github-permissions-missing",
			"on: push\n\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v5\n",
			"on: push\n\npermissions:\n  contents: read\n\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v5\n",
		},
		{
			"permissions that are not known", "github-permissions-missing",
			"on: push\njobs:\n  a:\n    steps:\n      - uses: example/unknown@v1\n",
			"on: push\njobs:\n  a:\n    steps:\n      - uses: example/unknown@v1\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found, _, _ := Look(".github/workflows/w.yml", []byte(tt.in))
			found = slices.DeleteFunc(found, func(f fault.Fault) bool { return f.Rule != tt.rule })
			if diff := cmp.Diff(tt.want, apply(t, []byte(tt.in), found)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// FuzzLook looks at any text as each kind of file: nothing panics, places lie in the text, and the same text gives the
// same answer.
func FuzzLook(f *testing.F) {
	for _, dir := range []string{"testdata/*/*", "testdata"} {
		names, _ := filepath.Glob(filepath.Join(pipelinetest.RulesDir, dir))
		for _, name := range names {
			if text, err := os.ReadFile(name); err == nil && strings.Contains(name, "github-") {
				f.Add(text)
			}
		}
	}
	f.Add([]byte("on: {workflow_call: {inputs: {a: }}}\njobs: {a: {uses: ./.github/workflows/w.yml, with: {a: '${{ inputs.a }}'}}}"))
	f.Add([]byte("on: push\njobs: {a: {needs: b, outputs: {x: '${{ needs.b.outputs.x }}'}}, b: {needs: a, outputs: {x: '${{ needs.a.outputs.x }}'}}}"))
	f.Add([]byte("x: &x {steps: [*x]}\njobs: *x"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var paths []string
		var sums [][]byte
		for _, p := range []string{".github/dependabot.yml", ".github/workflows/w.yml", "action.yml"} {
			found, sum, _ := Look(p, text)
			again, sum2, _ := Look(p, text)
			if fmt.Sprint(found) != fmt.Sprint(again) && cmp.Diff(found, again) != "" || string(sum) != string(sum2) {
				t.Fatalf("%s: two looks differ", p)
			}
			inside(t, text, found)
			paths, sums = append(paths, p), append(sums, sum)
		}
		found, _ := Join(paths, sums)
		inside(t, text, found)
	})
}

// inside checks that places lie in the text.
func inside(t *testing.T, text []byte, found []fault.Fault) {
	t.Helper()
	for _, f := range found {
		if f.Span.Start < 0 || f.Span.Start > f.Span.End || f.Span.End > len(text) {
			t.Fatalf("%s stands at %v of %d bytes", f.Rule, f.Span, len(text))
		}
		if f.Fix == nil {
			continue
		}
		for _, e := range f.Fix.Edits {
			if e.Span.Start < 0 || e.Span.Start > e.Span.End || e.Span.End > len(text) {
				t.Fatalf("%s has an edit at %v of %d bytes", f.Rule, e.Span, len(text))
			}
		}
	}
}
