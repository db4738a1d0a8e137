package report

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/risk"
)

// A Group says what a reader has to do about a finding.
type Group uint8

// The groups, in the order reports show them.
const (
	Stopping Group = iota // the gate denies it
	Warning               // the gate lets it pass, and says so
	Noted                 // open, and below what the gate speaks of
	Kept                  // held back by a baseline, an exception or a suppression
)

// Groups is how many groups there are.
const Groups = 4

// A View is a document sorted for reading.
type View struct {
	*Document

	// ByRisk holds every finding, worst first; ByGroup the same by group.
	ByRisk  []*risk.Risk
	ByGroup [Groups][]*risk.Risk

	// Anonymous says that of all findings neither an owner, nor the age, nor a due date is known.
	Anonymous bool

	rulings map[ruled]*policy.Ruling
	stated  map[ruled][]*policy.Ruling // what rules say, and what stands beside the first
	rules   map[string]*Rule
	targets map[string]*finding.Target
	unknown []string // reasons that all findings share
}

// ruled names a finding: the same fault may be found in two targets, and be judged in each.
type ruled struct{ target, fingerprint string }

// Look sorts a document for reading. The document must not change while the view is in use.
func Look(d *Document) *View {
	v := &View{
		Document: d,
		ByRisk:   make([]*risk.Risk, len(d.Findings)),
		rulings:  make(map[ruled]*policy.Ruling, len(d.Verdict.Rulings)),
		stated:   map[ruled][]*policy.Ruling{},
		rules:    make(map[string]*Rule, len(d.Rules)),
		targets:  make(map[string]*finding.Target, len(d.Targets)),
	}
	for i := range d.Verdict.Rulings {
		v.rule(&d.Verdict.Rulings[i])
	}
	for i := range d.Rules {
		v.rules[d.Rules[i].ID] = &d.Rules[i]
	}
	for i := range d.Targets {
		v.targets[d.Targets[i].ID] = &d.Targets[i]
	}
	for i := range d.Findings {
		v.ByRisk[i] = &d.Findings[i]
	}
	slices.SortStableFunc(v.ByRisk, CompareRisk)
	v.unknown, v.Anonymous = sharedUnknowns(v.ByRisk), len(v.ByRisk) > 0
	for _, r := range v.ByRisk {
		v.Anonymous = v.Anonymous && r.Owner == "" && r.New == risk.NewUnknown && r.Due.IsZero()
	}
	for _, r := range v.ByRisk {
		g := v.Group(r)
		v.ByGroup[g] = append(v.ByGroup[g], r)
	}
	return v
}

// rule files a ruling under its finding. Of two rulings on one finding the stricter speaks.
func (v *View) rule(r *policy.Ruling) {
	if onRun(r) {
		return
	}
	on := ruled{r.Target, r.Fingerprint}
	old := v.rulings[on]
	if old == nil || strictness(r.Decision) > strictness(old.Decision) {
		v.rulings[on] = r
	}
	if old != nil || r.Message != "" {
		v.stated[on] = append(v.stated[on], r)
	}
}

// Group is the group of one finding. A ruling outweighs what holds the finding back: a mark that the policy does not
// accept hides nothing.
func (v *View) Group(r *risk.Risk) Group {
	switch ruling := v.Ruling(r); {
	case ruling != nil && ruling.Decision == policy.Warn:
		return Warning
	case ruling != nil && ruling.Decision != policy.Allow:
		return Stopping
	case r.Status == risk.Suppressed || r.Status == risk.Excepted || r.Status == risk.Baseline:
		return Kept
	}
	return Noted // a status that nobody knows holds nothing back
}

// Ruling is what the verdict says about a finding; nil where it is simply allowed.
func (v *View) Ruling(r *risk.Risk) *policy.Ruling { return v.rulings[ruled{r.Target, r.Fingerprint}] }

// Rule describes the rule of a finding, from the finding itself where the document does not.
func (v *View) Rule(r *risk.Risk) Rule {
	if rule := v.rules[r.Rule]; rule != nil {
		return *rule
	}
	return Rule{ID: r.Rule, Title: r.Title, Advice: r.Advice, Aliases: r.Aliases, Severity: r.Severity}
}

// Target is the target with an ID; one that is not listed is named by its ID.
func (v *View) Target(id string) finding.Target {
	if t := v.targets[id]; t != nil {
		return *t
	}
	return finding.Target{ID: id, Name: id}
}

