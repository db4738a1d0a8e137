package shell

import "strings"

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
