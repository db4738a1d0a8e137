package regohost

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/policy"
)

// Limits on the text of modules.
const (
	maxModules = 200
	maxModule  = 128 << 10 // bytes of one
	maxProgram = 512 << 10 // of all
)

// testSuffix ends the name of a file that holds tests.
const testSuffix = "_test.rego"

// A Program is a set of modules that compiled.
type Program struct {
	modules      map[string]*ast.Module
	root         *ast.TreeNode // of data: for a gate without what files of tests define
	constants    map[*ast.Term]bool
	capabilities *ast.Capabilities

	steps, memory int // what one evaluation may take; tests take less
}

// Compile compiles modules, given as texts by the paths that messages name them by: those of the root's .assay/policies, and
// of no other folder. Errors about a text are of type *diagnostic.Error; they come joined, in the order of the paths.
//
// Files of tests are compiled along, and what they define is not there for a gate.
func Compile(texts map[string]string) (*Program, error) {
	p, err := compileAll(texts)
	if err != nil {
		return nil, err
	}
	gate := *p
	gate.root = withoutTests(p.root)
	return &gate, nil
}

// compileAll gives the program that tests are run in.
func compileAll(texts map[string]string) (*Program, error) {
	if len(texts) > maxModules {
		return nil, fmt.Errorf("%d files with rules: at most %d are read", len(texts), maxModules)
	}
	total := 0
	for _, text := range texts {
		total += len(text)
	}
	if total > maxProgram {
		return nil, fmt.Errorf("files with rules of %d bytes together: at most %d are read", total, maxProgram)
	}
	ruleCount := 0
	modules := map[string]*ast.Module{}
	var errs []error
	for _, path := range slices.Sorted(maps.Keys(texts)) {
		m, err := parse(path, texts[path])
		if err != nil {
			errs = append(errs, err)
			continue
		}
		modules[path] = m
		if ruleCount += len(m.Rules); ruleCount > maxRules {
			return nil, fmt.Errorf("more than %d rules in %d files", maxRules, len(texts))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return compile(modules)
}

func parse(path, text string) (*ast.Module, error) {
	start := diagnostic.Position{File: path, Line: 1, Column: 1}
	if len(text) > maxModule {
		return nil, &diagnostic.Error{At: start, Problem: fmt.Sprintf("larger than %d bytes", maxModule)}
	}
	var m *ast.Module
	err := guard(func() (err error) {
		m, err = ast.ParseModuleWithOpts(path, text, ast.ParserOptions{RegoVersion: ast.RegoV1, Capabilities: capabilities()})
		return err
	})
	if err != nil {
		return nil, explainSyntax(path, text, err)
	}
	if m == nil {
		return nil, &diagnostic.Error{At: start, Problem: "the file is empty", Hint: "a file of rules begins with \"package NAME\""}
	}
	if err := checkSize(path, m); err != nil {
		return nil, err
	}
	return m, checkShape(path, m)
}

func isTest(path string) bool { return strings.HasSuffix(path, testSuffix) }

// checkShape sees to it that a file decides something, and in a form that is understood.
func checkShape(path string, m *ast.Module) error {
	decides := false
	for _, r := range m.Rules {
		name, ok := decision(r)
		if !ok {
			continue
		}
		if decides = true; isTest(path) {
			return &diagnostic.Error{At: position(r.Location), Problem: name + " in a file of tests is never asked",
				Hint: "give the file a name that does not end in " + testSuffix}
		}
		if len(r.Head.Args) > 0 || len(r.Head.Ref()) > 1 || r.Default || r.Head.RuleKind() != ast.MultiValue && isBoolean(r.Head.Value) {
			return &diagnostic.Error{At: position(r.Location), Problem: name + " is not a set of messages",
				Hint: "write: " + name + " contains message if { … }"}
		}
	}
	if !decides && !isTest(path) {
		return &diagnostic.Error{At: position(m.Package.Location), Problem: "the file defines neither deny nor warn",
			Hint: "a rule is written: deny contains message if { … }; a file of tests ends in " + testSuffix}
	}
	return nil
}

func isBoolean(t *ast.Term) bool {
	if t == nil {
		return true
	}
	_, ok := t.Value.(ast.Boolean)
	return ok
}

// decision gives the name of a rule that decides.
func decision(r *ast.Rule) (string, bool) {
	name := string(r.Head.Name)
	if ref := r.Head.Ref(); len(ref) > 0 {
		name = ref[0].Value.String()
		if v, ok := ref[0].Value.(ast.Var); ok {
			name = string(v)
		}
	}
	return name, name == "deny" || name == "warn"
}

func compile(modules map[string]*ast.Module) (*Program, error) {
	c := ast.NewCompiler().WithCapabilities(capabilities()).
		WithSkipStages(ast.StageBuildRuleIndices, ast.StageBuildComprehensionIndices).
		WithSchemas(schemas())
	err := guard(func() error {
		c.Compile(modules)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if c.Failed() {
		return nil, explainAll(c.Errors)
	}
	p := newProgram(c)
	if err := p.checkNames(); err != nil {
		return nil, err
	}
	return p, nil
}

// guard turns a panic into an error: the text of a rule is an outsider's, and so is much of the code that it goes through.
func guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the rules cannot be handled: %v", r)
		}
	}()
	return f()
}

func newProgram(c *ast.Compiler) *Program {
	p := &Program{modules: c.Modules, constants: map[*ast.Term]bool{}, capabilities: capabilities(), steps: maxSteps, memory: maxMemory}
	for _, node := range c.RuleTree.Children { // the only one is that of data
		p.root = node
	}
	for _, m := range c.Modules {
		p.findConstants(m)
	}
	return p
}

// findConstants notes which composite terms are the same in every evaluation.
func (p *Program) findConstants(in any) {
	ast.WalkTerms(in, func(t *ast.Term) bool {
		switch t.Value.(type) {
		case *ast.Array, ast.Object, ast.Set:
			if ast.IsConstant(t.Value) {
				p.constants[t] = true
			}
		}
		return false
	})
}

func schemas() *ast.SchemaSet {
	set := ast.NewSchemaSet()
	set.Put(ast.SchemaRootRef, policy.DocumentSchema())
	return set
}

// isConstant reports whether a term is the same in every evaluation.
func (p *Program) isConstant(t *ast.Term) bool { return p.constants[t] }

// functionRules gives the rules of a function.
func (p *Program) functionRules(ref ast.Ref) []*ast.Rule {
	if len(ref) == 0 || ref[0].Value.Compare(ast.DefaultRootDocument.Value) != 0 {
		return nil
	}
	node := p.root
	for _, t := range ref[1:] {
		if node = child(node, t.Value); node == nil {
			return nil
		}
	}
	if node == nil || len(node.Values) == 0 || len(node.Values[0].Head.Args) == 0 {
		return nil
	}
	return node.Values
}
