package gitlab

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

// told is what is told of the files of an archive: path, line and rule, and what was not looked at.
func told(t *testing.T, archive string) []string {
	t.Helper()
	files := map[string][]byte{}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		files[f.Name] = f.Data
	}
	faults, unchecked := run(files)
	var out []string
	for _, f := range faults {
		out = append(out, fmt.Sprintf("%s:%d %s", f.Path, lineOf(files[f.Path], f.Span.Start), strings.TrimPrefix(f.Rule, "gitlab-")))
	}
	slices.Sort(out)
	return append(out, unchecked...)
}

func TestJoin(t *testing.T) {
	for name, c := range map[string]struct {
		files string
		want  []string
	}{
		"a file that nothing includes is no pipeline": {
			"-- ci/x.yml --\njob:\n  script: [eval \"$CI_COMMIT_TITLE\"]\n  image: a:latest\n", nil},
		"a file that a pipeline includes is one": {
			"-- .gitlab-ci.yml --\ninclude: ci/x.yml\n-- ci/x.yml --\njob:\n  image: a:latest\n  script:\n    - eval \"$CI_COMMIT_TITLE\"\n",
			[]string{"ci/x.yml:2 unpinned-image", "ci/x.yml:4 script-injection"}},
		"patterns": {
			"-- .gitlab-ci.yml --\ninclude:\n  - local: /a/*.yml\n  - local: b/**.yml\n-- a/1.yml --\nx: {image: a:latest}\n-- a/deep/2.yml --\nx: {image: a:latest}\n-- b/deep/3.yml --\nx: {image: a:latest}\n",
			[]string{"a/1.yml:1 unpinned-image", "b/deep/3.yml:1 unpinned-image"}},
		"inclusions in a circle": {
			"-- .gitlab-ci.yml --\ninclude: a.yml\n-- a.yml --\ninclude: b.yml\nx: {image: a:latest}\n-- b.yml --\ninclude: [a.yml, b.yml]\n",
			[]string{"a.yml:2 unpinned-image"}},
		"extends through three files, the nearest variable counts": {
			"-- .gitlab-ci.yml --\ninclude: [a.yml, b.yml]\njob:\n  extends: .mid\n  variables: {TEXT: fixed}\nother:\n  extends: .mid\n-- a.yml --\n.mid:\n  extends: .base\n  script:\n    - eval \"$TEXT\"\n-- b.yml --\n.base:\n  variables: {TEXT: $CI_COMMIT_TITLE}\n",
			[]string{"a.yml:4 script-injection"}},
		"a variable that is fixed everywhere is silent": {
			"-- .gitlab-ci.yml --\ninclude: [a.yml, b.yml]\njob:\n  extends: .mid\n  variables: {TEXT: fixed}\n-- a.yml --\n.mid:\n  extends: .base\n  script:\n    - eval \"$TEXT\"\n-- b.yml --\n.base:\n  variables: {TEXT: $CI_COMMIT_TITLE}\n", nil},
		"extends in a circle": {
			"-- .gitlab-ci.yml --\na: {extends: b, script: ['eval $CI_COMMIT_TITLE']}\nb: {extends: a}\n", []string{".gitlab-ci.yml:1 script-injection"}},
		"an ancestor that is not here makes absence unknown": {
			"-- .gitlab-ci.yml --\ndeploy:\n  extends: .gone\n  script: kubectl apply -f x.yml\n",
			[]string{`.gitlab-ci.yml: the job "deploy" extends ".gone", which no file here holds`}},
		"no ancestor": {
			"-- .gitlab-ci.yml --\ndeploy:\n  script: kubectl apply -f x.yml\n", []string{".gitlab-ci.yml:2 deploy-without-environment"}},
		"a later extends is stronger": {
			"-- .gitlab-ci.yml --\n.a: {variables: {T: $CI_COMMIT_TITLE}}\n.b: {variables: {T: x}}\none: {extends: [.a, .b], script: ['eval $T']}\ntwo: {extends: [.b, .a], script: ['eval $T']}\n",
			[]string{".gitlab-ci.yml:4 script-injection"}},
		"a job of two files": {
			"-- .gitlab-ci.yml --\ninclude: a.yml\ndeploy: {environment: staging}\n-- a.yml --\ndeploy: {script: kubectl apply -f x.yml}\n", nil},
		"reference to a script": {
			"-- .gitlab-ci.yml --\n.x:\n  script:\n    - eval \"$T\"\njob:\n  variables: {T: $CI_MERGE_REQUEST_TITLE}\n  script:\n    - !reference [.x, script]\n    - true\n", []string{".gitlab-ci.yml:3 script-injection"}},
		"reference to rules": {
			"-- .gitlab-ci.yml --\n.r:\n  rules:\n    - if: $CI_COMMIT_TAG\n    - when: never\ndeploy:\n  environment: production\n  rules: [!reference [.r, rules]]\n  script: ./deploy\n", nil},
		"anchors and merge keys": {
			"-- .gitlab-ci.yml --\n.x: &x\n  variables: &v {T: $CI_MERGE_REQUEST_TITLE}\njob:\n  <<: *x\n  script: ['eval \"$T\"']\n", []string{".gitlab-ci.yml:5 script-injection"}},
		"default scripts": {
			"-- .gitlab-ci.yml --\ndefault:\n  before_script:\n    - eval \"$T\"\njob:\n  variables: {T: $CI_MERGE_REQUEST_TITLE}\n  script: [make]\n", []string{".gitlab-ci.yml:3 script-injection"}},
		"default scripts that the job replaces": {
			"-- .gitlab-ci.yml --\ndefault:\n  before_script:\n    - eval \"$T\"\njob:\n  variables: {T: $CI_MERGE_REQUEST_TITLE}\n  before_script: []\n  script: [make]\n", nil},
		"a value through a dotenv report": {
			"-- .gitlab-ci.yml --\na:\n  script: ['echo \"T=$CI_COMMIT_TITLE\" > x.env']\n  artifacts: {reports: {dotenv: x.env}}\nb:\n  needs: [a]\n  script:\n    - sh -c \"echo $T\"\nc:\n  needs: []\n  script:\n    - sh -c \"echo $T\"\n", []string{".gitlab-ci.yml:7 script-injection"}},
		"a value handed to a child pipeline": {
			"-- .gitlab-ci.yml --\na:\n  variables: {T: $CI_COMMIT_TITLE}\n  trigger: {include: child.yml}\n-- child.yml --\nb:\n  script:\n    - eval \"$T\"\n", []string{"child.yml:3 script-injection"}},
		"arguments of a text with spaces, not of a name without": {
			"-- .gitlab-ci.yml --\na:\n  script:\n    - ./x $CI_COMMIT_TITLE\n    - ./x $CI_COMMIT_REF_NAME\n    - ./x \"$CI_COMMIT_TITLE\"\n", []string{".gitlab-ci.yml:3 script-injection"}},
		"a variable of the shell from before_script": {
			"-- .gitlab-ci.yml --\na:\n  before_script:\n    - export MSG=\"$CI_COMMIT_MESSAGE\"\n  script:\n    - eval \"$MSG\"\nb:\n  script:\n    - eval \"$MSG\"\n", []string{".gitlab-ci.yml:5 script-injection"}},
		"a variable of a matrix and of rules": {
			"-- .gitlab-ci.yml --\na:\n  parallel:\n    matrix: [{T: $CI_COMMIT_TITLE}]\n  script: ['eval $T']\nb:\n  rules:\n    - variables: {T: $CI_COMMIT_TITLE}\n  script: ['eval \"$T\"']\n", []string{".gitlab-ci.yml:4 script-injection", ".gitlab-ci.yml:8 script-injection"}},
		"a variable that is asked for": {
			"-- .gitlab-ci.yml --\nvariables:\n  A: {value: x, description: What}\n  B: {value: x, description: What, options: [x, y]}\na:\n  script:\n    - sh -c \"echo $A\"\n    - sh -c \"echo $B\"\n", []string{".gitlab-ci.yml:6 script-injection"}},
		"inherit nothing": {
			"-- .gitlab-ci.yml --\nvariables: {T: $CI_COMMIT_TITLE}\ndefault: {before_script: ['eval \"$T\"']}\na:\n  inherit: {default: false}\n  script: [make]\nb:\n  inherit: {variables: false}\n  script: ['eval \"$T\"']\n", nil},
		"a secret in a dotenv report": {
			"-- .gitlab-ci.yml --\na:\n  script: ['echo \"T=$API_TOKEN\" > x.env']\n  artifacts: {reports: {dotenv: x.env}}\n", []string{".gitlab-ci.yml:2 secret-in-artifact"}},
		"deployment by only": {
			"-- .gitlab-ci.yml --\na: {environment: prod, only: [branches], script: ./x}\nb: {environment: prod, only: [main], script: ./x}\nc: {environment: prod, only: [merge_requests], script: ./x}\nd: {environment: prod, script: ./x}\ne: {environment: prod, when: manual, script: ./x}\nf: {environment: prod, only: {refs: [branches], variables: [$A]}, script: ./x}\n",
			[]string{".gitlab-ci.yml:1 deploy-from-any-branch", ".gitlab-ci.yml:3 deploy-on-merge-request", ".gitlab-ci.yml:4 deploy-from-any-branch"}},
		"workflow keeps branches out": {
			"-- .gitlab-ci.yml --\nworkflow:\n  rules:\n    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH\nd: {environment: prod, script: ./x}\n", nil},
		"broken YAML in a pipeline is told": {
			"-- .gitlab-ci.yml --\na: [\n", []string{".gitlab-ci.yml: not read as a whole: yaml: line 1: did not find expected node content"}},
		"broken YAML elsewhere is not": {
			"-- x.yml --\nscript: [\n", nil},
		"an inclusion that only the pipeline knows": {
			"-- .gitlab-ci.yml --\ninclude: $WHICH\n", []string{`.gitlab-ci.yml: which files "$WHICH" includes is known only when the pipeline begins`}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, told(t, c.files)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSummaryHasNoValues looks for a value and a script's text in the summary.
func TestSummaryHasNoValues(t *testing.T) {
	const value, script = "Zq8vTr41Lm", "--something-else"
	_, summary, _ := Look(".gitlab-ci.yml", []byte("variables: {TOKEN: "+value+"}\njob:\n  variables: {PASSWORD: "+value+"}\n  script:\n    - ./x "+script+" "+value+" $X\n    - echo \"T="+value+"$Y\" > x.env\n"))
	for _, s := range []string{value, script} {
		if strings.Contains(string(summary), s) {
			t.Errorf("the summary has %q in it", s)
		}
	}
}

// TestFix applies the fixes of all bad examples: what they mend is gone, and nothing new is told.
func TestFix(t *testing.T) {
	fixed := 0
	for id := range loadRules(t) {
		files := example(t, id, "bad", ".gitlab-ci.yml")
		before, _ := run(files)
		count := map[string]int{}
		edits := map[string][]fault.Edit{}
		for _, f := range before {
			if count[f.Rule]++; f.Fix != nil {
				count[f.Rule]--
				fixed++
				edits[f.Path] = append(edits[f.Path], f.Fix.Edits...)
			}
		}
		for path, list := range edits {
			slices.SortFunc(list, func(a, b fault.Edit) int { return b.Span.Start - a.Span.Start })
			for _, e := range list {
				files[path] = slices.Concat(files[path][:e.Span.Start], []byte(e.Text), files[path][e.Span.End:])
			}
		}
		after, unchecked := run(files)
		for _, f := range after {
			count[f.Rule]--
		}
		for rule, n := range count {
			if n != 0 {
				t.Errorf("%s: %d findings of %s more or less after the fix", id, n, rule)
			}
		}
		if len(unchecked) > 0 {
			t.Errorf("%s: not checked after the fix: %q", id, unchecked)
		}
	}
	if fixed < 4 {
		t.Errorf("%d fixes, want 4 at least", fixed)
	}
}

func FuzzLook(f *testing.F) {
	for _, seed := range []string{
		"include: x.yml\njob:\n  extends: [.a, job]\n  script: [!reference [.a, script], 'eval $X']\n.a: {script: &s [a, *s]}\n",
		"spec:\n  inputs: {x: }\n---\njob: {script: 'echo $[[ inputs.x ]]', rules: [{if: '$A == \"b\"', when: always}, !reference [x, rules]]}\n",
		"default: {image: x}\nvariables: {A: {value: $B}}\njob:\n  environment: {name: prod, action: start}\n  trigger: {include: [{local: y.yml}]}\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		files := map[string][]byte{".gitlab-ci.yml": text, "x.yml": text, "y.yml": text}
		faults, _ := run(files)
		for _, fault := range faults {
			if fault.Span.Start < 0 || fault.Span.Start > fault.Span.End || fault.Span.End > len(text) {
				t.Fatalf("%s at %v of %d", fault.Rule, fault.Span, len(text))
			}
		}
	})
}
