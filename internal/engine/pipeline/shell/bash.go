package shell

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"
)

// A builder turns a syntax tree into commands, in the order of execution.
type builder struct {
	script   *Script
	lenient  bool
	pipefail bool

	text    string // what is parsed now: the script, or a script in one of its strings
	base    int    // where that begins in the script
	nested  int
	depth   int
	streams int
	deep    bool // something was left out
	at      place
}

// A place is what the constructs around a command say of it.
type place struct {
	out       int
	captured  bool
	in        int
	pipe      int
	stdout    *Redirect
	function  string
	ignored   string
	condition bool
	behind    bool // in the background
	end       int  // of the list of statements around
}

func (b *builder) bash() error {
	b.script.Commands = make([]Command, 0, 4+strings.Count(b.script.Text, "\n")*3/2)
	b.text = b.script.Text
	b.at.end = len(b.text)
	return b.parse(b.script.Dialect)
}

// parse reads b.text. Bash and POSIX differ in little, and platforms name one where people write the other: what one
// does not parse is tried as the other, and the one that comes further counts.
func (b *builder) parse(d Dialect) error {
	if boundless(b.text) {
		return ErrTooDeep
	}
	langs := []syntax.LangVariant{syntax.LangBash, syntax.LangPOSIX}
	if d == POSIX {
		langs = []syntax.LangVariant{syntax.LangBash, syntax.LangPOSIX, syntax.LangMirBSDKorn}
	}
	var best []*syntax.Stmt
	var failed error
	for _, lang := range langs {
		stmts, err := parseAs(b.text, lang)
		if failed == nil || err == nil || reach(stmts) > reach(best) {
			best = stmts
		}
		if err == nil {
			failed = nil
			break
		}
		if failed == nil {
			failed = err
		}
	}
	b.stmts(best, Range{Start: 0, End: len(b.text)})
	if failed == nil && b.deep && b.nested == 0 {
		return ErrTooDeep
	}
	if failed != nil {
		return fmt.Errorf("not a %s script: %w", b.script.Dialect, failed)
	}
	return nil
}

// parsers keep their buffers between scripts.
var parsers = map[syntax.LangVariant]*sync.Pool{
	syntax.LangBash: parserPool(syntax.LangBash), syntax.LangPOSIX: parserPool(syntax.LangPOSIX), syntax.LangMirBSDKorn: parserPool(syntax.LangMirBSDKorn),
}

func parserPool(lang syntax.LangVariant) *sync.Pool {
	return &sync.Pool{New: func() any { return syntax.NewParser(syntax.Variant(lang)) }}
}

// parseAs gives the statements before the first error. It does not leave the loop there: the parser's sequence goes on
// after an error in a here-document, and Go does not forgive that (found by fuzzing, mvdan.cc/sh v3.14.1).
func parseAs(text string, lang syntax.LangVariant) (stmts []*syntax.Stmt, failed error) {
	p := parsers[lang].Get().(*syntax.Parser)
	defer parsers[lang].Put(p)
	for stmt, err := range p.StmtsSeq(strings.NewReader(text)) {
		switch {
		case err != nil && failed == nil:
			failed = err
		case failed == nil:
			stmts = append(stmts, stmt)
		}
	}
	return stmts, failed
}

func reach(stmts []*syntax.Stmt) uint {
	if len(stmts) == 0 {
		return 0
	}
	return stmts[len(stmts)-1].End().Offset()
}

// span is the range of a node in the script, kept within the text whatever the parser says.
func (b *builder) span(from, to syntax.Pos) Range {
	start := min(int(from.Offset()), len(b.text))
	return Range{Start: b.base + start, End: b.base + min(max(int(to.Offset()), start), len(b.text))}
}

func (b *builder) node(n syntax.Node) Range { return b.span(n.Pos(), n.End()) }

// within runs f one level deeper, with the place as it is now restored afterwards.
func (b *builder) within(f func()) {
	if b.depth >= maxDepth {
		b.deep = true
		return
	}
	saved := b.at
	b.depth++
	f()
	b.depth--
	b.at = saved
}

