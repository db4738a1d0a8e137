package cli

import (
	"fmt"
	"strings"

	"github.com/assaysec/assay/internal/git/odb"
	"github.com/assaysec/assay/internal/judge"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
)

// maxWhy bounds how many reasons are shown for each change.
const maxWhy = 5

// An answer is what a gate did with a change, mildest first. A required check that is not complete stops it as well.
type answer int

const (
	allowed answer = iota
	warned
	incomplete
	denied
)

func answerOf(v *policy.Verdict) answer {
	switch {
	case v.Decision == policy.Deny:
		return denied
	case len(v.Incomplete) > 0:
		return incomplete
	case v.Decision == policy.Warn:
		return warned
	}
	return allowed
}

func (a answer) String() string { return [...]string{"allow", "warn", "incomplete", "deny"}[a] }

func (a answer) stops() bool { return a >= incomplete }

// tell counts a change, and shows one about which the two policies differ.
func (w *whatIf) tell(id odb.ID, info odb.CommitInfo, then, now *judge.Ruling) {
	was, is := answerOf(&then.Verdict), answerOf(&now.Verdict)
	switch {
	case was == is:
		w.same++
		if is.stops() {
			w.sameStopped++
		}
		return
	case is.stops() && !was.stops():
		w.stopped++
	case was.stops() && !is.stops():
		w.freed++
	default:
		w.otherwise++
	}
	w.head(id, info)
	w.line("    %v instead of %v", is, was)
	stricter := now
	if was > is {
		stricter = then
	}
	w.why(stricter, max(was, is))
}

func (w *whatIf) head(id odb.ID, info odb.CommitInfo) {
	summary, _, _ := strings.Cut(info.Message, "\n")
	w.line("%s  %.12s  %s", report.Day(info.Committer.When), id, summary)
}

// why names what led to an answer.
func (w *whatIf) why(r *judge.Ruling, a answer) {
	var list []string
	if a == incomplete {
		for _, u := range r.Verdict.Incomplete {
			list = append(list, u.Reason)
		}
	} else {
		list = rulingLines(r, a.String())
	}
	for _, text := range list[:min(len(list), maxWhy)] {
		w.line("      %s", text)
	}
	if more := len(list) - maxWhy; more > 0 {
		w.line("      and %s more", report.Number(more))
	}
}

// rulingLines puts each ruling of a kind into a line: what it is about, and who says so.
func rulingLines(r *judge.Ruling, decision string) []string {
	type key struct{ target, fingerprint string }
	about := map[key]string{}
	for i := range r.Risks {
		x := &r.Risks[i]
		about[key{x.Target, x.Fingerprint}] = report.Where(&x.Place) + " " + x.Title
	}
	var list []string
	for i := range r.Verdict.Rulings {
		ruling := &r.Verdict.Rulings[i]
		if string(ruling.Decision) != decision {
			continue
		}
		what := report.Told(ruling)
		if finding := about[key{ruling.Target, ruling.Fingerprint}]; finding != "" {
			what = finding + ": " + what
		}
		list = append(list, fmt.Sprintf("%s (%s)", what, ruling.By))
	}
	return list
}

func (w *whatIf) line(format string, args ...any) {
	say(w.app.Stdout, w.app.hide(fmt.Sprintf(format, args...)))
}

func (w *whatIf) summary(since string) {
	all := w.stopped + w.freed + w.otherwise + w.same + w.undecided
	if all == 0 {
		w.line("no change since %s", since)
		return
	}
	w.line("%s since %s, each decided again as of its own time, with %s", report.Plural(all, "change"), since, w.policy)
	for _, s := range []struct {
		n    int
		says string
	}{
		{w.stopped, "stopped that the policy of then lets pass"},
		{w.freed, "let pass that the policy of then stops"},
		{w.otherwise, "with another answer, to the same effect"},
		{w.same, fmt.Sprintf("with the same answer, of which %s stopped", report.Number(w.sameStopped))},
		{w.undecided, "could not be decided"},
	} {
		if s.n > 0 {
			w.line("%6s  %s", report.Number(s.n), s.says)
		}
	}
}
