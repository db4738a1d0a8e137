package shell

import "strings"

// A psReader reads PowerShell: words, quotes, variables, pipes, redirections and blocks. It follows about_Parsing and
// about_Quoting_Rules as far as data can be told from code; types, operators and classes are words to it.
type psReader struct {
	b     *builder
	text  string
	at    int
	end   int
	depth int
}

func (b *builder) powershell() error {
	b.text = b.script.Text
	if boundless(b.text) {
		return ErrTooDeep
	}
	r := &psReader{b: b, text: b.text, end: len(b.text)}
	for r.at < r.end {
		r.statements(0)
		r.at++ // a closing bracket that nothing opened
	}
	if b.deep {
		return ErrTooDeep
	}
	return nil
}

func (r *psReader) peek(n int) byte {
	if r.at+n < r.end && r.at+n >= 0 {
		return r.text[r.at+n]
	}
	return 0
}

// statements reads up to the closing byte given, and leaves it.
func (r *psReader) statements(closing byte) {
	if r.depth >= maxDepth {
		r.b.deep = true
		r.at = r.end
		return
	}
	r.depth++
	defer func() { r.depth-- }()
	for r.at < r.end {
		r.blank(true)
		if r.at >= r.end || r.peek(0) == closing && closing != 0 || closing == 0 && r.peek(0) == '}' {
			return
		}
		before := r.at
		r.pipeline(closing)
		if r.at == before {
			r.at++
		}
	}
}

// blank steps over space and comments, and over line ends and semicolons too where a statement may begin.
func (r *psReader) blank(lines bool) {
	for r.at < r.end {
		c := r.peek(0)
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '`' && (r.peek(1) == '\n' || r.peek(1) == '\r'):
			if c == '`' {
				r.at++
				if r.peek(0) == '\r' {
					r.at++
				}
			}
			r.at++
		case lines && (c == '\n' || c == ';'):
			r.at++
		case c == '<' && r.peek(1) == '#':
			n := strings.Index(r.text[r.at:r.end], "#>")
			if n < 0 {
				r.at = r.end
				return
			}
			r.at += n + 2
		case c == '#':
			n := strings.IndexByte(r.text[r.at:r.end], '\n')
			if n < 0 {
				n = r.end - r.at
			}
			r.at += n
		default:
			return
		}
	}
	r.at = min(r.at, r.end)
}

// pipeline reads commands that are joined by pipes.
func (r *psReader) pipeline(closing byte) {
	saved := r.b.at
	in := r.b.at.in
	for n := 0; ; n++ {
		first := len(r.b.script.Commands)
		r.b.at.in, r.b.at.pipe = in, n
		r.command(closing)
		last := len(r.b.script.Commands) - 1
		r.blank(false)
		if r.peek(0) == '|' && r.peek(1) != '|' {
			stream := r.b.stream()
			if last >= first {
				r.b.script.Commands[last].Out, r.b.script.Commands[last].Captured = stream, false
			}
			in = stream
			r.at++
			r.blank(true)
			continue
		}
		break
	}
	r.b.at = saved
	if strings.HasPrefix(r.text[r.at:r.end], "||") || strings.HasPrefix(r.text[r.at:r.end], "&&") {
		r.at += 2
	} else if r.peek(0) == '&' {
		r.at++
	}
}

// command reads words up to the end of a command.
func (r *psReader) command(closing byte) {
	r.blank(false)
	c := Command{Kind: Simple, Range: Range{Start: r.at, End: r.at}}
	var words []Word
	called := r.peek(0) == '&' && r.peek(1) != '&' || r.peek(0) == '.' && (r.peek(1) == ' ' || r.peek(1) == '\t')
	if called {
		r.at++
	}
	for r.at < r.end {
		r.blank(false)
		ch := r.peek(0)
		if r.at >= r.end || ch == '\n' || ch == ';' || ch == '|' || ch == '}' || ch == ')' || ch == '&' {
			break
		}
		if ch == '>' || (ch == '*' || ch >= '1' && ch <= '6') && r.peek(1) == '>' {
			r.redirect(&c)
			continue
		}
		w := r.word()
		if len(w.Parts) == 0 && w.Range.End <= w.Range.Start {
			r.at++
			continue
		}
		words = append(words, w)
	}
	c.Range.End = r.at
	for c.Range.End > c.Range.Start && strings.IndexByte(" \t\r", r.text[c.Range.End-1]) >= 0 {
		c.Range.End--
	}
	if len(words) == 0 && len(c.Redirects) == 0 {
		return
	}
	r.settle(c, words, called)
}

