package github

import (
	"fmt"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/finding"
)

// A publication is a place where an artefact leaves the pipeline.
type publication struct {
	step   *Step
	span   fault.Span
	what   string // the action or command
	kind   string // of artefact: see tools
	proven bool   // with a statement of where it was built
}

// publishers are actions that publish, by what they publish.
var publishers = map[string]string{
	"pypa/gh-action-pypi-publish": "pypi", "js-devtools/npm-publish": "npm", "rubygems/release-gem": "rubygems", "katyo/publish-crates": "crates",
	"cycjimmy/semantic-release-action": "npm", "softprops/action-gh-release": "release", "ncipollo/release-action": "release", "actions/upload-release-asset": "release",
	"svenstaro/upload-release-action": "release", "goreleaser/goreleaser-action": "release", "docker/build-push-action": "image", "redhat-actions/push-to-registry": "image",
	"alexellis/upload-assets": "release", "shogo82148/actions-upload-release-asset": "release", "skx/github-action-publish-binaries": "release", "wangyoucao577/go-release-action": "release",
}

// tools are the commands that publish, by what they publish. What is missing has a proof of its own, such as Maven Central's
// signatures, or none that one could ask for.
var tools = map[string]string{
	"npm": "npm", "pnpm": "npm", "yarn": "npm", "lerna": "npm", "bun": "npm", "semantic-release": "npm", "changeset": "npm", "twine": "pypi", "poetry": "pypi", "uv": "pypi", "flit": "pypi", "hatch": "pypi",
	"cargo": "crates", "gem": "rubygems", "gh": "release", "goreleaser": "release", "dotnet": "nuget", "nuget": "nuget", "docker": "image", "podman": "image", "buildah": "image", "crane": "image", "ko": "image",
}

// publications are the places of a job where artefacts leave it.
func (c *context) publications(j *Job) []publication {
	return remember(c.memo.releases.publications, j, func() []publication { return c.findPublications(j) })
}

func (c *context) findPublications(j *Job) []publication {
	var list []publication
	for _, s := range j.Steps {
		if kind := publishers[s.Ref.Name()]; kind != "" && publishing(s) {
			list = append(list, publication{step: s, span: c.span(s.Uses), what: s.Ref.Name(), kind: kind, proven: provenAction(s, kind)})
		}
		sc := c.script(s)
		if sc.Shell == nil || !mayPublish(sc.Node.Value) {
			continue
		}
		for _, r := range sc.Shell.Published() {
			if r.Kind == shell.Published {
				list = append(list, publication{step: s, span: sc.Span(r.Range), what: commandOf(r), kind: tools[r.Tool], proven: r.Proven})
			}
		}
	}
	return list
}

// mayPublish spares most scripts the closer look.
func mayPublish(script string) bool {
	for _, word := range []string{"publish", "push", "upload", "release", "deploy", "copy", "ko ", "sign", "attest"} {
		if strings.Contains(script, word) {
			return true
		}
	}
	return false
}

// publishing reports whether the inputs of an action that can publish ask it to.
func publishing(s *Step) bool {
	switch {
	case s.Is("docker/build-push-action"):
		push := document.Text(s.Input("push"))
		return push != "" && push != "false" || strings.Contains(document.Text(s.Input("outputs")), "push=true")
	case s.Is("goreleaser/goreleaser-action"):
		args := document.Text(s.Input("args"))
		return strings.Contains(args, "release") && !strings.Contains(args, "--snapshot") && !strings.Contains(args, "--skip=publish") && !strings.Contains(args, "--skip-publish")
	case s.Is("softprops/action-gh-release"):
		return s.Input("files") != nil
	case s.Is("ncipollo/release-action"):
		return s.Input("artifacts") != nil || s.Input("artifact") != nil
	}
	return true
}

// provenAction reports whether an action states by itself where the artefact was built.
func provenAction(s *Step, kind string) bool {
	switch {
	case s.Is("docker/build-push-action"):
		return document.Text(s.Input("provenance")) != "false" // buildx states it unless told otherwise
	case kind == "pypi":
		return s.Input("password") == nil && document.Text(s.Input("attestations")) != "false"
	case s.Is("rubygems/release-gem"):
		return document.Text(s.Input("attestations")) != "false"
	}
	return document.Text(s.Input("provenance")) == "true"
}

