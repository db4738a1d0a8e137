package judge

import (
	"slices"

	"github.com/assaysec/assay/internal/finding"
)

// Hide passes what a case quotes from its targets through a function that takes out what must not be shown: paths,
// authors, reasons. Findings' texts are redacted where they are made. Fingerprints stay as they are.
func (c *Case) Hide(hide func(string) string) {
	each := func(texts ...*string) {
		for _, t := range texts {
			*t = hide(*t)
		}
	}
	place := func(p *finding.Place) {
		each(&p.Path, &p.Package, &p.Layer, &p.Workload)
		if p.Commit != nil {
			commit := *p.Commit // findings of one commit may share it
			each(&commit.Author, &commit.Email, &commit.Summary)
			p.Commit = &commit
		}
	}
	for i := range c.Targets {
		each(&c.Targets[i].Name)
	}
	for i := range c.Risks {
		r := &c.Risks[i]
		place(&r.Place)
		r.Related = slices.Clone(r.Related)
		for j := range r.Related {
			place(&r.Related[j])
		}
		if r.Suppression != nil {
			s := *r.Suppression
			each(&s.Source, &s.Reason)
			r.Suppression = &s
		}
	}
	for i := range c.Coverage {
		r := &c.Coverage[i]
		each(&r.Reason, &r.Hint)
		for j := range r.Unchecked {
			each(&r.Unchecked[j].Path, &r.Unchecked[j].Reason)
		}
		for j := range r.Capped {
			each(&r.Capped[j].Path)
		}
	}
	for i := range c.Marks {
		each(&c.Marks[i].Path)
	}
	for i := range c.Files {
		each(&c.Files[i].Path)
	}
	for i := range c.Unlooked {
		each(&c.Unlooked[i].Path)
	}
}