// settle tells commands from assignments and expressions.
func (r *psReader) settle(c Command, words []Word, called bool) {
	if len(words) > 0 && !called {
		if name, ok := psAssigned(words); ok {
			value := Word{Range: Range{Start: words[2].Range.Start, End: c.Range.End}}
			for _, w := range words[2:] {
				value.Parts = append(value.Parts, w.Parts...)
			}
			value.render()
			c.Kind = Assignment
			c.Assigns = []Assign{{Name: name, Value: value, Range: c.Range, Exported: !strings.HasPrefix(name, "$"), Append: words[1].Text == "+="}}
			r.assigned(c, words[2:])
			return
		}
		first := words[0]
		if len(words) > 2 && !words[1].quoted() && words[1].Text == "=" && psKey(first.Text) {
			c.Range.Start = words[2].Range.Start
			r.settle(c, words[2:], false) // the value of an entry: @{Name = …}
			return
		}
		if psKeywords[strings.ToLower(first.Text)] && !first.quoted() && r.b.at.pipe == 0 {
			c.Kind, c.Args = Expression, words[1:]
			r.b.add(c)
			return
		}
		if first.Parts[0].Kind != Literal && first.Parts[0].Kind != Hole || first.Parts[0].Quote != Bare || strings.HasPrefix(first.Text, "[") || strings.HasPrefix(first.Text, "@") || psEntry(first) || psNumber(first.Text) {
			c.Kind, c.Args = Expression, words
			r.b.add(c)
			return
		}
	}
	if len(words) > 0 {
		c.name(words)
		c.Name = psName(c.Name)
	}
	r.b.add(c)
}

// psKeywords begin statements whose conditions and blocks are read as scripts of their own.
var psKeywords = map[string]bool{
	"if": true, "elseif": true, "else": true, "while": true, "until": true, "do": true, "for": true, "foreach": true, "switch": true, "try": true, "catch": true,
	"finally": true, "trap": true, "function": true, "filter": true, "param": true, "begin": true, "process": true, "end": true, "return": true, "throw": true,
}

// psEntry says that a word is an entry of a table as a whole: Name=value.
func psEntry(w Word) bool {
	name, _, ok := strings.Cut(w.Parts[0].Text, "=")
	return ok && psKey(name)
}

// psKey says that a text may be the name of an entry.
func psKey(s string) bool { return validName(strings.ReplaceAll(s, "-", "_")) }

func psNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// assigned reads the command on the right of $x = command.
func (r *psReader) assigned(c Command, words []Word) {
	text, ok := words[0].Static()
	if !ok || text == "" || words[0].quoted() || !word(text[0]) || text[0] >= '0' && text[0] <= '9' {
		r.b.add(c)
		return
	}
	stream := r.b.stream()
	inner := Command{Kind: Simple, Range: Range{Start: words[0].Range.Start, End: c.Range.End}}
	inner.name(words)
	inner.Name = psName(inner.Name)
	r.b.add(inner)
	last := &r.b.script.Commands[len(r.b.script.Commands)-1]
	last.Out, last.Captured = stream, true
	c.Assigns[0].Value.Parts = []Part{{Kind: Capture, Range: inner.Range, Stream: stream}}
	c.Assigns[0].Value.render()
	r.b.add(c)
}

// psAssigned reads the left side of an assignment.
func psAssigned(words []Word) (string, bool) {
	if len(words) < 3 || words[1].quoted() {
		return "", false
	}
	if t := words[1].Text; t != "=" && t != "+=" {
		return "", false
	}
	return words[0].lone()
}

// psName is a command's name as it is usually written.
func psName(name string) string {
	switch lower := strings.ToLower(name); lower {
	case "iex", "invoke-expression":
		return "Invoke-Expression"
	case "iwr", "invoke-webrequest", "curl.exe":
		return "Invoke-WebRequest"
	case "irm", "invoke-restmethod":
		return "Invoke-RestMethod"
	case "echo", "write-output", "write":
		return "Write-Output"
	case "write-host":
		return "Write-Host"
	case "add-content", "ac":
		return "Add-Content"
	case "set-content", "sc":
		return "Set-Content"
	case "out-file":
		return "Out-File"
	case "tee-object", "tee":
		return "Tee-Object"
	case "get-content", "gc", "cat", "type":
		return "Get-Content"
	case "foreach-object":
		return "ForEach-Object"
	case "out-null", "get-filehash", "start-process", "install-module", "get-childitem", "out-string", "select-object", "where-object":
		return psTitle(lower)
	case "new-object", "import-module", "write-verbose", "write-warning", "write-error", "set-psrepository", "select-string":
		return psTitle(lower)
	}
	return name
}

