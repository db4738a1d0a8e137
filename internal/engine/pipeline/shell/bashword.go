package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

func (b *builder) literal(l *syntax.Lit) Word {
	w := Word{Range: b.node(l), Parts: []Part{{Text: l.Value, Range: b.node(l)}}}
	w.render()
	return w
}

func (b *builder) word(w *syntax.Word, q Quote) Word {
	if w == nil {
		return Word{}
	}
	out := Word{Range: b.node(w)}
	b.within(func() { b.parts(w.Parts, q, &out) })
	out.render()
	return out
}

func (b *builder) parts(list []syntax.WordPart, q Quote, out *Word) {
	for _, p := range list {
		switch x := p.(type) {
		case *syntax.Lit:
			b.lit(x.Value, b.node(x), q, out)
		case *syntax.SglQuoted:
			r := b.node(x)
			inner := Range{Start: min(r.Start+1, r.End), End: max(r.End-1, r.Start)}
			if x.Dollar {
				inner.Start = min(inner.Start+1, inner.End)
			}
			if inner.End < inner.Start {
				inner.End = inner.Start
			}
			b.lit(x.Value, inner, Single, out)
		case *syntax.DblQuoted:
			if len(x.Parts) == 0 {
				out.Parts = append(out.Parts, Part{Quote: Double, Range: b.node(x)})
			}
			b.within(func() { b.parts(x.Parts, Double, out) })
		case *syntax.ParamExp:
			b.within(func() { b.param(x, q, out) })
		case *syntax.CmdSubst:
			out.Parts = append(out.Parts, Part{Kind: Capture, Quote: q, Range: b.node(x), Stream: b.capture(x.Stmts)})
		case *syntax.ProcSubst:
			out.Parts = append(out.Parts, b.process(x, q))
		case *syntax.ArithmExp:
			out.Parts = append(out.Parts, Part{Kind: Number, Quote: q, Range: b.node(x)})
			b.arithmetic(x.X, out, 0)
		case *syntax.ExtGlob:
			b.lit(b.source(x), b.node(x), q, out)
		}
	}
}

func (b *builder) source(n syntax.Node) string {
	r := b.node(n)
	return b.script.Text[r.Start:r.End]
}

// lit appends a literal, cut at the holes that lie in it.
func (b *builder) lit(value string, r Range, q Quote, out *Word) {
	if source := b.script.Text[r.Start:r.End]; len(source) > len(value) && strings.HasPrefix(source, value) && q == RawHeredoc {
		r.End = r.Start + len(value) // the parser counts the delimiter of a quoted here-document in
	}
	exact := len(value) == r.End-r.Start
	at := r.Start
	i, _ := slices.BinarySearchFunc(b.script.Holes, r.Start, func(h Range, at int) int { return h.End - at - 1 })
	for ; i < len(b.script.Holes) && b.script.Holes[i].Start < r.End; i++ {
		h := Range{Start: max(b.script.Holes[i].Start, at), End: min(b.script.Holes[i].End, r.End)}
		if h.Start > at {
			b.fixed(value, r, Range{Start: at, End: h.Start}, exact, q, out)
		}
		out.Parts = append(out.Parts, Part{Kind: Hole, Quote: q, Range: h, Hole: i})
		at = h.End
	}
	if at < r.End || at == r.Start {
		b.fixed(value, r, Range{Start: at, End: r.End}, exact, q, out)
	}
}

// fixed appends the text of a part of a literal. A literal with line continuations is shorter than its source; then the
// source stands for it.
func (b *builder) fixed(value string, whole, part Range, exact bool, q Quote, out *Word) {
	text := b.script.Text[part.Start:part.End]
	switch {
	case exact:
		text = value[part.Start-whole.Start : part.End-whole.Start]
	case part == whole:
		text = value
	}
	out.Parts = append(out.Parts, Part{Text: unescape(text, q), Quote: q, Range: part})
}

