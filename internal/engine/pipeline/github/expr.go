package github

import (
	"slices"
	"strings"

	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

// maxExpression is the length that GitHub allows. It also bounds how deep the parser goes.
const maxExpression = 21_000

// maxParens bounds how deep brackets are nested in an expression.
const maxParens = 200

// An Expr is one ${{ … }} of a scalar, or the whole of a condition that is written without.
type Expr struct {
	Node     *yaml.Node // the scalar
	From, To int        // in the scalar's value, braces included
	Text     string     // what is between the braces, without the space around it
	Tree     actionlint.ExprNode
	Err      string // why Tree is nil
	Bare     bool   // a condition without braces
	inner    int    // where in the value the text that was parsed begins
}

// exprs are the expressions of a scalar, in order.
func exprs(n *yaml.Node) []*Expr {
	n = document.Follow(n)
	if n == nil || n.Kind != yaml.ScalarNode {
		return nil
	}
	var list []*Expr
	for at := 0; ; {
		i := strings.Index(n.Value[at:], "${{")
		if i < 0 {
			return list
		}
		e := parseExpr(n, at+i)
		if e == nil {
			return list
		}
		list = append(list, e)
		at = e.To
	}
}

// parseExpr reads the expression whose braces begin at a place. It is nil where they do not end.
func parseExpr(n *yaml.Node, from int) *Expr {
	e := &Expr{Node: n, From: from, inner: from + len("${{")}
	rest := n.Value[e.inner:]
	end := closing(rest)
	if end < 0 {
		return nil
	}
	e.To, e.Text = e.inner+end+len("}}"), strings.TrimSpace(rest[:end])
	e.parse(rest[:end+len("}}")])
	return e
}

// closing is where the braces end: not inside a text in quotes.
func closing(s string) int {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '\'':
			quoted = !quoted
		case !quoted && strings.HasPrefix(s[i:], "}}"):
			return i
		}
	}
	return strings.Index(s, "}}")
}

// parse fills in the tree. The source ends with the closing braces.
func (e *Expr) parse(source string) {
	if len(source) > maxExpression || tooDeep(source) {
		e.Err = "too long or too deeply nested"
		return
	}
	tree, err := actionlint.NewExprParser().Parse(actionlint.NewExprLexer(source))
	if err != nil {
		e.Err = err.Message
		return
	}
	e.Tree = tree
}

// tooDeep reports whether brackets or operators before a value are nested too deeply for a parser that calls itself.
func tooDeep(s string) bool {
	depth, not := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case '!':
			not++
		}
		if depth > maxParens {
			return true
		}
	}
	return not > maxParens
}

// condition is the expression of an `if`, with braces or without; nil where there is none. A text around the braces
// makes GitHub take the whole for a text that is true: then there is nothing to read either.
func condition(n *yaml.Node) *Expr {
	n = document.Follow(n)
	if n == nil || n.Kind != yaml.ScalarNode || strings.TrimSpace(n.Value) == "" {
		return nil
	}
	if strings.Contains(n.Value, "${{") {
		list := exprs(n)
		if len(list) == 1 && strings.TrimSpace(n.Value[:list[0].From]+n.Value[list[0].To:]) == "" {
			return list[0]
		}
		return nil
	}
	e := &Expr{Node: n, To: len(n.Value), Text: strings.TrimSpace(n.Value), Bare: true}
	e.parse(n.Value + "}}")
	return e
}

// exprs are the expressions of a scalar, read once.
func (c *context) exprs(n *yaml.Node) []*Expr {
	n = document.Follow(n)
	if n == nil || n.Kind != yaml.ScalarNode || !strings.Contains(n.Value, "${{") {
		return nil
	}
	return remember(c.memo.reads, n, func() []*Expr { return exprs(n) })
}

// scalar aligns a scalar with the file, once.
func (c *context) scalar(n *yaml.Node) *document.Scalar {
	return remember(c.memo.scalars, n, func() *document.Scalar { return c.file.Scalar(n) })
}

// exprSpan is an expression's place in the file.
func (c *context) exprSpan(e *Expr) fault.Span { return c.scalar(e.Node).Span(e.From, e.To) }

// whole is the only expression of a scalar that has nothing else; nil otherwise.
func (c *context) whole(n *yaml.Node) *Expr {
	list := c.exprs(n)
	if len(list) != 1 {
		return nil
	}
	if v := document.Follow(n).Value; strings.TrimSpace(v[:list[0].From]+v[list[0].To:]) != "" {
		return nil
	}
	return list[0]
}

// pathOf is the path that a chain of names stands for, in lower case and with dots: github.event.issue.title. A list's
// member is "*". It is "" for what is no chain of known names.
func pathOf(n actionlint.ExprNode) string {
	switch n := n.(type) {
	case *actionlint.VariableNode:
		return strings.ToLower(n.Name)
	case *actionlint.ObjectDerefNode:
		return join(pathOf(n.Receiver), n.Property)
	case *actionlint.ArrayDerefNode:
		return join(pathOf(n.Receiver), "*")
	case *actionlint.IndexAccessNode:
		switch i := n.Index.(type) {
		case *actionlint.StringNode:
			return join(pathOf(n.Operand), i.Value)
		default:
			return join(pathOf(n.Operand), "*")
		}
	}
	return ""
}

func join(base, name string) string {
	if base == "" {
		return ""
	}
	return base + "." + strings.ToLower(name)
}

// walk visits the nodes of a tree from the top until visit says that it has seen enough of one.
func walk(n actionlint.ExprNode, visit func(actionlint.ExprNode) bool) {
	if n == nil || !visit(n) {
		return
	}
	for _, child := range children(n) {
		walk(child, visit)
	}
}