func psTitle(s string) string {
	verb, noun, _ := strings.Cut(s, "-")
	special := map[string]string{"filehash": "FileHash", "childitem": "ChildItem", "psrepository": "PSRepository"}
	if n, ok := special[noun]; ok {
		noun = n
	} else {
		noun = strings.ToUpper(noun[:1]) + noun[1:]
	}
	return strings.ToUpper(verb[:1]) + verb[1:] + "-" + noun
}

func (r *psReader) redirect(c *Command) {
	red := Redirect{Op: ">", Range: Range{Start: r.at}}
	if ch := r.peek(0); ch != '>' {
		red.FD = string(ch)
		r.at++
	}
	r.at++
	if r.peek(0) == '>' {
		red.Op = ">>"
		r.at++
	}
	if r.peek(0) == '&' {
		red.Op = ">&"
		r.at++
	}
	r.blank(false)
	red.Target = r.word()
	red.Range.End = r.at
	if red.FD == "1" || red.FD == "*" {
		red.FD = ""
	}
	c.Redirects = append(c.Redirects, red)
}

const psEnds = " \t\r\n;|&(){},<>"

// word reads one argument.
func (r *psReader) word() Word {
	w := Word{Range: Range{Start: r.at}}
	for r.at < r.end {
		c := r.peek(0)
		switch {
		case c == '\'':
			r.single(&w)
		case c == '"':
			r.double(&w)
		case c == '@' && (r.peek(1) == '"' || r.peek(1) == '\'') && r.hereString(&w):
		case c == '$' && r.peek(1) == '(', c == '@' && r.peek(1) == '(', c == '(':
			r.sub(&w, Bare, strings.IndexByte(r.text[r.at:r.end], '(')+1, ')')
		case c == '@' && r.peek(1) == '{':
			r.sub(&w, Bare, 2, '}')
		case c == '{':
			r.sub(&w, Bare, 1, '}')
		case c == '$' && r.variable(&w, Bare):
		case c == ',':
			r.fixed(&w, 1, Bare)
		case strings.IndexByte(psEnds, c) >= 0:
			return r.done(w)
		default:
			r.fixed(&w, r.plain(), Bare)
		}
	}
	return r.done(w)
}

// done ends a word. Each word that has text has a part.
func (r *psReader) done(w Word) Word {
	w.Range.End = r.at
	if len(w.Parts) == 0 && r.at > w.Range.Start {
		w.Parts = []Part{{Quote: Double, Range: w.Range}}
	}
	w.render()
	return w
}

// plain is how many bytes of ordinary text follow.
func (r *psReader) plain() int {
	n := 0
	for r.at+n < r.end {
		c := r.text[r.at+n]
		if c == '`' && r.at+n+1 < r.end {
			n += 2
			continue
		}
		if n > 0 && (strings.IndexByte(psEnds, c) >= 0 || c == '\'' || c == '"' || c == '$' || c == '@' && n > 0) {
			break
		}
		n++
	}
	return max(n, 1)
}

// fixed appends n bytes as they are, cut at holes.
func (r *psReader) fixed(w *Word, n int, q Quote) {
	n = min(n, r.end-r.at)
	part := Range{Start: r.at, End: r.at + n}
	text := r.text[part.Start:part.End]
	if q == Bare || q == Double {
		before := len(w.Parts)
		r.b.lit(text, part, RawHeredoc, w)
		for i := before; i < len(w.Parts); i++ {
			w.Parts[i].Quote = q
			if strings.IndexByte(w.Parts[i].Text, '`') >= 0 {
				w.Parts[i].Text = psUnescape(w.Parts[i].Text)
			}
		}
	} else {
		r.b.lit(text, part, q, w)
	}
	r.at += n
}

func psUnescape(s string) string {
	return strings.NewReplacer("`n", "\n", "`r", "\r", "`t", "\t", "``", "`", "`", "").Replace(s)
}

func (r *psReader) single(w *Word) {
	start := r.at + 1
	i := start
	for i < r.end {
		if r.text[i] == '\'' {
			if i+1 < r.end && r.text[i+1] == '\'' {
				i += 2
				continue
			}
			break
		}
		i++
	}
	r.b.lit(r.text[start:min(i, r.end)], Range{Start: min(start, r.end), End: min(i, r.end)}, Single, w)
	r.at = min(i+1, r.end)
}

