package github

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
)

// Permissions are what the job's token may do.
type Permissions struct {
	Key, Node *yaml.Node // nil where there are none
	All       string     // read-all or write-all
	Scopes    []Scope
}

// A Scope is one permission: read, write or none.
type Scope struct {
	Name, Access string
	Key, Node    *yaml.Node
}

// maxScopes is more than GitHub has.
const maxScopes = 64

func newPermissions(parent *yaml.Node) Permissions {
	key, node := document.Entry(parent, "permissions")
	p := Permissions{Key: key, Node: node}
	if document.IsScalar(node) {
		p.All = document.Text(node)
	}
	for k, v := range document.Pairs(node) {
		if len(p.Scopes) == maxScopes {
			break
		}
		p.Scopes = append(p.Scopes, Scope{k.Value, document.Text(v), k, v})
	}
	return p
}

// Set reports whether the file says anything.
func (p Permissions) Set() bool { return p.Node != nil }

// Access is what is granted for a scope: write, read, none, or "" where nothing is said of permissions at all.
func (p Permissions) Access(scope string) string {
	switch {
	case !p.Set():
		return ""
	case strings.HasSuffix(p.All, "-all"):
		return strings.TrimSuffix(p.All, "-all")
	}
	for _, s := range p.Scopes {
		if s.Name == scope {
			return s.Access
		}
	}
	return "none"
}

// Writes reports whether anything but the identity token may be written.
func (p Permissions) Writes() bool {
	if p.All == "write-all" {
		return true
	}
	for _, s := range p.Scopes {
		if s.Access == "write" && s.Name != "id-token" {
			return true
		}
	}
	return false
}

// Granted are the permissions that hold for a job: its own in place of the workflow's.
func (j *Job) Granted() Permissions {
	if j.Permissions.Set() || j.Workflow == nil {
		return j.Permissions
	}
	return j.Workflow.Permissions
}
