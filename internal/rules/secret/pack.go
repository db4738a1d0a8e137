// Package secret holds the built-in pack of secret rules, as data in gitleaks' configuration format. What the fields
// mean is the engine's business, internal/engine/secret.
package secret

import (
	"embed"
	"io/fs"
	"slices"
)

//go:embed *.toml
var files embed.FS

// Files lists the names of the pack's files, sorted.
func Files() []string {
	names, err := fs.Glob(files, "*.toml")
	if err != nil {
		panic(err) // the pattern is constant
	}
	slices.Sort(names)
	return names
}

// Read returns one file of the pack.
func Read(name string) ([]byte, error) { return files.ReadFile(name) }
