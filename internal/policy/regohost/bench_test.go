package regohost

import (
	"fmt"
	"testing"

	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/risk"
)

const typical = `
import rego.v1

severe(f) if input.levels[f.risk.level] >= input.levels.high

deny contains {"msg": sprintf("%s is a %s risk", [f.rule, f.risk.level]), "fingerprint": f.fingerprint} if {
	some f in input.findings
	f.status == "open"
	f.new
	severe(f)
}

warn contains "too many medium risks" if count([f | some f in input.findings; f.risk.level == "medium"]) > 1000
`

func many(b testing.TB, n int) *policy.Input {
	in := input(b)
	for i := range n {
		in.Risks = append(in.Risks, found(fmt.Sprint(i), risk.Levels[i%len(risk.Levels)], func(r *risk.Risk) {
			if i%4 == 0 {
				r.New = risk.NewUnknown
			}
		}))
	}
	in.Rules = program(b, typical)
	return in
}

func BenchmarkDecide(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 20_000} {
		in := many(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				policy.Decide(*in)
			}
		})
	}
}

// The steps that are allowed suffice for many such rules.
func TestSteps(t *testing.T) {
	in := input(t)
	for i := range 1000 {
		in.Risks = append(in.Risks, found(fmt.Sprint(i), risk.Levels[i%len(risk.Levels)]))
	}
	m := program(t, typical).machine(in.Document(), fixed)
	for _, r := range m.program.modules[file].Rules {
		if _, ok := decision(r); ok {
			before := m.steps
			m.statements(r)
			if each := float64(before-m.steps) / 1000; each > 50 {
				t.Errorf("%v takes %v steps for a finding", r.Head, each)
			} else {
				t.Logf("%v: %v of %d steps for a finding", r.Head, each, m.limit/1000)
			}
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	texts := rules(typical)
	for b.Loop() {
		if _, err := Compile(texts); err != nil {
			b.Fatal(err)
		}
	}
}
