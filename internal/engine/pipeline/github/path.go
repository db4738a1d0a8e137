package github

import (
	"path"
	"strings"
)

// A kind is what a file is to GitHub.
type kind uint8

const (
	none kind = iota
	workflowFile
	actionFile
	dependabotFile
)

// kindOf tells by the path alone.
func kindOf(p string) kind {
	dir, name := path.Split(p)
	ext := path.Ext(name)
	if ext != ".yml" && ext != ".yaml" {
		return none
	}
	switch {
	case under(dir, ".github/workflows/"):
		return workflowFile
	case name == "action.yml" || name == "action.yaml":
		return actionFile
	case under(dir, ".github/") && strings.TrimSuffix(name, ext) == "dependabot":
		return dependabotFile
	}
	return none
}

// under reports whether a folder is the one named, at the root or below a repository's folder.
func under(dir, name string) bool { return dir == name || strings.HasSuffix(dir, "/"+name) }

// Wants says whether a path may hold a pipeline of this platform. It is always sure: GitHub finds its files by name.
func Wants(p string) (wants, sure bool) {
	is := kindOf(p) != none
	return is, is
}

// root is the folder of the repository that a file below .github belongs to, with a slash at its end; "" for the target.
func root(p string) string {
	if i := strings.LastIndex("/"+p, "/.github/"); i >= 0 {
		return p[:i]
	}
	return ""
}
