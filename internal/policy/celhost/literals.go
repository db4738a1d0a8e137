package celhost

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
)

// said are the texts, numbers, spans and moments that an expression names, and a text for each of its patterns that fits it.
// ok is false where it has a pattern for which none was found.
func said(checked *cel.Ast) (list []any, ok bool) {
	ok = true
	ast.PostOrderVisit(checked.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.LiteralKind:
			switch v := e.AsLiteral().Value().(type) {
			case string:
				list = append(list, v)
			case int64:
				list = append(list, int(v))
			}
		case ast.CallKind:
			found, known := ofCall(e.AsCall())
			list, ok = append(list, found...), ok && known
		}
	}))
	return list, ok
}

// ofCall reads what a function makes of a text.
func ofCall(call ast.CallExpr) (list []any, ok bool) {
	args := call.Args()
	if len(args) == 0 || args[len(args)-1].Kind() != ast.LiteralKind {
		return nil, call.FunctionName() != "matches"
	}
	text, isText := args[len(args)-1].AsLiteral().Value().(string)
	if !isText {
		return nil, true
	}
	switch call.FunctionName() {
	case "duration":
		if d, err := time.ParseDuration(text); err == nil {
			list = append(list, d)
		}
	case "timestamp":
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			list = append(list, t)
		}
	case "matches":
		fits, found := fitting(text)
		return append(list, fits), found
	}
	return list, true
}

// fitting is a text that a pattern fits, if one is found in the plain way.
func fitting(pattern string) (string, bool) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "", false
	}
	var b strings.Builder
	write(&b, tree)
	text := b.String()
	fits, err := regexp.MatchString(pattern, text)
	return text, err == nil && fits
}

const maxRepeat = 100

func write(b *strings.Builder, r *syntax.Regexp) {
	switch r.Op {
	case syntax.OpLiteral:
		b.WriteString(string(r.Rune))
	case syntax.OpCharClass:
		b.WriteRune(oneOf(r.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('a')
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range r.Sub {
			write(b, sub)
		}
	case syntax.OpAlternate, syntax.OpPlus:
		write(b, r.Sub[0])
	case syntax.OpRepeat:
		for range min(r.Min, maxRepeat) {
			write(b, r.Sub[0])
		}
	}
}

// oneOf is a letter of a class, or the first sign that there is.
func oneOf(ranges []rune) rune {
	for i := 0; i+1 < len(ranges); i += 2 {
		if ranges[i] <= 'a' && 'a' <= ranges[i+1] {
			return 'a'
		}
	}
	if len(ranges) == 0 {
		return 'a'
	}
	return ranges[0]
}