func children(n actionlint.ExprNode) []actionlint.ExprNode {
	switch n := n.(type) {
	case *actionlint.ObjectDerefNode:
		return []actionlint.ExprNode{n.Receiver}
	case *actionlint.ArrayDerefNode:
		return []actionlint.ExprNode{n.Receiver}
	case *actionlint.IndexAccessNode:
		return []actionlint.ExprNode{n.Operand, n.Index}
	case *actionlint.NotOpNode:
		return []actionlint.ExprNode{n.Operand}
	case *actionlint.CompareOpNode:
		return []actionlint.ExprNode{n.Left, n.Right}
	case *actionlint.LogicalOpNode:
		return []actionlint.ExprNode{n.Left, n.Right}
	case *actionlint.FuncCallNode:
		return n.Args
	}
	return nil
}

// paths are the names that an expression reads, in order.
func paths(n actionlint.ExprNode) []string {
	var list []string
	walk(n, func(n actionlint.ExprNode) bool {
		p := pathOf(n)
		if p == "" {
			return true
		}
		list = append(list, p)
		if i, ok := n.(*actionlint.IndexAccessNode); ok {
			list = append(list, paths(i.Index)...)
		}
		return false
	})
	return list
}

// within reports whether a path is the one named or lies below it.
func within(path, base string) bool {
	return path == base || strings.HasPrefix(path, base) && path[len(base)] == '.'
}

// shownPaths are the names whose values may show in the value of an expression: not those that are only asked about.
func shownPaths(n actionlint.ExprNode) []string {
	switch n := n.(type) {
	case nil:
		return nil
	case *actionlint.CompareOpNode, *actionlint.NotOpNode:
		return nil
	case *actionlint.LogicalOpNode:
		if n.Kind == actionlint.LogicalOpNodeKindAnd {
			return shownPaths(n.Right)
		}
	case *actionlint.FuncCallNode:
		switch strings.ToLower(n.Callee) {
		case "format", "join", "tojson", "fromjson", "case":
		default:
			return nil
		}
	}
	if p := pathOf(n); p != "" {
		return []string{p}
	}
	var list []string
	for _, child := range children(n) {
		list = append(list, shownPaths(child)...)
	}
	return list
}

// trustsActor is the name by which a condition takes an event for a bot's: an actor compared with a name that ends in
// [bot].
func trustsActor(e *Expr) string {
	found := ""
	walk(e.Tree, func(n actionlint.ExprNode) bool {
		if name := botTerm(n); name != "" {
			found = name
		}
		return found == ""
	})
	return found
}

// botTerm is the actor that a term compares with a bot's name; empty for other terms.
func botTerm(n actionlint.ExprNode) string {
	var sides []actionlint.ExprNode
	switch n := n.(type) {
	case *actionlint.CompareOpNode:
		if n.Kind == actionlint.CompareOpNodeKindEq {
			sides = []actionlint.ExprNode{n.Left, n.Right}
		}
	case *actionlint.FuncCallNode:
		if strings.EqualFold(n.Callee, "contains") || strings.EqualFold(n.Callee, "startsWith") || strings.EqualFold(n.Callee, "endsWith") {
			sides = n.Args
		}
	}
	if len(sides) == 2 && (isActor(sides[0]) && isBot(sides[1]) || isActor(sides[1]) && namesBot(sides[0])) {
		return pathOf(sides[0]) + pathOf(sides[1])
	}
	return ""
}

// namesBot reports whether a value is a bot's name, or a list or text in which there is one.
func namesBot(n actionlint.ExprNode) bool {
	if f, ok := n.(*actionlint.FuncCallNode); ok && strings.EqualFold(f.Callee, "fromJSON") && len(f.Args) == 1 {
		n = f.Args[0]
	}
	s, ok := n.(*actionlint.StringNode)
	return isBot(n) || ok && strings.Contains(strings.ToLower(s.Value), "[bot]")
}

// decidedByActor reports whether a term about a bot's name can change what a condition is worth: it cannot where it is an
// alternative to what holds anyway.
func (f folder) decidedByActor(n actionlint.ExprNode) bool {
	terms := alternatives(n)
	if len(terms) > 1 {
		for _, term := range terms {
			if v := f.fold(term); v.known && v.truthy() {
				return false
			}
		}
		return slices.ContainsFunc(terms, f.decidedByActor)
	}
	return botTerm(n) != "" || slices.ContainsFunc(children(n), f.decidedByActor)
}

// alternatives are the terms that || joins, in any order.
func alternatives(n actionlint.ExprNode) []actionlint.ExprNode {
	var terms []actionlint.ExprNode
	for open := []actionlint.ExprNode{n}; len(open) > 0; {
		n, open = open[len(open)-1], open[:len(open)-1]
		if op, ok := n.(*actionlint.LogicalOpNode); ok && op.Kind == actionlint.LogicalOpNodeKindOr {
			open = append(open, op.Left, op.Right)
		} else {
			terms = append(terms, n)
		}
	}
	return terms
}

func isActor(n actionlint.ExprNode) bool {
	switch pathOf(n) {
	case "github.actor", "github.triggering_actor", "github.event.sender.login", "github.actor_id", "github.event.pull_request.sender.login":
		return true
	}
	return false
}

func isBot(n actionlint.ExprNode) bool {
	if number, ok := n.(*actionlint.IntNode); ok {
		return number.Value == 49699333 || number.Value == 27856297
	}
	s, ok := n.(*actionlint.StringNode)
	return ok && (strings.HasSuffix(strings.ToLower(s.Value), "[bot]") || s.Value == "dependabot-preview" || s.Value == "49699333" || s.Value == "27856297")
}
