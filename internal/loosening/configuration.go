package loosening

import (
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/config"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/risk"
)

// configuration compares files of settings by what they say, and those that cannot be read by nothing: then it may be
// anything.
func configuration(f *File) []Alteration {
	if path.Base(f.Path) == profile.CatalogFile {
		return catalog(f)
	}
	folder := path.Base(f.Path) == config.Name && path.Dir(f.Path) != "."
	parse := config.ParseRoot // a file of another name is one that a flag names
	if folder {
		parse = config.Parse
	}
	old, err1 := parse(f.Path, f.Base, f.Engines)
	now, err2 := parse(f.Path, f.Head, f.Engines)
	if err1 != nil || err2 != nil {
		return []Alteration{{What: "changes a configuration that cannot be read", Loosens: true}}
	}
	c := &comparison{old: old, now: now, folder: folder}
	c.services(old.Services, now.Services)
	for _, stage := range policy.Stages {
		c.stage(stage, old.Gates[stage], now.Gates[stage])
	}
	c.due()
	c.scan()
	c.exceptions()
	return c.list
}

type comparison struct {
	old, now *config.File
	folder   bool // the files speak about a folder: where they say nothing, nothing is asked beside the gate above
	list     []Alteration
}

func (c *comparison) say(loosens bool, format string, args ...any) {
	c.list = append(c.list, Alteration{What: fmt.Sprintf(format, args...), Loosens: loosens})
}

// services compares what is said of services. Unknown weighs as the worst, so that saying anything at all can loosen.
func (c *comparison) services(old, now []profile.Service) {
	find := func(list []profile.Service, name string) (profile.Service, bool) {
		i := slices.IndexFunc(list, func(s profile.Service) bool { return s.Name == name })
		if i < 0 {
			return profile.Service{Name: name}, false
		}
		return list[i], true
	}
	for _, is := range now {
		was, known := find(old, is.Name)
		if !known {
			c.say(false, "describes the service %s", is.Name)
		}
		c.service(was, is)
		if known && !slices.Equal(was.Paths, is.Paths) {
			c.say(true, "gives the service %s other paths", is.Name)
		}
		if known && was.Owner != is.Owner {
			c.say(true, "makes somebody else the owner of the service %s", is.Name)
		}
	}
	for _, was := range old {
		if _, ok := find(now, was.Name); !ok {
			c.say(true, "describes the service %s no more", was.Name)
		}
	}
}

func (c *comparison) service(was, is profile.Service) {
	level(c, "tier of the service "+is.Name, profile.Tiers, was.Tier, is.Tier)
	level(c, "exposure of the service "+is.Name, profile.Exposures, was.Exposure, is.Exposure)
	if !reflect.DeepEqual(was.Data, is.Data) {
		worst := func(list []profile.Data) int {
			if len(list) == 0 {
				return len(profile.DataClasses)
			}
			n := -1
			for _, d := range list {
				n = max(n, slices.Index(profile.DataClasses, d))
			}
			return n
		}
		c.say(worst(is.Data) < worst(was.Data), "says that the service %s has other data", is.Name)
	}
}

// level compares two words of a list that goes from the mildest to the worst. None is the worst.
func level[T ~string](c *comparison, what string, list []T, was, is T) {
	rank := func(w T) int {
		if w == "" {
			return len(list)
		}
		return slices.Index(list, w)
	}
	if was != is {
		c.say(rank(is) < rank(was), "makes the %s %s, which was %s", what, orUnknown(string(is)), orUnknown(string(was)))
	}
}

func orUnknown(w string) string {
	if w == "" {
		return "unknown"
	}
	return w
}

