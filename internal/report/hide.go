package report

import (
	"github.com/assaysec/assay/internal/finding"
)

// Hide passes what a document quotes from its targets through a function that takes out what must not be shown: paths,
// authors, reasons. Findings' texts are redacted where they are made. Fingerprints stay as they are.
func (d *Document) Hide(hide func(string) string) {
	each := func(texts ...*string) {
		for _, t := range texts {
			*t = hide(*t)
		}
	}
	place := func(p *finding.Place) {
		each(&p.Path, &p.Package, &p.Layer, &p.Workload)
		if p.Commit != nil {
			c := *p.Commit // findings of one commit may share it
			each(&c.Author, &c.Email, &c.Summary)
			p.Commit = &c
		}
	}
	for i := range d.Targets {
		each(&d.Targets[i].Name)
	}
	for i := range d.Findings {
		r := &d.Findings[i]
		place(&r.Place)
		for j := range r.Related {
			place(&r.Related[j])
		}
		if r.Suppression != nil {
			s := *r.Suppression
			each(&s.Source, &s.Reason)
			r.Suppression = &s
		}
	}
	for i := range d.Coverage {
		c := &d.Coverage[i]
		each(&c.Reason, &c.Hint)
		for j := range c.Unchecked {
			each(&c.Unchecked[j].Path, &c.Unchecked[j].Reason)
		}
		for j := range c.Capped {
			each(&c.Capped[j].Path)
		}
	}
	v := &d.Verdict
	for i := range v.Reasons {
		each(&v.Reasons[i])
	}
	for i := range v.Incomplete {
		each(&v.Incomplete[i].Reason)
	}
	for i := range v.Rulings {
		r := &v.Rulings[i]
		each(&r.Error)
		for name, value := range r.Inputs {
			r.Inputs[name] = hide(value)
		}
	}
}
