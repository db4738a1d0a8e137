package loosening

import (
	"maps"
	"path"
	"slices"

	"github.com/assaysec/assay/internal/config"
	"github.com/assaysec/assay/internal/exception"
	"github.com/assaysec/assay/internal/exception/native/ignorefile"
	"github.com/assaysec/assay/internal/exception/register"
	"github.com/assaysec/assay/internal/profile"
)

// A Kind is the role of a file.
type Kind string

// The kinds. The rule of a finding is "change/" and its kind.
const (
	Configuration Kind = "configuration"
	Policy        Kind = "policy"
	Owners        Kind = "owners"
	Baseline      Kind = "baseline"
	Exceptions    Kind = "exceptions"
	Signers       Kind = "signers"
	Rules         Kind = "rules"
	Suppressions  Kind = "suppressions"
	Pins          Kind = "pins"
)

// Kinds lists them.
var Kinds = []Kind{Configuration, Policy, Owners, Baseline, Exceptions, Signers, Rules, Suppressions, Pins}

// PolicyFolder is where policies in Rego lie, from the root.
const PolicyFolder = ".assay/policies"

// SignersFile is where the allowed signers lie, from the root, unless the configuration says another place.
const SignersFile = ".assay/allowed-signers"

// PinsFile says to which commits assay fix pins actions, from the root. It decides nothing, but what it names runs.
const PinsFile = ".assay/pins.yaml"

var byPath = map[string]Kind{
	exception.BaselineFile: Baseline, register.File: Exceptions, register.ProbesFile: Exceptions, SignersFile: Signers, PinsFile: Pins,
}

var byName = map[string]Kind{
	config.Name: Configuration, profile.CatalogFile: Configuration,
}

// Fixed are the paths of all files that lie at one place.
func Fixed() []string {
	paths := slices.Clone(profile.OwnersLocations)
	for p := range byPath {
		paths = append(paths, p)
	}
	return slices.Concat(paths, slices.Collect(maps.Keys(byName)), ignorefile.Names())
}

// KindOf gives the role of a path from the root. named are the further files that the base's configuration, or a flag,
// names, with their kinds.
func KindOf(p string, named map[string]Kind) (Kind, bool) {
	if k, ok := named[p]; ok {
		return k, true
	}
	if k, ok := byPath[p]; ok {
		return k, true
	}
	for _, o := range profile.OwnersLocations {
		if p == o {
			return Owners, true
		}
	}
	if path.Dir(p) == PolicyFolder && path.Ext(p) == ".rego" {
		return Policy, true
	}
	if ignorefile.Reads(p) {
		return Suppressions, true
	}
	k, ok := byName[path.Base(p)]
	return k, ok
}