func (r *psReader) double(w *Word) {
	r.at++
	r.expand(w, Double, func() bool { return r.peek(0) == '"' && r.peek(1) != '"' })
	r.at = min(r.at+1, r.end)
}

// expand reads a text in which variables are expanded, up to where done says.
func (r *psReader) expand(w *Word, q Quote, done func() bool) {
	if done() {
		w.Parts = append(w.Parts, Part{Quote: q, Range: Range{Start: r.at, End: r.at}})
	}
	for r.at < r.end && !done() {
		c := r.peek(0)
		switch {
		case c == '$' && r.peek(1) == '(':
			r.sub(w, q, 2, ')')
		case c == '$' && r.variable(w, q):
		default:
			n := 1
			for r.at+n < r.end {
				d := r.text[r.at+n]
				if d == '$' || d == '"' || d == '\n' || r.text[r.at+n-1] == '`' || r.text[r.at+n-1] == '"' {
					break
				}
				n++
			}
			if c == '`' || c == '"' {
				n = min(2, r.end-r.at)
			}
			r.fixed(w, n, q)
		}
	}
}

// hereString reads @" … "@ and @' … '@, whose ends stand at the beginning of a line.
func (r *psReader) hereString(w *Word) bool {
	quote := r.peek(1)
	n := r.at + 2
	for n < r.end && (r.text[n] == ' ' || r.text[n] == '\r') {
		n++
	}
	if n >= r.end || r.text[n] != '\n' {
		return false
	}
	r.at = n + 1
	stop := string([]byte{'\n', quote, '@'})
	finish := r.end
	if i := strings.Index(r.text[n:r.end], stop); i >= 0 {
		finish = max(n+i, r.at)
	}
	if quote == '\'' {
		r.b.lit(r.text[r.at:finish], Range{Start: r.at, End: finish}, RawHeredoc, w)
		r.at = finish
	} else {
		r.expand(w, Heredoc, func() bool { return r.at >= finish })
	}
	r.at = min(finish+len(stop), r.end)
	return true
}

// sub reads $( … ), ( … ), @( … ) and { … } as scripts of their own.
func (r *psReader) sub(w *Word, q Quote, opening int, closing byte) {
	start := r.at
	stream := r.b.stream()
	saved := r.b.at
	r.b.at.out, r.b.at.captured, r.b.at.stdout, r.b.at.pipe = stream, true, nil, 0
	if closing == '}' {
		r.b.at = saved
	}
	r.at = min(r.at+opening, r.end)
	r.statements(closing)
	r.b.at = saved
	r.at = min(r.at+1, r.end)
	w.Parts = append(w.Parts, Part{Kind: Capture, Quote: q, Range: Range{Start: start, End: r.at}, Stream: stream})
}

// variable reads $name, ${name}, $env:NAME and ${env:NAME}. A variable of the environment keeps its name; others get
// their dollar and lose their case, so that the two are never mixed up.
func (r *psReader) variable(w *Word, q Quote) bool {
	start := r.at
	i := r.at + 1
	braced := i < r.end && r.text[i] == '{'
	if braced {
		i++
	}
	from := i
	for i < r.end && (word(r.text[i]) || r.text[i] == '_' || r.text[i] == ':' && i+1 < r.end && (word(r.text[i+1]) || r.text[i+1] == '_') || r.text[i] == '?' && i == from) {
		i++
	}
	name := r.text[from:i]
	if name == "" {
		return false
	}
	if braced {
		if i >= r.end || r.text[i] != '}' {
			return false
		}
		i++
	}
	p := Part{Kind: Variable, Quote: q, Range: Range{Start: start, End: i}, Name: psVariable(name)}
	r.at = i
	if q == Bare {
		p.Clean = r.member()
	}
	w.Parts = append(w.Parts, p)
	return true
}

// member steps over .Length and the like, which leave nothing of the text.
func (r *psReader) member() bool {
	for _, m := range []string{".length", ".count"} {
		if r.at+len(m) <= r.end && strings.EqualFold(r.text[r.at:r.at+len(m)], m) {
			r.at += len(m)
			return true
		}
	}
	return false
}

func psVariable(name string) string {
	lower := strings.ToLower(name)
	if rest, ok := strings.CutPrefix(lower, "env:"); ok {
		return name[len(name)-len(rest):]
	}
	for _, scope := range []string{"global:", "script:", "local:", "private:", "using:"} {
		lower = strings.TrimPrefix(lower, scope)
	}
	return "$" + lower
}