func (b *builder) stream() int {
	b.streams++
	return b.streams
}

func (b *builder) stmts(list []*syntax.Stmt, around Range) {
	b.within(func() {
		b.at.end = b.base + around.End
		for _, s := range list {
			b.stmt(s)
		}
	})
}

func (b *builder) list(list []*syntax.Stmt) {
	if len(list) > 0 {
		b.stmts(list, Range{Start: 0, End: int(list[len(list)-1].End().Offset())})
	}
}

func (b *builder) stmt(s *syntax.Stmt) {
	b.within(func() {
		if s.Background {
			b.at.behind, b.at.ignored = true, "&"
		}
		if s.Negated {
			b.at.condition = true
		}
		redirects := b.redirects(s.Redirs)
		if call, ok := s.Cmd.(*syntax.CallExpr); ok {
			b.call(call, redirects, b.node(s))
			return
		}
		if decl, ok := s.Cmd.(*syntax.DeclClause); ok {
			b.decl(decl, redirects, b.node(s))
			return
		}
		if s.Cmd == nil {
			cmd := Command{Kind: Assignment, Redirects: redirects, Range: b.node(s)}
			if b.at.captured && len(redirects) == 1 && redirects[0].Op == "<" {
				cmd.Kind, cmd.Name = Expression, "cat" // $(<file)
			}
			b.add(cmd)
			return
		}
		b.enter(redirects)
		b.compound(s)
	})
}

// enter applies a block's redirections to what stands in it.
func (b *builder) enter(redirects []Redirect) {
	for i := range redirects {
		r := &redirects[i]
		switch {
		case r.writes():
			b.at.stdout = r
		case strings.HasPrefix(r.Op, "<"):
			// The block reads a file or a text: a command of its own stands for that source.
			if at := slices.IndexFunc(r.Target.Parts, func(p Part) bool { return p.Kind == Process }); at >= 0 {
				b.at.in = r.Target.Parts[at].Stream
				continue
			}
			stream := b.stream()
			word := r.Target
			if r.Op == "<<" || r.Op == "<<-" {
				word = r.Body
			}
			name := "echo"
			if r.Op == "<" {
				name = "cat"
			}
			b.script.Commands = append(b.script.Commands, Command{Kind: Expression, Name: name, Args: []Word{word}, Out: stream, Range: r.Range})
			b.at.in = stream
		}
	}
}

func (b *builder) compound(s *syntax.Stmt) {
	switch c := s.Cmd.(type) {
	case *syntax.Block:
		b.list(c.Stmts)
	case *syntax.Subshell:
		b.list(c.Stmts)
	case *syntax.BinaryCmd:
		b.binary(c)
	case *syntax.IfClause:
		b.ifs(c)
	case *syntax.WhileClause:
		b.cond(c.Cond)
		b.list(c.Do)
	case *syntax.ForClause:
		b.loop(c)
	case *syntax.CaseClause:
		b.cases(c)
	case *syntax.FuncDecl:
		b.function(c)
	case *syntax.TimeClause:
		if c.Stmt != nil {
			b.stmt(c.Stmt)
		}
	case *syntax.CoprocClause:
		b.at.behind = true
		b.stmt(c.Stmt)
	case *syntax.TestClause:
		cmd := Command{Kind: Test, Name: "[[", Range: b.node(c)}
		b.test(c.X, &cmd, false)
		b.add(cmd)
	case *syntax.ArithmCmd:
		b.calculation(b.node(c), c.X)
	case *syntax.LetClause:
		b.calculation(b.node(c), c.Exprs...)
	}
}

func (b *builder) cond(list []*syntax.Stmt) {
	b.within(func() {
		b.at.condition = true
		b.list(list)
	})
}

func (b *builder) calculation(r Range, exprs ...syntax.ArithmExpr) {
	w := Word{Range: r}
	for _, x := range exprs {
		b.arithmetic(x, &w, 0)
	}
	w.render()
	b.add(Command{Kind: Calculation, Name: "((", Args: []Word{w}, Range: r})
}

