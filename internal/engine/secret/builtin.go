package secret

import (
	"fmt"
	"slices"

	pack "github.com/assaysec/assay/internal/rules/secret"
)

// Builtin reads the built-in pack.
func Builtin() (*Config, error) {
	all := &Config{Title: "built-in"}
	for _, name := range pack.Files() {
		text, err := pack.Read(name)
		if err != nil {
			return nil, err
		}
		c, _, err := ParseConfig("builtin/"+name, text, true)
		if err != nil {
			return nil, err
		}
		all.Rules = slices.Concat(all.Rules, c.Rules)
		all.Allowlists = slices.Concat(all.Allowlists, c.globals())
		if c.Filters != nil {
			if all.Filters != nil {
				return nil, fmt.Errorf("builtin/%s: filters are given twice", name)
			}
			all.Filters = c.Filters
		}
	}
	slices.SortStableFunc(all.Rules, func(a, b RuleConfig) int {
		if a.ID < b.ID {
			return -1
		}
		if a.ID > b.ID {
			return 1
		}
		return 0
	})
	return all, nil
}
