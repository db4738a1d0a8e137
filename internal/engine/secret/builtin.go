package secret

import (
	"fmt"
	"slices"
	"strings"

	pack "github.com/assaysec/assay/internal/rules/secret"
)

const builtinTitle = "built-in"

// Builtin reads the built-in pack as its authors write it, examples included.
func Builtin() (*Config, error) {
	all := &Config{Title: builtinTitle}
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
	slices.SortStableFunc(all.Rules, func(a, b RuleConfig) int { return strings.Compare(a.ID, b.ID) })
	return all, nil
}
