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
