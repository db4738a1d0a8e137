package register

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/policy/celhost"
	"github.com/assaysec/assay/internal/risk"
)

// celEvaluator stands for what the shell makes of policy's host; of a risk it knows the path.
type celEvaluator struct{ host policy.Host }

func (c celEvaluator) Compile(expr string) (Program, error) {
	p, err := c.host.Finding(policy.Line{Expr: expr})
	var wrong *diagnostic.Error
	if errors.As(err, &wrong) {
		return nil, errors.New(wrong.Problem)
	}
	if err != nil {
		return nil, err
	}
	return celProgram{p}, nil
}

type celProgram struct{ policy.FindingProgram }

func (p celProgram) Eval(r *risk.Risk) Outcome {
	o := p.FindingProgram.Eval(func(name string) (any, bool) {
		if r == nil || name != "path" {
			return nil, false
		}
		return r.Place.Path, true
	})
	return Outcome{o.Holds, o.Unknowns, o.Err}
}

func TestCEL(t *testing.T) {
	ev := Evaluators{CEL: celEvaluator{celhost.New()}}
	for _, tt := range []struct{ expr, want string }{
		{"path.startsWith('web/')", ""},
		{"path == 'a' || risk < high", ""},
		{"true", "it reads nothing, so it checks nothing"},
		{"1 + 1 == 2", "it reads nothing, so it checks nothing"},
		{"true || new", "it is always true, so it checks nothing"},
		{"new && false", "it is always false, so it checks nothing"},
		{"now", "the expression gives google.protobuf.Timestamp, want true or false"},
	} {
		_, err := ev.compile(&Check{CEL: tt.expr})
		got := ""
		if err != nil {
			got = err.Error()
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.expr, diff)
		}
	}
	p, err := ev.compile(&Check{CEL: "path == 'a' && new"})
	if err != nil {
		t.Fatal(err)
	}
	risks := []risk.Risk{found(1, "secret/key", "a"), found(2, "secret/key", "b")}
	if ok, detail := ask(p, risks, []int{0}); ok || detail != "it hangs on new, which is unknown" {
		t.Errorf("%v %q", ok, detail)
	}
	if ok, detail := ask(p, risks, []int{1}); ok || detail != "it does not hold for a1:0000000000000002" {
		t.Errorf("%v %q", ok, detail)
	}
}
