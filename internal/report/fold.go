package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/risk"
)

// A Fold is findings of one rule that are counted and not listed.
type Fold struct {
	Rule  string
	Title string
	Risks []*risk.Risk
}

// fewInfo is how many findings that only inform are listed like others.
const fewInfo = 5

// FoldInfo takes the findings out that only inform, where there are more than a few: by rule, the most frequent first. A
// screen has no room for each, and who looks for them has the reports that hold all.
func FoldInfo(risks []*risk.Risk) (listed []*risk.Risk, folds []Fold) {
	if Count(risks)[finding.Info] <= fewInfo {
		return risks, nil
	}
	byRule := map[string]int{}
	for _, r := range risks {
		if r.Level.Level != finding.Info {
			listed = append(listed, r)
			continue
		}
		i, seen := byRule[r.Rule]
		if !seen {
			i = len(folds)
			byRule[r.Rule] = i
			folds = append(folds, Fold{Rule: r.Rule, Title: cmp.Or(r.Title, r.Rule)})
		}
		folds[i].Risks = append(folds[i].Risks, r)
	}
	slices.SortFunc(folds, func(a, b Fold) int {
		return cmp.Or(cmp.Compare(len(b.Risks), len(a.Risks)), strings.Compare(a.Rule, b.Rule))
	})
	return listed, folds
}

// Folded counts the findings of folds.
func Folded(folds []Fold) int {
	n := 0
	for _, f := range folds {
		n += len(f.Risks)
	}
	return n
}

// unknown is what stands in a reason between what nobody said of a service and the worst that it may be.
const unknown = " is unknown and weighs as "

// sharedUnknowns are the reasons of that kind that all findings have: a report says them once.
func sharedUnknowns(risks []*risk.Risk) []string {
	var shared []string
	for i, r := range risks {
		if i == 0 {
			for _, reason := range r.Level.Reasons {
				if what, _, ok := strings.Cut(reason, unknown); ok && slices.Contains([]string{"exposure", "tier", "data"}, what) {
					shared = append(shared, reason)
				}
			}
		}
		shared = slices.DeleteFunc(shared, func(reason string) bool { return !slices.Contains(r.Level.Reasons, reason) })
		if len(shared) == 0 {
			break
		}
	}
	return shared
}

// Unknown says what nobody told of all findings, how it weighs, and what to do about it; empty where there is no such thing.
func (v *View) Unknown() string {
	var words, parts []string
	for _, reason := range v.unknown {
		what, worst, _ := strings.Cut(reason, unknown)
		words = append(words, what+" (weighs as "+worst+")")
	}
	if len(words) > 0 {
		parts = append(parts, strings.Join(words, ", ")+": say it in .assay.yaml, under service")
	}
	if v.Anonymous {
		parts = append(parts, "owners, due dates, and what of it is new")
	}
	return strings.Join(parts, "; ")
}

// Why lists the reasons of a finding's level, without what Unknown says for all.
func (v *View) Why(r *risk.Risk) []string {
	if len(v.unknown) == 0 {
		return r.Level.Reasons
	}
	return slices.DeleteFunc(slices.Clone(r.Level.Reasons), func(reason string) bool { return slices.Contains(v.unknown, reason) })
}

// Repairs is how many open findings bring a change of a file that removes them; those that the change did not bring in are
// not its business.
func (v *View) Repairs() int {
	n := 0
	for _, r := range v.ByRisk {
		if r.Status == risk.Open && r.New != risk.NewNo && r.Place.Commit == nil && len(r.Fixes) > 0 && len(r.Fixes[0].Edits) > 0 {
			n++
		}
	}
	return n
}

// Repair is the command that shows these changes, with how many findings they remove; empty where there is none.
func (v *View) Repair() string {
	n := v.Repairs()
	if n == 0 || v.Mends == "" {
		return ""
	}
	return v.Mends + "  # prints a patch that removes " + Plural(n, "finding")
}
