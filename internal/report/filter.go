package report

import (
	"slices"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/risk"
)

// A Filtered counts what was judged and is left out of a document's findings, because a reader asked for worse ones.
type Filtered struct {
	Below  finding.Severity // the least severity that is shown
	Groups [Groups]int
}

// Filter is a document without the findings below a severity; unknown leaves it as it is. What it leaves out stays counted: the verdict is about it.
func Filter(d *Document, least finding.Severity) *Document {
	if least == finding.SeverityUnknown {
		return d
	}
	v, out := Look(d), *d
	f := &Filtered{Below: least}
	out.Findings = slices.DeleteFunc(slices.Clone(d.Findings), func(r risk.Risk) bool {
		below := r.Severity != finding.SeverityUnknown && r.Severity < least
		if below {
			f.Groups[v.Group(&r)]++
		}
		return below
	})
	if f.total() > 0 {
		out.Filtered = f
	}
	return &out
}

func (f *Filtered) total() int {
	sum := 0
	for _, n := range f.Groups {
		sum += n
	}
	return sum
}

// NotShown says how many findings are left out, empty where none is.
func (d *Document) NotShown() string {
	if d.Filtered == nil {
		return ""
	}
	return Plural(d.Filtered.total(), "finding") + " of a severity below " + d.Filtered.Below.String() + " (--severity)"
}

// hidesWork reports whether something that a reader has to do about may be among what is left out.
func (v *View) hidesWork() bool {
	return v.Filtered != nil && (v.Filtered.Groups[Stopping] > 0 || v.Filtered.Groups[Warning] > 0 || v.FailOn != finding.SeverityUnknown)
}

// Judged is how many findings of a group the verdict is about, shown or not.
func (v *View) Judged(g Group) int {
	n := len(v.ByGroup[g])
	if v.Filtered != nil {
		n += v.Filtered.Groups[g]
	}
	return n
}

// LookedAt is how many files were looked at, by the engine that looked at most.
func (v *View) LookedAt() int {
	n := 0
	for _, r := range v.Coverage {
		n = max(n, r.Files)
	}
	return n
}

// Nothing says what it means that a verdict is about no finding, in the middle of a sentence.
func Nothing(v *View, gaps []Gap) string {
	switch {
	case v.LookedAt() == 0:
		return "nothing was looked at"
	case !Complete(gaps):
		return "nothing found in what was checked"
	}
	return "nothing found"
}
