package workplace

import (
	"bytes"
	"slices"
)

// A Manager is a program that writes hooks of its own, and may renew them.
type Manager struct {
	Name  string
	Files []string // any of them tells that it is used
	Add   string   // what to add to its configuration, so that what it writes asks us
}

// Managers are those that are recognised.
var Managers = []Manager{
	{"pre-commit", []string{PreCommitConfig}, "in " + PreCommitConfig + ":\n" + preCommitEntry("  ")},
	{"husky", []string{".husky", ".husky/pre-commit"}, "in .husky/pre-commit:\n  assay hook run pre-commit"},
	{"lefthook", []string{"lefthook.yml", "lefthook.yaml", ".lefthook.yml", ".lefthook.yaml", "lefthook.toml", "lefthook.json"},
		"in lefthook.yml:\n  pre-commit:\n    commands:\n      assay:\n        run: assay hook run pre-commit"},
}

// ManagersOf are the managers that a repository uses; has reports whether it has a path.
func ManagersOf(has func(path string) bool) []Manager {
	var found []Manager
	for _, m := range Managers {
		for _, f := range m.Files {
			if has(f) {
				found = append(found, m)
				break
			}
		}
	}
	return found
}

// Asks reports whether the manager's configuration has us in it already.
func (m Manager) Asks(read Reader) bool {
	return slices.ContainsFunc(m.Files, func(file string) bool {
		text, err := read(file)
		return err == nil && (bytes.Contains(text, []byte("assay hook run")) || bytes.Contains(text, []byte("assay gate")))
	})
}
