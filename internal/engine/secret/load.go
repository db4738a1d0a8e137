package secret

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// maxExtend is how many configurations below the first are read, as gitleaks does. What lies deeper is not, and noted.
const maxExtend = 2

// Load reads the configuration of a path with all that it extends. read gives a file's bytes by a path from the root of
// the target; extend.path may be written from there or from the folder of the file that extends. extend.useDefault stands
// for the built-in pack, in which disabled and overlaid rules may go by the names that gitleaks has for them. Notes are for
// a person: keys that are not known.
func Load(read func(path string) ([]byte, error), name string) (*Config, []string, error) {
	return load(read, name, nil)
}

func load(read func(string) ([]byte, error), name string, above []string) (*Config, []string, error) {
	if slices.Contains(above, name) {
		return nil, nil, fmt.Errorf("%s: extends itself: %s", name, strings.Join(append(above, name), " → "))
	}
	text, err := read(name)
	if err != nil {
		return nil, nil, err
	}
	c, notes, err := ParseConfig(name, text, false)
	if err == nil {
		err = c.oneForm(name)
	}
	if err != nil {
		return nil, nil, err
	}
	if len(above) > 0 {
		notes = append(notes, c.dropTargeted(name)...)
	}
	switch {
	case c.Extend.URL != "":
		return nil, nil, fmt.Errorf("%s: extend.url is not supported: a scan does not use the network; save the file and name it in extend.path", name)
	case c.Extend.Path != "" && c.Extend.UseDefault:
		return nil, nil, fmt.Errorf("%s: extend.path and extend.useDefault cannot both be set", name)
	case c.Extend.UseDefault:
		base, err := PackedBuiltin()
		if err != nil {
			return nil, nil, err
		}
		base = renamed(base)
		notes = append(notes, c.dropUnknown(name, base)...)
		return c.Merge(base), notes, nil
	case c.Extend.Path == "":
		return c, notes, nil
	}
	extended := locateExtended(read, name, c.Extend.Path)
	above = append(above, name)
	if len(above) > maxExtend && !slices.Contains(above, extended) {
		return c, append(notes, fmt.Sprintf("%s: extends %s, which is more than %d levels deep and is not read", name, extended, maxExtend)), nil
	}
	base, more, err := load(read, extended, above)
	if err != nil {
		return nil, nil, err
	}
	return c.Merge(base), append(notes, more...), nil
}

// dropUnknown drops what c says about rules that gitleaks has in its default and the built-in pack does not: a change to a
// rule that is not there changes nothing.
func (c *Config) dropUnknown(name string, base *Config) []string {
	gone := map[string]bool{}
	c.Rules = slices.DeleteFunc(c.Rules, func(r RuleConfig) bool {
		change := strings.TrimSpace(r.ID) != "" && r.Regex == "" && r.Path == ""
		if change && !holds(base.Rules, r.ID) {
			gone[r.ID] = true
		}
		return gone[r.ID]
	})
	c.Allowlists, c.AllowList = c.globals(), nil
	c.Allowlists = slices.DeleteFunc(c.Allowlists, func(a AllowlistConfig) bool {
		return len(a.TargetRules) > 0 && !slices.ContainsFunc(a.TargetRules, func(id string) bool { return known(c, base, gone, id) })
	})
	for i := range c.Allowlists {
		a := &c.Allowlists[i]
		a.TargetRules = slices.DeleteFunc(slices.Clone(a.TargetRules), func(id string) bool { return !known(c, base, gone, id) })
	}
	for _, id := range c.Extend.DisabledRules {
		known(c, base, gone, id)
	}
	var notes []string
	for _, id := range slices.Sorted(maps.Keys(gone)) {
		notes = append(notes, fmt.Sprintf("%s: the built-in pack has no rule %q: what is said about it is ignored", name, id))
	}
	return notes
}

// known reports whether one of two configurations has a rule, and lists it as gone if not.
func known(c, base *Config, gone map[string]bool, id string) bool {
	is := holds(c.Rules, id) || holds(base.Rules, id)
	if !is {
		gone[id] = true
	}
	return is
}

// dropTargeted drops allowlists for named rules from a configuration that another one extends: gitleaks heeds them in the
// first file only, and what hides findings must not do more here than there.
func (c *Config) dropTargeted(name string) []string {
	var notes []string
	c.Allowlists, c.AllowList = c.globals(), nil
	c.Allowlists = slices.DeleteFunc(c.Allowlists, func(a AllowlistConfig) bool {
		if len(a.TargetRules) > 0 {
			notes = append(notes, fmt.Sprintf("%s: an allowlist with targetRules has no effect in a file that is extended, as in gitleaks", name))
		}
		return len(a.TargetRules) > 0
	})
	return notes
}

// locateExtended takes a path from the root, as gitleaks does, or, if there is no such file, from the folder of the file
// that extends.
func locateExtended(read func(string) ([]byte, error), from, extended string) string {
	extended = path.Clean(extended)
	if _, err := read(extended); errors.Is(err, fs.ErrNotExist) && path.Dir(from) != "." {
		return path.Join(path.Dir(from), extended)
	}
	return extended
}

// renamed gives the rules of the pack the names that gitleaks has for them, where it has one.
func renamed(c *Config) *Config {
	out := *c
	out.Rules = slices.Clone(c.Rules)
	taken := map[string]bool{}
	for _, r := range out.Rules {
		taken[r.ID] = true
	}
	for i := range out.Rules {
		for _, a := range out.Rules[i].Aliases {
			if id, ok := strings.CutPrefix(a, "gitleaks:"); ok && !taken[id] {
				taken[id] = true
				out.Rules[i].ID = id
				break
			}
		}
	}
	return &out
}
