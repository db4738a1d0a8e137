package github

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
	"github.com/assaysec/assay/internal/finding"
)

// A cacheUse says when a step that uses an action takes files from the cache of the repository: always, unless an input
// turns it off, or only where an input asks for it.
type cacheUse struct {
	off string // the input that turns it off, with "false" or the value after =
	on  string // the input that asks for it
}

var cacheUses = map[string]cacheUse{
	"actions/cache": {off: "lookup-only=true"}, "actions/cache/restore": {off: "lookup-only=true"}, "actions/setup-go": {off: "cache"},
	"actions/setup-node": {off: "package-manager-cache", on: "cache"}, "actions/setup-python": {on: "cache"}, "actions/setup-java": {on: "cache"},
	"actions/setup-dotnet": {on: "cache"}, "ruby/setup-ruby": {on: "bundler-cache"}, "swatinem/rust-cache": {off: "lookup-only=true"},
	"actions-rust-lang/setup-rust-toolchain": {off: "cache"}, "astral-sh/setup-uv": {off: "enable-cache"}, "pnpm/action-setup": {on: "cache"},
	"gradle/actions/setup-gradle": {off: "cache-disabled=true"}, "gradle/gradle-build-action": {off: "cache-disabled=true"}, "oven-sh/setup-bun": {off: "no-cache=true"},
	"denoland/setup-deno": {on: "cache"}, "mozilla-actions/sccache-action": {}, "hendrikmuhs/ccache-action": {}, "docker/build-push-action": {on: "cache-from"},
	"docker/setup-buildx-action": {off: "cache-binary"}, "moonrepo/setup-toolchain": {off: "cache"}, "jdx/mise-action": {off: "cache"}, "mamba-org/setup-micromamba": {on: "cache-environment"},
	"awalsh128/cache-apt-pkgs-action": {}, "nix-community/cache-nix-action": {}, "determinatesystems/magic-nix-cache-action": {}, "leafo/gh-actions-lua": {on: "buildcache"},
	"golangci/golangci-lint-action": {off: "skip-cache=true"}, "pyo3/maturin-action": {on: "sccache"}, "ramsey/composer-install": {off: "ignore-cache=true"}, "subosito/flutter-action": {on: "cache"}, "julia-actions/cache": {},
	"haskell-actions/setup": {}, "erlef/setup-beam": {}, "biomejs/setup-biome": {}, "bahmutov/npm-install": {off: "use-cache"},
}

// caches reports whether a step uses a cache that others may have filled.
func caches(s *Step) bool {
	use, ok := cacheUses[s.Ref.Name()]
	if !ok || use.turnedOff(s) || s.Is("docker/setup-buildx-action") && s.Input("version") == nil { // only a version is fetched, and so cached
		return false
	}
	if use.on == "" {
		return true
	}
	n := s.Input(use.on)
	text := document.Text(n)
	switch {
	case n == nil:
		return use.off != ""
	case s.Is("docker/build-push-action"):
		return strings.Contains(text, "type=gha")
	}
	return text != "" && !strings.EqualFold(text, "false")
}

// turnedOff reports whether an input of a step says that it should use no cache.
func (u cacheUse) turnedOff(s *Step) bool {
	if u.off == "" {
		return false
	}
	input, value, found := strings.Cut(u.off, "=")
	if !found {
		value = "false"
	}
	return strings.EqualFold(document.Text(s.Input(input)), value)
}

// cachePoisoning: what is published is built with files from the cache, or code of outsiders can write to the cache that
// the default branch reads. Who can write there once has a hand in later builds.
func cachePoisoning(c *context) {
	if c.workflow == nil {
		return
	}
	releases := c.releaseTrigger()
	for _, j := range c.workflow.Jobs {
		publishes := len(c.publications(j)) > 0
		for _, s := range j.Steps {
			if !caches(s) || c.neverStarts(s) {
				continue
			}
			if events, checkout := c.foreignWrites(s); len(events) > 0 {
				c.foreign(fault.Fault{
					Span: c.span(s.Uses), Key: s.Key() + " foreign", Severity: finding.Medium, Confidence: finding.MediumConfidence,
					Message: fmt.Sprintf("step %q lets code of outsiders fill the cache of the default branch", s.Label()),
				}, events, checkout)
				continue
			}
			switch {
			case publishes:
				c.tellAt(s.Uses, s.Key(), fmt.Sprintf("job %q publishes, and step %q takes files from a cache that other runs fill", j.ID, s.Label()))
			case releases != "":
				f := c.tellAt(s.Uses, s.Key(), fmt.Sprintf("the workflow runs for %s, and step %q takes files from a cache that other runs fill", releases, s.Label()))
				f.Severity, f.Confidence = finding.Info, finding.LowConfidence
			}
		}
	}
}

// neverStarts reports whether no event of the workflow leads to a step.
func (c *context) neverStarts(s *Step) bool {
	return len(c.workflow.Triggers) > 0 && len(c.events(s.Job, s)) == 0
}

// foreignWrites are the events by which an outsider's code runs before the step's cache is saved, with the rights to save
// it for the default branch, and what fetches that code. Caches of plain pull requests are kept apart by GitHub.
func (c *context) foreignWrites(s *Step) ([]string, foreignCheckout) {
	checkouts := c.foreignCheckouts(s.Job)
	i := slices.IndexFunc(checkouts, func(f foreignCheckout) bool { return f.input == "" })
	if s.Is("actions/cache/restore") || i < 0 {
		return nil, foreignCheckout{}
	}
	return slices.DeleteFunc(c.openTo(s.Job, s), func(e string) bool {
		return e != "pull_request_target" && e != "issue_comment" && e != "workflow_run"
	}), checkouts[i]
}

// releaseTrigger is the event by which a workflow is started to release something: a release, a tag, a branch of that name.
func (c *context) releaseTrigger() string {
	for _, t := range c.workflow.Triggers {
		switch t.Name {
		case "release":
			return "releases"
		case "push":
			if len(t.Filter("tags")) > 0 {
				return "tags"
			}
			for _, b := range t.Filter("branches") {
				if strings.Contains(strings.ToLower(b), "release") {
					return "branches of releases"
				}
			}
		}
	}
	return ""
}
