package report

import (
	"path"
	"slices"
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

// Root is the folder that all findings with a path have in common, such as "src/main"; empty where they have none.
func (v *View) Root() string {
	root, first := "", true
	for i := range v.Findings {
		p := v.Findings[i].Place.Path
		switch {
		case p == "":
		case first:
			root, first = path.Dir(path.Clean(p)), false
		default:
			for root != "." && root != "/" && !strings.HasPrefix(path.Clean(p), root+"/") {
				root = path.Dir(root)
			}
		}
	}
	if root == "." || root == "/" {
		return ""
	}
	return root
}

// Area is the part of the target that a finding belongs to: a service, or a folder below root.
func (v *View) Area(r *risk.Risk, root string) string {
	if v.ByService() && r.Service != "" {
		return r.Service
	}
	if r.Place.Path == "" {
		return "(no file)"
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(path.Clean(r.Place.Path), root), "/")
	folder, _, nested := strings.Cut(rest, "/")
	if !nested {
		return "(top folder)"
	}
	return folder
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

// IsFlow reports whether a finding's related places are the steps that lead to its fault. A place with a commit of its own
// is no step but another appearance of the same fault.
func IsFlow(r *risk.Risk) bool {
	return len(r.Related) > 0 && !slices.ContainsFunc(r.Related, func(p finding.Place) bool { return p.Commit != nil })
}

// Related names a finding's related places, no more than limit of them: the steps of a flow, or where else the fault
// stands. It is target text.
func Related(r *risk.Risk, limit int) string {
	noun, between := "place", ", "
	if IsFlow(r) {
		noun, between = "step", " → "
	}
	var places []string
	for i := range r.Related[:min(len(r.Related), limit)] {
		places = append(places, Where(&r.Related[i]))
	}
	if more := len(r.Related) - limit; more > 0 {
		places = append(places, Plural(more, "more "+noun))
	}
	return strings.Join(places, between)
}

// Origin tells where a fault came from in the history: commit, author, date, and whether it is still there. It is target
// text.
func Origin(c *finding.Commit) string {
	words := []string{ShortID(c.ID), c.Author, Day(c.Date), c.Summary, "gone from HEAD"}
	if c.InHead {
		words[4] = "still in HEAD"
	}
	if c.Unreachable {
		words = append(words, "on no branch")
	}
	return strings.Join(slices.DeleteFunc(words, func(s string) bool { return s == "" }), " · ")
}

// Held says in words what holds a finding back, such as "exception EX-7, until 2027-01-31", which is through that day. It
// is target text.
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
