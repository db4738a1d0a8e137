package config

import (
	"cmp"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/risk"
)

// A Config is what the root's file and those in folders say together.
type Config struct {
	Services []profile.Service // paths relative to the root
	Due      risk.DueTable
	Secret   Secret
	Scan     Scan
	Rules    []string

	Exceptions   Exceptions
	Suppressions Suppressions

	rooted bool // the root has a file
	gates  []folderGates
	places map[string]diagnostic.Position // of keys in the root's file, and of all services
}

type folderGates struct {
	folder string
	gates  map[string]policy.Text
}

// Merge puts files together. One lies in the root, or none; each of the others speaks about its folder: its services
// hold the paths below, and its gate is asked in addition to those above it. The strictest answer wins, so a folder
// can tighten the gate and cannot loosen it.
func Merge(files ...*File) (*Config, error) {
	c := &Config{Due: risk.DefaultDue(), places: map[string]diagnostic.Position{}}
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b *File) int { return cmp.Compare(a.folder(), b.folder()) })
	var errs diagnostic.Errors
	source := map[string]string{}
	for _, f := range files {
		if f.folder() == "" {
			c.rooted = true
			c.Due, c.Secret, c.Scan, c.Rules = f.Due, f.Secret, f.Scan, f.Rules
			c.Exceptions, c.Suppressions = f.Exceptions, f.Suppressions
			maps.Copy(c.places, f.places)
		}
		if len(f.Gates) > 0 {
			c.gates = append(c.gates, folderGates{f.folder(), f.Gates})
		}
		for _, s := range f.Services {
			if other, taken := source[s.Name]; taken {
				errs = append(errs, &diagnostic.Error{At: diagnostic.Position{File: f.Path, Line: 1, Column: 1},
					Problem: "service \"" + s.Name + "\" is described in " + other + " too", Hint: "describe each service in one file"})
				continue
			}
			source[s.Name] = f.Path
			c.places[placeOfService+s.Name] = f.places[placeOfService+s.Name]
			c.Services = append(c.Services, below(f.folder(), s))
		}
	}
	if err := errs.Settle(); err != nil {
		return nil, err
	}
	return c, nil
}

// PlaceOf gives the place of a key of the root's file, such as scan.jobs; false where the file does not say it.
func (c *Config) PlaceOf(key string) (diagnostic.Position, bool) {
	at, ok := c.places[key]
	return at, ok
}

// PlaceOfService gives the place at which a service is described.
func (c *Config) PlaceOfService(name string) diagnostic.Position {
	return c.places[placeOfService+name]
}

// below moves a service's paths from its file's folder to the root.
func below(folder string, s profile.Service) profile.Service {
	if folder == "" {
		return s
	}
	if len(s.Paths) == 0 {
		s.Paths = []string{folder}
		return s
	}
	paths := make([]string, len(s.Paths))
	for i, p := range s.Paths {
		paths[i] = path.Join(folder, strings.TrimPrefix(p, "/"))
	}
	s.Paths = paths
	return s
}

// Gate gives what the files say about a stage, the root first, whether or not it says anything.
func (c *Config) Gate(stage string) []policy.Scope {
	scopes := []policy.Scope{{}}
	for _, g := range c.gates {
		text, ok := g.gates[stage]
		switch {
		case !ok:
		case g.folder == "":
			scopes[0].Text = text
		default:
			scopes = append(scopes, policy.Scope{Folder: g.folder, Text: text})
		}
	}
	return scopes
}

// Check compiles every expression that the files hold, so that a mistake in a stage that is not asked for today is found
// today. Without any it costs nothing. The error is a diagnostic.Errors.
func (c *Config) Check(host policy.Host) error {
	var errs diagnostic.Errors
	for _, stage := range policy.Stages {
		said := slices.ContainsFunc(c.gates, func(g folderGates) bool { _, ok := g.gates[stage]; return ok })
		if !said {
			continue
		}
		_, err := policy.Compile(stage, c.Gate(stage), host)
		for _, err := range flatten(err) {
			var e *diagnostic.Error
			if !errors.As(err, &e) {
				return err
			}
			errs = append(errs, &diagnostic.Error{At: e.At, Problem: e.Problem, Hint: e.Hint})
		}
	}
	return errs.Settle()
}

func flatten(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}
