package shell

import (
	"slices"
	"strings"
)

// A form is a command by the words that it begins with, after options.
type form struct {
	tool  string
	verbs []string // the first operands; "a|b" allows either
	flag  string   // one that must be there
}

var publishing = []form{
	{"npm", []string{"publish"}, ""}, {"yarn", []string{"publish"}, ""}, {"yarn", []string{"npm", "publish"}, ""}, {"pnpm", []string{"publish"}, ""}, {"lerna", []string{"publish"}, ""},
	{"bun", []string{"publish"}, ""}, {"jsr", []string{"publish"}, ""}, {"deno", []string{"publish"}, ""}, {"twine", []string{"upload"}, ""}, {"poetry", []string{"publish"}, ""}, {"uv", []string{"publish"}, ""}, {"flit", []string{"publish"}, ""},
	{"hatch", []string{"publish"}, ""}, {"cargo", []string{"publish"}, ""}, {"gem", []string{"push"}, ""}, {"docker", []string{"push"}, ""}, {"docker", []string{"image", "push"}, ""}, {"podman", []string{"push"}, ""},
	{"buildah", []string{"push"}, ""}, {"docker", []string{"buildx", "build"}, "--push"}, {"docker", []string{"build"}, "--push"}, {"docker", []string{"buildx", "bake"}, "--push"}, {"docker", []string{"compose", "push"}, ""}, {"crane", []string{"push|copy|cp"}, ""},
	{"skopeo", []string{"copy"}, ""}, {"ko", []string{"build|publish|apply|resolve"}, ""}, {"oras", []string{"push"}, ""}, {"helm", []string{"push|cm-push"}, ""}, {"gh", []string{"release", "upload|create"}, ""},
	{"glab", []string{"release", "create|upload"}, ""}, {"dotnet", []string{"nuget", "push"}, ""}, {"nuget", []string{"push"}, ""}, {"goreleaser", []string{"release"}, ""}, {"goreleaser", []string{"publish"}, ""}, {"vsce", []string{"publish"}, ""}, {"ovsx", []string{"publish"}, ""},
	{"semantic-release", nil, ""}, {"changeset", []string{"publish"}, ""}, {"mix", []string{"hex.publish"}, ""}, {"pod", []string{"trunk", "push"}, ""}, {"conan", []string{"upload"}, ""}, {"luarocks", []string{"upload"}, ""}, {"Publish-Module", nil, ""},
}

// publishTasks are tasks of build tools.
var publishTasks = map[string][]string{
	"mvn": {"deploy", "deploy:deploy", "deploy:deploy-file", "release:perform", "jreleaser:full-release"}, "mvnw": {"deploy", "release:perform"},
	"gradle": {"publish", "publishToMavenCentral", "uploadArchives", "publishPlugins", "publishAllPublicationsToMavenRepository"}, "gradlew": {"publish", "publishToMavenCentral", "uploadArchives", "publishPlugins", "closeAndReleaseRepository"}, "sbt": {"publish", "publishSigned", "ci-release"},
	"lein": {"deploy"}, "rake": {"release"},
}

// Published are commands by which artefacts leave the pipeline, and those that sign or attest them (Signed).
func (s *Script) Published() []Remark {
	var out []Remark
	for i := range s.Commands {
		c := s.started(i)
		if c.Kind != Simple || c.Has("--dry-run") && !valueFalse(&c, "--dry-run") {
			continue
		}
		switch {
		case signs(&c):
			r := s.remark(Signed, i)
			r.Detail = c.verb(0)
			out = append(out, r)
		case publishes(&c):
			r := s.remark(Published, i)
			r.Tool, r.Detail = c.Name, strings.TrimSpace(c.verb(0)+" "+c.verb(1))
			r.Proven = c.Has("--provenance", "--attestations", "--attest") && !valueFalse(&c, "--provenance")
			out = append(out, r)
		}
	}
	return inOrder(out)
}

// started is a command as it runs: npx, pnpm exec, python -m and their like give way to what they start, and cargo is
// read without its +toolchain.
func (s *Script) started(i int) Command {
	c := s.Commands[i]
	words := behindOptions(c.Args)
	switch c.Name {
	case "npx", "pnpx", "bunx", "uvx":
	case "pipx", "poetry", "uv", "bundle", "pnpm", "yarn":
		if c.Name == "uv" && len(words) > 1 && words[0].Text == "tool" {
			words = words[1:]
		}
		if v := c.verb(0); v != "run" && v != "exec" && v != "dlx" && v != "tool" || len(words) < 2 {
			return c
		}
		words = behindOptions(words[1:])
	case "python", "python3":
		w, at := c.Value("-m")
		if at < 0 || w.Text == "" {
			return c
		}
		words = c.Args[at:]
	case "cargo":
		if len(words) > 0 && strings.HasPrefix(words[0].Text, "+") {
			c.Args = words[1:]
		}
		return c
	default:
		return c
	}
	if len(words) == 0 {
		return c
	}
	inner := c
	inner.Wrappers = slices.Clone(c.Wrappers)
	inner.name(words)
	inner.Name, _ = cutVersion(inner.Name)
	if at := strings.IndexAny(inner.Name, "<>=~!["); at > 0 {
		inner.Name = inner.Name[:at] // pipx run twine==5.0.0
	}
	return inner
}

