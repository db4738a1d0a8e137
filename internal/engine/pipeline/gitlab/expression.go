package gitlab

import (
	"regexp"
	"strings"

	"github.com/assaysec/assay/internal/lazyregexp"
)

// An expr is the condition of rules:if. https://docs.gitlab.com/ci/jobs/job_rules/#cicd-variable-expressions
type expr struct {
	op          string // "||", "&&", "==", "!=", "=~", "!~", "set" for a variable alone, "text" for a literal alone
	left, right *expr  // of || and &&
	a, b        operand
}

// An operand is a variable, a text, a pattern or null.
type operand struct {
	kind byte // 'v', 's', 'r', or 'n'
	text string
}

// maxExpr bounds the length of an expression that is read, and maxExprDepth its brackets.
const (
	maxExpr      = 8 << 10
	maxExprDepth = 40
)

// parseExpr reads a condition; nil where it is none.
func parseExpr(text string) *expr {
	if len(text) > maxExpr {
		return nil
	}
	p := &exprParser{tokens: lexExpr(text)}
	e := p.either(0)
	if p.bad || p.at != len(p.tokens) {
		return nil
	}
	return e
}

type exprToken struct {
	kind byte // as of operand, or 'o' for an operator
	text string
}

var exprTokens = lazyregexp.New(`^(?:\s+|(\|\||&&|==|!=|=~|!~|\(|\))|\$(?:(\w+)|\{(\w+)\})|"([^"]*)"|'([^']*)'|(/(?:\\.|[^/\\])*/[a-z]*)|(null)\b)`)

// lexExpr gives the tokens, nil where a part is none.
func lexExpr(text string) []exprToken {
	var out []exprToken
	for text != "" {
		m := exprTokens().FindStringSubmatchIndex(text)
		if m == nil {
			return nil
		}
		for group, kind := range []byte{0, 'o', 'v', 'v', 's', 's', 'r', 'n'} {
			if group > 0 && m[2*group] >= 0 {
				out = append(out, exprToken{kind, text[m[2*group]:m[2*group+1]]})
			}
		}
		text = text[m[1]:]
	}
	return out
}

type exprParser struct {
	tokens []exprToken
	at     int
	bad    bool
}

func (p *exprParser) operator(ops ...string) string {
	if p.at < len(p.tokens) && p.tokens[p.at].kind == 'o' {
		for _, op := range ops {
			if p.tokens[p.at].text == op {
				p.at++
				return op
			}
		}
	}
	return ""
}

func (p *exprParser) either(depth int) *expr {
	left := p.both(depth)
	for !p.bad && p.operator("||") != "" {
		left = &expr{op: "||", left: left, right: p.both(depth)}
	}
	return left
}

func (p *exprParser) both(depth int) *expr {
	left := p.comparison(depth)
	for !p.bad && p.operator("&&") != "" {
		left = &expr{op: "&&", left: left, right: p.comparison(depth)}
	}
	return left
}

func (p *exprParser) comparison(depth int) *expr {
	if p.operator("(") != "" {
		if depth > maxExprDepth {
			p.bad = true
			return nil
		}
		e := p.either(depth + 1)
		p.bad = p.bad || p.operator(")") == ""
		return e
	}
	a := p.operand()
	op := p.operator("==", "!=", "=~", "!~")
	switch {
	case p.bad:
		return nil
	case op != "":
		return &expr{op: op, a: a, b: p.operand()}
	case a.kind == 'v':
		return &expr{op: "set", a: a}
	}
	return &expr{op: "text", a: a}
}

func (p *exprParser) operand() operand {
	if p.at >= len(p.tokens) || p.tokens[p.at].kind == 'o' {
		p.bad = true
		return operand{}
	}
	t := p.tokens[p.at]
	p.at++
	return operand(t)
}

// A truth is what is known of a condition.
type truth int8

const (
	no truth = iota - 1
	unknown
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// A world is what is known of the variables of a pipeline: a value for those that have a known one, "" for those that are
// not set, and what to think of comparisons that values alone do not decide.
type world struct {
	values  map[string]string
	compare func(e *expr) truth // nil: unknown
}

// eval is what a condition comes to in a world.
func (w *world) eval(e *expr) truth {
	switch {
	case e == nil:
		return unknown
	case e.op == "||":
		return max(w.eval(e.left), w.eval(e.right))
	case e.op == "&&":
		return min(w.eval(e.left), w.eval(e.right))
	}
	if w.compare != nil {
		if t := w.compare(e); t != unknown {
			return t
		}
	}
	a, known := w.value(e.a)
	switch e.op {
	case "text":
		return truthOf(a != "" && e.a.kind != 'n')
	case "set":
		if !known {
			return unknown
		}
		return truthOf(a != "")
	}
	b, known2 := w.value(e.b)
	if !known || !known2 {
		return unknown
	}
	return compare(e, a, b)
}

func (w *world) value(o operand) (string, bool) {
	if o.kind != 'v' {
		return o.text, true
	}
	v, ok := w.values[o.text]
	return v, ok
}

// compare decides a comparison of known values. A variable that is not set is null, and no text equals null.
func compare(e *expr, a, b string) truth {
	switch e.op {
	case "==", "!=":
		if e.a.kind == 'n' {
			a = ""
		}
		if e.b.kind == 'n' {
			b = ""
		}
		// A variable that is not set is null, which the empty text is not.
		empty := a == "" && b == "" && (e.a.kind == 's') != (e.b.kind == 's')
		return truthOf((a == b && !empty) == (e.op == "=="))
	}
	re := pattern(b)
	if re == nil || e.b.kind != 'r' {
		return unknown
	}
	return truthOf(re.MatchString(a) == (e.op == "=~"))
}

// pattern compiles /…/ with its flags. GitLab uses RE2, as Go does.
func pattern(text string) *regexp.Regexp {
	end := strings.LastIndexByte(text, '/')
	if end < 1 || len(text) > 1000 {
		return nil
	}
	prefix := ""
	if strings.Contains(text[end:], "i") {
		prefix = "(?i)"
	}
	re, err := regexp.Compile(prefix + text[1:end])
	if err != nil {
		return nil
	}
	return re
}
