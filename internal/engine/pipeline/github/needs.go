package github

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// actionNeeds are the permissions that known actions ask for: scope:access, more than one with spaces, "" for none. An
// action that is not here may need anything.
var actionNeeds = map[string]string{
	"actions/checkout": "contents:read", "actions/cache": "", "actions/cache/restore": "", "actions/cache/save": "", "actions/upload-artifact": "",
	"actions/download-artifact": "actions:read", "actions/setup-node": "", "actions/setup-python": "", "actions/setup-java": "", "actions/setup-go": "",
	"actions/setup-dotnet": "", "actions/labeler": "contents:read pull-requests:write issues:write", "actions/stale": "issues:write pull-requests:write actions:write contents:write",
	"actions/first-interaction": "issues:write pull-requests:write", "actions/configure-pages": "pages:write", "actions/upload-pages-artifact": "", "actions/deploy-pages": "pages:write id-token:write",
	"actions/dependency-review-action": "contents:read pull-requests:write", "actions/attest-build-provenance": "id-token:write attestations:write packages:write contents:read artifact-metadata:write",
	"actions/attest": "id-token:write attestations:write packages:write contents:read artifact-metadata:write", "actions/attest-sbom": "id-token:write attestations:write packages:write contents:read artifact-metadata:write",
	"actions/create-github-app-token": "", "actions/add-to-project": "", "actions/delete-package-versions": "packages:write", "actions/create-release": "contents:write",
	"actions/upload-release-asset": "contents:write", "actions/setup-ruby": "", "actions/jekyll-build-pages": "contents:read",
	"github/codeql-action/init": "actions:read contents:read packages:read security-events:write", "github/codeql-action/analyze": "actions:read contents:read security-events:write",
	"github/codeql-action/autobuild": "actions:read contents:read", "github/codeql-action/upload-sarif": "actions:read contents:read security-events:write",
	"docker/setup-buildx-action": "", "docker/setup-qemu-action": "", "docker/metadata-action": "contents:read", "docker/login-action": "packages:write", "docker/build-push-action": "packages:write contents:read",
	"docker/bake-action": "packages:write contents:read", "ruby/setup-ruby": "", "astral-sh/setup-uv": "", "pnpm/action-setup": "", "oven-sh/setup-bun": "", "denoland/setup-deno": "",
	"gradle/actions/setup-gradle": "contents:write pull-requests:write", "gradle/wrapper-validation-action": "contents:read", "gradle/actions/wrapper-validation": "contents:read",
	"golangci/golangci-lint-action": "contents:read pull-requests:read", "codecov/codecov-action": "id-token:write", "dtolnay/rust-toolchain": "", "swatinem/rust-cache": "", "taiki-e/install-action": "",
	"actions-rs/toolchain": "", "shivammathur/setup-php": "", "ramsey/composer-install": "", "step-security/harden-runner": "", "ossf/scorecard-action": "security-events:write id-token:write contents:read actions:read issues:read pull-requests:read checks:read",
	"amannn/action-semantic-pull-request": "pull-requests:read statuses:write", "dorny/paths-filter": "contents:read pull-requests:read", "dorny/test-reporter": "checks:write actions:read contents:read",
	"softprops/action-gh-release": "contents:write", "ncipollo/release-action": "contents:write", "stefanzweifel/git-auto-commit-action": "contents:write", "peter-evans/create-pull-request": "contents:write pull-requests:write",
	"peter-evans/create-or-update-comment": "issues:write pull-requests:write", "peter-evans/find-comment": "issues:read pull-requests:read", "marocchino/sticky-pull-request-comment": "pull-requests:write issues:write",
	"peaceiris/actions-gh-pages": "contents:write", "jamesives/github-pages-deploy-action": "contents:write", "goreleaser/goreleaser-action": "contents:write packages:write issues:write id-token:write attestations:write",
	"release-drafter/release-drafter": "contents:write pull-requests:write", "dessant/lock-threads": "issues:write pull-requests:write discussions:write", "aws-actions/configure-aws-credentials": "id-token:write", "azure/login": "id-token:write",
	"google-github-actions/auth": "id-token:write contents:read", "google-github-actions/setup-gcloud": "", "aws-actions/amazon-ecr-login": "", "hashicorp/setup-terraform": "", "hashicorp/vault-action": "id-token:write", "azure/setup-helm": "", "azure/setup-kubectl": "",
	"pypa/gh-action-pypi-publish": "id-token:write", "pypa/cibuildwheel": "", "sigstore/cosign-installer": "", "slackapi/slack-github-action": "", "pre-commit/action": "", "crate-ci/typos": "", "lycheeverse/lychee-action": "", "mxschmitt/action-tmate": "",
	"dependabot/fetch-metadata": "contents:read pull-requests:read", "nick-fields/retry": "", "jlumbroso/free-disk-space": "", "conda-incubator/setup-miniconda": "", "mamba-org/setup-micromamba": "", "julia-actions/setup-julia": "", "ilammy/msvc-dev-cmd": "", "msys2/setup-msys2": "",
	"mozilla-actions/sccache-action": "", "hendrikmuhs/ccache-action": "", "cachix/install-nix-action": "", "determinatesystems/nix-installer-action": "", "bufbuild/buf-setup-action": "", "arduino/setup-protoc": "", "extractions/setup-just": "", "helm/kind-action": "", "helm/chart-testing-action": "",
	"aquasecurity/trivy-action": "", "anchore/scan-action": "", "snyk/actions": "", "gitleaks/gitleaks-action": "contents:read pull-requests:write", "zizmorcore/zizmor-action": "security-events:write contents:read actions:read", "rhysd/actionlint": "", "reviewdog/action-actionlint": "contents:read checks:write pull-requests:write",
	"rust-lang/crates-io-auth-action": "id-token:write", "rubygems/configure-rubygems-credentials": "id-token:write", "rubygems/release-gem": "contents:write id-token:write", "subosito/flutter-action": "", "browser-actions/setup-chrome": "", "supercharge/redis-github-action": "",
	"supercharge/mongodb-github-action": "", "coverallsapp/github-action": "checks:write statuses:write pull-requests:write", "sonarsource/sonarcloud-github-action": "pull-requests:read", "sonarsource/sonarqube-scan-action": "pull-requests:read", "tj-actions/changed-files": "contents:read pull-requests:read", "lewagon/wait-on-check-action": "checks:read",
}

