package gitlab

import (
	"bytes"
	"path"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/assembly"
	"github.com/assaysec/assay/internal/lazyregexp"
)

// Wants says whether a path may hold a pipeline. Any YAML file may be included by one, so any is wanted, but of few the
// name says it for sure.
func Wants(name string) (wants, sure bool) {
	return assembly.Wants(name, named, foreign)
}

// named says that a file is called as GitLab or its users call pipelines.
func named(lower string) bool {
	base := strings.TrimSuffix(strings.TrimSuffix(path.Base(lower), ".yml"), ".yaml")
	return base == ".gitlab-ci" || base == "gitlab-ci" || strings.HasSuffix(base, ".gitlab-ci") ||
		strings.HasPrefix(lower, ".gitlab-ci/") || strings.HasPrefix(lower, ".gitlab/ci/")
}

// foreign says that a path belongs to another program, which no pipeline includes.
func foreign(lower string) bool {
	return strings.HasPrefix(lower, ".github/") || strings.Contains(lower, "/.github/") || strings.Contains(lower, "azure-pipelines") ||
		strings.HasPrefix(lower, ".circleci/") || strings.Contains(lower, "docker-compose") || strings.HasSuffix(lower, "pnpm-lock.yaml")
}

// topKeys are at the top of most pipelines, and jobKeys in their jobs; otherKeys are at the top of other programs' files.
var (
	topKeys  = assembly.SetOf("include", "variables", "stages", "default", "workflow", "spec", "before_script", "after_script")
	jobKeys  = assembly.SetOf("script", "before_script", "after_script", "extends", "trigger", "rules", "only", "except", "artifacts", "environment", "needs", "stage", "variables")
	notKeys  = assembly.SetOf("apiVersion", "kind", "swagger", "openapi", "asyncapi", "jobs", "steps")
	flowKeys = lazyregexp.New(`[{,][ \t]*["']?(?:script|extends|image|variables|rules|trigger)["']?[ \t]*:`)
)

// mayBe is a quick look, line by line, whether a file that only an inclusion makes a pipeline is worth parsing.
func mayBe(text []byte) bool {
	found, first := false, true
	for line := range bytes.Lines(text) {
		body := bytes.TrimLeft(line, " \t")
		indent := len(line) - len(body)
		body = bytes.TrimRight(body, " \t\r\n")
		if indent > 4 || len(body) == 0 || body[0] == '#' || bytes.HasPrefix(body, []byte("---")) {
			continue
		}
		if first && (body[0] == '-' || body[0] == '{') {
			return false // a list, or a template of Helm
		}
		first = false
		key, rest, _ := bytes.Cut(body, []byte(":"))
		key = bytes.Trim(key, `"' `)
		switch {
		case indent == 0 && notKeys[string(key)]:
			return false
		case indent == 0 && (topKeys[string(key)] || hidden(string(key))), indent > 0 && jobKeys[string(key)]:
			found = true
		case !found && bytes.IndexByte(rest, '{') >= 0:
			found = flowKeys().Match(rest)
		}
	}
	return found
}
