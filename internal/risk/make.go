package risk

import (
	"time"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/profile"
)

// New puts a finding in the context of a catalog. It is open, and whether it is new is unknown until somebody says so.
// FirstSeen is the date of the commit that brought it in, where the finding has one; a baseline may know better.
func New(f finding.Finding, target string, c *profile.Catalog) Risk {
	s := c.Service(f.Place.Path)
	r := Risk{
		Finding: f, Target: target, Service: s.Name, Engine: f.Engine(), Owner: c.Owner(f.Place.Path),
		Level: Assess(&f, &s), New: NewUnknown, Status: Open,
	}
	if f.Place.Commit != nil {
		r.FirstSeen = f.Place.Commit.Date
	}
	return r
}

// SetDue dates each risk from when it was first seen. A date after now is one that somebody made up, such as the clock
// of a commit's author, and counts as unknown: it would put off the due date for as long as they like.
func SetDue(risks []Risk, table DueTable, services []profile.Service, now time.Time) {
	tiers := make(map[string]profile.Tier, len(services))
	for _, s := range services {
		tiers[s.Name] = s.Tier
	}
	for i := range risks {
		r := &risks[i]
		if r.FirstSeen.After(now) {
			r.FirstSeen = time.Time{}
		}
		r.Due = table.Due(tiers[r.Service], r.Level.Level, r.FirstSeen)
	}
}

// Overdue reports whether the due date has passed; known is false where there is none.
func (r *Risk) Overdue(now time.Time) (overdue, known bool) {
	return now.After(r.Due), !r.Due.IsZero()
}
