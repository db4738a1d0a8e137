package report

import (
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/risk"
)

// Where names a place in one line, as editors understand it: path:line:column. It is target text.
func Where(p *finding.Place) string {
	s := p.Path
	if s != "" && !p.Start.IsZero() {
		s += ":" + strconv.Itoa(p.Start.Line)
		if p.Start.Column > 0 {
			s += ":" + strconv.Itoa(p.Start.Column)
		}
	}
	for _, part := range []string{p.Package, p.Workload, p.Layer} {
		if s == "" {
			s = part
		}
	}
	if s == "" && p.Commit != nil {
		s = "commit " + ShortID(p.Commit.ID)
	}
	if s == "" {
		return "the whole target"
	}
	return s
}

// ShortID is a commit ID, short enough to read and long enough to find.
func ShortID(id string) string { return id[:min(len(id), 12)] }

// manyServices is from how many services on they say more about a repository than its top folders do.
const manyServices = 4

// ByService reports whether areas are services; otherwise they are top folders.
func (v *View) ByService() bool { return len(v.Verdict.Services) >= manyServices }

// Area is the part of the target that a finding belongs to.
func (v *View) Area(r *risk.Risk) string {
	if v.ByService() && r.Service != "" {
		return r.Service
	}
	if r.Place.Path == "" {
		return "(no file)"
	}
	top, _, nested := strings.Cut(path.Clean(r.Place.Path), "/")
	if !nested {
		return "(top folder)"
	}
	return top
}

// Time gives a time in the form that every format can write: UTC, and none at all outside the years that RFC 3339
// knows. A commit's date is whatever its author wrote.
func Time(t time.Time) time.Time {
	t = t.UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

// Day writes a date; "unknown" where there is none.
func Day(t time.Time) string {
	if t = Time(t); t.IsZero() {
		return "unknown"
	}
	return t.Format(time.DateOnly)
}

// Held says in words what holds a finding back, such as "exception EX-7, until 2027-01-31". It is target text.
func Held(r *risk.Risk) string {
	s := r.Suppression
	if s == nil {
		return string(r.Status)
	}
	words := s.Kind
	if s.Source != "" {
		words += " " + s.Source
	}
	if !s.Expires.IsZero() {
		words += ", until " + Day(s.Expires)
	}
	if s.Owner != "" {
		words += ", " + s.Owner
	}
	if s.Reason != "" {
		words += ": " + s.Reason
	}
	return words
}
