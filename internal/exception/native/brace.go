package native

import "bytes"

// A nest follows brackets through lines and leaves out strings and comments. It takes one line at a time, because in the
// languages that it is for a plain string ends with its line.
type nest struct {
	kind    kind
	depth   int
	lowest  int    // the smallest depth within the last line
	comment bool   // inside /* */
	raw     bool   // inside ` `
	heredoc []byte // its end, while inside one
}

func (n *nest) line(row []byte) {
	n.lowest = n.depth
	if n.heredoc != nil {
		if bytes.Equal(bytes.TrimSpace(row), n.heredoc) {
			n.heredoc = nil
		}
		return
	}
	for i := 0; i < len(row); i++ {
		if i = n.skip(row, i); i >= len(row) {
			return
		}
		switch row[i] {
		case '{', '(', '[':
			n.depth++
		case '}', ')', ']':
			n.depth--
			n.lowest = min(n.lowest, n.depth)
		}
	}
}

// skip passes over a string or a comment that begins, or goes on, at i, and gives the place of its last byte.
func (n *nest) skip(row []byte, i int) int {
	rest := row[i:]
	switch {
	case n.comment:
		end := bytes.Index(rest, []byte("*/"))
		if end < 0 {
			return len(row)
		}
		n.comment = false
		return i + end + 1
	case n.raw:
		end := bytes.IndexByte(rest, '`')
		if end < 0 {
			return len(row)
		}
		n.raw = false
		return i + end
	case bytes.HasPrefix(rest, []byte("/*")):
		n.comment = true
		return i + 1
	case bytes.HasPrefix(rest, []byte("//")), rest[0] == '#' && n.kind == hcl:
		return len(row)
	case rest[0] == '`' && (n.kind == golang || n.kind == braces):
		n.raw = true
	case rest[0] == '"', rest[0] == '\'' && n.kind != hcl && n.kind != jsonText:
		return i + stringEnd(rest)
	case n.kind == hcl && bytes.HasPrefix(rest, []byte("<<")):
		if word := bytes.TrimSpace(bytes.TrimPrefix(rest[2:], []byte("-"))); len(word) > 0 && isWord(word) {
			n.heredoc = bytes.Clone(word)
			return len(row)
		}
	}
	return i
}

func isWord(s []byte) bool {
	for _, c := range s {
		if c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// stringEnd is the place of the quote that ends the string at the start of s, or of its last byte.
func stringEnd(s []byte) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[0]:
			return i
		}
	}
	return len(s) - 1
}

// braceEnd is the line on which the brackets that a line opens are closed; the line itself where it opens none, or where
// they are never closed.
func (t *text) braceEnd(line int) int {
	n := nest{kind: t.kind}
	for i := line; i < t.lines(); i++ {
		n.line(t.row(i))
		switch {
		case t.budget < 0:
			return line
		case n.depth <= 0 && n.heredoc == nil && !n.raw && !n.comment:
			return i
		}
	}
	return line
}

// outermost is the outermost block around a line, with the line that opens it.
func (t *text) outermost(line int) (span, bool) {
	if !t.topped {
		t.topped = true
		t.tops = t.topBlocks()
	}
	for _, s := range t.tops {
		if s.first <= line && line <= s.last {
			return s, true
		}
	}
	return span{}, false
}

func (t *text) topBlocks() []span {
	n := nest{kind: t.kind}
	var out []span
	open := -1
	for i := range t.lines() {
		before := n.depth
		n.line(t.row(i))
		switch {
		case t.budget < 0:
			return nil
		case open < 0 && before == 0 && n.depth > 0:
			open = i
		case open >= 0 && n.depth <= 0:
			out = append(out, span{open, i})
			open, n.depth = -1, 0
		case n.depth < 0:
			n.depth = 0
		}
	}
	return out
}

// statementStart is the line on which the brackets that a line closes were opened: the line itself where it closes none.
func (t *text) statementStart(line int) int {
	need := 0
	for i := line; i >= 0; i-- {
		n := nest{kind: t.kind}
		n.line(t.row(i))
		switch {
		case t.budget < 0:
			return line
		case i == line:
			need = n.lowest
		default:
			need += n.depth
		}
		if need >= 0 {
			return i
		}
	}
	return line
}
