package secret

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// maxExtend bounds how many configurations may be laid over each other. gitleaks stops at two; a cycle is an error here.
const maxExtend = 8

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
	if len(above) >= maxExtend {
		return nil, nil, fmt.Errorf("%s: more than %d configurations extend each other", name, maxExtend)
	}
	text, err := read(name)
	if err != nil {
		return nil, nil, err
	}
	c, notes, err := ParseConfig(name, text, false)
	if err != nil {
		return nil, nil, err
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
		return c.Merge(renamed(base)), notes, nil
	case c.Extend.Path == "":
		return c, notes, nil
	}
	base, more, err := loadExtended(read, name, c.Extend.Path, append(above, name))
	if err != nil {
		return nil, nil, err
	}
	return c.Merge(base), append(notes, more...), nil
}

// loadExtended tries the path from the root first, as gitleaks does, then from the folder of the file that extends.
func loadExtended(read func(string) ([]byte, error), from, extended string, above []string) (*Config, []string, error) {
	c, notes, err := load(read, path.Clean(extended), above)
	if dir := path.Dir(from); err != nil && dir != "." && errors.Is(err, fs.ErrNotExist) {
		return load(read, path.Join(dir, extended), above)
	}
	return c, notes, err
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
