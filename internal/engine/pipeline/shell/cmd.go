package shell

import "strings"

// cmd reads a batch file: one line after another, cut at &, | and their doubles outside of double quotes, with ^ as the
// escape. cmd pastes %NAME% into a line before it reads it, so that every use of a variable is code but for !NAME!.
func (b *builder) cmd() error {
	b.text = b.script.Text
	for start := 0; start <= len(b.text); {
		end := strings.IndexByte(b.text[start:], '\n')
		if end < 0 {
			end = len(b.text) - start
		}
		b.cmdLine(start, start+end)
		start += end + 1
	}
	return nil
}

func (b *builder) cmdLine(start, end int) {
	for start < end && strings.IndexByte(" \t@(", b.text[start]) >= 0 {
		start++
	}
	lower := strings.ToLower(b.text[start:end])
	if strings.HasPrefix(lower, "rem ") || strings.HasPrefix(lower, ":") {
		return
	}
	in := 0
	for pipe := 0; start < end; pipe++ {
		stop, sep := cmdEnd(b.text, start, end)
		saved := b.at
		b.at.in, b.at.pipe = in, pipe
		in = 0
		if sep == "|" {
			in = b.stream()
			b.at.out = in
		} else {
			pipe = -1
		}
		if sep == "||" && swallowsBatch(b.text[stop:min(stop+64, end)]) {
			b.at.ignored = "|| ver"
		}
		b.cmdCommand(start, stop)
		b.at = saved
		start = stop + max(len(sep), 1)
	}
}

func swallowsBatch(rest string) bool {
	rest = strings.ToLower(strings.TrimLeft(rest, "| \t("))
	for _, name := range []string{"ver", "echo", "rem", "exit /b 0", "exit 0", "cd ."} {
		if strings.HasPrefix(rest, name) {
			return true
		}
	}
	return false
}

// cmdEnd is where a command ends, and by what.
func cmdEnd(text string, start, end int) (int, string) {
	quoted := false
	for i := start; i < end; i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case c == '^' && !quoted:
			i++
		case c == '|' && !quoted, c == '&' && !quoted:
			if c == '&' && i > start && text[i-1] == '>' {
				continue
			}
			if i+1 < end && text[i+1] == c {
				return i, text[i : i+2]
			}
			return i, string(c)
		}
	}
	return end, ""
}

func (b *builder) cmdCommand(start, end int) {
	c := Command{Kind: Simple, Range: Range{Start: start, End: end}}
	var words []Word
	for i := start; i < end; {
		if strings.IndexByte(" \t\r,;()", b.text[i]) >= 0 {
			i++
			continue
		}
		if b.text[i] == '>' || b.text[i] == '<' || (b.text[i] == '1' || b.text[i] == '2') && i+1 < end && b.text[i+1] == '>' {
			i = b.cmdRedirect(&c, i, end)
			continue
		}
		w, next := b.cmdWord(i, end)
		words = append(words, w)
		i = max(next, i+1)
	}
	if len(words) == 0 {
		return
	}
	if name := strings.ToLower(words[0].Text); name == "set" && len(words) > 1 {
		b.cmdSet(&c, words)
		return
	} else if name == "call" && len(words) > 1 {
		words = words[1:]
	}
	c.name(words)
	c.Name = strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(c.Name), ".cmd"), ".bat")
	b.add(c)
}

// cmdSet reads set NAME=value and set "NAME=value".
func (b *builder) cmdSet(c *Command, words []Word) {
	value := Word{Range: Range{Start: words[1].Range.Start, End: words[len(words)-1].Range.End}}
	for _, w := range words[1:] {
		value.Parts = append(value.Parts, w.Parts...)
	}
	value.render()
	c.Kind = Assignment
	if name, _, ok := strings.Cut(value.Text, "="); ok && validName(name) {
		c.Assigns = []Assign{{Name: name, Value: value.after(len(name) + 1), Range: c.Range, Exported: true}}
	}
	b.add(*c)
}

func (b *builder) cmdRedirect(c *Command, i, end int) int {
	red := Redirect{Range: Range{Start: i}}
	if b.text[i] == '1' || b.text[i] == '2' {
		red.FD = string(b.text[i])
		i++
	}
	from := i
	for i < end && (b.text[i] == '>' || b.text[i] == '<' || b.text[i] == '&') {
		i++
	}
	red.Op = b.text[from:i]
	for i < end && b.text[i] == ' ' {
		i++
	}
	red.Target, i = b.cmdWord(i, end)
	red.Range.End = i
	c.Redirects = append(c.Redirects, red)
	return i
}

// cmdWord reads one word with its variables.
func (b *builder) cmdWord(start, end int) (Word, int) {
	w := Word{Range: Range{Start: start}}
	q := Bare
	i, from := start, start
	flush := func() {
		if i > from {
			b.lit(b.text[from:i], Range{Start: from, End: i}, RawHeredoc, &w)
			last := &w.Parts[len(w.Parts)-1]
			last.Quote = q
		}
	}
	for i < end {
		c := b.text[i]
		if q == Bare && strings.IndexByte(" \t\r><", c) >= 0 {
			break
		}
		switch {
		case c == '"':
			flush()
			if q == Bare {
				q = Double
			} else {
				q = Bare
			}
			i++
			from = i
		case c == '%' || c == '!':
			n := cmdVariable(b.text[i:end])
			if n == 0 {
				i++
				continue
			}
			flush()
			name, _, _ := strings.Cut(b.text[i+1:i+n-1], ":")
			w.Parts = append(w.Parts, Part{Kind: Variable, Quote: q, Name: name, Range: Range{Start: i, End: i + n}})
			i += n
			from = i
		default:
			i++
		}
	}
	flush()
	w.Range.End = i
	w.render()
	return w, i
}

// cmdVariable is the length of %NAME%, %NAME:a=b% and !NAME!; 0 for others.
func cmdVariable(s string) int {
	i := 1
	for i < len(s) && (word(s[i]) || s[i] == '_') {
		i++
	}
	if i == 1 {
		return 0
	}
	if i < len(s) && s[i] == ':' {
		for i < len(s) && s[i] != s[0] {
			i++
		}
	}
	if i < len(s) && s[i] == s[0] {
		return i + 1
	}
	return 0
}
