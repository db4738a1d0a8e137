package comment

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/risk"
)

// An ending is something that holds findings back until a day.
type ending struct {
	*risk.Suppression
	findings int
}

// exceptions lists what holds findings back for a time, the first to end first.
func exceptions(v *report.View) []ending {
	type name struct {
		kind, source string
		expires      time.Time
	}
	at := map[name]int{}
	var list []ending
	for _, r := range v.ByGroup[report.Kept] {
		s := r.Suppression
		if s == nil || s.Expires.IsZero() && r.Status != risk.Excepted {
			continue
		}
		n := name{s.Kind, s.Source, s.Expires.UTC()}
		i, ok := at[n]
		if !ok {
			i = len(list)
			at[n] = i
			list = append(list, ending{Suppression: s})
		}
		list[i].findings++
	}
	slices.SortStableFunc(list, func(a, b ending) int {
		return cmp.Or(a.Expires.Compare(b.Expires), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Source, b.Source))
	})
	return list
}

// exceptions counts them down.
func (t *text) exceptions(v *report.View) {
	list := exceptions(v)
	if len(list) == 0 || !t.add("#### Exceptions\n\n") {
		return
	}
	t.list(len(list), maxExceptions, "exception", "- ", func(i int) string {
		e := list[i]
		s := "- " + code(cmp.Or(e.Source, e.Kind)) + " " + until(e.Expires, v.Now) + ": it holds back " + report.Plural(e.findings, "finding")
		if e.Owner != "" {
			s += ", owner " + code(e.Owner)
		}
		return s + "\n"
	})
	t.add("\n")
}

// until says, in the word that all reports use, how long something holds, and counts the days, in UTC.
func until(last, now time.Time) string {
	if report.Time(last).IsZero() {
		return "has no end that is known"
	}
	const day = 24 * time.Hour
	days := int(last.UTC().Truncate(day).Sub(now.UTC().Truncate(day)) / day)
	on := report.Day(last)
	switch {
	case days < 0:
		return "**ended on " + on + "**"
	case days == 0:
		return "**until today**, " + on
	case days == 1:
		return "**until tomorrow**, " + on
	case days <= 14:
		return "**until " + on + ", " + strconv.Itoa(days) + " more days**"
	}
	return "until " + on + ", " + report.Number(days) + " more days"
}
