package secret

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// A Config is a set of rules as it is written: gitleaks' configuration format, in which the built-in pack is written
// too. Keys are matched without regard to case, as gitleaks does.
type Config struct {
	Title       string
	Description string
	MinVersion  string
	Extend      Extend
	Rules       []RuleConfig
	AllowList   *AllowlistConfig // the older form of a single global allowlist
	Allowlists  []AllowlistConfig
	Filters     *FilterConfig // ours: what the pack's filters hold; no foreign configuration has them

	digest string // of what it was made from, where that is known without reading it all
}

// Extend says which configuration this one is laid over.
type Extend struct {
	Path          string
	URL           string
	UseDefault    bool
	DisabledRules []string
}

// A RuleConfig is one rule as it is written. The fields after SkipReport are additions of the built-in pack.
type RuleConfig struct {
	ID          string
	Description string
	Path        string
	Regex       string
	SecretGroup int
	Entropy     float64
	Keywords    []string
	Tags        []string
	AllowList   *AllowlistConfig
	Allowlists  []AllowlistConfig
	Required    []RequiredConfig
	SkipReport  bool

	// TokenEfficiency is Betterleaks' field: drop values that a byte-pair encoder for language packs well.
	TokenEfficiency bool

	Provider   string   // whose credential it is, as the provider writes its own name
	Severity   string   // critical, high, medium (default high)
	Confidence string   // high, medium, low (default high)
	Advice     string   // how to revoke at this provider
	Aliases    []string // other names, beside those that every rule has
	Checksum   string   // name of a check that the value must pass, see checksums
	Filters    []string // names of filters that apply beside the rule's own; nil means the default by confidence, see defaultFilters
	Verify     string   // name of a verifier
	Generic    bool     // gives way to any other rule on the same value
	Examples   []string // texts that must match; "¦" stands for nothing, so that no scanner trips over this file
	NearMisses []string // texts that must not

	known *facts // of its expressions, where they have been compiled before
}

// A RequiredConfig names a rule that must also match nearby.
type RequiredConfig struct {
	ID            string
	WithinLines   *int
	WithinColumns *int
}

// An AllowlistConfig says what is not a finding.
type AllowlistConfig struct {
	Description string
	Condition   string
	Commits     []string
	Paths       []string
	RegexTarget string
	Regexes     []string
	StopWords   []string
	TargetRules []string // global allowlists only
}

// ParseConfig reads a configuration. name appears in errors. With strict an unknown key is an error, as it is for the
// built-in pack; a foreign configuration may hold keys that its own tool ignores as well, which are returned as notes.
func ParseConfig(name string, text []byte, strict bool) (*Config, []string, error) {
	var c Config
	d := toml.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(&c)
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && !strict {
		notes := unknownKeys(name, unknown)
		c = Config{}
		if err = toml.Unmarshal(text, &c); err == nil {
			return &c, append(notes, c.forgive(name)...), nil
		}
	}
	switch {
	case err == nil && strict:
		return &c, nil, nil
	case err == nil:
		return &c, c.forgive(name), nil
	case strict:
		return nil, nil, locate(name, err)
	}
	return parseLoosely(name, text, err)
}

// unknownKeys notes each key that is not known once, where it stands first.
func unknownKeys(name string, unknown *toml.StrictMissingError) []string {
	var notes []string
	times, at := map[string]int{}, map[string]int{}
	for _, e := range unknown.Errors {
		key := strings.Join(e.Key(), ".")
		if times[key]++; times[key] == 1 {
			row, col := e.Position()
			at[key] = len(notes)
			notes = append(notes, fmt.Sprintf("%s:%d:%d: key %q is not known and is ignored", name, row, col, key))
		}
	}
	for key, n := range times {
		if n > 1 {
			notes[at[key]] += fmt.Sprintf(" (%d times)", n)
		}
	}
	return notes
}

// parseLoosely reads what the strict reader refused with an error, which stays the answer for what is broken.
func parseLoosely(name string, text []byte, refused error) (*Config, []string, error) {
	var table map[string]any
	if toml.Unmarshal(text, &table) != nil {
		return nil, nil, locate(name, refused)
	}
	c, l := &Config{}, &loose{name: name}
	if l.fill(reflect.ValueOf(c).Elem(), table, "") != nil {
		return nil, nil, locate(name, refused)
	}
	return c, append(l.notes, c.forgive(name)...), nil
}

