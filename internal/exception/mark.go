package exception

import (
	"fmt"
	"time"

	"github.com/assaysec/assay/internal/risk"
)

// Assay is the tool of our own marks: assay:ignore RULE until=2027-01-31 reason="…".
const Assay = "assay"

// A Mark is a suppression comment that a scan found in the text.
type Mark struct {
	Target string // ID of the target it was found in
	Commit string // the commit, where the text belongs to one
	Path   string
	Line   int
	Next   bool     // it stands alone in its line and speaks about the next one
	Tool   string   // whose mark it is: assay, gitleaks …
	Rules  []string // the rules it names, under any of their names; none means all of the tool, but for assay
	Reason string
	Until  string // as written; it permits through this day in UTC
	Name   string // its word, as it is written
	Text   string // from its word to the end of the line, without what could be a secret
}

// Source is the mark's place, as a suppression and the census show it.
func (m *Mark) Source() string { return fmt.Sprintf("%s:%d", m.Path, m.Line) }

// A MarkUse says what a mark does, for the census.
type MarkUse struct {
	Mark    Mark
	Hides   int
	Problem string // why it has no effect, or not on all it speaks about
}

// Brings reports whether the change under judgement brings a mark to a risk. Who swaps the secret beside an old mark, or
// moves the mark to another line, brings it in.
type Brings func(*Mark, *risk.Risk) bool

// A Judge reports whether the gate would deny an open risk; see policy.Input.Denies.
type Judge func(risk.Risk) bool

// ApplyMarks suppresses the open risks that marks speak about. It asks the judge first: a mark of Assay, and any mark
// that the change itself brings in, hides nothing that the gate would deny. Without a judge nothing can be known to
// pass, so such a mark hides nothing at all.
func ApplyMarks(risks []risk.Risk, marks []Mark, now time.Time, judge Judge, brings Brings) []MarkUse {
	uses := make([]MarkUse, len(marks))
	at := map[place][]int{}
	for i, m := range marks {
		uses[i].Mark = m
		if uses[i].Problem = m.problem(now); uses[i].Problem == "" {
			at[m.place()] = append(at[m.place()], i)
		}
	}
	for i := range risks {
		for _, n := range speakers(&risks[i], at) {
			if risks[i].Status == risk.Open && carries(&risks[i].Finding, marks[n].Tool, marks[n].Rules) {
				uses[n].hide(&risks[i], judge, brings)
			}
		}
	}
	return uses
}

// A place is the line that a mark speaks about.
type place struct {
	target, commit, path string
	line                 int
}

func (m *Mark) place() place {
	p := place{m.Target, m.Commit, m.Path, m.Line}
	if m.Next {
		p.line++
	}
	return p
}

// maxLines is how far down a finding marks are looked for. Longer ones are rare, and hostile where they are huge.
const maxLines = 500

// speakers finds the marks on the lines of a risk.
func speakers(r *risk.Risk, at map[place][]int) []int {
	if len(at) == 0 || r.Place.Start.Line == 0 {
		return nil
	}
	p := place{target: r.Target, path: r.Place.Path}
	if r.Place.Commit != nil {
		p.commit = r.Place.Commit.ID
	}
	last := min(max(r.Place.End.Line, r.Place.Start.Line), r.Place.Start.Line+maxLines)
	var found []int
	for p.line = r.Place.Start.Line; p.line <= last; p.line++ {
		found = append(found, at[p]...)
	}
	return found
}

// problem says why a mark has no effect anywhere.
func (m *Mark) problem(now time.Time) string {
	if m.Tool == Assay && len(m.Rules) == 0 {
		return "it names no rule"
	}
	if m.Until == "" {
		return ""
	}
	end, err := m.end()
	switch {
	case err != nil:
		return fmt.Sprintf("until=%q is not a date such as 2027-01-31", m.Until)
	case !now.Before(end):
		return "it expired on " + m.Until
	}
	return ""
}

// end is the first moment at which a mark does not permit any more.
func (m *Mark) end() (time.Time, error) {
	day, err := time.Parse(time.DateOnly, m.Until)
	return day.AddDate(0, 0, 1), err
}

func (u *MarkUse) hide(r *risk.Risk, judge Judge, brings Brings) {
	if (u.Mark.Tool == Assay || brings(&u.Mark, r)) && (judge == nil || judge(*r)) {
		u.Problem = "it cannot hide " + r.Rule + ", which the gate would deny"
		return
	}
	s := &risk.Suppression{Kind: "inline", Source: u.Mark.Source(), Reason: u.Mark.Reason}
	if u.Mark.Until != "" {
		s.Expires, _ = u.Mark.end()
	}
	r.Status, r.Suppression = risk.Suppressed, s
	u.Hides++
}
