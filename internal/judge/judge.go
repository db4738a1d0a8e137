package judge

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/exception/census"
	"github.com/assaysec/assay/internal/exception/native/effect"
	"github.com/assaysec/assay/internal/exception/register"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/profile"
	"github.com/assaysec/assay/internal/risk"
	"github.com/assaysec/assay/internal/sshsig"
)

// Hosts evaluate what policies and checks say.
type Hosts struct {
	CEL   policy.Host
	Check func(policy.Line) (policy.FindingProgram, error)  // of an exception, in CEL
	Rego  func(modules map[string]string) (Rulebook, error) // asked only where there is a module
}

// A Rulebook is compiled Rego.
type Rulebook interface {
	policy.Rulebook
	Check(policy.Line) (policy.FindingProgram, error) // of an exception, by a reference such as data.assay.controls.waf
}

// Judge decides a case. It changes nothing of it. An error is a policy, or a file of exceptions, that cannot be understood.
func Judge(c *Case, h Hosts) (*Ruling, error) {
	j := &judge{c: c, hosts: h}
	j.in = policy.Input{Now: c.Now, Required: c.Required, Coverage: c.Coverage, Broken: c.Broken, Empty: c.Empty, Nothing: c.Nothing, Services: map[string][]profile.Service{}}
	var err error
	if j.in.Gates, err = policy.Compile(c.Stage, c.Policy, h.CEL); err != nil {
		return nil, err
	}
	if len(c.Rego) > 0 {
		if j.rules, err = h.Rego(c.Rego); err != nil {
			return nil, err
		}
		j.in.Rules = j.rules
	}
	j.weigh()
	out := &Ruling{Marks: effect.ApplyMarks(j.in.Risks, c.Marks, effect.Options{Now: c.Now, Judge: j.in.Denies, Brings: j.brings()})}
	if err := j.except(out); err != nil {
		return nil, err
	}
	j.in.Counts.Suppressions = j.count(out)
	out.Input, out.Risks = j.in, j.in.Risks
	out.Verdict = policy.Decide(j.in)
	return out, nil
}

type judge struct {
	c     *Case
	hosts Hosts
	rules Rulebook
	in    policy.Input
}

// weigh works out the level and due date of each risk.
func (j *judge) weigh() {
	j.in.Risks = slices.Clone(j.c.Risks)
	byTarget := map[string]*Target{}
	for i := range j.c.Targets {
		t := &j.c.Targets[i]
		byTarget[t.ID] = t
		j.in.Services[t.ID] = t.Services
	}
	for i := range j.in.Risks {
		r := &j.in.Risks[i]
		t := byTarget[r.Target]
		if t == nil {
			continue
		}
		service := profile.Service{Name: r.Service} // about which nothing is known
		if n := slices.IndexFunc(t.Services, func(s profile.Service) bool { return s.Name == r.Service }); n >= 0 {
			service = t.Services[n]
		}
		r.Level = risk.Assess(&r.Finding, &service)
	}
	for id, t := range byTarget {
		risk.SetDue(j.of(id), t.Due, t.Services, j.c.Now)
	}
}

// of is the risks of one target, which stand together.
func (j *judge) of(target string) []risk.Risk {
	from := slices.IndexFunc(j.in.Risks, func(r risk.Risk) bool { return r.Target == target })
	if from < 0 {
		return nil
	}
	to := from
	for to < len(j.in.Risks) && j.in.Risks[to].Target == target {
		to++
	}
	return j.in.Risks[from:to]
}

// except applies the exceptions of each target.
func (j *judge) except(out *Ruling) error {
	counts := policy.ExceptionCounts{}
	for i := range j.c.Targets {
		t := &j.c.Targets[i]
		if t.Keep.Exceptions == "" {
			continue
		}
		uses, err := j.exceptOf(t)
		if err != nil {
			return err
		}
		for _, u := range uses {
			counts.Count++
			switch u.State {
			case register.Expired:
				counts.Expired++
			case register.Void:
				counts.Void++
			default:
				if u.DaysLeft <= policy.ExpiringDays {
					counts.Expiring++
				}
			}
			out.Exceptions = append(out.Exceptions, Exception{t.ID, u})
		}
	}
	j.in.Counts.Exceptions = &counts
	return nil
}

func (j *judge) exceptOf(t *Target) ([]register.Use, error) {
	reg, checks, err := j.register(t)
	if err != nil {
		return nil, err
	}
	var signers *sshsig.AllowedSigners
	if t.Keep.Signers != "" {
		if signers, err = sshsig.ParseAllowedSigners("allowed signers", []byte(t.Keep.Signers)); err != nil {
			return nil, err
		}
	}
	risks := j.of(t.ID)
	answers := checks.Answer(context.Background(), risks, j.c.Now, nil)
	return reg.Apply(risks, register.Input{
		Now: j.c.Now, Repository: t.Keep.Repository, Limits: t.Keep.Limits, Renewals: t.Keep.Renewals, RenewalsCut: t.Keep.RenewalsCut, Signers: signers,
		Answers: register.Merge(t.Keep.Answers, answers),
	}), nil
}

