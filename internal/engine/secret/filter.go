package secret

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A FilterConfig is the data of the pack's filters: what a value looks like that is no secret. Filters beyond entropy
// are data, so that a team can read why something stayed silent.
type FilterConfig struct {
	// Placeholders are expressions over a whole value that stands for one to be filled in.
	Placeholders []string
	// References are expressions over a whole value that points to where a secret is kept.
	References []string
	// PublicValues are values that providers publish for tests, as the first 16 hex digits of their SHA-256.
	PublicValues []string
}

// A filterSet names the filters that a rule wants beside its own tests.
type filterSet uint8

const (
	placeholder filterSet = 1 << iota
	reference
	publicValue

	allFilters = placeholder | reference | publicValue
)

var filterNames = map[string]filterSet{
	"placeholder": placeholder, "reference": reference, "public-value": publicValue,
}

// parseFilters reads a rule's list. Without a list all filters of the configuration apply.
func parseFilters(names []string) (filterSet, error) {
	if names == nil {
		return allFilters, nil
	}
	var set filterSet
	for _, n := range names {
		f, ok := filterNames[n]
		if !ok {
			return 0, fmt.Errorf("filter %q is not known: want placeholder, reference or public-value", n)
		}
		set |= f
	}
	return set, nil
}

// filters are a FilterConfig made ready to run. The zero value drops nothing.
type filters struct {
	placeholders []*regexp.Regexp
	references   []*regexp.Regexp
	public       []string // sorted
}

func compileFilters(c *FilterConfig) (*filters, error) {
	if c == nil {
		return &filters{}, nil
	}
	placeholders, err1 := compileAll(anchored(c.Placeholders))
	references, err2 := compileAll(anchored(c.References))
	f := &filters{placeholders: placeholders, references: references, public: slices.Sorted(slices.Values(c.PublicValues))}
	return f, errors.Join(err1, err2)
}

func anchored(patterns []string) []string {
	out := make([]string, len(patterns))
	for i, p := range patterns {
		out[i] = `\A(?:` + p + `)\z`
	}
	return out
}

// drop reports whether a value is known not to be a secret.
func (f *filters) drop(r *rule, secret, _ string) bool {
	return r.filters&placeholder != 0 && anyMatch(f.placeholders, secret) ||
		r.filters&reference != 0 && anyMatch(f.references, secret) ||
		r.filters&publicValue != 0 && f.isPublic(secret)
}

func (f *filters) isPublic(secret string) bool {
	if len(f.public) == 0 {
		return false
	}
	sum := sha256.Sum256([]byte(strings.TrimSpace(secret)))
	_, found := slices.BinarySearch(f.public, hex.EncodeToString(sum[:8]))
	return found
}