// proves reports whether a step uses an action that signs artefacts or states where they were built.
func proves(s *Step) bool {
	repo := s.Ref.Repository()
	return strings.HasPrefix(repo, "actions/attest") || strings.HasPrefix(repo, "sigstore/") || strings.HasPrefix(repo, "slsa-framework/") || strings.Contains(repo, "cosign") || strings.Contains(repo, "provenance")
}

// provenSomewhere reports whether any step of the workflow signs or attests. Which artefact is meant is not followed.
func (c *context) provenSomewhere() bool {
	return remember(c.memo.releases.proven, c.file.Top(), c.findProof)
}

func (c *context) findProof() bool {
	for _, j := range c.jobs() {
		if strings.HasPrefix(j.Ref.Repository(), "slsa-framework/") || strings.Contains(j.Ref.Text, "attest") || strings.Contains(j.Ref.Text, "provenance") || strings.Contains(j.Ref.Text, "sign") {
			return true
		}
		for _, s := range j.Steps {
			if proves(s) {
				return true
			}
			if sc := c.script(s); sc.Shell != nil && mayPublish(sc.Node.Value) {
				for _, r := range sc.Shell.Published() {
					if r.Kind == shell.Signed {
						return true
					}
				}
			}
		}
	}
	found := false
	c.eachEnv(func(_ string, k, v *yaml.Node) {
		found = found || strings.EqualFold(k.Value, "NPM_CONFIG_PROVENANCE") && document.Text(v) == "true"
	})
	return found
}

// unproven: an artefact is published, and nothing lets its users check that it was built here, from this code.
func unproven(c *context) {
	if c.workflow == nil && c.action == nil {
		return
	}
	for _, j := range c.jobs() {
		for _, p := range c.publications(j) {
			if p.proven || !provable[p.kind] || c.rehearsal(p) || p.kind == "npm" && byIdentity(j, c.tokenOf(p)) {
				continue
			}
			if c.provenSomewhere() {
				return
			}
			c.tell(p.span, p.step.Key()+" "+p.what, fmt.Sprintf("step %q publishes with %s, without a statement of where and from what it was built", p.step.Label(), p.what))
		}
	}
}

// provable are the kinds of artefacts for which there is a statement that users can check.
var provable = named("npm", "pypi", "rubygems", "release", "image")

// rehearsal reports whether a publication goes to a registry that is there for tries.
func (c *context) rehearsal(p publication) bool {
	for _, text := range []string{document.Text(p.step.Run), document.Text(p.step.Input("repository-url"))} {
		if strings.Contains(text, "test.pypi") || strings.Contains(text, "http://localhost") || strings.Contains(text, "testpypi") {
			return true
		}
	}
	return false
}

// byIdentity reports whether a job publishes by its identity, which comes with a statement.
func byIdentity(j *Job, token string) bool {
	return token == "" && j.Granted().Access("id-token") == "write"
}

// registryTokens are the variables and inputs that hold a registry's token.
var registryTokens = map[string][]string{
	"npm": {"NODE_AUTH_TOKEN", "NPM_TOKEN", "NPM_AUTH_TOKEN", "NPM_CONFIG_TOKEN", "YARN_NPM_AUTH_TOKEN", "token"},
	"pypi": {"TWINE_PASSWORD", "PYPI_TOKEN", "PYPI_API_TOKEN", "PYPI_PASSWORD", "POETRY_PYPI_TOKEN_PYPI", "POETRY_HTTP_BASIC_PYPI_PASSWORD", "UV_PUBLISH_TOKEN", "UV_PUBLISH_PASSWORD",
		"FLIT_PASSWORD", "HATCH_INDEX_AUTH", "password"},
	"crates": {"CARGO_REGISTRY_TOKEN", "CRATES_TOKEN", "CRATES_IO_TOKEN", "registry-token"}, "rubygems": {"GEM_HOST_API_KEY", "RUBYGEMS_API_KEY", "RUBYGEMS_AUTH_TOKEN"},
	"nuget": {"NUGET_API_KEY", "NUGET_KEY", "NUGET_TOKEN"},
}