// unescape takes out the backslashes that the shell takes out.
func unescape(s string, q Quote) string {
	if q == Single || q == RawHeredoc || strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (q == Bare || strings.IndexByte("$`\\\n", s[i+1]) >= 0 || q == Double && s[i+1] == '"') {
			if i++; s[i] == '\n' {
				continue
			}
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

func (b *builder) capture(stmts []*syntax.Stmt) int {
	stream := b.stream()
	b.within(func() {
		b.at.out, b.at.captured, b.at.stdout, b.at.pipe, b.at.condition = stream, true, nil, 0, false
		b.list(stmts)
	})
	return stream
}

func (b *builder) process(x *syntax.ProcSubst, q Quote) Part {
	stream := b.stream()
	b.within(func() {
		b.at.pipe, b.at.condition = 0, false
		if x.Op == syntax.CmdOut {
			b.at.in = stream
		} else {
			b.at.out, b.at.captured, b.at.stdout = stream, true, nil
		}
		b.list(x.Stmts)
	})
	return Part{Kind: Process, Quote: q, Range: b.node(x), Stream: stream}
}

// param appends a variable and what its expansion holds.
func (b *builder) param(x *syntax.ParamExp, q Quote, out *Word) {
	if x.Param == nil {
		return
	}
	p := Part{Kind: Variable, Quote: q, Range: b.node(x), Name: b.qualify(x.Param.Value)}
	p.Clean = x.Length || x.Width || x.IsSet || x.Names != 0 || x.Param.Value == "?" || x.Param.Value == "#" || x.Param.Value == "$"
	p.Indirect = x.Excl && x.Names == 0
	var extra []*syntax.Word
	if x.Exp != nil {
		switch x.Exp.Op {
		case syntax.AlternateUnset, syntax.AlternateUnsetOrNull:
			p.Clean = true
		case syntax.OtherParamOps:
			word := ""
			if x.Exp.Word != nil {
				word = x.Exp.Word.Lit()
			}
			p.Indirect = word == "P"
			p.Clean = word == "Q" || word == "a"
		}
		extra = append(extra, x.Exp.Word)
	}
	if x.Repl != nil {
		p.Clean, p.OneLine = replaced(x.Repl)
		extra = append(extra, x.Repl.Orig, x.Repl.With)
	}
	out.Parts = append(out.Parts, p)
	for _, w := range extra {
		if w != nil {
			b.expansionWord(x, w, q, out)
		}
	}
	if x.Index != nil {
		b.arithmetic(x.Index, out, 0)
	}
	if x.Slice != nil {
		b.arithmetic(x.Slice.Offset, out, 0)
		b.arithmetic(x.Slice.Length, out, 0)
	}
}

// expansionWord appends the word of ${x:-word}. That of a pattern, as in ${x#word}, cuts the value and is not in it.
func (b *builder) expansionWord(x *syntax.ParamExp, w *syntax.Word, q Quote, out *Word) {
	inner := b.word(w, q)
	value := x.Exp != nil && (x.Exp.Op <= syntax.AssignUnsetOrNull) && x.Exp.Op != syntax.ErrorUnset && x.Exp.Op != syntax.ErrorUnsetOrNull
	for _, p := range inner.Parts {
		if p.Kind == Literal {
			continue // which text it is depends on the variable: the whole is not static anyway
		}
		p.Clean = p.Clean || !value && p.Kind == Variable
		out.Parts = append(out.Parts, p)
	}
}

// replaced looks at ${x//pattern/with}: a pattern of all but safe characters leaves a clean value.
func replaced(r *syntax.Replace) (clean, oneLine bool) {
	if !r.All || r.Orig == nil {
		return false, false
	}
	fixed := ""
	if r.With != nil {
		for _, p := range r.With.Parts {
			if l, ok := p.(*syntax.Lit); ok {
				fixed += l.Value
			} else {
				return false, false
			}
		}
	}
	var pattern string
	for _, p := range r.Orig.Parts {
		switch x := p.(type) {
		case *syntax.Lit:
			pattern += x.Value
		case *syntax.SglQuoted:
			pattern += x.Value
			if x.Dollar && x.Value == `\n` {
				return false, true
			}
		default:
			return false, false
		}
	}
	if pattern == "\n" {
		return false, true
	}
	for _, open := range []string{"[^", "[!"} {
		if body, ok := strings.CutPrefix(pattern, open); ok && strings.HasSuffix(body, "]") && safeClass(body[:len(body)-1]) && safeText(fixed) {
			return true, true
		}
	}
	return false, false
}

// qualify names the positional parameters of a function after it, so that each function has its own.
func (b *builder) qualify(name string) string {
	if b.at.function == "" || name == "" || name[0] != '@' && name[0] != '*' && (name[0] < '0' || name[0] > '9') {
		return name
	}
	return b.at.function + "." + name
}

// arithmetic appends the variables of an expression. The shell evaluates their values as expressions again, and those can
// hold command substitutions: their Quote tells.
func (b *builder) arithmetic(x syntax.ArithmExpr, out *Word, depth int) {
	if depth > maxDepth {
		b.deep = true
		return
	}
	switch e := x.(type) {
	case *syntax.Word:
		b.arithmeticWord(e, out)
	case *syntax.BinaryArithm:
		b.arithmetic(e.X, out, depth+1)
		b.arithmetic(e.Y, out, depth+1)
	case *syntax.UnaryArithm:
		b.arithmetic(e.X, out, depth+1)
	case *syntax.ParenArithm:
		b.arithmetic(e.X, out, depth+1)
	}
}

func (b *builder) arithmeticWord(e *syntax.Word, out *Word) {
	if e == nil {
		return
	}
	inner := b.word(e, Arithmetic)
	for _, p := range inner.Parts {
		p.Quote = Arithmetic
		if p.Kind == Literal && validName(p.Text) && len(inner.Parts) == 1 {
			p.Kind, p.Name = Variable, p.Text
		}
		out.Parts = append(out.Parts, p)
	}
}

// test appends the words of [[ … ]] to a command. The operands of -eq and its like are arithmetic.
func (b *builder) test(x syntax.TestExpr, c *Command, number bool) {
	if len(c.Args) > 1000 {
		b.deep = true
		return
	}
	b.within(func() {
		switch e := x.(type) {
		case *syntax.Word:
			w := Word{Range: b.node(e)}
			if number {
				b.arithmeticWord(e, &w)
				w.render()
			} else {
				w = b.word(e, Bare)
			}
			c.Args = append(c.Args, w)
		case *syntax.BinaryTest:
			b.test(e.X, c, numeric(e.Op))
			b.test(e.Y, c, numeric(e.Op))
		case *syntax.UnaryTest:
			b.test(e.X, c, false)
		case *syntax.ParenTest:
			b.test(e.X, c, false)
		}
	})
}

func numeric(op syntax.BinTestOperator) bool {
	switch op {
	case syntax.TsEql, syntax.TsNeq, syntax.TsLeq, syntax.TsGeq, syntax.TsLss, syntax.TsGtr:
		return true
	}
	return false
}

// maxNested is how many scripts in strings are read inside each other.
const maxNested = 3

// inner reads the scripts that a command gets as a fixed text: bash -c '…', and a here-document into a shell.
func (b *builder) inner(c *Command) {
	if b.nested >= maxNested {
		return
	}
	place := b.at
	index := len(b.script.Commands) - 1
	for _, w := range codeWords(c) {
		if len(w.Parts) == 1 && w.Parts[0].Kind == Literal && b.innerIs(w.Parts[0]) {
			b.nest(w.Parts[0].Range, place)
		}
	}
	c = &b.script.Commands[index]
	if !isShell(c.Name) && c.Name != "ssh" {
		return
	}
	for _, r := range c.Redirects {
		if len(r.Body.Parts) == 1 && b.innerIs(r.Body.Parts[0]) {
			b.nest(r.Body.Parts[0].Range, place)
		}
	}
}

// innerIs says that a part's text stands in the script as it is.
func (b *builder) innerIs(p Part) bool {
	return p.Kind == Literal && p.Text == b.script.Text[p.Range.Start:p.Range.End] && p.Text != ""
}

func (b *builder) nest(r Range, at place) {
	child := *b
	child.text, child.base, child.nested, child.at = b.script.Text[r.Start:r.End], r.Start, b.nested+1, at
	child.at.end = r.End
	child.lenient, child.pipefail = b.lenient, b.pipefail
	_ = child.parse(Bash) // what is no script there is text, and its holes and variables have been seen in the outer command
	b.streams, b.deep = child.streams, b.deep || child.deep
}

// codeWords are the arguments that a command runs as shell code.
func codeWords(c *Command) []Word {
	if c.Name == "eval" {
		return c.Args
	}
	if c.Name == "ssh" {
		if ops := c.Operands("-i", "-p", "-o", "-l", "-F", "-J", "-L", "-R", "-D", "-b", "-c", "-E", "-S", "-W", "-w", "-m"); len(ops) > 1 {
			return ops[1:]
		}
		return nil
	}
	if c.Name == "trap" && len(c.Args) > 1 {
		return c.Args[:1]
	}
	return dashC(c)
}

// dashC finds "sh -c CODE" in a command and its arguments, whatever runs the shell: docker, kubectl, find, su.
func dashC(c *Command) []Word {
	name := c.Name
	for i, a := range c.Args {
		text := a.Text
		if (isShell(name) || name == "su") && len(text) > 1 && text[0] == '-' && !strings.HasPrefix(text, "--") && strings.HasSuffix(text, "c") && i+1 < len(c.Args) {
			return c.Args[i+1 : i+2]
		}
		if strings.HasPrefix(text, "-") && (isShell(name) || name == "su") || (isShell(name) || name == "su") && i > 0 && c.Args[i-1].Text == "-o" {
			continue // further options of the shell
		}
		if !strings.HasPrefix(text, "-") {
			name = baseName(text)
		}
	}
	return nil
}