// CompareRisk orders risks for reading: the worst first, a new one before an old one, then by finding.Compare.
func CompareRisk(a, b *risk.Risk) int {
	// Step by step, since most pairs are decided by the first numbers and comparing findings is dear.
	if c := cmp.Compare(Weight(b.Level.Level), Weight(a.Level.Level)); c != 0 {
		return c
	}
	if c := cmp.Compare(b.Level.Score, a.Level.Score); c != 0 {
		return c
	}
	if c := cmp.Compare(novelty(a.New), novelty(b.New)); c != 0 {
		return c
	}
	return cmp.Or(finding.Compare(&a.Finding, &b.Finding), strings.Compare(a.Target, b.Target))
}

// Weight is the level with unknown taken for medium, since unknown is never the safe answer.
func Weight(s finding.Severity) finding.Severity {
	if s == finding.SeverityUnknown {
		return finding.Medium
	}
	return s
}

func novelty(n risk.Novelty) int {
	switch n {
	case risk.NewYes:
		return 0
	case risk.NewNo:
		return 2
	}
	return 1
}

// strictness orders decisions; one that is missing or not known counts as a denial.
func strictness(d policy.Decision) int {
	switch d {
	case policy.Allow:
		return 0
	case policy.Warn:
		return 1
	}
	return 2
}

// Levels counts findings by level; the index is the finding.Severity.
type Levels [finding.Critical + 1]int

// Worst lists the levels in the order reports show them.
var Worst = []finding.Severity{
	finding.Critical, finding.High, finding.Medium, finding.SeverityUnknown, finding.Low, finding.Info,
}

// Count counts findings by level.
func Count(risks []*risk.Risk) Levels {
	var n Levels
	for _, r := range risks {
		n[min(r.Level.Level, finding.Critical)]++
	}
	return n
}

// Total is the sum over all levels.
func (n Levels) Total() int {
	sum := 0
	for _, c := range n {
		sum += c
	}
	return sum
}

// String gives the counts that are not zero, worst first, such as "2 critical, 1 low".
func (n Levels) String() string {
	var parts []string
	for _, level := range Worst {
		if n[level] > 0 {
			parts = append(parts, Number(n[level])+" "+level.String())
		}
	}
	return strings.Join(parts, ", ")
}

// Capped is how many files hold more findings of one rule than are reported, by the engines that are asked for.
func (v *View) Capped(engine func(string) bool) int {
	files := map[[2]string]bool{}
	for _, r := range v.Coverage {
		for _, c := range r.Capped {
			if engine(r.Engine) {
				files[[2]string{r.Target, c.Path}] = true
			}
		}
	}
	return len(files)
}

// AnyEngine is true of every engine.
func AnyEngine(string) bool { return true }

// Skipped says what was left out by choice, the largest class first, such as "880 vendored, 41 binary". Engines share
// files, so of each class the largest count stands. It is target text.
func (v *View) Skipped() string {
	sum := map[string]int{}
	for _, r := range v.Coverage {
		for class, n := range r.Skipped {
			sum[class] = max(sum[class], n)
		}
	}
	return byCount(sum)
}

// Among says which of a target's files that were looked at are no source, such as "880 vendored, 3 minified". It is target
// text.
func (v *View) Among(target string) string {
	most := map[string]int{}
	for _, r := range v.Coverage {
		if r.Target != target {
			continue
		}
		for class, n := range r.Classes {
			most[class] = max(most[class], n)
		}
	}
	delete(most, string(coverage.Source))
	return byCount(most)
}

// byCount lists counts, the largest first.
func byCount(sum map[string]int) string {
	classes := slices.SortedFunc(maps.Keys(sum), func(a, b string) int {
		return cmp.Or(cmp.Compare(sum[b], sum[a]), strings.Compare(a, b))
	})
	for i, class := range classes {
		classes[i] = Number(sum[class]) + " " + class
	}
	return strings.Join(classes, ", ")
}

// Failing lists the open findings that fail the run whatever the verdict.
func (d *Document) Failing() []*risk.Risk {
	var list []*risk.Risk
	for i := range d.Findings {
		r := &d.Findings[i]
		if d.FailOn != finding.SeverityUnknown && r.Status == risk.Open && (r.Severity >= d.FailOn || r.Severity == finding.SeverityUnknown) {
			list = append(list, r)
		}
	}
	return list
}

// Overdue reports whether a finding should have been gone by now. A baseline keeps it out of the gate's way and not out of
// this count.
func Overdue(r *risk.Risk, now time.Time) bool {
	return (r.Status == risk.Open || r.Status == risk.Baseline) && !r.Due.IsZero() && now.After(r.Due)
}

// Overdue is how many findings should have been gone by now.
func (v *View) Overdue() int {
	n := 0
	for _, r := range v.ByRisk {
		if Overdue(r, v.Now) {
			n++
		}
	}
	return n
}
