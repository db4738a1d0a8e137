package report

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/risk"
)

// A Tone says how much a reader should mind.
type Tone uint8

// The tones, the most urgent first.
const (
	Broken Tone = iota // it permits nothing any more, and what it speaks about is judged without it
	Soon               // it ends soon, or does not permit all that it speaks about
	Steady
)

// A Standing is what an exception, or a mark with a last day, does today, as a sentence in parts: "EX-7" "permits 1 finding"
// ": 12 days left".
type Standing struct {
	Name   string // the ID of an exception, or the place of a mark; target text
	Where  string // the target in words, where there are several; target text
	Does   string
	Detail string // target text; may be empty
	State  string // in a word or two
	Tone   Tone
}

// String is the whole sentence, without a period. It is target text.
func (s Standing) String() string {
	if s.Detail == "" {
		return s.Subject() + " " + s.Does
	}
	return s.Subject() + " " + s.Does + ": " + s.Detail
}

// Markdown is the sentence with what needs an eye made bold; code and prose make target text safe.
func (s Standing) Markdown(code, prose func(string) string) string {
	out, does := code(s.Name), prose(s.Does)
	if s.Where != "" {
		out += " on " + prose(s.Where)
	}
	switch s.Tone {
	case Broken:
		out = "⚠️ " + out + " **" + does + "**"
	case Soon:
		out = "⏳ " + out + " " + does
	default:
		out += " " + does
	}
	if s.Detail != "" {
		out += ": " + prose(s.Detail)
	}
	return out
}

// Subject is what the sentence is about. It is target text.
func (s Standing) Subject() string {
	if s.Where == "" {
		return s.Name
	}
	return s.Name + " on " + s.Where
}

// Standings lists what a reader should hear of exceptions and of marks that end: what permits nothing any more first, then
// the first to end. Exceptions that do nothing today, and need not do anything, are left out.
func (v *View) Standings() []Standing {
	type ending struct {
		Standing
		last time.Time
	}
	var list []ending
	for i := range v.Exceptions {
		e := &v.Exceptions[i]
		if s, told := v.exception(e); told {
			list = append(list, ending{s, e.Expires})
		}
	}
	for _, h := range v.holds() {
		list = append(list, ending{v.hold(&h), h.expires})
	}
	slices.SortStableFunc(list, func(a, b ending) int {
		return cmp.Or(cmp.Compare(a.Tone, b.Tone), a.last.Compare(b.last), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Where, b.Where))
	})
	out := make([]Standing, len(list))
	for i := range list {
		out[i] = list[i].Standing
	}
	return out
}

// Lost are the standings that permit nothing any more.
func Lost(list []Standing) []Standing {
	n := slices.IndexFunc(list, func(s Standing) bool { return s.Tone != Broken })
	if n < 0 {
		return list
	}
	return list[:n]
}

// States are the states of an exception, as package register names them.
var States = []string{inForce, expired, void, unused, notYet}

const (
	inForce = "in force"
	expired = "expired"
	void    = "void"
	unused  = "unused"
	notYet  = "not yet"
)

// exception puts an exception into words, and says whether a reader should hear of it.
func (v *View) exception(e *Exception) (s Standing, told bool) {
	s = Standing{Name: e.ID, Where: v.where(e.Target), State: e.State, Tone: Broken}
	left, soon := countdown(e.Expires, v.Now)
	switch e.State {
	case inForce:
		s.Does, s.Tone = "permits "+permitted(e), Steady
		if soon || e.Problem != "" {
			s.Tone = Soon
		}
		s.Detail = sentence(e.Problem, left, by(e), owned(e.Owner))
	case unused:
		s.Does, s.Tone = "matches nothing today", Steady
		s.Detail = sentence(left, owned(e.Owner))
		return s, soon
	case notYet:
		return s, false
	case expired:
		s.Does = "expired on " + Day(e.Expires)
		s.Detail = sentence(without(e.Matches), owned(e.Owner))
		if e.Matches == 0 {
			s.Tone, s.Detail = Steady, sentence("it matches nothing", owned(e.Owner))
		}
	default: // void, or a state that nobody knows
		s.Does = "is " + e.State
		s.Detail = sentence(e.Problem, without(e.Matches), by(e), owned(e.Owner))
	}
	return s, true
}

