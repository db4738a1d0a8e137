package regohost

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/assaysec/assay/internal/diagnostic"
)

// An Outcome says how a test ended.
type Outcome string

// The outcomes. A test whose name begins with todo_ is skipped.
const (
	Pass    Outcome = "pass"
	Fail    Outcome = "fail"
	Failure Outcome = "error"
	Skipped Outcome = "skipped"
)

// A Result is that of one test.
type Result struct {
	Name    string // "data.assay.test_denies_live_keys"
	At      diagnostic.Position
	Outcome Outcome
	Message string // why it failed
}

// Test compiles modules and runs their tests: the rules whose names begin with test_, in any file. Each runs by itself,
// without an input but what it gives with "with", within the limits that hold for a gate. Results come in the order of
// their places.
func Test(texts map[string]string, now time.Time) ([]Result, error) {
	p, err := compileAll(texts)
	if err != nil {
		return nil, err
	}
	var list []Result
	seen := map[string]bool{}
	for _, path := range slices.Sorted(maps.Keys(p.modules)) {
		for _, r := range p.modules[path].Rules {
			name, ok := testName(r)
			if ok && !seen[name] {
				seen[name] = true
				list = append(list, p.test(r, name, now))
			}
		}
	}
	return list, nil
}

func testName(r *ast.Rule) (string, bool) {
	name := string(r.Head.Name)
	is := strings.HasPrefix(name, "test_") || strings.HasPrefix(name, "todo_test_")
	return r.Module.Package.Path.String() + "." + name, is && len(r.Head.Args) == 0
}

func (p *Program) test(r *ast.Rule, name string, now time.Time) Result {
	result := Result{Name: name, At: position(r.Location), Outcome: Fail, Message: "it does not hold"}
	if strings.HasPrefix(string(r.Head.Name), "todo_") {
		result.Outcome, result.Message = Skipped, ""
		return result
	}
	m := p.machine(nil, now)
	ref := r.Module.Package.Path.Append(ast.StringTerm(string(r.Head.Name)))
	err := m.guarded(func() error {
		return m.term(ast.NewTerm(ref), func(v *ast.Term, _ doubt) error {
			switch truth, ok := v.Value.(ast.Boolean); {
			case !ok:
				result.Message = "it gives " + ast.ValueName(v.Value) + ", want true"
			case bool(truth):
				result.Outcome, result.Message = Pass, ""
			}
			return nil
		})
	})
	if err != nil {
		result.Outcome, result.Message = Failure, err.Error()
	}
	return result
}
