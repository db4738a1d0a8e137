package azure

import (
	"bytes"
	"path"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/assembly"
)

// Wants says whether a path may hold a pipeline. Any YAML file may be a template of one, so any is wanted, but of few the
// name says it for sure.
func Wants(name string) (wants, sure bool) {
	return assembly.Wants(name, named, foreign)
}

var folders = []string{".azure-pipelines/", ".azuredevops/", "azure-pipelines/", "azure_pipelines/", ".vsts-ci/", ".vsts/", ".ado/"}

func named(lower string) bool {
	base := path.Base(lower)
	if strings.Contains(base, "azure-pipeline") || strings.Contains(base, "azure_pipeline") || strings.HasPrefix(base, ".vsts-") || strings.HasPrefix(base, "vsts-") {
		return true
	}
	for _, f := range folders {
		if strings.HasPrefix(lower, f) || strings.Contains(lower, "/"+f) {
			return true
		}
	}
	return false
}

// foreign says that a path belongs to another program, which no pipeline takes templates from.
func foreign(lower string) bool {
	return strings.HasPrefix(lower, ".github/") || strings.Contains(lower, "/.github/") || strings.Contains(lower, "gitlab-ci") ||
		strings.HasPrefix(lower, ".gitlab/") || strings.HasPrefix(lower, ".circleci/") || strings.Contains(lower, "docker-compose")
}

// topKeys are at the top of pipelines and templates, and notKeys at the top of other programs' files.
var (
	topKeys = assembly.SetOf("parameters", "steps", "stages", "jobs", "extends", "pool", "variables", "resources", "trigger", "pr")
	notKeys = assembly.SetOf("apiVersion", "kind", "swagger", "openapi", "asyncapi", "services", "on", "script", "include", "version")
)

// mayBe is a quick look, line by line, whether a file that only another one makes a template is worth parsing.
func mayBe(text []byte) bool {
	found, first := false, true
	for line := range bytes.Lines(text) {
		if c := line[0]; c == ' ' || c == '\t' || c == '#' || c == '\n' || c == '\r' || bytes.HasPrefix(line, []byte("---")) {
			continue
		}
		if first && (line[0] == '-' || line[0] == '{') {
			return false // a list, or a template of Helm
		}
		first = false
		key, _, _ := bytes.Cut(line, []byte(":"))
		key = bytes.Trim(key, `"' `)
		if notKeys[string(key)] {
			return false
		}
		found = found || topKeys[string(key)]
	}
	return found
}
