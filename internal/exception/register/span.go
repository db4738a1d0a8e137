package register

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// fieldOrder is the order in which a new entry is written.
var fieldOrder = []string{
	"id", "kind", "match", "max-findings", "reason", "owner", "approver", "created", "expires", "compensating", "signature",
}

// A span is the lines of one key of an entry, counted from 0, up to the one before to.
type span struct {
	key, value *yaml.Node
	from, to   int
}

// change writes the keys of an entry that differ, the last first, so that the lines above keep their numbers.
func (t *text) change(index int, old, e *Exception) {
	list := t.top().Content
	n, next := list[index], len(t.lines)
	if index+1 < len(list) {
		next = list[index+1].Line - 1
	}
	spans := t.spans(n, next)
	var added []string
	for _, name := range fieldOrder {
		after := renderField(name, e)
		at := slices.IndexFunc(spans, func(s span) bool { return s.key.Value == name })
		switch {
		case slices.Equal(after, renderField(name, old)):
		case n.Style&yaml.FlowStyle != 0 || at == 0 && len(after) == 0:
			first := n.Line - 1
			t.replace(first, max(first+1, t.trim(first, next, n.Column)), renderEntry(e, t.dash(n)))
			return
		case at < 0:
			added = append(added, indent(after, n.Column-1)...)
		}
	}
	t.replace(spans[len(spans)-1].to, spans[len(spans)-1].to, added)
	for _, s := range slices.Backward(spans) {
		if after := renderField(s.key.Value, e); !slices.Equal(after, renderField(s.key.Value, old)) {
			t.changeField(s, after)
		}
	}
}

// dash is the number of columns before the dash of an entry.
func (t *text) dash(n *yaml.Node) int {
	line := t.lines[n.Line-1]
	return len(line) - len(strings.TrimLeft(line, " "))
}

// spans gives the keys of an entry in their order. Blank lines and comments behind a value, unless they are deeper than
// its key, belong to what follows.
func (t *text) spans(n *yaml.Node, next int) []span {
	var spans []span
	for i := 0; i+1 < len(n.Content); i += 2 {
		s := span{key: n.Content[i], value: n.Content[i+1], from: n.Content[i].Line - 1, to: next}
		if i+2 < len(n.Content) {
			s.to = n.Content[i+2].Line - 1
		}
		s.to = max(s.from+1, t.trim(s.from, s.to, s.key.Column))
		spans = append(spans, s)
	}
	return spans
}

// trim leaves out lines at the end of a span that do not belong to its key, which begins in a column.
func (t *text) trim(from, to, column int) int {
	for to > from {
		line := t.lines[to-1]
		rest := strings.TrimLeft(line, " ")
		foreign := strings.HasPrefix(rest, "#") && len(line)-len(rest) < column || strings.HasPrefix(line, "...")
		if word := strings.TrimSpace(rest); word != "" && word != "-" && !foreign {
			break
		}
		to--
	}
	return to
}

// changeField writes one key anew. A value in the key's line gives way to another of one line, and what follows it stays.
func (t *text) changeField(s span, after []string) {
	line := t.lines[s.from]
	if len(after) == 1 && s.value.Kind == yaml.ScalarNode && s.value.Line == s.key.Line && s.to == s.from+1 {
		from := offset(line, s.value.Column)
		if to := scalarEnd(line, from, s.value); to > from {
			t.lines[s.from] = line[:from] + strings.TrimPrefix(after[0], s.key.Value+": ") + line[to:]
			return
		}
	}
	lines := indent(after, s.key.Column-1)
	if len(lines) > 0 {
		at := offset(line, s.key.Column)
		lines[0] = line[:at] + strings.TrimLeft(lines[0], " ") // behind the dash, where the key is the first
	}
	t.replace(s.from, s.to, lines)
}

// scalarEnd is where a scalar of one line ends, or 0.
func scalarEnd(line string, from int, n *yaml.Node) int {
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle|yaml.TaggedStyle) != 0:
		return 0
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0:
		if strings.HasPrefix(line[from:], n.Value) {
			return from + len(n.Value)
		}
		return 0
	}
	quote := line[from]
	for i := from + 1; i < len(line); i++ {
		switch {
		case quote == '"' && line[i] == '\\', quote == '\'' && strings.HasPrefix(line[i:], "''"):
			i++
		case line[i] == quote:
			return i + 1
		}
	}
	return 0
}

func indent(lines []string, by int) []string {
	list := make([]string, len(lines))
	for i, line := range lines {
		if list[i] = line; line != "" {
			list[i] = strings.Repeat(" ", by) + line
		}
	}
	return list
}

// renderEntry writes a whole entry, whose dash stands behind some columns.
func renderEntry(e *Exception, columns int) []string {
	var lines []string
	for _, name := range fieldOrder {
		lines = append(lines, renderField(name, e)...)
	}
	lines = indent(lines, columns+2)
	lines[0] = strings.Repeat(" ", columns) + "- " + lines[0][columns+2:]
	return lines
}

// renderField writes one key of an entry, or nothing where it can be left out.
func renderField(name string, e *Exception) []string {
	value := fieldNode(name, e)
	if value == nil {
		return nil
	}
	var out strings.Builder
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{scalar(name), value}}); err != nil {
		return []string{name + ": " + err.Error()} // which is then found out, because it does not say what it should
	}
	return strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
}

func fieldNode(name string, e *Exception) *yaml.Node {
	switch name {
	case "id":
		return scalar(e.ID)
	case "kind":
		return scalar(string(e.Kind))
	case "match":
		return encoded(e.Match)
	case "max-findings":
		if e.MaxFindings != 1 {
			return encoded(e.MaxFindings)
		}
	case "reason":
		return scalar(strings.TrimSpace(e.Reason))
	case "owner":
		return scalar(e.Owner)
	case "approver":
		return scalar(e.Approver)
	case "created":
		return date(e.Created)
	case "expires":
		return date(e.Expires)
	case "compensating":
		return controlNodes(e.Compensating)
	case "signature":
		if e.Signature != "" {
			n := scalar(strings.TrimSpace(e.Signature) + "\n")
			n.Style = yaml.LiteralStyle
			return n
		}
	}
	return nil
}

func scalar(text string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(text)
	return n
}

func date(t time.Time) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!timestamp", Value: t.Format(time.DateOnly)}
}

func encoded(v any) *yaml.Node {
	n := &yaml.Node{}
	if n.Encode(v) != nil {
		return nil
	}
	return n
}

func controlNodes(controls []Control) *yaml.Node {
	if len(controls) == 0 {
		return nil
	}
	list := &yaml.Node{Kind: yaml.SequenceNode}
	for _, c := range controls {
		list.Content = append(list.Content, &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{
			scalar("control"), scalar(c.Control), scalar("check"), encoded(c.Check),
		}})
	}
	return list
}
