package github

import "strings"

// A quotedText is a text in quotes of a JavaScript program that holds expressions: their indexes.
type quotedText struct {
	from, to int // in the program, with the quotes
	quote    byte
	exprs    []int
}

// javascript finds where expressions stand in a program: in texts in quotes, or in code (bare). Those in comments and in
// regular expressions are in neither. ok is false where the program is not understood to its end.
func javascript(text string, exprs []*Expr) (in []quotedText, bare []int, ok bool) {
	s := &jsReader{text: text, exprs: exprs}
	s.code(0, false)
	return s.in, s.bare, !s.lost && s.at >= len(text)
}

type jsReader struct {
	text  string
	at    int
	exprs []*Expr
	next  int // the expression that comes next
	in    []quotedText
	bare  []int
	last  byte // the last character of code that is no space
	lost  bool
}

// hole steps over an expression that begins here, and gives its index.
func (s *jsReader) hole() (int, bool) {
	for s.next < len(s.exprs) && s.exprs[s.next].From < s.at {
		s.next++
	}
	if s.next == len(s.exprs) || s.exprs[s.next].From != s.at {
		return 0, false
	}
	s.at = s.exprs[s.next].To
	s.next++
	return s.next - 1, true
}

// code reads code; in a template up to the brace that closes its part.
func (s *jsReader) code(depth int, part bool) {
	braces := 0
	for s.at < len(s.text) && !s.lost {
		if n, ok := s.hole(); ok {
			s.bare, s.last = append(s.bare, n), 'x'
			continue
		}
		c := s.text[s.at]
		switch {
		case c == '\'' || c == '"' || c == '`':
			s.quoted(c, depth)
			s.last = c
			continue
		case c == '/' && s.skipSlash():
			continue
		case c == '{':
			braces++
		case c == '}':
			if braces == 0 && part {
				return
			}
			braces--
		}
		if c > ' ' {
			s.last = c
		}
		s.at++
	}
	s.lost = s.lost || part
}

// skipSlash steps over a comment or a regular expression; a division is left.
func (s *jsReader) skipSlash() bool {
	rest := s.text[s.at:]
	switch {
	case strings.HasPrefix(rest, "//"):
		s.skipTo("\n", 2)
	case strings.HasPrefix(rest, "/*"):
		s.lost = !strings.Contains(rest, "*/")
		s.skipTo("*/", 2)
	case s.last == 0 || strings.IndexByte("(,=:[!&|?{};+-*%<>~^", s.last) >= 0:
		s.expression()
		s.last = '/'
	default:
		return false
	}
	return true
}

func (s *jsReader) skipTo(end string, from int) {
	if i := strings.Index(s.text[s.at+from:], end); i >= 0 {
		s.at += from + i + len(end)
		return
	}
	s.at = len(s.text)
}

// expression steps over a regular expression, which ends on its line.
func (s *jsReader) expression() {
	class := false
	for s.at++; s.at < len(s.text) && s.text[s.at] != '\n'; s.at++ {
		switch c := s.text[s.at]; {
		case c == '\\':
			s.at++
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '/' && !class:
			s.at++
			return
		}
	}
	s.lost = true
}

// quoted reads a text in quotes.
func (s *jsReader) quoted(quote byte, depth int) {
	l := quotedText{from: s.at, quote: quote}
	for s.at++; s.at < len(s.text) && !s.lost; {
		if n, ok := s.hole(); ok {
			l.exprs = append(l.exprs, n)
			continue
		}
		switch c := s.text[s.at]; {
		case c == quote:
			s.at++
			l.to = s.at
			if len(l.exprs) > 0 {
				s.in = append(s.in, l)
			}
			return
		case c == '\\':
			s.at++
		case c == '\n' && quote != '`':
			s.lost = true
		case quote == '`' && strings.HasPrefix(s.text[s.at:], "${") && !strings.HasPrefix(s.text[s.at:], "${{"):
			s.at += 2
			s.part(depth)
		}
		s.at++
	}
	s.lost = true
}

// part reads the code in a template.
func (s *jsReader) part(depth int) {
	if depth >= maxDepth {
		s.lost = true
		return
	}
	s.code(depth+1, true)
}
