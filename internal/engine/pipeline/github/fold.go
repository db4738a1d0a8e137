package github

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
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
	list  []string // of a list

	choices []string // the texts of which this is one, where more are possible

	// ours is a text that names the repository or its owner, whatever the name is: it differs from an outsider's, and
	// nothing else is known of it.
	ours bool

	// asCondition says that only the truth is known: A || 'b' holds whatever A is, and may be A or b.
	asCondition bool
}

type valueKind uint8

const (
	nullValue valueKind = iota
	boolValue
	numberValue
	textValue
	listValue
)

func oneOf(texts []string) value {
	return value{known: true, kind: textValue, text: texts[0], choices: texts}
}

// agreed is what comes of a value, unknown where the texts that it may be lead to different things.
func agreed(v value, work func(value) value) value {
	if len(v.choices) == 0 {
		return work(v)
	}
	result := work(textOf(v.choices[0]))
	for _, text := range v.choices[1:] {
		if got := work(textOf(text)); got.known != result.known || got.truthy() != result.truthy() {
			return value{}
		}
	}
	return result
}

func textOf(s string) value { return value{known: true, kind: textValue, text: s} }
func truthOf(b bool) value  { return value{known: true, kind: boolValue, truth: b} }

// constant reports whether the value itself is known, and not only what a condition makes of it.
func (v value) constant() bool { return v.known && !v.asCondition }

// truthy is what a condition makes of a value.
func (v value) truthy() bool {
	switch v.kind {
	case boolValue:
		return v.truth
	case numberValue:
		return v.num != 0
	case textValue:
		return v.text != ""
	case listValue:
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
		return agreed(f.fold(n.Left), func(l value) value {
			return agreed(f.fold(n.Right), func(r value) value { return compare(n.Kind, l, r) })
		})
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
		return value{known: true, kind: boolValue, truth: !and, asCondition: true}
	}
	return value{}
}

func compare(op actionlint.CompareOpNodeKind, l, r value) value {
	if !l.constant() || !r.constant() || l.kind != r.kind && (l.ours || r.ours) {
		return value{}
	}
	if l.kind != r.kind {
		l, r = l.number(), r.number()
	}
	var same bool
	switch {
	case l.ours && r.ours:
		return value{}
	case l.ours || r.ours:
		if !strings.HasPrefix(l.text+r.text, outsiderName) {
			return value{}
		}
		return equality(op, false)
	}
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
			op == actionlint.CompareOpNodeKindLessEq && (less || l.num == r.num) || op == actionlint.CompareOpNodeKindGreaterEq && (more || l.num == r.num))
	}
	return equality(op, same)
}

// number is a value as GitHub compares it with one of another kind: a text that is no number is as unequal to everything as
// a list is.
// https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#operators
func (v value) number() value {
	num := math.NaN()
	switch v.kind {
	case nullValue:
		num = 0
	case boolValue:
		num = map[bool]float64{true: 1}[v.truth]
	case numberValue:
		num = v.num
	case textValue:
		if text := strings.TrimSpace(v.text); text == "" {
			num = 0
		} else if n, err := strconv.ParseFloat(text, 64); err == nil {
			num = n
		}
	}
	return value{known: true, kind: numberValue, num: num}
}

// equality is what == and != make of two values.
func equality(op actionlint.CompareOpNodeKind, same bool) value {
	switch op {
	case actionlint.CompareOpNodeKindEq:
		return truthOf(same)
	case actionlint.CompareOpNodeKindNotEq:
		return truthOf(!same)
	}
	return value{}
}

func (f folder) call(n *actionlint.FuncCallNode) value {
	args := make([]value, len(n.Args))
	for i, a := range n.Args {
		args[i] = f.fold(a)
	}
	switch name := strings.ToLower(n.Callee); {
	case name == "always":
		return truthOf(true)
	case name == "failure" || name == "success" || name == "cancelled":
		return f.status(n)
	case name == "fromjson" && len(args) == 1 && args[0].known && args[0].kind == textValue && !args[0].ours:
		return listOf(args[0].text)
	case len(args) == 2 && args[0].known && args[0].kind == listValue && name == "contains":
		return agreed(args[1], args[0].has)
	case name == "endswith" && len(args) == 2 && args[0].ours && args[1].plainText() && strings.HasPrefix(args[1].text, "-"):
		return truthOf(false) // of a copy that is not public, such as one that ends in -enterprise
	case len(args) == 2 && args[0].plainText() && args[1].plainText():
		return agreed(args[0], func(whole value) value {
			return agreed(args[1], func(part value) value { return seek(name, strings.ToLower(whole.text), strings.ToLower(part.text)) })
		})
	}
	return value{}
}

func (v value) plainText() bool { return v.known && v.kind == textValue && !v.ours }

// listOf reads a list of texts; other values are not followed.
func listOf(text string) value {
	var list []string
	if json.Unmarshal([]byte(text), &list) != nil {
		return value{}
	}
	return value{known: true, kind: listValue, list: list}
}

// has tells whether a list holds a value: an empty one holds none, whatever is asked.
func (v value) has(item value) value {
	switch {
	case len(v.list) == 0:
		return truthOf(false)
	case !item.plainText():
		return value{}
	}
	return truthOf(slices.ContainsFunc(v.list, func(s string) bool { return strings.EqualFold(s, item.text) }))
}

func seek(name, whole, part string) value {
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