func locate(name string, err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		row, col := unknown.Errors[0].Position()
		return fmt.Errorf("%s:%d:%d: unknown key %q", name, row, col, strings.Join(unknown.Errors[0].Key(), "."))
	}
	var decode *toml.DecodeError
	if errors.As(err, &decode) {
		row, col := decode.Position()
		return fmt.Errorf("%s:%d:%d: %s", name, row, col, strings.TrimPrefix(decode.Error(), "toml: "))
	}
	return fmt.Errorf("%s: %w", name, err)
}

// Merge lays c over base, as gitleaks' extend does: rules of base that c does not disable are taken over, and where both
// have a rule, c's fields win and its lists are appended.
func (c *Config) Merge(base *Config) *Config {
	out := *c
	out.Rules = slices.Clone(c.Rules)
	index := make(map[string]int, len(c.Rules))
	for i, r := range c.Rules {
		index[r.ID] = i
	}
	for _, b := range base.Rules {
		if slices.Contains(c.Extend.DisabledRules, b.ID) {
			continue
		}
		if i, ok := index[b.ID]; ok {
			out.Rules[i] = overlay(b, c.Rules[i])
			continue
		}
		out.Rules = append(out.Rules, b)
	}
	out.Rules = slices.DeleteFunc(out.Rules, func(r RuleConfig) bool { return c.disables(out.Rules, r.Required) })
	slices.SortStableFunc(out.Rules, func(a, b RuleConfig) int { return strings.Compare(a.ID, b.ID) })
	out.Allowlists = append(c.globals(), c.untargeted(out.Rules, base.globals())...)
	out.AllowList = nil
	out.digest = ""
	if out.Filters == nil {
		out.Filters = base.Filters
	}
	if out.Filters == nil && base.packed() {
		out.Filters, _ = builtinFilters() // TestPackedHoldsAll proves that they can be read
	}
	return &out
}

// disables reports whether a rule can never be complete, since c disables one that it requires.
func (c *Config) disables(rules []RuleConfig, required []RequiredConfig) bool {
	return slices.ContainsFunc(required, func(q RequiredConfig) bool {
		return slices.Contains(c.Extend.DisabledRules, q.ID) && !holds(rules, q.ID)
	})
}

func holds(rules []RuleConfig, id string) bool {
	return slices.ContainsFunc(rules, func(r RuleConfig) bool { return r.ID == id })
}

// untargeted takes rules that c disables from among those that allowlists are for.
func (c *Config) untargeted(rules []RuleConfig, lists []AllowlistConfig) []AllowlistConfig {
	gone := func(id string) bool { return slices.Contains(c.Extend.DisabledRules, id) && !holds(rules, id) }
	out := make([]AllowlistConfig, 0, len(lists))
	for _, a := range lists {
		targeted := len(a.TargetRules) > 0
		a.TargetRules = slices.DeleteFunc(slices.Clone(a.TargetRules), gone)
		if !targeted || len(a.TargetRules) > 0 {
			out = append(out, a)
		}
	}
	return out
}

// oneForm refuses allowlists of the older form beside those of the newer, which merging would not show any more.
func (c *Config) oneForm(name string) error {
	if c.AllowList != nil && len(c.Allowlists) > 0 {
		return fmt.Errorf("%s: %w", name, errBothForms)
	}
	for _, r := range c.Rules {
		if r.AllowList != nil && len(r.Allowlists) > 0 {
			return fmt.Errorf("%s: rule %q: %w", name, r.ID, errRuleBothForms)
		}
	}
	return nil
}

func (c *Config) globals() []AllowlistConfig {
	if c.AllowList != nil {
		return append(slices.Clone(c.Allowlists), *c.AllowList)
	}
	return slices.Clone(c.Allowlists)
}

func overlay(base, over RuleConfig) RuleConfig {
	base.known = nil
	pick := func(to *string, from string) {
		if from != "" {
			*to = from
		}
	}
	pick(&base.Description, over.Description)
	pick(&base.Regex, over.Regex)
	pick(&base.Path, over.Path)
	pick(&base.Severity, over.Severity)
	pick(&base.Confidence, over.Confidence)
	pick(&base.Advice, over.Advice)
	if over.Entropy != 0 {
		base.Entropy = over.Entropy
	}
	if over.SecretGroup != 0 {
		base.SecretGroup = over.SecretGroup
	}
	base.Tags = slices.Concat(base.Tags, over.Tags)
	base.Keywords = slices.Concat(base.Keywords, over.Keywords)
	base.Allowlists = slices.Concat(base.lists(), over.lists())
	base.AllowList = nil
	return base
}

// lists are a rule's allowlists of both forms.
func (r *RuleConfig) lists() []AllowlistConfig {
	if r.AllowList != nil {
		return append(slices.Clone(r.Allowlists), *r.AllowList)
	}
	return r.Allowlists
}
