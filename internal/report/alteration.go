package report

import (
	"slices"
	"strconv"
	"strings"

	"github.com/assaysec/assay/internal/policy"
)

// What every format says above the list of alterations.
const (
	AltersTitle = "This change alters what judges it"
	AltersNote  = "the base judges: none of this has an effect before the merge"
)

// Where names the line of an alteration. It is target text.
func (a *Alteration) Where() string {
	if a.Line < 1 {
		return a.Path
	}
	return a.Path + ":" + strconv.Itoa(a.Line)
}

// String tells an alteration in a sentence without a period. It is target text.
func (a *Alteration) String() string {
	s := "the change " + a.What + " (" + a.Where() + ")"
	if a.Loosens {
		s += ", which loosens what judges it"
	}
	return s
}

// Altered lists what the change does to the files that judge it, what loosens first.
func (v *View) Altered() []Alteration {
	list := slices.Clone(v.Alterations)
	slices.SortStableFunc(list, func(a, b Alteration) int { return mild(a) - mild(b) })
	return list
}

func mild(a Alteration) int {
	if a.Loosens {
		return 0
	}
	return 1
}

// Loosening counts the alterations, and those that loosen, such as "3 alterations, 1 loosens".
func Loosening(list []Alteration) string {
	loosen := 0
	for _, a := range list {
		loosen += 1 - mild(a)
	}
	words := Plural(len(list), "alteration")
	switch loosen {
	case 0:
		return words + ", none loosens"
	case 1:
		return words + ", 1 loosens"
	}
	return words + ", " + Number(loosen) + " loosen"
}

// Census is the command that lists suppressions one by one.
const Census = "assay exceptions census"

// Marks counts the suppressions by marks and ignore files of tools in one line, empty where there are none.
func (d *Document) Marks() string {
	s := d.Suppressions
	if s == nil || s.Count == 0 {
		return ""
	}
	words := Plural(s.Count, "suppression") + " by marks and ignore files"
	if odd := oddities(s); len(odd) > 0 {
		words += ": " + strings.Join(odd, ", ")
	}
	return words
}

func oddities(s *policy.SuppressionCounts) []string {
	var words []string
	for _, c := range []struct {
		n    int
		what string
	}{
		{s.WithoutReason, " without a reason"}, {s.Unused, " unused"}, {s.Expired, " expired"},
		{s.CannotTell, " of which nobody can tell whether it hides anything"},
	} {
		if c.n > 0 {
			words = append(words, Number(c.n)+c.what)
		}
	}
	if s.CannotTell > 1 {
		words[len(words)-1] = Number(s.CannotTell) + " of which nobody can tell whether they hide anything"
	}
	return words
}
