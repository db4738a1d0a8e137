package github

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/engine/pipeline/pipelinetest"
)

// flowRules are the rules about values and code of others.
var flowRules = []string{
	"github-script-injection", "github-action-script-injection", "github-variable-evaluated", "github-environment-write", "github-output-write",
	"github-setting-injection", "github-foreign-code-run", "github-foreign-code", "github-foreign-artifact", "github-mutable-head", "github-bot-condition", "github-open-chatops",
}

// TestFlows says for whole files what is told of them, as "line rule severity".
func TestFlows(t *testing.T) {
	rules := platform.Rules(t)
	for _, tt := range []struct {
		name  string
		files string // an archive, or one workflow
		want  []string
	}{
		{"direct", job("issues", `- run: echo ${{ github.event.issue.title }}`), []string{"7 script-injection high"}},
		{"other event", job("push", `- run: echo ${{ github.event.issue.title }}`), nil},
		{"pull request", job("pull_request", `- run: echo ${{ github.head_ref }}`), []string{"7 script-injection medium"}},
		{"merged", job("push", `- run: echo ${{ github.event.head_commit.message }}`), []string{"7 script-injection medium"}},
		{"member", job("push", `- run: echo ${{ github.ref_name }}`), []string{"7 script-injection low"}},
		{"clean", job("issues", `- run: echo ${{ github.event.issue.number }} ${{ github.sha }} ${{ github.event.issue.user.login }}`), nil},
		{"index", job("issues", `- run: echo ${{ github.event['issue']['title'] }}`), []string{"7 script-injection high"}},
		{"upper case", job("issues", `- run: echo ${{ GITHUB.Event.Issue.Title }}`), []string{"7 script-injection high"}},
		{"whole object", job("issues", `- run: echo '${{ toJSON(github.event) }}'`), []string{"7 script-injection high"}},
		{"whole object, not written out", job("issues", `- run: echo '${{ github.event }}'`), nil},
		{"member of a list", job("push", `- run: echo ${{ github.event.commits[0].message }}`), []string{"7 script-injection medium"}},
		{"projection", job("push", `- run: echo ${{ join(github.event.commits.*.message) }}`), []string{"7 script-injection medium"}},
		{"format", job("issues", `- run: echo ${{ format('x{0}', github.event.issue.title) }}`), []string{"7 script-injection high"}},
		{"comparison", job("issues", `- run: echo ${{ github.event.issue.title == 'x' }} ${{ contains(github.event.issue.body, 'y') }} ${{ !github.event.issue.body }}`), nil},
		{"or", job("issues", `- run: echo ${{ github.event.issue.title || 'none' }}`), []string{"7 script-injection high"}},
		{"and shows the right side", job("issues", `- run: echo ${{ github.event.issue.title && 'yes' }}`), nil},
		{"safe environment", job("issues", "- run: echo \"$T\"\n  env: {T: '${{ github.event.issue.title }}'}"), nil},
		{"environment pasted", job("issues", "- run: echo ${{ env.T }}\n  env: {T: '${{ github.event.issue.title }}'}"), []string{"7 script-injection high"}},
		{"evaluated", job("issues", "- run: eval \"$T\"\n  env: {T: '${{ github.event.issue.title }}'}"), []string{"7 variable-evaluated high"}},
		{"built-in variable", job("pull_request_target", "- run: bash -c \"echo $GITHUB_HEAD_REF\""), []string{"7 variable-evaluated high"}},
		{"step output", job("issues", "- id: a\n  run: echo \"t=$T\" >> $GITHUB_OUTPUT\n  env: {T: '${{ github.event.issue.title }}'}\n- run: echo ${{ steps.a.outputs.t }}"), []string{"10 script-injection high"}},
		{"step output by a variable of the script", job("issues", "- id: a\n  run: |\n    x=\"$(echo \"$T\" | tr a b)\"\n    echo \"t=$x\" >> $GITHUB_OUTPUT\n  env: {T: '${{ github.event.issue.title }}'}\n- run: echo ${{ steps.a.outputs.t }}"), []string{"12 script-injection high"}},
		{"another output", job("issues", "- id: a\n  run: |\n    echo \"t=$T\" >> $GITHUB_OUTPUT\n    echo u=1 >> $GITHUB_OUTPUT\n  env: {T: '${{ github.event.issue.title }}'}\n- run: echo ${{ steps.a.outputs.u }}"), nil},
		{"written environment", job("issues", "- run: echo \"T=$B\" >> $GITHUB_ENV\n  env: {B: '${{ github.event.issue.body }}'}\n- run: eval \"$T\""), []string{"7 environment-write high", "9 variable-evaluated high"}},
		{"title has one line", job("issues", "- run: echo \"T=$B\" >> $GITHUB_ENV\n  env: {B: '${{ github.event.issue.title }}'}"), nil},
		{"path", job("issues", "- run: echo \"$B\" >> $GITHUB_PATH\n  env: {B: '${{ github.event.issue.title }}'}"), []string{"7 environment-write high"}},
		{"relay", job("pull_request_target", "- id: f\n  uses: tj-actions/changed-files@24d32ffd492484c1d75e0c0b894501ddb9d30d62\n- run: echo ${{ steps.f.outputs.all_changed_files }}"), []string{"9 script-injection high"}},
		{"relay, count", job("pull_request_target", "- id: f\n  uses: tj-actions/changed-files@24d32ffd492484c1d75e0c0b894501ddb9d30d62\n- run: echo ${{ steps.f.outputs.all_changed_files_count }}"), nil},
		{"script of an action", job("issues", "- uses: actions/github-script@v8\n  with: {script: 'core.info(\"${{ github.event.issue.title }}\")'}"), []string{"8 action-script-injection high"}},
		{"script of an action, safe", job("issues", "- uses: actions/github-script@v8\n  with: {script: 'core.info(context.payload.issue.title)'}"), nil},
		{"folder", job("issue_comment", "- run: ls\n  working-directory: ${{ github.event.comment.body }}"), []string{"8 setting-injection high"}},
		{"output without rights", job("pull_request", "- run: echo \"t=$T\" >> $GITHUB_OUTPUT\n  env: {T: '${{ github.event.pull_request.body }}'}"), []string{"7 output-write low"}},
		{"output with rights", job("pull_request_target", "- run: echo \"t=$T\" >> $GITHUB_OUTPUT\n  env: {T: '${{ github.event.pull_request.body }}'}"), []string{"7 output-write medium"}},
		{"output by a file of its own", job("issues", "- run: |\n    f=$(mktemp)\n    echo \"t=$T\" >> $f\n    cat $f >> $GITHUB_OUTPUT\n  env: {T: '${{ github.event.issue.body }}'}"), []string{"10 output-write medium"}},
		{"output by a file of its own, tested", job("issues", "- run: |\n    f=$(mktemp)\n    if [ -n \"$T\" ] && ! [[ $T =~ ^[0-9]+$ ]]; then T=; fi\n    echo \"t=$T\" >> $f\n    cat $f >> $GITHUB_OUTPUT\n  env: {T: '${{ github.event.issue.body }}'}"), nil},
		{"side by side", job("issues", "- parallel:\n  - run: x\n  - id: a\n    run: echo \"t=$T\" >> $GITHUB_OUTPUT\n    env: {T: '${{ github.event.issue.title }}'}\n- run: echo ${{ steps.a.outputs.t }}"), []string{"12 script-injection high"}},
		{"a bot among those who pass", job("workflow_run", "- run: x\n  if: github.event.workflow_run.conclusion == 'success' && (github.event.workflow_run.head_repository.full_name != github.repository || github.actor == 'dependabot[bot]')"), nil},
		{"a bot beside a check", job("pull_request_target", "- run: x\n  if: steps.may.outputs.go == 'true' || github.actor == 'dependabot[bot]'"), []string{"8 bot-condition low"}},
		{"a bot beside members", job("pull_request_target", "- run: x\n  if: github.event.pull_request.head.repo.full_name == github.repository || github.actor == 'dependabot[bot]'"), []string{"8 bot-condition low"}},
		{"a bot and something else", job("pull_request", "- run: x\n  if: github.actor == 'dependabot[bot]' && github.event.pull_request.head.repo.full_name == github.repository"), []string{"8 bot-condition low"}},
		{"a bot for one event only", job("[workflow_run, pull_request_target]", "- run: x\n  if: github.event_name == 'workflow_run' || github.actor == 'dependabot[bot]'"), []string{"8 bot-condition low"}},
		{"same repository", job("pull_request_target", "- run: echo ${{ github.head_ref }}\n  if: github.event.pull_request.head.repo.full_name == github.repository"), []string{"7 script-injection low"}},
		{"event excluded", job("[push, issues]", "- run: echo ${{ github.event.issue.title }}\n  if: github.event_name == 'push'"), nil},
		{"members by a list", job("issue_comment", "- run: echo ${{ github.event.comment.body }}\n  if: contains(fromJSON('[\"OWNER\",\"MEMBER\"]'), github.event.comment.author_association)"), []string{"7 script-injection low"}},
		{"not in forks", job("pull_request_target", "- run: echo ${{ github.head_ref }}\n  if: github.repository == 'example/project' && github.repository_owner == 'example'"), []string{"7 script-injection high"}},
		{"owner's branches", job("pull_request_target", "- run: echo ${{ github.head_ref }}\n  if: github.event.pull_request.head.repo.owner.login == github.repository_owner"), []string{"7 script-injection low"}},
		{"after the merge", job("pull_request_target", "- run: echo ${{ github.event.pull_request.title }}\n  if: github.event.pull_request.merged == true"), []string{"7 script-injection medium"}},
		{"code after the merge", job("pull_request_target", "- uses: actions/checkout@v5\n  if: github.event.pull_request.merged\n  with: {ref: '${{ github.event.pull_request.head.sha }}'}\n- run: make"), nil},
		{"forks only", job("pull_request_target", "- run: echo ${{ github.head_ref }}\n  if: github.event.pull_request.head.repo.fork"), []string{"7 script-injection high"}},
		{"asked in a job before", `
on: issue_comment
permissions: {contents: write}
jobs:
  triage:
    runs-on: ubuntu-24.04
    outputs:
      run: ${{ startsWith(github.event.comment.body, '/e2e') && steps.member.outputs.isTeamMember == 'true' }}
    steps:
      - id: member
        uses: tspascoal/get-user-teams-membership@57e9f42acd78f4d0f496b3be4368fc5f62696662
  a:
    needs: triage
    if: needs.triage.outputs.run == 'true'
    runs-on: ubuntu-24.04
    steps:
      - run: gh pr checkout "$N"
      - run: make
`, []string{"17 mutable-head low"}},
		{"asked in a job before, which fails", `
on: pull_request_review
permissions: {}
jobs:
  validate:
    runs-on: ubuntu-24.04
    steps:
      - id: member
        uses: tspascoal/get-user-teams-membership@57e9f42acd78f4d0f496b3be4368fc5f62696662
      - if: steps.member.outputs.isTeamMember == 'false'
        run: exit 1
  a:
    needs: validate
    runs-on: ubuntu-24.04
    steps:
      - run: echo '${{ github.event.review.body }}'
`, []string{"16 script-injection low"}},
		{"asked in a step", job("issue_comment", "- id: p\n  run: echo \"p=$(gh api repos/a/b/collaborators/$U/permission --jq .permission)\" >> $GITHUB_OUTPUT\n- run: echo ${{ github.event.comment.body }}\n  if: steps.p.outputs.p == 'admin'"), []string{"9 script-injection low"}},
		{"needs", `
on: issues
permissions: {}
jobs:
  a:
    runs-on: ubuntu-24.04
    outputs:
      t: ${{ steps.s.outputs.t }}
    steps:
      - id: s
        run: echo "t=${{ github.event.issue.title }}" >> "$GITHUB_OUTPUT"
  b:
    needs: a
    runs-on: ubuntu-24.04
    steps:
      - run: echo ${{ needs.a.outputs.t }}
`, []string{"11 script-injection high", "16 script-injection high"}},
		{"matrix", `
on: issues
permissions: {}
jobs:
  a:
    runs-on: ubuntu-24.04
    strategy:
      matrix:
        t: ['${{ github.event.issue.title }}', b]
        u: [x, y]
    steps:
      - run: echo ${{ matrix.t }} ${{ matrix.u }}
`, []string{"12 script-injection high"}},
		{"label gate", `
on: {pull_request_target: {types: [opened, labeled]}}
permissions: {}
jobs:
  a:
    if: contains(github.event.pull_request.labels.*.name, 'ok')
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
        with: {ref: '${{ github.event.pull_request.head.sha }}'}
      - run: make
`, nil},
		{"gate in a job before", `
on: pull_request_target
permissions: {}
jobs:
  gate:
    runs-on: ubuntu-24.04
    environment: external
    steps: [{run: 'true'}]
  a:
    needs: gate
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
        with: {ref: '${{ github.event.pull_request.head.sha }}'}
      - run: make
`, nil},
		{"foreign code by gh", job("issue_comment", "- run: gh pr checkout \"$N\"\n- run: npm test"), []string{"8 foreign-code-run high"}},
		{"foreign code by fetch", job("pull_request_target", "- run: |\n    git fetch origin pull/${{ github.event.number }}/head\n    git checkout FETCH_HEAD\n    make"), []string{"7 foreign-code-run high"}},
		{"foreign code by a variable", job("pull_request_target", "- run: |\n    git clone \"$URL\" x\n    cd x\n    make\n  env: {URL: '${{ github.event.pull_request.head.repo.clone_url }}'}"), []string{"7 foreign-code-run high"}},
		{"foreign code in a folder of its own", job("pull_request_target", "- uses: actions/checkout@v5\n  with: {ref: '${{ github.event.pull_request.head.sha }}', path: theirs}\n- run: make"), []string{"8 foreign-code medium"}},
		{"own code", job("pull_request_target", "- uses: actions/checkout@v5\n- run: make"), nil},
		{"artifact in the workspace", job("workflow_run", "- uses: dawidd6/action-download-artifact@268677152d06ba59fcec7a7f0b5d961b6ccd7e1e\n  with: {run_id: '${{ github.event.workflow_run.id }}', path: .}\n- run: |\n    npx surge .\n  env: {T: '${{ secrets.T }}'}"), []string{"7 foreign-artifact medium"}},
		{"artifact in a folder, data", job("workflow_run", "- uses: dawidd6/action-download-artifact@268677152d06ba59fcec7a7f0b5d961b6ccd7e1e\n  with: {run_id: '${{ github.event.workflow_run.id }}', path: ./tmp}\n- run: |\n    mkdir out\n    tar -xf tmp/a.tgz -C out\n    npm i x\n    node scripts/send.js ./tmp\n  env: {T: '${{ secrets.T }}'}"), []string{"7 foreign-artifact low"}},
		{"artifact in a folder, run", job("workflow_run", "- uses: dawidd6/action-download-artifact@268677152d06ba59fcec7a7f0b5d961b6ccd7e1e\n  with: {run_id: '${{ github.event.workflow_run.id }}', path: ./tmp}\n- run: |\n    node tmp/x.js\n  env: {T: '${{ secrets.T }}'}"), []string{"7 foreign-artifact medium"}},
		{"artifact in a folder, entered", job("workflow_run", "- uses: dawidd6/action-download-artifact@268677152d06ba59fcec7a7f0b5d961b6ccd7e1e\n  with: {run_id: '${{ github.event.workflow_run.id }}', path: ./tmp}\n- run: |\n    cd tmp\n    npm i\n  env: {T: '${{ secrets.T }}'}"), []string{"7 foreign-artifact medium"}},
		{"artifact in a folder, for a tool", job("workflow_run", "- uses: dawidd6/action-download-artifact@268677152d06ba59fcec7a7f0b5d961b6ccd7e1e\n  with: {run_id: '${{ github.event.workflow_run.id }}', path: tmp}\n- run: |\n    make -C tmp/a\n  env: {T: '${{ secrets.T }}'}"), []string{"7 foreign-artifact medium"}},
		{"artifact in a folder, unpacked", job("workflow_run", "- uses: dawidd6/action-download-artifact@268677152d06ba59fcec7a7f0b5d961b6ccd7e1e\n  with: {run_id: '${{ github.event.workflow_run.id }}', path: tmp}\n- run: |\n    tar -xf tmp/a.tgz\n    npm i\n  env: {T: '${{ secrets.T }}'}"), []string{"7 foreign-artifact medium"}},
		{"artifact in a folder of a like name", job("workflow_run", "- uses: dawidd6/action-download-artifact@268677152d06ba59fcec7a7f0b5d961b6ccd7e1e\n  with: {run_id: '${{ github.event.workflow_run.id }}', path: tmp}\n- run: |\n    cd tmp-x && npm i\n  env: {T: '${{ secrets.T }}'}"), []string{"7 foreign-artifact low"}},
		{"local action of theirs", job("pull_request_target", "- uses: actions/checkout@v5\n  with: {ref: '${{ github.head_ref }}'}\n- uses: ./.github/actions/x"), []string{"9 foreign-code-run high"}},
		{"file of theirs", job("pull_request_target", "- uses: actions/checkout@v5\n  with: {ref: '${{ github.event.pull_request.head.sha }}'}\n- id: v\n  run: echo \"v=$(cat VERSION)\" >> $GITHUB_OUTPUT\n- run: echo ${{ steps.v.outputs.v }}"), []string{"8 foreign-code medium", "10 output-write medium", "11 script-injection high"}},
		{"file of theirs through a variable", job("pull_request_target", "- uses: actions/checkout@v5\n  with: {ref: '${{ github.event.pull_request.head.sha }}'}\n- run: |\n    v=$(cat VERSION | tr a b)\n    echo \"V=$v\" >> $GITHUB_ENV"), []string{"8 foreign-code medium", "11 environment-write high"}},
		{"file of theirs, checked", job("pull_request_target", "- uses: actions/checkout@v5\n  with: {ref: '${{ github.event.pull_request.head.sha }}'}\n- run: |\n    v=$(cat VERSION)\n    [[ \"$v\" =~ ^[0-9]+$ ]] || exit 1\n    echo \"V=$v\" >> $GITHUB_ENV"), []string{"8 foreign-code medium"}},
		{"event's file", job("issues", "- id: t\n  run: echo \"t=$(jq -r .issue.title \"$GITHUB_EVENT_PATH\")\" >> $GITHUB_OUTPUT\n- run: echo ${{ steps.t.outputs.t }}"), []string{"9 script-injection high"}},
		{"number from the event's file", job("issues", "- id: t\n  run: echo \"t=$(jq -r .issue.number \"$GITHUB_EVENT_PATH\")\" >> $GITHUB_OUTPUT\n- run: echo ${{ steps.t.outputs.t }}"), nil},
		{"asked by gh", job("pull_request_target", "- id: t\n  run: echo \"t=$(gh pr view 1 --json title --jq .title)\" >> $GITHUB_OUTPUT\n- run: echo ${{ steps.t.outputs.t }}"), []string{"9 script-injection high"}},
		{"number asked by gh", job("pull_request_target", "- id: t\n  run: echo \"t=$(gh pr view 1 --json title,author --jq .author.login)\" >> $GITHUB_OUTPUT\n- run: echo ${{ steps.t.outputs.t }}"), nil},
		{"asked by gh api", job("issue_comment", "- id: t\n  run: |\n    T=$(gh api /repos/a/b/pulls/1 --jq .head.ref | head -n 1)\n    echo \"t=$T\" >> $GITHUB_OUTPUT\n- run: echo ${{ steps.t.outputs.t }}"), []string{"11 script-injection high"}},
		{"names of files", job("pull_request", "- id: t\n  run: echo \"t=$(git diff --name-only HEAD^ | tr '\\n' ' ')\" >> $GITHUB_OUTPUT\n- run: echo ${{ steps.t.outputs.t }}"), []string{"9 script-injection medium"}},
		{"answer of the forge", job("schedule", "- id: t\n  uses: octokit/request-action@v2\n  with: {route: GET /repos/a/b/issues}\n- run: echo ${{ steps.t.outputs.data }} ${{ fromJSON(steps.t.outputs.data).number }}"), []string{"10 script-injection high"}},
		{"answer about releases", job("issues", "- id: t\n  uses: octokit/request-action@v2\n  with: {route: GET /repos/a/b/releases}\n- run: echo ${{ steps.t.outputs.data }}"), nil},
		{"branch that a filter names", job("{push: {branches: [main]}, workflow_run: {workflows: [x], branches: [main]}}", "- run: echo ${{ github.ref_name }} ${{ github.event.workflow_run.head_branch }}"), nil},
		{"branch that a filter leaves open", job("{workflow_run: {workflows: [x], branches: ['rel/*']}}", "- run: echo ${{ github.event.workflow_run.head_branch }}"), []string{"7 script-injection high"}},
		{"composite action", `
-- .github/actions/say/action.yml --
name: Say
inputs:
  text: {required: true}
outputs:
  again: {value: '${{ inputs.text }}'}
runs:
  using: composite
  steps:
    - shell: bash
      run: echo ${{ inputs.text }}
-- .github/workflows/w.yml --
on: issues
permissions: {}
jobs:
  a:
    runs-on: ubuntu-24.04
    steps:
      - id: say
        uses: ./.github/actions/say
        with:
          text: ${{ github.event.issue.title }}
      - run: echo ${{ steps.say.outputs.again }}
`, []string{".github/actions/say/action.yml:10 script-injection high", "11 script-injection high"}},
		{"composite action with a constant", `
-- .github/actions/say/action.yml --
name: Say
inputs:
  text: {required: true}
runs:
  using: composite
  steps:
    - shell: bash
      run: echo ${{ inputs.text }}
-- .github/workflows/w.yml --
on: issues
permissions: {}
jobs:
  a:
    runs-on: ubuntu-24.04
    steps:
      - uses: ./.github/actions/say
        with:
          text: hello
`, nil},
		{"composite action that nobody here calls", `
-- action.yml --
name: Say
inputs:
  text: {required: true}
runs:
  using: composite
  steps:
    - shell: bash
      run: echo ${{ inputs.text }}
`, []string{"action.yml:8 script-injection low"}},
		{"called workflow", `
-- .github/workflows/called.yml --
on:
  workflow_call:
    inputs:
      title: {type: string}
      count: {type: number}
permissions: {}
jobs:
  a:
    runs-on: ubuntu-24.04
    steps:
      - run: echo ${{ inputs.title }} ${{ inputs.count }}
      - run: echo ${{ github.event.comment.body }}
-- .github/workflows/caller.yml --
on: issue_comment
permissions: {}
jobs:
  call:
    uses: ./.github/workflows/called.yml
    with:
      title: ${{ github.event.issue.title }}
      count: 3
`, []string{".github/workflows/called.yml:11 script-injection high", ".github/workflows/called.yml:12 script-injection high"}},
		{"run of another workflow", `
-- .github/workflows/ci.yml --
name: CI
on: pull_request
permissions: {}
jobs: {}
-- .github/workflows/w.yml --
on: {workflow_run: {workflows: [CI]}}
permissions: {}
jobs:
  a:
    runs-on: ubuntu-24.04
    steps:
      - run: echo ${{ github.event.workflow_run.head_branch }}
      - run: gh run download "$ID"
        env: {ID: '${{ github.event.workflow_run.id }}'}
      - id: n
        run: echo "n=$(cat pr)" >> "$GITHUB_OUTPUT"
      - run: echo ${{ steps.n.outputs.n }}
`, []string{"7 script-injection high", "8 foreign-artifact low", "11 output-write medium", "12 script-injection high"}},
		{"run of a workflow of members", `
-- .github/workflows/ci.yml --
name: CI
on: schedule
permissions: {}
jobs: {}
-- .github/workflows/w.yml --
on: {workflow_run: {workflows: [CI]}}
permissions: {}
jobs:
  a:
    runs-on: ubuntu-24.04
    steps:
      - run: echo ${{ github.event.workflow_run.head_branch }}
`, []string{"7 script-injection low"}},
		{"calls in a circle", `
-- a/action.yml --
name: A
inputs: {x: {required: true}}
outputs: {y: {value: '${{ steps.b.outputs.y }}'}}
runs:
  using: composite
  steps:
    - id: b
      uses: ./b
      with: {x: '${{ inputs.x }}'}
-- b/action.yml --
name: B
inputs: {x: {required: true}}
outputs: {y: {value: '${{ steps.a.outputs.y }}'}}
runs:
  using: composite
  steps:
    - id: a
      uses: ./a
      with: {x: '${{ inputs.x }}'}
    - shell: bash
      run: echo ${{ steps.a.outputs.y }} ${{ inputs.x }}
`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := pipelinetest.Archive(tt.files)
			if len(files) == 0 {
				files[".github/workflows/w.yml"] = []byte(tt.files)
			}
			var got []string
			faults, _ := platform.Run(files)
			for _, f := range faults {
				if !slices.Contains(flowRules, f.Rule) {
					continue
				}
				at := pipelinetest.Place(files, f)
				at = strings.TrimPrefix(at, ".github/workflows/w.yml:")
				got = append(got, fmt.Sprintf("%s %s %v", at, strings.TrimPrefix(f.Rule, "github-"), pipelinetest.Severity(rules, f)))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// job is a workflow with steps, the first of which stands in line 7.
func job(on, steps string) string {
	return "on: " + on + "\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      " + strings.ReplaceAll(steps, "\n", "\n      ") + "\n"
}

// TestWays says through which lines a flow between files comes, from where it enters to before the fault.
func TestWays(t *testing.T) {
	files := map[string][]byte{
		"say/action.yml":          []byte("name: Say\ninputs:\n  text: {}\nruns:\n  using: composite\n  steps:\n    - shell: bash\n      env:\n        T: ${{ inputs.text }}\n      run: eval \"$T\"\n"),
		"pass/action.yml":         []byte("name: Pass\ninputs:\n  in: {}\noutputs:\n  out:\n    value: ${{ inputs.in }}\nruns:\n  using: composite\n  steps: []\n"),
		".github/workflows/w.yml": []byte("on: issues\njobs:\n  a:\n    steps:\n      - id: p\n        uses: ./pass\n        with:\n          in: ${{ github.event.issue.title }}\n      - uses: ./say\n        with:\n          text: ${{ steps.p.outputs.out }}\n"),
	}
	var got []string
	faults, _ := platform.Run(files)
	for _, f := range faults {
		if f.Rule != "github-variable-evaluated" {
			continue
		}
		for _, s := range f.Steps {
			p := s.Path
			if p == "" {
				p = f.Path
			}
			got = append(got, fmt.Sprintf("%s:%d", p, pipelinetest.Line(files[p], s.Span.Start)))
		}
		got = append(got, pipelinetest.Place(files, f))
	}
	want := []string{".github/workflows/w.yml:8", "pass/action.yml:6", ".github/workflows/w.yml:11", "say/action.yml:9", "say/action.yml:10"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
