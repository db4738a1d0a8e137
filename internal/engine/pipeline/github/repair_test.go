package github

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

// TestRepair shows what each fix makes of a file; where nothing is to be made of it, want is empty.
func TestRepair(t *testing.T) {
	const head = "on: issues\njobs:\n  a:\n    steps:\n"
	js := func(program, env, after string) (in, want string) {
		in = head + "      - uses: actions/github-script@v8\n        with:\n          script: |\n            " + program + "\n"
		if after == "" {
			return in, ""
		}
		return in, head + "      - uses: actions/github-script@v8\n        env:\n          " + env + "\n        with:\n          script: |\n            " + after + "\n"
	}
	const title = "ISSUE_TITLE: ${{ github.event.issue.title }}"
	type row struct{ name, rule, in, want string }
	var rows []row
	for _, c := range []struct{ name, program, env, after string }{
		{"a text", `core.info("${{ github.event.issue.title }}")`, title, `core.info(process.env.ISSUE_TITLE)`},
		{"a part of a text", `core.info('It is ${{ github.event.issue.title }}!')`, title, "core.info(`It is ${process.env.ISSUE_TITLE}!`)"},
		{"a template", "core.info(`a ${1 + `b`} ${{ github.event.issue.title }}`)", title, "core.info(`a ${1 + `b`} ${process.env.ISSUE_TITLE}`)"},
		{"JSON", `const i = ${{ toJSON(github.event.issue) }};`, "EVENT_ISSUE: ${{ toJSON(github.event.issue) }}", `const i = JSON.parse(process.env.EVENT_ISSUE);`},
		{"code", `const i = ${{ github.event.issue.title }};`, "", ""},
		{"a comment", `f(); // "${{ github.event.issue.title }}"`, "", ""},
		{"a regular expression", `x.match(/["'${{ github.event.issue.title }}]/)`, "", ""},
		{"behind a regular expression", `f(x.replace(/"/g, ''), "${{ github.event.issue.title }}")`, title, `f(x.replace(/"/g, ''), process.env.ISSUE_TITLE)`},
		{"behind a division", `f(a / b, '${{ github.event.issue.title }}' /* c / ' */)`, title, `f(a / b, process.env.ISSUE_TITLE /* c / ' */)`},
		{"a text with a backtick", "f('`${{ github.event.issue.title }}')", "", ""},
		{"a text without an end", `f("${{ github.event.issue.title }}`, "", ""},
	} {
		in, want := js(c.program, c.env, c.after)
		rows = append(rows, row{"script: " + c.name, "github-action-script-injection", in, want})
	}
	rows = append(rows, []row{
		{"double quotes", "github-script-injection",
			head + "      - run: \"echo ${{ github.event.issue.title }}\" # loud\n",
			head + "      - env:\n          ISSUE_TITLE: ${{ github.event.issue.title }}\n        run: \"echo \\\"$ISSUE_TITLE\\\"\" # loud\n"},
		{"single quotes", "github-script-injection",
			head + "      - run: 'echo ''${{ github.event.issue.title }}'''\n",
			head + "      - env:\n          ISSUE_TITLE: ${{ github.event.issue.title }}\n        run: 'echo ''''\"$ISSUE_TITLE\"'''''\n"},
		{"folded", "github-script-injection",
			head + "      - run: >-\n          echo\n          ${{ github.event.issue.title }}\n",
			head + "      - env:\n          ISSUE_TITLE: ${{ github.event.issue.title }}\n        run: >-\n          echo\n          \"$ISSUE_TITLE\"\n"},
		{"tabs in the script, and an anchor", "github-script-injection",
			head + "      - run: &s |\n          if true; then\n          \techo ${{ github.event.issue.title }}\n          fi",
			head + "      - env:\n          ISSUE_TITLE: ${{ github.event.issue.title }}\n        run: &s |\n          if true; then\n          \techo \"$ISSUE_TITLE\"\n          fi"},
		{"the script has a variable of that name", "github-script-injection",
			head + "      - run: |\n          ISSUE_TITLE=${{ github.event.issue.title }}\n          echo $ISSUE_TITLE\n",
			head + "      - env:\n          EVENT_ISSUE_TITLE: ${{ github.event.issue.title }}\n        run: |\n          ISSUE_TITLE=\"$EVENT_ISSUE_TITLE\"\n          echo $ISSUE_TITLE\n"},
		{"the script sets the variable that has the value", "github-script-injection",
			head + "      - run: |\n          T=x\n          echo ${{ github.event.issue.title }}\n        env:\n          T: ${{ github.event.issue.title }}\n",
			head + "      - run: |\n          T=x\n          echo \"$ISSUE_TITLE\"\n        env:\n          ISSUE_TITLE: ${{ github.event.issue.title }}\n          T: ${{ github.event.issue.title }}\n"},
		{"a step in braces", "github-script-injection", head + "      - {run: 'echo ${{ github.event.issue.title }}'}\n", ""},
		{"PowerShell", "github-script-injection",
			head + "      - shell: pwsh\n        run: Write-Host \"${{ github.event.issue.title }}\"\n",
			head + "      - shell: pwsh\n        env:\n          ISSUE_TITLE: ${{ github.event.issue.title }}\n        run: Write-Host \"${env:ISSUE_TITLE}\"\n"},
		{"cmd", "github-script-injection", head + "      - shell: cmd\n        run: echo ${{ github.event.issue.title }}\n", ""},
		{"a comment of the script", "github-script-injection", head + "      - run: |\n          # ${{ github.event.issue.title }}\n          true\n", ""},
		{"evaluated", "github-script-injection", head + "      - run: eval \"${{ github.event.issue.title }}\"\n", ""},

		{"checkout in braces", "github-persisted-credentials", head + "      - {uses: actions/checkout@v5}\n", head + "      - {uses: actions/checkout@v5, with: {persist-credentials: false}}\n"},
		{"inputs in braces", "github-persisted-credentials",
			head + "      - uses: actions/checkout@v5\n        with: {fetch-depth: 0} # all\n",
			head + "      - uses: actions/checkout@v5\n        with: {fetch-depth: 0, persist-credentials: false} # all\n"},
		{"inputs that are an alias", "github-persisted-credentials",
			"x: &i\n  fetch-depth: 0\n" + head + "      - uses: actions/checkout@v5\n        with: *i\n", ""},
		{"an environment that is an alias", "github-script-injection",
			"x: &e\n  A: 1\n" + head + "      - run: echo ${{ github.event.issue.title }}\n        env: *e\n", ""},
		{"a later push", "github-persisted-credentials", head + "      - uses: actions/checkout@v5\n      - run: git push\n", ""},
		{"a later action that nobody knows", "github-persisted-credentials", head + "      - uses: actions/checkout@v5\n      - uses: example/push@v1\n", ""},

		{"the permissions of one job", "github-permissions-missing",
			"on: push\njobs:\n  a:\n    permissions: {}\n    steps: [{run: 'true'}]\n  b:\n    # builds\n    runs-on: x\n    steps:\n      - uses: actions/download-artifact@v5\n",
			"on: push\njobs:\n  a:\n    permissions: {}\n    steps: [{run: 'true'}]\n  b:\n    # builds\n    permissions:\n      actions: read # for actions/download-artifact\n    runs-on: x\n    steps:\n      - uses: actions/download-artifact@v5\n"},
		{"permissions that would write", "github-permissions-missing", "on: push\njobs:\n  a:\n    steps:\n      - uses: actions/stale@v9\n", ""},
		{"a token in the reach of a program", "github-permissions-missing", "on: push\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v5\n      - run: git fetch && make\n", ""},
		{"write-all", "github-permissions-broad",
			"on: push\npermissions: write-all # all\njobs:\n  a:\n    steps:\n      - uses: actions/stale@v9\n",
			"on: push\npermissions:\n  actions: write # for actions/stale\n  contents: write # for actions/stale\n  issues: write # for actions/stale\n  pull-requests: write # for actions/stale # all\njobs:\n  a:\n    steps:\n      - uses: actions/stale@v9\n"},
		{"write-all for a label", "github-permissions-broad",
			"on: push\npermissions: write-all\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v5\n      - run: gh pr edit 1 --add-label x\n",
			"on: push\npermissions:\n  contents: read\n  issues: write # for a script of job a\n  pull-requests: write # for a script of job a\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v5\n      - run: gh pr edit 1 --add-label x\n"},
		{"write-all for a merge", "github-permissions-broad",
			"on: push\npermissions: write-all\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v5\n      - run: gh pr merge 1\n",
			"on: push\npermissions:\n  contents: write # for a script of job a\n  issues: write # for a script of job a\n  pull-requests: write # for a script of job a\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v5\n      - run: gh pr merge 1\n"},
		{"write-all for nothing", "github-permissions-broad",
			"on: push\njobs:\n  a:\n    permissions: 'write-all'\n    steps: [{run: 'true'}]\n", "on: push\njobs:\n  a:\n    permissions: {}\n    steps: [{run: 'true'}]\n"},
		{"write-all behind an anchor", "github-permissions-broad", "on: push\njobs:\n  a:\n    permissions: &p write-all\n    steps: [{run: 'true'}]\n", ""},
		{"write-all of an unknown action", "github-permissions-broad", "on: push\npermissions: write-all\njobs:\n  a:\n    steps:\n      - uses: example/x@v1\n", ""},
		{"an identity that nobody asks for", "github-identity-unused",
			"on: push\njobs:\n  a:\n    permissions: {id-token: write}\n    steps: [{run: 'true'}]\n", "on: push\njobs:\n  a:\n    permissions: {id-token: none}\n    steps: [{run: 'true'}]\n"},

		{"insecure commands", "github-insecure-commands",
			head + "      - env: {ACTIONS_ALLOW_UNSECURE_COMMANDS: true}\n        run: make\n", head + "      - env: {ACTIONS_ALLOW_UNSECURE_COMMANDS: false}\n        run: make\n"},
		{"insecure commands that are used", "github-insecure-commands",
			head + "      - env: {ACTIONS_ALLOW_UNSECURE_COMMANDS: true}\n        run: x | sed 's/^/::set-env name=A::/'\n      - run: echo ::add-path::$(x)\n", ""},
		{"an order in the log", "github-refused-command",
			head + "      - run: |\n          echo \"::set-env name=A_B::$X\"\n          echo '::add-path::/opt/x'\n          echo ::add-path::$(x)\n",
			head + "      - run: |\n          echo \"A_B=$X\" >> \"$GITHUB_ENV\"\n          echo '/opt/x' >> \"$GITHUB_PATH\"\n          echo ::add-path::$(x)\n"},

		{"a condition in a block", "github-text-condition", crlf(head + "      - if: |\n          ${{ github.actor == 'x' }}\n        run: x\n"), crlf(head + "      - if: |-\n          ${{ github.actor == 'x' }}\n        run: x\n")},
		{"a condition of parts", "github-text-condition", head + "      - if: ${{ github.event.a || github.event.b }} && ${{ github.event.c }} # c\n        run: x\n", head + "      - if: (github.event.a || github.event.b) && github.event.c # c\n        run: x\n"},
		{"a condition that is a sentence", "github-text-condition", head + "      - if: run ${{ github.event.a }}\n        run: x\n", ""},
		{"a part of a name", "github-unsound-contains", head + "      - if: contains('refs/heads/main,refs/heads/next', github.ref)\n        run: x\n",
			head + "      - if: contains(fromJSON('[\"refs/heads/main\", \"refs/heads/next\"]'), github.ref)\n        run: x\n"},
		{"the last actor", "github-bot-condition", "on: pull_request_target\njobs:\n  a:\n    steps:\n      - if: github.actor=='dependabot[bot]'\n        run: x\n",
			"on: pull_request_target\njobs:\n  a:\n    steps:\n      - if: github.event.pull_request.user.login=='dependabot[bot]'\n        run: x\n"},
		{"the last actor of something else", "github-bot-condition", "on: [pull_request_target, push]\njobs:\n  a:\n    steps:\n      - if: github.actor == 'dependabot[bot]'\n        run: x\n", ""},

		{"a scan that may fail", "github-ignored-scanner", head + "      - uses: gitleaks/gitleaks-action@v2\n        continue-on-error: true # for now\n", head + "      - uses: gitleaks/gitleaks-action@v2\n        continue-on-error: false # for now\n"},
		{"a scan that never fails", "github-ignored-scanner", head + "      - uses: bridgecrewio/checkov-action@v12\n        with: {soft_fail: true}\n", head + "      - uses: bridgecrewio/checkov-action@v12\n        with: {soft_fail: false}\n"},
		{"a scan that is caught", "github-ignored-scanner", head + "      - run: |\n          gitleaks detect || true\n          gosec ./... || :\n", head + "      - run: |\n          gitleaks detect\n          gosec ./...\n"},
	}...)
	for _, c := range rows {
		t.Run(c.name, func(t *testing.T) {
			found, _, _ := Look(".github/workflows/w.yml", []byte(c.in))
			found = slices.DeleteFunc(found, func(f fault.Fault) bool { return f.Rule != c.rule })
			if len(found) == 0 {
				t.Fatalf("%s is not told", c.rule)
			}
			want := c.want
			if want == "" {
				want = c.in
			}
			got := apply(t, []byte(c.in), found)
			if strings.Contains(c.in, "\r\n") {
				got = crlf(strings.ReplaceAll(got, "\r\n", "\n")) // as the engine does
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzJavaScript reads any program: places lie in it, and nothing panics.
func FuzzJavaScript(f *testing.F) {
	for _, s := range []string{"`${`${'${{ a }}'}`}`", "/[/'${{ a }}]/g", "'${{ a", "// ${{ a }}", "`${", "f(/* ${{ a }} */ \"${{ b }}\")"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		in, bare, _ := javascript(text, exprs(&yaml.Node{Kind: yaml.ScalarNode, Value: text}))
		for _, l := range in {
			if l.from < 0 || l.from >= l.to || l.to > len(text) {
				t.Fatalf("a text stands at %d to %d of %q", l.from, l.to, text)
			}
		}
		if len(bare) > len(text) {
			t.Fatal("more expressions than bytes")
		}
	})
}
