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

// Packed is the pack in the form that is quick to load. It is made from the other files by the tests of the engine, with
// -update.
//
//go:embed pack.bin
var Packed string

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
