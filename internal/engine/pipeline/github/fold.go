package github

import (
	"strings"

	"github.com/rhysd/actionlint"
)

// A value is what an expression is worth where that is known.
type value struct {
	known bool
	kind  valueKind
	text  string
	num   float64
	truth bool
}

type valueKind uint8

const (
	nullValue valueKind = iota
	boolValue
	numberValue
	textValue
	emptyList
)

func textOf(s string) value { return value{known: true, kind: textValue, text: s} }
func truthOf(b bool) value  { return value{known: true, kind: boolValue, truth: b} }

// truthy is what a condition makes of a value.
func (v value) truthy() bool {
	switch v.kind {
	case boolValue:
		return v.truth
	case numberValue:
		return v.num != 0
	case textValue:
		return v.text != ""
	case emptyList:
		return true
	}
	return false
}

// A folder works out an expression as far as the names that it knows allow.
type folder func(path string) value

// fold is three-valued: what is not known stays so, unless the rest decides.
func (f folder) fold(n actionlint.ExprNode) value {
	switch n := n.(type) {
	case *actionlint.NullNode:
		return value{known: true}
	case *actionlint.BoolNode:
		return truthOf(n.Value)
	case *actionlint.IntNode:
		return value{known: true, kind: numberValue, num: float64(n.Value)}
	case *actionlint.FloatNode:
		return value{known: true, kind: numberValue, num: n.Value}
	case *actionlint.StringNode:
		return textOf(n.Value)
	case *actionlint.NotOpNode:
		v := f.fold(n.Operand)
		if !v.known {
			return value{}
		}
		return truthOf(!v.truthy())
	case *actionlint.LogicalOpNode:
		return f.logical(n)
	case *actionlint.CompareOpNode:
		return compare(n.Kind, f.fold(n.Left), f.fold(n.Right))
	case *actionlint.FuncCallNode:
		return f.call(n)
	}
	if p := pathOf(n); p != "" && f != nil {
		return f(p)
	}
	return value{}
}

func (f folder) logical(n *actionlint.LogicalOpNode) value {
	l, r := f.fold(n.Left), f.fold(n.Right)
	and := n.Kind == actionlint.LogicalOpNodeKindAnd
	switch {
	case l.known && l.truthy() == and:
		return r
	case l.known:
		return l
	case r.known && r.truthy() != and: // whatever the left is, the condition is the right's
		return truthOf(!and)
	}
	return value{}
}

func compare(op actionlint.CompareOpNodeKind, l, r value) value {
	if !l.known || !r.known || l.kind != r.kind {
		return value{} // how kinds are turned into numbers is not worth knowing
	}
	var same bool
	switch l.kind {
	case textValue:
		same = strings.EqualFold(l.text, r.text)
	case numberValue:
		same = l.num == r.num
	case boolValue:
		same = l.truth == r.truth
	case nullValue:
		same = true
	default:
		return value{}
	}
	if l.kind == numberValue && !op.IsEqualityOp() {
		less, more := l.num < r.num, l.num > r.num
		return truthOf(op == actionlint.CompareOpNodeKindLess && less || op == actionlint.CompareOpNodeKindGreater && more ||
			op == actionlint.CompareOpNodeKindLessEq && !more || op == actionlint.CompareOpNodeKindGreaterEq && !less)
	}
	switch op {
	case actionlint.CompareOpNodeKindEq:
		return truthOf(same)
	case actionlint.CompareOpNodeKindNotEq:
		return truthOf(!same)
	}
	return value{}
}

func (f folder) call(n *actionlint.FuncCallNode) value {
	if strings.EqualFold(n.Callee, "always") {
		return truthOf(true)
	}
	args := make([]value, len(n.Args))
	for i, a := range n.Args {
		args[i] = f.fold(a)
	}
	name := strings.ToLower(n.Callee)
	if len(args) != 2 || !args[0].known || !args[1].known && args[0].kind != emptyList {
		return value{}
	}
	if name == "contains" && args[0].kind == emptyList {
		return truthOf(false)
	}
	if args[0].kind != textValue || args[1].kind != textValue {
		return value{}
	}
	whole, part := strings.ToLower(args[0].text), strings.ToLower(args[1].text)
	switch name {
	case "contains":
		return truthOf(strings.Contains(whole, part))
	case "startswith":
		return truthOf(strings.HasPrefix(whole, part))
	case "endswith":
		return truthOf(strings.HasSuffix(whole, part))
	}
	return value{}
}
