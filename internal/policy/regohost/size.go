package regohost

import (
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/assaysec/assay/internal/diagnostic"
)

// Limits on the shape of a module. Checking types takes twice as long for each closure within a closure, several passes
// over a body are quadratic in its length, and a variable is looked for among those of its rule.
const (
	maxNesting  = 64
	maxClosures = 6 // comprehensions and "every", one in another
	maxBody     = 500
	maxElse     = 100
	maxVars     = 250 // of one rule
	maxRef      = 64
	maxRules    = 2_000 // of all modules
	maxTerms    = 100_000
)

// checkSize refuses a module whose compilation would take long.
func checkSize(path string, m *ast.Module) error {
	s := &size{problem: ""}
	v := ast.NewBeforeAfterVisitor(s.enter, s.leave)
	v.Walk(m)
	if s.problem == "" {
		return nil
	}
	where := position(s.at)
	if where.File == "" {
		where = diagnostic.Position{File: path, Line: 1, Column: 1}
	}
	return &diagnostic.Error{At: where, Problem: s.problem}
}

type size struct {
	vars map[ast.Var]bool // of the present rule

	depth, closures, elses, terms int
	at                            *ast.Location // the last place that was passed
	problem                       string
}

func (s *size) limit(n, most int, format string) {
	if n > most && s.problem == "" {
		s.problem = strings.ReplaceAll(format, "%d", strconv.Itoa(most))
	}
}

// enter reports whether the visitor should stay outside.
func (s *size) enter(x any) bool {
	switch x := x.(type) {
	case *ast.Term:
		s.terms++
		if x.Location != nil && s.problem == "" {
			s.at = x.Location
		}
		s.limit(s.terms, maxTerms, "more than %d terms")
		s.value(x.Value)
		s.depth++
	case *ast.Expr:
		s.depth++
	case ast.Body:
		s.limit(len(x), maxBody, "a body of more than %d expressions")
	case *ast.Rule:
		if s.elses++; s.elses == 1 {
			s.vars = map[ast.Var]bool{}
		}
		s.limit(s.elses, maxElse, "more than %d branches of else")
	}
	if isClosure(x) {
		s.closures++
	}
	s.limit(s.depth, 2*maxNesting, "terms nested more than %d deep")
	s.limit(s.closures, maxClosures, "more than %d comprehensions within one another")
	return s.problem != ""
}

func (s *size) value(v ast.Value) {
	switch v := v.(type) {
	case ast.Ref:
		s.limit(len(v), maxRef, "a reference of more than %d parts")
	case ast.Number:
		if len(v) > maxDigits || largeExponent(string(v)) {
			s.limit(1, 0, "a number beyond all measure")
		}
	case ast.Var:
		if s.vars != nil {
			s.vars[v] = true
		}
		s.limit(len(s.vars), maxVars, "more than %d variables in one rule")
	}
}

func (s *size) leave(x any) {
	switch x.(type) {
	case *ast.Term, *ast.Expr:
		s.depth--
	case *ast.Rule:
		s.elses--
	}
	if isClosure(x) {
		s.closures--
	}
}

func isClosure(x any) bool {
	switch x.(type) {
	case *ast.ArrayComprehension, *ast.SetComprehension, *ast.ObjectComprehension, *ast.Every:
		return true
	}
	return false
}
