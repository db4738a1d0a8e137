package native

import (
	"bytes"
	"slices"
	"strings"
)

// indent is how far a line's text is from the margin; -1 where it has none.
func indent(row []byte) int {
	for i, c := range row {
		if c != ' ' {
			if c == '#' || c == '\t' && len(bytes.TrimSpace(row)) == 0 {
				return -1
			}
			return i
		}
	}
	return -1
}

func isItem(row []byte) bool {
	row = bytes.TrimLeft(row, " ")
	return len(row) > 0 && row[0] == '-' && (len(row) == 1 || row[1] == ' ')
}

func isDocument(row []byte) bool {
	return bytes.HasPrefix(row, []byte("---")) && (len(row) == 3 || row[3] == ' ') || string(bytes.TrimRight(row, " ")) == "..."
}

// yamlEnd is the last line of the key or the item that begins on a line. Trailing comments are not part of it.
func (t *text) yamlEnd(line int) int {
	row := t.row(line)
	own, item := indent(row), isItem(row)
	if own < 0 {
		return line
	}
	last := line
	for i := line + 1; i < t.lines(); i++ {
		row := t.row(i)
		in := indent(row)
		switch {
		case t.budget < 0:
			return line
		case isDocument(row):
			return last
		case in < 0:
			continue
		case in < own, in == own && (item || !isItem(row)):
			return last
		}
		last = i
	}
	return last
}

// An ancestor is a line of YAML that another stands below.
type ancestor struct {
	line   int
	column int    // of the key, counted from 0; of the item where it has none
	key    string // without quotes; that of an item is the key on its line
	item   bool
	text   bool // a block of text begins here, so what stands below is not YAML
}

var (
	yamlKey   = lazy(`^ *(?:- +)*(?:"([^"]*)"|'([^']*)'|([^\s:#'"{\[][^:#]*?))\s*:(?:\s|$)`)
	blockText = lazy(`(?:^ *|[:-][ \t]+(?:[!&]\S+[ \t]+)*)[|>][-+0-9]*\s*(?:#.*)?$`)
)

// ancestors are the lines that a line stands below, outermost first; the line itself is the last where it is not a comment.
// They are remembered, so that many marks in one list do not each walk over all of it.
func (t *text) ancestors(line int) []ancestor {
	var own []ancestor // innermost first
	row := t.row(line)
	limit := len(row) - len(bytes.TrimLeft(row, " "))
	if in := indent(row); in >= 0 {
		own = append(own, ancestorOf(line, row))
	}
	for i := line - 1; i >= 0 && (limit > 0 || len(own) > 0 && own[len(own)-1].item); i-- {
		row := t.row(i)
		in := indent(row)
		known := t.above[i]
		switch {
		case t.budget < 0:
			return nil
		case isDocument(row):
			i = 0
		case in < 0:
		case in < limit, in == limit && len(own) > 0 && own[len(own)-1].item && !isItem(row):
			if known != nil {
				return t.remember(known, own)
			}
			own = append(own, ancestorOf(i, row))
			limit = in
		case in == limit && len(own) > 0 && known != nil && own[len(own)-1].item == isItem(row): // it stands where the last one stands
			return t.remember(known[:len(known)-1], own)
		}
	}
	return t.remember(nil, own)
}

// remember puts a line's ancestors together, and keeps them for each of the lines.
func (t *text) remember(known, own []ancestor) []ancestor {
	out := slices.Clone(known)
	for _, a := range slices.Backward(own) {
		if len(out) > 0 && out[len(out)-1].text {
			return out // what stands in a text is not YAML
		}
		out = append(out, a)
		t.above[a.line] = slices.Clip(out)
	}
	return out
}

func ancestorOf(line int, row []byte) ancestor {
	a := ancestor{line: line, column: max(indent(row), 0), item: isItem(row), text: blockText.get().Match(row[:min(len(row), maxAfter)])}
	if m := yamlKey.get().FindSubmatch(row[:min(len(row), maxAfter)]); m != nil {
		a.key = string(m[1]) + string(m[2]) + string(m[3])
		a.column = len(row) - len(bytes.TrimLeft(row, "- "))
	}
	return a
}

