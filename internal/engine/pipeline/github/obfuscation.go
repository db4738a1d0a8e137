package github

import (
	"fmt"
	"strings"

	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/finding"
)

// obfuscated: an expression or reference is written in a roundabout way, which readers and tools do not see through.
func obfuscated(c *context) {
	if c.workflow == nil && c.action == nil {
		return
	}
	for n := range document.Scalars(c.file.Top()) {
		for _, e := range c.exprs(n) {
			if e.Tree == nil {
				continue
			}
			why := roundabout(e.Tree)
			if why == "" && constantWork(e.Tree) {
				why = "always gives the same"
			}
			if why != "" {
				c.tell(c.exprSpan(e), e.Text, fmt.Sprintf("“%s” %s", short(e.Text), why))
			}
		}
	}
	for _, s := range c.steps() {
		for name, n := range map[string]*yaml.Node{"with": s.With, "env": s.Env} {
			if e := c.whole(n); e != nil && document.IsScalar(n) {
				f := c.tellAt(n, s.Key()+" "+name, fmt.Sprintf("“%s” makes all of %q of step %q at run time", short(e.Text), name, s.Label()))
				f.Severity, f.Confidence = finding.Info, finding.LowConfidence
			}
		}
		if s.Ref.Kind == Remote && crooked(s.Ref.Path, s.Ref.Text) {
			c.tellAt(s.Uses, s.Key()+" "+s.Ref.Text, fmt.Sprintf("%q names its folder in a roundabout way", s.Ref.Text))
		}
	}
}

// constantWork reports whether an expression comes to a constant, and is neither true nor false nor a text that could not
// be written otherwise.
func constantWork(tree actionlint.ExprNode) bool {
	switch n := tree.(type) {
	case *actionlint.BoolNode, *actionlint.NullNode, *actionlint.IntNode, *actionlint.FloatNode:
		return false
	case *actionlint.StringNode:
		return !strings.ContainsAny(n.Value, "{}$'")
	case *actionlint.FuncCallNode:
		if strings.EqualFold(n.Callee, "always") {
			return false
		}
	}
	return folder(nil).fold(tree).constant()
}

// crooked reports whether a path holds steps that lead nowhere.
func crooked(path, text string) bool {
	name, _, _ := strings.Cut(text, "@")
	if strings.Contains(name, "//") || strings.HasSuffix(name, "/") {
		return true
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "." || part == ".." {
			return true
		}
	}
	return false
}

// roundabout tells what is strange in an expression: work on nothing but constants, or a name that is put together.
func roundabout(tree actionlint.ExprNode) string {
	why := ""
	walk(tree, func(n actionlint.ExprNode) bool {
		switch n := n.(type) {
		case *actionlint.FuncCallNode:
			name := strings.ToLower(n.Callee)
			if (name == "format" || name == "join" || name == "tojson") && constantArgs(n) {
				why = "works on constants alone"
			}
			if (name == "fromjson" || name == "tojson") && len(n.Args) == 1 {
				if inner, ok := n.Args[0].(*actionlint.FuncCallNode); ok && strings.EqualFold(inner.Callee, map[string]string{"fromjson": "tojson", "tojson": "fromjson"}[name]) {
					why = "takes apart what it put together"
				}
			}
		case *actionlint.IndexAccessNode:
			if made, ok := n.Index.(*actionlint.FuncCallNode); ok && (strings.EqualFold(made.Callee, "format") || strings.EqualFold(made.Callee, "join")) && strings.HasPrefix(pathOf(n.Operand), "github") {
				why = "puts together the name that it reads"
			}
		}
		return why == ""
	})
	return why
}

func constantArgs(n *actionlint.FuncCallNode) bool {
	for _, a := range n.Args {
		if !folder(nil).fold(a).constant() {
			return false
		}
	}
	return len(n.Args) > 0
}
