package secret

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/expr"
	"github.com/assaysec/assay/internal/finding"
)

// A rule is a RuleConfig made ready to run.
type rule struct {
	id          string // as written; reports show "secret/" + id
	config      *RuleConfig
	regex       *expr.Expr // nil: the rule asks about paths only
	rooted      bool       // every match of regex contains one of its literals
	path        *expr.Expr // nil: any path
	secretGroup int
	entropy     float64
	keywords    []string
	allow       []allowlist
	required    []required
	skipReport  bool
	generic     bool
	severity    finding.Severity
	confidence  finding.Confidence
	checksum    func(secret string) bool
	filters     filterSet
	doubts      bool // values that look made up are kept, with low confidence
}

type required struct {
	rule          int // index in the rule list
	withinLines   *int
	withinColumns *int
}

// compileRules turns a merged configuration into rules, in the order of the configuration. All that is wrong is reported
// at once, so that an author does not mend a file error by error.
func compileRules(c *Config) ([]rule, []allowlist, error) {
	errs := make([]error, len(c.Rules))
	rules := make([]rule, 0, len(c.Rules))
	index := make(map[string]int, len(c.Rules))
	for i := range c.Rules {
		rc := &c.Rules[i]
		if at, dup := index[rc.ID]; dup {
			rules[at].config, errs[at] = nil, nil // the later one replaces the earlier, as it does in gitleaks
		}
		r, err := compileRule(rc)
		if err != nil {
			errs[i] = fmt.Errorf("rule %q: %w", rc.ID, err)
		}
		index[rc.ID] = len(rules)
		rules = append(rules, r)
	}
	rules = slices.DeleteFunc(rules, func(r rule) bool { return r.config == nil })
	for i := range rules {
		index[rules[i].id] = i
	}
	if err := linkRequired(rules, index); err != nil {
		errs = append(errs, err)
	}
	global, err := compileGlobals(c, rules, index)
	if err != nil {
		errs = append(errs, err)
	}
	return rules, global, errors.Join(errs...)
}

func compileRule(c *RuleConfig) (rule, error) {
	r := rule{
		id: c.ID, config: c, secretGroup: c.SecretGroup, entropy: c.Entropy, skipReport: c.SkipReport,
		generic:    c.Generic || strings.Contains(strings.ToLower(c.ID), "generic"),
		severity:   finding.High,
		confidence: finding.HighConfidence,
	}
	if strings.TrimSpace(c.ID) == "" {
		return r, errors.New("id is missing")
	}
	if c.Regex == "" && c.Path == "" {
		return r, errors.New("both regex and path are empty, so the rule would never match")
	}
	var err error
	known := facts{}
	if c.known != nil {
		known = *c.known
	}
	if c.Regex != "" {
		if r.regex, err = compileOrKnown(c.Regex, known.regex); err != nil {
			return r, fmt.Errorf("regex: %w", err)
		}
		r.rooted = r.regex.Literals != nil
		if n := r.regex.Groups; c.SecretGroup > n {
			return r, fmt.Errorf("secretGroup is %d, but the regex has %d groups", c.SecretGroup, n)
		}
	}
	if c.Path != "" {
		if r.path, err = compileOrKnown(c.Path, known.path); err != nil {
			return r, fmt.Errorf("path: %w", err)
		}
	}
	for _, k := range c.Keywords {
		r.keywords = append(r.keywords, strings.ToLower(k))
	}
	if r.allow, err = compileAllowlists(c); err != nil {
		return r, err
	}
	if c.Severity != "" {
		if err := r.severity.UnmarshalText([]byte(c.Severity)); err != nil {
			return r, err
		}
	}
	if c.Confidence != "" {
		if err := r.confidence.UnmarshalText([]byte(c.Confidence)); err != nil {
			return r, err
		}
	}
	if c.Checksum != "" {
		if r.checksum = checksums[c.Checksum]; r.checksum == nil {
			return r, fmt.Errorf("checksum %q is not known", c.Checksum)
		}
	}
	if c.Filters == nil {
		r.filters = defaultFilters(c, r.confidence, r.generic)
		r.doubts = r.filters&sequence == 0 && r.checksum == nil
		return r, nil
	}
	r.filters, err = parseFilters(c.Filters)
	return r, err
}

// compileOrKnown spares the work where the expression has been compiled before.
func compileOrKnown(pattern string, f *expr.Facts) (*expr.Expr, error) {
	if f != nil {
		return expr.Known(pattern, *f), nil
	}
	return expr.Compile(pattern)
}

func linkRequired(rules []rule, index map[string]int) error {
	for i := range rules {
		for _, q := range rules[i].config.Required {
			at, ok := index[q.ID]
			if !ok {
				return fmt.Errorf("rule %q: required rule %q does not exist", rules[i].id, q.ID)
			}
			rules[i].required = append(rules[i].required, required{at, q.WithinLines, q.WithinColumns})
		}
	}
	return nil
}
