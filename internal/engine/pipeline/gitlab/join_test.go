package gitlab

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/engine/pipeline/pipelinetest"
)

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
			if diff := cmp.Diff(c.want, platform.Told(pipelinetest.Archive(c.files))); diff != "" {
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

func TestFix(t *testing.T) { platform.TestFixes(t, 4) }

func FuzzLook(f *testing.F) {
	platform.Fuzz(f, []string{"x.yml", "y.yml"},
		"include: x.yml\njob:\n  extends: [.a, job]\n  script: [!reference [.a, script], 'eval $X']\n.a: {script: &s [a, *s]}\n",
		"spec:\n  inputs: {x: }\n---\njob: {script: 'echo $[[ inputs.x ]]', rules: [{if: '$A == \"b\"', when: always}, !reference [x, rules]]}\n",
		"default: {image: x}\nvariables: {A: {value: $B}}\njob:\n  environment: {name: prod, action: start}\n  trigger: {include: [{local: y.yml}]}\n",
	)
}