func (b *builder) binary(c *syntax.BinaryCmd) {
	switch c.Op {
	case syntax.Pipe, syntax.PipeAll:
		stream := b.stream()
		before, first := b.at, b.at
		first.out, first.captured, first.stdout = stream, false, nil
		if !b.pipefail && first.ignored == "" {
			first.ignored = "|"
		}
		b.at = first
		b.stmt(c.X)
		b.at = before
		b.at.in, b.at.pipe = stream, b.at.pipe+1
		b.stmt(c.Y)
	case syntax.AndStmt, syntax.OrStmt:
		b.conditional(c)
	}
}

// swallows says how the right side of || makes a failure go away.
func swallows(s *syntax.Stmt) string {
	switch c := s.Cmd.(type) {
	case *syntax.CallExpr:
		if len(s.Redirs) > 0 && s.Redirs[0].Op == syntax.AppOut {
			return "" // the failure is written down for a later step
		}
		return swallowsCall(c)
	case *syntax.Block:
		if len(c.Stmts) > 0 {
			return swallows(c.Stmts[len(c.Stmts)-1])
		}
	case *syntax.Subshell:
		if len(c.Stmts) > 0 {
			return swallows(c.Stmts[len(c.Stmts)-1])
		}
	}
	return ""
}

func swallowsCall(c *syntax.CallExpr) string {
	if len(c.Args) == 0 {
		return "" // status=$? is kept for later
	}
	name := c.Args[0].Lit()
	switch name {
	case "true", ":", "echo", "printf", "continue", "warn", "cat":
		return "|| " + name
	case "exit", "return":
		if len(c.Args) > 1 && c.Args[1].Lit() == "0" {
			return "|| " + name + " 0"
		}
	}
	return ""
}

func (b *builder) loop(c *syntax.ForClause) {
	switch l := c.Loop.(type) {
	case *syntax.WordIter:
		cmd := Command{Kind: For, Range: b.node(l)}
		value := Word{Range: cmd.Range}
		for _, item := range l.Items {
			w := b.word(item, Bare)
			cmd.Args = append(cmd.Args, w)
			value.Parts = append(value.Parts, w.Parts...)
		}
		value.render()
		cmd.Assigns = []Assign{{Name: l.Name.Value, Value: value, Range: b.node(l.Name)}}
		b.add(cmd)
	case *syntax.CStyleLoop:
		var exprs []syntax.ArithmExpr
		for _, x := range []syntax.ArithmExpr{l.Init, l.Cond, l.Post} {
			if x != nil {
				exprs = append(exprs, x)
			}
		}
		b.calculation(b.node(l), exprs...)
	}
	b.list(c.Do)
}

func (b *builder) function(c *syntax.FuncDecl) {
	if c.Name == nil || c.Body == nil {
		return
	}
	if b.script.functions == nil {
		b.script.functions = map[string]bool{}
	}
	b.script.functions[c.Name.Value] = true
	b.within(func() {
		b.at.function = c.Name.Value
		b.at.in, b.at.out, b.at.stdout, b.at.ignored, b.at.condition = 0, 0, nil, "", false
		b.stmt(c.Body)
	})
}

// add gives a command its place and keeps it.
func (b *builder) add(c Command) {
	c.Out, c.Captured, c.Stdout, c.Pipe = b.at.out, b.at.captured, b.at.stdout, b.at.pipe
	if c.In == 0 {
		c.In = b.at.in
	}
	c.Function, c.Ignored, c.Background, c.Condition = b.at.function, b.at.ignored, b.at.behind, b.at.condition
	c.Nested = b.nested
	for i := range c.Redirects {
		r := &c.Redirects[i]
		if r.writes() {
			c.Stdout = r
		}
		if strings.HasPrefix(r.Op, "<") && c.Name != "" {
			c.In = 0 // its own source comes before the pipe
		}
		if (r.Op == ">&" || r.Op == "<&") && r.Target.Text == "2" && r.FD != "2" {
			c.Stdout, c.Out = nil, 0
		}
	}
	if c.Ignored == "" && b.lenient && !c.Condition {
		c.Ignored = "set +e"
	}
	b.script.Commands = append(b.script.Commands, c)
	if c.Name == "set" && b.nested == 0 {
		b.options(&c)
	}
}

