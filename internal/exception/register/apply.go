package register

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/risk"
	"github.com/assaysec/assay/internal/sshsig"
)

// Input is all that the state of an exception depends on beside the file and the findings.
type Input struct {
	Now        time.Time
	Repository string // its name, for which approvals hold
	Limits     Limits
	Answers    []Answer       // of compensating checks; see Checks.Answer and Merge
	Renewals   map[string]int // by Match.Key; see Renewals
	// RenewalsCut says that there may have been more: the history is not all there.
	RenewalsCut bool
	Signers     *sshsig.AllowedSigners // nil where the base has none

	answers map[[2]string]*Answer // by exception and control; made by Apply
}

// Limits are the policy's, over all exceptions.
type Limits struct {
	MaxDays          int           `json:"maxDays,omitempty"`     // longest time from created to expires; 0: any
	MaxRenewals      *int          `json:"maxRenewals,omitempty"` // nil: any number
	MaxFindings      int           `json:"maxFindings,omitempty"` // the most that a max-findings may ask for; 0: any
	RequireSignature bool          `json:"requireSignature,omitempty"`
	MaxProbeAge      time.Duration `json:"maxProbeAge,omitempty"` // how old the last answer of a probe may be; 0: it must be of this run
}

// A State says whether an exception permits anything.
type State string

// The states.
const (
	InForce State = "in force"
	Expired State = "expired"
	Void    State = "void"
	Unused  State = "unused"  // nothing matches
	NotYet  State = "not yet" // its day of creation lies ahead
)

// A Use says what an exception does today.
type Use struct {
	ID       string    `json:"id"`
	Kind     Kind      `json:"kind"`
	Owner    string    `json:"owner"`
	Approver string    `json:"approver"`
	Approval Approval  `json:"approval"`
	State    State     `json:"state"`
	Problem  string    `json:"problem,omitempty"` // why it does not permit, or not all that it matches
	Expires  time.Time `json:"expires"`           // the last day
	DaysLeft int       `json:"daysLeft"`          // 0 on the last day
	Renewals int       `json:"renewals"`
	Matches  int       `json:"matches"` // findings it speaks about, each counted once
	Covers   int       `json:"covers"`  // those it holds back

	Exception *Exception `json:"-"`
}

// Apply sets the status of each risk that an exception in force covers, and says what each exception does. A risk that
// several cover is the first one's. A void exception changes nothing: what it covered keeps its due date.
//
// A risk in the baseline becomes excepted: an exception is the stronger statement, owned, approved and ending, and the
// gate asks what is in the baseline whether it is overdue (policy.heldBack), which an exception must be able to answer.
// One that a tool's mark holds back stays with the mark: it is held back as far, and the census counts what marks hide.
// A credential known to be live is never excepted.
func (reg *Register) Apply(risks []risk.Risk, in Input) []Use {
	in.answers = make(map[[2]string]*Answer, len(in.Answers))
	for i := range in.Answers {
		in.answers[[2]string{in.Answers[i].ID, in.Answers[i].Control}] = &in.Answers[i]
	}
	live := liveFaults(risks)
	uses := make([]Use, len(reg.Exceptions))
	for i, matched := range reg.matches(risks) {
		e := &reg.Exceptions[i]
		uses[i] = e.judge(&in, distinct(risks, matched))
		if uses[i].State == InForce {
			uses[i].hold(risks, matched, live)
		}
	}
	return uses
}

// matches gives for each exception the risks it speaks about. Exceptions are looked up by fingerprint and rule, so that
// the work does not grow with their number times that of the findings.
func (reg *Register) matches(risks []risk.Risk) [][]int {
	named, others := map[string][]int{}, []int{}
	for i := range reg.Exceptions {
		switch m := &reg.Exceptions[i].Match; {
		case m.Fingerprint != "":
			named[m.Fingerprint] = append(named[m.Fingerprint], i)
		case m.Rule != "":
			named[m.Rule] = append(named[m.Rule], i)
		default:
			others = append(others, i)
		}
	}
	matched := make([][]int, len(reg.Exceptions))
	for n := range risks {
		r := &risks[n]
		asked := slices.Concat(named[r.Fingerprint], named[r.Rule], others)
		for _, alias := range r.Aliases {
			asked = append(asked, named[alias]...)
		}
		slices.Sort(asked)
		for _, i := range slices.Compact(asked) {
			if reg.Exceptions[i].Match.Fits(r) {
				matched[i] = append(matched[i], n)
			}
		}
	}
	return matched
}

// distinct counts findings: one that was met in two targets, such as a folder and its history, is one.
func distinct(risks []risk.Risk, matched []int) int {
	seen, unnamed := map[string]bool{}, 0
	for _, n := range matched {
		if print := risks[n].Fingerprint; print != "" {
			seen[print] = true
		} else {
			unnamed++
		}
	}
	return len(seen) + unnamed
}

