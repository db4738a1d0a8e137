package github

import (
	"fmt"
	"path"
	"strings"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
)

// secretFiles are names of files that hold credentials or keys.
var secretFiles = []string{
	".env", ".env.*", ".npmrc", ".pypirc", ".netrc", "_netrc", ".git-credentials", ".dockercfg", "id_rsa", "id_ed25519", "id_ecdsa", "*.pem", "*.p12", "*.pfx", "*.jks", "*.keystore",
	"*.kubeconfig", "kubeconfig", "credentials", "credentials.json", "*.tfstate", "terraform.tfstate", "*.tfvars", "secrets.yml", "secrets.yaml", "secrets.json", "service-account.json", "gha-creds-*.json",
	"*.key", ".htpasswd", "wp-config.php", "*.ovpn", "*.ppk", "*.mobileprovision", "storage-state.json",
}

// secretFolders are folders in a home or a workspace that hold credentials or keys.
var secretFolders = []string{".ssh", ".aws", ".kube", ".azure", ".gnupg", ".docker", ".config/gcloud", ".git"}

// examples are parts of names of files that show how another one looks.
var examples = []string{"example", "sample", "template", ".dist", "test", ".pub", "public", "fixture"}

// secretUpload: an artifact holds files with credentials. Whoever may read the repository may fetch it.
func secretUpload(c *context) {
	for _, s := range c.steps() {
		if !s.Is("actions/upload-artifact", "actions/upload-pages-artifact") {
			continue
		}
		n := s.Input("path")
		for line := range strings.Lines(document.Text(n)) {
			line = strings.TrimSpace(line)
			if what := secretIn(line); what != "" {
				c.tellAt(n, s.Key()+" "+line, fmt.Sprintf("step %q stores %s as an artifact, which may hold credentials", s.Label(), what))
			}
		}
		if c.hiddenWorkspace(s) {
			c.tellAt(n, s.Key()+" hidden", fmt.Sprintf("step %q stores the workspace with its hidden files, .git/config and .env among them", s.Label()))
		}
	}
}

// secretIn is the part of an uploaded path that says that it holds credentials.
func secretIn(line string) string {
	if line == "" || line[0] == '!' || line[0] == '#' {
		return ""
	}
	lower := strings.ToLower(strings.TrimSuffix(line, "/"))
	for _, e := range examples {
		if strings.Contains(lower, e) {
			return ""
		}
	}
	for _, dir := range secretFolders {
		if lower == dir || strings.HasSuffix(lower, "/"+dir) || strings.Contains(lower, "/"+dir+"/") || strings.HasPrefix(lower, dir+"/") {
			return line
		}
	}
	name := path.Base(lower)
	for _, p := range secretFiles {
		if ok, _ := path.Match(p, name); ok || p == name {
			return line
		}
	}
	return ""
}

// hiddenWorkspace reports whether an upload takes all of a workspace that a checkout filled, hidden files included.
func (c *context) hiddenWorkspace(s *Step) bool {
	if document.Text(s.Input("include-hidden-files")) != "true" {
		return false
	}
	whole := false
	for line := range strings.Lines(document.Text(s.Input("path"))) {
		switch strings.TrimSuffix(strings.ReplaceAll(strings.TrimSpace(line), " ", ""), "/") {
		case ".", "./", "*", "**", "./*", "./**", "${{github.workspace}}", "**/*", "./**/*":
			whole = true
		case "!.git", "!.git/**", "!**/.git", "!**/.git/**":
			return false
		}
	}
	for _, before := range s.Job.Steps[:s.Index] {
		if whole && before.Is("actions/checkout") && document.Text(before.Input("persist-credentials")) != "false" {
			return true
		}
	}
	return false
}
