package regohost

import (
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/assaysec/assay/internal/diagnostic"
)

// Limits on the shape of a module. Checking types takes twice as long for each closure within a closure, and several passes
// over a body are quadratic in its length.
const (
	maxNesting  = 64
	maxClosures = 6 // comprehensions and "every", one in another
	maxBody     = 500
	maxElse     = 100
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
		if ref, ok := x.Value.(ast.Ref); ok {
			s.limit(len(ref), maxRef, "a reference of more than %d parts")
		}
		if n, ok := x.Value.(ast.Number); ok && (len(n) > maxDigits || largeExponent(string(n))) {
			s.limit(1, 0, "a number beyond all measure")
		}
		s.depth++
	case *ast.Expr:
		s.depth++
	case ast.Body:
		s.limit(len(x), maxBody, "a body of more than %d expressions")
	case *ast.Rule:
		s.elses++
		s.limit(s.elses, maxElse, "more than %d branches of else")
	}
	if isClosure(x) {
		s.closures++
	}
	s.limit(s.depth, 2*maxNesting, "terms nested more than %d deep")
	s.limit(s.closures, maxClosures, "more than %d comprehensions within one another")
	return s.problem != ""
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
