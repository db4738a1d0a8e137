package sarif

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/risk"
)

// maxTags is how many tags of a rule services keep.
const maxTags = 20

// rulesOf lists the rules of the results by ID, with the index of each.
func rulesOf(v *report.View, results []*risk.Risk) ([]rule, map[string]int) {
	known := map[string]report.Rule{}
	for _, r := range results {
		if _, ok := known[r.Rule]; !ok {
			known[r.Rule] = v.Rule(r)
		}
	}
	rules := make([]rule, 0, len(known))
	index := make(map[string]int, len(known))
	for _, id := range slices.Sorted(maps.Keys(known)) {
		index[id] = len(rules)
		rules = append(rules, ruleOf(known[id]))
	}
	return rules, index
}

// ruleOf fills all descriptions, since services refuse a rule without one.
func ruleOf(r report.Rule) rule {
	title := cmp.Or(r.Title, r.ID)
	help := cmp.Or(r.Advice, title)
	return rule{
		ID:                   line(r.ID),
		ShortDescription:     *message(title),
		FullDescription:      *message(strings.TrimSuffix(title+". "+r.Advice, ". ")),
		Help:                 text{Text: message(help).Text, Markdown: report.AdviceMarkdown(help)},
		DefaultConfiguration: configuration{level(r.Severity)},
		Properties:           map[string]any{"tags": tags(r), "security-severity": securitySeverity(r.Severity)},
	}
}

// tags are what services filter by: the engine, and each other name of the rule, weaknesses in the form that they know.
func tags(r report.Rule) []string {
	all := []string{"security", line(finding.EngineOf(r.ID))}
	for _, alias := range r.Aliases {
		if number, ok := strings.CutPrefix(alias, "CWE-"); ok {
			alias = "external/cwe/cwe-" + number
		}
		if alias = line(alias); !slices.Contains(all, alias) {
			all = append(all, alias)
		}
	}
	return all[:min(len(all), maxTags)]
}

// securitySeverity is a number in the middle of the range that services show as the same word.
func securitySeverity(s finding.Severity) string {
	return map[finding.Severity]string{
		finding.Critical: "9.5", finding.High: "8.0", finding.Medium: "5.5", finding.Low: "2.0", finding.Info: "0.1",
	}[report.Weight(s)]
}