// bearer is the line that a comment belongs to: its own or, for one on a line of its own, the last above it that is none. To
// zizmor and Checkov such a comment is the end of what stands above, however far it is indented.
func (p *place) bearer() int {
	if !p.alone() {
		return p.line
	}
	for i := p.line - 1; i >= 0 && p.t.budget >= 0; i-- {
		if len(p.t.code(i)) > 0 {
			return i
		}
	}
	return p.line
}

// commentAt is where the comment of a line begins, -1 where it has none: at a sign that no quotes are around. Quotes open
// only where a value may begin; what a text of several lines holds is not known.
func (t *text) commentAt(line int) int {
	row := t.row(line)
	row = row[:min(len(row), maxAfter)]
	begins := true
	for i := 0; i < len(row); i++ {
		switch c := row[i]; {
		case c == '#' && (i == 0 || row[i-1] == ' ' || row[i-1] == '\t'):
			return i
		case begins && (c == '"' || c == '\''):
			i += quotedEnd(row[i:])
			begins = false
		case c != ' ' && c != '\t':
			begins = strings.IndexByte(":-,[{?", c) >= 0
		}
	}
	return -1
}

// quotedEnd is the place of the quote that ends the quoted text at the start of s, or of its last byte.
func quotedEnd(s []byte) int {
	if s[0] == '"' {
		return stringEnd(s)
	}
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			continue
		}
		if i+1 == len(s) || s[i+1] != '\'' { // two stand for one
			return i
		}
		i++
	}
	return len(s) - 1
}

// inBlockText reports whether a line stands in a block of text, which is indented further than the key or the item above it.
func (t *text) inBlockText(line int) bool {
	row := t.row(line)
	own := len(row) - len(bytes.TrimLeft(row, " "))
	return slices.ContainsFunc(t.ancestors(line), func(a ancestor) bool { return a.text && a.line < line && own > a.column })
}

// document is the YAML document around a line.
func (t *text) document(line int) span {
	s := span{0, t.lines() - 1}
	for i := line; i >= 0; i-- {
		if isDocument(t.row(i)) {
			s.first = i
			break
		}
	}
	for i := line + 1; i < t.lines(); i++ {
		if isDocument(t.row(i)) {
			s.last = i - 1
			break
		}
	}
	return s
}

// below is the span of the part of a list whose ancestor, counted from the outermost, is n.
func (t *text) below(list []ancestor, n int) span { return span{list[n].line, t.yamlEnd(list[n].line)} }

// step is the number of the ancestor that is an item of "steps", -1 where there is none.
func step(list []ancestor) int {
	for i := len(list) - 1; i > 0; i-- {
		if list[i].item && list[i-1].key == "steps" {
			return i
		}
	}
	return -1
}

// resource is what a tool for infrastructure calls one: a resource of CloudFormation, a step or a job of a workflow, a
// manifest of Kubernetes, or the outermost key.
func (t *text) resource(line int) (span, bool) {
	list := t.ancestors(line)
	if len(list) == 0 {
		return span{}, false
	}
	switch list[0].key {
	case "Resources", "jobs":
		if i := step(list); i > 0 {
			return t.below(list, i), true
		}
		if len(list) > 1 {
			return t.below(list, 1), true
		}
		return span{}, false
	}
	if d := t.document(line); t.isManifest(d) {
		return d, true
	}
	return t.below(list, 0), true
}

// jobAlone is the job around a line without its steps, which are resources of their own.
func (t *text) jobAlone(list []ancestor) []Reach {
	job, child := t.below(list, 1), -1
	for i := job.first + 1; i <= job.last; i++ {
		in := indent(t.row(i))
		if child < 0 {
			child = in
		}
		if in < 0 || in != child || ancestorOf(i, t.row(i)).key != "steps" {
			continue
		}
		out := []Reach{between(job.first, i)}
		if last := t.yamlEnd(i); last < job.last {
			out = append(out, between(last+1, job.last))
		}
		return out
	}
	return []Reach{between(job.first, job.last)}
}

func (t *text) isManifest(d span) bool {
	kind, version := false, false
	for i := d.first; i <= d.last && !(kind && version); i++ {
		row := t.row(i)
		kind = kind || bytes.HasPrefix(row, []byte("kind:"))
		version = version || bytes.HasPrefix(row, []byte("apiVersion:"))
	}
	return kind && version
}
