package github

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

// rest are the rules of this part, by which the tests below look away from what other parts say.
var rest = []string{
	"github-long-lived-credential", "github-token-publishing", "github-unproven-artefact", "github-deploy-without-environment", "github-ignored-scanner",
	"github-sleeping-scanner", "github-cache-poisoning", "github-self-hosted-runner", "github-text-condition", "github-constant-condition", "github-wrong-ref",
	"github-unsound-contains", "github-unsound-ternary", "github-secret-in-artifact", "github-piped-installer", "github-disabled-verification", "github-plain-http",
	"github-unlocked-install", "github-obfuscated-command", "github-loose-file-mode", "github-debug-log", "github-misfeature", "github-dependabot-execution",
	"github-dependabot-cooldown", "github-dependabot-without-actions", "github-superfluous-action", "github-workspace-action", "github-syntax", "github-obfuscated-expression",
}

// said are the rules of this part that tell something about a file, each with its severity where that is not the rule's.
func said(path, text string) []string {
	found, _, _ := Look(path, []byte(text))
	list := []string{}
	for _, f := range found {
		if !slices.Contains(rest, f.Rule) {
			continue
		}
		name := strings.TrimPrefix(f.Rule, "github-")
		if f.Severity != 0 {
			name += " " + f.Severity.String()
		}
		list = append(list, name)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// inJob puts lines of a job into a workflow that is started by an event.
func inJob(event, lines string) string {
	lines = strings.TrimLeft(lines, "\n")
	return "name: Build\non:\n  " + event + "\npermissions: {}\njobs:\n  job:\n    runs-on: ubuntu-24.04\n    " + strings.ReplaceAll(strings.TrimRight(lines, "\n"), "\n", "\n    ") + "\n"
}

func TestRest(t *testing.T) {
	const push = "push: {branches: [main]}"
	for _, c := range []struct {
		name, event, job string
		want             []string
	}{
		// long-lived credentials
		{"aws keys of secrets", push, "steps:\n- uses: aws-actions/configure-aws-credentials@v5\n  with: {aws-access-key-id: '${{ secrets.ID }}', aws-secret-access-key: '${{ secrets.KEY }}', aws-region: x}", []string{"long-lived-credential"}},
		{"aws keys of a session", push, "steps:\n- uses: aws-actions/configure-aws-credentials@v5\n  with: {aws-secret-access-key: '${{ secrets.KEY }}', aws-session-token: '${{ secrets.T }}', aws-region: x}", []string{}},
		{"keys of another store", push, "env: {AWS_SECRET_ACCESS_KEY: '${{ secrets.KEY }}', AWS_ENDPOINT_URL: 'https://s3.example.com'}\nsteps:\n- run: aws s3 ls", []string{}},
		{"keys for an action nobody knows", push, "steps:\n- uses: example/sync@v1\n  with: {AWS_SECRET_ACCESS_KEY: '${{ secrets.KEY }}'}", []string{"long-lived-credential"}},
		{"keys for another store", push, "steps:\n- uses: example/sync@v1\n  with: {aws-secret-access-key: '${{ secrets.KEY }}', endpoint: 'https://s3.example.com'}", []string{}},
		{"aws role", push, "steps:\n- uses: aws-actions/configure-aws-credentials@v5\n  with: {role-to-assume: arn, aws-region: x}", []string{}},
		{"aws variable", push, "env: {AWS_SECRET_ACCESS_KEY: '${{ secrets.KEY }}'}\nsteps:\n- run: aws s3 ls", []string{"long-lived-credential"}},
		{"aws variable of a test", push, "env: {AWS_SECRET_ACCESS_KEY: random}\nsteps:\n- run: aws s3 ls", []string{}},
		{"aws variable from a login", push, "steps:\n- id: login\n  uses: aws-actions/configure-aws-credentials@v5\n  with: {role-to-assume: arn, aws-region: x}\n- run: aws s3 ls\n  env: {AWS_SECRET_ACCESS_KEY: '${{ steps.login.outputs.aws-secret-access-key }}'}", []string{}},
		{"azure creds", push, "steps:\n- uses: azure/login@v2\n  with: {creds: '${{ secrets.AZURE_CREDENTIALS }}'}", []string{"long-lived-credential"}},
		{"azure identity", push, "steps:\n- uses: azure/login@v2\n  with: {client-id: '${{ secrets.ID }}', tenant-id: '${{ secrets.T }}', subscription-id: '${{ secrets.S }}'}", []string{}},
		{"google key", push, "steps:\n- uses: google-github-actions/auth@v3\n  with: {credentials_json: '${{ secrets.GOOGLE }}'}", []string{"long-lived-credential"}},
		{"google identity", push, "steps:\n- uses: google-github-actions/auth@v3\n  with: {workload_identity_provider: '${{ secrets.WIF }}'}", []string{}},
		{"google registry by key", push, "steps:\n- uses: docker/login-action@v3\n  with: {registry: registry.example.com, username: _json_key, password: '${{ secrets.GCR }}'}", []string{"long-lived-credential"}},
		{"own registry", push, "steps:\n- uses: docker/login-action@v3\n  with: {registry: registry.example.com, username: me, password: '${{ secrets.GITHUB_TOKEN }}'}", []string{}},
		{"vault token", push, "steps:\n- uses: hashicorp/vault-action@v3\n  with: {url: 'https://vault.example.com', token: '${{ secrets.VAULT }}'}", []string{"long-lived-credential"}},
		{"vault app role", push, "steps:\n- uses: hashicorp/vault-action@v3\n  with: {url: 'https://vault.example.com', method: approle, secretId: '${{ secrets.VAULT_ID }}'}", []string{"long-lived-credential"}},
		{"vault identity", push, "steps:\n- uses: hashicorp/vault-action@v3\n  with: {url: 'https://vault.example.com', method: jwt, role: ci}", []string{}},
		{"script logs in", push, "steps:\n- run: gcloud auth activate-service-account --key-file key.json\n  env: {KEY: '${{ secrets.KEY }}'}", []string{"long-lived-credential"}},
		{"script logs in without secrets", push, "steps:\n- run: gcloud auth activate-service-account --key-file testdata/key.json", []string{}},

		// roundabout expressions
		{"a fallback is no constant", push, "env: {A: \"${{ vars.A || 'b' }}\", B: \"${{ github.actor == 'y' && 60 || 30 }}\"}\nsteps: [{run: make}]", []string{}},
		{"an expression of constants", push, "env: {A: \"${{ 'a' == 'b' && 'c' || 'd' }}\"}\nsteps: [{run: make}]", []string{"obfuscated-expression"}},

		// publishing
		{"pypi by token", push, "steps:\n- uses: pypa/gh-action-pypi-publish@v1\n  with: {password: '${{ secrets.PYPI }}'}", []string{"token-publishing", "unproven-artefact"}},
		{"pypi by identity", push, "permissions: {id-token: write}\nsteps:\n- uses: pypa/gh-action-pypi-publish@v1", []string{}},
		{"pypi of one's own", push, "steps:\n- uses: pypa/gh-action-pypi-publish@v1\n  with: {password: '${{ secrets.PYPI }}', repository-url: 'https://pypi.example.com/', attestations: true}", []string{"unproven-artefact"}},
		{"npm at the forge", push, "steps:\n- uses: actions/setup-node@v6\n  with: {registry-url: 'https://npm.pkg.example.com', package-manager-cache: false}\n- run: npm publish --provenance\n  env: {NODE_AUTH_TOKEN: '${{ secrets.T }}'}", []string{}},
		{"crates by token", push, "steps:\n- run: cargo publish\n  env: {CARGO_REGISTRY_TOKEN: '${{ secrets.CRATES }}'}", []string{"token-publishing"}},
		{"gem by token", push, "steps:\n- run: gem push x.gem\n  env: {GEM_HOST_API_KEY: '${{ secrets.GEMS }}'}", []string{"token-publishing", "unproven-artefact"}},
		{"npm without token or identity", push, "steps:\n- run: npm publish --provenance", []string{"token-publishing info"}},
		{"for a try", push, "steps:\n- run: npm publish --registry http://localhost:4873/", []string{}},
		{"dry run", push, "steps:\n- run: npm publish --dry-run\n  env: {NODE_AUTH_TOKEN: '${{ secrets.T }}'}", []string{}},
		{"image without provenance", push, "steps:\n- uses: docker/build-push-action@v6\n  with: {push: true, provenance: false}", []string{"unproven-artefact"}},
		{"image as buildx does it", push, "steps:\n- uses: docker/build-push-action@v6\n  with: {push: true}", []string{}},
		{"image that stays", push, "steps:\n- uses: docker/build-push-action@v6\n  with: {load: true, provenance: false}", []string{}},
		{"image that is signed", push, "steps:\n- run: docker push registry.example.com/a/b:1\n- run: cosign sign --yes registry.example.com/a/b:1", []string{}},

		// deployments
		{"deploys", push, "name: Deploy to production\nsteps:\n- run: helm upgrade app ./chart", []string{"deploy-without-environment"}},
		{"deploys in an environment", push, "environment: production\nsteps:\n- run: helm upgrade app ./chart", []string{}},
		{"deploys by a job of another name", push, "steps:\n- run: helm upgrade app ./chart", []string{"deploy-without-environment low"}},
		{"deploys a site", push, "name: Deploy\nsteps:\n- uses: peaceiris/actions-gh-pages@v4", []string{"deploy-without-environment low"}},
		{"tests on a cluster of its own", push, "name: Deploy\nsteps:\n- uses: helm/kind-action@v1\n- run: kubectl apply -f x.yaml", []string{}},
		{"previews a pull request", "pull_request: {}", "name: Deploy\nsteps:\n- run: vercel deploy", []string{}},

		// scanners
		{"scan tolerated", push, "steps:\n- run: trivy fs .\n  continue-on-error: true", []string{"ignored-scanner"}},
		{"scan for the report beside one that counts", push, "steps:\n- run: npm audit || true\n- run: npm audit --audit-level=high", []string{}},
		{"scan summed up", push, "steps:\n- run: trivy fs . >> $GITHUB_STEP_SUMMARY || true", []string{}},
		{"scan tolerated and asked for", push, "steps:\n- id: scan\n  run: trivy fs .\n  continue-on-error: true\n- run: exit 1\n  if: steps.scan.outcome == 'failure'", []string{}},
		{"scan uploaded", push, "steps:\n- run: trivy fs --format sarif -o r.sarif . || true\n- uses: github/codeql-action/upload-sarif@v4\n  with: {sarif_file: r.sarif}", []string{}},
		{"scan swallowed", push, "steps:\n- run: npm audit || true", []string{"ignored-scanner"}},
		{"scan told not to fail", push, "steps:\n- uses: bridgecrewio/checkov-action@v12\n  with: {soft_fail: true}", []string{"ignored-scanner"}},
		{"scan of a tolerant job", push, "continue-on-error: true\nsteps:\n- uses: gitleaks/gitleaks-action@v2", []string{"ignored-scanner"}},
		{"build tolerated", push, "steps:\n- run: make\n  continue-on-error: true", []string{}},
		{"scan switched off", push, "steps:\n- uses: gitleaks/gitleaks-action@v2\n  if: false", []string{"constant-condition info", "sleeping-scanner"}},

		// caches
		{"cache of a test", push, "steps:\n- uses: actions/cache@v5\n  with: {path: x, key: y}", []string{}},
		{"cache of a release", "push: {tags: ['v*']}", "steps:\n- uses: actions/cache@v5\n  with: {path: x, key: y}", []string{"cache-poisoning info"}},
		{"cache only looked up", "release: {types: [published]}", "steps:\n- uses: actions/cache@v5\n  with: {path: x, key: y, lookup-only: true}\n- uses: actions/setup-node@v6\n  with: {package-manager-cache: false}\n- uses: actions/setup-python@v6", []string{}},
		{"cache of a publication", "release: {types: [published]}", "permissions: {id-token: write}\nsteps:\n- uses: actions/setup-python@v6\n  with: {cache: pip}\n- uses: pypa/gh-action-pypi-publish@v1", []string{"cache-poisoning"}},
		{"cache filled by an outsider", "pull_request_target: {}", "steps:\n- uses: actions/checkout@v6\n  with: {ref: '${{ github.event.pull_request.head.sha }}'}\n- uses: actions/cache@v5\n  with: {path: x, key: y}", []string{"cache-poisoning medium"}},

		{"cache of a setup that builds it in", "release: {types: [published]}", "steps:\n- uses: docker/setup-buildx-action@v3\n  with: {version: v0.30.1}", []string{"cache-poisoning info"}},

		{"setup without one", "release: {types: [published]}", "steps:\n- uses: docker/setup-buildx-action@v3\n- uses: docker/setup-buildx-action@v3\n  with: {version: v0.30.1, cache-binary: false}", []string{}},

		// machines
		{"own machine for members", push, "steps:\n- run: make", []string{}},
		{"own machine behind a gate", "pull_request: {}", "if: github.event.pull_request.head.repo.full_name == github.repository\nsteps:\n- run: make", []string{}},

		// conditions
		{"text beside braces", push, "if: ${{ github.actor == 'me' }} && true\nsteps:\n- run: make", []string{"text-condition"}},
		{"line's end kept", push, "steps:\n- run: make\n  if: |\n    ${{ github.actor == 'me' }}", []string{"text-condition"}},
		{"line's end dropped", push, "steps:\n- run: make\n  if: |-\n    ${{ github.actor == 'me' }}", []string{}},
		{"block without braces", push, "steps:\n- run: make\n  if: |\n    github.actor == 'me' &&\n    github.ref == 'refs/heads/main'", []string{}},
		{"space kept", push, "if: ' ${{ false }}'\nsteps:\n- run: make", []string{"text-condition"}},
		{"always", push, "steps:\n- run: make\n  if: always()", []string{}},
		{"never", push, "if: false\nsteps:\n- run: make", []string{"constant-condition info"}},
		{"constant by a part", push, "if: ${{ github.actor == 'me' || true }}\nsteps:\n- run: make", []string{"constant-condition"}},
		{"event that never comes", push, "if: github.event_name == 'release'\nsteps:\n- run: make", []string{"constant-condition"}},
		{"event of a caller", "workflow_call: {}", "if: github.event_name == 'release'\nsteps:\n- run: make", []string{}},
		{"short reference", push, "if: github.ref != 'main'\nsteps:\n- run: make", []string{"wrong-ref"}},
		{"beginning of a reference", push, "if: startsWith(github.ref, 'v1')\nsteps:\n- run: make", []string{"wrong-ref"}},
		{"full reference", push, "if: startsWith(github.ref, 'refs/tags/v1') || github.ref == 'refs/heads/main'\nsteps:\n- run: make", []string{}},
		{"contains in a text", push, "if: contains('main develop', github.ref_name)\nsteps:\n- run: make", []string{"unsound-contains"}},
		{"contains in a text, of a matrix", push, "strategy: {matrix: {os: [a, b]}}\nsteps:\n- run: make\n  if: contains('a c', matrix.os)", []string{"unsound-contains info"}},
		{"contains of a text", push, "if: contains(github.ref_name, 'release')\nsteps:\n- run: make", []string{}},
		{"ternary with an empty value", push, "env: {A: \"${{ github.actor == 'x' && '' || 'y' }}\"}\nsteps:\n- run: make", []string{"obfuscated-expression", "unsound-ternary"}},
		{"ternary", push, "env: {A: \"${{ github.actor == 'x' && 'y' || '' }}\"}\nsteps:\n- run: make", []string{}},

		// artifacts
		{"uploads keys", push, "steps:\n- uses: actions/upload-artifact@v5\n  with: {path: ~/.ssh}", []string{"secret-in-artifact"}},
		{"uploads an example", push, "steps:\n- uses: actions/upload-artifact@v5\n  with: {path: .env.example}", []string{}},
		{"uploads all with hidden files", push, "steps:\n- uses: actions/checkout@v6\n- uses: actions/upload-artifact@v5\n  with: {path: ., include-hidden-files: true}", []string{"secret-in-artifact"}},
		{"uploads all with hidden files, no token", push, "steps:\n- uses: actions/checkout@v6\n  with: {persist-credentials: false}\n- uses: actions/upload-artifact@v5\n  with: {path: ., include-hidden-files: true}", []string{}},
		{"uploads a folder", push, "steps:\n- uses: actions/checkout@v6\n- uses: actions/upload-artifact@v5\n  with: {path: dist/, include-hidden-files: true}", []string{}},

		// habits
		{"installer from a pipe", push, "steps:\n- run: curl -sSf https://sh.example.com | sh", []string{"piped-installer"}},
		{"check of certificates off", push, "env: {GIT_SSL_NO_VERIFY: true}\nsteps:\n- run: wget --no-check-certificate https://a.example.com/x", []string{"disabled-verification"}},
		{"loopback without a check", push, "steps:\n- run: curl -k https://localhost:8443/health", []string{}},
		{"registry over http", push, "steps:\n- uses: actions/setup-node@v6\n  with: {registry-url: 'http://npm.example.com'}", []string{"plain-http"}},
		{"registry of the machine", push, "steps:\n- uses: actions/setup-node@v6\n  with: {registry-url: 'http://localhost:4873'}", []string{}},
		{"exact version", push, "steps:\n- run: npm install -g typescript@5.9.2", []string{}},
		{"python packages as a side effect", push, "steps:\n- uses: actions/setup-python@v6\n  with: {python-version: 3.13, pip-install: -r requirements.txt}", []string{"misfeature"}},
		{"cmd by default", push, "defaults: {run: {shell: cmd}}\nsteps:\n- run: dir", []string{"misfeature", "syntax"}},

		// syntax
		{"steps side by side", push, "steps:\n- parallel:\n  - run: make a\n  - run: make b", []string{}},
		{"unknown key", push, "steps:\n- run: make\n  retries: 3", []string{"syntax"}},
		{"undefined row", push, "strategy: {matrix: {os: [a]}}\nsteps:\n- run: make\n  env: {A: '${{ matrix.arch }}'}", []string{"syntax info"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, said(".github/workflows/a.yml", inJob(c.event, c.job))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestOwnWorkflow(t *testing.T) {
	text := "name: test\non: push\npermissions: {}\njobs:\n  job:\n    uses: $/.github/workflows/x.yml\n"
	if got := said(".github/workflows/a.yml", text); len(got) > 0 {
		t.Errorf("told: %v", got)
	}
}

func TestIdentityOfScripts(t *testing.T) {
	for script, want := range map[string]bool{"uv publish dist/*": false, "uv --version": true} {
		found, _, _ := Look(".github/workflows/a.yml", []byte(inJob("push", "permissions: {id-token: write}\nsteps: [{run: "+script+"}]")))
		if got := slices.ContainsFunc(found, func(f fault.Fault) bool { return f.Rule == "github-identity-unused" }); got != want {
			t.Errorf("%s: told %v, want %v", script, got, want)
		}
	}
}

func TestSelfHosted(t *testing.T) {
	for _, c := range []struct {
		name, on, job string
		want          []string
	}{
		{"group", "pull_request", "runs-on: {group: large}", []string{"self-hosted-runner info"}},
		{"label", "pull_request", "runs-on: [self-hosted, x64]", []string{"self-hosted-runner"}},
		{"hosted", "pull_request", "runs-on: ubuntu-24.04", []string{}},
		{"no outsiders", "push", "runs-on: self-hosted", []string{"self-hosted-runner info"}},
		{"base's code", "pull_request_target", "runs-on: self-hosted", []string{"self-hosted-runner info"}},
		{"matrix", "pull_request", "strategy: {matrix: {on: [ubuntu-24.04, self-hosted]}}\n    runs-on: ${{ matrix.on }}", []string{"self-hosted-runner"}},
		{"other repository", "pull_request", `runs-on: ${{ endsWith(github.repository, '-private') && 'self-hosted' || 'ubuntu-24.04' }}`, []string{"self-hosted-runner info"}},
		{"chosen by JSON", "pull_request", `runs-on: ${{ fromJSON('["self-hosted", "x64"]') }}`, []string{"obfuscated-expression", "self-hosted-runner"}},
		{"on a branch", "pull_request", "if: github.ref_name == 'main' || startsWith(github.ref, 'refs/heads/')\n    runs-on: self-hosted", []string{"self-hosted-runner info"}},
		{"not on a branch", "pull_request", "if: github.ref_name != 'main'\n    runs-on: self-hosted", []string{"self-hosted-runner"}},
		{"behind a gate", "pull_request", "if: github.event.pull_request.head.repo.full_name == github.repository\n    runs-on: self-hosted", []string{"self-hosted-runner info"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := "name: test\non: " + c.on + "\npermissions: {}\njobs:\n  job:\n    " + c.job + "\n    steps:\n    - run: make\n"
			if diff := cmp.Diff(c.want, said(".github/workflows/a.yml", text)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDependabot(t *testing.T) {
	const head = "version: 2\nupdates:\n- package-ecosystem: github-actions\n  directory: /\n  schedule: {interval: weekly}\n"
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"no cooldown", head, []string{"dependabot-cooldown"}},
		{"short cooldown", head + "  cooldown: {default-days: 2}\n", []string{"dependabot-cooldown"}},
		{"cooldown", head + "  cooldown: {default-days: 7}\n", []string{}},
		{"runs code", head + "  cooldown: {default-days: 7}\n  insecure-external-code-execution: allow\n", []string{"dependabot-execution"}},
		{"registry over http", "registries:\n  a: {type: npm-registry, url: 'http://npm.example.com'}\n" + head + "  cooldown: {default-days: 7}\n", []string{"plain-http"}},
		{"no actions", strings.ReplaceAll(head, "github-actions", "npm") + "  cooldown: {default-days: 7}\n", []string{"dependabot-without-actions"}},
		{"nothing", "version: 2\n", []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, said(".github/dependabot.yml", c.text)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestRestFixes applies the fixes of this part and asks that the fault is gone and nothing else has changed.
func TestRestFixes(t *testing.T) {
	for _, c := range []struct{ name, path, text, want string }{
		{
			"cooldown", ".github/dependabot.yml",
			"updates:\n  - package-ecosystem: github-actions # ours\n    directory: /\n",
			"updates:\n  - package-ecosystem: github-actions # ours\n    cooldown:\n      default-days: 7\n    directory: /\n",
		},
		{
			"longer cooldown", ".github/dependabot.yml",
			"updates:\n  - package-ecosystem: github-actions\n    cooldown: {default-days: 3}\n",
			"updates:\n  - package-ecosystem: github-actions\n    cooldown: {default-days: 7}\n",
		},
		{
			"code of dependencies", ".github/dependabot.yml",
			"updates:\n  - package-ecosystem: github-actions\n    cooldown: {default-days: 7}\n    insecure-external-code-execution: allow # why\n",
			"updates:\n  - package-ecosystem: github-actions\n    cooldown: {default-days: 7}\n    insecure-external-code-execution: deny # why\n",
		},
		{
			"line's end", ".github/workflows/a.yml",
			"on: push\njobs:\n  a:\n    if: |\n      ${{ github.actor == 'me' }}\n    runs-on: x\n",
			"on: push\njobs:\n  a:\n    if: |-\n      ${{ github.actor == 'me' }}\n    runs-on: x\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := c.text
			found, _, _ := Look(c.path, []byte(text))
			for _, f := range found {
				if slices.Contains(rest, f.Rule) && f.Fix != nil {
					e := f.Fix.Edits[0]
					text = text[:e.Span.Start] + e.Text + text[e.Span.End:]
					break
				}
			}
			if diff := cmp.Diff(c.want, text); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := said(c.path, text); len(got) > 0 && strings.HasPrefix(c.path, ".github/dep") {
				t.Errorf("a second run tells %v", got)
			}
		})
	}
}

// TestNesting asks that expressions too deep for readers that call themselves are told and not read.
func TestNesting(t *testing.T) {
	deep := strings.Repeat("(", 100_000)
	for _, text := range []string{
		inJob("push: {}", "if: "+deep+"\nsteps:\n- run: make"),
		inJob("push: {}", "if: \"${{ "+deep+"\"\nsteps:\n- run: make"),
		inJob("push: {}", "steps:\n- run: echo ${{ "+strings.Repeat("!", 100_000)+"true }}"),
		inJob("push: {}", "steps:\n- run: echo ${{ "+strings.Repeat("a || ", 100_000)+"true }}"),
		inJob("push: {}", "steps:\n- run: echo ${{ a"+strings.Repeat("[a", 100_000)+" }}"),
		inJob("push: {}", "steps:\n- run: echo ${{ '))))' "+strings.Repeat(")(", 10)+deep+" }}"),
	} {
		if got := said(".github/workflows/a.yml", text); !slices.Contains(got, "syntax") {
			t.Errorf("%.80q: told %v", text, got)
		}
	}
}