func (j *judge) register(t *Target) (*register.Register, *register.Checks, error) {
	reg, err := register.Parse(register.File, []byte(t.Keep.Exceptions))
	if err != nil {
		return nil, nil, err
	}
	checks, err := reg.Compile(register.Evaluators{CEL: evaluator{j, j.hosts.Check}, Rego: evaluator{j, j.checkRego}})
	return reg, checks, err
}

func (j *judge) checkRego(l policy.Line) (policy.FindingProgram, error) {
	if j.rules == nil {
		return nil, fmt.Errorf("there is no policy in Rego that %s could stand in", l.Expr)
	}
	return j.rules.Check(l)
}

// Probes asks the probes of all exceptions that would permit something today, by target. Everything else about a case is
// ready by then.
func Probes(ctx context.Context, c *Case, h Hosts, prober func(target string) register.Prober) (map[string][]register.Answer, error) {
	j := &judge{c: c, hosts: h, in: policy.Input{Now: c.Now, Services: map[string][]profile.Service{}}}
	var err error
	if j.in.Gates, err = policy.Compile(c.Stage, c.Policy, h.CEL); err != nil {
		return nil, err
	}
	if len(c.Rego) > 0 {
		if j.rules, err = h.Rego(c.Rego); err != nil {
			return nil, err
		}
	}
	j.weigh()
	out := map[string][]register.Answer{}
	for i := range c.Targets {
		t := &c.Targets[i]
		if t.Keep.Exceptions == "" {
			continue
		}
		_, checks, err := j.register(t)
		if err != nil {
			return nil, err
		}
		out[t.ID] = register.Record(nil, checks.Answer(ctx, j.of(t.ID), c.Now, prober(t.ID)))
	}
	return out, ctx.Err()
}

// brings tells which marks the change brings to which risks, but where the policy accepts that.
func (j *judge) brings() effect.Brings {
	number := make(map[*effect.Mark]int, len(j.c.Marks))
	for i := range j.c.Marks {
		number[&j.c.Marks[i]] = i
	}
	brought := make(map[Brought]bool, len(j.c.Brought))
	for _, b := range j.c.Brought {
		brought[b] = true
	}
	accepts := map[string]bool{}
	for i := range j.c.Targets {
		accepts[j.c.Targets[i].ID] = j.c.Targets[i].Keep.AcceptBrought
	}
	return func(m *effect.Mark, r *risk.Risk) bool {
		return !accepts[r.Target] && brought[Brought{number[m], r.Target, r.Fingerprint}]
	}
}

// Census lists what every mark and entry of an ignore file does.
func (c *Case) Census(marks []effect.Use) []census.Row {
	told := make(map[Told]bool, len(c.Told))
	for _, t := range c.Told {
		told[Told{Tool: t.Tool, Rule: t.Rule}] = t.Told
	}
	unlooked := make(map[Place]bool, len(c.Unlooked))
	for _, p := range c.Unlooked {
		unlooked[p] = true
	}
	return census.Rows(slices.Concat(marks, c.Files), census.Knowledge{
		Told:   func(tool, rule string) bool { return told[Told{Tool: tool, Rule: rule}] },
		Looked: func(u *effect.Use) bool { return !unlooked[Place{u.Target, u.Path}] },
	})
}

func (j *judge) count(out *Ruling) *policy.SuppressionCounts {
	s := census.Summarize(j.c.Census(out.Marks))
	return &policy.SuppressionCounts{
		Count: s.Count, Unused: s.Unused, Expired: s.Expired, WithoutReason: s.WithoutReason, WithoutExpiry: s.WithoutExpiry, CannotTell: s.CannotTell,
	}
}

// evaluator lets exceptions ask in one of the languages.
type evaluator struct {
	j       *judge
	compile func(policy.Line) (policy.FindingProgram, error)
}

// Compile makes a program. Its place is told by whoever asks: the line given here has none.
func (e evaluator) Compile(expr string) (register.Program, error) {
	p, err := e.compile(policy.Line{Key: "check", Expr: expr})
	var wrong *diagnostic.Error
	if errors.As(err, &wrong) {
		return nil, errors.New(wrong.Problem)
	}
	if err != nil {
		return nil, err
	}
	return checkProgram{e.j, p}, nil
}

type checkProgram struct {
	j *judge
	policy.FindingProgram
}

func (p checkProgram) Eval(r *risk.Risk) register.Outcome {
	o := p.FindingProgram.Eval(p.j.in.Lookup(r))
	return register.Outcome{Holds: o.Holds, Unknowns: slices.Sorted(slices.Values(o.Unknowns)), Err: o.Err}
}
