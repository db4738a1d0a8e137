package regohost

import (
	"os"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/assaysec/assay/internal/finding"
	"github.com/assaysec/assay/internal/risk"
)

// Where all is known, the machine says what OPA's own evaluator says about policies as teams write them.
func TestPolicies(t *testing.T) {
	text, err := os.ReadFile("testdata/policies.txt")
	if err != nil {
		t.Fatal(err)
	}
	dated := func(r *risk.Risk) { r.FirstSeen, r.Due = fixed.AddDate(0, 0, -9), fixed.AddDate(0, 0, 1) }
	in := worlds(t)[0]
	in.Risks = append(in.Risks, found("d", finding.Low, dated, novelty(risk.NewNo), func(r *risk.Risk) { r.Status = risk.Excepted }))
	doc := in.Document()
	for key := range doc {
		if key == "suppressions" || key == "exceptions" || key == "unknowns" {
			delete(doc, key) // nobody counted
		}
	}
	m := (&Program{}).machine(doc, fixed)
	input := m.frame.input
	if !input.Value.IsGround() {
		t.Fatalf("something is not known: %v", m.inside(input))
	}
	same := 0
	for _, source := range strings.Split(string(text), "\n---\n")[1:] {
		c, err := compileSource(source)
		if err != nil {
			t.Errorf("%v\n%s", err, source)
			continue
		}
		for _, query := range []string{"x = data.assay.deny", "x = data.assay.warn", "x = data"} {
			q, err := c.QueryCompiler().Compile(ast.MustParseBodyWithOpts(query, ast.ParserOptions{RegoVersion: ast.RegoV1}))
			if err != nil {
				t.Fatal(err)
			}
			want := oracle(c, q, nil, input)
			if got := own(c, q, nil, input); got != want {
				t.Errorf("%s\n%s\n got %s\nwant %s", source, query, got, want)
			}
			if want != "error" {
				same++
			}
		}
	}
	t.Logf("%d answers are the same, and no errors", same)
}

// compileSource compiles the files of one policy.
func compileSource(source string) (*ast.Compiler, error) {
	modules := map[string]*ast.Module{}
	for i, text := range strings.Split(source, "\n===\n") {
		if i == 0 {
			text = "package assay\n" + text
		}
		m, err := ast.ParseModuleWithOpts(string(rune('a'+i)), text, ast.ParserOptions{RegoVersion: ast.RegoV1, Capabilities: capabilities()})
		if err != nil {
			return nil, err
		}
		modules[string(rune('a'+i))] = m
	}
	c := ast.NewCompiler().WithCapabilities(capabilities())
	if c.Compile(modules); c.Failed() {
		return nil, c.Errors
	}
	return c, nil
}