func (e *Exception) judge(in *Input, matches int) Use {
	u := Use{
		ID: e.ID, Kind: e.Kind, Owner: e.Owner, Approver: e.Approver, Expires: e.Expires, DaysLeft: e.DaysLeft(in.Now),
		Renewals: in.Renewals[e.Match.Key()], Matches: matches, Exception: e,
	}
	var problem string
	u.Approval, problem = e.Approval(in)
	if !in.Now.Before(e.Ends()) {
		u.State, u.Problem = Expired, "it expired on "+e.Expires.Format(time.DateOnly)
		return u
	}
	if in.Now.Before(e.Created) {
		u.State, u.Problem = NotYet, "it begins on "+e.Created.Format(time.DateOnly)
		return u
	}
	problems := append([]string{problem}, e.beyond(in, u.Renewals, matches)...)
	if matches > 0 {
		problems = append(problems, e.failing(in)...)
	}
	problems = slices.DeleteFunc(problems, func(p string) bool { return p == "" })
	switch {
	case len(problems) > 0:
		u.State, u.Problem = Void, strings.Join(problems, "; ")
	case matches == 0:
		u.State = Unused
	default:
		u.State = InForce
	}
	return u
}

// beyond names the limits that an exception exceeds.
func (e *Exception) beyond(in *Input, renewals, matches int) []string {
	var list []string
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	l := in.Limits
	if n := e.Length(); l.MaxDays > 0 && n > l.MaxDays {
		say("it lasts %d days, and the policy allows %d", n, l.MaxDays)
	}
	if l.MaxRenewals != nil && renewals > *l.MaxRenewals {
		say("its match was renewed %d times, and the policy allows %d", renewals, *l.MaxRenewals)
	}
	if l.MaxRenewals != nil && renewals <= *l.MaxRenewals && in.RenewalsCut {
		say("nobody knows how often its match was renewed, which the policy limits: the history is not all here (git fetch --unshallow)")
	}
	if l.MaxFindings > 0 && e.MaxFindings > l.MaxFindings {
		say("its max-findings is %d, and the policy allows %d", e.MaxFindings, l.MaxFindings)
	}
	if matches > e.MaxFindings {
		say("it matches %d findings, and max-findings is %d", matches, e.MaxFindings)
	}
	return list
}

// failing names the controls that do not hold, or of which nobody knows today.
func (e *Exception) failing(in *Input) []string {
	var list []string
	for i := range e.Compensating {
		c := &e.Compensating[i]
		if problem := c.failing(e.ID, in); problem != "" {
			list = append(list, fmt.Sprintf("the control %s %s", c.Control, problem))
		}
	}
	return list
}

func (c *Control) failing(id string, in *Input) string {
	digest := c.Check.Digest()
	a := in.answers[[2]string{id, c.Control}]
	if a == nil {
		return "was not checked"
	}
	age := in.Now.Sub(a.At)
	switch {
	case a.Check != digest || a.Kind != c.Check.Kind():
		return "was not checked since its check was changed"
	case age < 0:
		return "was checked at a time that lies ahead, " + a.At.UTC().Format(time.RFC3339)
	case age > 0 && a.Kind != HTTPSKind:
		return "was not checked in this run"
	case age > in.Limits.MaxProbeAge && age > 0:
		return "was last checked at " + a.At.UTC().Format(time.RFC3339) + ", which is too long ago"
	case !a.OK && a.Detail != "":
		return "failed: " + a.Detail
	case !a.OK:
		return "failed"
	}
	return ""
}

// liveFaults gives the fingerprints of credentials that are live, wherever one was asked: the same one elsewhere, such as
// in the history, is as live.
func liveFaults(risks []risk.Risk) map[string]bool {
	live := map[string]bool{}
	for i := range risks {
		if risks[i].Verification == finding.Live && risks[i].Fingerprint != "" {
			live[risks[i].Fingerprint] = true
		}
	}
	return live
}

// hold puts the risks of an exception in force under it.
func (u *Use) hold(risks []risk.Risk, matched []int, live map[string]bool) {
	e, held := u.Exception, []int{}
	for _, n := range matched {
		r := &risks[n]
		switch {
		case r.Verification == finding.Live || live[r.Fingerprint]:
			u.Problem = "a credential known to be live is never excepted"
		case r.Status == risk.Open || r.Status == risk.Baseline:
			r.Status = risk.Excepted
			r.Suppression = &risk.Suppression{Kind: "exception", Source: e.ID, Reason: strings.TrimSpace(e.Reason), Owner: e.Owner, Expires: e.Expires}
			held = append(held, n)
		}
	}
	u.Covers = distinct(risks, held)
}