// permitted counts what an exception holds back.
func permitted(e *Exception) string {
	switch {
	case e.Covers == 0:
		return "nothing"
	case e.Covers < e.Matches:
		return fmt.Sprintf("%s of %s", Number(e.Covers), Plural(e.Matches, "finding"))
	}
	return Plural(e.Covers, "finding")
}

// without says what becomes of the findings that an exception speaks about and does not permit.
func without(matches int) string {
	switch matches {
	case 0:
		return ""
	case 1:
		return "1 finding is judged without it, with its original due date"
	}
	return Plural(matches, "finding") + " are judged without it, with their original due dates"
}

func by(e *Exception) string {
	switch {
	case e.Approver == "":
		return ""
	case e.Approval == "":
		return "approved by " + e.Approver
	}
	return "approved by " + e.Approver + " (" + e.Approval + ")"
}

func owned(owner string) string {
	if owner == "" {
		return ""
	}
	return "owner " + owner
}

// A held counts the findings that one mark, or one exception that the document does not list, holds back.
type held struct {
	kind, source, owner, target string
	expires                     time.Time
	findings                    int
}

// holds lists what else holds findings back until a day.
func (v *View) holds() []held {
	type name struct{ kind, source, target string }
	at := map[name]int{}
	for i := range v.Exceptions {
		at[name{"exception", v.Exceptions[i].ID, v.Exceptions[i].Target}] = -1
	}
	var list []held
	for _, r := range v.ByGroup[Kept] {
		s := r.Suppression
		if s == nil || s.Expires.IsZero() && r.Status != risk.Excepted {
			continue
		}
		n := name{s.Kind, s.Source, r.Target}
		i, ok := at[n]
		if !ok {
			i = len(list)
			at[n] = i
			list = append(list, held{kind: s.Kind, source: s.Source, owner: s.Owner, target: r.Target, expires: s.Expires})
		}
		if i >= 0 {
			list[i].findings++
		}
	}
	return list
}

func (v *View) hold(h *held) Standing {
	s := Standing{Name: cmp.Or(h.source, h.kind), Where: v.where(h.target), State: h.kind, Tone: Steady}
	left, soon := countdown(h.expires, v.Now)
	if soon {
		s.Tone = Soon
	}
	s.Does = "holds back " + Plural(h.findings, "finding")
	s.Detail = sentence(left, owned(h.owner))
	return s
}

// where names a target in words, where there are several.
func (v *View) where(id string) string {
	if len(v.Targets) < 2 || id == "" {
		return ""
	}
	t := v.Target(id)
	if t.Kind == "" {
		return t.Name
	}
	return t.Name + " (" + t.Kind + ")"
}

// countdown says how long something holds whose last day is known, in UTC, and whether that is soon.
func countdown(last, now time.Time) (words string, soon bool) {
	if Time(last).IsZero() {
		return "it has no end that is known", false
	}
	const day = 24 * time.Hour
	left := int(last.UTC().Truncate(day).Sub(Time(now).Truncate(day)) / day)
	switch {
	case left < 0:
		return "it ended on " + Day(last), true
	case left == 0:
		return "until the end of today, " + Day(last), true
	}
	return Plural(left, "day") + " left, until " + Day(last), left <= policy.ExpiringDays
}

// sentence joins the parts that are there.
func sentence(parts ...string) string {
	out := ""
	for _, p := range parts {
		switch {
		case p == "":
		case out == "":
			out = p
		default:
			out += "; " + p
		}
	}
	return out
}
