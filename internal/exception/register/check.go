package register

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/risk"
)

// An Evaluator compiles the expressions of one language. What does not compile, or names what does not exist, is an
// error, whose text is shown with the place of the expression.
type Evaluator interface {
	Compile(expr string) (Program, error)
}

// A Program answers a check about one finding at a time.
type Program interface {
	// Reads gives the names that the expression mentions.
	Reads() []string

	// Eval answers about a risk. Without one nothing is known of any name: a program that is still sure of its answer
	// does not look at anything.
	Eval(r *risk.Risk) Outcome
}

// An Outcome is the answer of a program. It hangs on Unknowns where there are any, and then it is no.
type Outcome struct {
	Holds    bool
	Unknowns []string
	Err      error
}

// Evaluators are those of the two languages. Where one is nil, its checks are errors.
type Evaluators struct{ CEL, Rego Evaluator }

// A Prober asks one question over the network; detail says what came instead, in words without any text of the answer.
type Prober interface {
	Probe(ctx context.Context, h HTTPS) (ok bool, detail string)
}

// Limits on the probes of a run.
const (
	maxProbes    = 64
	probesAtOnce = 8
)

// Checks are the compiled compensating checks of a register.
type Checks struct {
	register *Register
	programs map[string]Program // by digest of the check
}

// Compile prepares the checks. One that does not compile, is constant or reads nothing is an error, as in Parse.
func (reg *Register) Compile(ev Evaluators) (*Checks, error) {
	c := &Checks{register: reg, programs: map[string]Program{}}
	var errs diagnostic.Errors
	for i := range reg.Exceptions {
		e := &reg.Exceptions[i]
		if len(errs) > diagnostic.MaxErrors { // more are not told, and each may take its time
			break
		}
		for j := range e.Compensating {
			control := &e.Compensating[j]
			if digest := control.Check.Digest(); control.Check.HTTPS != nil || c.programs[digest] != nil {
				continue
			}
			p, err := ev.compile(&control.Check)
			if err != nil {
				errs = append(errs, &diagnostic.Error{At: control.At, Problem: fmt.Sprintf("%s: the check of %s: %v", e.ID, control.Control, err),
					Hint: "write an expression that says whether the control is there"})
				continue
			}
			c.programs[control.Check.Digest()] = p
		}
	}
	return c, errs.Settle()
}

func (ev *Evaluators) compile(c *Check) (Program, error) {
	by, expr := ev.CEL, c.CEL
	if c.Kind() == Rego {
		by, expr = ev.Rego, c.Rego
	}
	if by == nil {
		return nil, fmt.Errorf("%s cannot be asked here", c.Kind())
	}
	p, err := by.Compile(expr)
	if err != nil {
		return nil, err
	}
	if len(p.Reads()) == 0 {
		return nil, errors.New("it reads nothing, so it checks nothing")
	}
	if o := p.Eval(nil); o.Err == nil && len(o.Unknowns) == 0 {
		return nil, fmt.Errorf("it is always %v, so it checks nothing", o.Holds)
	}
	return p, nil
}

// Answer asks the checks of all exceptions that would permit something today, each about the findings it covers. Probes
// are asked only where there is a prober; without one the last recorded answer counts.
func (c *Checks) Answer(ctx context.Context, risks []risk.Risk, now time.Time, prober Prober) []Answer {
	var answers []Answer
	var probes []int
	var questions []HTTPS
	for i, matched := range c.register.matches(risks) {
		e := &c.register.Exceptions[i]
		if len(matched) == 0 || !e.covers(now) {
			continue
		}
		for j := range e.Compensating {
			control := &e.Compensating[j]
			a := Answer{ID: e.ID, Control: control.Control, Kind: control.Check.Kind(), Check: control.Check.Digest(), At: now.UTC()}
			switch {
			case control.Check.HTTPS == nil:
				a.OK, a.Detail = ask(c.programs[a.Check], risks, matched)
			case prober == nil:
				continue
			default:
				probes, questions = append(probes, len(answers)), append(questions, *control.Check.HTTPS)
			}
			answers = append(answers, a)
		}
	}
	probe(ctx, prober, questions, func(i int, ok bool, detail string) {
		a := &answers[probes[i]]
		a.OK, a.Detail = ok, detail
	})
	return answers
}

// covers reports whether the time is one at which an exception may permit anything.
func (e *Exception) covers(now time.Time) bool { return !now.Before(e.Created) && now.Before(e.Ends()) }

// ask wants a program to hold for each finding.
func ask(p Program, risks []risk.Risk, matched []int) (ok bool, detail string) {
	for _, i := range matched {
		r := &risks[i]
		switch o := p.Eval(r); {
		case o.Err != nil:
			return false, "it failed: " + o.Err.Error()
		case len(o.Unknowns) > 0:
			return false, "it hangs on " + strings.Join(o.Unknowns, ", ") + ", which is unknown"
		case !o.Holds:
			return false, "it does not hold for " + r.Fingerprint
		}
	}
	return true, ""
}

// probe asks some questions at once, each slot its own, and tells the answers in their order.
func probe(ctx context.Context, prober Prober, questions []HTTPS, tell func(i int, ok bool, detail string)) {
	type result struct {
		ok     bool
		detail string
	}
	results := make([]result, len(questions))
	var g errgroup.Group
	g.SetLimit(probesAtOnce)
	for i, q := range questions {
		if i >= maxProbes {
			results[i].detail = fmt.Sprintf("more than %d probes in one run", maxProbes)
			continue
		}
		g.Go(func() error {
			results[i].ok, results[i].detail = prober.Probe(ctx, q)
			return nil // a probe that fails is an answer
		})
	}
	_ = g.Wait() // which is never an error
	for i, r := range results {
		tell(i, r.ok, r.detail)
	}
}
