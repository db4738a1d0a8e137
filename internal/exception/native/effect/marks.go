package effect

import (
	"slices"
	"time"

	"github.com/assaysec/assay/internal/exception/native"
	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/risk"
)

// Brings reports whether the change under judgement brings a mark to a risk. Who swaps the secret beside an old mark, or
// moves the mark to another line, brings it in.
type Brings func(*Mark, *risk.Risk) bool

// A Judge reports whether the gate would deny an open risk; see policy.Input.Denies.
type Judge func(risk.Risk) bool

// Options are what the effect of marks depends on beside the risks.
type Options struct {
	Now    time.Time
	Judge  Judge  // without it nothing is known to pass, so marks that need to be judged hold nothing
	Brings Brings // nil: nothing is brought in, or the base's policy accepts it; a mark of ours must be judged all the same
}

// Limits. What is beyond them holds nothing.
const (
	maxLines   = 500 // of a finding, downwards; longer ones are rare, and hostile where they are huge
	maxWide    = 500 // marks about blocks or files, in one file
	maxOnLine  = 100 // marks about one line
	maxRelated = 50  // places of a finding
	narrow     = 3   // lines; shorter reaches are looked up by line
)

// ApplyMarks suppresses the open risks that marks speak about, and says what each mark does. It asks the judge first: a
// mark of Assay, and any mark that the change itself brings in, holds nothing that the gate would deny.
func ApplyMarks(risks []risk.Risk, marks []Mark, o Options) []Use {
	a := &applier{marks: marks, uses: make([]Use, len(marks)), lines: map[line][]reach{}, wide: map[file][]reach{}, options: o}
	for i := range marks {
		a.uses[i] = marks[i].use(o.Now)
		if a.uses[i].Problem == "" {
			a.index(i)
		}
	}
	for i := range risks {
		if risks[i].Status == risk.Open && len(marks) > 0 {
			a.apply(&risks[i])
		}
	}
	return a.uses
}

// use is what can be said of a mark before it meets risks.
func (m *Mark) use(now time.Time) Use {
	u := Use{
		Kind: Inline, Tool: m.Tool, Target: m.Target, Commit: m.Commit, Path: m.Path, Line: m.Line, Column: m.Column, Rules: m.Rules,
		Except: m.Except, Text: m.Text, Reason: m.Reason, Until: m.Until, Problem: m.Problem, Unreadable: m.Unreadable,
	}
	if m.Until != "" {
		if end, err := native.End(m.Tool, m.Until); err == nil {
			u.End = end
		} else if u.Problem == "" {
			u.Problem, u.Unreadable = err.Error(), true
		}
	}
	switch {
	case u.Problem == "" && m.Tool == native.Assay && len(m.Rules) == 0:
		u.Problem, u.Unreadable = "it names no rule", true
	case u.Problem == "" && !u.End.IsZero() && !now.Before(u.End):
		u.Problem, u.Expired = "it expired on "+m.Until, true
	}
	u.Idle = u.Problem != "" && !u.Unreadable && !u.Expired
	return u
}

// A file, and a line in it, as findings and marks name them.
type (
	file struct{ target, commit, path string }
	line struct {
		file
		number int
	}
	reach struct {
		native.Reach
		mark int
	}
)

type applier struct {
	marks   []Mark
	uses    []Use
	lines   map[line][]reach
	wide    map[file][]reach
	options Options
}

// index notes where a mark speaks. One that would make lines or files too crowded holds nothing.
func (a *applier) index(i int) {
	m := &a.marks[i]
	in := file{m.Target, m.Commit, m.Path}
	for _, r := range m.Reach {
		if r.Last-r.First >= narrow && len(a.wide[in]) >= maxWide || len(a.lines[line{in, r.First}]) >= maxOnLine {
			a.uses[i].Problem, a.uses[i].Idle = "too many marks speak about the same lines; this one holds nothing", true
			return
		}
	}
	for _, r := range m.Reach {
		if r.Last-r.First >= narrow {
			a.wide[in] = append(a.wide[in], reach{r, i})
			continue
		}
		for n := r.First; n <= r.Last; n++ {
			a.lines[line{in, n}] = append(a.lines[line{in, n}], reach{r, i})
		}
	}
}

// apply asks the marks that speak about a risk, in their order, until one holds it.
func (a *applier) apply(r *risk.Risk) {
	spoken := a.speakers(r)
	slices.Sort(spoken)
	for _, i := range slices.Compact(spoken) {
		if a.try(i, r); r.Status != risk.Open {
			return
		}
	}
}

// speakers finds the marks that reach a risk and name it.
func (a *applier) speakers(r *risk.Risk) []int {
	var out []int
	places := append([]finding.Place{r.Place}, r.Related[:min(len(r.Related), maxRelated)]...)
	for n := range places {
		p := &places[n]
		in := file{r.Target, commitOf(r.Place.Commit), p.Path}
		if n > 0 && (p.Target != "" && p.Target != r.Target || p.Path == "") {
			continue
		}
		first := p.Start.Line
		last := min(max(p.End.Line, first), first+maxLines)
		take := func(found []reach) {
			for _, x := range found {
				if x.Speaks(a.marks[x.mark].Tool, p, n > 0) && a.names(x, &r.Finding) {
					out = append(out, x.mark)
				}
			}
		}
		take(a.wide[in])
		for number := first; number <= last && number > 0; number++ {
			take(a.lines[line{in, number}])
		}
	}
	return out
}

func commitOf(c *finding.Commit) string {
	if c == nil {
		return ""
	}
	return c.ID
}

// names reports whether a finding carries a name that a mark speaks about.
func (a *applier) names(x reach, f *finding.Finding) bool {
	m := &a.marks[x.mark]
	rules := m.Rules
	if len(x.Rules) > 0 {
		rules = x.Rules
	}
	if !native.Carries(f, m.Tool, rules) {
		return false
	}
	return len(m.Except) == 0 || !slices.ContainsFunc(native.Names(f, m.Tool), func(name string) bool { return native.Named(m.Tool, m.Except, name) })
}

// try holds a risk by a mark, if the mark may.
func (a *applier) try(i int, r *risk.Risk) {
	m, u := &a.marks[i], &a.uses[i]
	brought := a.options.Brings != nil && a.options.Brings(m, r)
	if (m.Tool == native.Assay || brought) && (a.options.Judge == nil || a.options.Judge(*r)) {
		u.Problem = "it cannot hide " + r.Rule + ", which the gate would deny"
		return
	}
	u.hold(r)
}
