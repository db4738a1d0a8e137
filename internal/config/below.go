package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/risk"
)

// runKeys are the keys that speak about a whole run. Where the root has a file, they count there only.
var runKeys = []string{"secret", "scan", "rules", "exceptions", "suppressions"}

// Below gives what holds in a folder that is looked at by itself, of which c is what its own file says and top what the
// whole repository's files do. A folder can tighten and not loosen: a due date counts where it is the sooner one, and of
// the rest nothing but the number of jobs, unless the root has no file that could say it. Gates are put together by
// whoever asks them. up leads from the folder to the root.
func (c *Config) Below(top *Config, up string) *Config {
	out := *c
	out.places = maps.Clone(c.places)
	out.Due = risk.DueTable{}
	for _, cell := range dueCells() {
		days := top.Due[cell.tier][cell.level]
		if _, said := c.places[cell.key]; said && c.Due[cell.tier][cell.level] <= days {
			days = c.Due[cell.tier][cell.level]
		} else {
			out.place(cell.key, top, up)
		}
		out.Due.Set(cell.tier, cell.level, days)
	}
	if !top.rooted {
		return &out
	}
	jobs, at := c.Scan.Jobs, c.places["scan.jobs"]
	out.Secret, out.Scan, out.Rules = top.Secret, top.Scan, top.Rules
	out.Exceptions, out.Suppressions = top.Exceptions, top.Suppressions
	for _, places := range []map[string]diagnostic.Position{c.places, top.places} {
		for key := range places {
			if isRunKey(key) {
				out.place(key, top, up)
			}
		}
	}
	if jobs != 0 {
		out.Scan.Jobs, out.places["scan.jobs"] = jobs, at
	}
	return &out
}

// Unheard lists the keys of a folder's file that Below leaves out, sorted.
func (c *Config) Unheard(top *Config) []string {
	var keys []string
	for _, cell := range dueCells() {
		if _, said := c.places[cell.key]; said && c.Due[cell.tier][cell.level] > top.Due[cell.tier][cell.level] {
			keys = append(keys, cell.key)
		}
	}
	for _, key := range runKeys {
		inner := func(k string) bool { return strings.HasPrefix(k, key+".") && k != "scan.jobs" }
		_, said := c.places[key]
		if said && key == "scan" {
			said = slices.ContainsFunc(slices.Collect(maps.Keys(c.places)), inner)
		}
		if top.rooted && said {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

func isRunKey(key string) bool {
	first, _, _ := strings.Cut(key, ".")
	return slices.Contains(runKeys, first)
}

// place takes over from top where a key is said.
func (c *Config) place(key string, top *Config, up string) {
	delete(c.places, key)
	if at, ok := top.places[key]; ok {
		at.File = up + at.File
		c.places[key] = at
	}
}

// A dueCell is one number of a table of due dates, and its key.
type dueCell struct {
	tier  profile.Tier
	level finding.Severity
	key   string
}

func dueCells() []dueCell {
	var cells []dueCell
	for _, tier := range profile.Tiers {
		for _, level := range risk.Levels {
			cells = append(cells, dueCell{tier, level, fmt.Sprintf("due.%s.%s", tier, level)})
		}
	}
	return cells
}
