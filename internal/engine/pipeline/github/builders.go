package github

import (
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
)

// A builder is an action that runs what it finds in the workspace, always or where an input says so.
type builder struct{ input, value string }

func (b builder) applies(s *Step) bool {
	return b.input == "" || document.Text(s.Input(b.input)) == b.value || b.value == "" && s.Input(b.input) != nil
}

var builders = map[string]builder{
	"github/codeql-action/autobuild": {}, "pre-commit/action": {}, "golangci/golangci-lint-action": {}, "gradle/gradle-build-action": {"arguments", ""},
	"gradle/actions/setup-gradle": {"arguments", ""}, "goreleaser/goreleaser-action": {}, "bahmutov/npm-install": {}, "cypress-io/github-action": {},
	"ruby/setup-ruby": {"bundler-cache", "true"}, "docker/build-push-action": {"context", ""}, "docker/bake-action": {}, "super-linter/super-linter": {},
	"github/super-linter": {}, "oxsecurity/megalinter": {}, "actions/jekyll-build-pages": {}, "ramsey/composer-install": {}, "py-actions/py-dependency-install": {},
	"borales/actions-yarn": {}, "wagoid/commitlint-github-action": {}, "reviewdog/action-eslint": {}, "reviewdog/action-rubocop": {},
	"hashicorp/tfc-workflows-github": {}, "dflook/terraform-plan": {}, "dflook/terraform-apply": {}, "pulumi/actions": {}, "helm/chart-testing-action": {},
	"actions-rs/cargo": {}, "actions-rs/clippy-check": {}, "houseabsolute/actions-rust-cross": {}, "pypa/cibuildwheel": {}, "julia-actions/julia-runtest": {},
	"julia-actions/julia-buildpkg": {}, "pnpm/action-setup": {"run_install", "true"}, "treosh/lighthouse-ci-action": {}, "andresz1/size-limit-action": {},
	"preactjs/compressed-size-action": {}, "jamesives/lighthouse-action": {}, "chromaui/action": {}, "cloudflare/wrangler-action": {}, "amondnet/vercel-action": {},
}

// projectTools run what the files of a project say: scripts, plug-ins, build steps. Where verbs are given, only those do.
var projectTools = map[string]string{
	"npm": "install ci i run test start exec rebuild pack publish run-script t it", "yarn": "", "pnpm": "", "bun": "", "npx": "", "bunx": "", "make": "", "gmake": "", "cmake": "", "ninja": "", "meson": "",
	"pip": "install", "pip3": "install", "pipenv": "", "poetry": "install run build", "uv": "sync run pip build", "tox": "", "nox": "", "pytest": "", "hatch": "", "pdm": "", "pre-commit": "",
	"cargo": "build test run bench check clippy doc install publish", "go": "test run generate build", "mvn": "", "mvnw": "", "gradle": "", "gradlew": "", "ant": "", "sbt": "", "lein": "",
	"bundle": "", "rake": "", "gem": "build", "rspec": "", "composer": "install update run run-script", "phpunit": "", "dotnet": "", "msbuild": "", "nuget": "restore",
	"docker-compose": "", "docker": "build compose buildx", "podman": "build", "buildah": "", "bazel": "", "bazelisk": "", "buck2": "", "nix": "build develop run flake", "nix-build": "", "nix-shell": "",
	"terraform": "init plan apply validate", "tofu": "init plan apply", "terragrunt": "", "pulumi": "", "ansible-playbook": "", "helm": "", "eslint": "", "jest": "", "vitest": "", "webpack": "", "vite": "", "tsc": "", "hugo": "", "jekyll": "",
	"mkdocs": "", "sphinx-build": "", "deno": "run task test", "swift": "build test run", "xcodebuild": "", "pod": "install", "fastlane": "", "flutter": "", "dart": "", "mix": "", "rebar3": "", "stack": "", "cabal": "", "zig": "build", "just": "", "task": "", "mage": "", "vagrant": "", "lerna": "", "nx": "", "turbo": "", "rush": "", "hardhat": "", "forge": "build test", "truffle": "", "configure": "",
}

// runsWorkspace tells how a command runs files of the workspace; "" where it does not seem to.
func runsWorkspace(cmd *shell.Command) string {
	if cmd.Kind != shell.Simple || cmd.Name == "" {
		return ""
	}
	verbs, ok := projectTools[cmd.Name]
	first := ""
	if len(cmd.Args) > 0 {
		first, _ = cmd.Args[0].Static()
	}
	switch {
	case ok && verbs == "":
		return cmd.Name
	case ok:
		for v := range strings.FieldsSeq(verbs) {
			if v == first {
				return cmd.Name + " " + v
			}
		}
	case strings.HasPrefix(cmd.Path, "./") || strings.Contains(cmd.Path, "/") && !strings.HasPrefix(cmd.Path, "/") && !strings.HasPrefix(cmd.Path, "~"):
		return cmd.Path
	case interprets[cmd.Name] && first != "" && !strings.HasPrefix(first, "-") && !strings.HasPrefix(first, "/"):
		return cmd.Name + " " + first
	}
	return ""
}

var interprets = map[string]bool{
	"sh": true, "bash": true, "zsh": true, "python": true, "python3": true, "node": true, "ruby": true, "perl": true, "php": true, "source": true, ".": true, "pwsh": true, "tsx": true, "ts-node": true,
}