// ghNeeds are the permissions of gh's commands.
var ghNeeds = map[string]string{
	"pr": "pull-requests:write contents:read issues:write", "issue": "issues:write pull-requests:write", "release": "contents:write", "run": "actions:write contents:read", "workflow": "actions:write", "label": "issues:write",
	"cache": "actions:write", "attestation": "attestations:read", "repo": "contents:read", "secret": "", "variable": "", "auth": "", "version": "", "search": "",
}

// ghPushes are the commands of gh pr that write to branches; "" is one that is not known here.
var ghPushes = map[string]bool{"merge": true, "create": true, "update-branch": true, "revert": true, "": true}

// mentionsToken finds what gives a script the job's token.
var mentionsToken = lazyregexp.New(`secrets\.GITHUB_TOKEN|github\.token|GITHUB_TOKEN|GH_TOKEN`)

// A needed is what the steps of a job use of the token.
type needed struct {
	scopes map[string]string
	known  bool // all that the steps use is known
	strict bool // and that holds even for programs of the project that scripts run
}

func (c *context) needs(j *Job) (scopes map[string]string, known, strict bool) {
	n := remember(c.memo.needs, j, func() needed {
		scopes, known, strict := c.findNeeds(j)
		return needed{scopes, known, strict}
	})
	return n.scopes, n.known, n.strict
}

func (c *context) findNeeds(j *Job) (scopes map[string]string, known, strict bool) {
	scopes, known, strict = map[string]string{}, j.Uses == nil, true
	add := func(list string) {
		for item := range strings.FieldsSeq(list) {
			scope, access, _ := strings.Cut(item, ":")
			if scopes[scope] != "write" {
				scopes[scope] = access
			}
		}
	}
	for _, s := range j.Steps {
		switch {
		case s.Run != nil:
			known = c.scriptNeeds(s, add) && known
			strict = strict && c.ownWork(s)
		case s.Ref.Kind == Remote:
			list, ok := actionNeeds[s.Ref.Name()]
			known = known && ok
			add(list)
		default:
			known = false
		}
	}
	return scopes, known, strict && known
}

// ownWork reports whether a script runs nothing of the project: what such programs do with the token is not told here.
func (c *context) ownWork(s *Step) bool {
	sc := c.script(s)
	if sc.Shell == nil {
		return false
	}
	for i := range sc.Shell.Commands {
		if runsWorkspace(&sc.Shell.Commands[i]) != "" {
			return false
		}
	}
	return true
}

// scriptNeeds adds what a script uses of the token, and reports whether that is all.
func (c *context) scriptNeeds(s *Step, add func(string)) bool {
	sc := c.script(s)
	if sc.Shell == nil || sc.Err != nil {
		return false
	}
	known := true
	seen := false
	for i := range sc.Shell.Commands {
		cmd := &sc.Shell.Commands[i]
		switch cmd.Name {
		case "gh":
			seen = true
			list, ok := ghNeeds[word(cmd, 0)]
			known = known && ok
			add(list)
			if word(cmd, 0) == "pr" && ghPushes[word(cmd, 1)] {
				add("contents:write")
			}
		case "git":
			if word(cmd, 0) == "push" {
				add("contents:write")
			}
		case "uv":
			if word(cmd, 0) == "publish" { // asks the index for trust by itself
				add("id-token:write")
			}
		case "cosign":
			add("id-token:write packages:write")
		case "docker", "helm", "oras", "crane", "skopeo":
			add("packages:write")
		}
	}
	if runsAnything(sc.Shell) && c.hasToken(s) && !seen {
		return false
	}
	return known && !strings.Contains(sc.Node.Value, "api.github.com") && !strings.Contains(sc.Node.Value, "ACTIONS_ID_TOKEN") && (seen || !mentionsToken().MatchString(sc.Node.Value))
}

// hasToken reports whether a step's variables hold the job's token.
func (c *context) hasToken(s *Step) bool {
	return slices.ContainsFunc(c.environments(s), c.holdsToken)
}

func (c *context) holdsToken(env *yaml.Node) bool {
	return remember(c.memo.tokens, document.Follow(env), func() bool {
		for k, v := range document.Pairs(env) {
			if mentionsToken().MatchString(k.Value) || mentionsToken().MatchString(document.Text(v)) {
				return true
			}
		}
		return false
	})
}

func runsAnything(s *shell.Script) bool {
	for i := range s.Commands {
		if s.Commands[i].Kind == shell.Simple && s.Commands[i].Name != "echo" {
			return true
		}
	}
	return false
}

// word is a command's argument where it is known, "" elsewhere.
func word(cmd *shell.Command, n int) string {
	if n >= len(cmd.Args) {
		return ""
	}
	text, _ := cmd.Args[n].Static()
	return text
}