// behindOptions are the words from the first operand on.
func behindOptions(words []Word) []Word {
	for i := 0; i < len(words); i++ {
		switch text := words[i].Text; {
		case text == "--":
			return words[i+1:]
		case slices.Contains(runnerOptions, text):
			i++
		case len(text) < 2 || text[0] != '-':
			return words[i:]
		}
	}
	return nil
}

// runnerOptions are options of such runners that take a value.
var runnerOptions = []string{
	"-p", "--package", "--spec", "--python", "--pip-args", "--index-url", "-i", "--with", "--with-requirements", "--from", "--extra", "--group", "--directory",
	"--project", "-C", "--dir", "--cwd", "--filter", "-F", "--env-file", "--workspace", "-w",
}

func (f form) fits(c *Command) bool {
	if f.tool != c.Name || f.flag != "" && !c.Has(f.flag) {
		return false
	}
	ops := c.Operands("-C", "--prefix", "-R", "--repo", "--context", "--namespace", "-n", "--kubeconfig", "-w", "--workspace", "--cwd", "--profile", "--region", "--project", "-f", "--kube-context", "-D", "-H", "--host", "-c", "--config")
	if len(ops) < len(f.verbs) {
		return false
	}
	for i, v := range f.verbs {
		if !slices.Contains(strings.Split(v, "|"), ops[i].Text) {
			return false
		}
	}
	return true
}

func publishes(c *Command) bool {
	for _, f := range publishing {
		if f.fits(c) {
			return c.Name != "goreleaser" || !c.Has("--snapshot") && !c.Has("--skip=publish")
		}
	}
	for _, w := range c.Args {
		task := w.Text[strings.LastIndexByte(w.Text, ':')+1:]
		if tasks := publishTasks[c.Name]; slices.Contains(tasks, w.Text) || strings.HasPrefix(c.Name, "gradle") && slices.Contains(tasks, task) {
			return true
		}
	}
	return false
}

func signs(c *Command) bool {
	switch c.Name {
	case "cosign":
		return slices.Contains([]string{"sign", "sign-blob", "attest", "attest-blob"}, c.verb(0))
	case "gh":
		return c.verb(0) == "attestation" && c.verb(1) != "verify"
	case "gpg", "gpg2":
		return c.Has("--sign", "--detach-sign", "--clearsign", "-ab", "--detach-sig")
	case "notation":
		return c.verb(0) == "sign"
	case "signtool", "AzureSignTool":
		return c.verb(0) == "sign"
	case "slsa-generator", "witness", "minisign", "sigstore", "jarsigner", "apksigner", "codesign":
		return true
	}
	return false
}

var deploying = []form{
	{"kubectl", []string{"apply|create|replace|patch|set|rollout|scale|delete"}, ""}, {"oc", []string{"apply|rollout|deploy|replace|patch"}, ""}, {"helm", []string{"upgrade|install|rollback|uninstall"}, ""}, {"helmfile", []string{"apply|sync"}, ""},
	{"skaffold", []string{"run|deploy"}, ""}, {"kapp", []string{"deploy"}, ""}, {"terraform", []string{"apply|destroy"}, ""}, {"tofu", []string{"apply|destroy"}, ""}, {"terragrunt", []string{"apply|destroy|run-all"}, ""},
	{"pulumi", []string{"up|update|destroy"}, ""}, {"cdk", []string{"deploy|destroy"}, ""}, {"cdktf", []string{"deploy|destroy"}, ""}, {"sam", []string{"deploy|sync"}, ""}, {"serverless", []string{"deploy|remove"}, ""}, {"sls", []string{"deploy|remove"}, ""}, {"flyctl", []string{"deploy"}, ""},
	{"fly", []string{"deploy"}, ""}, {"vercel", []string{"deploy"}, ""}, {"vercel", nil, "--prod"}, {"netlify", []string{"deploy"}, ""}, {"wrangler", []string{"deploy|publish"}, ""}, {"wrangler", []string{"pages", "deploy|publish"}, ""}, {"firebase", []string{"deploy"}, ""},
	{"ansible-playbook", nil, ""}, {"argocd", []string{"app", "sync|create|set"}, ""}, {"flux", []string{"reconcile|bootstrap"}, ""}, {"cf", []string{"push"}, ""}, {"eb", []string{"deploy"}, ""}, {"copilot", []string{"deploy"}, ""}, {"heroku", []string{"container:release|releases:rollback"}, ""}, {"railway", []string{"up|deploy"}, ""},
	{"nomad", []string{"run"}, ""}, {"nomad", []string{"job", "run"}, ""}, {"docker", []string{"stack", "deploy"}, ""}, {"cap", nil, ""}, {"dokku", nil, ""}, {"kamal", []string{"deploy|redeploy"}, ""}, {"kubeadm", []string{"upgrade"}, ""}, {"azd", []string{"deploy|up"}, ""}, {"ecs-deploy", nil, ""},
	{"gh-pages", nil, ""}, {"appcfg.py", []string{"update"}, ""}, {"surge", nil, ""}, {"doctl", []string{"apps", "update|create-deployment"}, ""}, {"porter", []string{"install|upgrade"}, ""}, {"werf", []string{"converge"}, ""},
}

