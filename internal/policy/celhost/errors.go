package celhost

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"

	"github.com/assaysec/assay/internal/diagnostic"
	"github.com/assaysec/assay/internal/policy"
)

var (
	undeclared = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	noField    = regexp.MustCompile(`^undefined field '([^']*)'`)
	noOverload = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '\(?([^)']*)`)
	dotted     = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*`)
)

// explain turns CEL's complaint into ours: with the place in the file and, for a mistyped name, the nearest one.
func explain(l policy.Line, names []policy.Name, e *common.Error) error {
	err := &diagnostic.Error{
		At:      l.Place(e.Location.Line(), max(e.Location.Column(), 0)),
		Problem: strings.TrimSuffix(strings.ReplaceAll(e.Message, "\n", " "), " (in container '')"),
	}
	switch {
	case strings.HasSuffix(e.Message, "does not support field selection"):
		full := nameAt(l.Expr, e.Location.Line(), e.Location.Column())
		unknownName(err, "name", full, known(names))
	case undeclared.MatchString(e.Message):
		word := undeclared.FindStringSubmatch(e.Message)[1]
		if full := nameAt(l.Expr, e.Location.Line(), e.Location.Column()); strings.HasPrefix(full, word) {
			word = full
		}
		unknownName(err, "name", word, known(names))
	case noField.MatchString(e.Message):
		unknownName(err, "field", noField.FindStringSubmatch(e.Message)[1], recordFields())
	case noOverload.MatchString(e.Message):
		m := noOverload.FindStringSubmatch(e.Message)
		err.Problem = fmt.Sprintf("%q does not take (%s)", strings.Trim(m[1], "_@"), m[2])
		if strings.Contains(m[2], "level") {
			err.Hint = "a level is written without quotes: " + strings.Join(policy.LevelWords, ", ")
		}
	}
	return err
}

func known(names []policy.Name) []string {
	words := slices.Clone(policy.LevelWords)
	for _, n := range names {
		words = append(words, n.Name)
	}
	return words
}

func unknownName(err *diagnostic.Error, what, word string, known []string) {
	err.Problem, err.Hint = diagnostic.UnknownWord(what, word, known)
}

// nameAt finds the dotted name that covers a place of the expression.
func nameAt(expr string, line, column int) string {
	lines := strings.Split(expr, "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	text := []rune(lines[line-1])
	if column < 0 || column > len(text) {
		return ""
	}
	at := len(string(text[:column]))
	for _, span := range dotted.FindAllStringIndex(lines[line-1], -1) {
		if span[0] <= at && at <= span[1] {
			return lines[line-1][span[0]:span[1]]
		}
	}
	return ""
}

// checkWords refuses a comparison of a name with a word that it can never be, such as status == 'opne' or
// confidence >= critical. CEL takes it, and it would quietly never hold.
func checkWords(l policy.Line, names []policy.Name, checked *cel.Ast) error {
	rep := checked.NativeRep()
	var first *diagnostic.Error
	check := func(of, literal ast.Expr) {
		what, words := wordsOf(rep, names, of)
		if words == nil || first != nil {
			return
		}
		for _, lit := range literals(literal) {
			text, ok := word(lit)
			if !ok || slices.Contains(words, text) {
				continue
			}
			start := rep.SourceInfo().GetStartLocation(lit.ID())
			first = &diagnostic.Error{At: l.Place(start.Line(), start.Column())}
			first.Problem = fmt.Sprintf("%s is never %q", what, text)
			first.Problem += diagnostic.DidYouMean(text, words)
			if lit.Kind() != ast.IdentKind { // a level has no quotes
				words = quoted(words)
			}
			first.Hint = what + " is one of " + strings.Join(words, ", ")
			return
		}
	}
	ast.PostOrderVisit(rep.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || len(e.AsCall().Args()) != 2 {
			return
		}
		switch e.AsCall().FunctionName() {
		case operators.Equals, operators.NotEquals, operators.In,
			operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
			args := e.AsCall().Args()
			check(args[0], args[1])
			check(args[1], args[0])
		}
	}))
	if first == nil {
		return nil
	}
	return first
}

func quoted(words []string) []string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = fmt.Sprintf("%q", w)
	}
	return list
}

// wordsOf gives the words that an expression can be, where it is a name or a field with few of them.
func wordsOf(rep *ast.AST, names []policy.Name, e ast.Expr) (string, []string) {
	switch e.Kind() {
	case ast.IdentKind:
		ref := rep.ReferenceMap()[e.ID()]
		for _, n := range names {
			if ref != nil && n.Name == ref.Name {
				return n.Name, n.Words
			}
		}
	case ast.SelectKind:
		sel := e.AsSelect()
		if rep.GetType(sel.Operand().ID()).TypeName() != recordName {
			return "", nil
		}
		for _, f := range policy.CoverageFields {
			if f.Name == sel.FieldName() {
				return f.Name, f.Words
			}
		}
	}
	return "", nil
}

// word is the text or the level that an expression stands for.
func word(e ast.Expr) (string, bool) {
	if e.Kind() == ast.IdentKind {
		return e.AsIdent(), slices.Contains(policy.LevelWords, e.AsIdent())
	}
	text, ok := e.AsLiteral().Value().(string)
	return text, ok
}

func literals(e ast.Expr) []ast.Expr {
	switch e.Kind() {
	case ast.LiteralKind, ast.IdentKind:
		return []ast.Expr{e}
	case ast.ListKind:
		var list []ast.Expr
		for _, member := range e.AsList().Elements() {
			list = append(list, literals(member)...)
		}
		return list
	}
	return nil
}
