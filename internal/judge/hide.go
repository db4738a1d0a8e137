package judge

import (
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/finding"
)

// Hide passes what a case quotes from its targets through a function that takes out what must not be shown: paths,
// authors, owners, reasons. Findings' texts are redacted where they are made. Fingerprints stay as they are. What is no text
// in UTF-8 becomes it, so that a case which was written down and read again is the same case.
func (c *Case) Hide(hide func(string) string) {
	each := func(texts ...*string) {
		for _, t := range texts {
			*t = hide(strings.ToValidUTF8(*t, "\ufffd"))
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
		t := &c.Targets[i]
		each(&t.Name, &t.Keep.Repository)
		t.Services = slices.Clone(t.Services) // the catalog keeps its own
		for j := range t.Services {
			s := &t.Services[j]
			s.Paths = slices.Clone(s.Paths)
			each(&s.Name, &s.Owner, &s.Source)
			for k := range s.Paths {
				each(&s.Paths[k])
			}
		}
		for j := range t.Keep.Answers {
			each(&t.Keep.Answers[j].Detail)
		}
	}
	for i := range c.Risks {
		r := &c.Risks[i]
		each(&r.Service, &r.Owner)
		place(&r.Place)
		r.Related = slices.Clone(r.Related)
		for j := range r.Related {
			place(&r.Related[j])
		}
		if r.Suppression != nil {
			s := *r.Suppression
			each(&s.Source, &s.Reason, &s.Owner)
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
		m := &c.Marks[i]
		each(&m.Path, &m.Text, &m.Reason, &m.Until, &m.Problem)
	}
	for i := range c.Files {
		u := &c.Files[i]
		each(&u.Path, &u.Where, &u.Text, &u.Reason, &u.Until, &u.Problem)
	}
	for i := range c.Empty {
		each(&c.Empty[i].Reason, &c.Empty[i].Hint)
	}
	for i := range c.Nothing {
		each(&c.Nothing[i])
	}
	for i := range c.Broken {
		each(&c.Broken[i].Problem)
	}
	for i := range c.Unlooked {
		each(&c.Unlooked[i].Path)
	}
}
