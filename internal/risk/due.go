package risk

import (
	"slices"
	"time"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/profile"
)

// Levels is every level a risk can have, mildest first.
var Levels = []finding.Severity{finding.Info, finding.Low, finding.Medium, finding.High, finding.Critical}

// A DueTable holds the days until a risk should be gone, by the service's tier and the risk's level.
type DueTable map[profile.Tier]map[finding.Severity]int

// DefaultDue gives a fresh copy of the table that holds where nothing else was said.
func DefaultDue() DueTable {
	days := func(critical, high, medium, low, info int) map[finding.Severity]int {
		return map[finding.Severity]int{
			finding.Critical: critical, finding.High: high, finding.Medium: medium, finding.Low: low, finding.Info: info,
		}
	}
	return DueTable{
		profile.TierCritical: days(3, 14, 45, 120, 365),
		profile.TierHigh:     days(7, 30, 90, 180, 365),
		profile.TierMedium:   days(14, 45, 90, 180, 365),
		profile.TierLow:      days(30, 90, 180, 365, 365),
	}
}

// Set changes one entry.
func (t DueTable) Set(tier profile.Tier, level finding.Severity, days int) {
	if t[tier] == nil {
		t[tier] = map[finding.Severity]int{}
	}
	t[tier][level] = days
}

// Due counts from the day a fault was first seen. It is zero, which is unknown, where that day is. A service of unknown
// tier is held to the shortest time.
func (t DueTable) Due(tier profile.Tier, level finding.Severity, firstSeen time.Time) time.Time {
	if firstSeen.IsZero() {
		return time.Time{}
	}
	days := t[tier][level]
	if !slices.Contains(profile.Tiers, tier) {
		days = t[profile.TierCritical][level]
		for _, known := range profile.Tiers {
			days = min(days, t[known][level])
		}
	}
	return firstSeen.UTC().AddDate(0, 0, days)
}
