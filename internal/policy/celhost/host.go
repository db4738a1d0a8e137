package celhost

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"

	"github.com/assaysec/assay/internal/coverage"
	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/policy"
)

// A Host compiles expressions. It makes each of its two environments on first use.
type Host struct {
	finding, run func() (*cel.Env, error)
}

var _ policy.Host = (*Host)(nil)

// New makes a host.
func New() *Host {
	return &Host{
		finding: sync.OnceValues(func() (*cel.Env, error) { return newEnv(policy.FindingNames) }),
		run:     sync.OnceValues(func() (*cel.Env, error) { return newEnv(policy.RunNames) }),
	}
}

// Finding compiles a line that is asked for each finding.
func (h *Host) Finding(l policy.Line) (policy.FindingProgram, error) {
	p, err := compile(h.finding, policy.FindingNames, l)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Check compiles the compensating check of an exception: a line about the finding that it permits. One whose answer can
// never change is refused, since it checks nothing. Where its answer hangs on an unknown value it does not hold.
func (h *Host) Check(l policy.Line) (policy.FindingProgram, error) {
	p, err := compile(h.finding, policy.FindingNames, l)
	if err != nil {
		return nil, err
	}
	problem := ""
	switch {
	case len(p.reads) == 0:
		problem = "the check reads nothing, so it cannot fail"
	case policy.IsConstant(p), p.plain && policy.CannotFail(p, p.said):
		problem = "the check gives the same answer whatever it reads"
	default:
		return policy.Checking(p), nil
	}
	return nil, &diagnostic.Error{At: l.At, Problem: problem,
		Hint: "ask about something that would change if the control failed, such as: service.exposure != 'internet'"}
}

// Run compiles a line that is asked once for the run.
func (h *Host) Run(l policy.Line) (policy.RunProgram, error) {
	p, err := compile(h.run, policy.RunNames, l)
	if err != nil {
		return nil, err
	}
	return runProgram{p}, nil
}

type program struct {
	cel   cel.Program
	reads []string
	said  []any // literals, and what fits its patterns
	plain bool  // all of them are known
}

func compile(env func() (*cel.Env, error), names []policy.Name, l policy.Line) (*program, error) {
	e, err := env()
	if err != nil {
		return nil, err
	}
	checked, issues := e.Compile(l.Expr)
	if issues.Err() != nil {
		return nil, explain(l, names, issues.Errors()[0])
	}
	if !checked.OutputType().IsExactType(cel.BoolType) {
		return nil, &diagnostic.Error{At: l.At, Problem: fmt.Sprintf("the expression gives %s, want true or false", checked.OutputType())}
	}
	if err := checkWords(l, names, checked); err != nil {
		return nil, err
	}
	p, err := e.Program(checked, cel.EvalOptions(cel.OptPartialEval), cel.CostLimit(maxCost))
	if err != nil {
		return nil, &diagnostic.Error{At: l.At, Problem: err.Error()}
	}
	literals, plain := said(checked)
	return &program{p, reads(names, checked), literals, plain}, nil
}

// reads lists the names that an expression mentions, whether or not an evaluation gets to them.
func reads(names []policy.Name, checked *cel.Ast) []string {
	mentioned := map[string]bool{}
	for _, ref := range checked.NativeRep().ReferenceMap() {
		if slices.ContainsFunc(names, func(n policy.Name) bool { return n.Name == ref.Name }) {
			mentioned[ref.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(mentioned))
}

func (p *program) Reads() []string { return p.reads }

// Eval leaves unknown values open. Where the others settle the answer it is certain; where they do not, it hangs on
// them, and then it holds: unknown is never safe.
func (p *program) Eval(look policy.Lookup) policy.Outcome {
	vars := make(map[string]any, len(p.reads))
	var unknown []*cel.AttributePatternType
	for _, name := range p.reads {
		if value, known := look(name); known {
			vars[name] = value
		} else {
			unknown = append(unknown, cel.AttributePattern(name))
		}
	}
	return p.eval(vars, unknown)
}

func (p *program) eval(vars map[string]any, unknown []*cel.AttributePatternType) policy.Outcome {
	input, err := cel.PartialVars(vars, unknown...)
	if err != nil {
		return policy.Outcome{Err: err}
	}
	value, _, err := p.cel.Eval(input)
	switch v := value.(type) {
	case types.Bool:
		return policy.Outcome{Holds: bool(v), Err: err}
	case *types.Unknown:
		return policy.Outcome{Holds: true, Unknowns: unknownNames(v)}
	}
	if err == nil {
		err = fmt.Errorf("gives %v, want true or false", value)
	}
	return policy.Outcome{Err: err}
}

func unknownNames(u *types.Unknown) []string {
	names := map[string]bool{}
	for _, id := range u.IDs() {
		trails, _ := u.GetAttributeTrails(id)
		for _, t := range trails {
			names[t.Variable()] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

type runProgram struct{ *program }

// Eval gives the coverage records to the expression as maps. A value that nobody knows is left open, as in a line about a
// finding; what that means for a requirement is for package policy to say.
func (p runProgram) Eval(look policy.Lookup, records []coverage.Record) policy.Outcome {
	return p.program.Eval(func(name string) (any, bool) {
		if name == "coverage" {
			return recordMaps(records), true
		}
		return look(name)
	})
}

func recordMaps(records []coverage.Record) []map[string]any {
	list := make([]map[string]any, len(records))
	for i := range records {
		list[i] = policy.RecordFields(&records[i])
	}
	return list
}
