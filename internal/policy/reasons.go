package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/risk"
)

// maxNamed is how many findings the reasons name one by one; the rulings have them all.
const maxNamed = 3

// A tally collects what the reasons are made of.
type tally struct {
	input      *Input
	run        []Ruling // of a rulebook, about the run as a whole
	denied     []named
	warned     int
	ruled      int // findings that are not simply allowed
	failed     int
	newUnknown int // findings denied or warned of only because nobody knows whether they are new
	held       map[risk.Status]int
}

type named struct {
	risk   *risk.Risk
	ruling Ruling
}

func (t *tally) add(r *risk.Risk, ruling Ruling) {
	if ruling.Decision != Allow {
		t.ruled++
	}
	switch ruling.Decision {
	case Deny:
		t.denied = append(t.denied, named{r, ruling})
	case Warn:
		t.warned++
	}
	if ruling.Error != "" {
		t.failed++
	}
	if slices.Contains(ruling.Unknowns, "new") {
		t.newUnknown++
	}
	if r.Status != risk.Open && ruling.Decision == Allow {
		if t.held == nil {
			t.held = map[risk.Status]int{}
		}
		t.held[r.Status]++
	}
}

// reasons says in sentences what decided, the most important first.
func (t *tally) reasons(v *Verdict) []string {
	var list []string
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if len(t.denied) > 0 {
		say("%s denied %s", plural(len(t.denied), "finding"), t.where(v))
	}
	t.nameRun(Deny, say)
	if t.failed > 0 {
		say("A line of the policy failed for %s, and what fails denies", plural(t.failed, "finding"))
	}
	for _, u := range v.Incomplete {
		say("A required check is not complete: %s", u.Reason)
	}
	if t.newUnknown > 0 {
		say("Whether the change brought it in is unknown for %s, and unknown counts as new: there is neither a base nor a baseline",
			plural(t.newUnknown, "finding"))
	}
	list = append(list, t.input.Nothing...)
	if t.warned > 0 {
		say("%s to look at, which does not stop the change", plural(t.warned, "finding"))
	}
	t.nameRun(Warn, say)
	if n := len(t.input.Risks) - t.ruled - t.heldBack(); n > 0 {
		say("%s kept and allowed at this stage", plural(n, "finding"))
	}
	for _, h := range []struct {
		status risk.Status
		by     string
	}{{risk.Baseline, "the baseline"}, {risk.Excepted, "exceptions"}, {risk.Suppressed, "marks and files of tools"}} {
		if n := t.held[h.status]; n > 0 {
			say("%s held back by %s", plural(n, "finding"), h.by)
		}
	}
	t.nameDenied(say)
	if len(list) == 0 && t.input.lookedAt() {
		say("Nothing was found")
	}
	if len(list) == 0 {
		say("Nothing was looked at")
	}
	return list
}

// lookedAt reports whether there was any file to find something in.
func (in *Input) lookedAt() bool {
	return slices.ContainsFunc(in.Coverage, func(r coverage.Record) bool { return r.Files > 0 })
}

func (t *tally) heldBack() (n int) {
	for _, count := range t.held {
		n += count
	}
	return n
}

// where names the services with denied findings, unless there is only one service anyway.
func (t *tally) where(v *Verdict) string {
	var names []string
	for _, s := range v.Services {
		if s.Denied > 0 {
			names = append(names, s.Service)
		}
	}
	if len(v.Services) == 1 {
		return "at stage " + v.Stage
	}
	return "at stage " + v.Stage + " in " + strings.Join(names, ", ")
}

func (t *tally) nameDenied(say func(string, ...any)) {
	slices.SortStableFunc(t.denied, func(a, b named) int { return b.risk.Level.Score - a.risk.Level.Score })
	for i, d := range t.denied {
		if i == maxNamed {
			say("%s denied besides", plural(len(t.denied)-maxNamed, "finding"))
			return
		}
		say("%s in %s is a %v risk: %s, %s", title(d.risk), place(d.risk), d.risk.Level.Level, d.ruling.By, because(d.ruling))
	}
}

// nameRun says what rules decided about the run as a whole.
func (t *tally) nameRun(d Decision, say func(string, ...any)) {
	n := 0
	for _, r := range t.run {
		if r.Decision != d {
			continue
		}
		if n++; n <= maxNamed {
			say("%s: %s", r.By, saysOfRun(r))
		}
	}
	if n > maxNamed {
		say("%s on the run besides", plural(n-maxNamed, "ruling"))
	}
}

func saysOfRun(r Ruling) string {
	if r.Error == "" {
		return r.Message
	}
	text := "failed, which denies: " + r.Error
	if r.Message != "" {
		text += ": " + r.Message
	}
	return text
}

func title(r *risk.Risk) string {
	if r.Title != "" {
		return r.Title
	}
	return r.Rule
}

func place(r *risk.Risk) string {
	p := r.Place
	switch {
	case p.Path != "" && p.Start.Line > 0:
		return fmt.Sprintf("%s:%d", p.Path, p.Start.Line)
	case p.Path != "":
		return p.Path
	case p.Package != "":
		return p.Package
	case p.Commit != nil:
		return "commit " + p.Commit.ID
	case p.Workload != "":
		return p.Workload
	}
	return "an unnamed place"
}

func because(r Ruling) string {
	switch {
	case r.Error != "" && len(r.Unknowns) == 0:
		return "which failed: " + r.Error
	case len(r.Unknowns) > 0:
		return "because " + strings.Join(r.Unknowns, ", ") + " is unknown"
	case r.Message != "":
		return r.Message
	}
	return "because " + r.Expr
}