// options follows set -e, set +e and set -o pipefail.
func (b *builder) options(c *Command) {
	args := c.static()
	for i, a := range args {
		on := strings.HasPrefix(a, "-")
		switch {
		case a == "pipefail" && i > 0:
			b.pipefail = strings.HasPrefix(args[i-1], "-")
		case a == "errexit" && i > 0:
			b.lenient = strings.HasPrefix(args[i-1], "+")
		case len(a) > 1 && (on || a[0] == '+') && strings.Contains(a, "e") && !strings.HasPrefix(a, "--"):
			b.lenient = !on
		}
	}
}

func (b *builder) call(c *syntax.CallExpr, redirects []Redirect, r Range) {
	cmd := Command{Kind: Simple, Redirects: redirects, Range: r}
	for _, a := range c.Assigns {
		cmd.Assigns = append(cmd.Assigns, b.assign(a, len(c.Args) > 0))
	}
	words := make([]Word, 0, len(c.Args))
	for _, a := range c.Args {
		words = append(words, b.word(a, Bare))
	}
	if len(words) == 0 {
		cmd.Kind = Assignment
	}
	cmd.name(words)
	b.add(cmd)
	b.inner(&b.script.Commands[len(b.script.Commands)-1])
}

func (b *builder) decl(c *syntax.DeclClause, redirects []Redirect, r Range) {
	cmd := Command{Kind: Simple, Name: c.Variant.Value, Path: c.Variant.Value, Redirects: redirects, Range: r}
	cmd.NameWord = Word{Range: b.node(c.Variant), Text: c.Variant.Value}
	for _, a := range c.Args {
		switch {
		case a.Naked && a.Name == nil && a.Value != nil:
			cmd.Args = append(cmd.Args, b.word(a.Value, Bare))
		case a.Naked && a.Name != nil:
			cmd.Args = append(cmd.Args, b.literal(a.Name))
		default:
			cmd.Assigns = append(cmd.Assigns, b.assign(a, c.Variant.Value == "export"))
		}
	}
	b.add(cmd)
}

func (b *builder) assign(a *syntax.Assign, exported bool) Assign {
	out := Assign{Range: b.node(a), Append: a.Append || a.Index != nil, Exported: exported}
	if a.Name != nil {
		out.Name = a.Name.Value
	}
	if a.Index != nil {
		b.arithmetic(a.Index, &out.Value, 0)
	}
	if a.Value != nil {
		out.Value = b.word(a.Value, Bare)
	}
	if a.Array != nil {
		for _, e := range a.Array.Elems {
			if e.Value != nil {
				out.Value.Parts = append(out.Value.Parts, b.word(e.Value, Bare).Parts...)
			}
		}
		out.Value.Range = b.node(a.Array)
		out.Value.render()
	}
	return out
}

func (b *builder) redirects(list []*syntax.Redirect) []Redirect {
	if len(list) == 0 {
		return nil
	}
	out := make([]Redirect, 0, len(list))
	for _, r := range list {
		red := Redirect{Op: r.Op.String(), Range: b.span(r.Pos(), r.Word.End())}
		if r.N != nil {
			red.FD = r.N.Value
		}
		red.Target = b.word(r.Word, Bare)
		if r.Hdoc != nil {
			q := Heredoc
			if slices.ContainsFunc(red.Target.Parts, func(p Part) bool { return p.Quote != Bare }) || strings.Contains(b.script.Text[red.Target.Range.Start:red.Target.Range.End], `\`) {
				q = RawHeredoc
			}
			red.Body = b.word(r.Hdoc, q)
		}
		out = append(out, red)
	}
	return out
}
