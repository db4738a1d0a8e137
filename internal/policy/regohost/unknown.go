package regohost

import (
	"slices"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// A doubt names the unknown values that an answer hangs on, sorted. Without any, the answer is certain.
type doubt []string

// and gives the doubt of what hangs on both.
func (d doubt) and(other doubt) doubt {
	switch {
	case len(other) == 0:
		return d
	case len(d) == 0 || slices.Equal(d, other):
		return other
	}
	both := append(slices.Clone(d), other...)
	slices.Sort(both)
	return slices.Compact(both)
}

// An unknown value is a variable whose name no source can spell. So the containers of package ast carry it, and say
// through IsGround whether there may be one inside: a value that is bound never holds another kind of variable, since
// the compiler orders a body so that one side of each unification is complete.
//
// The number tells one unknown from another: two are equal for sure only if they are the same one.
const unknownMark = "?"

func unknown(id int, names doubt) *ast.Term {
	return ast.VarTerm(unknownMark + strconv.Itoa(id) + ":" + strings.Join(names, ","))
}

// unknownNames gives the names behind an unknown value; ok is false for any other.
func unknownNames(v ast.Value) (names doubt, ok bool) {
	name, ok := v.(ast.Var)
	if !ok || !strings.HasPrefix(string(name), unknownMark) {
		return nil, false
	}
	_, list, _ := strings.Cut(string(name), ":")
	return strings.Split(list, ","), true
}

// inside collects the names of all unknown values in a value that is bound.
func inside(t *ast.Term) doubt {
	if t.Value.IsGround() {
		return nil
	}
	var d doubt
	ast.WalkVars(t, func(v ast.Var) bool {
		names, _ := unknownNames(v)
		d = d.and(names)
		return false
	})
	return d
}

// isOpen reports whether a term that was resolved still holds a variable to be bound.
func isOpen(t *ast.Term) bool {
	if t.Value.IsGround() {
		return false
	}
	open := false
	ast.WalkVars(t, func(v ast.Var) bool {
		_, known := unknownNames(v)
		open = open || !known
		return open
	})
	return open
}