// stage compares what is said about a stage. Whether another expression denies less nobody can tell.
func (c *comparison) stage(stage string, was, is policy.Text) {
	deny, warn := policy.DefaultDeny, policy.DefaultWarn
	if c.folder {
		deny, warn = "", ""
	}
	c.lines("gate."+stage+".deny", lines(was.Deny, deny), lines(is.Deny, deny))
	c.lines("gate."+stage+".warn", lines(was.Warn, warn), lines(is.Warn, warn))
	c.lines("gate."+stage+".require", lines(was.Require, ""), lines(is.Require, ""))
	switch {
	case c.folder && was.Engines == nil && is.Engines == nil:
	case slices.Equal(was.Engines, is.Engines) && (was.Engines == nil) == (is.Engines == nil) && (was.Require == nil) == (is.Require == nil):
	case !c.folder && is.Engines == nil && is.Require == nil && was.Require == nil:
		c.say(false, "requires the engines of the default in gate.%s", stage)
	default:
		gone := slices.DeleteFunc(slices.Clone(was.Engines), func(e string) bool { return slices.Contains(is.Engines, e) })
		unsaid := !c.folder && was.Engines == nil && was.Require == nil // all engines were required
		c.say(unsaid || len(gone) > 0 || is.Engines == nil && was.Engines != nil, "requires other engines in gate.%s", stage)
	}
}

// lines are the expressions of a list, or the default's where it is not given.
func lines(list []policy.Line, otherwise string) []string {
	if list == nil && otherwise != "" {
		return []string{otherwise}
	}
	var out []string
	for _, l := range list {
		out = append(out, strings.Join(strings.Fields(l.Expr), " "))
	}
	return out
}

func (c *comparison) lines(key string, was, is []string) {
	for _, l := range was {
		if !slices.Contains(is, l) {
			c.say(true, "takes out of %s: %s", key, l)
		}
	}
	for _, l := range is {
		if !slices.Contains(was, l) {
			c.say(false, "adds to %s: %s", key, l)
		}
	}
}

func (c *comparison) due() {
	for _, tier := range profile.Tiers {
		for _, l := range risk.Levels {
			was, is := c.old.Due[tier][l], c.now.Due[tier][l]
			if was != is {
				c.say(is > was, "gives %d days in place of %d for what is %s in a service of tier %s", is, was, l, tier)
			}
		}
	}
}

// scan compares how a run looks.
func (c *comparison) scan() {
	was, is := c.old.Scan, c.now.Scan
	for _, class := range was.Include {
		if !slices.Contains(is.Include, class) {
			c.say(true, "leaves out files of the class %s", class)
		}
	}
	if was.AllowEmpty != is.AllowEmpty {
		c.say(is.AllowEmpty, "changes whether a target may hold no file")
	}
	if was.Limits != is.Limits {
		c.say(true, "sets other limits of scanning")
	}
	if !reflect.DeepEqual(c.old.Rules, c.now.Rules) || !reflect.DeepEqual(c.old.Secret, c.now.Secret) {
		c.say(true, "makes engines look with other rules")
	}
}

// exceptions compares what exceptions must keep to. A number that is 0 limits nothing.
func (c *comparison) exceptions() {
	was, is := c.old.Exceptions, c.now.Exceptions
	looser := func(old, now int) bool { return old != 0 && (now == 0 || now > old) }
	limit := func(what string, old, now int) {
		if old != now {
			c.say(looser(old, now), "sets another limit for %s of exceptions", what)
		}
	}
	limit("the days", was.MaxDays, is.MaxDays)
	limit("the renewals", was.MaxRenewals, is.MaxRenewals)
	if was.MaxProbeAge != is.MaxProbeAge {
		c.say(is.MaxProbeAge > was.MaxProbeAge, "sets another age for answers of probes")
	}
	if was.Signed != is.Signed {
		c.say(was.Signed, "changes whether approvals must be signed")
	}
	if was.AllowedSigners != is.AllowedSigners || was.Repository != is.Repository {
		c.say(true, "names another file of signers, or another repository that approvals hold for")
	}
	if !reflect.DeepEqual(was.Probe, is.Probe) {
		c.say(true, "names other hosts that probes may ask")
	}
	if was, is := c.old.Suppressions.FromChange, c.now.Suppressions.FromChange; was != is {
		c.say(is, "changes whether marks of a change take effect at once")
	}
}

// catalog compares Backstage's files.
func catalog(f *File) []Alteration {
	old, _, err1 := profile.ParseCatalog(f.Path, f.Base)
	now, _, err2 := profile.ParseCatalog(f.Path, f.Head)
	if f.Base == nil {
		old, err1 = nil, nil
	}
	if f.Head == nil {
		now, err2 = nil, nil
	}
	if err1 != nil || err2 != nil {
		return []Alteration{{What: "changes a catalogue that cannot be read", Loosens: true}}
	}
	c := &comparison{}
	c.services(old, now)
	return c.list
}