// tokenOf is the secret that a publication gives to a public registry; empty where there is none.
func (c *context) tokenOf(p publication) string {
	for _, name := range registryTokens[p.kind] {
		if secret := secretOf(exprOf(p.step.Input(name))); secret != "" && p.step.Uses != nil {
			return secret
		}
		for _, env := range c.environments(p.step) {
			if secret := secretOf(exprOf(c.entry(env, name))); secret != "" {
				return secret
			}
		}
	}
	if p.kind == "release" || p.kind == "image" || p.kind == "" {
		return ""
	}
	for _, e := range c.script(p.step).Exprs {
		if secret := secretOf(e); secret != "" && !strings.Contains(secret, "USER") {
			return secret
		}
	}
	return ""
}

// identified are the kinds of artefacts whose registries take the identity of a job.
var identified = named("npm", "pypi", "crates", "rubygems", "nuget")

// tokenPublishing: a stored token lets whoever gets it publish, where the registry would take the job's own identity.
func tokenPublishing(c *context) {
	for _, j := range c.jobs() {
		for _, p := range c.publications(j) {
			if !identified[p.kind] || c.otherRegistry(p) {
				continue
			}
			if token := c.tokenOf(p); token != "" {
				c.tell(p.span, p.step.Key()+" "+p.what, fmt.Sprintf("step %q publishes with %s and the stored token %s", p.step.Label(), p.what, token))
			} else if c.workflow != nil && j.Granted().Access("id-token") != "write" {
				f := c.tell(p.span, p.step.Key()+" "+p.what, fmt.Sprintf("step %q publishes with %s, and the job cannot show the registry its identity", p.step.Label(), p.what))
				f.Severity, f.Confidence = finding.Info, finding.LowConfidence
			}
		}
		for _, s := range j.Steps {
			c.preparedToken(s)
		}
	}
}

// preparedToken tells of a step that gets a registry's token ready for those that follow.
func (c *context) preparedToken(s *Step) {
	registry := document.Text(s.Input("registry-url"))
	switch {
	case s.Is("rubygems/configure-rubygems-credentials") && s.Input("api-token") != nil:
		c.tellAt(s.Input("api-token"), s.Key(), fmt.Sprintf("step %q logs in to the registry of gems with a stored token", s.Label()))
	case s.Is("rubygems/release-gem") && document.Text(s.Input("setup-trusted-publisher")) == "false":
		c.tellAt(s.Input("setup-trusted-publisher"), s.Key(), fmt.Sprintf("step %q publishes a gem without the job's identity", s.Label()))
	case s.Is("actions/setup-node") && document.Text(s.Input("always-auth")) == "true" && (registry == "" || strings.Contains(registry, "npmjs")):
		c.tellAt(s.Input("always-auth"), s.Key(), fmt.Sprintf("step %q prepares the use of a stored token for npm", s.Label())).Severity = finding.Info
	}
}

// registries are the steps of a job that set npm's registry.
func (c *context) registries(j *Job) []*Step {
	return remember(c.memo.releases.registries, j, func() []*Step {
		var list []*Step
		for _, s := range j.Steps {
			if s.Is("actions/setup-node") && s.Input("registry-url") != nil {
				list = append(list, s)
			}
		}
		return list
	})
}

// otherRegistry reports whether a publication goes to a registry of one's own or of the forge.
func (c *context) otherRegistry(p publication) bool {
	texts := []string{document.Text(p.step.Run), document.Text(p.step.Input("repository-url")), document.Text(p.step.Input("registry"))}
	list := c.registries(p.step.Job)
	if i := sort.Search(len(list), func(i int) bool { return list[i].Index > p.step.Index }); i > 0 {
		texts = append(texts, document.Text(list[i-1].Input("registry-url")))
	}
	for _, t := range texts {
		for _, own := range []string{"npm.pkg.", "http://localhost", "--repository-url", "--registry", "--index-url", "--publish-url", "codeartifact", "jfrog", "artifactory", "azure.com", "myget", "feedz"} {
			if strings.Contains(t, own) {
				return true
			}
		}
		if strings.HasPrefix(t, "https://") && !strings.Contains(t, "npmjs") && !strings.Contains(t, "nuget") {
			return true
		}
	}
	return false
}