// Deploys are commands that change what runs somewhere.
func (s *Script) Deploys() []Remark {
	var out []Remark
	for i := range s.Commands {
		c := s.started(i)
		if c.Kind != Simple || c.Has("--dry-run", "--check", "--syntax-check", "--list-hosts", "--version", "--help") {
			continue
		}
		if !deploys(&c) {
			continue
		}
		r := s.remark(Deployed, i)
		r.Tool, r.Detail = c.Name, strings.TrimSpace(c.verb(0)+" "+c.verb(1))
		out = append(out, r)
	}
	return inOrder(out)
}

func deploys(c *Command) bool {
	if slices.ContainsFunc(deploying, func(f form) bool { return f.fits(c) }) {
		return true
	}
	ops := c.Operands("--region", "--profile", "--project", "--subscription", "-g", "--resource-group", "--output", "--query", "--account", "--zone", "--format")
	verbs := make([]string, 0, 4)
	for _, w := range ops[:min(len(ops), 4)] {
		verbs = append(verbs, w.Text)
	}
	switch c.Name {
	case "aws":
		return deploysAWS(verbs) && !(verbs[0] == "s3" && ofOneRun(ops[len(ops)-1]))
	case "gcloud":
		return slices.Contains(verbs, "deploy") || slices.Contains(verbs, "update-traffic") || slices.Contains(verbs, "rolling-action")
	case "az":
		return slices.Contains(verbs, "deploy") || slices.Contains(verbs, "deployment") && slices.Contains(verbs, "create") || slices.Contains(verbs, "up") || slices.Contains(verbs, "upload-batch") ||
			slices.Contains(verbs, "containerapp") && slices.Contains(verbs, "update") || slices.Contains(verbs, "config-zip") || slices.Contains(verbs, "swap")
	}
	return false
}

// ofOneRun says that a place to copy to is named after the run, its commit or its branch: what is kept there is what the run
// has built, and nobody is served from it.
func ofOneRun(to Word) bool {
	return slices.ContainsFunc(to.Parts, func(p Part) bool { return p.Kind == Variable && runNames[p.Name] })
}

var runNames = map[string]bool{
	"CI_PIPELINE_ID": true, "CI_PIPELINE_IID": true, "CI_JOB_ID": true, "CI_COMMIT_SHA": true, "CI_COMMIT_SHORT_SHA": true, "CI_COMMIT_REF_NAME": true,
	"CI_COMMIT_REF_SLUG": true, "CI_COMMIT_BRANCH": true, "GITHUB_SHA": true, "GITHUB_RUN_ID": true, "GITHUB_RUN_NUMBER": true, "GITHUB_REF_NAME": true,
	"GITHUB_HEAD_REF": true, "BUILD_BUILDID": true, "BUILD_BUILDNUMBER": true, "BUILD_SOURCEVERSION": true, "BUILD_SOURCEBRANCHNAME": true,
}

func deploysAWS(verbs []string) bool {
	if len(verbs) < 2 {
		return false
	}
	switch verbs[0] {
	case "s3":
		return verbs[1] == "sync" && (len(verbs) < 3 || !strings.HasPrefix(verbs[2], "s3://")) || verbs[1] == "cp" && len(verbs) > 3 && strings.HasPrefix(verbs[3], "s3://")
	case "cloudformation":
		return verbs[1] == "deploy" || strings.HasSuffix(verbs[1], "-stack") && !strings.HasPrefix(verbs[1], "describe")
	case "ecs", "lambda", "eks", "elasticbeanstalk", "apprunner", "amplify", "ssm", "cloudfront", "deploy":
		for _, prefix := range []string{"update-", "deploy", "publish-version", "create-deployment", "create-invalidation", "start-deployment", "start-job", "send-command", "register-task-definition"} {
			if strings.HasPrefix(verbs[1], prefix) {
				return verbs[1] != "update-kubeconfig"
			}
		}
	}
	return false
}
