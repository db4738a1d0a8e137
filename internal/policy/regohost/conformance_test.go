package regohost

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"
	"go.yaml.in/yaml/v3"
)

const limit = "limit: "

type suiteCase struct {
	Note        string            `yaml:"note"`
	Query       string            `yaml:"query"`
	Modules     []string          `yaml:"modules"`
	Data        map[string]any    `yaml:"data"`
	Input       *any              `yaml:"input"`
	InputTerm   *string           `yaml:"input_term"`
	WantResult  *[]map[string]any `yaml:"want_result"`
	Env         map[string]string `yaml:"env"`
	Experiments bool              `yaml:"experimental_keywords"`
}

// The machine gives what OPA's own evaluator gives on OPA's own suite of cases, wherever those use what a policy may use
// here. The suite is part of OPA's module.
func TestSuite(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(suiteFolder(t), "*", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Skip("the suite is not at hand")
	}
	var same int
	left := map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Cases []suiteCase `yaml:"cases"`
		}
		if err := yaml.Unmarshal(text, &doc); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, c := range doc.Cases {
			if strings.HasPrefix(c.Note, "data/") && strings.HasSuffix(c.Note, " integer") {
				continue // data that is no rule's, which there is none of here, with a number for a name
			}
			switch reason, got, want := compareSuite(c); {
			case reason != "":
				left[reason]++
			case got == want:
				same++
			default:
				t.Errorf("%s\n got %s\nwant %s\n%s", c.Note, got, want, strings.Join(c.Modules, "\n---\n"))
			}
		}
	}
	t.Logf("%d cases agree; left out: %v", same, left)
}

func suiteFolder(t *testing.T) string {
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	if vendored := filepath.Join(root, "vendor/github.com/open-policy-agent/opa/v1/test/cases/testdata/v1"); exists(vendored) {
		return vendored
	}
	for _, list := range filepath.SplitList(os.Getenv("GOPATH")) {
		root = list
	}
	if home, err := os.UserHomeDir(); os.Getenv("GOPATH") == "" && err == nil {
		root = filepath.Join(home, "go")
	}
	modules := filepath.Join(root, "pkg/mod")
	if dir := os.Getenv("GOMODCACHE"); dir != "" {
		modules = dir
	}
	found, _ := filepath.Glob(filepath.Join(modules, "github.com/open-policy-agent/opa@*/v1/test/cases/testdata/v1"))
	if len(found) == 0 {
		return "none"
	}
	return found[len(found)-1]
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// compareSuite evaluates the query of a case in both ways.
func compareSuite(c suiteCase) (reason, got, want string) {
	modules := map[string]*ast.Module{}
	for i, text := range c.Modules {
		m, err := ast.ParseModuleWithOpts(string(rune('a'+i)), text, ast.ParserOptions{RegoVersion: ast.RegoV1, Capabilities: capabilities()})
		if err != nil {
			return "it does not parse", "", ""
		}
		modules[string(rune('a'+i))] = m
	}
	compiler := ast.NewCompiler().WithCapabilities(capabilities())
	compiler.Compile(modules)
	if compiler.Failed() {
		return "it does not compile", "", ""
	}
	query, err := ast.ParseBodyWithOpts(c.Query, ast.ParserOptions{RegoVersion: ast.RegoV1})
	if err != nil {
		return "its query does not parse", "", ""
	}
	qc := compiler.QueryCompiler()
	if query, err = qc.Compile(query); err != nil {
		return "its query does not compile", "", ""
	}
	var input *ast.Term
	if c.InputTerm != nil {
		if input, err = ast.ParseTerm(*c.InputTerm); err != nil {
			return "its input does not parse", "", ""
		}
	} else if c.Input != nil {
		v, err := ast.InterfaceToValue(*c.Input)
		if err != nil {
			return "its input is no value", "", ""
		}
		input = ast.NewTerm(v)
	}
	want = oracle(compiler, query, c.Data, input)
	got = own(compiler, query, c.Data, input)
	if strings.HasPrefix(got, limit) {
		return "a limit", "", ""
	}
	return "", got, want
}

func oracle(c *ast.Compiler, query ast.Body, data map[string]any, input *ast.Term) string {
	if data == nil {
		data = map[string]any{}
	}
	ctx := context.Background()
	store := inmem.NewFromObject(data)
	txn, err := store.NewTransaction(ctx)
	if err != nil {
		return err.Error()
	}
	q := topdown.NewQuery(query).WithCompiler(c).WithStore(store).WithTransaction(txn).WithStrictBuiltinErrors(true)
	if input != nil {
		q = q.WithInput(input)
	}
	var list []string
	err = q.Iter(ctx, func(r topdown.QueryResult) error {
		list = append(list, show(func(v ast.Var) *ast.Term { return r[v] }, query))
		return nil
	})
	if err != nil {
		return "error"
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), "\n")
}

func own(c *ast.Compiler, query ast.Body, data map[string]any, input *ast.Term) string {
	p := newProgram(c)
	p.findConstants(query)
	m := p.machine(nil, fixed)
	m.frame.input = input
	m.budget = newBudget(maxSteps, maxMemory, input)
	for key, v := range data {
		value, err := ast.InterfaceToValue(v)
		if err != nil {
			return err.Error()
		}
		m.frame.data = append(m.frame.data, base(c, ast.Ref{ast.DefaultRootDocument, ast.StringTerm(key)}, ast.NewTerm(value))...)
	}
	var list []string
	err := m.within(func() error {
		return m.body(query, nil, func(d doubt) error {
			if len(d) > 0 {
				return errors.New("doubt")
			}
			list = append(list, show(m.lookUp, query))
			return nil
		})
	})
	if err != nil {
		for _, text := range []string{"more than", "time zone", "YAML", "width"} {
			if strings.Contains(err.Error(), text) {
				return limit + err.Error()
			}
		}
		return "error"
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), "\n")
}

// base puts data that is no rule's into the world, below what rules define.
func base(c *ast.Compiler, at ast.Ref, v *ast.Term) []replaced {
	node, object := c.RuleTree.Find(at), ast.Object(nil)
	if o, ok := v.Value.(ast.Object); ok {
		object = o
	}
	if node == nil || object == nil || len(node.Values) > 0 {
		return []replaced{{at, v}}
	}
	var list []replaced
	object.Foreach(func(key, value *ast.Term) {
		list = append(list, base(c, append(at[:len(at):len(at)], key), value)...)
	})
	return list
}

func show(value func(ast.Var) *ast.Term, query ast.Body) string {
	vars := query.Vars(ast.VarVisitorParams{SkipClosures: true, SkipRefCallHead: true})
	var list []string
	for v := range vars {
		if t := value(v); t != nil && !v.IsGenerated() && !v.IsWildcard() {
			list = append(list, string(v)+" = "+t.String())
		}
	}
	slices.Sort(list)
	return "{" + strings.Join(list, ", ") + "}"
}
