package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// An outcome is what came of one case.
type outcome string

// The outcomes. Unsupported is what Assay says it does not do; it is in the denominator all the same.
const (
	passed      outcome = "passed"
	failed      outcome = "failed"
	unsupported outcome = "unsupported"
	crashed     outcome = "crashed"
)

// A result is one case with its outcome.
type result struct {
	group   string // a part of the suite
	name    string
	outcome outcome
	note    string // what was expected and what came, without any value
}

// An account is one suite's results.
type account struct {
	suite    suite
	revision string
	results  []result
	extra    string // further tables, in Markdown
}

// add runs one case. A panic is that case's outcome, and its value is not printed: it may hold a part of an example.
func (a *account) add(group, name string, try func() (outcome, string)) {
	r := result{group: group, name: name}
	func() {
		defer func() {
			if p := recover(); p != nil {
				r.outcome, r.note = crashed, fmt.Sprintf("panic of type %T", p)
			}
		}()
		r.outcome, r.note = try()
	}()
	a.results = append(a.results, r)
}

// A tally counts outcomes.
type tally map[outcome]int

func (t tally) total() int { return t[passed] + t[failed] + t[unsupported] + t[crashed] }

// groups tallies each part of the suite, in the order of appearance.
func (a *account) groups() (names []string, tallies map[string]tally) {
	tallies = map[string]tally{}
	for _, r := range a.results {
		if tallies[r.group] == nil {
			names = append(names, r.group)
			tallies[r.group] = tally{}
		}
		tallies[r.group][r.outcome]++
	}
	return names, tallies
}

// revision is the commit of a suite: as said, else of its checkout, else the version in its folder's name.
func revision(name, dir string, said map[string]string) string {
	if r := said[name]; r != "" {
		return r
	}
	if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
		if out, err := exec.Command("git", "-C", dir, "rev-parse", "HEAD").Output(); err == nil {
			return strings.TrimSpace(string(out))
		}
	}
	if _, version, ok := strings.Cut(filepath.Base(dir), "@"); ok {
		return version
	}
	return "not known"
}
